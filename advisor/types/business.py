"""The business case of a migration: what it costs once, what it saves by month, and what that rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum, auto
from typing import NamedTuple

from advisor.types.assessments import Money
from advisor.types.decisions import Replaced
from advisor.types.enums import Verdict
from advisor.types.scenarios import CaseInput, CaseInputs

DAYS_A_MONTH = 365.25 / 12


class Ending(NamedTuple):
    """What follows when today's model is switched off."""

    in_days: float
    usd: float
    """The bill a month with its successor."""
    on: date | None = None
    successor: str = ""
    verdict: Verdict | None = None
    """What the run found of the successor here; KEEP: it failed on a use case of today's model, None: untested."""


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
    labels: int = 0
    """Live calls that people label, in all steps."""
    is_late: bool = False
    """Today's model ends too soon for it: it moves from the successor."""


class CostItem(StrEnum):
    """What a migration costs once."""

    ENGINEERING = auto()
    TEST_CHEAPER = auto()
    """The tests of closed models, which come first."""
    JUDGE = auto()
    HOST = auto()
    TEST = auto()
    REVIEW = auto()
    APPROVAL = auto()
    LABELS = auto()
    EVALUATION = auto()
    TRAINING = auto()
    SHADOW = auto()
    FALLBACK = auto()
    GIVEN = auto()


@dataclass(frozen=True, kw_only=True)
class Month:
    """One month of the business case."""

    number: int
    saved: Money
    net: Money
    """All that is saved so far, less what is paid once."""
    avoided_usd: float = 0.0
    """Of what is saved: work that a move to the successor would cost."""


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
    LARGEST_MOVE = auto()
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
    payback: int | None = None
    """The month that pays it back where the largest move doesn't happen."""


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
    model: str = ""
    retires: date | None = None
    """When its model is switched off."""
    per_million: tuple[float, float] | None = None
    """Dollars for a million tokens in and out, as listed; None: not looked up."""


class OutcomeKind(StrEnum):
    """What the tests before a move can end in."""

    CHEAPER = auto()
    """The closed model tested first passes on every use case."""
    PLAN = auto()
    """Only the open models pass, and move as planned."""
    PART = auto()
    """The same, but not where it saves most."""
    NEITHER = auto()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one end of the tests comes to in a year, against no test: net = bills + avoided_usd - once_usd."""

    kind: OutcomeKind
    once: Mapping[CostItem, float]
    net: Money
    bills: Money
    """Saved in all."""
    saved: Money
    """A month at full roll-out, at today's prices."""
    later: Money | None = None
    """The same once the model is switched off; None: it isn't."""
    avoided_usd: float = 0.0
    """Work that a move to the successor would cost; ``adopting_usd``: does cost, for what moves to it in the year."""
    adopting_usd: float = 0.0
    payback: int | None = None
    use_cases: int = 0
    """That move."""
    without: str = ""
    """The use case that doesn't, of a part of the plan."""

    @property
    def once_usd(self) -> float:
        """All that is paid once."""
        return sum(self.once.values())


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
    saved_before_usd: float = 0.0
    """In all, before the first switch-off of a model that something moves from."""
    outcomes: tuple[Outcome, ...] = ()
    """Of the tests that come first."""
    replaced: Mapping[str, Replaced] = field(default_factory=dict)
    """As a plan has them."""

    @property
    def saved(self) -> Money:
        """A month at full roll-out, while today's model is still there."""
        return Money(
            low=sum(one.saved.low for one in self.moving),
            point=sum(one.saved.point for one in self.moving),
            high=sum(one.saved.high for one in self.moving),
        )

    @property
    def largest(self) -> Moving | None:
        """The move that most hangs on; None: there is but one."""
        return max(self.moving, key=lambda one: one.saved.point) if len(self.moving) > 1 else None

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
    def pays(self) -> bool:
        """Whether the moves save more than they cost in all the months looked at."""
        return self.net(len(self.months)).point > 0

    @property
    def overtaken_by(self) -> Ending | None:
        """The switch-off after which the provider's successor costs so little that moving never pays; else None."""
        ending = self.ending
        if ending is None or not ending.successor or self.pays:
            return None
        costs_less = sum(one.ending.usd - one.today_usd for one in self.moving if one.ending) < 0
        return ending if costs_less else None

    @property
    def successor_passed(self) -> bool:
        """Whether the run found the successor good enough wherever something moves."""
        return all(one.ending and one.ending.verdict is Verdict.SWITCH for one in self.moving)

    @property
    def saved_later(self) -> float | None:
        """A month, against the successors of the models that are switched off; None: none is."""
        if self.ending is None:
            return None
        return self.saved.point + sum(one.ending.usd - one.today_usd for one in self.moving if one.ending)

    @property
    def is_brief(self) -> bool:
        """Whether no month at full roll-out saves as much: today's model ends before, and what follows costs less."""
        later = self.saved_later
        return later is not None and later < self.saved.point and self.saved_before_usd < self.saved.point

    @property
    def one_off_usd(self) -> float:
        """All that is paid once."""
        return sum(self.one_off.values())

    def net(self, months: int) -> Money:
        """Saved less paid after so many months."""
        return self.months[months - 1].net
