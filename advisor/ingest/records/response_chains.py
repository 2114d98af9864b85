"""Calls of the Responses API that continue an earlier one hold only the new turn: here each gets the turns before it.

That works where the log holds the earlier call as well, before the later one.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from advisor.ingest.records.request_response import REQUEST_KEYS, RESPONSE_KEYS, usual_body
from advisor.ingest.vendors.responses import response_object
from advisor.types import Json, Rejection

_KNOWN = 1024
"""Responses whose conversation is remembered; most are continued soon or never."""


def with_chains(
    rows: Iterable[tuple[int, dict[str, Json] | Rejection]],
) -> Iterator[tuple[int, dict[str, Json] | Rejection]]:
    """The rows, those that continue a call of an earlier row with the whole conversation as their input."""
    known: OrderedDict[str, list[Json]] = OrderedDict()
    for number, record in rows:
        if isinstance(record, Rejection) or not _may_be_pair(record):
            yield number, record
            continue
        request = usual_body(record, REQUEST_KEYS)
        if not isinstance(request, dict) or not isinstance(request.get("input"), str | list):
            yield number, record
            continue
        previous = request.get("previous_response_id")
        before = known.get(previous) if isinstance(previous, str) else None
        items = [*(before or ()), *_items(request["input"])]
        if before is not None:
            key = next(key for key in REQUEST_KEYS if record.get(key) not in (None, ""))
            record = record | {key: request | {"input": items, "previous_response_id": None}}
        if before is not None or not (previous or request.get("conversation")):
            _remember(known, usual_body(record, RESPONSE_KEYS), items)
        yield number, record


def _may_be_pair(record: dict[str, Json]) -> bool:
    """Cheap: objects with an input, or text that may hold one."""
    for key in REQUEST_KEYS:
        value = record.get(key)
        if isinstance(value, dict):
            return "input" in value or "body" in value
        if isinstance(value, str) and value:
            return value.lstrip().startswith("{") and '"input"' in value
    return False


def _remember(known: OrderedDict[str, list[Json]], body: Json, items: list[Json]) -> None:
    response = response_object(body)
    identity = response.get("id") if response else None
    if response is None or not isinstance(identity, str) or not isinstance(response.get("output"), list):
        return
    known[identity] = [*items, *response["output"]]
    if len(known) > _KNOWN:
        known.popitem(last=False)


def _items(given: Json) -> list[Json]:
    return given if isinstance(given, list) else [{"role": "user", "content": given}]
