"""Google's generateContent, as the Gemini API and Vertex AI take it, in camel case and in snake case."""

from typing import Any

from advisor.ingest.messages.blocks import blocks_in
from advisor.ingest.messages.request import schema_format, why_not_replayable
from advisor.ingest.messages.tools import function_tool
from advisor.ingest.reader import RowRejected
from advisor.ingest.values.json_text import as_list, as_object
from advisor.ingest.vendors import Vendor
from advisor.ingest.vendors.gemini.contents import PARTS, pick, read_contents, read_gemini, snake
from advisor.types import Json, Request

_PARAMS = {
    "temperature": "temperature", "topP": "top_p", "topK": "top_k", "maxOutputTokens": "max_tokens",
    "stopSequences": "stop", "seed": "seed", "presencePenalty": "presence_penalty",
    "frequencyPenalty": "frequency_penalty", "responseLogprobs": "logprobs", "logprobs": "top_logprobs",
}  # fmt: skip
_CHOICES = {"AUTO": "auto", "ANY": "required", "NONE": "none", "VALIDATED": "auto"}
_EFFORTS = frozenset({"minimal", "low", "medium", "high"})
_OF_OTHERS = frozenset({"choices", "content", "kwargs", "generations"})
"""LangChain has ``usage_metadata`` too."""
_STREAM_MARKS = ('"candidates"', '"usageMetadata"', '"promptFeedback"')
_COUNTS = ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties")
_SCHEMA_NAMES: dict[str, str] = {"type_": "type", "any_of": "anyOf"} | {snake(name): name for name in _COUNTS}
_NOT_IN_JSON_SCHEMA = frozenset({"nullable", "propertyOrdering", "property_ordering", "example"})


def _asks(body: dict[str, Json]) -> bool:
    contents = body.get("contents")
    return isinstance(contents, list | str | dict) and bool(contents) and "messages" not in body


def _answers(body: Json) -> bool:
    """Candidates, or an error as Google words it."""
    if isinstance(body, str):
        return any(mark in body for mark in _STREAM_MARKS) and '"choices"' not in body
    if isinstance(body, list):
        return any(isinstance(chunk, dict) and _answers(chunk) for chunk in body[:3])
    if not isinstance(body, dict):
        return False
    if isinstance(body.get("candidates"), list) or pick(body, "usageMetadata") or pick(body, "promptFeedback"):
        return _OF_OTHERS.isdisjoint(body)
    error = body.get("error")
    return isinstance(error, dict) and isinstance(error.get("code"), int) and str(error.get("status")).isupper()


def _speaks(messages: list[Json]) -> bool:
    """Parts without a type."""
    return any("type" not in part and not PARTS.isdisjoint(part) for part in blocks_in(messages, "parts"))


def _read_request(body: dict[str, Json]) -> tuple[Request, str | None]:
    """Files, searches and code that only Google can open or run make it not replayable."""
    config = as_object(pick(body, "generationConfig")) | as_object(pick(body, "config"))
    whole = config | body
    messages = read_contents(body["contents"], pick(whole, "systemInstruction"))
    params = _params(config) | _tools(whole)
    reason = _own_service(whole, config, params) or why_not_replayable(messages, params, body.get("model"))
    return Request(messages=messages, params=params), reason


def _params(config: dict[str, Json]) -> dict[str, Json]:
    params = {name: value for key, name in _PARAMS.items() if (value := pick(config, key)) not in (None, [], "")}
    schema = as_object(pick(config, "responseJsonSchema")) or pick(config, "responseSchema")
    if isinstance(schema, dict) and pick(config, "responseMimeType") != "text/x.enum":
        params["response_format"] = schema_format(schema.get("title"), json_schema(schema))
    elif pick(config, "responseMimeType") == "application/json":
        params["response_format"] = {"type": "json_object"}
    effort = str(pick(pick(config, "thinkingConfig"), "thinkingLevel")).lower()
    return params | ({"reasoning_effort": effort} if effort in _EFFORTS else {})


def _tools(body: dict[str, Json]) -> dict[str, Json]:
    listed = body.get("tools")
    tools: list[Json] = []
    for tool in listed if isinstance(listed, list) else [listed]:
        for declared in as_list(pick(tool, "functionDeclarations")):
            if isinstance(declared, dict):
                tools.append(_function(declared))
        own = {snake(key) for key, value in as_object(tool).items() if value is not None} - {"function_declarations"}
        tools += [{"type": name} for name in sorted(own)]
    if not tools:
        return {}
    calling = pick(pick(body, "toolConfig"), "functionCallingConfig")
    mode = str(pick(calling, "mode") or "").rpartition(".")[2].upper()
    allowed = as_list(pick(calling, "allowedFunctionNames"))
    if mode == "ANY" and len(allowed) == 1:
        return {"tools": tools, "tool_choice": function_tool(name=allowed[0])}
    return {"tools": tools} | ({"tool_choice": _CHOICES[mode]} if mode in _CHOICES else {})


def _function(declared: dict[str, Json]) -> Json:
    schema = pick(declared, "parametersJsonSchema")
    return function_tool(
        name=declared.get("name"),
        description=declared.get("description") or None,
        parameters=schema if schema is not None else json_schema(declared.get("parameters")),
    )


def _own_service(body: dict[str, Json], config: dict[str, Json], params: dict[str, Json]) -> str | None:
    """What the request leaves to Google to do beside the model. Raises RowRejected when it asks for no text."""
    wanted = {str(one).rpartition(".")[2].upper() for one in as_list(pick(config, "responseModalities"))}
    more = " and ".join(sorted(wanted - {"TEXT"})).lower()
    if wanted and "TEXT" not in wanted:
        raise RowRejected(f"a call for {more}, not of a chat model")
    if more:
        return f"it asks for {more} beside text, which open models rarely give"
    own = next((tool["type"] for tool in params.get("tools", ()) if tool["type"] != "function"), None)
    if own:
        return f"it uses the provider's own tool {own!r}, which other models can't run"
    return "a part of the prompt lies in the provider's cache, not in the log" if pick(body, "cachedContent") else None


def json_schema(schema: Json) -> Json:
    """Google's schema, which is OpenAPI's in part, as a JSON schema.

    Types in lower case, ``nullable`` as a type, counts as numbers, no hints that only Google reads.
    """
    if not isinstance(schema, dict):
        return schema
    plain: dict[str, Any] = {}
    for key, value in schema.items():
        name = _SCHEMA_NAMES.get(key) or str(key)
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


VENDOR = Vendor(
    name="gemini",
    rank=10,
    asks=_asks,
    answers=_answers,
    speaks=_speaks,
    read_request=_read_request,
    read_messages=read_contents,
    read_reply=read_gemini,
)
