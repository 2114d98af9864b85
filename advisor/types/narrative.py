"""An executive summary that a model wrote."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Narrative:
    """Its text, every number of which is one of the facts."""

    model: str
    text: str
    cost_usd: float | None = None
    """None: unpriced."""
