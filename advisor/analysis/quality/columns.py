"""The pairs of one candidate in columns, so that hundreds of thousands of them are counted in a moment.

Every array has one entry per pair, in the order of the pairs. What is not known is NaN in numbers and yes/no columns,
and -1 in codes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import Any, Self, TypeAlias, TypeVar

import numpy as np

from advisor.analysis.quality.evidence import Pair
from advisor.analysis.quality.once import Kept, once
from advisor.types import FailureKind, Refusal

Array: TypeAlias = np.ndarray[Any, Any]
_T = TypeVar("_T", bound="_Parts")

FAILURES = tuple(FailureKind)
"""What the codes of a failure stand for."""
CODE_OF = {failure: code for code, failure in enumerate(FAILURES)}
_BLOCK = 200
_MODEL_FAULT = np.array([*(failure.is_model_fault for failure in FAILURES), False])
"""The last entry is for code -1: no failure."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Parts:
    """Arrays, and values that hold arrays."""

    def take(self, places: Array) -> Self:
        """The same of the pairs in these places."""
        return type(self)(**{item.name: getattr(self, item.name).take(places) for item in fields(self)})


@dataclass(frozen=True, kw_only=True, eq=False)
class Call(_Parts):
    """What calls cost and took."""

    cost_usd: Array
    latency_s: Array
    ttft_s: Array
    failure: Array
    """Positions in ``FAILURES``."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Side(_Parts):
    """What one lane gave. Yes/no columns are 1, 0 or NaN where they can be unknown, else true or false."""

    y: Array
    call: Call
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
        found: Array = self.call.failure >= 0
        return found

    @property
    def lost(self) -> Array:
        """The infrastructure failed: it says nothing about the model."""
        found: Array = self.failed & ~_MODEL_FAULT[self.call.failure]
        return found

    @property
    def declined(self) -> Array:
        """It refused in full or in part, or a filter blocked its answer."""
        found: Array = (self.refusal == 1) | (self.call.failure == CODE_OF[FailureKind.CONTENT_FILTER])
        return found

    @property
    def spoilt(self) -> Array:
        """The answer is there but invalid or cut off."""
        found: Array = (self.valid == 0) | self.truncated
        return found


@dataclass(frozen=True, kw_only=True, eq=False)
class Logged(_Parts):
    """What the log knows of the samples."""

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
    recorded_cost_usd: Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Votes(_Parts):
    """What people and judges say of two answers."""

    reviewed_y: Array
    voted_y: Array
    flips: Array
    judges: Array
    decided: Array
    agreed: Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Columns(_Parts, Kept):
    """All pairs of one candidate in one use case, in the parts of a Pair."""

    sample_id: Array
    logged: Logged
    baseline: Side
    candidate: Side
    votes: Votes
    differs: Array
    refusals_read: Array
    missing: Array

    def __len__(self) -> int:
        return len(self.missing)

    @property
    @once
    def asked(self) -> "Columns":
        """The pairs that were asked already."""
        return self.where(~self.missing)

    @once
    def by_people(self) -> "Columns":
        """The same with people's votes alone."""
        return self._voted(self.votes.reviewed_y, self.votes.reviewed_y)

    @once
    def lost_where_orders_differ(self) -> "Columns":
        """The same with every pair lost on which the judge's orders differ, unless people compared it."""
        lost = self.votes.decided & ~self.votes.agreed & np.isnan(self.votes.reviewed_y)
        y, voted_y = (np.where(lost & ~np.isnan(each), 0.0, each) for each in (self.candidate.y, self.votes.voted_y))
        return self._voted(y, voted_y)

    def _voted(self, y: Array, voted_y: Array) -> "Columns":
        return replace(self, candidate=replace(self.candidate, y=y), votes=replace(self.votes, voted_y=voted_y))

    def where(self, keep: Array) -> "Columns":
        """The same of the pairs that ``keep``, a mask of shape (n,), names."""
        return self if keep.all() else self.take(np.flatnonzero(keep))


def columns_of(pairs: Sequence[Pair]) -> Columns:
    """Pairs, in their order, as columns."""
    return joined({path: _READ.get(path.split(".")[-1], _numbers)(values) for path, values in _read(pairs).items()})


def joined(arrays: Mapping[str, Array]) -> Columns:
    """Columns of the arrays of all ``PATHS``."""
    return _made(Columns, "", arrays)


def no_texts(n: int) -> Array:
    """The texts of ``n`` pairs that hold none."""
    found = np.empty(n, dtype=object)
    found.fill(())
    return found


def known(values: Array) -> Array:
    """The values that are there."""
    return values[~np.isnan(values)]


def _made(kind: type[_T], path: str, arrays: Mapping[str, Array]) -> _T:
    made: dict[str, Any] = {}
    for item in fields(kind):
        whole = path + item.name
        made[item.name] = _made(PARTS[item.name], f"{whole}.", arrays) if item.name in PARTS else arrays[whole]
    return kind(**made)


def _paths(kind: type[_Parts], path: str = "") -> Iterator[str]:
    for item in fields(kind):
        whole = path + item.name
        yield from _paths(PARTS[item.name], f"{whole}.") if item.name in PARTS else [whole]


def _read(pairs: Sequence[Pair]) -> dict[str, list[Any]]:
    """Every field in a list of its own; block by block, since that is twice as fast while a block is in the cache."""
    values: dict[str, list[Any]] = {path: [] for path in PATHS}
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
    return _numbers([None if refusal is None else refusal is not Refusal.NONE for refusal in values])


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


PARTS: dict[str, type[_Parts]] = {
    "baseline": Side,
    "candidate": Side,
    "call": Call,
    "logged": Logged,
    "votes": Votes,
}
_READ: dict[str, Callable[[list[Any]], Array]] = {
    **dict.fromkeys(("sample_id", "klass", "flips", "judges", "length"), _whole),
    **dict.fromkeys(("truncated", "instructs", "decided", "agreed", "refusals_read", "missing"), _flags),
    **dict.fromkeys(("session", "text_digest"), _codes),
    "request": _requests,
    "texts": _tuples,
    "failure": _failures,
    "refusal": _refusals,
}
"""How fields become arrays; the others are numbers."""
PATHS = tuple(_paths(Columns))
_ALL = attrgetter(*PATHS)
