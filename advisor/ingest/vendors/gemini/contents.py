"""Gemini's contents, made of parts: those of a request as OpenAI's messages, those of a response as a Reply."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from advisor.ingest.messages.blocks import file_part, said
from advisor.ingest.messages.reply import (
    CUT_OFF,
    Reply,
    answer_of,
    finish_reason_of,
    is_stream,
    read_reply,
    stream_events,
)
from advisor.ingest.messages.request import ROLES, clean_messages
from advisor.ingest.messages.tools import tool_call
from advisor.ingest.messages.usage import read_usage, with_beside_text
from advisor.ingest.values.json_text import as_list, as_name, as_object, as_text, at
from advisor.ingest.values.numbers import parse_count
from advisor.types import Json, ToolCall, Usage

PARTS = frozenset({
    "text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult",
    "inline_data", "file_data", "function_call", "function_response", "executable_code", "code_execution_result",
    "toolCall", "toolResponse", "thought", "thoughtSignature", "thought_signature",
})  # fmt: skip
_COUNTS = (
    "promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "cachedContentTokenCount",
    "toolUsePromptTokenCount",
)  # fmt: skip


@lru_cache(maxsize=256)
def snake(name: str) -> str:
    """``topP`` as ``top_p``."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def pick(value: Json, name: str) -> Json:
    """The value under a name in Google's camel case or in the snake case of its Python library."""
    if not isinstance(value, dict):
        return None
    return value[name] if value.get(name) is not None else value.get(snake(name))


def read_contents(contents: Json, instruction: Json = None) -> list[dict[str, Json]]:
    """Raises RowRejected when this isn't a conversation. Thoughts are left out: no other vendor takes them."""
    conversation = _Conversation()
    parts = [part for content in _as_contents(instruction) for part in _parts_of(content)]
    told = [part.get("text") if isinstance(part, dict) else part for part in parts]
    if texts := [text for text in told if isinstance(text, str) and text]:
        system: Json = texts[0] if len(texts) == 1 else [{"type": "text", "text": text} for text in texts]
        conversation.messages.append({"role": "system", "content": system})
    for content in _as_contents(contents):
        conversation.add(content)
    return clean_messages(conversation.messages)


def _as_contents(value: Json) -> list[Json]:
    """What the Python library takes for contents: text, a part, a content, or a list of these."""
    if value is None or value == "":
        return []
    if isinstance(value, list) and value and not any(isinstance(one, dict) and "parts" in one for one in value):
        return [{"role": "user", "parts": value}]
    return value if isinstance(value, list) else [value]


def _parts_of(content: Json) -> list[Any]:
    parts = content["parts"] if isinstance(content, dict) and "parts" in content else content
    return parts if isinstance(parts, list) else [] if parts is None else [parts]


class _Conversation:
    """Messages so far, and the calls of tools that have no result yet."""

    def __init__(self) -> None:
        self.messages: list[Json] = []
        self._open: list[tuple[str, str]] = []
        self._calls = 0

    def add(self, content: Json) -> None:
        """One content, which may make several messages."""
        role = ROLES.get(str(at(content, "role") or "user").lower(), "user")
        parts: list[Json] = []
        calls: list[Json] = []
        for part in _parts_of(content):
            if not isinstance(part, dict):
                parts.append({"type": "text", "text": part} if isinstance(part, str) else part)
            elif part.get("thought") is True:
                continue
            elif isinstance(call := pick(part, "functionCall"), dict):
                calls.append(self._call(call))
            elif isinstance(result := pick(part, "functionResponse"), dict):
                self.messages.append(self._result(result))
                parts += [_read_part(one) for one in as_list(result.get("parts")) if isinstance(one, dict)]
            elif (read := _read_part(part)) is not None:
                parts.append(read)
        self.messages += said("user" if role == "tool" else role, parts, calls)

    def _call(self, call: dict[str, Json]) -> Json:
        name, identity = str(call.get("name") or ""), str(call.get("id") or f"call_{self._calls}")
        self._calls += 1
        self._open.append((name, identity))
        return tool_call(identity, name, _arguments_of(call))

    def _result(self, result: dict[str, Json]) -> Json:
        name = str(result.get("name") or "")
        of_name = next((index for index, (called, _) in enumerate(self._open) if called == name), None)
        given = result.get("id")
        place = next((index for index, (_, identity) in enumerate(self._open) if identity == given), of_name)
        identity = self._open.pop(place)[1] if place is not None else str(given or f"call_{name}")
        return {"role": "tool", "tool_call_id": identity, "content": as_text(result.get("response", ""))}


def _arguments_of(call: dict[str, Json]) -> str:
    return as_text(call["args"] if call.get("args") is not None else {})


def _read_part(part: dict[str, Json]) -> Json:
    """A text or a file as OpenAI's part; None where there is nothing to send."""
    if isinstance(part.get("text"), str):
        return {"type": "text", "text": part["text"]}
    if isinstance(blob := pick(part, "inlineData"), dict):
        return file_part(str(pick(blob, "mimeType") or ""), blob.get("data"))
    if isinstance(linked := pick(part, "fileData"), dict):
        kind, url = str(pick(linked, "mimeType") or ""), str(pick(linked, "fileUri") or "")
        if kind.startswith("image/"):
            return {"type": "image_url", "image_url": {"url": url}}
        is_video = kind.startswith("video/") or "youtu" in url
        return {"type": "video_url" if is_video else "audio" if kind.startswith("audio/") else "file", "url": url}
    name = next((key for key in part if key not in ("thoughtSignature", "thought_signature", "text")), None)
    return {"type": snake(name)} if name else None


def read_gemini(body: Json) -> Reply:
    """Understand a response, the list or the text of a stream's chunks, an error, or a bare content."""
    if isinstance(body, str):
        return _merge(stream_events(body)[0], is_streamed=True) if is_stream(body) else read_reply(body)
    if isinstance(body, list):
        chunks = [chunk for chunk in body if isinstance(chunk, dict)]
        if any("candidates" in chunk or pick(chunk, "usageMetadata") or "error" in chunk for chunk in chunks):
            return _merge(chunks, is_streamed=True)
        answers = [chunk for chunk in chunks if chunk.get("role") in ("model", "assistant")]
        return read_gemini(answers[-1]) if answers else Reply()
    if not isinstance(body, dict):
        return Reply()
    if "parts" in body and "candidates" not in body:
        body = {"candidates": [{"content": body}]}
    return _merge([body], is_streamed=False)


def _merge(chunks: list[dict[str, Json]], *, is_streamed: bool) -> Reply:
    merged: dict[str, Json] = {}
    texts: list[str] = []
    calls: list[ToolCall] = []
    reason: str | None = None
    has_candidate = is_grounded = False
    for chunk in chunks:
        for name in ("usageMetadata", "modelVersion", "responseId", "createTime", "promptFeedback", "error"):
            if (value := pick(chunk, name)) is not None:
                merged[name] = value
        first = next(iter(as_list(chunk.get("candidates"))), None)
        if isinstance(first, dict):
            has_candidate = True
            for part in _spoken(first):
                texts += [part["text"]] if isinstance(part.get("text"), str) else []
                call = as_object(pick(part, "functionCall"))
                calls += [ToolCall(name=str(call["name"]), arguments=_arguments_of(call))] if call.get("name") else []
            found = pick(first, "groundingMetadata")
            # a search by Google is billed beside the tokens
            is_grounded = is_grounded or any(pick(found, name) for name in ("webSearchQueries", "groundingChunks"))
            if (told := pick(first, "finishReason")) is not None:
                reason = str(told).rpartition(".")[2].lower()
    usage = _read_usage(merged.get("usageMetadata"))
    reply = Reply(
        usage=with_beside_text(usage) if is_grounded else usage,
        response_id=as_name(merged.get("responseId")),
        model=as_name(merged.get("modelVersion")),
        created=merged.get("createTime"),
    )
    if isinstance(error := merged.get("error"), dict):
        code = error.get("code")
        message = str(error.get("message") or error.get("status") or code or "failed")
        return replace(reply, error=message, status=code if isinstance(code, int) and 100 <= code < 600 else None)
    if not has_candidate:
        return _unanswered(reply, merged.get("promptFeedback"), is_streamed=is_streamed and not usage)
    finish = "tool_calls" if reason == "stop" and calls else finish_reason_of(reason)
    reply = replace(reply, answer=answer_of("".join(texts), calls, finish))
    return reply.ended() if is_streamed and reason is None else reply


def _spoken(candidate: dict[str, Json]) -> Iterator[dict[str, Json]]:
    for part in as_list(at(candidate, "content", "parts")):
        if isinstance(part, dict) and part.get("thought") is not True:
            yield part


def _unanswered(reply: Reply, feedback: Json, *, is_streamed: bool) -> Reply:
    if blocked := pick(feedback, "blockReason"):
        detail = pick(feedback, "blockReasonMessage")
        error = f"the provider blocked the prompt ({blocked})" + (f": {detail}" if detail else "")
        return replace(reply, error=error, is_refused=True)
    return replace(reply, error=CUT_OFF if is_streamed else "the recorded response holds no answer")


def _read_usage(usage: Json) -> Usage | None:
    """Google's counts. What its own tools read on the way is billed as input and stands apart from the prompt."""
    counts: dict[str, Any] = {name: parse_count(pick(usage, name)) for name in _COUNTS}
    if counts["promptTokenCount"] is not None:
        counts["promptTokenCount"] += counts["toolUsePromptTokenCount"] or 0
    found = read_usage(counts)
    details = [
        part for name in ("promptTokensDetails", "candidatesTokensDetails") for part in as_list(pick(usage, name))
    ]
    return with_beside_text(found) if any(_is_beside_text(part) for part in details) else found


def _is_beside_text(part: Json) -> bool:
    """Whether tokens are audio, which has a price of its own; images that are read cost what text does."""
    kind = str(at(part, "modality")).rpartition(".")[2].upper()
    return kind == "AUDIO" and bool(parse_count(pick(part, "tokenCount")))
