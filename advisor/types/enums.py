"""What a study's values are named by: lanes, roles, kinds, verdicts, failures."""

from enum import StrEnum
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""A decoded JSON value."""


PINNED = "litellm/"
"""Before a model's id: litellm's own client asks it, even where ours could."""
OWN_SERVERS = frozenset({"hosted_vllm", "litellm_proxy", "llamafile", "lm_studio", "ollama", "ollama_chat"})
"""Providers that are a server of one's own: no list knows what its models cost or when they end."""
BUILTIN, WRITTEN = "builtin/", "written/"
"""Before the ids of the model that this program serves, and of answers that came with it."""
WITHIN = frozenset({"builtin", "written"})
"""Providers that are this program itself."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""Names of this machine."""


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

    @property
    def usual_margin(self) -> float:
        """How much worse is acceptable, as a fraction, where nobody has chosen (METHOD 1.6)."""
        return 0.10 if self is Endpoint.PAIRWISE else 0.05


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
    CONTAINS_ANY = "contains_any"
    """One at least of several texts, which ``|`` separates."""
    LACKS = "lacks"
    REGEX = "regex"
    MOST_WORDS = "most_words"
    LEAST_WORDS = "least_words"
    MOST_CHARACTERS = "most_characters"
    JSON = "json"
    """It parses as it stands; the value of the check says nothing."""
    EXPRESSION = "expression"
    """A condition in a small safe language."""


class Evidence(StrEnum):
    """What a candidate's score rests on."""

    TARGET = "target"
    """Reference answers of the log."""
    AGREEMENT = "agreement"
    """The live baseline's answers."""
    JUDGE = "judge"
    REVIEWS = "reviews"
    """People's."""
    NONE = "none"


class GateName(StrEnum):
    """Conditions that must hold besides quality (METHOD 1.7), as ``--json`` names them."""

    VALIDITY = "validity"
    REFUSED = "refused where the baseline answered"
    ANSWERED = "answered where the baseline declined"
    UNNEEDED = "unneeded calls"
    TRUNCATION = "truncation"
    INSTRUCTING = "instructions to the judge"
    CHECKS = "checks"
    ERRORS = "errors"
    IDENTICAL = "identical outputs"
    STABILITY = "stability"
    UNSUPPORTED = "unsupported claims"
    PERSONAL = "personal data"
    TTFT = "ttft p95"
    LATENCY = "latency p95"

    @property
    def is_time(self) -> bool:
        """Whether value and limit are seconds."""
        return self in (GateName.TTFT, GateName.LATENCY)

    @property
    def is_share(self) -> bool:
        """Whether they are a share of calls or answers, not a difference from the baseline."""
        return self in (GateName.REFUSED, GateName.ANSWERED, GateName.ERRORS)


class CaveatCode(StrEnum):
    """What a mean hides (METHOD 1.10)."""

    CLASS_NEVER_RIGHT = "class_never_right"
    """A kind of right answer that the candidate never gives."""
    FIELD_NEVER_RIGHT = "field_never_right"
    """A field that the candidate never gets right."""
    FALLS_LATELY = "falls_lately"
    """The difference falls in the last fifth of the log."""
    FALLS_SINCE = "falls_since"
    """The difference falls from some point on."""
    NEAR_CONSTANT = "near_constant"
    """Much the same text to different requests."""
    COPIED = "copied"
    """The recorded answers of the log once more."""
    P95_FAR = "p95_far"
    """No latency limit is set, and p95 is far over the baseline's."""

    @property
    def holds(self) -> bool:
        """Whether it holds a ``switch``."""
        return self in (CaveatCode.CLASS_NEVER_RIGHT, CaveatCode.FIELD_NEVER_RIGHT, CaveatCode.FALLS_LATELY)


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


class RejectionCode(StrEnum):
    """Why a row of a log was not taken, where something depends on it."""

    NOT_A_CALL = "not_a_call"
    """Another span or line of the log: nothing is lost."""
    CUT_OFF = "cut_off"
    """The file can't be read any further: rows are missing."""
    OTHER = "other"


class JobPhase(StrEnum):
    """What a job does now."""

    READING = "reading"
    RESUMING = "resuming"
    JOINING = "joining"
    GROUPING = "grouping"
    FETCHING = "fetching"
    WARMING_UP = "warming_up"
    MEASURING = "measuring"


class Refusal(StrEnum):
    """How far an answer declines to do what was asked."""

    NONE = "none"
    PARTIAL = "partial"
    """It declines a part, or so hedges that little is left. It counts like a full one."""
    FULL = "full"


class ControlKind(StrEnum):
    """How the worse answer of a control pair was spoiled (METHOD 1.9)."""

    TRUNCATED = "truncated"
    ENTITY = "entity"
    """A number or name in it was swapped for another."""
    CLAIM = "claim"
    """A claim was turned into its opposite or left out; a field or argument is missing or wrong."""
    PADDED = "padded"
    """It says everything twice, with filler."""
    INJECTED = "injected"
    """It tells the judge what to say."""


class About(StrEnum):
    """What a stored call is about: the sample itself, or what a judge compares or reads."""

    SAMPLE = "sample"
    PAIR = "pair"
    """A candidate's answer next to the baseline's."""
    REPEAT = "repeat"
    """The baseline next to its own second answer."""
    AUDIT = "audit"
    """A single answer that is read for claims and refusals."""
    CONTROL = "control"
    OTHER = "other"
    """Written by an older version, and counted only as spent."""


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
    UNREADABLE = "unreadable"
    """A judge's reply that doesn't say what it was asked for."""

    @property
    def is_model_fault(self) -> bool:
        """Model-caused failures count as a loss; the others are excluded from quality and have their own gate."""
        return self in (FailureKind.CONTEXT_OVERFLOW, FailureKind.CONTENT_FILTER, FailureKind.UNSUPPORTED)

    @property
    def is_refusal_of_call(self) -> bool:
        """Whether the same call would meet it again; a call that fails otherwise was lost, and is asked once more."""
        return self.is_model_fault or self is FailureKind.BAD_REQUEST

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
