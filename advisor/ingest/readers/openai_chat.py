"""Recorded calls of OpenAI's chat completions: a request body and a response body under any of the usual names."""

from dataclasses import dataclass
from typing import Any

from advisor.ingest.cell import decode
from advisor.ingest.completion import CUT_OFF, Reply, read_reply
from advisor.ingest.conversation import read_request
from advisor.ingest.envelope import assemble
from advisor.ingest.reader import RowRejected
from advisor.ingest.tokens import read_usage
from advisor.types import Json, Request, Sample

_REQUEST_KEYS = ("request", "request_body", "requestBody", "reqPayload", "input", "body")
_RESPONSE_KEYS = ("response", "response_body", "responseBody", "respPayload", "resPayload", "output", "completion")
_OTHER_CALLS = ("embeddings", "moderations", "images", "audio", "rerank", "files", "models")
_NO_PROMPT = "the log does not hold the prompt"


@dataclass(frozen=True)
class OpenAIChat:
    """Reads request and response pairs, responses alone, and one level of ``{"body": ...}`` around either."""

    name: str = "openai_chat"
    rank: int = 40

    def matches(self, record: dict[str, Json]) -> bool:
        """A chat request body or a chat completion under a usual key, and nothing that only Anthropic has."""
        request, response = _body(record, _REQUEST_KEYS), _body(record, _RESPONSE_KEYS)
        if _is_anthropic(request, response):
            return False
        if isinstance(request, dict) and isinstance(request.get("messages"), list):
            return True
        if isinstance(response, str):
            return response.lstrip().startswith("data:") and '"chat.completion.chunk"' in response
        return isinstance(response, dict) and response.get("object") == "chat.completion"

    def read(self, record: dict[str, Json]) -> Sample:
        """Read one call; a call without its prompt is kept for volume when its usage or its id is known."""
        request, response = _body(record, _REQUEST_KEYS), _body(record, _RESPONSE_KEYS)
        self._refuse_other_calls(record, request, response)
        reply = read_reply(response)
        if record.get("response") == "" and isinstance(request, dict) and request.get("stream"):
            reply = Reply(error=CUT_OFF)
        if not isinstance(request, dict) or "messages" not in request:
            return self._read_without_messages(record, request, reply)
        asked, reason = read_request(request)
        return assemble(record, asked, reply, not_replayable=reason)

    def _refuse_other_calls(self, record: dict[str, Json], request: Json, response: Json) -> None:
        url = str(record.get("url") or record.get("path") or record.get("endpoint") or "").partition("?")[0]
        kind = next((call for call in _OTHER_CALLS if f"/{call}" in url), None)
        data = response.get("data") if isinstance(response, dict) else None
        if isinstance(data, list) and data and isinstance(data[0], dict) and data[0].get("object") == "embedding":
            kind = "embeddings"
        if kind:
            raise RowRejected(f"a call of {kind}, not of a chat model")
        if _is_anthropic(request, response):
            raise RowRejected("an Anthropic Messages call, which this format does not read")

    def _read_without_messages(self, record: dict[str, Json], request: Json, reply: Reply) -> Sample:
        prompt = request.get("prompt") if isinstance(request, dict) else request
        if isinstance(prompt, str) and prompt:
            body: dict[str, Any] = dict(request) if isinstance(request, dict) else {}
            body.pop("prompt", None)
            asked, reason = read_request(body | {"messages": [{"role": "user", "content": prompt}]})
            return assemble(record, asked, reply, not_replayable=reason)
        if reply.usage or reply.response_id or read_usage(record.get("usage")) or read_usage(record):
            return assemble(record, Request(messages=[]), reply, not_replayable=_NO_PROMPT)
        raise RowRejected("no prompt found")


def _body(record: dict[str, Json], keys: tuple[str, ...]) -> Json:
    for key in keys:
        value = decode(record.get(key))
        if value is None or value == "":
            continue
        if isinstance(value, dict) and "body" in value and "messages" not in value and "choices" not in value:
            value = decode(value["body"])
        return value
    return record if keys is _RESPONSE_KEYS and record.get("object") == "chat.completion" else None


def _is_anthropic(request: Json, response: Json) -> bool:
    if isinstance(response, dict) and response.get("type") in ("message", "error"):
        return True
    if isinstance(response, str) and response.lstrip().startswith("event: message_start"):
        return True
    if not isinstance(request, dict):
        return False
    tools = request.get("tools")
    first = tools[0] if isinstance(tools, list) and tools else None
    return "system" in request or (isinstance(first, dict) and "input_schema" in first)


READER = OpenAIChat()
