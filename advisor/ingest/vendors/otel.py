"""Messages made of ``parts``, as OpenTelemetry's conventions for generative AI have them. No API speaks this."""

from dataclasses import dataclass, replace

from advisor.ingest.messages.blocks import messages_of
from advisor.ingest.messages.reply import Reply, read_reply
from advisor.ingest.messages.request import clean_messages
from advisor.ingest.reader import RowRejected
from advisor.ingest.vendors.anthropic.reply import FINISH_REASONS
from advisor.types import Json, Request


@dataclass(frozen=True)
class OpenTelemetry:
    """``{"role": ..., "parts": [{"type": ...}]}``; parts without a type are Gemini's."""

    name: str = "otel"
    rank: int = 25

    def asks(self, body: dict[str, Json]) -> bool:
        """Never: these are no bodies of an API."""
        return False

    def answers(self, body: Json) -> bool:
        """Never: see ``asks``."""
        return False

    def speaks(self, messages: list[Json]) -> bool:
        """Any message with typed parts."""
        return any(isinstance(message, dict) and _has_typed_parts(message.get("parts")) for message in messages)

    def read_request(self, body: dict[str, Json]) -> tuple[Request, str | None]:
        """Not to be called: see ``asks``."""
        raise RowRejected("OpenTelemetry has no request bodies")

    def read_messages(self, messages: list[Json]) -> list[dict[str, Json]]:
        """Responses of tools become messages of their own, reasoning is left out."""
        return clean_messages([found for message in messages for found in _openai(message)])

    def read_reply(self, body: Json) -> Reply:
        """Of one message or the last of the assistant's in a list."""
        messages = [item for item in (body if isinstance(body, list) else [body]) if isinstance(item, dict)]
        answers = [item for item in messages if item.get("role", "assistant") in ("assistant", "model")]
        if not answers:
            return Reply()
        reply = read_reply(_openai(answers[-1])[-1])
        reason = answers[-1].get("finish_reason")
        if reply.answer is None or not isinstance(reason, str):
            return reply
        reason = {"tool_call": "tool_calls"}.get(reason) or FINISH_REASONS.get(reason, reason)
        return replace(reply, answer=replace(reply.answer, finish_reason=reason))


def _has_typed_parts(parts: Json) -> bool:
    return isinstance(parts, list) and any(isinstance(part, dict) and "type" in part for part in parts)


def _openai(message: Json) -> list[dict[str, Json]]:
    parts = message.get("parts") if isinstance(message, dict) else None
    return messages_of(str(message.get("role")), parts) if isinstance(parts, list) else [message]


VENDOR = OpenTelemetry()
