"""Logs with a request body in one row and its response in another: put together by the id that both have."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from advisor.ingest.messages.request import ROLES
from advisor.ingest.records.request_response import RESPONSE_KEYS
from advisor.ingest.records.waiting import WaitingRecords
from advisor.ingest.values.json_text import at, list_in
from advisor.types import Json, Rejection

Rows = Iterator[tuple[int, dict[str, Json] | Rejection]]
_LOOKED_AT = 200
_FEWEST = 2
_NEARLY_ALL = 0.8
_SAID = frozenset(
    {"content", "choices", "output", "text", "completion", "answer", "response", "message", "candidates", "error"}
)
"""Of which a response body has one."""
_OPINIONS = frozenset({"feedback", "rating", "vote", "comment", "review", "survey", "thumbs", "score", "evaluation"})
_WORDS = re.compile(r"[a-z]+")
_KIND_CHARS = 20
"""Of the name of an event."""


def with_responses(rows: Iterable[tuple[int, dict[str, Json] | Rejection]]) -> Rows:
    """The rows, where the first ones are requests and responses apart one a call; such rows wait on disk."""
    rows = iter(rows)
    head = list(islice(rows, _LOOKED_AT))
    by = id_of_responses(head)
    if by is None:
        yield from chain(head, rows)
        return
    waiting = WaitingRecords()
    for number, row in chain(head, rows):
        if isinstance(row, Rejection) or not isinstance(row.get(by), str | int):
            yield number, row
        else:
            waiting.put(str(row[by]), number, row)
    for _, found in waiting.groups():
        asked = next((row for _, row in found if _asks(row)), None)
        others = [row for _, row in found if row is not asked]
        if asked and len(others) <= 1 and all(_answers(row) and not _asks(row) for row in others):
            yield found[0][0], _call(asked, others[0] if others else {})
        else:
            yield from found


def id_of_responses(rows: Iterable[tuple[int, dict[str, Json] | Rejection]]) -> str | None:
    """The key with values that stand in one request and in one response, but for calls cut off; by the first rows."""
    records = [row for _, row in islice(rows, _LOOKED_AT) if not isinstance(row, Rejection)]
    asked = [row for row in records if _asks(row)]
    others = [row for row in records if not _asks(row) and _answers(row)]
    if min(len(asked), len(others)) < _FEWEST:
        return None
    for key in dict.fromkeys(chain.from_iterable(asked)):
        ids, again = (
            Counter(str(row[key]) for row in each if isinstance(row.get(key), str | int)) for each in (asked, others)
        )
        both = ids.keys() & again.keys()
        once = both and max(max(ids.values()), *(again[one] for one in both)) == 1
        if once and len(both) >= max(_NEARLY_ALL * (len(asked) - 1), _FEWEST):
            return key
    return None


def _asks(row: dict[str, Json]) -> bool:
    """Whether it holds a request of messages, the last one not the answer, and no response."""
    key = _body_of(row)
    if key is None or any(row.get(key) for key in RESPONSE_KEYS if key != "body"):
        return False
    messages = list_in(at(row, key, "messages") if key else row["messages"])
    return bool(messages) and ROLES.get(str(at(messages[-1], "role"))) != "assistant"


def _answers(row: dict[str, Json]) -> bool:
    """Whether it holds a response, and neither a request of its own nor what a person said about one."""
    kinds = (str(cell) for cell in row.values() if isinstance(cell, str) and len(cell) <= _KIND_CHARS)
    is_opinion = any(not _OPINIONS.isdisjoint(_WORDS.findall(each.lower())) for each in (*row, *kinds))
    bodies = [each for each in (row, *row.values()) if isinstance(each, dict)]
    return _body_of(row) is None and not is_opinion and any(not _SAID.isdisjoint(each) for each in bodies)


def _body_of(row: dict[str, Json]) -> str | None:
    """The key of the request body; empty where the row is one."""
    if isinstance(row.get("messages"), list):
        return ""
    return next((key for key, value in row.items() if isinstance(value, dict) and "messages" in value), None)


def _call(asked: dict[str, Json], answered: dict[str, Json]) -> dict[str, Json]:
    key = _body_of(asked) or ""
    around = {name: value for name, value in asked.items() if name != key and (key or name in answered)}
    request = asked[key] if key else asked
    response = answered.get(key) if key else None
    if response is None and answered:
        response = {name: value for name, value in answered.items() if name not in asked or name == "model"}
        named = [name for name in response if name in RESPONSE_KEYS]
        if len(named) == 1 and "error" not in response:
            around = response | around
            response = around.pop(named[0])
    return around | {"request": request, "response": response}
