"""What if: limits and assumptions that a decision is looked at with, and those that are kept under a name."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum, auto

from advisor.types.assessments import Money
from advisor.types.studies import Study


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a person accepts in a study."""

    margin: float | None = None
    """None: the default of each endpoint."""
    confidence: float = 0.95
    max_latency_p95_s: float | None = None
    max_ttft_p95_s: float | None = None
    use_cases: Mapping[int, float] = field(default_factory=dict)
    """Id of a use case -> its own margin."""

    @classmethod
    def of(cls, study: Study, use_cases: Mapping[int, float]) -> "Limits":
        """A study's own."""
        return cls(
            margin=study.margin,
            confidence=study.confidence,
            max_latency_p95_s=study.max_latency_p95_s,
            max_ttft_p95_s=study.max_ttft_p95_s,
            use_cases=use_cases,
        )

    def set_for(self, study: Study) -> Study:
        """The study with these in place of its own, but for those of its use cases."""
        return replace(
            study,
            margin=self.margin,
            confidence=self.confidence,
            max_latency_p95_s=self.max_latency_p95_s,
            max_ttft_p95_s=self.max_ttft_p95_s,
        )


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """What the bill is projected with."""

    traffic: float = 1.0
    """Times that of the log."""
    price: float = 1.0
    """Of the candidates, times what they cost in the run."""
    one_off_usd: float = 0.0
    """What the migration costs once."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Limits and assumptions under a name."""

    name: str
    limits: Limits
    assumed: Assumptions = Assumptions()
    chosen: bool = False
    """Whether the report shows it."""


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """What one acceptable drop allows."""

    margin: float
    savings_usd: Money | None
    """A month; None: unknown."""
    moves: tuple[str, ...]
    """Use cases."""

    def at(self, traffic: float) -> "Crossing":
        """The same at another traffic, which changes no verdict."""
        return replace(self, savings_usd=self.savings_usd and self.savings_usd.times(traffic))


class CaseInput(StrEnum):
    """A number of the business case that a person can set."""

    DAY_USD = auto()
    """Of an engineer."""
    PROMPT = auto()
    """Engineer days for each use case that moves, by what changes besides the model."""
    PARAMETERS = auto()
    TOOLS = auto()
    SCHEMA = auto()
    CALLING_CODE = auto()
    JUDGE_DAYS = auto()
    """To add a judge before the tests; HOST_DAYS: to choose a host."""
    HOST_DAYS = auto()
    TEST_DAYS = auto()
    """Of an engineer, to replay the samples through a real model."""
    REVIEW_DAYS = auto()
    """Of the people who review pairs, at the price of an engineer day; APPROVAL_DAYS: of legal and security."""
    APPROVAL_DAYS = auto()
    LABEL_SECONDS = auto()
    """For a live call that a person labels, at the price of an engineer day."""
    EVALUATION_USD = auto()
    TRAINING_USD = auto()
    FALLBACK_DAYS = auto()
    """How long the old model stays warm after the last step, answering FALLBACK_SHARE of the calls once more."""
    FALLBACK_SHARE = auto()
    HAIRCUT = auto()
    """The share of the saving that is left out as a precaution."""
    GROWTH = auto()
    """Of the traffic, a month."""
    PRICE_CHANGE = auto()
    """Of today's model, a year."""
    SUCCESSOR_BILL = auto()
    """Once today's model is switched off, as a share of today's bill."""
    SUCCESSOR_DAYS = auto()
    """Of an engineer, for each use case that follows to the successor: what a move before that day saves."""
    CALLS_A_UNIT = auto()


CHANGES = (
    CaseInput.PROMPT,
    CaseInput.PARAMETERS,
    CaseInput.TOOLS,
    CaseInput.SCHEMA,
    CaseInput.CALLING_CODE,
)
"""What a move may change besides the model."""
BEFORE = (
    CaseInput.JUDGE_DAYS,
    CaseInput.HOST_DAYS,
    CaseInput.TEST_DAYS,
    CaseInput.REVIEW_DAYS,
    CaseInput.APPROVAL_DAYS,
)
"""Work that comes before the first move, once for all of them."""
WORKDAY_SECONDS = 8 * 3600
ASSUMED: Mapping[CaseInput, float] = {
    CaseInput.DAY_USD: 800.0,
    CaseInput.PROMPT: 1.0,
    CaseInput.PARAMETERS: 0.25,
    CaseInput.TOOLS: 1.0,
    CaseInput.SCHEMA: 0.5,
    CaseInput.CALLING_CODE: 0.5,
    CaseInput.JUDGE_DAYS: 1.0,
    CaseInput.HOST_DAYS: 2.0,
    CaseInput.TEST_DAYS: 1.0,
    CaseInput.REVIEW_DAYS: 0.5,
    CaseInput.APPROVAL_DAYS: 1.0,
    CaseInput.LABEL_SECONDS: 30.0,
    CaseInput.EVALUATION_USD: 0.0,
    CaseInput.TRAINING_USD: 0.0,
    CaseInput.FALLBACK_DAYS: 30.0,
    CaseInput.FALLBACK_SHARE: 0.1,
    CaseInput.HAIRCUT: 0.0,
    CaseInput.GROWTH: 0.0,
    CaseInput.PRICE_CHANGE: 0.0,
    CaseInput.SUCCESSOR_BILL: 1.0,
    CaseInput.SUCCESSOR_DAYS: 1.25,
    CaseInput.CALLS_A_UNIT: 1.0,
}
"""What is computed with where nobody says better."""
MOST: Mapping[CaseInput, float] = {
    CaseInput.FALLBACK_DAYS: 365.0,
    CaseInput.FALLBACK_SHARE: 1.0,
    CaseInput.HAIRCUT: 1.0,
    CaseInput.GROWTH: 0.5,
    CaseInput.PRICE_CHANGE: 1.0,
    CaseInput.SUCCESSOR_BILL: 100.0,
}
"""Beyond which an input makes no sense."""


class InputSource(StrEnum):
    """Where an input of the business case is from."""

    ASSUMED = auto()
    MEASURED = auto()
    LISTED = auto()
    ENTERED = auto()


@dataclass(frozen=True, kw_only=True)
class CaseInputs:
    """What a business case is computed with."""

    measured: Mapping[CaseInput, float] = field(default_factory=dict)
    listed: Mapping[CaseInput, float] = field(default_factory=dict)
    entered: Mapping[CaseInput, float] = field(default_factory=dict)
    unit: str = ""
    """What the team counts; empty: a call."""
    one_off_usd: float | None = None
    """All that is paid once, where a scenario sets it; None: the sum of its items."""
    tested_first: str = ""
    """A cheaper closed model whose test comes before any move; empty: none."""
    tested_beside: tuple[str, ...] = ()
    """Successors of today's models, which are tested at the same time."""

    def __getitem__(self, key: CaseInput) -> float:
        return next(values[key] for values in (self.entered, self.listed, self.measured, ASSUMED) if key in values)

    @property
    def is_work_assumed(self) -> bool:
        """Whether nobody has set the days of work or their price."""
        return self.one_off_usd is None and not self.entered.keys() & {CaseInput.DAY_USD, *CHANGES, *BEFORE}

    @property
    def first_tests(self) -> tuple[str, ...]:
        """Closed models that are tested before any move."""
        return (*filter(None, [self.tested_first]), *self.tested_beside)

    @property
    def test_work(self) -> dict[str, float]:
        """Days and dollars of testing one model, which every model needs that wasn't tested."""
        return self.work(self.entered.get(CaseInput.TEST_DAYS, ASSUMED[CaseInput.TEST_DAYS]))

    def work(self, days: float) -> dict[str, float]:
        """Days with what they cost."""
        return {"days": days, "usd": days * self[CaseInput.DAY_USD]}

    def source(self, key: CaseInput) -> InputSource:
        """Where a value is from."""
        if key in self.entered:
            return InputSource.ENTERED
        if key in self.listed:
            return InputSource.LISTED
        return InputSource.MEASURED if key in self.measured else InputSource.ASSUMED
