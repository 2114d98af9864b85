"""What Gemini gives back, read into a Reply: a response, the chunks of its stream, an error."""

from dataclasses import replace
from typing import Any

from advisor.ingest.messages.reply import CUT_OFF, Reply, is_stream, read_reply, stream_events, usable
from advisor.ingest.messages.usage import read_usage, with_beside_text
from advisor.ingest.values.numbers import parse_count
from advisor.ingest.vendors.gemini.contents import arguments_of, pick
from advisor.types import Answer, Json, ToolCall, Usage

_FINISH_REASONS = {"stop": "stop", "max_tokens": "length"}
_BLOCKED = frozenset({
    "safety", "recitation", "blocklist", "prohibited_content", "spii", "image_safety", "language", "model_armor",
    "image_prohibited_content",
})  # fmt: skip
_COUNTS = (
    "promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "cachedContentTokenCount",
    "toolUsePromptTokenCount",
)  # fmt: skip


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


def read_gemini_usage(usage: Json) -> Usage | None:
    """Google's counts. What its own tools read on the way is billed as input and stands apart from the prompt."""
    counts: dict[str, Any] = {name: parse_count(pick(usage, name)) for name in _COUNTS}
    if counts["promptTokenCount"] is not None and counts["toolUsePromptTokenCount"]:
        counts["promptTokenCount"] += counts["toolUsePromptTokenCount"]
    found = read_usage(counts)
    split = [pick(usage, name) for name in ("promptTokensDetails", "candidatesTokensDetails")]
    parts = [part for some in split if isinstance(some, list) for part in some if isinstance(part, dict)]
    return with_beside_text(found) if any(_is_beside_text(part) for part in parts) else found


def _is_beside_text(part: dict[str, Json]) -> bool:
    """Whether tokens are audio, which has a price of its own; images that are read cost what text does."""
    kind = str(part.get("modality")).rpartition(".")[2].upper()
    return kind == "AUDIO" and bool(parse_count(pick(part, "tokenCount")))


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
        candidates = chunk.get("candidates")
        first = candidates[0] if isinstance(candidates, list) and candidates else None
        if isinstance(first, dict):
            has_candidate = True
            _collect(first.get("content"), texts, calls)
            told = pick(first, "finishReason")
            is_grounded = is_grounded or _is_grounded(pick(first, "groundingMetadata"))
            reason = str(told).rpartition(".")[2].lower() if told is not None else reason
    reply = _envelope(merged)
    if is_grounded:
        reply = replace(reply, usage=with_beside_text(reply.usage))
    if isinstance(merged.get("error"), dict):
        return _failed(reply, merged["error"])
    if not has_candidate:
        return _unanswered(reply, merged.get("promptFeedback"), is_streamed=is_streamed and not reply.usage)
    text = "".join(texts)
    answer = Answer(text=text or (None if calls else ""), tool_calls=tuple(calls), finish_reason=_finish(reason, calls))
    if is_streamed and reason is None:
        return replace(reply, answer=None if answer.is_empty else answer, error=CUT_OFF)
    return replace(reply, answer=usable(answer))


def _is_grounded(told: Json) -> bool:
    """Whether Google searched for the answer, which is billed beside the tokens."""
    return any(pick(told, name) for name in ("webSearchQueries", "groundingChunks"))


def _collect(content: Json, texts: list[str], calls: list[ToolCall]) -> None:
    parts = content.get("parts") if isinstance(content, dict) else None
    for part in parts if isinstance(parts, list) else []:
        if not isinstance(part, dict) or part.get("thought") is True:
            continue
        if isinstance(part.get("text"), str):
            texts.append(part["text"])
        call = pick(part, "functionCall")
        if isinstance(call, dict) and call.get("name"):
            calls.append(ToolCall(name=str(call["name"]), arguments=arguments_of(call)))


def _finish(reason: str | None, calls: list[ToolCall]) -> str | None:
    if reason == "stop" and calls:
        return "tool_calls"
    return "content_filter" if reason in _BLOCKED else _FINISH_REASONS.get(str(reason), reason)


def _envelope(merged: dict[str, Json]) -> Reply:
    identity, model = merged.get("responseId"), merged.get("modelVersion")
    return Reply(
        usage=read_gemini_usage(merged.get("usageMetadata")),
        response_id=identity if isinstance(identity, str) and identity else None,
        model=model if isinstance(model, str) and model else None,
        created=merged.get("createTime"),
    )


def _failed(reply: Reply, error: dict[str, Json]) -> Reply:
    code = error.get("code")
    message = str(error.get("message") or error.get("status") or code or "failed")
    return replace(reply, error=message, status=code if isinstance(code, int) and 100 <= code < 600 else None)


def _unanswered(reply: Reply, feedback: Json, *, is_streamed: bool) -> Reply:
    blocked = pick(feedback, "blockReason")
    if blocked:
        detail = pick(feedback, "blockReasonMessage")
        error = f"the provider blocked the prompt ({blocked})" + (f": {detail}" if detail else "")
        return replace(reply, error=error, is_refused=True)
    return replace(reply, error=CUT_OFF if is_streamed else "the recorded response holds no answer")
