"""Google's schemas, which are OpenAPI's in part, as JSON schemas."""

from typing import Any

from advisor.types import Json

_NAMES = {
    "type_": "type", "anyOf": "anyOf", "any_of": "anyOf", "minItems": "minItems", "min_items": "minItems",
    "maxItems": "maxItems", "max_items": "maxItems", "minLength": "minLength", "min_length": "minLength",
    "maxLength": "maxLength", "max_length": "maxLength", "minProperties": "minProperties",
    "min_properties": "minProperties", "maxProperties": "maxProperties", "max_properties": "maxProperties",
}  # fmt: skip
_COUNTS = frozenset({"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"})
_NOT_IN_JSON_SCHEMA = frozenset({"nullable", "propertyOrdering", "property_ordering", "example"})


def json_schema(schema: Json) -> Json:
    """Types in lower case, ``nullable`` as a type, counts as numbers, no hints that only Google reads."""
    if not isinstance(schema, dict):
        return schema
    plain: dict[str, Any] = {}
    for key, value in schema.items():
        name = str(_NAMES.get(key, key))
        if name == "type" and isinstance(value, str | list):
            plain[name] = _type(value)
        elif name == "properties" and isinstance(value, dict):
            plain[name] = {field: json_schema(inner) for field, inner in value.items()}
        elif name in ("items", "additionalProperties"):
            plain[name] = json_schema(value)
        elif name == "anyOf" and isinstance(value, list):
            plain[name] = [json_schema(inner) for inner in value]
        elif name in _COUNTS and isinstance(value, str) and value.isdigit():
            plain[name] = int(value)
        elif not (name in _NOT_IN_JSON_SCHEMA or (name == "format" and value == "enum")):
            plain[name] = value
    if schema.get("nullable") is True and isinstance(plain.get("type"), str):
        plain["type"] = [plain["type"], "null"]
    return plain


def _type(value: str | list[Json]) -> Json:
    return value.rpartition(".")[2].lower() if isinstance(value, str) else [str(one).lower() for one in value]
