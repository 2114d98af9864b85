"""Recorded calls of OpenAI's Responses API: pairs, response objects with their input or without, and streams."""

from dataclasses import dataclass, replace

from advisor.ingest.messages.reply import CUT_OFF, Reply
from advisor.ingest.reader import RowRejected
from advisor.ingest.readers.openai_chat import unwrap
from advisor.ingest.readers.openai_responses_parts import RESPONSE, UNKNOWN_OWNER
from advisor.ingest.records.bodies import other_operation, read_call
from advisor.ingest.records.envelope import assemble, find_label
from advisor.ingest.records.request_response import REQUEST_KEYS, RESPONSE_KEYS, usual_body
from advisor.ingest.values.numbers import parse_number
from advisor.ingest.vendors.responses import VENDOR, response_object
from advisor.types import Json, Sample

_OTHER_CHATS = ("/chat/completions", "/messages")
_ECHOED = (
    "model", "instructions", "tools", "reasoning", "text", "temperature", "top_p", "max_output_tokens", "conversation",
    "previous_response_id", "prompt",
)  # fmt: skip
NO_PROMPT = "the log does not hold the prompt; import the responses together with their input items or requests"
_NO_RESPONSE = "the answers, instructions and tools are with the response objects; import them together"
_NOT_WHOLE = "only some of the input items are in the log; export all pages of them"


@dataclass(frozen=True)
class OpenAIResponses:
    """Reads request and response under the usual names, and response objects with or without what was asked."""

    name: str = "openai_responses"
    rank: int = 35

    def matches(self, record: dict[str, Json]) -> bool:
        """A response object, or a body of this API under a usual key."""
        if record.get("object") == "response" or UNKNOWN_OWNER in record or _is_joined(record):
            return True
        record = unwrap(record)
        url = _url(record)
        if other_operation(url) or any(call in url for call in _OTHER_CHATS):
            return False
        if VENDOR.asks(record) and VENDOR.answers(record):
            return True
        response = usual_body(record, RESPONSE_KEYS)
        if VENDOR.answers(response):
            return True
        request = usual_body(record, REQUEST_KEYS)
        is_theirs = isinstance(response, dict) and ("choices" in response or response.get("object") == "list")
        return isinstance(request, dict) and not is_theirs and VENDOR.asks(request)

    def read(self, record: dict[str, Json]) -> Sample:
        """Read one call; without its prompt it is kept for volume and cost."""
        if UNKNOWN_OWNER in record:
            raise RowRejected(
                "input items without the id of their response; save them as an object from id to page, "
                'such as {"resp_123": {"data": [...]}}'
            )
        if _is_joined(record):
            return self._read_joined(record)
        _refuse_other_calls(record)
        record = unwrap(record)
        if VENDOR.answers(record) or record.get("object") == "response":
            asked = request_of(record) | {"input": record.get("input")} if "input" in record else None
            return read_pair(record, asked, record)
        request, response = usual_body(record, REQUEST_KEYS), usual_body(record, RESPONSE_KEYS)
        if response is None and record.get("response") == "" and isinstance(request, dict) and request.get("stream"):
            return replace(read_pair(record, request, None), error=CUT_OFF)
        return read_pair(record, request if isinstance(request, dict) else None, response)

    def _read_joined(self, record: dict[str, Json]) -> Sample:
        response, items = record[RESPONSE], record["input"]
        if response is None:
            sample = read_pair({"id": record["id"]}, {"input": items}, None)
            return replace(sample, response_id=record["id"], not_replayable=_NO_RESPONSE)
        if items is None:
            return read_pair(response, None, response)
        sample = read_pair(response, request_of(response) | {"input": items}, response)
        return sample if record["is_whole"] else replace(sample, not_replayable=sample.not_replayable or _NOT_WHOLE)


def read_pair(facts: dict[str, Json], request: dict[str, Json] | None, response: Json) -> Sample:
    """One Sample of this API; ``facts`` are the keys around the call, ``request`` is None where the log has none."""
    answered = response_object(response) or {}
    body = request if request is not None else request_of(answered)
    reply = read_call(None, response).reply if response is not None else Reply()
    asked, reason = VENDOR.read_request(body)
    if request is None:
        reason = NO_PROMPT
    sample = assemble({"model": body.get("model")} | facts, asked, reply, not_replayable=reason)
    return replace(
        sample,
        use_case=sample.use_case or _label(body) or _label(answered),
        session=sample.session or _conversation(answered) or _conversation(body),
        latency_s=sample.latency_s if sample.latency_s is not None else _duration(answered),
        model=sample.model or body.get("model") or None,
    )


def request_of(response: dict[str, Json]) -> dict[str, Json]:
    """What a response object tells of its request, settings that nobody made left out."""
    told = {key: response[key] for key in _ECHOED if response.get(key) is not None}
    told |= {key: response[key] for key in ("frequency_penalty", "presence_penalty") if response.get(key)}
    if response.get("tool_choice") != "auto":
        told["tool_choice"] = response.get("tool_choice")
    if response.get("parallel_tool_calls") is False:
        told["parallel_tool_calls"] = False
    text = told.get("text")
    if isinstance(text, dict) and text.get("verbosity") == "medium":
        told["text"] = {key: value for key, value in text.items() if key != "verbosity"}
    return told


def _is_joined(record: dict[str, Json]) -> bool:
    return RESPONSE in record and "is_whole" in record


def _refuse_other_calls(record: dict[str, Json]) -> None:
    response = record if "object" in record else usual_body(record, RESPONSE_KEYS)
    kind = str(response.get("object")) if isinstance(response, dict) else ""
    if kind.startswith("response.") or (kind == "response" and response.get("deleted")):
        raise RowRejected(f"a call that gives back {kind!r}, not an answer of a model")


def _label(body: dict[str, Json]) -> str | None:
    prompt = body.get("prompt")
    kept = prompt.get("id") if isinstance(prompt, dict) else None
    return find_label({"metadata": body.get("metadata")}) or (kept if isinstance(kept, str) else None)


def _conversation(body: dict[str, Json]) -> str | None:
    conversation = body.get("conversation")
    identity = conversation.get("id") if isinstance(conversation, dict) else conversation
    return identity if isinstance(identity, str) and identity else None


def _duration(response: dict[str, Json]) -> float | None:
    """Whole seconds, so that short calls show as 0."""
    begun, ended = parse_number(response.get("created_at")), parse_number(response.get("completed_at"))
    return ended - begun if begun is not None and ended is not None and ended >= begun else None


def _url(record: dict[str, Json]) -> str:
    return str(record.get("url") or record.get("path") or record.get("endpoint") or "")


READER = OpenAIResponses()
