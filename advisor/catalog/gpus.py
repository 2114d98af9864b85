"""What serving takes: GPUs that can be rented with a range of prices, and models as they are shipped."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from advisor.catalog.catalog_files import read_rows
from advisor.catalog.open_models import DATA

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

    @property
    def source(self) -> str:
        """Where the price is from, in words."""
        return f"{self.points} ({self.priced}; confidence {self.confidence})"


class CacheShape(NamedTuple):
    """Layers, key-value heads and their size, as the model's config.json tells."""

    layers: int
    kv_heads: int
    head_dim: int
    source: str


class Shipped(NamedTuple):
    """A model as its makers publish it."""

    precision: str
    """In the catalogue's words; empty where it is not known."""
    checkpoint_gb: float | None
    """The size of its files, reported, not reckoned."""


_CONFIG = "config.json of the model, read 2026-11-26"
CACHE_SHAPES = {
    "llama-3.3-70b": CacheShape(80, 8, 128, "the same shape as Llama 3 70B, a published known answer"),
    "gpt-oss-120b": CacheShape(36, 8, 64, f"{_CONFIG}; every second layer has a short window and takes less"),
    "gpt-oss-20b": CacheShape(24, 8, 64, f"{_CONFIG}; every second layer has a short window and takes less"),
}
"""Id of a model in the catalogue -> the shape of its cache. Others are asked of the person."""


def rentable_gpus(data_dir: Path = DATA) -> tuple[Gpu, ...]:
    """Every GPU with a price, in the order of the file. Raises BadInput when the file is missing or damaged."""
    return _read(data_dir / "catalog" / "gpus.csv")


def as_shipped(model_id: str, data_dir: Path = DATA) -> Shipped | None:
    """How a model of the catalogue is published; None: it is not in it. Raises BadInput when the file is damaged."""
    return _shipped(data_dir / "catalog" / "open_models.csv").get(model_id)


@functools.cache
def _read(path: Path) -> tuple[Gpu, ...]:
    read = read_rows(path, lambda row: _gpu(row) if row["usd_per_gpu_hour_typical"] else None)
    return tuple(gpu for gpu in read if gpu is not None)


@functools.cache
def _shipped(path: Path) -> dict[str, Shipped]:
    return dict(read_rows(path, _shipped_row))


def _shipped_row(row: dict[str, str]) -> tuple[str, Shipped]:
    precision, size = row["native_precision"], row["checkpoint_gb_reported"]
    known = "" if precision == "unknown" else precision
    return row["model_id"], Shipped(known, float(size) if size else None)


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
