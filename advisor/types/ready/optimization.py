"""What makes a self-hosted model cheaper, in numbers of the log. None: not known."""

from dataclasses import dataclass
from enum import StrEnum, auto
from typing import NamedTuple


class Lever(StrEnum):
    """What is turned."""

    QUANTIZATION = auto()
    SMALLER = auto()
    """A smaller model that learns from the larger one."""
    PREFIX_CACHING = auto()
    BATCHING = auto()


class Copy(NamedTuple):
    """One copy of a model on the cheapest GPUs to rent that hold it under the log's load, all month."""

    weights_gb: float
    gpus: int | None
    """None: no machine with up to 8 holds it."""
    gpu: str | None
    usd_a_month: float | None


class Tried(NamedTuple):
    """How good a variant was as a candidate of the study."""

    candidate: str
    deltas: tuple[tuple[str, float], ...]
    """(use case, difference from today's model as a fraction)."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """The same model in fewer bits, or a smaller one."""

    lever: Lever
    what: str
    """The precision, or the name of the smaller model."""
    copy: Copy
    tried: Tried | None
    """None: no candidate is this variant."""


@dataclass(frozen=True, kw_only=True)
class Optimized:
    """One self-hosted model."""

    model: str
    today: Copy | None
    """As its commands run it."""
    variants: tuple[Variant, ...]
    """Empty: none is known that takes less memory."""


@dataclass(frozen=True, kw_only=True)
class Optimization:
    """All of a study."""

    models: tuple[Optimized, ...]
    repeated: float | None
    """The share of input tokens that came before, in blocks of 64 from the beginning of a prompt."""
    in_bulk: float | None
    """The share of calls that nobody waits for, at least."""
