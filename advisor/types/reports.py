"""The plan and the report that follow from a decision."""

from dataclasses import dataclass

from advisor.types import PriceSource
from advisor.types.calls import Model
from advisor.types.decisions import Money, Recommendation
from advisor.types.words import Json, Verdict


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One step of the roll-out."""

    name: str
    traffic_share: float
    duration: str
    entry: tuple[str, ...]
    exit: tuple[str, ...]
    rollback: str


@dataclass(frozen=True, kw_only=True)
class Move:
    """What the plan does with one use case."""

    use_case: str
    verdict: Verdict
    to: str | None
    """The candidate, or None: stays."""
    baseline: str = ""
    """The model it stays on; empty: the plan was stored before this was kept."""
    why: str
    monthly_calls: float | None
    savings_usd: Money | None
    quality: str
    """Score against baseline with interval and n, in words."""
    licence: str | None
    illustrative: bool
    provisional: bool = False
    """It rests on a judge with too few human reviews so far."""
    phases: tuple[Phase, ...] = ()
    risks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The migration plan."""

    moves: tuple[Move, ...]
    next_steps: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Example:
    """A pair of answers side by side."""

    use_case: str
    model: str
    prompt: str
    baseline: str
    candidate: str
    note: str
    """Why it is shown: for instance "the candidate lost here"."""
    illustrative: bool = False


@dataclass(frozen=True, kw_only=True)
class Report:
    """All that is on the PDF."""

    recommendation: Recommendation
    plan: Plan
    examples: tuple[Example, ...]
    log: dict[str, Json]
    """Import facts: files, rows, accepted, rejected, duplicates, not_replayable, first_at, last_at, redacted and
    traffic_share.
    """
    models: tuple[Model, ...]
    price_sources: tuple[PriceSource, ...]
