"""JSON Schema: does a value keep to the schema that the request asked for."""

import json
from functools import lru_cache

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, best_match
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing.exceptions import Unresolvable

from advisor.types import Json


class BadSchema(ValueError):
    """The schema itself cannot be used, so nothing can be said about a value."""


def violation(value: Json, schema: Json) -> str | None:
    """The first thing about ``value`` that breaks ``schema``, with its place, or None.

    Draft 2020-12 unless the schema names another. Documents at other addresses are never fetched. Raises BadSchema.
    """
    validator = _validator(json.dumps(schema, sort_keys=True))
    try:
        error = best_match(validator.iter_errors(value))
    except Unresolvable as problem:
        raise BadSchema(f"it refers to something that is not in it ({problem})") from None
    except RecursionError:
        raise BadSchema("it refers to itself without end") from None
    if error is None:
        return None
    message = error.message if len(error.message) <= 160 else f"{error.message[:159]}…"
    return f"{error.json_path}: {message}"


@lru_cache(maxsize=512)
def _validator(schema_json: str) -> Validator:
    schema = json.loads(schema_json)
    kind = validator_for(schema, default=Draft202012Validator) if isinstance(schema, dict) else Draft202012Validator
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        raise BadSchema(f"it is not a JSON Schema ({error.message[:160]})") from None
    return kind(schema, registry=REGISTRY)  # no retrieval: a logged schema must not make us call out
