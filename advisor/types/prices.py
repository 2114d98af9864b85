"""The tokens of a call, where its price comes from, and what a provider billed next to what a log says."""

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto
from typing import Any, NamedTuple


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
    INPUT = ("input_tokens", "cache_read_tokens", "cache_write_tokens")
    BILLED = (*INPUT, "output_tokens")
    """The counts that have a price each, in the order of all prices of a token."""

    @classmethod
    def of(cls, counts: Mapping[Any, Any]) -> "Usage":
        """From whole numbers of any kind by the names above, NaN for none; other names are passed over."""
        return cls(**{name: int(count) for name in cls.__dataclass_fields__ if (count := counts[name]) == count})

    @property
    def total_input_tokens(self) -> int:
        """Input as the model saw it: uncached, read from and written to the cache."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens

    @staticmethod
    def cost_of(tokens: Any, usd_per_token: Iterable[Any]) -> Any:
        """Dollars of BILLED, which are numbers or whole columns: of a ``Usage``, a data frame or a table."""
        paid_in, read, write, out = usd_per_token
        return (
            tokens.input_tokens * paid_in
            + tokens.cache_read_tokens * read
            + tokens.cache_write_tokens * write
            + tokens.output_tokens * out
        )


class PriceOrigin(StrEnum):
    """Who says what a call cost."""

    LOG = "log"
    """The log itself."""
    CONTRACT = "contract"
    """Entered with the model."""
    GENAI_PRICES = "genai_prices"
    """Dated list prices."""
    LITELLM = "litellm"
    """List prices without dates: the current price, also for an old call."""
    OVERRIDE = "override"
    """The catalog's own price for a name and time that the lists get wrong."""
    BUILTIN = "builtin"
    """Runs on this machine, for free."""
    MODEL_PRICES = "model_prices"
    """A list of earlier versions of this program."""
    OTHER = "other"
    """Of an earlier version, as ``note`` has it."""


@dataclass(frozen=True, kw_only=True)
class PriceSource:
    """The price that a cost was computed with, but for the numbers."""

    origin: PriceOrigin
    version: str | None = None
    """Of the list, a number or a day; of an override the day on which it was looked up."""
    tier: str | None = None
    """``batch``, ``flex`` or another word of a provider's; None: the standard price."""
    geography: str | None = None
    """Where the call had to be served, such as ``us``; None: anywhere."""
    cache_1h: bool = False
    """Cache writes kept for an hour count, at the standard tier: the stored tokens do not tell how many they are."""
    text_only: bool = False
    """The provider billed more than tokens of text, and the cost leaves it out."""
    note: str | None = None
    """Of an override, the address it was found at; of a contract, the listed model with the same price."""

    @property
    def is_standard(self) -> bool:
        """Whether no tier or geography changes the price."""
        return self.tier is None and self.geography is None

    @property
    def code(self) -> str:
        """As stored: equal sources have equal codes."""
        return _code(self)

    @staticmethod
    @functools.lru_cache(maxsize=4096)
    def of(code: str) -> "PriceSource":
        """The source with this code."""
        fields = json.loads(code)
        return PriceSource(**{**fields, "origin": PriceOrigin(fields["origin"])})


@functools.lru_cache(maxsize=4096)
def _code(source: PriceSource) -> str:
    fields = {name: value for name, value in vars(source).items() if value not in (None, False)}
    return json.dumps(fields, sort_keys=True, separators=(",", ":"))


AS_LOGGED = PriceSource(origin=PriceOrigin.LOG)
AT_CONTRACT = PriceSource(origin=PriceOrigin.CONTRACT)
ON_THIS_MACHINE = PriceSource(origin=PriceOrigin.BUILTIN)


_COUNTED = ("requests", "input_tokens", "output_tokens")
_WHOLE = 1.02
"""A log with a little more than the export has is all of it: a day may end at another moment."""


class TotalSource(StrEnum):
    """Which export of a provider totals are from."""

    OPENAI_USAGE = auto()
    OPENAI_COSTS = auto()
    ANTHROPIC_USAGE = auto()
    ANTHROPIC_COSTS = auto()
    GATEWAY_TOTALS = auto()
    """Of any gateway or team: requests by day and model, perhaps with tokens and dollars."""


class Total(NamedTuple):
    """What a provider counted or billed on one day (UTC) for one model. None: the export doesn't tell."""

    source: TotalSource
    day: date
    model: str
    """As the export names it, or what else was billed; empty: it isn't split by model."""
    requests: float | None
    input_tokens: float | None
    """With those read from and written to the cache."""
    output_tokens: float | None
    usd: float | None


def add_totals(totals: Sequence[Total]) -> tuple[float | None, float | None, float | None, float | None]:
    """Requests, input tokens, output tokens and dollars of several totals; what none of them tells stays unknown."""

    def add(values: Iterable[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return sum(known) if known else None

    requests, given, taken = (add(getattr(each, name) for each in totals) for name in _COUNTED)
    return requests, given, taken, add(each.usd for each in totals)


class ShareBasis(StrEnum):
    """What the share of the traffic was found by."""

    REQUESTS = auto()
    TOKENS = auto()
    COST = auto()


class ModelTotal(NamedTuple):
    """What an export has for one model."""

    model: str
    """Empty: not split by model."""
    requests: int | None
    input_tokens: int | None
    output_tokens: int | None
    billed_usd: float | None
    in_log: bool


@dataclass(frozen=True, kw_only=True)
class Share:
    """How much of what a provider counted is in the log, on the same days and of the same models."""

    basis: ShareBasis
    source: TotalSource
    days: tuple[date, date]
    logged: float
    counted: float
    models: tuple[str, ...]

    @property
    def fraction(self) -> float | None:
        """None: the log has more than the export, so that it can't be a part of it."""
        found = self.logged / self.counted
        return None if found > _WHOLE else min(found, 1.0)


@dataclass(frozen=True, kw_only=True)
class BillCheck:
    """The bill projected from the log next to what was billed, on the same days and for the same models."""

    days: tuple[date, date]
    providers: tuple[str, ...]
    projected_usd: float
    billed_usd: float
    models: tuple[str, ...]
    others_usd: float
    """Billed on these days for models that aren't in the log, and for other things."""

    @property
    def off(self) -> float:
        """How much more was billed, as a part of the projection."""
        return self.billed_usd / self.projected_usd - 1


@dataclass(frozen=True, kw_only=True)
class Billed:
    """All that the exports of a study tell."""

    days: tuple[date, date]
    sources: tuple[TotalSource, ...]
    models: tuple[ModelTotal, ...]
    """The most expensive first."""
    share: Share | None
    """None: the log has none of these calls on these days."""
    is_used: bool
    """Whether the study's share of the traffic is this one."""
    check: BillCheck | None
    has_log: bool
    entered: float
    """The share of the traffic that the study uses."""

    @property
    def usd(self) -> float | None:
        """All that was billed."""
        known = [each.billed_usd for each in self.models if each.billed_usd is not None]
        return sum(known) if known else None
