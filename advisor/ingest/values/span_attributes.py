"""Attributes of spans: OpenTelemetry's typed values, dotted names such as ``llm.input_messages.0.message.role``."""

from collections.abc import Iterable
from typing import Any

from advisor.ingest.values.json_text import as_list, as_object, as_objects, decode
from advisor.types import Json

_OPAQUE = frozenset({"arguments", "json_schema", "parameters", "input_schema", "content", "text", "value", "variables"})
"""Values of a user's own making: dots in their keys mean nothing."""


def read_attributes(attributes: Json) -> dict[str, Json]:
    """Attributes by their dotted names, from ``[{"key": ..., "value": {"stringValue": ...}}]`` or objects.

    Objects may be nested; lists stay lists. A cell of a table may hold either as text.
    """
    attributes = decode(attributes)
    if isinstance(attributes, list):
        pairs = [pair for pair in as_objects(attributes) if isinstance(pair.get("key"), str)]
        return _flattened((pair["key"], plain_value(pair.get("value", pair.get("Value")))) for pair in pairs)
    if isinstance(attributes, dict):
        return _flattened((str(key), plain_value(value)) for key, value in attributes.items())
    return {}


def plain_value(value: Json) -> Json:
    """What an AnyValue holds, in camel or snake case; values that are plain already stay as they are."""
    if isinstance(value, list):
        return [plain_value(element) for element in value]
    if not isinstance(value, dict) or len(value) != 1:
        return value
    [(key, inner)] = value.items()
    kind = str(key).replace("_", "").lower()
    if kind == "intvalue":
        return int(inner) if isinstance(inner, str) and inner.lstrip("-").isdigit() else inner
    if kind in ("stringvalue", "boolvalue", "doublevalue", "bytesvalue"):
        return inner
    if kind in ("arrayvalue", "kvlistvalue"):
        inner = inner.get("values", inner.get("Values")) if isinstance(inner, dict) else inner
        if kind == "arrayvalue":
            return [plain_value(element) for element in as_list(inner)]
        return {pair["key"]: plain_value(pair.get("value")) for pair in as_objects(inner)}
    return plain_value(inner) if key == "Value" and isinstance(inner, dict) else value


def nest(flat: Json) -> Json:
    """Dotted names as objects within objects, also inside lists; numbers in names become keys (see listed)."""
    if isinstance(flat, list):
        return [nest(element) for element in flat]
    if not isinstance(flat, dict):
        return flat
    tree: dict[str, Any] = {}
    for name, value in flat.items():
        *path, leaf = str(name).split(".")
        node = tree
        for step in path:
            inner = node.get(step)
            if not isinstance(inner, dict):
                inner = node[step] = {}
            node = inner
        value = value if leaf in _OPAQUE else nest(value)
        known = node.get(leaf)
        if isinstance(known, dict):
            known |= as_object(value)
        else:
            node[leaf] = value
    return tree


def listed(node: Json) -> list[Json]:
    """A list, written as one or as an object with the keys 0, 1, 2 ...; the text of a list is decoded."""
    node = nest(decode(node)) if isinstance(node, str) else node
    if isinstance(node, dict):
        return [node[key] for key in sorted((key for key in node if key.isdigit()), key=int)]
    return as_list(node)


def has_gap(node: Json) -> bool:
    """Whether an element of a list with numbers as keys is missing, because there were more than were exported."""
    return isinstance(node, dict) and sorted(int(key) for key in node if key.isdigit()) != list(
        range(sum(key.isdigit() for key in node))
    )


def first(attributes: dict[str, Json], names: Iterable[str]) -> Json:
    """The first value there is under these names."""
    return next((attributes[name] for name in names if attributes.get(name) not in (None, "")), None)


def _flattened(pairs: Iterable[tuple[str, Json]]) -> dict[str, Json]:
    flat: dict[str, Json] = {}
    for name, value in pairs:
        if isinstance(value, dict) and value:
            flat |= _flattened((f"{name}.{key}", plain_value(inner)) for key, inner in value.items())
        elif value is not None:
            flat[name] = value
    return flat
