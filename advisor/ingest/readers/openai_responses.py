"""Recorded calls of OpenAI's Responses API: pairs, response objects with their input or without, and streams.

OpenAI gives out response objects and their input items apart from each other; they are put together by id.
"""

from dataclasses import replace
from typing import Any

from advisor.ingest.messages.reply import CUT_OFF, Reply
from advisor.ingest.reader import Joiner, Reader, Record, RowRejected
from advisor.ingest.readers.openai_chat import unwrap
from advisor.ingest.readers.openai_stored import ITEMS, OWNER, UNKNOWN_OWNER
from advisor.ingest.records.bodies import Call, other_operation, read_call
from advisor.ingest.records.envelope import find_label
from advisor.ingest.records.request_response import REQUEST_KEYS, RESPONSE_KEYS, usual_body
from advisor.ingest.values.json_text import as_name, as_object, at
from advisor.ingest.values.numbers import parse_number
from advisor.ingest.vendors.responses import VENDOR, response_object
from advisor.types import Json, Sample

_RESPONSE = "response_object"
"""Marks a record that was put together here."""
_OTHER_CHATS = ("/chat/completions", "/messages")
_ECHOED = (
    "model", "instructions", "tools", "reasoning", "text", "temperature", "top_p", "max_output_tokens", "conversation",
    "previous_response_id", "prompt",
)  # fmt: skip
NO_PROMPT = "the log does not hold the prompt; import the responses together with their input items or requests"
_NO_RESPONSE = "the answers, instructions and tools are with the response objects; import them together"
_NOT_WHOLE = "only some of the input items are in the log; export all pages of them"
_UNFINISHED = ("queued", "in_progress")
_CALLS = {"function_call_output": "function_call", "custom_tool_call_output": "custom_tool_call"}


def _is_joined(record: Record) -> bool:
    return _RESPONSE in record and "is_whole" in record


def _matches(record: Record) -> bool:
    """A response object, or a body of this API under a usual key."""
    if record.get("object") == "response" or UNKNOWN_OWNER in record or _is_joined(record):
        return True
    record = unwrap(record)
    url = str(record.get("url") or record.get("path") or record.get("endpoint") or "")
    if other_operation(url) or any(call in url for call in _OTHER_CHATS):
        return False
    response = usual_body(record, RESPONSE_KEYS)
    if (VENDOR.asks(record) and VENDOR.answers(record)) or VENDOR.answers(response):
        return True
    request = usual_body(record, REQUEST_KEYS)
    is_theirs = isinstance(response, dict) and ("choices" in response or response.get("object") == "list")
    return isinstance(request, dict) and not is_theirs and VENDOR.asks(request)


def _read(record: Record) -> Sample:
    """One call; without its prompt it is kept for volume and cost."""
    if UNKNOWN_OWNER in record:
        raise RowRejected(
            "input items without the id of their response; save them as an object from id to page, "
            'such as {"resp_123": {"data": [...]}}'
        )
    if _is_joined(record):
        return _read_joined(record)
    told = record if "object" in record else as_object(usual_body(record, RESPONSE_KEYS))
    kind = str(told.get("object"))
    if kind.startswith("response.") or (kind == "response" and told.get("deleted")):
        raise RowRejected(f"a call that gives back {kind!r}, not an answer of a model")
    record = unwrap(record)
    if VENDOR.answers(record) or record.get("object") == "response":
        asked = request_of(record) | {"input": record.get("input")} if "input" in record else None
        return read_pair(record, asked, record)
    request, response = usual_body(record, REQUEST_KEYS), usual_body(record, RESPONSE_KEYS)
    sample = read_pair(record, request if isinstance(request, dict) else None, response)
    is_torn = response is None and record.get("response") == "" and at(request, "stream")
    return replace(sample, error=CUT_OFF) if is_torn else sample


def _read_joined(record: Record) -> Sample:
    response, items = record[_RESPONSE], record["input"]
    if response is None:
        sample = read_pair({"id": record["id"]}, {"input": items}, None)
        return replace(sample, ids=replace(sample.ids, response_id=record["id"]), not_replayable=_NO_RESPONSE)
    if items is None:
        return read_pair(response, None, response)
    sample = read_pair(response, request_of(response) | {"input": items}, response)
    return sample if record["is_whole"] else replace(sample, not_replayable=sample.not_replayable or _NOT_WHOLE)


def read_pair(around: Record, request: dict[str, Json] | None, response: Json) -> Sample:
    """One Sample of this API; ``around`` are the keys around the call, ``request`` is None where the log has none."""
    answered = response_object(response) or {}
    body = request if request is not None else request_of(answered)
    reply = read_call(None, response).reply if response is not None else Reply()
    asked, reason = VENDOR.read_request(body)
    call = Call(request=asked, not_replayable=NO_PROMPT if request is None else reason, reply=reply)
    sample = call.sample({"model": body.get("model")} | around)
    begun, ended = parse_number(answered.get("created_at")), parse_number(answered.get("completed_at"))
    logged_s = sample.metered.latency_s
    # whole seconds, so that short calls show as 0
    latency_s = ended - begun if begun is not None and ended is not None and ended >= begun else None
    return replace(
        sample,
        use_case=sample.use_case or _label(body) or _label(answered),
        model=sample.model or body.get("model") or None,
        ids=replace(sample.ids, session=sample.ids.session or _conversation(answered) or _conversation(body)),
        metered=replace(sample.metered, latency_s=latency_s if logged_s is None else logged_s),
    )


def request_of(response: dict[str, Json]) -> dict[str, Json]:
    """What a response object tells of its request, settings that nobody made left out."""
    told = {key: response[key] for key in _ECHOED if response.get(key) is not None}
    told |= {key: response[key] for key in ("frequency_penalty", "presence_penalty") if response.get(key)}
    if response.get("tool_choice") != "auto":
        told["tool_choice"] = response.get("tool_choice")
    if response.get("parallel_tool_calls") is False:
        told["parallel_tool_calls"] = False
    if at(told, "text", "verbosity") == "medium":
        told["text"] = {key: value for key, value in told["text"].items() if key != "verbosity"}
    return told


def _label(body: dict[str, Json]) -> str | None:
    kept = at(body, "prompt", "id")
    return find_label({"metadata": body.get("metadata")}) or (kept if isinstance(kept, str) else None)


def _conversation(body: dict[str, Json]) -> str | None:
    return as_name(at(body, "conversation", "id")) or as_name(body.get("conversation"))


def _call_of(record: Record) -> str | None:
    """The id of the response."""
    is_part = isinstance(record.get(ITEMS), list) or record.get("object") == "response"
    identity = record.get(OWNER, record.get("id"))
    return identity if is_part and isinstance(identity, str) and not identity.startswith("chatcmpl-") else None


def _join(parts: list[Record]) -> Record:
    """The response, its input in the order it was given, and whether that is all of it.

    A response that was polled counts once, as it was in the end.
    """
    responses = [part for part in parts if OWNER not in part]
    finished = [part for part in responses if part.get("status") not in _UNFINISHED]
    pages = [part for part in parts if OWNER in part]
    return {
        _RESPONSE: next(reversed(finished or responses), None),
        "id": parts[0].get(OWNER, parts[0].get("id")),
        "input": _in_order(pages) if pages else None,
        "is_whole": any(not page.get("has_more") for page in pages),
    }


def _in_order(pages: list[Record]) -> list[Json]:
    """The items of all pages, first one first. Pages of the API are mostly saved as it gives them: last one first."""
    items: dict[Any, Json] = {}
    for page in pages:
        for position, item in enumerate(page[ITEMS]):
            items.setdefault(as_name(at(item, "id")) or (id(page), position), item)
    found = list(items.values())
    is_reversed = _is_reversed(found)
    if is_reversed is None:
        is_reversed = any(page.get("is_api_page") for page in pages)
    return found[::-1] if is_reversed else found


def _is_reversed(items: list[Json]) -> bool | None:
    """What the items tell: results follow calls, instructions go first and the assistant never ends; None: nothing."""
    known = [item for item in items if isinstance(item, dict)]
    places = [(str(item.get("type")), str(item.get("call_id"))) for item in known]
    for position, (kind, call) in enumerate(places):
        if (asked := (_CALLS.get(kind), call)) in places:
            return places.index(asked) > position
    for roles in (("system", "developer"), ("user",)):
        first, last = (known[place].get("role") in roles for place in (0, -1)) if known else (False, False)
        if first != last:
            return last if roles[0] == "system" else first
    return None


READER = Reader(name="openai_responses", rank=35, matches=_matches, read=_read)
JOINER = Joiner(
    name="openai_responses",
    # response objects without their input, and input items of a known response
    joins=lambda keys: keys >= {OWNER, ITEMS} or (keys >= {"object", "output", "id"} and "input" not in keys),
    call_of=_call_of,
    join=_join,
)
