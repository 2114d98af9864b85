"""Parameters, tools and token counts that spans tell beside the messages, under OpenAI's names."""

from typing import Any

from advisor.ingest.readers.otlp_exchange import usage_of
from advisor.ingest.readers.otlp_span import Span
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.span_attributes import first, listed
from advisor.types import Json, Usage

_PARAMS = {
    "temperature": ("gen_ai.request.temperature", "ai.settings.temperature"),
    "top_p": ("gen_ai.request.top_p", "ai.settings.topP"),
    "top_k": ("gen_ai.request.top_k", "ai.settings.topK", "llm.top_k"),
    "max_tokens": ("gen_ai.request.max_tokens", "ai.settings.maxOutputTokens", "ai.settings.maxTokens"),
    "seed": ("gen_ai.request.seed", "gen_ai.openai.request.seed", "ai.settings.seed"),
    "stop": ("gen_ai.request.stop_sequences", "llm.chat.stop_sequences", "ai.settings.stopSequences"),
    "frequency_penalty": (
        "gen_ai.request.frequency_penalty", "llm.frequency_penalty", "ai.settings.frequencyPenalty",
    ),
    "presence_penalty": ("gen_ai.request.presence_penalty", "llm.presence_penalty", "ai.settings.presencePenalty"),
    "reasoning_effort": ("gen_ai.request.reasoning_effort", "gen_ai.request.reasoning.level"),
    "tool_choice": ("gen_ai.request.tool_choice", "ai.prompt.toolChoice"),
}  # fmt: skip
_NAMES = {
    "maxTokens": "max_tokens", "max_output_tokens": "max_tokens", "maxOutputTokens": "max_tokens",
    "max_tokens_to_sample": "max_tokens", "topP": "top_p", "topK": "top_k", "stop_sequences": "stop",
    "stopSequences": "stop", "frequencyPenalty": "frequency_penalty", "presencePenalty": "presence_penalty",
}  # fmt: skip
"""Other vendors' names of OpenAI's parameters."""
KEPT = frozenset({
    "temperature", "top_p", "top_k", "min_p", "max_tokens", "max_completion_tokens", "seed", "stop",
    "frequency_penalty", "presence_penalty", "repetition_penalty", "logit_bias", "logprobs", "top_logprobs", "tools",
    "tool_choice", "functions", "function_call", "response_format", "parallel_tool_calls", "reasoning_effort",
    "verbosity", "modalities", "web_search_options",
})  # fmt: skip
_USAGE = ("gen_ai.usage", "llm.usage")


def span_params(span: Span) -> dict[str, Json]:
    """The parameters that the conventions give an attribute of their own."""
    found = {name: decode(first(span.attributes, keys)) for name, keys in _PARAMS.items()}
    params = {name: value for name, value in found.items() if value is not None}
    if "tool_choice" in params:
        params["tool_choice"] = tool_choice_of(params["tool_choice"])
    schema = decode(span.attributes.get("gen_ai.request.structured_output_schema"))
    if isinstance(schema, dict):
        params["response_format"] = schema_format(schema)
    elif span.attributes.get("gen_ai.output.type") == "json":
        params["response_format"] = {"type": "json_object"}
    return params


def invocation_params(value: Json) -> dict[str, Json]:
    """What a logged bag of parameters holds that any model takes, whichever vendor's names it uses."""
    bag = decode(value)
    if not isinstance(bag, dict):
        return {}
    for inner in ("inferenceConfig", "generation_config", "generationConfig", "config"):
        bag = bag | bag[inner] if isinstance(bag.get(inner), dict) else bag
    params = {_NAMES.get(key, key): item for key, item in bag.items() if item not in (None, "", [])}
    text = bag.get("text")
    if isinstance(text, dict) and isinstance(text.get("format"), dict) and "schema" in text["format"]:
        params["response_format"] = schema_format(text["format"])
    effort = bag.get("reasoning")
    if isinstance(effort, dict) and effort.get("effort"):
        params["reasoning_effort"] = effort["effort"]
    if "tools" in params:
        params["tools"] = tools_of(params["tools"])
    if "tool_choice" in params:
        params["tool_choice"] = tool_choice_of(params["tool_choice"])
    return {key: item for key, item in params.items() if key in KEPT and item not in (None, [])}


def schema_format(schema: dict[str, Json]) -> dict[str, Json]:
    """A response format of a JSON schema, or of an object with name, schema and strict."""
    described = schema if isinstance(schema.get("schema"), dict) else {"schema": schema}
    kept = {key: described[key] for key in ("name", "schema", "strict") if described.get(key) is not None}
    return {"type": "json_schema", "json_schema": {"name": "answer"} | kept}


def tools_of(value: Json) -> list[dict[str, Json]]:
    """Definitions of tools in any vendor's shape as OpenAI's; the provider's own tools stay as they are."""
    tools: list[dict[str, Json]] = []
    for raw in listed(value):
        tool = decode(raw)
        if not isinstance(tool, dict):
            continue
        declared = tool.get("function_declarations") or tool.get("functionDeclarations")
        if isinstance(declared, list):
            tools += tools_of(declared)
        else:
            tools.append(_tool(tool))
    return tools


def _tool(tool: dict[str, Json]) -> dict[str, Json]:
    inner = tool.get("function") or tool.get("toolSpec") or tool
    kind = str(tool.get("type") or "function")
    if not isinstance(inner, dict) or not inner.get("name") or kind not in ("function", "custom", "tool"):
        return tool if tool.get("type") else tool | {"type": "function"}
    schema: Any = None
    for key in ("parameters", "input_schema", "inputSchema", "parametersJsonSchema"):
        schema = decode(inner.get(key)) if schema is None else schema
    if isinstance(schema, dict) and isinstance(schema.get("json"), dict):
        schema = schema["json"]
    function = {"name": inner["name"], "description": inner.get("description"), "parameters": schema}
    function |= {"strict": inner["strict"]} if isinstance(inner.get("strict"), bool) else {}
    return {"type": "function", "function": {key: item for key, item in function.items() if item is not None}}


def tool_choice_of(value: Json) -> Json:
    """A choice of tools in any vendor's words as OpenAI's."""
    choice = decode(value)
    if isinstance(choice, dict):
        kind = str(choice.get("type", "")).lower()
        function = choice.get("function")
        name = choice.get("name") or choice.get("toolName") or (function or {}).get("name")
        if kind in ("tool", "function") and name:
            return {"type": "function", "function": {"name": name}}
        choice = kind or choice
    return "required" if choice == "any" else choice


def span_usage(span: Span) -> Usage | None:
    """The token counts of OpenTelemetry's conventions, all generations of names."""
    get = span.attributes

    def count(*names: str) -> Json:
        return first(get, [f"{prefix}.{name}" for name in names for prefix in _USAGE])

    return usage_of(
        count("input_tokens", "prompt_tokens"),
        count("output_tokens", "completion_tokens"),
        read=count(
            "cache_read.input_tokens", "cache_read_input_tokens", "cached_input_tokens", "cached_tokens",
            "details.cache_read_tokens", "cache_read_tokens", "input_token_details.cached", "input_tokens.cached",
        ),
        written=count(
            "cache_write.input_tokens", "cache_creation.input_tokens", "cache_creation_input_tokens",
            "cache_write_input_tokens", "details.cache_write_tokens", "cache_write_tokens",
        ),
        reasoning=count(
            "reasoning.output_tokens", "reasoning_tokens", "details.reasoning_tokens", "reasoning_output_tokens",
        ),
        total=count("total_tokens"),
    )  # fmt: skip
