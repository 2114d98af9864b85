"""Frozen values that flow between packages. No I/O; identity in the store is a plain ``id``.

Units live in names: ``_s`` seconds, ``_usd`` dollars, ``_usd_per_mtok`` dollars per million tokens.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

Json: TypeAlias = Any
"""A decoded JSON value."""


PINNED = "litellm/"
"""Before a model's id: litellm's own client asks it, even where ours could."""


class Lane(StrEnum):
    """Which way an answer came."""

    RECORDED = "recorded"
    BASELINE = "baseline"
    CANDIDATE = "candidate"
    JUDGE = "judge"


class Role(StrEnum):
    """What a registered model is for."""

    BASELINE = "baseline"
    CANDIDATE = "candidate"
    JUDGE = "judge"


class Status(StrEnum):
    """The state of a run or a job."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    BUDGET_EXCEEDED = "budget_exceeded"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def is_active(self) -> bool:
        """Whether somebody works on it or soon will."""
        return self in (Status.QUEUED, Status.RUNNING)


class Kind(StrEnum):
    """What a use case asks a model to do."""

    CLASSIFICATION = "classification"
    EXTRACTION = "extraction"
    SUMMARY = "summary"
    DRAFTING = "drafting"
    QUESTION_ANSWERING = "question_answering"
    TOOL_USE = "tool_use"
    CODE = "code"
    CHAT = "chat"


class Endpoint(StrEnum):
    """The measure a use case is decided on (METHOD 1.3)."""

    TARGET = "target"
    AGREEMENT = "agreement"
    PAIRWISE = "pairwise"


class Matching(StrEnum):
    """How an answer is compared with the right one."""

    EXACT = "exact"
    """The same text, white space at the ends aside."""
    NORMALISED = "normalised"
    """The same but for case, white space, quotes and punctuation around it."""
    NUMERIC = "numeric"
    """The same number, within a tolerance."""
    LABEL = "label"
    """The same label, however it is dressed."""
    FIELDS = "fields"
    """F1 over the fields of an object."""


class CheckKind(StrEnum):
    """What a team's own check of an answer looks for."""

    CONTAINS = "contains"
    LACKS = "lacks"
    REGEX = "regex"
    MOST_WORDS = "most_words"
    LEAST_WORDS = "least_words"
    MOST_CHARACTERS = "most_characters"
    JSON = "json"
    """It parses as it stands; the value of the check says nothing."""
    EXPRESSION = "expression"
    """A condition in a small safe language."""


class Verdict(StrEnum):
    """The decision for one use case and one candidate."""

    SWITCH = "switch"
    ROUTE = "route"
    KEEP = "keep"
    NEED_MORE_DATA = "need_more_data"


class Preference(StrEnum):
    """Who gave the better answer of a pair."""

    CANDIDATE = "candidate"
    BASELINE = "baseline"
    TIE = "tie"


class FailureKind(StrEnum):
    """Why a call has no usable answer."""

    RATE_LIMIT = "rate_limit"
    SERVER = "server"
    TIMEOUT = "timeout"
    NETWORK = "network"
    AUTH = "auth"
    BAD_REQUEST = "bad_request"
    NOT_FOUND = "not_found"
    CONTEXT_OVERFLOW = "context_overflow"
    CONTENT_FILTER = "content_filter"
    UNSUPPORTED = "unsupported"
    """Not sent: it holds what the model is known not to take."""
    INVALID_RESPONSE = "invalid_response"

    @property
    def is_model_fault(self) -> bool:
        """Model-caused failures count as a loss; the others are excluded from quality and have their own gate."""
        return self in (FailureKind.CONTEXT_OVERFLOW, FailureKind.CONTENT_FILTER, FailureKind.UNSUPPORTED)

    @property
    def is_retryable(self) -> bool:
        """Whether the same call may succeed later."""
        return self in (
            FailureKind.RATE_LIMIT,
            FailureKind.SERVER,
            FailureKind.TIMEOUT,
            FailureKind.NETWORK,
            FailureKind.INVALID_RESPONSE,
        )


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Tokens of one call, normalised across vendors: the four counts do not overlap."""

    input_tokens: int = 0
    """Uncached input."""
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    """All output, reasoning included."""
    reasoning_tokens: int = 0
    """The part of the output that was reasoning."""

    @property
    def total_input_tokens(self) -> int:
        """Input as the model saw it: uncached, read from and written to the cache."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens


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
class Sample:
    """One logged call."""

    request: Request
    answer: Answer | None = None
    """The recorded answer, if the log has it."""
    id: int | None = None
    use_case: str | None = None
    """The log's own label (tag, route, prompt name ...), or after grouping the use case's name."""
    external_id: str | None = None
    """The id of the response or of the row in the team's own tool."""
    response_id: str | None = None
    """The provider's id of the response: two rows with the same one are the same call."""
    session: str | None = None
    model: str | None = None
    usage: Usage | None = None
    """None where the log does not tell."""
    cost_usd: float | None = None
    """As logged."""
    latency_s: float | None = None
    ttft_s: float | None = None
    at: datetime | None = None
    """Aware."""
    target: Json = None
    """The right answer, if the log has it: a label, an object, a tool call or None."""
    has_target: bool = False
    """Tells a target of null ("no tool call is right") from no target."""
    error: str | None = None
    """The logged failure."""
    not_replayable: str | None = None
    """Why it cannot be asked again; it still counts for volume and cost."""
    span: str | None = None
    """The id of the span in a trace: of spans within one another only the innermost call is kept."""
    parent_span: str | None = None


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
    span: str | None = None
    """As in Sample: a span that is no call may lie between two that are."""
    parent_span: str | None = None


@dataclass(frozen=True, kw_only=True)
class Model:
    """A registered model."""

    name: str
    litellm_id: str
    """As litellm spells it; ``builtin/...`` is served here, ``written/...`` reads answers from a file."""
    role: Role = Role.CANDIDATE
    id: int | None = None
    api_base: str | None = None
    key_env: str | None = None
    """The *name* of the environment variable with the key."""
    input_price_usd_per_mtok: float | None = None
    output_price_usd_per_mtok: float | None = None
    cache_read_price_usd_per_mtok: float | None = None
    """Beside the two prices above; None: cached input costs what other input costs."""
    cache_write_price_usd_per_mtok: float | None = None
    params: dict[str, Json] = field(default_factory=dict)
    """Sent with every call, over the logged parameters."""
    licence: str | None = None
    illustrative: bool = False
    """Its answers are written for the sample study, not generated."""
    probe: "Probe | None" = None
    max_samples: int | None = None
    """A slow or dear model is asked about this many samples of a run at most; None: about all."""

    @property
    def plain_id(self) -> str:
        """``litellm_id`` without what pins it to a client."""
        return self.litellm_id.removeprefix(PINNED)


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

    @property
    def cannot(self) -> tuple[str, ...]:
        """In plain words what the model does not do."""
        facts = {
            "stream its answers": self.streams,
            "report token usage": self.reports_usage,
            "keep to a token limit": self.honours_max_tokens,
            "answer in JSON on demand": self.json_mode,
            "call tools": self.tools,
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
    waited_s: float = 0.0
    """Our own limiter, back-off and retries; never part of the latency."""
    attempts: int = 1
    failure: FailureKind | None = None
    error: str | None = None
    dropped_params: tuple[str, ...] = ()
    """Logged parameters the provider does not take."""
    at: datetime | None = None
    reused: bool = False
    """Taken from an earlier run of the study: not paid again, and without a latency."""
    allowance: Allowance | None = None
    """For whoever makes the next calls; not stored."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """A scorer's word on one generation or pair."""

    scorer: str
    value: float | None
    """0 to 1; None: could not be judged."""
    passed: bool | None = None
    explanation: str = ""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A judge's answer for one order of one pair."""

    candidate_first: bool
    preference: Preference
    reason: str = ""
    parsed: bool = True
    """False: the judge's answer was not readable and counts as a tie."""


@dataclass(frozen=True, kw_only=True)
class Money:
    """A range of dollars."""

    low: float
    point: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A condition that must hold besides quality."""

    name: str
    value: float | None
    """None: no evidence."""
    limit: float | None
    """None: shown, not gated."""
    passed: bool | None
    """None: not known or not gated."""
    beyond_doubt: bool = False
    """It fails even at the favourable end of its interval."""
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Noise:
    """The baseline against its own second answers, on the same scale as a candidate's difference from it."""

    n: int
    delta: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class JudgeFacts:
    """How far one judge of a run can be trusted."""

    judge: str
    judged: int
    """Orders of pairs it gave a word on."""
    unparsed: int
    """Of them those that could not be read and count as ties."""
    pairs: int
    """Pairs it judged in both orders ..."""
    flipped: int
    """... and those of them where its word turned with the order."""
    tied: int = 0
    """... and those that it called a tie in both orders."""
    anchors: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Kind of planted pair -> (how often it saw what is known to be there, how often it was asked)."""
    longer_won: float | None = None
    """How often the longer answer won, among the pairs with a winner and answers of different lengths ..."""
    longer_of: int = 0
    """... so many."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """One candidate in one use case: evidence and verdict. Rates and scores are fractions."""

    model: str
    illustrative: bool = False
    licence: str | None = None
    endpoint: Endpoint
    evidence: str
    """``target``, ``agreement``, ``judge``, ``reviews`` or ``none``."""
    n: int
    answered: int
    excluded: dict[str, int] = field(default_factory=dict)
    """Why samples do not count -> how many."""
    score: float | None = None
    baseline_score: float | None = None
    delta: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    margin: float
    p_value: float | None = None
    """One-sided, of non-inferiority."""
    p_holm: float | None = None
    verdict: Verdict
    reason: str
    """The verdict in one plain sentence."""
    n_needed: int | None = None
    wins: int | None = None
    ties: int | None = None
    losses: int | None = None
    gates: tuple[Gate, ...] = ()
    cost_usd_per_1k: float | None = None
    baseline_cost_usd_per_1k: float | None = None
    cost_usd_per_1k_successes: float | None = None
    ttft_p50_s: float | None = None
    ttft_p95_s: float | None = None
    latency_p50_s: float | None = None
    latency_p95_s: float | None = None
    error_rate: float | None = None
    savings_usd: Money | None = None
    """A month, if this use case moved to this candidate."""
    notes: tuple[str, ...] = ()
    why_not: tuple[str, ...] = ()
    """What stands between this candidate and a switch, and what would change it; empty where it may take over."""
    method: str = ""
    """How range and p were found, such as "Tango" or "e-process"; empty without evidence."""
    reviews: int = 0
    """Pairs of the random subset that people judged."""
    judge_flip_rate: float | None = None
    """How often a judge's word turned with the order of the answers."""
    similar_length_score: float | None = None
    """The win rate among answers of about the same length; None where the measure is another or there is none."""
    similar_length_n: int = 0
    strength: float | None = None
    """Log odds of a win against the baseline, which is 0 (Bradley-Terry); None unless two or more are compared so."""


@dataclass(frozen=True, kw_only=True)
class UseCaseDecision:
    """The decision for one use case."""

    name: str
    kind: Kind
    endpoint: Endpoint
    samples: int
    """In the log, replayable or not."""
    monthly_calls: float | None
    monthly_baseline_usd: float | None
    candidates: tuple[Assessment, ...]
    verdict: Verdict
    chosen: str | None
    """The candidate to move to: the cheapest that passes."""
    baseline_latency_p50_s: float | None = None
    baseline_latency_p95_s: float | None = None
    baseline_ttft_p50_s: float | None = None
    baseline_answered: int = 0
    noise: Noise | None = None


@dataclass(frozen=True, kw_only=True)
class Monthly:
    """The bill a month at the log's own volume."""

    baseline_usd: float
    plan_usd: float
    savings_usd: Money


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """The decision on a study; stored, shown, printed: all from this one value."""

    study: str
    run: int
    created_at: datetime
    baseline: str
    baseline_lane: Lane
    confidence: float
    seed: int
    sample_size: int
    use_cases: tuple[UseCaseDecision, ...]
    monthly: Monthly | None
    verdict: Verdict
    sentence: str
    status: Status
    partial: bool
    """Calls are missing: the run was stopped early, ran out of budget or lost calls."""
    is_sample_study: bool
    noise_floor: str
    """What asking the baseline twice showed, in one sentence."""
    warnings: tuple[str, ...] = ()
    excluded: dict[str, int] = field(default_factory=dict)
    judges: tuple[JudgeFacts, ...] = ()
    versions: tuple[str, ...] = ()
    """Which versions of rubrics, checks and the judge's prompt the scores were made with, in words."""


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One step of the roll-out."""

    name: str
    traffic_share: float
    duration: str
    entry: tuple[str, ...]
    exit: tuple[str, ...]
    rollback: str


@dataclass(frozen=True, kw_only=True)
class Move:
    """What the plan does with one use case."""

    use_case: str
    verdict: Verdict
    to: str | None
    """The candidate, or None: stays."""
    why: str
    monthly_calls: float | None
    savings_usd: Money | None
    quality: str
    """Score against baseline with interval and n, in words."""
    licence: str | None
    illustrative: bool
    phases: tuple[Phase, ...] = ()
    risks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The migration plan."""

    moves: tuple[Move, ...]
    next_steps: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Example:
    """A real pair side by side."""

    use_case: str
    model: str
    prompt: str
    baseline: str
    candidate: str
    note: str
    """Why it is shown: for instance "the candidate lost here"."""
    illustrative: bool = False


@dataclass(frozen=True, kw_only=True)
class Report:
    """All that is on the PDF."""

    recommendation: Recommendation
    plan: Plan
    examples: tuple[Example, ...]
    log: dict[str, Json]
    """Import facts: files, rows, accepted, rejected, duplicates, not_replayable, first_at, last_at, redacted and
    traffic_share.
    """
    models: tuple[Model, ...]
    price_sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Study:
    """One migration question."""

    id: int
    name: str
    created_at: datetime
    is_sample: bool = False
    traffic_share: float = 1.0
    """The share of the real traffic that the log is: 1 is all of it."""
    margin: float | None = None
    """None: the default of each endpoint."""
    confidence: float = 0.95
    max_latency_p95_s: float | None = None
    max_ttft_p95_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class Match:
    """How the answers of a use case are compared with the right ones."""

    how: Matching
    tolerance: float = 0.0
    """Of ``NUMERIC``: the largest difference, as a fraction of the right number."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A team's own condition on every answer of a use case."""

    kind: CheckKind
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Rubric:
    """What a judge checks each answer of a use case against."""

    version: int
    """0: the suggestion for the kind of use case; a person's versions count from 1."""
    questions: tuple[str, ...]
    """Three to five, each answered with yes or no."""
    created_at: datetime | None = None
    """None: the suggestion."""


class Settled(NamedTuple):
    """A candidate that needed no more answers in a use case, because the early-stopping test had decided."""

    use_case_id: int
    model_id: int
    verdict: Verdict
    n: int
    """Samples in order of asking up to which the test looked."""


class FrozenUseCase(NamedTuple):
    """What a run was planned with in one use case."""

    id: int
    endpoint: Endpoint
    margin: float | None
    rubric: int
    """Version."""


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """What a run was planned with, fixed before anybody saw an answer (METHOD 1.1)."""

    margin: float | None
    confidence: float
    max_latency_p95_s: float | None
    max_ttft_p95_s: float | None
    use_cases: tuple[FrozenUseCase, ...]
    """Those that the sample was drawn from."""


@dataclass(frozen=True, kw_only=True)
class UseCase:
    """A group of samples that serve one purpose."""

    id: int
    name: str
    kind: Kind
    endpoint: Endpoint | None
    """As a person chose it; None: chosen by what the samples allow."""
    margin: float | None
    ignored: bool
    samples: int
    replayable: int
    with_target: int
    with_answer: int
    description: str = ""
    monthly_calls: float | None = None
    match: Match | None = None
    """As a person chose it; None: by the kind of use case and the form of the right answer."""
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Log:
    """One imported file, with what became of its rows."""

    id: int
    name: str
    format: str
    redacted: bool
    rows: int
    accepted: int
    rejected: int
    duplicates: int
    not_replayable: int
    redactions: dict[str, int]
    imported_at: datetime


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What holds the calls to one provider back right now."""

    provider: str
    what: str
    """In plain words, with the reason."""
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Run:
    """One replay of sampled requests through the lanes."""

    id: int
    study_id: int
    status: Status
    wanted: Status | None
    seed: int
    epochs: int
    sample_size: int
    baseline_lane: Lane
    baseline: str
    concurrency: int
    stream: bool
    judged: bool
    budget_usd: float | None
    planned: int
    planned_judge: int
    model_ids: tuple[int, ...]
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    wall_s: float | None = None
    heartbeat_at: datetime | None = None
    owner: str | None = None
    error: str | None = None
    loop_lag_p99_s: float | None = None
    asked_again: int = 0
    repeated: int = 0
    """Samples that a live baseline is asked twice, to see what chance alone does (METHOD 1.2)."""
    fresh: bool = False
    """Every call is made, even one that an earlier run of the study has an answer to."""
    clock: str | None = None
    """How the latencies were taken, in words."""
    notices: tuple[Notice, ...] = ()
    resting: Status | None = None
    """What a run that has ended goes back to, while judges are asked about it once more."""
    early_stop: bool = False
    """No more calls are made for what is decided (METHOD 2); every verdict is then by the e-process."""
    audited: int = 0
    """Answers of each model, by use case, that a judge reads for unsupported claims and refusals."""
    settled: tuple[Settled, ...] = ()
    frozen: Frozen | None = None
    """None in runs of versions that did not keep it."""
    scored_with: dict[str, Json] = field(default_factory=dict)
    """Versions of what the stored scores were made with: rubrics, checks and matching by use case, prompt of judge."""


@dataclass(frozen=True, kw_only=True)
class LoadTest:
    """One model asked by more and more callers at a time, until it is too slow."""

    id: int
    study_id: int
    model_id: int
    status: Status
    wanted: Status | None
    stream: bool
    max_ttft_p95_s: float | None
    max_latency_p95_s: float | None
    budget_usd: float | None
    cost_usd: float | None
    ended_because: str | None
    created_at: datetime
    finished_at: datetime | None = None
    steps: "tuple[LoadStep, ...]" = ()


@dataclass(frozen=True, kw_only=True)
class LoadStep:
    """A load test at one concurrency. Rates are per second of wall time; quantiles leave the failed calls out."""

    concurrency: int
    calls: int
    failed: int
    wall_s: float
    requests_per_s: float
    output_tokens_per_s: float | None
    goodput_per_s: float
    """Calls a second that kept within the limits."""
    ttft_p50_s: float | None
    ttft_p95_s: float | None
    tpot_p50_s: float | None
    latency_p50_s: float | None
    latency_p95_s: float | None
    loop_lag_p99_s: float | None
    within_limits: bool


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Where a run stands: calls of the baseline and candidate lanes, and of the judges."""

    planned: int
    succeeded: int
    failed: int
    cost_usd: float | None
    unpriced: int
    judge_succeeded: int
    judge_failed: int
    judge_cost_usd: float | None
    planned_judge: int = 0
    judged: int = 0
    """Words of the run's own judges on pairs that count: of those by an older rubric none does."""
    spared: int = 0
    """Planned calls that an early decision made needless."""
    lost: int = 0
    """Of the failed calls those that the infrastructure failed, not the model."""
    reused: int = 0
    """Of the succeeded calls those whose answer an earlier run had; they cost this run nothing."""

    @property
    def skipped(self) -> int:
        """Planned calls that were never made or never answered."""
        return max(self.planned - self.spared - self.succeeded - self.failed, 0)

    @property
    def missing(self) -> int:
        """Calls whose answer the run lacks: not made, lost by the infrastructure, or not judged."""
        return self.skipped + self.lost + max(self.planned_judge - self.judged, 0)


@dataclass(frozen=True, kw_only=True)
class Job:
    """Something slow that the worker does."""

    id: int
    study_id: int | None
    kind: str
    """``import``, ``probe``, ``replay``, ``load_test`` or ``score``."""
    status: Status
    arguments: dict[str, Json]
    progress: str
    error: str | None
    result: Json
    created_at: datetime
    heartbeat_at: datetime | None = None
    owner: str | None = None
    wanted: Status | None = None
    """What a person asked for: cancelled."""
