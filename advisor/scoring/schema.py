"""JSON Schema: does a value keep to the schema that the request asked for.

Keywords that the library works out without a limit of time, or not exactly, are replaced by ours.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.exceptions import SchemaError, best_match
from jsonschema.protocols import Validator
from jsonschema.validators import extend, validator_for
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing.exceptions import Unresolvable

from advisor.scoring.expressions import BadExpression, read_pattern
from advisor.scoring.values import short
from advisor.types import Json

MOST_SHOWN = 160
"""Characters of a message."""


class BadSchema(ValueError):
    """The schema itself cannot be used, so nothing can be said about a value."""


class NotChecked(BadSchema):
    """The schema takes too long on this value."""


def violation(value: Json, schema: Json) -> str | None:
    """The first thing about ``value`` that breaks ``schema``, with its place, or None.

    Draft 2020-12 unless the schema names another. Documents at other addresses are never fetched. Raises BadSchema,
    and of this NotChecked where that takes too long and nothing wrong was found until then.
    """
    found = []
    try:
        validator = _validator(json.dumps(schema, sort_keys=True))
        with limited():
            for error in validator.iter_errors(value):
                found.append(error)
    except TooSlow as slow:
        if not found:
            raise NotChecked(str(slow)) from None
    except BadSchema:
        raise
    except Unresolvable as problem:
        raise BadSchema(f"it refers to something that is not in it ({problem})") from None
    except RecursionError:
        raise BadSchema("it refers to itself without end, or is nested too deeply") from None
    except Exception as problem:  # a logged schema may be anything, and the library trusts what its draft lets pass
        raise BadSchema(f"it can't be worked with ({_shortened(f'{type(problem).__name__}: {problem}')})") from None
    error = best_match(found)
    return None if error is None else f"{error.json_path}: {_shortened(error.message)}"


@lru_cache(maxsize=512)
def _validator(schema_json: str) -> Validator:
    schema = json.loads(schema_json)
    kind: Any = (
        validator_for(schema, default=Draft202012Validator) if isinstance(schema, dict) else Draft202012Validator
    )
    try:
        kind.check_schema(schema, format_checker=FORMATS)
    except SchemaError as error:
        raise BadSchema(f"it is not a JSON Schema ({error.message[:MOST_SHOWN]})") from None
    if (pattern := unlimited_pattern(schema)) is not None:
        raise BadSchema(f"the time of its pattern {pattern!r} beside unevaluatedProperties can't be limited")
    ours = {name: timed(KEYWORDS.get(name, keyword)) for name, keyword in kind.VALIDATORS.items()}
    extended: Any = extend
    # No retrieval: a logged schema must not make us call out.
    usable: Validator = extended(kind, ours)(schema, registry=REGISTRY)
    return usable


def _shortened(message: str) -> str:
    return message if len(message) <= MOST_SHOWN else f"{message[: MOST_SHOWN - 1]}…"


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
