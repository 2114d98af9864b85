"""Logged calls, the models that are asked and what they give, and what is said of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, TypeVar

from advisor.types.codes import CallNote
from advisor.types.enums import BUILTIN, PINNED, WRITTEN, FailureKind, Json, Kind, Preference, RejectionCode, Role
from advisor.types.prices import Usage

ANY_OF = "any_of"
"""The only key of an object that holds several equally right answers, as a reference answer."""


@dataclass(frozen=True, kw_only=True)
class ToolCall:
    """One call of a tool as the model wrote it."""

    name: str
    arguments: str
    """JSON text, perhaps invalid."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is sent to any model, in OpenAI's shape, without the model's name."""

    messages: list[dict[str, Json]]
    params: dict[str, Json] = field(default_factory=dict)
    """temperature, max_tokens, stop, response_format, tools, tool_choice ...; never model or stream."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    text: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str | None = None

    @property
    def is_empty(self) -> bool:
        """Neither text nor a tool call."""
        return not self.text and not self.tool_calls


@dataclass(frozen=True, kw_only=True)
class CallIds:
    """What a log calls a call and what it is a part of."""

    external_id: str | None = None
    """The id of the response or of the row in the team's own tool."""
    response_id: str | None = None
    """The provider's id of the response: two rows with the same one are the same call."""
    session: str | None = None
    span: str | None = None
    """The id of the span in a trace: of spans within one another only the innermost call is kept."""
    parent_span: str | None = None


@dataclass(frozen=True, kw_only=True)
class Metered:
    """What a log counts, bills and times of a call; None where it does not tell."""

    usage: Usage | None = None
    cost_usd: float | None = None
    latency_s: float | None = None
    ttft_s: float | None = None
    at: datetime | None = None
    """Aware."""


@dataclass(frozen=True)
class Reference:
    """In a log: a label, an object, a tool call, None ("no tool call is right"), or several answers (see ANY_OF)."""

    value: Json


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One logged call."""

    request: Request
    answer: Answer | None = None
    """The recorded answer, if the log has it."""
    use_case: str | None = None
    """The log's own label (tag, route, prompt name ...), or after grouping the use case's name."""
    model: str | None = None
    ids: CallIds = CallIds()
    metered: Metered = Metered()
    reference: Reference | None = None
    error: str | None = None
    not_replayable: str | None = None
    """Why it cannot be asked again; it still counts for volume and cost."""
    is_conversation: bool = False
    """Whether this is a whole conversation, so that the answers among its messages are calls of their own."""
    notes: tuple[CallNote, ...] = ()
    """What a rule changed or found."""


@dataclass(frozen=True, kw_only=True)
class StoredSample(Sample):
    """A sample of a study."""

    id: int


class GroupKey(NamedTuple):
    """What makes a log treat samples alike."""

    label: str | None
    """The log's own name for what the call is for."""
    template: str
    """The constant start of the system prompt, normalised; empty where it says nothing."""
    shape: Kind
    """What the parameters alone tell: tool use, extraction (structured output) or chat."""


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """One row of a log that could not be taken, and why."""

    row: int
    """1-based: line of a JSONL, data row of a CSV, element of an array, record within the records that wrap several."""
    reason: str
    code: RejectionCode = RejectionCode.OTHER
    span: str | None = None
    """As in Sample: a span that isn't a call may lie between two that are."""
    parent_span: str | None = None


@dataclass(frozen=True, kw_only=True)
class Prices:
    """Given with a model, in dollars per million tokens; None: not given."""

    input: float | None = None
    output: float | None = None
    cache_read: float | None = None
    """None: cached input costs what other input costs."""
    cache_write: float | None = None


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model with all that calls to it need."""

    name: str
    litellm_id: str
    """As litellm spells it; ``builtin/...`` is served here, ``written/...`` reads answers from a file."""
    role: Role = Role.CANDIDATE
    api_base: str | None = None
    key_env: str | None = None
    """The *name* of the environment variable with the key."""
    confirmed_key: str | None = None
    """The variable and the host that a person confirmed it may be sent to, as ``NAME at HOST``."""
    prices: Prices = Prices()
    """None in it: list prices hold."""
    params: dict[str, Json] = field(default_factory=dict)
    """Sent with every call, over the logged parameters."""
    licence: str | None = None
    illustrative: bool = False
    """Its answers are written for the sample study, not generated."""
    probe: "Probe | None" = None
    max_samples: int | None = None
    """A slow or dear model is asked about this many samples of a run at most; None: about all."""

    def __post_init__(self) -> None:
        """An illustrative model says so in its name, so wherever it is named."""
        if self.illustrative and "illustrative" not in self.name.lower():
            object.__setattr__(self, "name", f"{self.name} (illustrative)")

    @property
    def plain_id(self) -> str:
        """``litellm_id`` without what pins it to a client."""
        return self.litellm_id.removeprefix(PINNED)

    @property
    def is_builtin(self) -> bool:
        """Whether this program serves it."""
        return self.litellm_id.startswith(BUILTIN)

    @property
    def is_local(self) -> bool:
        """Whether nothing leaves this machine: the built-in model and written answers."""
        return self.litellm_id.startswith((BUILTIN, WRITTEN))


@dataclass(frozen=True, kw_only=True)
class StoredModel(Model):
    """A model that is registered in a study."""

    id: int


AnyModel = TypeVar("AnyModel", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What one short conversation with a model showed. None means not tested."""

    reachable: bool
    authorised: bool | None = None
    streams: bool | None = None
    reports_usage: bool | None = None
    honours_max_tokens: bool | None = None
    json_mode: bool | None = None
    tools: bool | None = None
    detail: str = ""
    """What went wrong and what to do about it; empty when all is well."""
    ttft_s: float | None = None
    """Send to first token; of an answer that isn't streamed to its end, after a few tokens."""
    token_s: float | None = None
    """What a token of an answer took after that."""
    output_tokens: float | None = None
    """Of one answer: a judge's to a pair; of others what they think besides the text."""
    reading_tokens: float | None = None
    """A judge's to a single answer."""

    @property
    def answered(self) -> bool:
        """Whether the model gave an answer: one that was refused or not found was reached too."""
        return self.reachable and self.streams is not None

    def cannot(self, *, needs_tools: bool) -> tuple[str, ...]:
        """In plain words what the model does not do; calling tools only where that is needed."""
        facts = {
            "stream its answers": self.streams,
            "report token usage": self.reports_usage,
            "keep to a token limit": self.honours_max_tokens,
            "answer in JSON on demand": self.json_mode,
            "call tools": self.tools if needs_tools else None,
        }
        return tuple(words for words, able in facts.items() if able is False)


class Quota(NamedTuple):
    """What a provider's answer says about one of its limits: requests or tokens."""

    limit: float
    left: float
    reset_s: float
    """Until all of it is there again."""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What a provider still allows, as the headers of one answer tell. None: they do not."""

    requests: Quota | None = None
    tokens: Quota | None = None


@dataclass(frozen=True, kw_only=True)
class Sending:
    """What it took to get an answer."""

    waited_s: float = 0.0
    """Our own limiter, back-off and retries; never part of the latency."""
    attempts: int = 1


@dataclass(frozen=True, kw_only=True)
class Generation:
    """One model's answer to one sample, or the reason why there is none."""

    answer: Answer | None = None
    usage: Usage | None = None
    cost_usd: float | None = None
    """None: unpriced or no usage."""
    ttft_s: float | None = None
    """Send to first non-empty token; None when not streamed."""
    latency_s: float | None = None
    """Send to last token; None when the answer was not generated (written) or failed."""
    sending: Sending = Sending()
    failure: FailureKind | None = None
    error: str | None = None
    dropped_params: tuple[str, ...] = ()
    """Logged parameters the provider does not take."""
    at: datetime | None = None
    reused: bool = False
    """Taken from an earlier run of the study with its times and its date: not paid again."""
    allowance: Allowance | None = None
    """For whoever makes the next calls; not stored."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A judge's answer for one order of one pair."""

    candidate_first: bool
    preference: Preference
    reason: str = ""
    parsed: bool = True
    """False: the judge's answer can't be read; the vote is missing."""
