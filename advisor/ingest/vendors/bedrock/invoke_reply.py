"""Replies of InvokeModel by Titan, Llama, Cohere, Mistral and AI21 models, whole or as the chunks of a stream."""

from typing import Any

from advisor.ingest.messages.blocks import as_text
from advisor.ingest.messages.reply import CUT_OFF, Reply, usable
from advisor.ingest.values.numbers import parse_count
from advisor.types import Answer, Json, ToolCall, Usage

_FINISH_REASONS = {
    "finish": "stop", "stop": "stop", "complete": "stop", "endoftext": "stop", "stop_criteria_met": "stop",
    "end_turn": "stop", "stop_sequence": "stop", "stop_criteria": "stop", "length": "length", "max_tokens": "length",
    "content_filtered": "content_filter", "error_toxic": "content_filter", "tool_calls": "tool_calls",
}  # fmt: skip
_ANSWERS = (
    ("results", "outputText"),
    ("generations", "text"),
    ("outputs", "text"),
    ("completions", "data"),
)
_OF_COHERE = frozenset({"response_id", "generation_id", "chat_history", "is_finished", "event_type", "finish_reason"})
_OF_CHUNKS = frozenset({"outputText", "generation", "is_finished", "event_type"})


def answers_invoke(body: Json) -> bool:
    """A reply, or a list whose first element is a chunk of one."""
    if isinstance(body, list):
        return (
            bool(body) and isinstance(body[0], dict) and (bool(_OF_CHUNKS & body[0].keys()) or answers_invoke(body[0]))
        )
    if not isinstance(body, dict):
        return False
    if isinstance(body.get("generation"), str):
        return not {"generation_token_count", "prompt_token_count", "stop_reason"}.isdisjoint(body)
    if isinstance(body.get("text"), str):
        return not {"response_id", "generation_id", "chat_history"}.isdisjoint(body)
    first = _first(body)
    return first is not None and not {"outputText", "stop_reason", "finish_reason", "finishReason"}.isdisjoint(first)


def read_invoke_reply(body: dict[str, Json]) -> Reply:
    """Of one body."""
    return _merge([body], is_streamed=False)


def merge_chunks(chunks: list[dict[str, Json]]) -> Reply:
    """Of a stream, also when it stops in the middle."""
    return _merge(chunks, is_streamed=True)


def _merge(chunks: list[dict[str, Json]], *, is_streamed: bool) -> Reply:
    texts: list[str] = []
    calls: list[ToolCall] = []
    reason: str | None = None
    given = taken = None
    for chunk in chunks:
        whole = chunk.get("response")  # Cohere repeats all of the answer at the end of its stream
        if isinstance(whole, dict) and isinstance(whole.get("text"), str):
            texts, chunk = [], whole
        first = _first(chunk) or {}
        texts.append(_text(chunk, first))
        calls += _calls(chunk)
        told = _reason(chunk) or _reason(first)
        reason = told or reason
        counts = _counts(chunk, first)
        given, taken = _most(given, counts[0]), _most(taken, counts[1])
    text = "".join(texts)
    finish = _FINISH_REASONS.get(reason.lower(), reason.lower()) if reason else None
    is_finished = reason is not None or not is_streamed or any(chunk.get("is_finished") is True for chunk in chunks)
    answer = Answer(text=text or (None if calls else ""), tool_calls=tuple(calls), finish_reason=finish)
    kept = None if answer.is_empty and not is_finished else answer
    return Reply(answer=usable(kept), usage=_usage(given, taken), error=None if is_finished else CUT_OFF)


def _first(body: dict[str, Json]) -> dict[str, Json] | None:
    for key, text in _ANSWERS:
        listed = body.get(key)
        if isinstance(listed, list) and listed and isinstance(listed[0], dict) and text in listed[0]:
            return listed[0]
    return None


def _text(chunk: dict[str, Json], first: dict[str, Json]) -> str:
    data = first["data"].get("text") if isinstance(first.get("data"), dict) else None
    of_chunk = (chunk.get("generation"), chunk.get("outputText"), chunk.get("text"))
    found = (data, first.get("outputText"), first.get("text"), *of_chunk)
    return next((text for text in found if isinstance(text, str)), "")


def _reason(where: dict[str, Json]) -> str | None:
    told = next(
        (where[key] for key in ("completionReason", "stop_reason", "finish_reason", "finishReason") if where.get(key)),
        None,
    )
    told = told.get("reason") if isinstance(told, dict) else told
    return told if isinstance(told, str) and told else None


def _calls(chunk: dict[str, Json]) -> list[ToolCall]:
    listed = chunk.get("tool_calls")
    return [
        ToolCall(name=str(call.get("name") or ""), arguments=as_text(call.get("parameters") or {}))
        for call in (listed if isinstance(listed, list) else [])
        if isinstance(call, dict) and call.get("name")
    ]


def _counts(chunk: dict[str, Json], first: dict[str, Json]) -> tuple[int | None, int | None]:
    meta: Any = chunk.get("meta") if isinstance(chunk.get("meta"), dict) else {}
    billed: Any = next((meta[key] for key in ("tokens", "billed_units") if isinstance(meta.get(key), dict)), {})
    prompt = chunk["prompt"] if isinstance(chunk.get("prompt"), dict) else {}
    data = first["data"] if isinstance(first.get("data"), dict) else {}
    given = _count(
        chunk.get("inputTextTokenCount"),
        chunk.get("prompt_token_count"),
        billed.get("input_tokens"),
        _length(prompt.get("tokens")),
    )
    taken = _count(
        first.get("tokenCount"),
        chunk.get("totalOutputTextTokenCount"),
        chunk.get("generation_token_count"),
        billed.get("output_tokens"),
        _length(data.get("tokens")),
    )
    return given, taken


def _count(*values: Json) -> int | None:
    return next((count for value in values if (count := parse_count(value)) is not None), None)


def _length(value: Json) -> int | None:
    return len(value) if isinstance(value, list) else None


def _most(so_far: int | None, count: int | None) -> int | None:
    """Counts of a stream grow from chunk to chunk; the last one tells all."""
    return so_far if count is None else max(so_far or 0, count)


def _usage(given: int | None, taken: int | None) -> Usage | None:
    return None if given is None and taken is None else Usage(input_tokens=given or 0, output_tokens=taken or 0)
