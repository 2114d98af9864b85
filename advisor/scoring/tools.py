"""Tools as a request offers them, and calls of them as models write them."""

from collections.abc import Container
from dataclasses import dataclass, field

from advisor.scoring.reading import NotJson, parse_json
from advisor.types import ANY_OF, Answer, Json, Request


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One offered tool."""

    name: str
    schema: dict[str, Json] = field(default_factory=dict)
    """JSON Schema of its arguments; empty: anything."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A tool call with decoded arguments."""

    name: str
    arguments: Json
    """The decoded object, or the text where it is not JSON."""


def offered(request: Request) -> dict[str, Tool]:
    """Name -> tool, from ``tools`` (nested or flat) or the older ``functions``."""
    tools = {}
    for entry in [*_list(request.params.get("tools")), *_list(request.params.get("functions"))]:
        function = entry.get("function", entry) if isinstance(entry, dict) else None
        if isinstance(function, dict) and isinstance(function.get("name"), str):
            schema = function.get("parameters", function.get("input_schema"))
            tools[function["name"]] = Tool(name=function["name"], schema=schema if isinstance(schema, dict) else {})
    return tools


def calls_of(answer: Answer) -> list[Call]:
    """The calls in an answer. No arguments at all count as an empty object."""
    return [Call(name=call.name, arguments=_decode(call.arguments)) for call in answer.tool_calls]


def calls_in(target: Json, tools: Container[str] = ()) -> list[Call] | None:
    """The calls a target asks for, in any of the usual shapes; None if it is not a tool call.

    Of ``tools`` by name a call may also list each argument's right values: ``{"book": {"city": ["Oslo"], "nights": [2,
    ""]}}``, where an empty text lets it be left out.
    """
    try:
        return _calls_in(target, tools)
    except RecursionError:
        return None


def _calls_in(target: Json, tools: Container[str]) -> list[Call] | None:
    if isinstance(target, dict) and "tool_calls" in target:
        return _calls_in(target["tool_calls"], tools)
    if isinstance(target, list):
        calls = [_calls_in(item, tools) for item in target if isinstance(item, dict)]
        flat = [call for group in calls if group for call in group]
        return flat if target and len(flat) == len(target) else None
    if not isinstance(target, dict):
        return None
    inner = target.get("function", target)
    if isinstance(inner, dict) and isinstance(inner.get("name"), str):
        for key in ("arguments", "args", "input", "parameters"):
            if key in inner:
                return [Call(name=inner["name"], arguments=_decode(inner[key]))]
    if len(target) == 1 and (name := next(iter(target))) in tools and isinstance(target[name], dict):
        return [Call(name=name, arguments=_listed(target[name]))]
    return None


def _listed(value: Json) -> Json:
    """Values as a list of right ones has them: every list in an object holds alternatives."""
    if isinstance(value, dict):
        return {
            key: {ANY_OF: [_listed(each) for each in values]} if isinstance(values, list) else values
            for key, values in value.items()
        }
    return [_listed(item) for item in value] if isinstance(value, list) else value


def _decode(arguments: Json) -> Json:
    if arguments is None or arguments == "":
        return {}
    if not isinstance(arguments, str):
        return arguments
    try:
        return parse_json(arguments)
    except NotJson:
        return arguments


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
