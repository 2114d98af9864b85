"""Requests of InvokeModel: the own bodies of Titan, Llama, Cohere, Mistral and AI21 models, which hold one prompt."""

from typing import Any

from advisor.ingest.messages.blocks import as_text
from advisor.ingest.messages.chat_templates import split_turns
from advisor.ingest.messages.request import clean_messages, why_not_replayable
from advisor.ingest.reader import RowRejected
from advisor.types import Json, Request

_PARAMS = {
    "max_gen_len": "max_tokens", "maxTokens": "max_tokens", "max_tokens": "max_tokens", "max_new_tokens": "max_tokens",
    "max_tokens_to_sample": "max_tokens", "maxTokenCount": "max_tokens", "temperature": "temperature",
    "top_p": "top_p", "topP": "top_p", "p": "top_p", "top_k": "top_k", "topK": "top_k", "k": "top_k", "seed": "seed",
    "stop": "stop", "stopSequences": "stop", "stop_sequences": "stop", "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
}  # fmt: skip
_PROMPT_MARKS = frozenset({"max_gen_len", "maxTokens", "numResults", "num_generations", "return_likelihoods", "p", "k"})
"""Beside a prompt these tell the body from OpenAI's older completions."""
_TEMPLATE_MARKS = ("[INST]", "<|start_header_id|>", "<|header_start|>", "<|im_start|>", "<start_of_turn>", "<｜User｜>")
_HEAD_CHARS = 400
_COHERE_MARKS = frozenset(
    {"chat_history", "preamble", "documents", "connectors", "tool_results", "search_queries_only"}
)
_COHERE_ROLES = {"USER": "user", "CHATBOT": "assistant", "SYSTEM": "system"}
_COHERE_TYPES = {
    "str": "string", "int": "integer", "float": "number", "bool": "boolean", "list": "array", "dict": "object",
}  # fmt: skip


def asks_invoke(body: dict[str, Json]) -> bool:
    """A prompt with parameters or a template that OpenAI's completions do not have."""
    if isinstance(body.get("inputText"), str):
        return "textGenerationConfig" in body or len(body) == 1
    if isinstance(prompt := body.get("prompt"), str):
        return not _PROMPT_MARKS.isdisjoint(body) or any(mark in prompt[:_HEAD_CHARS] for mark in _TEMPLATE_MARKS)
    return isinstance(body.get("message"), str) and not _COHERE_MARKS.isdisjoint(body)


def read_invoke(body: dict[str, Json]) -> tuple[Request, str | None]:
    """The request and why it cannot be replayed; raises RowRejected when the body holds no prompt."""
    if isinstance(body.get("message"), str):
        return _cohere(body)
    prompt = body.get("inputText", body.get("prompt"))
    if not isinstance(prompt, str) or not prompt.strip():
        raise RowRejected(f"no prompt in a body with the keys {', '.join(list(body)[:12]) or 'none'}")
    messages = clean_messages(split_turns(prompt))
    params = _params(body)
    return Request(messages=messages, params=params), why_not_replayable(messages, params)


def _params(body: dict[str, Json]) -> dict[str, Json]:
    config = body.get("textGenerationConfig")
    where = config if isinstance(config, dict) else body
    return {name: where[key] for key, name in _PARAMS.items() if _is_param(where.get(key))}


def _is_param(value: Json) -> bool:
    return isinstance(value, int | float | str) or (isinstance(value, list) and len(value) > 0)


def _cohere(body: dict[str, Json]) -> tuple[Request, str | None]:
    """Command R, which keeps the last message, the history and the results of tools apart."""
    preamble, history = body.get("preamble"), body.get("chat_history")
    turns: list[Json] = [{"role": "system", "content": preamble}] if preamble else []
    for turn in history if isinstance(history, list) else []:
        turns += _turn(turn)
    if body["message"]:
        turns.append({"role": "user", "content": body["message"]})
    turns += _results(body.get("tool_results"))
    messages = clean_messages(turns)
    params = _params(body)
    tools = body.get("tools")
    if isinstance(tools, list) and tools:
        params["tools"] = [_tool(tool) for tool in tools if isinstance(tool, dict)]
    layout = body.get("response_format")
    if isinstance(layout, dict) and isinstance(layout.get("schema"), dict):
        params["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": layout["schema"]},
        }
    elif isinstance(layout, dict):
        params["response_format"] = layout
    own = next((key for key in ("documents", "connectors") if body.get(key)), None)
    reason = f"it hands {own} to the provider, which other models do not take" if own else None
    return Request(messages=messages, params=params), reason or why_not_replayable(messages, params)


def _turn(turn: Json) -> list[Json]:
    if not isinstance(turn, dict):
        return []
    role = str(turn.get("role") or turn.get("user_name")).upper()
    if role == "TOOL":
        return _results(turn.get("tool_results"))
    calls = turn.get("tool_calls")
    message: dict[str, Any] = {"role": _COHERE_ROLES.get(role, role), "content": turn.get("message")}
    if isinstance(calls, list) and calls:
        message["tool_calls"] = [_call(call, at) for at, call in enumerate(calls) if isinstance(call, dict)]
    return [message]


def _results(results: Json) -> list[Json]:
    """Results stand with the calls they answer; a call is repeated where the history does not hold it."""
    found = [result for result in results if isinstance(result, dict)] if isinstance(results, list) else []
    calls = [call if isinstance(call := result.get("call"), dict) else {} for result in found]
    messages: list[Json] = []
    for at, (call, result) in enumerate(zip(calls, found, strict=True)):
        content = as_text(result.get("outputs", ""))
        messages.append({"role": "tool", "tool_call_id": _identity(call, at), "content": content})
    return messages


def _call(call: dict[str, Json], at: int) -> Json:
    function = {"name": str(call.get("name") or ""), "arguments": as_text(call.get("parameters") or {})}
    return {"id": _identity(call, at), "type": "function", "function": function}


def _identity(call: dict[str, Json], at: int) -> str:
    return f"call_{call.get('name') or 'tool'}_{at}"


def _tool(tool: dict[str, Json]) -> Json:
    given = tool.get("parameter_definitions")
    fields = {key: one for key, one in given.items() if isinstance(one, dict)} if isinstance(given, dict) else {}
    properties = {
        key: {"type": _COHERE_TYPES.get(str(one.get("type")), "string")}
        | ({"description": one["description"]} if one.get("description") else {})
        for key, one in fields.items()
    }
    schema = {"type": "object", "properties": properties}
    required = [key for key, one in fields.items() if one.get("required")]
    function = {"name": tool.get("name"), "description": tool.get("description") or ""}
    return {"type": "function", "function": function | {"parameters": schema | {"required": required}}}
