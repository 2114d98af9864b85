"""InvokeModel: the own bodies of Titan, Llama, Cohere, Mistral and AI21 models, which hold one prompt.

Replies come whole or as the chunks of a stream.
"""

from advisor.ingest.messages.chat_templates import split_turns
from advisor.ingest.messages.reply import CUT_OFF, Reply, answer_of, finish_reason_of
from advisor.ingest.messages.request import (
    PARAM_NAMES,
    SAMPLING_PARAMS,
    clean_messages,
    schema_format,
    why_not_replayable,
)
from advisor.ingest.messages.tools import function_tool, tool_call
from advisor.ingest.messages.usage import Counts
from advisor.ingest.reader import RowRejected
from advisor.ingest.values.json_text import as_list, as_object, as_objects, as_text, at
from advisor.ingest.values.numbers import parse_count
from advisor.types import Json, Request, ToolCall

_PARAM_NAMES = PARAM_NAMES | {"max_gen_len": "max_tokens", "maxTokenCount": "max_tokens", "k": "top_k", "p": "top_p"}
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
_ANSWERS = (("results", "outputText"), ("generations", "text"), ("outputs", "text"), ("completions", "data"))
_OF_CHUNKS = frozenset({"outputText", "generation", "is_finished", "event_type"})


def asks_invoke(body: dict[str, Json]) -> bool:
    """A prompt with parameters or a template that OpenAI's completions do not have."""
    if isinstance(body.get("inputText"), str):
        return "textGenerationConfig" in body or len(body) == 1
    if isinstance(prompt := body.get("prompt"), str):
        return not _PROMPT_MARKS.isdisjoint(body) or any(mark in prompt[:_HEAD_CHARS] for mark in _TEMPLATE_MARKS)
    return isinstance(body.get("message"), str) and not _COHERE_MARKS.isdisjoint(body)


def read_invoke(body: dict[str, Json]) -> tuple[Request, str | None]:
    """The request and why it cannot be replayed; raises RowRejected when the body holds no prompt."""
    where = as_object(body.get("textGenerationConfig")) or body
    named = {_PARAM_NAMES.get(key, key): value for key, value in where.items()}
    params = {name: value for name, value in named.items() if name in SAMPLING_PARAMS and value not in (None, [])}
    if isinstance(body.get("message"), str):
        messages = clean_messages(_cohere_turns(body))
        params |= _cohere_params(body)
    else:
        prompt = body.get("inputText", body.get("prompt"))
        if not isinstance(prompt, str) or not prompt.strip():
            raise RowRejected(f"no prompt in a body with the keys {', '.join(list(body)[:12]) or 'none'}")
        messages = clean_messages(split_turns(prompt))
    own = next((key for key in ("documents", "connectors") if body.get(key)), None)
    reason = f"it hands {own} to the provider, which other models do not take" if own else None
    return Request(messages=messages, params=params), reason or why_not_replayable(messages, params)


def _cohere_turns(body: dict[str, Json]) -> list[Json]:
    """Command R keeps the last message, the history and the results of tools apart."""
    turns: list[Json] = [{"role": "system", "content": body["preamble"]}] if body.get("preamble") else []
    for turn in as_objects(body.get("chat_history")):
        role = str(turn.get("role") or turn.get("user_name")).upper()
        if role == "TOOL":
            turns += _cohere_results(turn.get("tool_results"))
            continue
        calls = [
            tool_call(_identity(call, index), call.get("name") or "", call.get("parameters") or {})
            for index, call in enumerate(as_objects(turn.get("tool_calls")))
        ]
        message = {"role": _COHERE_ROLES.get(role, role), "content": turn.get("message")}
        turns.append(message | ({"tool_calls": calls} if calls else {}))
    if body["message"]:
        turns.append({"role": "user", "content": body["message"]})
    return turns + _cohere_results(body.get("tool_results"))


def _cohere_results(results: Json) -> list[Json]:
    """Results stand with the calls they answer; a call is repeated where the history does not hold it."""
    return [
        {
            "role": "tool",
            "tool_call_id": _identity(as_object(result.get("call")), index),
            "content": as_text(result.get("outputs", "")),
        }
        for index, result in enumerate(as_objects(results))
    ]


def _identity(call: dict[str, Json], index: int) -> str:
    return f"call_{call.get('name') or 'tool'}_{index}"


def _cohere_params(body: dict[str, Json]) -> dict[str, Json]:
    params: dict[str, Json] = {}
    if tools := as_objects(body.get("tools")):
        params["tools"] = [_cohere_tool(tool) for tool in tools]
    layout = body.get("response_format")
    if isinstance(schema := at(layout, "schema"), dict):
        params["response_format"] = schema_format(None, schema)
    elif isinstance(layout, dict):
        params["response_format"] = layout
    return params


def _cohere_tool(tool: dict[str, Json]) -> Json:
    given = as_object(tool.get("parameter_definitions"))
    fields = {key: one for key, one in given.items() if isinstance(one, dict)}
    properties = {
        key: {"type": _COHERE_TYPES.get(str(one.get("type")), "string")}
        | ({"description": one["description"]} if one.get("description") else {})
        for key, one in fields.items()
    }
    required = [key for key, one in fields.items() if one.get("required")]
    schema = {"type": "object", "properties": properties, "required": required}
    return function_tool(name=tool.get("name"), description=tool.get("description") or "", parameters=schema)


def answers_invoke(body: Json) -> bool:
    """A reply, or a list whose first element is a chunk of one."""
    if isinstance(body, list):
        first = next(iter(body), None)
        return isinstance(first, dict) and (not _OF_CHUNKS.isdisjoint(first) or answers_invoke(first))
    if not isinstance(body, dict):
        return False
    if isinstance(body.get("generation"), str):
        return not {"generation_token_count", "prompt_token_count", "stop_reason"}.isdisjoint(body)
    if isinstance(body.get("text"), str):
        return not {"response_id", "generation_id", "chat_history"}.isdisjoint(body)
    return not {"outputText", "stop_reason", "finish_reason", "finishReason"}.isdisjoint(_first(body))


def read_chunks(chunks: list[dict[str, Json]], *, is_streamed: bool = True) -> Reply:
    """Of one body, or of a stream, also when it stops in the middle."""
    texts: list[str] = []
    calls: list[ToolCall] = []
    reason: str | None = None
    given = taken = None
    for chunk in chunks:
        whole = as_object(chunk.get("response"))  # Cohere repeats all of the answer at the end of its stream
        if isinstance(whole.get("text"), str):
            texts, chunk = [], whole
        first = _first(chunk)
        texts.append(_text(chunk, first))
        calls += [
            ToolCall(name=str(call["name"]), arguments=as_text(call.get("parameters") or {}))
            for call in as_objects(chunk.get("tool_calls"))
            if call.get("name")
        ]
        reason = _reason(chunk) or _reason(first) or reason
        asked, came = _counts(chunk, first)
        given, taken = _most(given, asked), _most(taken, came)
    is_finished = reason is not None or not is_streamed or any(chunk.get("is_finished") is True for chunk in chunks)
    answer = answer_of("".join(texts), calls, finish_reason_of(reason))
    reply = Reply(answer=answer, usage=Counts(given=given, taken=taken).usage())
    return reply if is_finished else reply.ended(CUT_OFF)


def _first(body: dict[str, Json]) -> dict[str, Json]:
    """The first of the answers in a body; empty where there is none."""
    for key, text in _ANSWERS:
        first = next(iter(as_list(body.get(key))), None)
        if isinstance(first, dict) and text in first:
            return first
    return {}


def _text(chunk: dict[str, Json], first: dict[str, Json]) -> str:
    of_chunk = (chunk.get("generation"), chunk.get("outputText"), chunk.get("text"))
    found = (at(first, "data", "text"), first.get("outputText"), first.get("text"), *of_chunk)
    return next((text for text in found if isinstance(text, str)), "")


def _reason(where: dict[str, Json]) -> str | None:
    names = ("completionReason", "stop_reason", "finish_reason", "finishReason")
    told = next((where[key] for key in names if where.get(key)), None)
    told = told.get("reason") if isinstance(told, dict) else told
    return told.lower() if isinstance(told, str) and told else None


def _counts(chunk: dict[str, Json], first: dict[str, Json]) -> tuple[int | None, int | None]:
    billed = as_object(at(chunk, "meta", "tokens")) or at(chunk, "meta", "billed_units")
    given = (
        chunk.get("inputTextTokenCount"),
        chunk.get("prompt_token_count"),
        at(billed, "input_tokens"),
        _length(at(chunk, "prompt", "tokens")),
    )
    taken = (
        first.get("tokenCount"),
        chunk.get("totalOutputTextTokenCount"),
        chunk.get("generation_token_count"),
        at(billed, "output_tokens"),
        _length(at(first, "data", "tokens")),
    )
    return _count(given), _count(taken)


def _count(values: tuple[Json, ...]) -> int | None:
    return next((count for value in values if (count := parse_count(value)) is not None), None)


def _length(value: Json) -> int | None:
    return len(value) if isinstance(value, list) else None


def _most(so_far: int | None, count: int | None) -> int | None:
    """Counts of a stream grow from chunk to chunk; the last one tells all."""
    return so_far if count is None else max(so_far or 0, count)
