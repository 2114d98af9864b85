"""Values that name their type, as databases export them: MongoDB's extended JSON and DynamoDB's JSON, made plain."""

from collections.abc import Callable
from typing import Any

from advisor.types import Json


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
_DYNAMO: dict[str, Callable[[Any], Json]] = {
    "S": str,
    "N": _number,
    "BOOL": bool,
    "NULL": lambda _: None,
    "B": str,
    "M": lambda inner: {key: _of_dynamo(value) for key, value in inner.items()},
    "L": lambda inner: [_of_dynamo(value) for value in inner],
    "SS": list,
    "NS": lambda inner: [_number(value) for value in inner],
    "BS": list,
}


def untyped(value: Json) -> Json:
    """The value with plain ones in place of those that name their type; the same object where there are none.

    Only a record with such a value at its top is looked into.
    """
    if isinstance(value, list):
        is_typed = bool(value) and isinstance(value[0], dict) and untyped(value[0]) is not value[0]
        return [untyped(item) for item in value] if is_typed else value
    if not isinstance(value, dict) or not value:
        return value
    if len(value) == 1 and isinstance(value.get("Item"), dict) and _is_dynamo(value["Item"]):
        value = value["Item"]
    tags = [next(iter(inner)) for inner in value.values() if type(inner) is dict and len(inner) == 1]
    if not tags:
        [key, *more] = value
        return _MONGO[key](value[key]) if not more and key in _MONGO else value
    if len(tags) == len(value) and _is_dynamo(value):
        return {key: _of_dynamo(inner) for key, inner in value.items()}
    return _of_mongo(value) if any(tag in _MONGO for tag in tags) else value


def _is_dynamo(record: dict[str, Json]) -> bool:
    return bool(record) and all(
        type(inner) is dict and len(inner) == 1 and next(iter(inner)) in _DYNAMO for inner in record.values()
    )


def _of_dynamo(value: Json) -> Json:
    if not isinstance(value, dict) or len(value) != 1:
        return value
    [(tag, inner)] = value.items()
    return _DYNAMO[tag](inner) if tag in _DYNAMO and inner is not None else value


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
