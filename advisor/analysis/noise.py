"""The noise floor: how much the baseline differs from itself when it is asked twice."""

from collections.abc import Iterable
from dataclasses import dataclass

from advisor.analysis.intervals import mcnemar_exact


@dataclass(frozen=True, kw_only=True)
class NoiseFloor:
    """The baseline against itself, pooled over the run."""

    n: int
    """Samples asked and scored twice."""
    better: int
    """The second answer scored higher."""
    worse: int

    @property
    def p_value(self) -> float:
        """Exact two-sided p of "the second round is different from the first"."""
        return mcnemar_exact(self.better, self.worse)

    @property
    def is_different(self) -> bool:
        """The same model scored differently against itself, so the measuring chain cannot be trusted."""
        return self.n > 0 and self.p_value < 0.05


def noise_floor(rounds: Iterable[tuple[float | None, float | None]]) -> NoiseFloor | None:
    """From (first score, second score) of the baseline per sample; None without a sample scored twice."""
    pairs = [(first, second) for first, second in rounds if first is not None and second is not None]
    if not pairs:
        return None
    return NoiseFloor(n=len(pairs), better=sum(b > a for a, b in pairs), worse=sum(b < a for a, b in pairs))


def describe(noise: NoiseFloor | None) -> str:
    """What asking the baseline twice showed, in one sentence."""
    if noise is None:
        return (
            "Not known: the baseline was not asked twice, so part of any difference may be chance in its own answers."
        )
    if noise.is_different:
        return (
            f"The baseline differs from itself when asked twice ({noise.better} better, {noise.worse} worse of "
            f"{noise.n}), so these measurements cannot be trusted yet."
        )
    return (
        f"Asked twice, the baseline scored differently on {noise.better + noise.worse} of {noise.n} samples, "
        "with no lean to either side."
    )
