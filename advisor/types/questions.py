"""What a product manager asks about the models of a study, as facts. None: not known."""

from dataclasses import dataclass
from enum import StrEnum, auto
from typing import NamedTuple

from advisor.types.assessments import Money
from advisor.types.enums import GateName
from advisor.types.scores import FailureKindName


class Potential(StrEnum):
    """What speaks for fine-tuning a model, or against it."""

    NOT_NEEDED = auto()
    """It is good enough wherever it was measured."""
    GOOD = auto()
    """Its license allows it, and one GPU serves it."""
    LARGE = auto()
    """Its license allows it, and it takes several GPUs."""
    LICENCE = auto()
    """Its license has to be read first."""
    UNKNOWN = auto()
    """The catalog doesn't know the model, or not its size."""


class Spread(NamedTuple):
    """The least and the most over use cases."""

    p95_s: tuple[float, float] | None
    usd_per_1k: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class Weights:
    """What the catalog knows of an open model."""

    licence: str | None
    is_permissive: bool
    total_b: float | None
    """Billions of parameters."""
    memory_gb: float | None
    """That serving takes, without headroom for long contexts."""
    gpu: str | None = None
    """The cheapest to rent that hold it ..."""
    gpus: int | None = None
    """... so many of them ..."""
    usd_a_month: float | None = None
    """... for so much, running all the time."""


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One candidate over all use cases; these by name."""

    model: str
    illustrative: bool
    good: tuple[str, ...]
    partly: tuple[str, ...]
    """Good enough behind a router."""
    worse: tuple[str, ...]
    undecided: tuple[str, ...]
    deltas: tuple[tuple[str, float], ...]
    """(use case, difference from the baseline as a fraction), the best first."""
    failing: tuple[GateName, ...]
    spread: Spread
    weights: Weights | None
    potential: Potential


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """The use case that is just short of a move and where most is paid, and the candidate that is closest there."""

    use_case: str
    contender: Contender
    samples: int
    """Logged calls."""
    has_references: bool
    tested: int
    """Samples of the run that count."""
    delta: float
    margin: float
    failures: tuple[tuple[FailureKindName, int], ...]
    """What was lost to the baseline, the most frequent first."""
    saved: Money | None
    """A month, if it were good enough."""
    training_usd: float | None


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What the six questions are answered from, besides the decision, its case and its plan."""

    contenders: tuple[Contender, ...]
    """The one that is good enough most often first."""
    baseline: Spread
    open_cases: tuple[str, ...]
    """Use cases that move to a model known to be open ..."""
    open_share: float | None
    """... and what they are of today's bill."""
    tuning: Tuning | None
    """None: no use case is just short of a move."""
