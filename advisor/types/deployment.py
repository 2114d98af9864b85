"""Where the calls of each use case go, today and after the move, as gateways and servers are told."""

from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import NamedTuple

from advisor.types.calls import Prices
from advisor.types.decisions import UseCaseDecision
from advisor.types.enums import Json
from advisor.types.messages import Message
from advisor.types.reports import Move

OWN_KEY = "OWN_API_KEY"
"""The environment variable with the key of a server of one's own that the study calls without one."""
BUILTIN_GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
"""The built-in model's weights."""


class Gap(StrEnum):
    """What a configuration lacks, since the study doesn't know it."""

    NO_PROVIDER = auto()
    """A log names today's model, and no list says who serves it: the use case is left out."""
    ILLUSTRATIVE = auto()
    """The model to move to was written for the sample study: the use case stays."""
    NO_HOST = auto()
    """The model to move to answers from this program or from a file: the use case stays."""
    NO_SUCCESSOR = auto()
    """Today's model ends before a move can, and what follows it isn't known: the files call it still."""
    SECRET_HEADER = auto()
    """A header with a secret is left out of a model's parameters."""


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """How a model is reached."""

    name: str
    """As the study calls it."""
    litellm_id: str
    """PROVIDER/ID as litellm spells it."""
    api_base: str | None = None
    """None: the provider's own."""
    key_env: str | None = None
    """The *name* of the environment variable with the key; None: none is needed, or the cloud's own credentials."""
    params: dict[str, Json] = field(default_factory=dict)
    """Sent with every call, without secret headers."""
    prices: Prices = field(default_factory=Prices)
    """Given with the model."""
    openrouter: str | None = None
    """Its name at OpenRouter; None: not known to be sold there."""
    is_own: bool = False
    """A server of one's own, which costs its rent whatever it answers."""

    @property
    def provider(self) -> str:
        """As litellm spells it."""
        return self.litellm_id.partition("/")[0]

    @property
    def model(self) -> str:
        """As the provider spells it."""
        return self.litellm_id.partition("/")[2]


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """How a use case moves."""

    target: Upstream
    shares: tuple[float, ...]
    """Of the traffic, step by step: 0 is the shadow, 1 the last."""
    mirrored: float
    """The share of the calls that both models answer in the shadow."""
    latency_p95_s: float | None = None
    """Of the target's answers in the run; None: not measured."""
    usd_a_month: float | None = None
    """Of the target for all calls; None: not known."""
    kept: float = 0.0
    """The share of the calls that today's model answers too after the last step, unseen."""
    move: Move | None = None
    """As the plan has it."""

    def share_at(self, step: float) -> float:
        """What the target serves while the steps up to ``step`` are done: a step that the plan leaves out waits."""
        return max(share for share in self.shares if share <= step)


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where the calls of one use case go."""

    use_case: str
    alias: str
    """What a client asks for in place of a model: lower case, digits, and hyphens."""
    today: Upstream
    ramp: Ramp | None = None
    """None: it stays."""
    decision: UseCaseDecision | None = None
    """What it follows from."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The stored decision as routes."""

    study: str
    routes: tuple[Route, ...]
    gaps: tuple[Message, ...] = ()
    """Codes are Gaps."""

    @property
    def moves(self) -> tuple[Route, ...]:
        """The routes that move."""
        return tuple(route for route in self.routes if route.ramp)


class TracedCall(NamedTuple):
    """One call of the log without its text."""

    at_ms: int
    """After the first."""
    input_tokens: int
    output_tokens: int
    blocks: tuple[int, ...]
    """A number for each block of its input, the last one perhaps shorter; equal numbers stand for equal beginnings."""


@dataclass(frozen=True, kw_only=True)
class Trace:
    """Calls in a row, as load tools repeat them."""

    study: str
    use_cases: tuple[str, ...]
    """Whose calls they are; empty: all."""
    calls: tuple[TracedCall, ...]
    usable: int
    """Calls of the log that could be in it."""
    left_out: int
    """Calls that failed or have no time or no tokens."""
    traffic_share: float
    """How much of the traffic the log holds."""
    repeated: float | None
    """The share of the input tokens in blocks that came before; None: there are no calls."""


class ServeGap(StrEnum):
    """What the commands of a model lack, since it isn't known."""

    NOT_OPEN = auto()
    """No open model of the catalog: no command. ``at``: where what moves to it is called, or None."""
    SAME_ADDRESS = auto()
    """The study calls other models at its address too, and one server has room there."""
    ILLUSTRATIVE = auto()
    """Written for the sample study: no command."""
    SEVERAL_MACHINES = auto()
    """It needs more GPUs than one machine has."""
    NO_OLLAMA = auto()
    NO_PARSER = auto()
    """Of tool calls or reasoning, for one server."""
    NO_CONCURRENCY = auto()
    TOO_LONG = auto()
    """The longest calls don't fit into the model's context."""
    UNTESTED_THOUGHTS = auto()
    """It thinks before it answers, and too few calls were tested to tell how long. ``tokens``: what it gets."""
    THINKING = auto()
    """It thinks before it answers. ``sent``: what the study's calls say about that, as JSON, or empty."""
    LICENCE = auto()
    """Nobody has verified it."""
    REMOTE_CODE = auto()
    """The server runs code out of the model's repository."""
    OLLAMA_API = auto()
    """It is called by Ollama's own API, which no other server speaks."""
    ONLINE_FP8 = auto()
    """The server converts the repository's weights to FP8 when it starts."""


class Load(NamedTuple):
    """What the log asks of a server; None: it doesn't tell."""

    longest: int | None
    """Tokens of the longest call, input and output."""
    p95: int | None
    """Tokens that 95 % of the calls stay within."""
    at_once: int | None
    """Calls at most, of the whole traffic."""
    answer: int | None = None
    """Tokens of the model's own longest answer in the tests; None: too few were tested."""


class Footprint(NamedTuple):
    """Memory of one copy, in GB; None: not known."""

    weights_gb: float | None
    kv_gb: float | None
    """At ``p95`` tokens and ``at_once`` calls."""
    gpus: int | None
    """Of 80 GB."""


class Called(NamedTuple):
    """What clients ask a server for."""

    name: str
    port: int
    """Of the server."""
    at: str | None
    """Where the study calls it already, and so do the gateway's files; None: not yet."""
    key_env: str = OWN_KEY
    """The environment variable with its key, if it's set."""
    usd_a_month: float | None = None
    """What the plan counts for it there; None: not known, or nothing moves to it."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """One open model, self-hosted."""

    name: str
    """As the study calls it."""
    alias: str
    """Its folder."""
    called: Called
    repository: str | None
    """At Hugging Face; None: the weights come with this program."""
    licence: str | None
    use_cases: tuple[str, ...]
    """That the plan moves to it."""
    context: int | None
    """Tokens of a call, with room for another way of counting; None: the model's own."""
    load: Load
    size: Footprint
    vllm: tuple[str, ...]
    """Flags of vLLM's recipe for this model."""
    ollama: str | None
    gaps: tuple[Message, ...]
    """Codes are ServeGaps."""
    sent: dict[str, Json] = field(default_factory=dict)
    """What the study's calls say about thinking."""

    @property
    def gguf(self) -> str:
        """The file that llama.cpp reads."""
        return f"{self.alias}.gguf" if self.repository else BUILTIN_GGUF


@dataclass(frozen=True, kw_only=True)
class Serving:
    """The models of a decision that can be self-hosted."""

    study: str
    models: tuple[Served, ...]
    gaps: tuple[Message, ...]
    """Of models without any command."""
