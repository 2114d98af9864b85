"""OpenAI's Responses API, which Azure and several gateways speak as well."""

from dataclasses import dataclass

from advisor.ingest.messages.reply import Reply, is_stream, stream_events
from advisor.ingest.messages.reply import read_reply as read_general
from advisor.ingest.messages.request import ROLES, clean_messages, why_not_replayable
from advisor.ingest.vendors.responses.items import Turns, is_item
from advisor.ingest.vendors.responses.params import read_params
from advisor.ingest.vendors.responses.reply import is_event, read_events, read_response, response_of
from advisor.types import Json, Request

_TELLING = frozenset({"previous_response_id", "max_output_tokens", "instructions", "conversation", "truncation"})
_OF_OTHER_CALLS = frozenset({"encoding_format", "dimensions", "voice", "input_type", "messages", "contents", "choices"})
_OTHER_MODELS = ("embed", "moderation", "tts", "whisper", "rerank", "dall-e", "image")
_STREAM_HEAD = 4096
ONLY_LAST_TURN = "only the last turn is in the log; the turns before it are kept at the provider"
_STORED_PROMPT = "it uses a prompt that is kept at the provider and not in the log"


@dataclass(frozen=True)
class Responses:
    """Requests with ``input`` and responses with ``output``."""

    name: str = "openai_responses"
    rank: int = 20

    def asks(self, body: dict[str, Json]) -> bool:
        """An input of text or items, beside a model or a setting that only this API has."""
        if not _OF_OTHER_CALLS.isdisjoint(body):
            return False
        model, given = body.get("model"), body.get("input")
        if given is None:
            return _has_stored_prompt(body)
        is_told = isinstance(model, str) or not _TELLING.isdisjoint(body)
        if isinstance(given, str):
            return is_told and not any(word in str(model).lower() for word in _OTHER_MODELS)
        if not isinstance(given, list):
            return False
        return any(is_item(item) for item in given) or (is_told and any(_is_turn(item) for item in given))

    def answers(self, body: Json) -> bool:
        """A response object, its events, the text of its stream, or bare output items."""
        if isinstance(body, str):
            return is_stream(body) and '"type":"response.' in body[:_STREAM_HEAD].replace('"type": ', '"type":')
        if isinstance(body, list):
            return any(is_event(event) for event in body[:5]) or any(is_item(item) for item in body)
        if not isinstance(body, dict):
            return False
        return body.get("object") == "response" or is_event(body) or is_item(body) or _is_output(body.get("output"))

    def speaks(self, messages: list[Json]) -> bool:
        """Items among the messages, or parts such as input_text."""
        return any(is_item(message) for message in messages)

    def read_request(self, body: dict[str, Json]) -> tuple[Request, str | None]:
        """The whole conversation, instructions first; a turn that others go before cannot be replayed."""
        turns = Turns().add(body.get("instructions"), role="system").add(body.get("input"))
        messages = clean_messages(turns.messages) if turns.messages else []
        params = read_params(body, turns.tools)
        reason = turns.reason
        if body.get("previous_response_id") or body.get("conversation"):
            reason = ONLY_LAST_TURN
        elif _has_stored_prompt(body):
            reason = _STORED_PROMPT
        reason = reason or why_not_replayable(messages, params, body.get("model"))
        return Request(messages=messages, params=params), reason

    def read_messages(self, messages: list[Json]) -> list[dict[str, Json]]:
        """Items as messages; reasoning and the provider's own tools are left out."""
        return clean_messages(Turns().add(messages).messages)

    def read_reply(self, body: Json) -> Reply:
        """Also of an error body, a torn stream, an event, or output items alone."""
        events = events_of(body)
        if events is not None:
            return read_events(events)
        if isinstance(body, list):
            return read_response({"output": body})
        if isinstance(body, dict):
            if body.get("object") == "response" or isinstance(body.get("output"), list):
                return read_response(body)
            if is_item(body) or body.get("type") == "message":
                return read_response({"output": [body]})
        return read_general(body)


def response_object(body: Json) -> dict[str, Json] | None:
    """The response object in a body or a stream, or None."""
    events = events_of(body)
    if events is not None:
        return response_of(events)[0]
    return body if isinstance(body, dict) and body.get("object") == "response" else None


def events_of(body: Json) -> list[Json] | None:
    """The events of a stream of this API, or None."""
    events = [body] if isinstance(body, dict) else body
    if isinstance(body, str):
        events = stream_events(body)[0] if is_stream(body) else None
    return events if isinstance(events, list) and any(is_event(event) for event in events) else None


def _is_turn(item: Json) -> bool:
    is_message = isinstance(item, dict) and str(item.get("role")).lower() in ROLES
    return is_message and isinstance(item.get("content"), str | list)


def _is_output(output: Json) -> bool:
    return isinstance(output, list) and any(is_item(item) for item in output)


def _has_stored_prompt(body: dict[str, Json]) -> bool:
    prompt = body.get("prompt")
    return isinstance(prompt, dict) and isinstance(prompt.get("id"), str)


VENDOR = Responses()
