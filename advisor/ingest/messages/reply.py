"""What came back: a chat completion, a stream of its chunks, an error or plain text, read into one Reply."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from advisor.ingest.messages.request import clean_tool_calls, is_altered, text_of_part
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.values.json_text import as_name, as_objects, as_text, at, written
from advisor.types import Answer, Json, ToolCall, Usage

CUT_OFF = "the recorded stream was cut off"
_RESPONSE_ID = re.compile(r"(chatcmpl-|cmpl-|resp_|msg_|gen-)\S+$")
_EVENTS = re.compile(r"\s*(data|event|id|retry):|\s*:")
_FINISH_REASONS = {
    "end_turn": "stop", "stop_sequence": "stop", "finish": "stop", "complete": "stop", "endoftext": "stop",
    "stop_criteria": "stop", "stop_criteria_met": "stop", "max_tokens": "length", "max_output_tokens": "length",
    "model_context_window_exceeded": "length", "tool_use": "tool_calls", "tool_call": "tool_calls",
    "refusal": "content_filter", "guardrail_intervened": "content_filter", "content_filtered": "content_filter",
    "error_toxic": "content_filter", "safety": "content_filter", "recitation": "content_filter",
    "blocklist": "content_filter", "prohibited_content": "content_filter", "spii": "content_filter",
    "image_safety": "content_filter", "language": "content_filter", "model_armor": "content_filter",
    "image_prohibited_content": "content_filter",
}  # fmt: skip
"""The words of Anthropic, Bedrock, Gemini, OpenTelemetry and OpenAI's Responses -> those of chat completions."""
_PROVIDER_FAULT = ("rate_limit", "overloaded", "server_error", "timeout", "unavailable", "insufficient_quota")


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A response body, understood."""

    answer: Answer | None = None
    """None also where a logging tool cut or blacked out its text: nothing can be compared with that."""
    usage: Usage | None = None
    cost_usd: float | None = None
    response_id: str | None = None
    model: str | None = None
    created: Json = None
    error: str | None = None
    status: int | None = None
    """The HTTP status an error body tells."""
    service_tier: str | None = None
    """How the call was served, where the answer tells: what it cost depends on it."""
    geography: str | None = None
    """Where the call was served, where the answer tells."""
    latency_s: float | None = None
    """Where the answer itself tells it."""
    is_refused: bool = False
    """The error blames the request, so that asking again would fail again."""

    def ended(self, error: str = CUT_OFF) -> "Reply":
        """The same with the error that ended it; an answer with nothing in it is none."""
        answer = None if self.answer is None or self.answer.is_empty else self.answer
        return replace(self, answer=answer, error=error)

    def finished(self, told: Json) -> "Reply":
        """The same with why the model stopped, in any vendor's words, where that is told of an answer."""
        reason = finish_reason_of(told)
        if self.answer is None or reason is None:
            return self
        return replace(self, answer=replace(self.answer, finish_reason=reason))


def read_reply(body: Json) -> Reply:
    """Understand a completion, its SSE text, an error object, a message, a list of messages or plain text."""
    if isinstance(body, str):
        if is_stream(body):
            chunks, is_done = stream_events(body)
            return _merge_chunks(chunks, is_complete=is_done)
        return Reply(answer=usable(Answer(text=body)) if body else None)
    if isinstance(body, list):
        messages = as_objects(body)
        if messages and "choices" in messages[0]:
            return _merge_chunks(messages, is_complete=None)
        answers = [item for item in messages if item.get("role") in ("assistant", "ai", None)]
        return read_reply(answers[-1]) if answers else Reply()
    if not isinstance(body, dict):
        return Reply()
    if body.get("error") and not body.get("choices"):
        return failed(body["error"])
    if has_choices(body):
        return _completed(body)
    if isinstance(body.get("message"), dict):
        return replace(read_reply(body["message"]), usage=read_usage(body.get("usage")))
    return Reply(answer=_message_answer(body, None))


def has_choices(body: dict[str, Json]) -> bool:
    """Whether this is a completion, and no object with a list of words to choose from."""
    choices = body.get("choices")
    return isinstance(choices, list) and all(isinstance(choice, dict) for choice in choices)


def is_stream(text: str) -> bool:
    """Whether this is the text of server-sent events, or of a stream of JSON lines."""
    return (_EVENTS.match(text) is not None and "data:" in text) or is_json_lines(text)


def is_json_lines(text: str) -> bool:
    """Whether this is a stream of Ollama's: lines of JSON, of which the last is done."""
    return text.startswith('{"model":') and '"done":' in text and "\n{" in text


def stream_events(text: str) -> tuple[list[dict[str, Json]], bool]:
    """The JSON objects of server-sent events, in order, and whether ``[DONE]`` was among them.

    Broken events, such as the last one of a torn stream, are left out.
    """
    events: list[dict[str, Json]] = []
    is_done = False
    data: list[str] = []
    for line in [*text.split("\n"), ""]:
        line = line.rstrip("\r")
        if line.startswith("data:"):
            data.append(line[5:].strip())
            continue
        if line.strip() or not data:
            continue
        payload, data = "\n".join(data), []
        for piece in [payload] if payload.count("\n") == 0 else payload.split("\n"):
            if piece == "[DONE]":
                is_done = True
                continue
            try:
                event = orjson.loads(piece)
            except orjson.JSONDecodeError:
                continue
            if isinstance(event, dict):
                events.append(event)
    return events, is_done


def finish_reason_of(told: Json) -> str | None:
    """Why the model stopped in OpenAI's words, from any vendor's; None where nothing is told."""
    return _FINISH_REASONS.get(told, told) if isinstance(told, str) else None


def answer_of(text: str, calls: Iterable[ToolCall] = (), reason: str | None = None) -> Answer | None:
    """What was said; None when nothing at all came, or nothing usable. Beside calls of tools an empty text is none."""
    calls = tuple(calls)
    if not text and not calls and reason is None:
        return None
    return usable(Answer(text=text or (None if calls else ""), tool_calls=calls, finish_reason=reason))


def usable(answer: Answer | None) -> Answer | None:
    """The answer, unless a logging tool cut or blacked out parts of its text: then there is none to compare with."""
    return None if answer is not None and answer.text and is_altered(answer.text) else answer


def _completed(body: dict[str, Json]) -> Reply:
    choice = next((item for item in body["choices"] if isinstance(item, dict)), None)
    if choice is None:
        return _enveloped(body, None, "the recorded response holds no answer")
    message = choice.get("message")
    if not isinstance(message, dict):
        message = {"content": choice.get("text")}
    return _enveloped(body, _message_answer(message, choice.get("finish_reason")))


def _enveloped(body: dict[str, Json], answer: Answer | None, error: str | None = None) -> Reply:
    usage = body.get("usage")
    return Reply(
        answer=answer,
        error=error,
        usage=read_usage(usage),
        cost_usd=cost_in(usage),
        response_id=response_id_of(body.get("id")),
        model=as_name(body.get("model")),
        created=body.get("created"),
        service_tier=tier if isinstance(tier := body.get("service_tier"), str) else None,
    )


def cost_in(usage: Json) -> float | None:
    """Dollars as OpenRouter and Perplexity tell them with the tokens: one number, or its parts and their sum."""
    cost = at(usage, "cost")
    cost = cost.get("total_cost") if isinstance(cost, dict) else cost
    return float(cost) if isinstance(cost, int | float) and not isinstance(cost, bool) else None


def response_id_of(value: Json) -> str | None:
    """The value where it is an id that a provider gave to a response."""
    return value if isinstance(value, str) and _RESPONSE_ID.match(value) else None


def response_id_in(value: Json) -> str | None:
    """The id that a provider gave to a response, where a longer id ends with it."""
    found = _RESPONSE_ID.search(value) if isinstance(value, str) else None
    return found and found[0]


def _message_answer(message: dict[str, Json], finish_reason: Json) -> Answer | None:
    content = message.get("content")
    if isinstance(content, dict):
        content = content.get("answer", content)
    if isinstance(content, list):
        texts = [part if isinstance(part, str) else text_of_part(part) for part in content]
        is_value = any(isinstance(part, dict) and {"type", "text"}.isdisjoint(part) for part in content)
        content = "".join(text for text in texts if text) or (as_text(content) if is_value else "")
    elif content is not None:
        content = written(content)
    has_calls = message.get("tool_calls") or message.get("function_call")
    calls = tuple(ToolCall(**call["function"]) for call in clean_tool_calls(message)) if has_calls else ()
    text = content or message.get("refusal") or message.get("answer") or content
    text = text if isinstance(text, str) else None
    if text is None and not calls and finish_reason is None:
        return None
    reason = finish_reason if isinstance(finish_reason, str) else None
    return usable(Answer(text=text, tool_calls=calls, finish_reason=reason))


def failed(error: Json) -> Reply:
    """Understand what stands under ``error`` in a response body."""
    if not isinstance(error, dict):
        return Reply(error=str(error))
    message = str(error.get("message") or error.get("code") or error.get("type") or "failed")
    code = str(error.get("status") or error.get("code"))
    status = int(code) if re.fullmatch(r"[1-5]\d\d", code) else None
    kind = f"{error.get('type')} {error.get('code')}"
    is_refused = "invalid_request" in kind or "content_filter" in kind
    return Reply(
        error=message,
        status=status,
        is_refused=is_refused and not any(word in kind for word in _PROVIDER_FAULT),
    )


def _merge_chunks(chunks: list[dict[str, Json]], *, is_complete: bool | None) -> Reply:
    """One Reply from chat.completion.chunk objects; ``is_complete`` None: only the finish reason tells."""
    failures = [chunk["error"] for chunk in chunks if chunk.get("error")]
    merged = _Merged()
    for chunk in chunks:
        merged.add(chunk)
    answer = merged.answer()
    if failures:
        fault = failed(failures[0])
        reply = _enveloped(merged.envelope, None, fault.error)
        return replace(reply, status=fault.status, is_refused=fault.is_refused)
    if merged.finish_reason is None and not is_complete:
        return _enveloped(merged.envelope, answer).ended()
    return _enveloped(merged.envelope, answer)


@dataclass
class _Merged:
    """The first choice of a stream, as far as it has come."""

    envelope: dict[str, Json] = field(default_factory=dict)
    finish_reason: str | None = None
    text: list[str] = field(default_factory=list)
    calls: dict[int, dict[str, Any]] = field(default_factory=dict)

    def add(self, chunk: dict[str, Json]) -> None:
        """Take one chunk in. Usage comes in a last chunk without choices; Azure's first has none either."""
        self.envelope |= {
            key: chunk[key] for key in ("id", "model", "created", "usage", "service_tier") if chunk.get(key)
        }
        for choice in as_objects(chunk.get("choices")):
            if choice.get("index", 0) != 0:
                continue
            self.finish_reason = choice.get("finish_reason") or self.finish_reason
            delta = choice.get("delta")
            self._add_delta(delta if isinstance(delta, dict) else {"content": choice.get("text")})

    def _add_delta(self, delta: dict[str, Json]) -> None:
        for text in (delta.get("content"), delta.get("refusal")):
            if isinstance(text, str):
                self.text.append(text)
        legacy = delta.get("function_call")
        pieces: Json = [{"index": 0, "function": legacy}] if isinstance(legacy, dict) else delta.get("tool_calls")
        for piece in as_objects(pieces):
            function = piece.get("function")
            if not isinstance(function, dict):
                continue
            index = piece.get("index")
            call = self.calls.setdefault(index if isinstance(index, int) else 0, {"name": "", "arguments": ""})
            call["name"] = function.get("name") or call["name"]
            if isinstance(function.get("arguments"), str):
                call["arguments"] += function["arguments"]

    def answer(self) -> Answer | None:
        """The answer so far; None when nothing at all came."""
        calls = (ToolCall(**self.calls[index]) for index in sorted(self.calls))
        return answer_of("".join(self.text), calls, self.finish_reason)
