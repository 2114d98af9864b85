"""Tools on offer, the choice among them and their calls, of any vendor's shape in OpenAI's."""

from advisor.ingest.values.json_text import as_text, at, decode
from advisor.ingest.values.span_attributes import listed
from advisor.types import Json

_SCHEMA_KEYS = (
    "parameters", "input_schema", "inputSchema", "parametersJsonSchema", "parameters_json_schema", "schema",
)  # fmt: skip


def tool_call(identity: Json, name: Json, arguments: Json) -> dict[str, Json]:
    """A call of a tool in a message of the assistant, its arguments as JSON text."""
    function = {"name": str(name), "arguments": as_text(arguments)}
    return {"id": str(identity), "type": "function", "function": function}


def function_tool(**function: Json) -> dict[str, Json]:
    """A function on offer, or the choice of one by its name; what is None is left out."""
    return {"type": "function", "function": {key: value for key, value in function.items() if value is not None}}


def tools_of(value: Json) -> list[dict[str, Json]]:
    """Definitions of tools in any vendor's shape as OpenAI's; the provider's own tools stay as they are."""
    tools: list[dict[str, Json]] = []
    for raw in listed(value):
        tool = decode(raw)
        if isinstance(tool, dict):
            declared = tool.get("function_declarations") or tool.get("functionDeclarations")
            tools += tools_of(declared) if isinstance(declared, list) else [_tool(tool)]
    return tools


def _tool(tool: dict[str, Json]) -> dict[str, Json]:
    told = tool.get("function") or tool.get("toolSpec") or tool
    if not at(told, "name") or tool.get("type") not in (None, "", "function", "custom", "tool"):
        return {"type": "function"} | tool
    schema = next((found for key in _SCHEMA_KEYS if (found := decode(told.get(key))) is not None), None)
    return function_tool(
        name=told["name"],
        description=told.get("description"),
        parameters=inner if isinstance(inner := at(schema, "json"), dict) else schema,
        strict=told["strict"] if isinstance(told.get("strict"), bool) else None,
    )


def tool_choice_of(value: Json) -> Json:
    """A choice of tools in any vendor's words as OpenAI's."""
    choice = decode(value)
    if isinstance(choice, dict):
        kind = str(choice.get("type", "")).lower()
        name = choice.get("name") or choice.get("toolName") or at(choice, "function", "name")
        if kind in ("tool", "function") and name:
            return function_tool(name=name)
        choice = kind or choice
    return "required" if choice == "any" else choice
