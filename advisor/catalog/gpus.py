"""What serving takes: hardware, what it costs to rent, and models as they are shipped."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from advisor.catalog.catalog_files import read_rows
from advisor.catalog.open_models import OpenModel
from advisor.settings import DATA

PRECISIONS = ("bf16", "fp8", "mxfp4", "nvfp4")
"""What a server on a GPU runs; other spellings of the catalogue are not offered."""
AS_SHIPPED = "as shipped"
"""The weights as their makers publish them, which may mix precisions."""


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """One row of gpus.csv that has a price and can be rented by the hour."""

    id: str
    name: str
    memory_gb: float
    """As sold: 2 to 7 % more than can be used."""
    usd_per_hour: tuple[float, float, float]
    """Low, typical, high; for one GPU."""
    priced: str
    """When."""
    points: str
    """The prices that the range is made of."""
    confidence: str
    native_fp8: bool
    native_fp4: bool


class Accelerator(NamedTuple):
    """One card or machine that a team may have, rented out by somebody or not."""

    id: str
    name: str
    memory_gb: float
    """As sold: 2 to 7 % more than can be used."""


class CacheShape(NamedTuple):
    """Layers, key-value heads and their size, as in the model's config.json; others are asked of the person."""

    layers: int
    kv_heads: int
    head_dim: int
    source: str


def rentable_gpus() -> tuple[Gpu, ...]:
    """Every GPU with a price, in the order of the file. Raises BadInput when the file is missing or damaged."""
    return _read(DATA / "catalog" / "gpus.csv")


def accelerators() -> tuple[Accelerator, ...]:
    """In the order of the file. Raises BadInput when it is missing or damaged."""
    return _accelerators(DATA / "catalog" / "gpus.csv")


def holds(model: OpenModel, memory_gb: float) -> bool | None:
    """Whether so much memory serves a model as its makers or vLLM's recipes size it; None: not sized.

    No headroom for long contexts, as the catalog's own numbers of GPUs have none.
    """
    return None if model.size.vram_gb is None else model.size.vram_gb <= memory_gb


def cache_shape(model_id: str) -> CacheShape | None:
    """The shape of a model's cache; None: not known. Raises BadInput when the file is missing or damaged."""
    return _shapes(DATA / "catalog" / "cache_shapes.csv").get(model_id)


@functools.cache
def _read(path: Path) -> tuple[Gpu, ...]:
    read = read_rows(path, lambda row: _gpu(row) if row["usd_per_gpu_hour_typical"] else None)
    return tuple(gpu for gpu in read if gpu is not None)


@functools.cache
def _accelerators(path: Path) -> tuple[Accelerator, ...]:
    return read_rows(path, lambda row: Accelerator(row["gpu_id"], row["name"], float(row["memory_gib"])))


@functools.cache
def _shapes(path: Path) -> dict[str, CacheShape]:
    return dict(read_rows(path, _shape_row))


def _shape_row(row: dict[str, str]) -> tuple[str, CacheShape]:
    layers, kv_heads, head_dim = (int(row[name]) for name in ("layers", "kv_heads", "head_dim"))
    return row["model_id"], CacheShape(layers, kv_heads, head_dim, row["source"])


def _gpu(row: dict[str, str]) -> Gpu:
    low, typical, high = (float(row[f"usd_per_gpu_hour_{end}"]) for end in ("low", "typical", "high"))
    return Gpu(
        id=row["gpu_id"],
        name=row["name"],
        memory_gb=float(row["memory_gib"]),
        usd_per_hour=(low, typical, high),
        priced=row["price_asof"],
        points=row["price_points"],
        confidence=row["price_confidence"],
        native_fp8=row["native_fp8"] == "yes",
        native_fp4=row["native_fp4"] == "yes",
    )
