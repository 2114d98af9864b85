"""Request and response bodies of any vendor, read into our own values. Formats that wrap bodies call only this."""

from dataclasses import dataclass

from advisor.ingest.completion import Reply, read_reply
from advisor.ingest.conversation import clean_messages, read_request
from advisor.types import Json, Request


@dataclass(frozen=True, kw_only=True)
class Call:
    """What was asked and what came back."""

    request: Request | None
    """None: this is no request body of a chat model."""
    not_replayable: str | None
    reply: Reply
    model: Json = None
    """As the request names it."""


def read_call(request: Json, response: Json) -> Call:
    """Understand a request and its response (either may be None), whichever vendor's they are.

    Raises RowRejected for a call of something that is no chat model, or a conversation that cannot be read.
    """
    if isinstance(request, dict) and isinstance(request.get("messages"), list):
        asked, reason = read_request(request)
        return Call(request=asked, not_replayable=reason, reply=read_reply(response), model=request.get("model"))
    return Call(request=None, not_replayable=None, reply=read_reply(response))


def read_messages(value: Json) -> list[dict[str, Json]]:
    """A conversation of any dialect as OpenAI messages.

    Dialects: OpenAI's, Anthropic's blocks, Gemini's contents, Bedrock's, Responses items, LangChain's serialised
    messages, OpenTelemetry's parts, or plain text, which is one user message. Raises RowRejected when this is no
    conversation.
    """
    return clean_messages([{"role": "user", "content": value}] if isinstance(value, str) else value)


def read_answer(value: Json) -> Reply:
    """What came back, of any dialect: a response body, a stream, a message, a list of messages or plain text."""
    return read_reply(value)
