"""Columns of pairs as bytes and back: a million pairs in a few megabytes."""

from collections.abc import Sequence
from io import BytesIO
from operator import attrgetter
from typing import Any

import numpy as np

from advisor.analysis.quality.columns import PATHS, Array, Columns, joined, no_texts

_TEXTS = "logged.texts"


def pack(groups: Sequence[Columns]) -> bytes:
    """At least one group; a field that says one thing throughout all of them is kept once."""
    arrays: dict[str, Any] = {"sizes": np.array([len(group) for group in groups])}
    for path in PATHS:
        whole = np.concatenate([attrgetter(path)(group) for group in groups])
        if path == _TEXTS:
            arrays[path] = np.array([code for held in whole for code in held], dtype=np.int64)
            arrays["held"] = np.array([len(held) for held in whole], dtype=np.int64)
        else:
            arrays[path] = whole[:1] if _is_constant(whole) else whole
    file = BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def unpack(packed: bytes) -> list[Columns]:
    """The groups that :func:`pack` was given."""
    with np.load(BytesIO(packed), allow_pickle=False) as stored:
        ends = np.cumsum(stored["sizes"])
        values = {path: _whole(stored, path, int(ends[-1])) for path in PATHS}
    split = {path: np.split(whole, ends[:-1]) for path, whole in values.items()}
    return [joined({path: parts[place] for path, parts in split.items()}) for place in range(len(ends))]


def _is_constant(whole: Array) -> bool:
    first = whole[:1]
    return bool((np.isnan(whole) if np.isnan(first).any() else whole == first).all())


def _whole(stored: Any, path: str, n: int) -> Array:
    if path == _TEXTS:
        return _texts(stored["held"], stored[path])
    kept: Array = stored[path]
    return np.full(n, kept[0]) if len(kept) == 1 else kept


def _texts(held: Array, codes: Array) -> Array:
    found = no_texts(len(held))
    ends = np.cumsum(held)
    every = codes.tolist()
    for place in np.flatnonzero(held):
        found[place] = tuple(every[ends[place] - held[place] : ends[place]])
    return found
