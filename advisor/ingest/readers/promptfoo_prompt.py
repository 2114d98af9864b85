"""Prompts of promptfoo: text, or messages as JSON or YAML, and templates with the values of a test put in."""

import re
from typing import Any

import orjson

from advisor.ingest.values.json_text import decode
from advisor.types import Json

_PLACEHOLDER = re.compile(r"\{\{-?\s*([\w.\-]+)\s*-?\}\}")
_UNFILLED = re.compile(r"\{\{|\{%")
_YAML = re.compile(r"\s*-\s+role:\s", re.IGNORECASE)
_LONGEST_YAML = 2**20
"""Characters."""
_DEEPEST_YAML = 50
_MOST_NODES = 10_000
"""Of events: starts, ends and texts."""


def messages_of(raw: Json) -> list[Json]:
    """The messages of a prompt; anything but a list of messages is the text of one."""
    value = _from_yaml(raw) if isinstance(raw, str) and _YAML.match(raw) else decode(raw)
    if isinstance(value, dict) and isinstance(value.get("messages"), list):
        value = value["messages"]
    if isinstance(value, list) and value and all(isinstance(item, dict) and "role" in item for item in value):
        return value
    return [{"role": "user", "content": raw if isinstance(raw, str) else orjson.dumps(raw).decode()}]


def fill_in(template: str, variables: dict[str, Json]) -> str | None:
    """The text with its placeholders filled; None where the template needs more than names."""
    filled = _PLACEHOLDER.sub(lambda found: _value(variables, found), template)
    return None if _UNFILLED.search(_PLACEHOLDER.sub("", template)) or "\0" in filled else filled


def fill_in_messages(template: str, variables: dict[str, Json]) -> Json:
    """A prompt of text or of messages with its placeholders filled; None where that cannot be done."""
    decoded = decode(template)
    if isinstance(decoded, list | dict):
        return _filled(decoded, variables)
    return fill_in(template, variables)


def has_placeholders(template: str) -> bool:
    """Whether anything is to be filled in."""
    return _UNFILLED.search(template) is not None


def _filled(value: Json, variables: dict[str, Json]) -> Json:
    """Values go into the texts after parsing, so that quotes in them do no harm."""
    if isinstance(value, str):
        return fill_in(value, variables)
    if isinstance(value, list):
        items = [_filled(item, variables) for item in value]
        return None if any(item is None and old is not None for item, old in zip(items, value, strict=True)) else items
    if isinstance(value, dict):
        found = {key: _filled(item, variables) for key, item in value.items()}
        return None if any(found[key] is None and value[key] is not None for key in value) else found
    return value


def _value(variables: dict[str, Json], found: re.Match[str]) -> str:
    value: Json = variables
    for name in found[1].split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if value is None:
        return "\0"  # not known
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _from_yaml(text: str) -> Json:
    """The list in YAML; None where it is none, or so long or deep that reading it takes more than a moment.

    References are refused, because few of them can expand to a lot.
    """
    import yaml  # type: ignore[import-untyped]

    if len(text) > _LONGEST_YAML:
        return None
    depth = 0
    try:
        for nodes, event in enumerate(yaml.parse(text)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or depth > _DEEPEST_YAML or nodes > _MOST_NODES:
                return None
        found: Any = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return found
