"""How a call was served, where that changes its price: in a batch, on another tier, somewhere, with a longer cache."""

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
