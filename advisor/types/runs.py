"""A run and a load test with what they cost, took and are waiting for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from advisor.types.assessments import Money, Times
from advisor.types.enums import Json, Lane, Status
from advisor.types.messages import Message
from advisor.types.studies import Frozen, Settled


class NoticeKind(StrEnum):
    """How calls are held back."""

    GIVEN_UP = "given_up"
    UNANSWERING = "unanswering"
    """It is only tried now and then."""
    UNASKABLE = "unaskable"
    """It can't be called from here."""
    THROTTLED = "throttled"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What holds the calls to one provider back right now."""

    provider: str
    kind: NoticeKind
    why: str = ""
    """The error behind it, as it was said."""
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Repeats:
    """What is asked more than once, to see what chance alone does."""

    epochs: int = 1
    """Calls for each sample and model."""
    repeated: int = 0
    """Samples that a live baseline is asked twice."""


@dataclass(frozen=True, kw_only=True)
class Planning:
    """What only the planning of a run asks for; the run forgets it."""

    last_turn_only: bool = False
    """Of each conversation only the last call, which holds the turns before it: agents resend all of them each time."""
    allow_unpriced: bool = False


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What a person chooses before a run; frozen into it."""

    sample_size: int = 200
    """In all, over the use cases; at most all."""
    seed: int = 1
    baseline: Lane | None = None
    """RECORDED or BASELINE (live); None: live where a baseline model is registered."""
    repeats: Repeats = Repeats()
    concurrency: int = 8
    stream: bool = True
    budget_usd: float | None = None
    judged: bool = True
    audited: int = 150
    """Answers of each model that a judge, where there is one, reads for unsupported claims and refusals.

    None found among 150 leaves at most 2.4 %.
    """
    fresh: bool = False
    """Make every call, even one that an earlier run of the study has an answer to."""
    early_stop: bool = False
    """Make no more calls for what is decided; every verdict is then by a test that holds at any look."""
    planning: Planning = Planning()

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "RunOptions":
        """From values by the names of options, those of their parts too; other names are passed over."""
        parts = {name: kind(**_only(kind, given)) for name, kind in _PARTS.items()}
        return cls(**{**_only(cls, given), **parts})

    @property
    def flat(self) -> dict[str, Any]:
        """Every option by its name."""
        return {name: value for name, value in vars(self).items() if name not in _PARTS} | {
            name: value for part in _PARTS for name, value in vars(getattr(self, part)).items()
        }

    @property
    def kept(self) -> dict[str, Any]:
        """What a run keeps, by the names of its columns."""
        return {name: value for name, value in self.flat.items() if name not in ("baseline", *vars(self.planning))}


_PARTS: dict[str, type[Any]] = {"repeats": Repeats, "planning": Planning}


def _only(kind: type[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in kind.__dataclass_fields__ if name in given}


@dataclass(frozen=True, kw_only=True)
class RunState:
    """Where a run stands."""

    status: Status
    wanted: Status | None = None
    """What a person asked for."""
    resting: Status | None = None
    """How a run that is being scored will end, or what one goes back to while judges are asked once more."""
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    heartbeat_at: datetime | None = None
    wall_s: float | None = None
    owner: str | None = None
    error: str | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RunPlan:
    """What a run was planned with."""

    planned: int
    planned_judge: int
    model_ids: tuple[int, ...]
    frozen: Frozen | None = None
    """None in runs of versions that did not keep it."""
    quoted: tuple["LaneQuote", ...] = ()
    """What it was to cost before it began; empty in runs of versions that did not keep it."""


@dataclass(frozen=True, kw_only=True)
class RunMachine:
    """How well the machine that called could measure."""

    loop_lag_p99_s: float | None = None
    asked_again: int = 0
    clocks: Mapping[str, list[str]] = field(default_factory=dict)
    """Names of models by the ``Clock`` that took their latencies; those of judges are shown nowhere."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One replay of sampled requests through the lanes."""

    id: int
    number: int
    """Its place among the runs of its study, from 1: what pages and the report call it. Commands take the id."""
    study_id: int
    options: RunOptions
    baseline_lane: Lane
    baseline: str
    state: RunState
    plan: RunPlan
    machine: RunMachine = field(default_factory=RunMachine)
    settled: tuple[Settled, ...] = ()
    scored_with: dict[str, Json] = field(default_factory=dict)
    """What the stored scores were made with: rubric and marking by id of the use case, prompt of the judge."""


@dataclass(frozen=True, kw_only=True)
class LaneQuote:
    """The calls that a run was planned to make to one model. Answers of earlier runs are no part of them."""

    model_id: int
    is_judge: bool
    besides: bool
    """Of a judge: what it is asked besides the pairs."""
    calls: int
    input_tokens: int
    """Expected, in all."""
    output_tokens: int
    cost_usd: Money | None
    """None: the model has no price."""


class LoadLimits(NamedTuple):
    """What the 95th percentiles may be, in seconds; None: anything."""

    ttft_p95_s: float | None = None
    latency_p95_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class LoadTest:
    """One model asked by more and more callers at a time, until it is too slow."""

    id: int
    study_id: int
    model_id: int
    status: Status
    wanted: Status | None
    stream: bool
    limits: LoadLimits
    budget_usd: float | None
    cost_usd: float | None
    ended_because: Message | None
    """Of the family LoadEnd."""
    finished_at: datetime | None = None
    steps: "tuple[LoadStep, ...]" = ()


MOST_LAG = 0.05
"""Of the median latency: when this machine is later than that, it measures itself."""


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
    times: Times
    tpot_p50_s: float | None
    loop_lag_p99_s: float | None
    within_limits: bool

    @property
    def is_machine_bound(self) -> bool:
        """Whether this machine, not the model, was the limit: its event loop came too late to measure."""
        lag, latency = self.loop_lag_p99_s, self.times.latency_p50_s
        return lag is not None and latency is not None and lag > MOST_LAG * latency

    @property
    def flat(self) -> dict[str, Any]:
        """All numbers by name."""
        rest = {name: value for name, value in vars(self).items() if name != "times"}
        return rest | {
            name: value for name, value in vars(self.times).items() if name not in ("answered", "error_rate")
        }


@dataclass(frozen=True, kw_only=True)
class JudgeTally:
    """Where the calls of judges stand: of those about pairs, but for the cost, which is of all."""

    planned: int = 0
    succeeded: int = 0
    failed: int = 0
    cost_usd: float | None = 0.0
    voted: int = 0
    """Words of the run's own judges on pairs that count: of those by an older rubric none does."""
    refused: int = 0
    """Of the failed those that would fail again, such as by a filter."""
    given_up: int = 0
    """Votes of judges that are asked nothing more, as too many of their replies can't be read."""

    @property
    def lacking(self) -> int:
        """Votes that could still be given."""
        return max(self.planned - self.voted - self.refused - self.given_up, 0)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Where a run stands: calls of the baseline and candidate lanes, and of the judges."""

    planned: int
    succeeded: int
    failed: int
    cost_usd: float | None
    unpriced: int
    judge: JudgeTally
    spared: int = 0
    """Planned calls that an early decision made needless."""
    lost: int = 0
    """Of the failed calls those that the infrastructure failed, not the model."""
    reused: int = 0
    """Of the succeeded calls those whose answer an earlier run had; they cost this run nothing."""
    oldest_at: datetime | None = None
    """When the oldest of the answers was given: what an earlier run had keeps its time. None without answers."""

    @property
    def paid_usd(self) -> float | None:
        """What it cost, judges included; None: no call has a price."""
        known = [cost for cost in (self.cost_usd, self.judge.cost_usd) if cost is not None]
        return sum(known) if known else None

    @property
    def skipped(self) -> int:
        """Planned calls that were never made or never answered."""
        return max(self.planned - self.spared - self.succeeded - self.failed, 0)

    @property
    def missing(self) -> int:
        """Calls whose answer the run lacks: not made, lost by the infrastructure, or not judged though they can be."""
        return self.skipped + self.lost + self.judge.lacking
