"""The tokens of a call, and where its price comes from."""

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


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
    """Of an override, the address it was found at."""

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
