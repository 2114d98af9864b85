"""How a call was served, where that changes its price: in a batch, on another tier, somewhere, with a longer cache."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from advisor.types import Json

GEOGRAPHY = "inference_geo"
"""Parameter by which Anthropic is told where to serve a call."""
_TIERS = ("service_tier", "speed")
"""Parameters that name a tier, the more telling first."""
TERM_KEYS = frozenset({*_TIERS, GEOGRAPHY})
"""Parameters that tell how a call is served."""
STANDARD_WORDS = frozenset({"", "auto", "default", "standard", "standard_only", "on_demand"})
"""What providers call the service that has the list price."""
ANYWHERE = frozenset({"", "global", "not_available"})
"""What Anthropic calls the geography that has the list price."""
KEPT_AN_HOUR = "with a cache kept an hour"
"""How the source of a list price ends that the tokens of a call alone do not tell again."""
OF_TEXT_ALONE = "without what is billed beside text"
"""How the source of a price ends where the provider billed more than tokens of text."""
_TIER_PRICE = re.compile(
    rf"(, (?P<first>[a-z_]+))?, (?P<word>[a-z_]+)( \(current price\))?(, {KEPT_AN_HOUR})?(, {OF_TEXT_ALONE})?$"
)
"""How the source of a price ends that is not the list price."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a price depends on besides the model, the tokens and the time."""

    tier: str | None = None
    """``batch``, ``flex``, ``priority``, ``fast`` or another word of a provider's; None: the list price."""
    geography: str | None = None
    """Where it had to be served, such as ``us``, at Anthropic; None: anywhere, for the list price."""
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
    """The terms that parameters ask for, as ``service_tier`` or, at Anthropic, ``speed`` and ``inference_geo``."""
    tiers = (_word(params.get(key), STANDARD_WORDS) for key in _TIERS)
    return Terms(tier=next(filter(None, tiers), None), geography=_word(params.get(GEOGRAPHY), ANYWHERE))


def _word(value: Json, usual: Collection[str]) -> str | None:
    word = value.strip().lower() if isinstance(value, str) else ""
    return None if word in usual else word


def of_all(source: str) -> str:
    """The source of a price without the words on what else the provider billed."""
    return source.removesuffix(f", {OF_TEXT_ALONE}")


def tier_of(source: object) -> tuple[str, ...]:
    """The tier and the geography, as far as the source of a cost says them; none: the list price, or a logged cost."""
    found = _TIER_PRICE.search(source) if isinstance(source, str) else None
    return tuple(filter(None, (found["first"], found["word"]))) if found else ()


def is_tier_price(source: object) -> bool:
    """Whether the source of a cost says that it is not the list price; of a logged cost nobody knows."""
    return bool(tier_of(source))
