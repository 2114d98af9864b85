"""The plan and the report that follow from a decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum, auto
from typing import NamedTuple

from advisor.types.calls import StoredModel
from advisor.types.codes import Cause, ExamResult, JudgeState
from advisor.types.decisions import Recommendation, Replaced, UseCaseDecision
from advisor.types.enums import Json
from advisor.types.messages import Message
from advisor.types.prices import PriceSource
from advisor.types.scenarios import Limits, Scenario


class Condition(StrEnum):
    """What opens a step of a roll-out, ends it or takes it back."""

    SWITCHABLE = auto()
    """One setting switches between both models."""
    MIRRORED = auto()
    """A share of the calls goes to both models in the shadow."""
    TOO_FEW_CALLS = auto()
    """Live traffic can't prove it in a month; replayed samples and reviews have to."""
    REAL_MODEL = auto()
    JUDGE_REVIEWED = auto()
    APPROVED = auto()
    LAST_STEP = auto()
    """The step before has ended."""
    QUALITY = auto()
    WIN_RATE = auto()
    FAULTS = auto()
    ERRORS = auto()
    TTFT = auto()
    LATENCY = auto()
    COST = auto()
    FALLBACK = auto()
    SHADOW_ROLLBACK = auto()
    ROLLBACK = auto()


class Risk(StrEnum):
    """What may go wrong with a move, besides the candidate's own caveats and notes."""

    BASELINE_ENDS = auto()
    """Its provider switches it off."""
    LICENCE = auto()
    NO_LICENCE = auto()
    NOT_PROBED = auto()
    UNSURE_SAVING = auto()
    PARTIAL = auto()


class Step(StrEnum):
    """What to do next."""

    STAY = auto()
    """A move isn't worth it."""
    FINISH_RUN = auto()
    REVIEW = auto()
    BETTER_JUDGE = auto()
    """Add another judge, as the votes of those there are don't count; its ``state`` is a JudgeState."""
    ASK_JUDGE = auto()
    """A judge was added since: a replay asks it."""
    EXAMINE = auto()
    """A replay lets the judge take its exam."""
    SHADOW = auto()
    REAL_CANDIDATE = auto()
    TEST_CHEAPER = auto()
    SUCCESSOR = auto()
    """Test what the provider recommends once today's model is gone."""
    LICENCE = auto()
    ADD_JUDGE = auto()
    DIFFERING = auto()
    """Compare the answers that differ from the baseline's."""
    REVIEW_PAIRS = auto()
    OTHER_LIMIT = auto()
    """Another acceptable drop, where nothing else blocks."""
    OTHER_CANDIDATE = auto()
    """Nothing else helps; ``gate`` is the guardrail that blocks, where one does."""
    FIX_CALLS = auto()
    """Calls fail by how the model is set up."""
    OTHER_SAMPLES = auto()
    """Samples that share less with each other."""
    STEADY = auto()
    """Find out what changed during the run, and replay."""
    REFERENCES = auto()
    """The reference answers can't tell good from bad."""
    MISSING_VOTES = auto()
    IMPORT = auto()
    REPLAY = auto()
    CAVEAT = auto()
    """Mend what holds a move."""
    READ_REFUSALS = auto()
    """A judge reads answers, or more of them, for refusals."""
    MEASURE_TIMES = auto()
    FIX_FORM = auto()
    FINE_TUNE = auto()
    """Train candidates that are just short of a move."""
    NEW_CANDIDATE = auto()


FRIDAY = 4
JUDGING = (Step.REVIEW, Step.ASK_JUDGE, Step.EXAMINE, Step.ADD_JUDGE, Step.BETTER_JUDGE, Step.MISSING_VOTES)
"""What decides whether judges' votes count: it comes before anything that rests on them."""
NOT_BY_A_RUN = (Step.BETTER_JUDGE, Step.OTHER_CANDIDATE, Step.OTHER_LIMIT)
"""Without these another run decides nothing more."""


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One step of the roll-out. The codes of its messages are Conditions."""

    traffic_share: float
    """0: the shadow, which no user sees."""
    mirrored: float = 0.05
    """The share of the calls that both models answer in the shadow."""
    least_days: int
    days: int | None
    """Until enough calls are checked, at today's volume; None: the volume is unknown."""
    calls: int
    """To be checked."""
    entry: tuple[Message, ...]
    exit: tuple[Message, ...]
    rollback: Message

    @property
    def percent(self) -> int:
        """Of the traffic."""
        return round(100 * self.traffic_share)


@dataclass(frozen=True, kw_only=True)
class PlanStep:
    """What people entered about one step of a move; None: nothing."""

    owner: str | None = None
    starts_on: date | None = None
    go: bool | None = None


class Task(StrEnum):
    """What is done before the first move, or besides the moves."""

    JUDGE = auto()
    TEST_CHEAPER = auto()
    """Closed models: one that costs less than the plan, and what follows those that end."""
    HOST = auto()
    """Choose one for a model that has none."""
    APPROVE = auto()
    """Host, license and data location."""
    TEST = auto()
    """A real model passes the replay."""
    REVIEW = auto()
    MOVE = auto()
    """What the tests found is approved, or nothing moves."""
    SWITCH = auto()
    """One setting switches between both models."""
    LABEL = auto()
    """People label live calls, for the steps to be scored."""
    REPLACE = auto()
    """Use cases that stay get what follows their model."""
    FINISH = auto()
    """Roll-outs under way end before their model does, or go on from what follows it."""
    STOP = auto()
    """A roll-out that is too late ends."""


BESIDE = (Task.LABEL, Task.REPLACE, Task.FINISH)
"""What doesn't come before the first move."""


class PlanTask(NamedTuple):
    """A task in the calendar."""

    task: Message
    """Code is a Task."""
    first: date
    last: date
    owner: str = ""

    @property
    def key(self) -> str:
        """What tells it from the plan's other tasks: its code, and the model that it is about."""
        about = self.task.values.get("baseline")
        return f"{self.task.code}:{about}" if about else str(self.task.code)


class Stint(NamedTuple):
    """One step of a move in the calendar."""

    use_case: str
    phase: Phase
    first: date
    end: date
    """The first day after it."""
    entered: PlanStep

    @property
    def last(self) -> date:
        """Its last working day, on which the next one is decided."""
        return max(self.first, weekday_before(self.end))


def weekday_before(day: date) -> date:
    """The last weekday before a day."""
    return day - timedelta(days=max(1, day.weekday() - FRIDAY) if day.weekday() else 3)


def workday_before(day: date) -> date:
    """The same without holidays."""
    day = weekday_before(day)
    return workday_before(day) if is_holiday(day) else day


def is_holiday(day: date) -> bool:
    """From 20 December to 2 January nothing is due and no step begins, unless a person says so."""
    return (day.month, day.day) >= (12, 20) or (day.month, day.day) <= (1, 2)


@dataclass(frozen=True, kw_only=True)
class Move:
    """How one use case moves; without phases it stays."""

    use_case: str
    phases: tuple[Phase, ...] = ()
    risks: tuple[Message, ...] = ()
    """Codes are Risks."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The migration plan."""

    moves: tuple[Move, ...]
    """One for each decision, in their order."""
    next_steps: tuple[Message, ...]
    """Codes are Steps."""
    replaced: Mapping[str, Replaced] = field(default_factory=dict)
    """By use case on a model that ends too soon for a roll-out from it: its calls move to this first."""


def judge_state(found: Message) -> JudgeState:
    """How it is with a judge; the code is the Cause of a verdict that came from it, or an ExamResult."""
    if found.code == Cause.JUDGE_CONTRADICTED:
        return JudgeState.CONTRADICTED
    if found.code in (Cause.NO_EVIDENCE, Cause.REFUSALS_NOT_READ):
        return JudgeState.UNREADABLE if "unread" in found.values else JudgeState.NOT_EXAMINED
    code = found.values["exam"]["code"] if "exam" in found.values else found.code
    return JudgeState.BIASED if code == Cause.JUDGE_NOT_PROVEN else ExamResult(code).state


def cases_of(step: Message) -> list[str]:
    """The use cases that a next step is for; none: it is for the study."""
    cases = step.values.get("use_cases")
    return list(cases) if cases is not None else [step.values["use_case"]] if "use_case" in step.values else []


@dataclass(frozen=True, kw_only=True)
class Example:
    """A pair of answers side by side."""

    use_case: str
    model: str
    prompt: str
    baseline: str
    candidate: str
    outcome: float
    """The candidate's: 1 better, 0 worse, .5 equally good."""
    illustrative: bool = False
    reference: str = ""
    """The reference answer of the log; empty: it has none."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """All that is on the PDF."""

    recommendation: Recommendation
    plan: Plan
    examples: tuple[Example, ...]
    log: dict[str, Json]
    """Import facts: files, counts of rows, first_at, last_at, redacted and traffic_share."""
    models: tuple[StoredModel, ...]
    price_sources: tuple[PriceSource, ...]
    scenario: Scenario | None = None
    """The one in use, with these limits."""
    planned: Limits | None = None
    """Those that were set before the run; None: they were not kept."""

    @property
    def moves(self) -> tuple[tuple[UseCaseDecision, Move], ...]:
        """Every decision with its part of the plan."""
        return tuple(zip(self.recommendation.use_cases, self.plan.moves, strict=True))
