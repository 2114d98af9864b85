"""Request and response bodies of any vendor, read into our own values. Formats that wrap bodies call only this."""

import re
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from advisor.ingest.messages.reply import Reply, has_choices, is_stream
from advisor.ingest.messages.request import clean_messages
from advisor.ingest.reader import RowRejected
from advisor.ingest.records.envelope import assemble
from advisor.ingest.values.json_text import as_list, as_text, at, decode
from advisor.ingest.vendors import Vendor, all_vendors
from advisor.types import Answer, Json, Request, Sample, Usage

_AROUND_BODY = frozenset({
    "body", "status_code", "statusCode", "status", "headers", "request_id", "requestId", "url", "method", "path",
})  # fmt: skip
"""What stands beside a body where a whole HTTP message is logged."""
_OF_MESSAGES = frozenset({"role", "type", "content", "parts", "kwargs", "from"})
_OF_ANSWERS = frozenset({
    "role", "content", "parts", "kwargs", "data", "message", "tool_calls", "function_call", "refusal", "error",
    "choices",
})  # fmt: skip
_PROMPT_KEYS = ("messages", "prompt", "input", "question", "query", "text")
_ANSWER_KEYS = (
    "output", "text", "completion", "response", "result", "answer", "messages", "generated_text", "output_text",
)  # fmt: skip
"""What stands alone in an object around a prompt or an answer."""
_OTHER_CALLS = re.compile(r"/(embeddings|moderations|images|audio|rerank|videos)\b|/(files|models)/?$")


@dataclass(frozen=True, kw_only=True)
class Call:
    """What was asked and what came back."""

    request: Request | None = None
    """None: this isn't a request body of a chat model, or there is none."""
    not_replayable: str | None = None
    reply: Reply = field(default_factory=Reply)
    model: Json = None
    """As the request names it."""
    is_conversation: bool = False
    """As in Sample."""

    def sample(self, around: dict[str, Json], usage: Usage | None = None) -> Sample:
        """One Sample of the call and the keys around it (see envelope.assemble)."""
        request = self.request or Request(messages=[])
        sample = assemble(around, request, self.reply, not_replayable=self.not_replayable, usage=usage)
        return replace(sample, is_conversation=True) if self.is_conversation else sample


class Body(NamedTuple):
    """The body of a logged HTTP message."""

    value: Json
    """An object, a list of stream events or messages, or text: that of a stream or plain."""
    status: int | None = None
    """The HTTP status beside it."""


def body_of(value: Json) -> Body:
    """The body inside JSON text, ``{"body": ...}`` or ``{"status_code": ..., "body": ...}``; others as they are.

    Text stays text unless it holds an object or objects.
    """
    if isinstance(value, str):
        value = decoded if isinstance(decoded := _decoded(value), dict) else value if decoded is None else decoded
    if isinstance(value, dict) and "body" in value and _AROUND_BODY.issuperset(value):
        status = next((value[key] for key in ("status_code", "statusCode", "status") if key in value), None)
        inner = body_of(value["body"])
        return Body(inner.value, status if isinstance(status, int) else inner.status)
    return Body(value)


def read_call(request: Json, response: Json) -> Call:
    """Understand a request and its response (either may be None), whichever vendor's they are.

    Both may be JSON text, the text of a stream, objects, lists of stream events, or HTTP messages around these.
    Raises RowRejected for a call of something other than a chat model, or a conversation that cannot be read.
    """
    asked, (came, status) = body_of(request).value, body_of(response)
    if any(at(item, "object") == "embedding" for item in as_list(at(came, "data"))[:1]):
        raise RowRejected("a call of embeddings, not of a chat model")
    answerer = answerer_of(came)
    asker = asker_of(asked, answerer, came) if isinstance(asked, dict) else None
    speaker = answerer or (asker if isinstance(came, dict | list) else None) or _general()
    reply = with_status(speaker.read_reply(came), status, is_said=answerer is not None)
    if asker is None:
        return Call(reply=reply)
    understood, reason = read_request(asked, asker)
    reply = _begun(asked, understood, reply)
    return Call(request=understood, not_replayable=reason, reply=reply, model=asked.get("model"))


def read_request(body: dict[str, Json], asker: Vendor) -> tuple[Request, str | None]:
    """A request body as its vendor reads it (see Vendor), whatever the dialect of the messages in a general one."""
    messages = body.get("messages")
    if asker is not _general() or not isinstance(messages, list):
        return asker.read_request(body)
    messages = _first_of_batch(messages) if len(messages) == 1 else messages
    speaker = speaker_of(messages)
    if speaker is not None or messages is not body["messages"]:
        body = body | {"messages": speaker.read_messages(messages) if speaker else messages}
    return asker.read_request(body)


def answerer_of(body: Json) -> Vendor | None:
    """The vendor that a response body came from."""
    if isinstance(body, dict):
        if has_choices(body):
            return _general()
    elif not isinstance(body, list) and not (isinstance(body, str) and is_stream(body)):
        return None
    return next((vendor for vendor in all_vendors() if vendor.answers(body)), None)


def asker_of(body: dict[str, Json], answerer: Vendor | None = None, response: Json = None) -> Vendor | None:
    """The vendor that a request body is for, seen together with what came back where that is known."""
    asker = next((vendor for vendor in all_vendors() if vendor.asks(body)), None)
    if asker is _general() and answerer is not None:
        # A body that suits several vendors; the model may be an alias where the response names the real one.
        named = {"model": at(response, "model") or body.get("model")}
        return answerer if answerer is asker or answerer.asks(body | named) else asker
    return asker


def read_messages(value: Json) -> list[dict[str, Json]]:
    """A conversation of any dialect as OpenAI messages.

    Dialects: OpenAI's, Anthropic's blocks, Gemini's contents, Bedrock's, Responses items, LangChain's serialised
    messages, OpenTelemetry's parts, each also as JSON text or inside a request body; or plain text, which is one user
    message. Raises RowRejected when this isn't a conversation.
    """
    if isinstance(value, str):
        decoded = _decoded(value)
        if not _looks_like_messages(decoded):
            return clean_messages([{"role": "user", "content": value}])
        value = decoded
    if isinstance(value, dict):
        return _messages_of_object(value)
    if isinstance(value, list):
        value = _first_of_batch(value)
        if len(value) == 1 and isinstance(value[0], str):
            return clean_messages([{"role": "user", "content": value[0]}])
        speaker = speaker_of(value)
        if speaker is not None:
            return speaker.read_messages(value)
    return clean_messages(value)


def read_answer(value: Json) -> Reply:
    """What came back, of any dialect: a response body, a stream, a message, a list of messages or plain text."""
    body, status = body_of(value)
    if isinstance(value, str) and not isinstance(body, str) and not _is_answer(body):
        body = value  # an answer that happens to be JSON
    if isinstance(body, int | float):
        return with_status(Reply(answer=Answer(text=as_text(body))), status, is_said=False)
    answerer = answerer_of(body)
    if answerer is None and isinstance(body, dict | list):
        body = _first_of_batch(body) if isinstance(body, list) else body
        answerer = speaker_of(body if isinstance(body, list) else [body])
        if answerer is None and not _is_said(body):
            sole = next(iter(body)) if isinstance(body, dict) and len(body) == 1 else None
            return read_answer(body[sole]) if sole in _ANSWER_KEYS else Reply(answer=_structured(body))
    return with_status((answerer or _general()).read_reply(body), status, is_said=answerer is not None)


def with_status(reply: Reply, status: int | None, *, is_said: bool) -> Reply:
    """The reply with the HTTP status that stood beside its body.

    What came with a failure isn't an answer, unless a vendor's body shows that a model said it (``is_said``).
    """
    if status is None or reply.status is not None:
        return reply
    if status < 400 or is_said:
        return replace(reply, status=status)
    text = reply.answer.text if reply.answer is not None else None
    return replace(
        reply, status=status, answer=None, error=reply.error or (text or "")[:200] or f"HTTP status {status}"
    )


def _general() -> Vendor:
    return all_vendors()[-1]


def _first_of_batch(messages: list[Json]) -> list[Json]:
    """LangChain logs a batch of conversations, mostly of one; pairs of a role and a text are no conversations."""
    while messages and isinstance(messages[0], list) and not (messages[0] and isinstance(messages[0][0], str)):
        messages = messages[0]
    return messages


def speaker_of(messages: list[Json]) -> Vendor | None:
    """The vendor whose dialect bare messages are in; None: OpenAI's."""
    if all(
        isinstance(item, dict) and "role" in item and "tool_calls" not in item and isinstance(item.get("content"), str)
        for item in messages
    ):
        return None
    return next((vendor for vendor in all_vendors() if vendor.speaks(messages)), None)


def _messages_of_object(value: dict[str, Json]) -> list[dict[str, Json]]:
    asker = asker_of(value)
    if asker is not None:
        return read_request(value, asker)[0].messages
    arguments = value.get("kwargs")
    if isinstance(arguments, dict) and "messages" in arguments and "lc" not in value:  # of a call in Python
        return read_messages(arguments["messages"])
    if not _OF_MESSAGES.isdisjoint(value):
        return read_messages([value])
    for key in _PROMPT_KEYS:
        if value.get(key) and (len(value) == 1 or key == "messages"):
            return read_messages(value[key])
    raise RowRejected(f"no conversation in an object with the keys {', '.join(list(value)[:8]) or 'none'}")


def _decoded(text: str) -> Json:
    """The object or list in a text, or None."""
    if text.lstrip()[:1] not in ("{", "[", '"'):
        return None
    decoded = decode(text)
    return decoded if isinstance(decoded, dict | list) else None


def _looks_like_messages(value: Json) -> bool:
    if isinstance(value, list):
        value = _first_of_batch(value)
        return bool(value) and all(isinstance(item, dict) and not _OF_MESSAGES.isdisjoint(item) for item in value)
    if not isinstance(value, dict):
        return False
    return asker_of(value) is not None or isinstance(value.get("role"), str)


def _is_answer(body: Json) -> bool:
    messages = body if isinstance(body, list) else [body]
    if answerer_of(body) is not None or speaker_of(messages) is not None or at(body, "finish_reason"):
        return True
    return bool(messages) and all(at(item, "role") == "assistant" for item in messages)


def _begun(asked: dict[str, Json], understood: Request, reply: Reply) -> Reply:
    """The reply with the start that the caller had put into the model's mouth.

    Anthropic's API goes on from a last message of the assistant. Other models are asked without it, because most take
    it for a finished turn; what they answer compares to the whole of the recorded answer.
    """
    last = next(reversed(as_list(asked.get("messages"))), None)
    if reply.answer is None or at(last, "role") != "assistant":
        return reply
    if not understood.messages or understood.messages[-1]["role"] == "assistant":
        return reply
    start = read_answer(last).answer
    if start is None or not start.text:
        return reply
    return replace(reply, answer=replace(reply.answer, text=start.text + (reply.answer.text or "")))


def _is_said(body: dict[str, Json] | list[Json]) -> bool:
    """Whether this is a message or messages and not the object that a model was asked for."""
    items = body if isinstance(body, list) else [body]
    return any(isinstance(item, dict) and not _OF_ANSWERS.isdisjoint(item) for item in items)


def _structured(body: dict[str, Json] | list[Json]) -> Answer | None:
    if isinstance(body, list) and len(body) == 1 and isinstance(body[0], str):
        return Answer(text=body[0])
    return Answer(text=as_text(body)) if body else None


def other_operation(url: str) -> str | None:
    """Which operation it is, where it is none of a chat model; None where nothing tells."""
    found = _OTHER_CALLS.search(url.partition("?")[0])
    return found and (found[1] or found[2])
