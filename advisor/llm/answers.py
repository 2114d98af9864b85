"""OpenAI-shaped answers, whole or streamed, as Answer and Usage.

A provider may send anything: what has another shape than OpenAI's is INVALID_RESPONSE, never another exception, and
no text leaves here that cannot be stored.
"""

import json
from collections.abc import Sequence
from typing import Any

import orjson

from advisor.errors import CallError
from advisor.llm.failures import failed_inside, invalid
from advisor.llm.http_bodies import MAX_TEXT_CHARS, too_large
from advisor.types import Answer, FailureKind, Json, ToolCall, Usage, clean

LARGEST_COUNT = 2**53


def decode(data: bytes) -> Json:
    """The JSON value in ``data``, half an emoji included. Raises CallError (INVALID_RESPONSE) for anything else."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        if not data.strip():
            raise invalid("the server sent an empty answer") from None
        raise invalid(f"the server sent invalid JSON: {data[:80].decode('utf-8', errors='replace')}") from None


def read_completion(body: Any) -> tuple[Answer, Usage | None]:
    """Answer and usage of a whole chat completion.

    Raises CallError: INVALID_RESPONSE for anything else (an error object, no choices), CONTENT_FILTER when the
    provider held the answer back.
    """
    if not isinstance(body, dict):
        raise invalid("the answer is not a JSON object")
    if body.get("error"):
        raise failed_inside(body["error"])
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise invalid("the answer has no choices")
    message = choices[0].get("message")
    if not isinstance(message, dict):
        raise invalid("the first choice has no message")
    functions = [_object(call, "function") for call in _objects(message, "tool_calls")]
    if not functions and message.get("function_call"):
        functions = [_object(message, "function_call")]
    calls = [_tool_call(_text(function, "name"), _json_text(function.get("arguments"))) for function in functions]
    text = text_of(message.get("content")) or _text(message, "refusal")
    return _finished(text, calls, choices[0].get("finish_reason")), read_usage(body.get("usage"))


class StreamedAnswer:
    """Puts the chunks of a streamed chat completion together."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._refusals: list[str] = []
        self._names: dict[int, str] = {}
        """Of tool calls, by their number."""
        self._arguments: dict[int, list[str]] = {}
        self._finish_reason: str | None = None
        self._usage: Any = None
        self._chosen = False
        self._chars = 0
        self.done = False
        """The closing [DONE] was seen."""

    def take(self, data: bytes) -> bool:
        """Add the data of one event; whether it brought a token of the text or of a tool call.

        Raises CallError (INVALID_RESPONSE) for data other than a JSON object, an error object, or for too much text.
        """
        if data == b"[DONE]":
            self.done = True
            return False
        return self.add(decode(data))

    def add(self, chunk: Any) -> bool:
        """Add one decoded chunk; as :meth:`take`."""
        if not isinstance(chunk, dict):
            raise invalid("the stream holds something that is not a JSON object")
        if chunk.get("error"):
            raise failed_inside(chunk["error"])
        self._usage = chunk.get("usage") or self._usage
        choices = _objects(chunk, "choices")
        if not choices:
            return False
        self._chosen = True
        self._finish_reason = _text(choices[0], "finish_reason") or self._finish_reason
        return self._add_delta(_object(choices[0], "delta"))

    def _add_delta(self, delta: dict[str, Any]) -> bool:
        text = text_of(delta.get("content"))
        if text:
            self._keep(text, self._texts)
        if refusal := _text(delta, "refusal"):
            self._keep(refusal, self._refusals)
        pieces = _objects(delta, "tool_calls")
        if not pieces and delta.get("function_call"):
            pieces = [{"index": 0, "function": delta["function_call"]}]
        for piece in pieces:
            self._add_call(piece)
        return bool(text or pieces or refusal)

    def _add_call(self, piece: dict[str, Any]) -> None:
        function = _object(piece, "function")
        name, index = _text(function, "name"), piece.get("index")
        if index is None:  # some servers send whole calls without numbering them
            starts = bool(piece.get("id") or name) or not self._names
            index = max(self._names, default=-1) + starts
        if not isinstance(index, int):
            raise invalid("a tool call in the answer is numbered with something that is not a number")
        self._names[index] = self._names.get(index) or name
        self._keep(_json_text(function.get("arguments")), self._arguments.setdefault(index, []))

    def _keep(self, text: str, texts: list[str]) -> None:
        self._chars += len(text)
        if self._chars > MAX_TEXT_CHARS:
            raise too_large(MAX_TEXT_CHARS)
        texts.append(text)

    @property
    def is_whole(self) -> bool:
        """Whether the end of the answer was seen."""
        return self.done or bool(self._finish_reason)

    def finish(self) -> tuple[Answer, Usage | None]:
        """The whole answer.

        Raises CallError: INVALID_RESPONSE for a stream that ended before its end or never began, CONTENT_FILTER when
        the provider held the answer back.
        """
        if not self.is_whole:
            raise invalid("the stream was cut before the answer ended")
        if not self._chosen:
            raise invalid("the stream has no choices")
        calls = [_tool_call(name, "".join(self._arguments[index])) for index, name in sorted(self._names.items())]
        text = "".join(self._texts) or "".join(self._refusals)
        return _finished(text, calls, self._finish_reason), read_usage(self._usage)


def read_usage(usage: Any) -> Usage | None:
    """Usage without overlaps; None where the provider reports none, or only a part of it: half a count doesn't count.

    In OpenAI's shape the cached tokens are inside prompt_tokens and the reasoning tokens inside completion_tokens; a
    provider that counts reasoning beside the completion shows it in its total.
    """
    if not isinstance(usage, dict):
        return None
    prompt, output = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    if not prompt or not (output or usage.get("completion_tokens") == 0):
        return None
    given, made = usage.get("prompt_tokens_details"), usage.get("completion_tokens_details")
    read = _count(given, "cached_tokens") or _count(usage, "prompt_cache_hit_tokens")
    written = _count(given, "cache_write_tokens", "cache_creation_tokens")
    written = written or _count(usage, "cache_creation_input_tokens")
    reasoning = _count(made, "reasoning_tokens")
    if reasoning and _count(usage, "total_tokens") == prompt + output + reasoning:
        output += reasoning
    return Usage(
        input_tokens=max(prompt - read - written, 0),
        cache_read_tokens=read,
        cache_write_tokens=written,
        output_tokens=output,
        reasoning_tokens=min(reasoning, output),
    )


def text_of(content: Any) -> str | None:
    """The text of a message's content: a string, or the text parts of a list.

    Raises CallError (INVALID_RESPONSE) for anything else.
    """
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text"]
        return "".join(part for part in parts if isinstance(part, str)) or None
    if content is not None and not isinstance(content, str):
        raise invalid("the content of the answer is not text")
    return content or None


def _finished(text: str | None, calls: Sequence[ToolCall], finish_reason: Any) -> Answer:
    if finish_reason == "content_filter":
        raise CallError("the provider's content filter held the answer back", kind=FailureKind.CONTENT_FILTER)
    reason = clean(finish_reason) if isinstance(finish_reason, str) else None
    return Answer(text=clean(text or "") or None, tool_calls=tuple(calls), finish_reason=reason)


def _tool_call(name: str, arguments: str) -> ToolCall:
    return ToolCall(name=clean(name), arguments=clean(arguments))


def _object(holder: dict[str, Any], name: str) -> dict[str, Any]:
    value = holder.get(name)
    if value is not None and not isinstance(value, dict):
        raise invalid(f"{name} in the answer is not an object")
    return value or {}


def _objects(holder: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = holder.get(name)
    if value is not None and not (isinstance(value, list) and all(isinstance(item, dict) for item in value)):
        raise invalid(f"{name} in the answer is not a list of objects")
    return value or []


def _text(holder: dict[str, Any], name: str) -> str:
    value = holder.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(f"{name} in the answer is not text")
    return value or ""


def _json_text(arguments: Any) -> str:
    if arguments is None or isinstance(arguments, str):
        return arguments or ""
    try:
        return json.dumps(arguments, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        raise invalid("the arguments of a tool call are nested too deep") from None


def _count(counts: Any, *names: str) -> int:
    for name in names if isinstance(counts, dict) else ():
        value = counts.get(name)
        if isinstance(value, (int, float)) and 0 < value < LARGEST_COUNT:
            return int(value)
    return 0
