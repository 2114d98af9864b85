"""What if: limits and assumptions that a decision is looked at with, and those that are kept under a name."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from advisor.types.assessments import Money
from advisor.types.studies import Study


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a person accepts in a study."""

    margin: float | None = None
    """None: the default of each endpoint."""
    confidence: float = 0.95
    max_latency_p95_s: float | None = None
    max_ttft_p95_s: float | None = None
    use_cases: Mapping[int, float] = field(default_factory=dict)
    """Id of a use case -> its own margin."""

    @classmethod
    def of(cls, study: Study, use_cases: Mapping[int, float]) -> "Limits":
        """A study's own."""
        return cls(
            margin=study.margin,
            confidence=study.confidence,
            max_latency_p95_s=study.max_latency_p95_s,
            max_ttft_p95_s=study.max_ttft_p95_s,
            use_cases=use_cases,
        )

    def set_for(self, study: Study) -> Study:
        """The study with these in place of its own, but for those of its use cases."""
        return replace(
            study,
            margin=self.margin,
            confidence=self.confidence,
            max_latency_p95_s=self.max_latency_p95_s,
            max_ttft_p95_s=self.max_ttft_p95_s,
        )


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """What the bill is projected with."""

    traffic: float = 1.0
    """Times that of the log."""
    price: float = 1.0
    """Of the candidates, times what they cost in the run."""
    one_off_usd: float = 0.0
    """What the migration costs once."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Limits and assumptions under a name."""

    name: str
    limits: Limits
    assumed: Assumptions = Assumptions()
    chosen: bool = False
    """Whether the report shows it."""


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """What one acceptable drop allows."""

    margin: float
    savings_usd: Money | None
    """A month; None: unknown."""
    moves: tuple[str, ...]
    """Use cases."""
