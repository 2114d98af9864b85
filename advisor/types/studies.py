"""A study with its use cases, logs, runs, load tests and jobs, as the store keeps them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum, auto
from typing import Any, NamedTuple

from advisor.types.calls import GroupKey
from advisor.types.enums import CheckKind, Endpoint, JobPhase, Json, Kind, Matching, Status, Verdict


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


class Stage(StrEnum):
    """How far a study is."""

    NO_LOG = auto()
    NO_CANDIDATE = auto()
    NO_RUN = auto()
    RUNNING = auto()
    STOPPED = auto()
    ANSWERED = auto()
    OUTDATED = auto()
    DECIDED = auto()


@dataclass(frozen=True, kw_only=True)
class Match:
    """How the answers of a use case are compared with the right ones."""

    how: Matching | None = None
    """None: by the kind and the form of the right answer."""
    tolerance: float = 0.0
    """Of ``NUMERIC``: the largest difference, as a fraction of the right number."""
    loose: bool = False
    """Whether punctuation, white space, case and the form of dates inside of texts don't count."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A team's own condition on every answer of a use case."""

    kind: CheckKind
    value: str = ""

    @property
    def alternatives(self) -> list[str]:
        """The texts of ``CheckKind.CONTAINS_ANY``."""
        return [text.strip() for text in self.value.split("|") if text.strip()]


@dataclass(frozen=True, kw_only=True)
class Marking:
    """How the answers of a use case are marked: compared with right ones, and checked."""

    kind: Kind
    match: Match | None
    """None: by the kind and the form of the right answer."""
    checks: tuple[Check, ...]


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
    marking: Marking | None = None
    """None in runs of versions that did not keep it."""


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
class CallCounts:
    """How many calls of a use case the log holds."""

    total: int
    replayable: int
    with_target: int
    with_answer: int
    monthly: float | None = None
    """Projected; None: not counted, or the log has no times."""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """What goes into the calls of a use case and what comes out, as grouping saw it."""

    kind: Kind
    words_in: float
    """Of a message, the median."""
    tools: int
    """Offered, the median."""
    words_out: float | None
    """Of an answer, the median; None: the log has no answers."""
    names: tuple[str, ...] = ()
    """The commonest tools that are called, labels, or fields of an object."""
    fields: int = 0
    """Of an object."""


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
    calls: CallCounts
    description: Exchange | str = ""
    """A sentence where 0.5.0 imported the log."""
    match: Match | None = None
    """As a person chose it; None: by the kind of use case and the form of the right answer."""
    checks: tuple[Check, ...] = ()

    @property
    def marking(self) -> Marking:
        """How its answers are marked now."""
        return Marking(kind=self.kind, match=self.match, checks=self.checks)


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

    @property
    def names_redacted(self) -> bool:
        """Whether names of people were found and replaced: finding them needs a model."""
        return bool(self.redactions.get("PERSON"))


class Hints(NamedTuple):
    """What a person says about a log where its rows don't tell it; None: nothing."""

    durations: str | None = None
    """The unit of durations whose keys tell none: ``s``, ``ms``, ``us`` or ``ns``."""
    dates: str | None = None
    """The order of dates such as 03/05/2025: ``day-first`` or ``month-first``."""
    model: str | None = None
    """The model of calls that name none."""


UNTOLD = Hints()


class NewSample(NamedTuple):
    """A sample on its way in, as it is stored: a tuple, because very many go from process to process."""

    digest: str
    group: GroupKey
    facts: tuple[Any, ...]
    """A value for each of the store's FACTS; the time as ``stored_time`` writes it."""
    request: str
    """JSON, as are answer and target."""
    answer: str
    target: str


def stored_time(at: datetime | None) -> str | None:
    """A moment as both databases keep it: UTC, without its zone."""
    if at is None:
        return None
    in_utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return in_utc.isoformat(" ", "microseconds").removesuffix("+00:00")


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a job is."""

    phase: JobPhase
    subject: str = ""
    """The file or list at hand; of a load test, how many calls are in flight."""
    done: int | None = None
    total: int | None = None
    """With ``done`` in bytes; None: not known, and ``done`` counts rows or calls."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """Something slow that the worker does."""

    id: int
    study_id: int | None
    kind: str
    """``import``, ``probe``, ``replay``, ``load_test``, ``score`` or ``delete``."""
    status: Status
    arguments: dict[str, Json]
    progress: Progress | None
    error: str | None
    result: Json
    created_at: datetime
    heartbeat_at: datetime | None = None
    owner: str | None = None
    wanted: Status | None = None
    """What a person asked for: cancelled."""
