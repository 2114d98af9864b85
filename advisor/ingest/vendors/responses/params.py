"""Settings of the Responses API under the names they have in chat completions."""

from typing import Any

from advisor.ingest.values.json_text import as_object
from advisor.types import Json

_SAME = ("temperature", "top_p", "frequency_penalty", "presence_penalty", "stop", "seed", "service_tier")
_OF_FUNCTION = ("name", "description", "parameters", "strict")


def read_params(body: dict[str, Json], more_tools: list[Json]) -> dict[str, Json]:
    """What shapes the answer, without what only the vendor has; ``more_tools`` were added by the input."""
    params: dict[str, Json] = {key: body[key] for key in _SAME if body.get(key) is not None}
    if body.get("max_output_tokens") is not None:
        params["max_tokens"] = body["max_output_tokens"]
    text, reasoning = as_object(body.get("text")), as_object(body.get("reasoning"))
    if reasoning.get("effort"):
        params["reasoning_effort"] = reasoning["effort"]
    if text.get("verbosity"):
        params["verbosity"] = text["verbosity"]
    schema = _response_format(text.get("format"))
    if schema:
        params["response_format"] = schema
    given = body.get("tools")
    return params | _tool_params(body, [*(given if isinstance(given, list) else []), *more_tools])


def _tool_params(body: dict[str, Json], given: list[Json]) -> dict[str, Json]:
    tools = nested_tools(given)
    choice = body.get("tool_choice")
    if isinstance(choice, dict) and choice.get("type") == "allowed_tools":
        listed = choice.get("tools")
        allowed = {tool.get("name") for tool in listed if isinstance(tool, dict)} if isinstance(listed, list) else set()
        tools = [tool for tool in tools if _name(tool) in allowed]
        choice = choice.get("mode")
    elif isinstance(choice, dict) and choice.get("type") == "function" and "name" in choice:
        choice = {"type": "function", "function": {"name": choice["name"]}}
    if not tools:
        return {}  # chat completions refuse a choice among no tools
    found = {"tool_choice": choice, "parallel_tool_calls": body.get("parallel_tool_calls")}
    return {"tools": tools} | {key: value for key, value in found.items() if value is not None}


def nested_tools(tools: list[Json]) -> list[Json]:
    """Functions in the nested shape, those of a namespace too, each name once; the vendor's own tools as they are."""
    found: dict[Any, Json] = {}
    for tool in tools:
        if isinstance(tool, dict) and tool.get("type") == "namespace":
            inner = tool.get("tools")
            for each in nested_tools(inner if isinstance(inner, list) else []):
                found.setdefault(_name(each), each)
        elif isinstance(tool, dict):
            nested = _nested(tool)
            found.setdefault(_name(nested), nested)
    return list(found.values())


def _nested(tool: dict[str, Json]) -> dict[str, Json]:
    if tool.get("type", "function") != "function" or isinstance(tool.get("function"), dict):
        return tool
    function = {key: tool[key] for key in _OF_FUNCTION if tool.get(key) is not None}
    return {"type": "function", "function": function}


def _name(tool: dict[str, Json]) -> str:
    name = as_object(tool.get("function")).get("name") or tool.get("name")
    return str(name or tool.get("server_label") or tool.get("type"))


def _response_format(form: Json) -> Json:
    if not isinstance(form, dict) or form.get("type") in (None, "text"):
        return None
    if form["type"] != "json_schema" or "json_schema" in form:
        return form
    schema = {key: value for key, value in form.items() if key != "type" and value is not None}
    return {"type": "json_schema", "json_schema": schema}
