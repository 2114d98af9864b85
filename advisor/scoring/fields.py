"""Objects compared field by field: F1 over their leaves (METHOD 1.3).

A field is the path to one value. With t fields in the right object, g in the given one and s the same in both,
F1 = 2 s / (t + g): the harmonic mean of precision s / g and recall s / t. A field that is null or empty is as good as
absent. The order of a list does not count: its items are paired so that those most alike stand beside each other.
How alike two items are is how many values they have in common at the same place, whatever the order of lists in them:
so lists in lists cost no more than their values at every level, instead of multiplying.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from advisor.scoring.reading import plain
from advisor.scoring.values import is_absent, same_value, whole_number
from advisor.types import Finding, Json, ScoreCode

MOST_PAIRED = 400
"""Items of one list times items of the other: more are paired by position, so that no answer takes minutes."""
SHOWN = 5
_PLACE = re.compile(r"\[\d+\]")


@dataclass(frozen=True, kw_only=True)
class FieldMatch:
    """Which fields of two objects are the same; paths such as ``lines[0].sku``."""

    same: int = 0
    wrong: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    @property
    def f1(self) -> float:
        """1 where both are empty."""
        total = 2 * (self.same + len(self.wrong)) + len(self.missing) + len(self.extra)
        return 2 * self.same / total if total else 1.0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is not the same; empty where all is."""
        codes = ScoreCode.FIELDS_WRONG, ScoreCode.FIELDS_MISSING, ScoreCode.FIELDS_EXTRA
        return fields_found(*zip(codes, (self.wrong, self.missing, self.extra), strict=True))


def fields_found(*groups: tuple[ScoreCode, Sequence[str]]) -> tuple[Finding, ...]:
    """Paths by what is wrong with them, the first few of each."""
    return tuple(Finding(code, tuple(paths[:SHOWN]), max(len(paths) - SHOWN, 0)) for code, paths in groups if paths)


def match_fields(target: Json, value: Json) -> FieldMatch:
    """Compare two decoded JSON values field by field."""
    return _compare(target, value, "", "")


def right_fields(target: Json, value: Json) -> dict[str, bool]:
    """Every field of the right object, whatever its place in a list, and whether it is right anywhere."""
    found = match_fields(target, value)
    wanted, bad = (Counter(map(_anywhere, paths)) for paths in (_leaves(target, ""), (*found.wrong, *found.missing)))
    return {path: n > bad[path] for path, n in wanted.items()}


def _anywhere(path: str) -> str:
    return _PLACE.sub("[]", path)


def _compare(target: Json, value: Json, path: str, given_path: str) -> FieldMatch:
    """``given_path`` is where the value stands in the given object: list items may have moved."""
    if is_absent(target) and is_absent(value):
        return FieldMatch()
    if is_absent(target):
        return FieldMatch(extra=tuple(_leaves(value, given_path)))
    if is_absent(value):
        return FieldMatch(missing=tuple(_leaves(target, path)))
    if isinstance(target, dict) and isinstance(value, dict):
        keys = dict.fromkeys([*target, *value])
        return _sum(
            [_compare(target.get(key), value.get(key), _join(path, key), _join(given_path, key)) for key in keys]
        )
    if isinstance(target, list) and isinstance(value, list):
        return _compare_lists(target, value, path, given_path)
    if isinstance(target, dict | list) or isinstance(value, dict | list):
        return FieldMatch(missing=tuple(_leaves(target, path)), extra=tuple(_leaves(value, given_path)))
    return FieldMatch(same=1) if same_value(target, value) else FieldMatch(wrong=(path or "value",))


def _compare_lists(target: list[Json], value: list[Json], path: str, given_path: str) -> FieldMatch:
    pairs = _pair(target, value)
    found = [_compare(target[i], value[j], f"{path}[{i}]", f"{given_path}[{j}]") for i, j in pairs]
    paired, given = {i for i, _ in pairs}, {j for _, j in pairs}
    found += [_compare(item, None, f"{path}[{i}]", "") for i, item in enumerate(target) if i not in paired]
    found += [_compare(None, item, "", f"{given_path}[{j}]") for j, item in enumerate(value) if j not in given]
    return _sum(found)


def _pair(target: list[Json], value: list[Json]) -> list[tuple[int, int]]:
    """Positions of items that belong together: the same ones first, then those most alike, then the rest in order."""
    by_key: dict[str, list[int]] = {}
    for j in reversed(range(len(value))):
        by_key.setdefault(_key(value[j]), []).append(j)
    pairs = [(i, places.pop()) for i, item in enumerate(target) if (places := by_key.get(_key(item)))]
    left, free = _without(len(target), {i for i, _ in pairs}), _without(len(value), {j for _, j in pairs})
    if len(left) * len(free) <= MOST_PAIRED:
        common = _in_common([target[i] for i in left], [value[j] for j in free])
        alike = [(-common[at], abs(i - j), i, j) for at, (i, j) in enumerate(product(left, free))]
        for _, _, i, j in sorted(alike):
            if i in left and j in free:
                pairs.append((i, j))
                left.remove(i)
                free.remove(j)
    return [*pairs, *zip(left, free, strict=False)]


def _in_common(wanted: list[Json], given: list[Json]) -> list[int]:
    """How many values each two items share: first with first, first with second, and so on."""
    places: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for j, item in enumerate(given):
        for field, count in Counter(_values(item, "")).items():
            places.setdefault(field, []).append((j, count))
    found = [0] * (len(wanted) * len(given))
    for i, item in enumerate(wanted):
        for field, count in Counter(_values(item, "")).items():
            for j, other in places.get(field, ()):
                found[i * len(given) + j] += min(count, other)
    return found


def _values(value: Json, path: str) -> Iterator[tuple[str, str]]:
    """(path without positions, normalised value) of everything in an item."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _values(item, _join(path, key))
    elif isinstance(value, list):
        for item in value:
            yield from _values(item, f"{path}[]")
    elif not is_absent(value):
        yield path, _key(value)


def _without(length: int, taken: set[int]) -> list[int]:
    return [place for place in range(length) if place not in taken]


def _key(value: Json) -> str:
    """The same text for values that are the same after normalisation."""
    if isinstance(value, dict):
        return f"{{{','.join(sorted(f'{key}:{_key(item)}' for key, item in value.items() if not is_absent(item)))}}}"
    if isinstance(value, list):
        return f"[{','.join(sorted(map(_key, value)))}]"
    number = None if isinstance(value, bool) else whole_number(str(value))
    return plain(str(value)) if number is None else f"{number:.9g}"


def _leaves(value: Json, path: str) -> list[str]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in _leaves(item, _join(path, key))]
    if isinstance(value, list):
        return [leaf for i, item in enumerate(value) for leaf in _leaves(item, f"{path}[{i}]")]
    return [] if is_absent(value) else [path or "value"]


def _sum(parts: Sequence[FieldMatch]) -> FieldMatch:
    return FieldMatch(
        same=sum(part.same for part in parts),
        wrong=tuple(path for part in parts for path in part.wrong),
        missing=tuple(path for part in parts for path in part.missing),
        extra=tuple(path for part in parts for path in part.extra),
    )


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)
