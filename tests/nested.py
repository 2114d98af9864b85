"""Nested values by flat names, as tests speak of them: ``candidate_y``, ``cost_usd``, ``session``."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from functools import cache
from typing import Any, TypeVar, get_type_hints

T = TypeVar("T")
_SIDES = ("baseline", "candidate")
"""What is below them carries their name."""


def nested(kind: type[T], given: Mapping[str, Any]) -> T:
    """A value of ``kind`` with all its parts, from the names of their fields. Raises TypeError for an unknown name."""
    left = dict(given)
    made: T = _made(kind, left, "")
    if left:
        raise TypeError(f"{kind.__name__} has no {', '.join(left)}")
    return made


def changed(value: T, **given: Any) -> T:
    """The same with some fields of its parts changed."""
    left = dict(given)
    made: T = _changed(value, left, "")
    if left:
        raise TypeError(f"{type(value).__name__} has no {', '.join(left)}")
    return made


def _made(kind: Any, left: dict[str, Any], prefix: str) -> Any:
    values = {}
    for name, part, is_needed in _parts(kind):
        flat = prefix + name
        if flat in left:
            values[name] = left.pop(flat)
        elif part is not None:
            before = len(left)
            made = _made(part, left, f"{flat}_" if name in _SIDES else prefix) if left or is_needed else None
            if is_needed or len(left) < before:
                values[name] = made
    return kind(**values)


def _changed(value: Any, left: dict[str, Any], prefix: str) -> Any:
    values = {}
    kind: Any = type(value)
    for name, *_ in _parts(kind):
        flat, now = prefix + name, getattr(value, name)
        if flat in left:
            values[name] = left.pop(flat)
        elif left and is_dataclass(now):
            values[name] = _changed(now, left, f"{flat}_" if name in _SIDES else prefix)
    return replace(value, **values) if values else value


@cache
def _parts(kind: Any) -> list[tuple[str, Any, bool]]:
    """(field, the kind of value that it always holds or None, whether it has no default) of a dataclass."""
    hints = get_type_hints(kind)
    return [
        (field.name, hints[field.name] if is_dataclass(hints[field.name]) else None, field.default is MISSING)
        for field in fields(kind)
    ]
