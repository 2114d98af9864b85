"""Langfuse's model parameters, most of them as text, and the tools that were on offer, wherever they stand."""

import re
from collections.abc import Iterable

import orjson

from advisor.ingest.values.json_text import decode
from advisor.ingest.values.numbers import parse_number
from advisor.types import Json

_RENAMED = {
    "stop_sequences": "stop", "stopSequences": "stop", "max_output_tokens": "max_tokens", "maxTokens": "max_tokens",
    "maxOutputTokens": "max_tokens", "max_new_tokens": "max_tokens", "maxCompletionTokens": "max_completion_tokens",
    "topP": "top_p", "topK": "top_k", "frequencyPenalty": "frequency_penalty", "presencePenalty": "presence_penalty",
    "responseFormat": "response_format", "toolChoice": "tool_choice", "system_instruction": "instructions",
    "systemInstruction": "instructions", "system": "instructions",
}  # fmt: skip
_NUMBERS = frozenset({
    "temperature", "top_p", "top_k", "min_p", "seed", "frequency_penalty", "presence_penalty", "repetition_penalty",
})  # fmt: skip
_LIMITS = frozenset({"max_tokens", "max_completion_tokens"})
_OTHERS = frozenset({
    "stop", "tools", "tool_choice", "functions", "function_call", "response_format", "parallel_tool_calls",
    "logit_bias", "logprobs", "top_logprobs", "reasoning_effort", "verbosity", "instructions", "text", "reasoning",
    "previous_response_id",
})  # fmt: skip
_ATTRIBUTE_TOOL = re.compile(r"llm\.tools\.\d+\.tool\.json_schema")


def read_params(value: Json) -> dict[str, Json]:
    """What of ``modelParameters`` shapes the answer, in OpenAI's names, plus a Responses call's own keys."""
    found = decode(value)
    if isinstance(found, list):  # Parquet gives a map as a list of pairs
        found = {str(pair[0]): pair[1] for pair in found if isinstance(pair, list | tuple) and len(pair) == 2}
    params: dict[str, Json] = {}
    for key, text in found.items() if isinstance(found, dict) else ():
        name: str = _RENAMED.get(key) or str(key)
        param = _value(text)
        if name in _NUMBERS and isinstance(text, str):
            param = parse_number(param)
        is_usable = (name in _NUMBERS and _is_number(param)) or (name in _LIMITS and _is_number(param) and param >= 1)
        if is_usable or (name in _OTHERS and param not in (None, "", [], {})):
            params[name] = param
    if not isinstance(params.get("response_format", {}), dict):
        del params["response_format"]
    return params


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _value(value: Json) -> Json:
    """The value inside text, and inside OpenTelemetry's wrapping of lists."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return decode(value)
    if isinstance(value, dict) and set(value) == {"arrayValue"}:
        listed = value["arrayValue"].get("values") if isinstance(value["arrayValue"], dict) else None
        return [next(iter(item.values()), None) for item in listed or () if isinstance(item, dict)]
    return value


def read_tools(columns: Json, metadata: dict[str, Json]) -> dict[str, Json]:
    """``tools``, and ``tool_choice`` where it is known, from the column of definitions or the span's attributes."""
    attributes = decode(metadata.get("attributes"))
    attributes = attributes if isinstance(attributes, dict) else {}
    asked = decode(attributes.get("model_request_parameters"))
    if isinstance(asked, dict):  # Pydantic AI
        tools = tools_in([*_listed(asked.get("function_tools")), *_listed(asked.get("output_tools"))])
        must_call = tools and asked.get("allow_text_output") is False
        return ({"tools": tools} if tools else {}) | ({"tool_choice": "required"} if must_call else {})
    sources = (
        decode(columns),
        decode(attributes.get("gen_ai.tool.definitions")),
        decode(attributes.get("ai.prompt.tools")),
        [value for key, value in sorted(attributes.items()) if _ATTRIBUTE_TOOL.fullmatch(key)],
    )
    tools = next((found for source in sources if (found := tools_in(source))), [])
    return {"tools": tools} if tools else {}


def tools_in(value: Json) -> list[dict[str, Json]]:
    """Definitions in any of the usual shapes, in OpenAI's; a map goes from the name to the rest as text."""
    if isinstance(value, dict):
        value = [{"name": name} | inner for name, text in value.items() if isinstance(inner := decode(text), dict)]
    return [tool for item in _listed(value) if (tool := _tool(decode(item))) is not None]


def _tool(item: Json) -> dict[str, Json] | None:
    if not isinstance(item, dict):
        return None
    inner: dict[str, Json] = item["function"] if isinstance(item.get("function"), dict) else item
    if not isinstance(inner.get("name"), str):
        return None
    schema = next((found for key in _SCHEMA_KEYS if isinstance(found := decode(inner.get(key)), dict)), None)
    function: dict[str, Json] = {"name": inner["name"]}
    if isinstance(inner.get("description"), str) and inner["description"]:
        function["description"] = inner["description"]
    function["parameters"] = schema or {"type": "object", "properties": {}}
    if isinstance(inner.get("strict"), bool):
        function["strict"] = inner["strict"]
    return {"type": "function", "function": function}


_SCHEMA_KEYS = ("parameters", "parameters_json_schema", "input_schema", "inputSchema", "schema")


def _listed(value: Json) -> Iterable[Json]:
    return value if isinstance(value, list | tuple) else ()
