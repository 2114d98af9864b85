"""The business case of a migration: what it costs once, what it saves by month, and what that rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum, auto

from advisor.types.assessments import Money


class CaseInput(StrEnum):
    """A number of the business case that a person can set."""

    DAY_USD = auto()
    """Of an engineer."""
    PROMPT = auto()
    """Engineer days for each use case that moves, by what changes besides the model ..."""
    PARAMETERS = auto()
    TOOLS = auto()
    SCHEMA = auto()
    """... the form that an answer must have ..."""
    CALLING_CODE = auto()
    """... and the code that makes the call."""
    EVALUATION_USD = auto()
    TRAINING_USD = auto()
    FALLBACK_DAYS = auto()
    """How long the old model stays warm after the last step ..."""
    FALLBACK_SHARE = auto()
    """... answering this share of the calls once more."""
    HAIRCUT = auto()
    """The share of the saving that is left out as a precaution."""
    GROWTH = auto()
    """Of the traffic, a month."""
    PRICE_CHANGE = auto()
    """Of today's model, a year."""
    CALLS_A_UNIT = auto()


CHANGES = (
    CaseInput.PROMPT,
    CaseInput.PARAMETERS,
    CaseInput.TOOLS,
    CaseInput.SCHEMA,
    CaseInput.CALLING_CODE,
)
"""What a move may change besides the model."""
ASSUMED: Mapping[CaseInput, float] = {
    CaseInput.DAY_USD: 800.0,
    CaseInput.PROMPT: 1.0,
    CaseInput.PARAMETERS: 0.25,
    CaseInput.TOOLS: 1.0,
    CaseInput.SCHEMA: 0.5,
    CaseInput.CALLING_CODE: 0.5,
    CaseInput.EVALUATION_USD: 0.0,
    CaseInput.TRAINING_USD: 0.0,
    CaseInput.FALLBACK_DAYS: 30.0,
    CaseInput.FALLBACK_SHARE: 0.1,
    CaseInput.HAIRCUT: 0.0,
    CaseInput.GROWTH: 0.0,
    CaseInput.PRICE_CHANGE: 0.0,
    CaseInput.CALLS_A_UNIT: 1.0,
}
"""What is computed with where nobody says better."""
MOST: Mapping[CaseInput, float] = {
    CaseInput.FALLBACK_DAYS: 365.0,
    CaseInput.FALLBACK_SHARE: 1.0,
    CaseInput.HAIRCUT: 1.0,
    CaseInput.GROWTH: 0.5,
    CaseInput.PRICE_CHANGE: 1.0,
}
"""Beyond which an input makes no sense."""


class InputSource(StrEnum):
    """Where an input of the business case is from."""

    ASSUMED = auto()
    MEASURED = auto()
    ENTERED = auto()


@dataclass(frozen=True, kw_only=True)
class CaseInputs:
    """What a business case is computed with."""

    measured: Mapping[CaseInput, float] = field(default_factory=dict)
    entered: Mapping[CaseInput, float] = field(default_factory=dict)
    unit: str = ""
    """What the team counts: a ticket, a document. Empty: a call."""
    one_off_usd: float | None = None
    """All that is paid once, where a scenario sets it; None: the sum of its items."""

    def __getitem__(self, key: CaseInput) -> float:
        return next(values[key] for values in (self.entered, self.measured, ASSUMED) if key in values)

    def source(self, key: CaseInput) -> InputSource:
        """Where a value is from."""
        if key in self.entered:
            return InputSource.ENTERED
        return InputSource.MEASURED if key in self.measured else InputSource.ASSUMED


@dataclass(frozen=True, kw_only=True)
class Moving:
    """A use case that moves, as the business case counts it."""

    use_case: str
    today_usd: float
    """The bill a month."""
    saved: Money
    """A month, once all traffic has moved."""
    changes: tuple[CaseInput, ...]
    """Of CHANGES."""
    ramp: tuple[tuple[float, float], ...]
    """(share of the traffic that has moved, days), in order; share 0 is the shadow. Afterwards everything has moved."""
    shadow_share: float
    """Of the calls, which both models answer in the shadow."""
    output_share: float | None = None
    """Of the new bill, what its answers cost; None: not known."""


class CostItem(StrEnum):
    """What a migration costs once."""

    ENGINEERING = auto()
    EVALUATION = auto()
    TRAINING = auto()
    SHADOW = auto()
    FALLBACK = auto()
    GIVEN = auto()
    """All of it, as a scenario sets it."""


@dataclass(frozen=True, kw_only=True)
class Month:
    """One month of the business case."""

    number: int
    """From 1."""
    saved: Money
    net: Money
    """All that is saved so far, less what is paid once."""


class Assumption(StrEnum):
    """What a business case hangs on."""

    SAVING = auto()
    """The ends of its confidence interval."""
    VOLUME = auto()
    NEW_PRICE = auto()
    OLD_PRICE = auto()
    OUTPUT_LENGTH = auto()
    """Of the new model's answers, reasoning included."""
    ENGINEERING = auto()
    ROLL_OUT = auto()
    """Its length."""


@dataclass(frozen=True, kw_only=True)
class Swing:
    """What a year would bring if one assumption were off."""

    assumption: Assumption
    by: tuple[float, float] | None
    """Share off, in both directions; None: the ends of an interval."""
    usd: tuple[float, float]
    """The net of twelve months at each end."""


class CaseOption(StrEnum):
    """What can be done, side by side."""

    NOTHING = auto()
    SUCCESSOR = auto()
    """The model that the provider recommends once today's is gone."""
    PLAN = auto()
    SIBLING = auto()
    PROMPT_CACHING = auto()
    RESPONSE_CACHE = auto()
    BATCH = auto()
    OTHER_HOST = auto()
    """The chosen model at the cheapest host of the catalog."""
    ROUTE = auto()
    SELF_HOST = auto()
    NO_LLM = auto()


@dataclass(frozen=True, kw_only=True)
class OptionCost:
    """One of the options."""

    option: CaseOption
    monthly_usd: Money | None = None
    """At today's traffic; None: not known."""
    is_measured: bool = False
    """Its quality was compared, or its answers stay the same."""
    is_minor: bool = False
    """It saves next to nothing on this log."""
    model: str = ""
    retires: date | None = None
    """When its model is switched off."""

    def year_usd(self, one_off_usd: float = 0.0) -> Money | None:
        """Twelve bills, and what is paid once."""
        return self.monthly_usd and self.monthly_usd.times(12).plus(one_off_usd)


@dataclass(frozen=True, kw_only=True)
class BusinessCase:
    """What a migration costs, saves and rests on."""

    inputs: CaseInputs
    moving: tuple[Moving, ...]
    one_off: Mapping[CostItem, float]
    """Dollars."""
    months: tuple[Month, ...]
    payback: int | None
    """The first month at whose end all that was paid is saved; None: none of those looked at."""
    swings: tuple[Swing, ...]
    """The widest first."""
    today_usd: float | None = None
    """The bill of a month of all use cases; None: not known."""
    calls: float | None = None
    """Those that this bill is for."""
    options: tuple[OptionCost, ...] = ()

    @property
    def saved(self) -> Money:
        """A month, once everything has moved."""
        return Money(
            low=sum(one.saved.low for one in self.moving),
            point=sum(one.saved.point for one in self.moving),
            high=sum(one.saved.high for one in self.moving),
        )

    @property
    def plan_usd(self) -> float | None:
        """The bill of a month once everything has moved."""
        return None if self.today_usd is None else self.today_usd - self.saved.point

    @property
    def per_unit(self) -> tuple[float, float] | None:
        """Dollars for a unit of work: today, with the plan. None: not known."""
        if not self.calls or self.today_usd is None or self.plan_usd is None:
            return None
        unit = self.inputs[CaseInput.CALLS_A_UNIT] / self.calls
        return self.today_usd * unit, self.plan_usd * unit

    @property
    def retires(self) -> date | None:
        """When today's model is switched off."""
        return next((each.retires for each in self.options if each.option is CaseOption.NOTHING), None)

    @property
    def one_off_usd(self) -> float:
        """All that is paid once."""
        return sum(self.one_off.values())

    def one_off_of(self, option: OptionCost) -> float:
        """What an option costs once: only that of the plan is known."""
        return self.one_off_usd if option.option is CaseOption.PLAN else 0.0

    def net(self, months: int) -> Money:
        """Saved less paid after so many months."""
        return self.months[months - 1].net
