"""Values that name their type, as databases export them, made plain.

MongoDB's extended JSON, DynamoDB's JSON, Avro's unions and what BigQuery's clients and event exports write.
"""

import re
from collections.abc import Callable
from typing import Any

from advisor.types import Json

_CLOCK = re.compile(r"\d{4}-\d\d-\d\d")


def _number(value: Json) -> Json:
    """As a number where it is one: extended JSON also spells NaN and Infinity, which tell nothing."""
    if not isinstance(value, str):
        return value
    try:
        return int(value) if value.lstrip("-").isdigit() else float(value)
    except ValueError:
        return None


_MONGO: dict[str, Callable[[Any], Json]] = {
    "$oid": str,
    "$date": lambda inner: _of_mongo(inner),
    "$numberInt": _number,
    "$numberLong": _number,
    "$numberDouble": _number,
    "$numberDecimal": _number,
    "$uuid": str,
    "$symbol": str,
    "$undefined": lambda _: None,
}
_DYNAMO: dict[str, tuple[type, Callable[[Any], Json]]] = {
    "S": (str, str),
    "N": (str, _number),
    "BOOL": (bool, bool),
    "NULL": (bool, lambda _: None),
    "B": (str, str),
    "M": (dict, lambda inner: {key: _of_dynamo(value) for key, value in inner.items()}),
    "L": (list, lambda inner: [_of_dynamo(value) for value in inner]),
    "SS": (list, list),
    "NS": (list, lambda inner: [_number(value) for value in inner]),
    "BS": (list, list),
}
"""Tag to the type of what it marks: another is an object that only looks like it."""


_AVRO = frozenset({"string", "long", "int", "double", "float", "boolean", "bytes"})
_BIGQUERY = frozenset({"string_value", "int_value", "float_value", "double_value", "bool_value"})
"""Of the parameters of an event: one of them holds the value."""
_PARAMETERS = frozenset({"event_params", "params", "properties", "user_properties"})


def untyped(value: Json) -> Json:
    """The value with plain ones in place of those that name their type; the same object where there are none.

    Only a record with such a value at its top is looked into. What is nested too deeply stays as it is.
    """
    try:
        return _untyped(value)
    except RecursionError:
        return value


def _untyped(value: Json) -> Json:
    if isinstance(value, list):
        is_typed = bool(value) and isinstance(value[0], dict) and _untyped(value[0]) is not value[0]
        return [_untyped(item) for item in value] if is_typed else value
    if not isinstance(value, dict) or not value:
        return value
    if len(value) == 1 and isinstance(value.get("Item"), dict) and _is_dynamo(value["Item"]):
        value = value["Item"]
    for key in _PARAMETERS & value.keys():
        found = event_parameters(value[key])
        if found is not None:
            value = found | {name: inner for name, inner in value.items() if name != key}
    tags = [next(iter(inner)) for inner in value.values() if type(inner) is dict and len(inner) == 1]
    if not tags:
        [key, *more] = value
        return _MONGO[key](value[key]) if not more and key in _MONGO else value
    if len(tags) == len(value) and _is_dynamo(value):
        return {key: _of_dynamo(inner) for key, inner in value.items()}
    if any(tag in _MONGO for tag in tags):
        return _of_mongo(value)
    if len(tags) > 1 and _AVRO.issuperset(tags):
        return {key: _of_union(inner) for key, inner in value.items()}
    if "value" in tags:
        return {key: _of_clock(inner) for key, inner in value.items()}
    return value


def event_parameters(value: Json) -> dict[str, Json] | None:
    """BigQuery's ``[{"key": "model", "value": {"string_value": "m"}}]`` as an object; None for anything else."""
    if not isinstance(value, list) or not value:
        return None
    found: dict[str, Json] = {}
    for item in value:
        held = item.get("value") if isinstance(item, dict) and len(item) == 2 else None
        if not isinstance(held, dict) or "key" not in item or not held or not _BIGQUERY.issuperset(held):
            return None
        found[str(item["key"])] = next((each for each in held.values() if each is not None), None)
    return found


def _of_union(value: Json) -> Json:
    return next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else value


def _of_clock(value: Json) -> Json:
    """BigQuery's clients for Node.js wrap times and dates so."""
    inner = value.get("value") if isinstance(value, dict) and len(value) == 1 else None
    return inner if isinstance(inner, str) and _CLOCK.match(inner) else value


def _is_dynamo(record: dict[str, Json]) -> bool:
    return bool(record) and all(map(_is_tagged, record.values()))


def _is_tagged(value: Json) -> bool:
    if type(value) is not dict or len(value) != 1:
        return False
    [(tag, inner)] = value.items()
    return tag in _DYNAMO and isinstance(inner, _DYNAMO[tag][0])


def _of_dynamo(value: Json) -> Json:
    if not isinstance(value, dict) or not _is_tagged(value):
        return value
    [(tag, inner)] = value.items()
    return _DYNAMO[tag][1](inner)


def _of_mongo(value: Json) -> Json:
    if isinstance(value, list):
        return [_of_mongo(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(tag, inner)] = value.items()
        if tag in _MONGO:
            return _MONGO[tag](inner)
    return {key: _of_mongo(inner) for key, inner in value.items()}
