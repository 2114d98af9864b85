"""The business case of a migration: what it costs once, what it saves by month, and what that rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum, auto
from typing import NamedTuple

from advisor.types.assessments import Money


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

    def __getitem__(self, key: CaseInput) -> float:
        return next(values[key] for values in (self.entered, self.listed, self.measured, ASSUMED) if key in values)

    def source(self, key: CaseInput) -> InputSource:
        """Where a value is from."""
        if key in self.entered:
            return InputSource.ENTERED
        if key in self.listed:
            return InputSource.LISTED
        return InputSource.MEASURED if key in self.measured else InputSource.ASSUMED


class Ending(NamedTuple):
    """What follows when today's model is switched off."""

    in_days: float
    usd: float
    """The bill a month with its successor."""
    on: date | None = None
    successor: str = ""


class CacheEffect(NamedTuple):
    """Another share of the prompt tokens read from a cache."""

    by: float
    """A fraction of the prompt."""
    today: float
    """What becomes of today's bill, as a factor; ``new``: of the new one."""
    new: float


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
    starts_in: float = 0.0
    """Days from the start of the case."""
    ending: Ending | None = None
    """None: no switch-off is known."""
    output_share: float | None = None
    """Of the new bill; None: not known."""
    cached: tuple[CacheEffect, CacheEffect] | None = None
    """With a smaller and a larger share; None: not known."""
    is_self_hosted: bool = False


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
    saved: Money
    net: Money
    """All that is saved so far, less what is paid once."""


class Assumption(StrEnum):
    """What a business case hangs on."""

    SAVING = auto()
    VOLUME = auto()
    NEW_PRICE = auto()
    OLD_PRICE = auto()
    OUTPUT_LENGTH = auto()
    CACHE_SHARE = auto()
    UTILIZATION = auto()
    SUCCESSOR_PRICE = auto()
    ENGINEERING = auto()
    ROLL_OUT = auto()


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
    """It saves next to nothing."""
    model: str = ""
    retires: date | None = None
    """When its model is switched off."""


@dataclass(frozen=True, kw_only=True)
class BusinessCase:
    """What a migration costs, saves and rests on."""

    inputs: CaseInputs
    moving: tuple[Moving, ...]
    one_off: Mapping[CostItem, float]
    months: tuple[Month, ...]
    payback: int | None
    """The first month at whose end all that was paid is saved; None: none of those looked at."""
    swings: tuple[Swing, ...]
    """The widest first."""
    today_usd: float | None = None
    """The bill of a month of all use cases; None: not known."""
    calls: float | None = None
    options: tuple[OptionCost, ...] = ()
    start: date | None = None
    avoided_usd: float = 0.0
    """What moving to successors would cost once; a move before the switch-off saves it."""

    @property
    def saved(self) -> Money:
        """A month at full roll-out, while today's model is still there."""
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
    def ending(self) -> Ending | None:
        """The first switch-off of a model that something moves from; None: none is known."""
        return min((one.ending for one in self.moving if one.ending), default=None)

    @property
    def saved_later(self) -> float | None:
        """A month, against the successors of the models that are switched off; None: none is."""
        if self.ending is None:
            return None
        return self.saved.point + sum(one.ending.usd - one.today_usd for one in self.moving if one.ending)

    @property
    def one_off_usd(self) -> float:
        """All that is paid once."""
        return sum(self.one_off.values())

    def net(self, months: int) -> Money:
        """Saved less paid after so many months."""
        return self.months[months - 1].net
