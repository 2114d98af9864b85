"""Hardware that a team may have: every accelerator of the catalog with its memory, rented out by somebody or not."""

import functools
from pathlib import Path
from typing import NamedTuple

from advisor.catalog.catalog_files import read_rows
from advisor.catalog.open_models import DATA, OpenModel


class Accelerator(NamedTuple):
    """One card or machine."""

    id: str
    name: str
    memory_gb: float
    """As sold: 2 to 7 % more than can be used."""


def accelerators(data_dir: Path = DATA) -> tuple[Accelerator, ...]:
    """In the order of the file. Raises BadInput when it is missing or damaged."""
    return _read(data_dir / "catalog" / "gpus.csv")


def holds(model: OpenModel, memory_gb: float) -> bool | None:
    """Whether so much memory serves a model as its makers or vLLM's recipes size it; None: not sized.

    No headroom for long contexts, as the catalog's own numbers of GPUs have none.
    """
    return None if model.deploy_vram_gb is None else model.deploy_vram_gb <= memory_gb


@functools.cache
def _read(path: Path) -> tuple[Accelerator, ...]:
    return read_rows(path, lambda row: Accelerator(row["gpu_id"], row["name"], float(row["memory_gib"])))
