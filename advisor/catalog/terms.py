"""How a call was served, where that changes its price: in a batch, on another tier, with a longer cache."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from advisor.types import Json

TIER_KEYS = dict.fromkeys(("service_tier", "speed")).keys()
"""Parameters that name a tier, the more telling first."""
STANDARD_WORDS = frozenset({"", "auto", "default", "standard", "standard_only", "on_demand"})
"""What providers call the service that has the list price."""
KEPT_AN_HOUR = "with a cache kept an hour"
"""How the source of a list price ends that the tokens of a call alone do not tell again."""
_TIER_PRICE = re.compile(r", [a-z_]+( \(current price\))?$")
"""How the source of a price ends that is not the list price."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a price depends on besides the model, the tokens and the time."""

    tier: str | None = None
    """``batch``, ``flex``, ``priority``, ``fast`` or another word of a provider's; None: the list price."""
    cache_write_1h_tokens: int = 0
    """The part of the cache writes that are kept for an hour instead of five minutes."""

    @property
    def context(self) -> dict[str, str] | None:
        """The tier as genai-prices asks for it; None: the list price."""
        if self.tier is None:
            return None
        if self.tier == "batch":
            return {"processing": "batch"}
        return {"service_tier": self.tier, "speed": self.tier}


STANDARD = Terms()


def terms_of(params: Mapping[str, Json]) -> Terms:
    """The terms that the parameters of a call ask for, as ``service_tier`` or, at Anthropic, ``speed``."""
    for key in TIER_KEYS:
        word = params.get(key)
        if isinstance(word, str) and word.strip().lower() not in STANDARD_WORDS:
            return Terms(tier=word.strip().lower())
    return STANDARD


def is_tier_price(source: object) -> bool:
    """Whether the source of a cost says that it is not the list price; of a logged cost nobody knows."""
    return isinstance(source, str) and _TIER_PRICE.search(source) is not None
