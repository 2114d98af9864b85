"""A run and a load test with what they cost, took and are waiting for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, auto
from typing import Any

from advisor.types.assessments import Money
from advisor.types.enums import Json, Lane, Status
from advisor.types.messages import Message
from advisor.types.studies import Frozen, Settled


class Clock(StrEnum):
    """How a client takes latencies, on the monotonic clock of the machine that asks."""

    SOCKET = auto()
    """From the request's last byte sent to the first token and the last byte received."""
    LITELLM = auto()
    """Around litellm's call, so that its own time is in it."""
    LITELLM_PROCESS = auto()
    """The same, in a process of its own."""
    NONE = auto()
    """Nothing is generated."""
    OTHER = auto()
    """As an earlier version worded it, instead of names."""


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


KEPT = (
    "seed", "epochs", "concurrency", "stream", "budget_usd", "judged", "repeated", "fresh", "early_stop", "audited",
)  # fmt: skip
"""The options that a run keeps besides the sample's size and the baseline."""


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What a person chooses before a run; frozen into it."""

    sample_size: int = 200
    """In all, over the use cases; at most all."""
    seed: int = 1
    epochs: int = 1
    baseline: Lane | None = None
    """RECORDED or BASELINE (live); None: live where a baseline model is registered."""
    concurrency: int = 8
    stream: bool = True
    budget_usd: float | None = None
    allow_unpriced: bool = False
    judged: bool = True
    last_turn_only: bool = False
    """Of each conversation only the last call, which holds the turns before it: agents resend all of them each time."""
    repeated: int = 0
    """Samples that a live baseline is asked twice, to see what chance alone does."""
    fresh: bool = False
    """Make every call, even one that an earlier run of the study has an answer to."""
    early_stop: bool = False
    """Make no more calls for what is decided; every verdict is then by a test that holds at any look."""
    audited: int = 150
    """Answers of each model that a judge, where there is one, reads for unsupported claims and refusals.

    None found among 150 leaves at most 2.4 %.
    """

    @property
    def kept(self) -> dict[str, Any]:
        """What a run keeps under the same names."""
        return {name: getattr(self, name) for name in KEPT}


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
    """It forgets ``allow_unpriced`` and ``last_turn_only``."""
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
    ended_because: Message | None
    """Of the family LoadEnd."""
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
    oldest_at: datetime | None = None
    """When the oldest of the answers was given: what an earlier run had keeps its time. None without answers."""

    @property
    def skipped(self) -> int:
        """Planned calls that were never made or never answered."""
        return max(self.planned - self.spared - self.succeeded - self.failed, 0)

    @property
    def missing(self) -> int:
        """Calls whose answer the run lacks: not made, lost by the infrastructure, or not judged."""
        return self.skipped + self.lost + max(self.planned_judge - self.judged, 0)
