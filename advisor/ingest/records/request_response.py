"""Where a record keeps the request and the response of a call, whatever the keys around them are called."""

import re
from dataclasses import dataclass

from advisor.ingest.messages.reply import is_stream
from advisor.ingest.records.bodies import answerer_of, asker_of, body_of
from advisor.ingest.records.columns import HISTORIES, SYNONYMS, plain_headers
from advisor.ingest.records.envelope import FACTS, STATUS_KEYS
from advisor.ingest.values.json_text import at, decode
from advisor.ingest.values.numbers import parse_count
from advisor.types import Json

REQUEST_KEYS = ("request", "request_body", "requestBody", "reqPayload", "input", "body", "req", "kwargs")
RESPONSE_KEYS = (
    "response", "response_body", "responseBody", "respPayload", "resPayload", "output", "completion", "resp", "result",
)  # fmt: skip
_DEPTH = 5
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_ANSWERS = frozenset({"output", "out", "response", "resp", "res", "answer", "completion", "reply", "result"})
_FORMS = frozenset({"text", "body", "payload", "content", "message", "messages", "json", "data"})
_ERROR_ONLY = frozenset(
    {"error", "type", "request_id", "status", "status_code", "code", "message", "object", "user_id"}
)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """The two bodies of a call and the keys around them."""

    request: Json
    """A request body, perhaps of messages only."""
    response: Json = None
    """A response body, the text of a stream, a message or plain text; None where there is none."""
    around: dict[str, Json]
    """Outer keys win over inner ones; the bodies are left out."""


def usual_body(record: dict[str, Json], keys: tuple[str, ...]) -> Json:
    """The body under the first of the keys that holds something, out of one level of ``{"body": ...}``."""
    for key in keys:
        value = record.get(key)
        if value is None or value == "":
            continue
        value = decode(value)
        if isinstance(value, dict) and "body" in value and "messages" not in value and "choices" not in value:
            value = decode(value["body"])
        return value
    return None


def usual_status(record: dict[str, Json]) -> int | None:
    """The HTTP status of a call, told beside the response body or at the top of the record."""
    for key in RESPONSE_KEYS:
        value = record.get(key)
        if isinstance(value, dict) and "body" in value:
            return body_of(value).status
    return next((count for key in STATUS_KEYS if (count := parse_count(record.get(key))) is not None), None)


def find_pair(record: dict[str, Json]) -> Pair | None:
    """The request of a chat model and what came back, up to five objects deep and perhaps as JSON text; else None."""
    found = _Search()
    found.walk(record)
    request = found.request
    if request is None:
        if found.messages is None or (found.response is None and found.beside is None):
            return None
        request = {"messages": found.messages}
    return Pair(request=request, response=found.response or found.beside, around=found.around(record))


def _is_said_before(key: str, talk: list[Json], record: dict[str, Json]) -> bool:
    """Whether a conversation is what came before a prompt that stands beside it, and not a request by itself."""
    names = plain_headers(record)
    beside = (record.get(names.get(name, "")) for name in SYNONYMS["prompt"])
    said = [at(message, "content") for message in talk]
    is_answered = at(talk[-1], "role") == "assistant"
    is_history = key in {names.get(name) for name in HISTORIES}
    return any(isinstance(text, str) and (is_history or (is_answered and text not in said)) for text in beside)


class _Search:
    """What has been seen of a record so far."""

    def __init__(self) -> None:
        self.request: Json = None
        self.messages: Json = None
        """A conversation that stands without a request body."""
        self.response: Json = None
        self.beside: Json = None
        """What may be an answer by the name of its key."""
        self._inner: list[dict[str, Json]] = []

    def walk(self, record: dict[str, Json], depth: int = _DEPTH) -> None:
        within: list[dict[str, Json]] = []
        for key, raw in record.items():
            value = raw if isinstance(raw, dict | list) else _opened(raw)
            if value is None:
                self._see_text(key, raw)
            elif self._is_response(value):
                self.response = value if self.response is None else self.response
            elif not isinstance(value, dict):
                self._see_list(key, value, None if depth == _DEPTH else record)
            elif self.request is None and asker_of(value) is not None:
                self.request = value
            elif self.beside is None and (value.get("role") == "assistant" or _is_bare(key, value)):
                self.beside = value
            else:
                within.append(value)
        for inner in within if depth > 1 else ():
            before = (self.request, self.messages, self.response)
            self.walk(inner, depth - 1)
            if (self.request, self.messages, self.response) != before:
                self._inner.append(inner)

    def _see_text(self, key: str, text: Json) -> None:
        if isinstance(text, str) and text.strip() and self.beside is None and _names_answer(key):
            self.beside = text

    def _see_list(self, key: str, value: Json, around: dict[str, Json] | None) -> None:
        """``around`` is None at the top of the record."""
        if not _is_conversation(value):
            return
        if _names_answer(key):
            self.beside = value if self.beside is None else self.beside
        elif self.messages is None and around is not None and not _is_said_before(key, value, around):
            self.messages = value

    def around(self, record: dict[str, Json]) -> dict[str, Json]:
        merged: dict[str, Json] = {}
        facts = [value for key, value in record.items() if key.lower() in FACTS and isinstance(value, dict)]
        for where in (*facts, *self._inner, record):
            merged |= {key: value for key, value in where.items() if value not in (None, "")}
        bodies = (self.request, self.messages, self.response, self.beside)
        return {key: value for key, value in merged.items() if not any(value is body for body in bodies)}

    def _is_response(self, value: Json) -> bool:
        if isinstance(value, dict) and value.get("error") and not _ERROR_ONLY.issuperset(value):
            return isinstance(value.get("choices"), list)
        return answerer_of(value) is not None


def _names_answer(key: str) -> bool:
    """``llm_output``, ``resText``, ``response``; not ``response_time`` or ``result_id``."""
    words = [word.lower() for word in _WORDS.findall(key)]
    while len(words) > 1 and words[-1] in _FORMS:
        words.pop()
    return bool(words) and words[-1] in _ANSWERS


def _is_bare(key: str, value: dict[str, Json]) -> bool:
    """A message that names no role: ``{"outputs": {"content": "It comes Monday."}}``."""
    return key == "outputs" and value.keys() == {"content"} and isinstance(value["content"], str)


def _opened(raw: Json) -> Json:
    """The object, the list or the stream in a text; None where it holds neither."""
    if not isinstance(raw, str):
        return None
    value = body_of(raw).value
    return value if not isinstance(value, str) or is_stream(value) else None


def _is_conversation(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) and "role" in item for item in value)
