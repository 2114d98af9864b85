"""What a mean may hide, as a code with the numbers it rests on."""

from dataclasses import dataclass
from datetime import datetime

from advisor.types.words import CaveatCode


@dataclass(frozen=True, kw_only=True)
class Caveat:
    """What the mean of a candidate hides, and the numbers it rests on. Rates, scores and p are fractions."""

    code: CaveatCode
    n: int
    """Samples that it speaks of: of the class or field, since ``at``, or all that could be looked at."""
    value: float
    """The candidate's score or rate on them; of P95_FAR seconds."""
    baseline_value: float
    """The baseline's; where answers are copied and only recorded ones are compared with, the log's own rate."""
    p: float
    """One-sided."""
    where: str = ""
    """The class or the field."""
    at: datetime | None = None
    """Since when; None where the log has no times, and its order is that of its rows."""
    before: float | None = None
    """The difference from the baseline before that."""

    @property
    def holds(self) -> bool:
        """Whether it holds a ``switch``."""
        return self.code.holds
