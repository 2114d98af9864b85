"""JSON Schema: does a value keep to the schema that the request asked for."""

import json
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, best_match
from jsonschema.protocols import Validator
from jsonschema.validators import extend, validator_for
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing.exceptions import Unresolvable

from advisor.scoring.schema_keywords import FORMATS, KEYWORDS, TooSlow, limited, timed, unlimited_pattern
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
        raise BadSchema(f"it cannot be worked with ({_shortened(f'{type(problem).__name__}: {problem}')})") from None
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
        raise BadSchema(f"the time of its pattern {pattern!r} beside unevaluatedProperties cannot be limited")
    ours = {name: timed(KEYWORDS.get(name, keyword)) for name, keyword in kind.VALIDATORS.items()}
    extended: Any = extend
    # No retrieval: a logged schema must not make us call out.
    usable: Validator = extended(kind, ours)(schema, registry=REGISTRY)
    return usable


def _shortened(message: str) -> str:
    return message if len(message) <= MOST_SHOWN else f"{message[: MOST_SHOWN - 1]}…"
