"""What serving takes: hardware, what it costs to rent, and models as they are shipped."""

from dataclasses import dataclass
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
    rows = read_rows(DATA / "catalog" / "gpus.csv", _gpu)
    return tuple(gpu for gpu in rows if gpu is not None)


def accelerators() -> tuple[Accelerator, ...]:
    """In the order of the file. Raises BadInput when it is missing or damaged."""
    return read_rows(DATA / "catalog" / "gpus.csv", _accelerator)


def holds(model: OpenModel, memory_gb: float) -> bool | None:
    """Whether so much memory serves a model as its makers or vLLM's recipes size it; None: not sized.

    No headroom for long contexts, as the catalog's own numbers of GPUs have none.
    """
    return None if model.size.vram_gb is None else model.size.vram_gb <= memory_gb


def cache_shape(model_id: str) -> CacheShape | None:
    """The shape of a model's cache; None: not known. Raises BadInput when the file is missing or damaged."""
    return dict(read_rows(DATA / "catalog" / "cache_shapes.csv", _shape)).get(model_id)


def _accelerator(row: dict[str, str]) -> Accelerator:
    return Accelerator(row["gpu_id"], row["name"], float(row["memory_gib"]))


def _shape(row: dict[str, str]) -> tuple[str, CacheShape]:
    layers, kv_heads, head_dim = (int(row[name]) for name in ("layers", "kv_heads", "head_dim"))
    return row["model_id"], CacheShape(layers, kv_heads, head_dim, row["source"])


def _gpu(row: dict[str, str]) -> Gpu | None:
    """None: nobody rents it out."""
    if not row["usd_per_gpu_hour_typical"]:
        return None
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
