"""Keywords of JSON Schema that the library works out without a limit of time, or not exactly: ours take their place."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction
from typing import Any

from jsonschema import FormatChecker, ValidationError

from advisor.scoring.expressions import BadExpression, read_pattern
from advisor.scoring.values import short
from advisor.types import Json

PATIENCE_S = 0.1
"""For all patterns of a schema on one value together. Less than for a team's own check, which is given up for good
after a few answers: ten thousand answers with a pattern that never ends cost a quarter of an hour."""
LONGEST_S = 2.0
"""Processor time for one value: references to references multiply, 30 levels of 10 never end."""
LONGEST_PATTERN = 10_000
"""Some list every code of a country or a currency."""

FORMATS = FormatChecker(formats=())
"""What a schema's own texts have to be: patterns that can be used."""
_left: ContextVar[list[float]] = ContextVar("_left")
"""Seconds that patterns may still take, and the processor time at which all keywords have to be done."""


Keyword = Callable[[Any, Any, Any, Any], Iterable[ValidationError] | None]


class TooSlow(TimeoutError):
    """A pattern takes too long, or all keywords together; the message says which."""


@contextmanager
def limited() -> Iterator[None]:
    """Patterns have PATIENCE_S together in here and keywords LONGEST_S, else TooSlow is raised."""
    before = _left.set([PATIENCE_S, time.thread_time() + LONGEST_S])
    try:
        yield
    finally:
        _left.reset(before)


def unlimited_pattern(schema: Json) -> str | None:
    """A pattern that may take long and that the library itself tries, without a limit; None if there is none.

    It does so where a property counts as evaluated by ``patternProperties``. A pattern with a single repetition and no
    group ends in time that grows with the square of a property's name at most.
    """
    patterns: list[str] = []
    beside = False
    rest = [schema]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            beside = beside or "unevaluatedProperties" in value
            named = value.get("patternProperties")
            patterns += named if isinstance(named, dict) else ()
        rest += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next(filter(_may_take_long, patterns), None) if beside else None


def _may_take_long(pattern: str) -> bool:
    repeats = sum(map(pattern.count, "*+?{"))
    return repeats > 1 or (repeats == 1 and "(" in pattern)


@FORMATS.checks("regex", raises=BadExpression)
def _is_pattern(value: object) -> bool:
    if isinstance(value, str) and value:
        read_pattern(value, LONGEST_PATTERN)
    return True


def _found(pattern: str, text: str) -> bool:
    """Whether the pattern is found. Raises TooSlow."""
    if not pattern:
        return True
    left, ready, started = _left.get(), read_pattern(pattern, LONGEST_PATTERN), time.monotonic()
    try:
        if left[0] > 0:
            return ready.search(text, timeout=left[0]) is not None
    except TimeoutError:
        pass
    finally:
        left[0] -= time.monotonic() - started
    raise TooSlow(f"the pattern {short(pattern)} of its schema took longer than {PATIENCE_S:g} s")


def _pattern(validator: Any, pattern: str, value: Json, schema: Json) -> Iterator[ValidationError]:
    if validator.is_type(value, "string") and not _found(pattern, value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, by_pattern: Any, value: Json, schema: Json) -> Iterator[ValidationError]:
    if not validator.is_type(value, "object"):
        return
    for pattern, inner in by_pattern.items():
        for name, item in value.items():
            if _found(pattern, name):
                yield from validator.descend(item, inner, path=name, schema_path=pattern)


def _additional_properties(validator: Any, rule: Json, value: Json, schema: Any) -> Iterator[ValidationError]:
    if not validator.is_type(value, "object"):
        return
    named, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    more = [name for name in value if name not in named and not any(_found(pattern, name) for pattern in patterns)]
    if validator.is_type(rule, "object"):
        for name in more:
            yield from validator.descend(value[name], rule, path=name)
    elif not rule and more:
        names = ", ".join(map(repr, sorted(more)))
        yield ValidationError(
            f"Additional properties are not allowed ({names} {'was' if len(more) == 1 else 'were'} unexpected)"
        )


def _multiple_of(validator: Any, step: Any, value: Any, schema: Json) -> Iterator[ValidationError]:
    """Worked out in decimals as they are written: in floats, 19.99 isn't a multiple of 0.01."""
    if not validator.is_type(value, "number"):
        return
    try:
        fits = (Fraction(repr(value)) / Fraction(repr(step))).denominator == 1
    except ValueError:  # too large for a number, such as 1e999
        fits = False
    if not fits:
        yield ValidationError(f"{value!r} is not a multiple of {step}")


def timed(keyword: Keyword) -> Keyword:
    """The same keyword, which raises TooSlow when all that were tried took too long."""

    def tried(validator: Any, rule: Any, value: Json, schema: Any) -> Iterable[ValidationError] | None:
        if time.thread_time() > _left.get()[1]:
            raise TooSlow(f"its schema takes longer than {LONGEST_S:g} s on this answer")
        return keyword(validator, rule, value, schema)

    return tried


KEYWORDS = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "multipleOf": _multiple_of,
    "divisibleBy": _multiple_of,
}
"""Their names, and how they are worked out. ``divisibleBy`` is what the oldest draft calls ``multipleOf``."""
