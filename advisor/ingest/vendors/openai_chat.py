"""OpenAI's chat completions, which most providers and gateways speak: what no other vendor claims is read as this."""

from advisor.ingest.messages.reply import has_choices, is_stream
from advisor.ingest.vendors import Vendor
from advisor.types import Json


def _answers(body: Json) -> bool:
    """Choices, or an error as most providers word it."""
    if isinstance(body, str):
        return is_stream(body)
    if isinstance(body, list):
        return any(isinstance(event, dict) and "choices" in event for event in body[:3])
    return isinstance(body, dict) and (has_choices(body) or bool(body.get("error")))


VENDOR = Vendor(
    name="openai_chat", rank=100, asks=lambda body: isinstance(body.get("messages"), list), answers=_answers
)
