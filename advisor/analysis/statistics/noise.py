"""The noise floor: how much the baseline differs from itself when it is asked twice."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from advisor.analysis.statistics.intervals import mcnemar_exact, mean_t, t_of, tango
from advisor.types import Endpoint, Message, Noise, WarningCode


@dataclass(frozen=True, kw_only=True)
class NoiseFloor:
    """The baseline against itself, in one use case or pooled over the run."""

    n: int
    """Samples asked and scored twice."""
    better: int
    """The second answer scored higher."""
    worse: int
    size: float | None = 1.0
    """Of every difference that is not 0; None where they are of several sizes."""
    mean: float = 0.0
    """Of the differences, with its standard error: used only where they are of several sizes."""
    se: float = math.nan

    @property
    def p_value(self) -> float:
        """Exact two-sided p of "the second round is different from the first"."""
        return mcnemar_exact(self.better, self.worse)

    @property
    def is_different(self) -> bool:
        """The same model scored differently against itself, so the measuring chain cannot be trusted."""
        return self.n > 0 and self.p_value < 0.05

    @property
    def delta(self) -> float:
        """How much higher the second answers scored on average."""
        return self.mean if self.size is None else self.size * (self.better - self.worse) / self.n

    def interval(self, confidence: float) -> tuple[float, float]:
        """Where that average lies: Tango for differences of one size, else mean and t."""
        if self.size is not None:
            low, high = tango(self.better, self.worse, self.n, confidence)
            return self.size * low, self.size * high
        half = t_of(self.n - 1, confidence) * self.se
        return max(self.mean - half, -1.0), min(self.mean + half, 1.0)


def noise_floor(rounds: Iterable[tuple[float | None, float | None]]) -> NoiseFloor | None:
    """From (first score, second score) of the baseline per sample; None without a sample scored twice.

    Where a judge compares the second answer with the first, the first score is 0.5.
    """
    d = np.array([second - first for first, second in rounds if first is not None and second is not None])
    if len(d) == 0:
        return None
    sizes = np.unique(np.abs(d[d != 0]))
    size = 1.0 if len(sizes) == 0 else float(sizes[0]) if len(sizes) == 1 else None
    mean = mean_t(d)
    better, worse = int(np.sum(d > 0)), int(np.sum(d < 0))
    return NoiseFloor(n=len(d), better=better, worse=worse, size=size, mean=mean.mean, se=mean.se)


def noise_of(floor: NoiseFloor, endpoint: Endpoint, confidence: float) -> Noise:
    """On the scale of a candidate's difference; bare counts of wins and losses are halved to points of win rate."""
    half = 0.5 if endpoint is Endpoint.PAIRWISE and floor.size == 1.0 else 1.0
    low, high = floor.interval(confidence)
    return Noise(n=floor.n, delta=half * floor.delta, low=half * low, high=half * high)


def finding(noise: NoiseFloor | None) -> Message:
    """What calling the baseline twice showed; the code is a WarningCode."""
    if noise is None:
        return Message.of(WarningCode.NOISE_UNKNOWN)
    code = WarningCode.NOISE_DIFFERS if noise.is_different else WarningCode.NOISE_SAME
    return Message.of(code, better=noise.better, worse=noise.worse, n=noise.n)
