"""OpenAI's chat completions, which most providers and gateways speak, and its older text completions."""

from dataclasses import dataclass

from advisor.ingest.messages.reply import Reply, is_stream, read_reply
from advisor.ingest.messages.request import clean_messages, read_request
from advisor.types import Json, Request


@dataclass(frozen=True)
class OpenAIChat:
    """The most general wire format: what no other vendor claims is read as this."""

    name: str = "openai_chat"
    rank: int = 100

    def asks(self, body: dict[str, Json]) -> bool:
        """A list of messages."""
        return isinstance(body.get("messages"), list)

    def answers(self, body: Json) -> bool:
        """Choices, or an error as most providers word it."""
        if isinstance(body, str):
            return is_stream(body)
        if isinstance(body, list):
            return any(isinstance(event, dict) and "choices" in event for event in body[:3])
        return isinstance(body, dict) and (isinstance(body.get("choices"), list) or bool(body.get("error")))

    def speaks(self, messages: list[Json]) -> bool:
        """Never: what nobody else claims is OpenAI's."""
        return False

    def read_request(self, body: dict[str, Json]) -> tuple[Request, str | None]:
        """See request.read_request."""
        return read_request(body)

    def read_messages(self, messages: list[Json]) -> list[dict[str, Json]]:
        """See request.clean_messages."""
        return clean_messages(messages)

    def read_reply(self, body: Json) -> Reply:
        """See reply.read_reply."""
        return read_reply(body)


VENDOR = OpenAIChat()
