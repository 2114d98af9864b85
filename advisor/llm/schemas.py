"""JSON schemas as litellm sends them to some providers: every reference replaced by what it refers to."""

from advisor.types import Json

MOST_PARTS = 20_000
"""Of all schemas of a call once they are unfolded. litellm needs about two seconds and 100 MB for so many."""


def unfolds_too_far(params: dict[str, Json]) -> bool:
    """Whether the schemas in a call's parameters have more than ``MOST_PARTS`` values without their references.

    A definition that refers to itself is counted once.
    """
    definitions: dict[str, Json] = {}
    rest: list[tuple[Json, frozenset[str]]] = [(params, frozenset())]
    parts = 0
    while rest:
        value, within = rest.pop()
        parts += 1
        if parts > MOST_PARTS:
            return True
        if isinstance(value, list):
            rest += [(item, within) for item in value]
        elif isinstance(value, dict):
            for name in ("definitions", "$defs"):
                definitions |= value[name] if isinstance(value.get(name), dict) else {}
            rest += [(item, within) for item in value.values()]
            name = str(value.get("$ref")).rpartition("/")[2]
            if name in definitions and name not in within:
                rest.append((definitions[name], within | {name}))
    return False
