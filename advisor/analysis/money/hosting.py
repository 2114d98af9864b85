"""Running an open model on GPUs of one's own: memory, machines, dollars a month, and when that pays.

Sources: the key-value cache is that of the vLLM paper (Kwon et al. 2023, section 3); dollars per token, 10 % of memory
on top, 90 % of a GPU as its usable part, and the bytes of a weight are METHOD 4. GB are 1e9 bytes; that the memory
of a GPU is meant so too errs on the safe side.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from advisor.types import Money
from advisor.types.business import DAYS_A_MONTH

HOURS_A_MONTH = 24 * DAYS_A_MONTH
SECONDS_A_MONTH = 3600 * HOURS_A_MONTH
CHOICES = (1, 2, 4, 8)
"""GPUs that one copy of the model may be spread over, inside one machine."""
OVERHEAD = 0.10
USABLE = 0.90
FIRST_GUESS = 1.2
"""Times the weights: what serving takes where the shape of the cache is not known (METHOD 4)."""
THROUGHPUT_SPREAD = 0.30
"""How far a throughput that was not measured here may be off, either way."""
BYTES = {"bf16": 2.0, "fp8": 1.0, "int8": 1.0, "q6_k": 0.8125, "nvfp4": 0.5625, "q4_k_m": 0.5625, "mxfp4": 0.53}
"""Precision -> bytes of one weight."""


class Shape(NamedTuple):
    """What the cache of a model with grouped attention depends on."""

    layers: int
    kv_heads: int
    head_dim: int
    bytes_each: float = 2.0


class Memory(NamedTuple):
    """What one copy of the model takes, in GB."""

    weights_gb: float
    kv_gb: float | None
    """None: the shape of the cache is not known."""
    total_gb: float


class Fit(NamedTuple):
    """One copy spread over so many GPUs."""

    gpus: int
    needed_gb: float
    """On each of them."""
    usable_gb: float

    @property
    def fits(self) -> bool:
        """Whether each GPU holds its part."""
        return self.needed_gb <= self.usable_gb


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """What a service of one's own costs, by how much it has to do."""

    gpu_usd_per_hour: float
    gpus: int
    """Of one copy."""
    copy_tokens_per_s: float
    """Output tokens that one copy makes when it is kept busy."""
    mean_over_peak: float
    """Tokens of an average hour over those of the busiest one, above 0 and up to 1."""
    spare: int
    """Copies beside those that the busiest hour needs."""
    people_usd: float
    """A month: engineer hours times their rate."""

    @property
    def copy_usd(self) -> float:
        """Dollars a month for one copy."""
        return self.gpu_usd_per_hour * self.gpus * HOURS_A_MONTH

    @property
    def copy_tokens(self) -> float:
        """Output tokens a month that one copy serves, since the busiest hour must fit too."""
        return self.copy_tokens_per_s * self.mean_over_peak * SECONDS_A_MONTH

    def copies(self, tokens: float) -> int:
        """Copies for so many output tokens a month, the spare ones included."""
        return max(math.ceil(tokens / self.copy_tokens - 1e-9), 1) + self.spare

    def monthly_usd(self, tokens: float) -> float:
        """Dollars a month for so many output tokens a month."""
        return self.copies(tokens) * self.copy_usd + self.people_usd

    def utilisation(self, tokens: float) -> float:
        """Which share of what all copies could make is used, the spare ones included."""
        return tokens / (self.copies(tokens) * self.copy_tokens_per_s * SECONDS_A_MONTH)

    def break_even(self, usd_per_mtok: float) -> float | None:
        """The first volume, in output tokens a month, at which the fleet costs at most ``usd_per_mtok``.

        With n busy copies it costs fixed + n copy_usd and serves up to n copy_tokens: the fewest that can pay are found
        first, then the volume at which they do (METHOD 4). Just above n copy_tokens it may cost more again for a
        while. None: it pays at no volume, since even a full copy costs more per token.
        """
        fixed = self.spare * self.copy_usd + self.people_usd
        margin = usd_per_mtok * self.copy_tokens / 1e6 - self.copy_usd
        if margin <= 0:
            return None
        busy = max(math.ceil(fixed / margin - 1e-9), 1)
        return break_even_tokens(fixed + busy * self.copy_usd, usd_per_mtok)


def kv_bytes_per_token(shape: Shape) -> float:
    """Bytes that one token takes in the cache: keys and values of every layer (Kwon et al. 2023).

    Sliding windows, latent and linear attention take less, so that it is an upper bound for them.
    """
    return 2 * shape.layers * shape.kv_heads * shape.head_dim * shape.bytes_each


def weights_gb(params_b: float, precision: str) -> float:
    """GB of ``params_b`` billion parameters; every expert of a mixture counts (METHOD 4)."""
    return params_b * BYTES[precision]


def memory_of(weights: float, shape: Shape | None, tokens: float | None) -> Memory:
    """What one copy takes with so many tokens in its cache at once; ``weights`` in GB.

    Without the shape or the tokens it is the first guess of FIRST_GUESS times the weights.
    """
    if shape is None or tokens is None:
        return Memory(weights, None, FIRST_GUESS * weights)
    kv = kv_bytes_per_token(shape) * tokens / 1e9
    return Memory(weights, kv, (weights + kv) * (1 + OVERHEAD))


def fits(memory: Memory, gpu_gb: float, kv_heads: int | None = None) -> tuple[Fit, ...]:
    """What each of CHOICES means for one GPU.

    Weights are split evenly. The cache is split by heads: on more GPUs than there are, heads are kept twice.
    """
    kv = (memory.kv_gb or 0.0) * (1 + OVERHEAD)
    rest = memory.total_gb - kv
    return tuple(Fit(n, rest / n + kv / min(n, kv_heads or n), USABLE * gpu_gb) for n in CHOICES)


def gpus_needed(choices: Sequence[Fit]) -> int | None:
    """The fewest GPUs that hold one copy; None: one machine does not."""
    return next((fit.gpus for fit in choices if fit.fits), None)


def usd_per_mtok(gpu_usd_per_hour: float, gpus: int, tokens_per_s: float, utilisation: float) -> float:
    """Dollars per million output tokens: GPU dollars an hour over the tokens really made in it (METHOD 4)."""
    return gpu_usd_per_hour * gpus * 1e6 / (3600 * tokens_per_s * utilisation)


def break_even_tokens(monthly_usd: float, usd_per_mtok: float) -> float:
    """Tokens a month for which a bill by the token is as high as ``monthly_usd`` (METHOD 4)."""
    return monthly_usd / usd_per_mtok * 1e6


def payback_months(one_off_usd: float, saved_usd: float) -> float | None:
    """Months until what is saved a month has paid for the move; None: never."""
    return one_off_usd / saved_usd if saved_usd > 0 else None


def money_range(fleet: Fleet, tokens: float, prices: tuple[float, float, float], spread: float) -> Money:
    """Dollars a month for so many output tokens a month, as a range.

    ``prices`` are dollars per GPU hour (low, typical, high); ``spread`` is how far the throughput may be off.
    """
    cheap = replace(fleet, gpu_usd_per_hour=prices[0], copy_tokens_per_s=fleet.copy_tokens_per_s * (1 + spread))
    dear = replace(fleet, gpu_usd_per_hour=prices[2], copy_tokens_per_s=fleet.copy_tokens_per_s * (1 - spread))
    low, point, high = (one.monthly_usd(tokens) for one in (cheap, fleet, dear))
    return Money(low=low, point=point, high=high)
