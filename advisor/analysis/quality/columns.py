"""The pairs of one candidate in columns, so that hundreds of thousands of them are counted in a moment.

Every array has one entry per pair, in the order of the pairs. What is not known is NaN in numbers and yes/no columns,
and -1 in codes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import Any, TypeAlias

import numpy as np

from advisor.analysis.quality.evidence import Call, Pair
from advisor.types import FailureKind, Refusal

Array: TypeAlias = np.ndarray[Any, Any]

FAILURES = tuple(FailureKind)
"""What the codes of a failure stand for."""
CODE_OF = {failure: code for code, failure in enumerate(FAILURES)}
_BLOCK = 200
_MODEL_FAULT = np.array([*(failure.is_model_fault for failure in FAILURES), False])
"""The last entry is for code -1: no failure."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Side:
    """What one lane gave. Yes/no columns are 1, 0 or NaN where they can be unknown, else true or false."""

    y: Array
    cost_usd: Array
    latency_s: Array
    ttft_s: Array
    failure: Array
    """Positions in ``FAILURES``."""
    valid: Array
    truncated: Array
    refusal: Array
    """1 refused in full or in part, 0 not, NaN unknown."""
    instructs: Array
    text_digest: Array
    """Equal codes are equal answers."""
    unneeded: Array
    checked: Array
    unsupported: Array
    personal: Array
    length: Array

    @property
    def failed(self) -> Array:
        """The answer is missing."""
        found: Array = self.failure >= 0
        return found

    @property
    def lost(self) -> Array:
        """The infrastructure failed: it says nothing about the model."""
        found: Array = self.failed & ~_MODEL_FAULT[self.failure]
        return found

    @property
    def declined(self) -> Array:
        """It refused in full or in part, or a filter blocked its answer."""
        found: Array = (self.refusal == 1) | (self.failure == CODE_OF[FailureKind.CONTENT_FILTER])
        return found

    @property
    def spoilt(self) -> Array:
        """The answer is there but invalid or cut off."""
        found: Array = (self.valid == 0) | self.truncated
        return found

    def take(self, places: Array) -> "Side":
        """The same of the pairs in these places."""
        return Side(**{item.name: getattr(self, item.name).take(places) for item in fields(self)})


@dataclass(frozen=True, kw_only=True, eq=False)
class Columns:
    """All pairs of one candidate in one use case."""

    baseline: Side
    candidate: Side
    sample_id: Array
    session: Array
    """Codes."""
    request: Array
    """Equal codes are equal requests; one that is not known is one of its own."""
    texts: Array
    """The codes of all texts that other pairs may hold too, a tuple for each pair."""
    at: Array
    """Seconds since 1970, or places in the log."""
    klass: Array
    """Codes."""
    missing: Array
    refusals_read: Array
    reviewed_y: Array
    differs: Array
    voted_y: Array
    recorded_cost_usd: Array
    flips: Array
    judges: Array
    decided: Array
    agreed: Array

    def __len__(self) -> int:
        return len(self.missing)

    def by_people(self) -> "Columns":
        """The same with people's votes alone."""
        return replace(self, candidate=replace(self.candidate, y=self.reviewed_y), voted_y=self.reviewed_y)

    def lost_where_orders_differ(self) -> "Columns":
        """The same with every pair lost on which the judge's orders differ, unless people compared it."""
        lost = self.decided & ~self.agreed & np.isnan(self.reviewed_y)
        y, voted_y = (np.where(lost & ~np.isnan(each), 0.0, each) for each in (self.candidate.y, self.voted_y))
        return replace(self, candidate=replace(self.candidate, y=y), voted_y=voted_y)

    def where(self, keep: Array) -> "Columns":
        """The same of the pairs that ``keep``, a mask of shape (n,), names."""
        if keep.all():
            return self
        places = np.flatnonzero(keep)
        arrays = {item.name: getattr(self, item.name) for item in fields(self) if item.type is not Side}
        return Columns(
            baseline=self.baseline.take(places),
            candidate=self.candidate.take(places),
            **{name: values.take(places) for name, values in arrays.items()},
        )


def columns_of(pairs: Sequence[Pair]) -> Columns:
    """Pairs, in their order, as columns."""
    values = _read(pairs)
    sides = [
        Side(**{name: convert(values[_path(side, name)]) for name, convert in _OF_SIDE.items()})
        for side in ("baseline", "candidate")
    ]
    return Columns(
        baseline=sides[0],
        candidate=sides[1],
        **{name: convert(values[path]) for name, (path, convert) in _OF_PAIR.items()},
    )


def no_texts(n: int) -> Array:
    """The texts of ``n`` pairs that hold none."""
    found = np.empty(n, dtype=object)
    found.fill(())
    return found


def known(values: Array) -> Array:
    """The values that are there."""
    return values[~np.isnan(values)]


def _read(pairs: Sequence[Pair]) -> dict[str, list[Any]]:
    """Every field in a list of its own; block by block, since that is twice as fast while a block is in the cache."""
    values: dict[str, list[Any]] = {path: [] for path in _PATHS}
    for start in range(0, len(pairs), _BLOCK):
        block = zip(*map(_ALL, pairs[start : start + _BLOCK]), strict=True)
        for column, read in zip(values.values(), block, strict=True):
            column.extend(read)
    return values


# Most columns of most logs say one thing throughout; counting that is far quicker than converting it.


def _is_all(values: list[Any], value: object) -> bool:
    """Whether they all are ``value``, and nothing that merely equals it, such as 1.0 and True."""
    return not values or (type(values[0]) is type(value) and values[0] == value and values.count(value) == len(values))


def _numbers(values: list[Any]) -> Array:
    if _is_all(values, None):
        return np.full(len(values), np.nan)
    if _is_all(values, True):
        return np.ones(len(values))
    try:
        return np.fromiter(values, dtype=float, count=len(values))
    except TypeError:  # some are None, which only np.array takes for NaN
        return np.array(values, dtype=float)


def _flags(values: list[Any]) -> Array:
    if _is_all(values, False):
        return np.zeros(len(values), dtype=bool)
    return np.fromiter(values, dtype=bool, count=len(values))


def _whole(values: list[Any]) -> Array:
    if _is_all(values, values[0] if values else 0):
        return np.full(len(values), values[0] if values else 0)
    return np.fromiter(values, dtype=np.int64, count=len(values))


def _tuples(values: list[Any]) -> Array:
    found = no_texts(len(values))
    if not _is_all(values, ()):
        for position, held in enumerate(values):
            found[position] = held
    return found


def _codes(values: list[Any]) -> Array:
    if _is_all(values, None):
        return np.full(len(values), -1)
    index: dict[Any, int] = {}  # of the place in which each comes first
    codes = np.fromiter(map(index.setdefault, values, range(len(values))), dtype=np.int64, count=len(values))
    for nothing in (None, ""):
        if nothing in index:
            codes[codes == index[nothing]] = -1
    return codes


def _refusals(values: list[Any]) -> Array:
    if values.count(None) == len(values):
        return np.full(len(values), np.nan)
    return np.array([None if refusal is None else refusal is not Refusal.NONE for refusal in values], dtype=float)


def _requests(values: list[Any]) -> Array:
    """Codes; what is not known is one of its own."""
    codes = _codes(values)
    unknown = codes < 0
    codes[unknown] = codes.max(initial=-1) + 1 + np.arange(unknown.sum())
    return codes


def _failures(values: list[Any]) -> Array:
    codes = np.full(len(values), -1)
    if not _is_all(values, None):
        for position, failure in enumerate(values):
            if failure is not None:
                codes[position] = CODE_OF[failure]
    return codes


_OF_SIDE: dict[str, Callable[[list[Any]], Array]] = {item.name: _numbers for item in fields(Side)} | {
    "failure": _failures,
    "truncated": _flags,
    "refusal": _refusals,
    "instructs": _flags,
    "text_digest": _codes,
    "length": _whole,
}
_OF_PAIR: dict[str, tuple[str, Callable[[list[Any]], Array]]] = {
    "sample_id": ("sample_id", _whole),
    "session": ("logged.session", _codes),
    "request": ("logged.request", _requests),
    "texts": ("logged.texts", _tuples),
    "at": ("logged.at", _numbers),
    "klass": ("logged.klass", _whole),
    "recorded_cost_usd": ("logged.recorded_cost_usd", _numbers),
    "missing": ("missing", _flags),
    "refusals_read": ("refusals_read", _flags),
    "differs": ("differs", _numbers),
    "reviewed_y": ("votes.reviewed_y", _numbers),
    "voted_y": ("votes.voted_y", _numbers),
    "flips": ("votes.flips", _whole),
    "judges": ("votes.judges", _whole),
    "decided": ("votes.decided", _flags),
    "agreed": ("votes.agreed", _flags),
}
"""Column -> where a pair has it, and how it becomes an array."""


def _path(side: str, name: str) -> str:
    return f"{side}.call.{name}" if name in _OF_CALL else f"{side}.{name}"


_OF_CALL = tuple(item.name for item in fields(Call))
_PATHS = (
    *(_path(side, name) for side in ("baseline", "candidate") for name in _OF_SIDE),
    *(path for path, _ in _OF_PAIR.values()),
)
_ALL = attrgetter(*_PATHS)
