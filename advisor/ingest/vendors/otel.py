"""Messages made of ``parts``, as OpenTelemetry's conventions for generative AI have them. No API speaks this."""

from advisor.ingest.messages.blocks import blocks_in, messages_of
from advisor.ingest.messages.reply import Reply, read_reply
from advisor.ingest.messages.request import clean_messages
from advisor.ingest.values.json_text import at
from advisor.ingest.vendors import Vendor
from advisor.types import Json


def _openai(message: Json) -> list[dict[str, Json]]:
    """Responses of tools become messages of their own, reasoning is left out."""
    parts = at(message, "parts")
    return messages_of(str(message.get("role")), parts) if isinstance(parts, list) else [message]


def _read_reply(body: Json) -> Reply:
    """Of one message or the last of the assistant's in a list."""
    messages = [item for item in (body if isinstance(body, list) else [body]) if isinstance(item, dict)]
    answers = [item for item in messages if item.get("role", "assistant") in ("assistant", "model")]
    if not answers:
        return Reply()
    return read_reply(_openai(answers[-1])[-1]).finished(answers[-1].get("finish_reason"))


VENDOR = Vendor(
    name="otel",
    rank=25,
    # parts without a type are Gemini's
    speaks=lambda messages: any("type" in part for part in blocks_in(messages, "parts")),
    read_messages=lambda messages: clean_messages([found for message in messages for found in _openai(message)]),
    read_reply=_read_reply,
)
