"""Records that only wrap calls: a list of them, as the pages of an API do, or calls under their ids, as dumps do."""

import re
from collections.abc import Iterable

from advisor.ingest.homemade.names import Hint, hints_of, names_model
from advisor.ingest.homemade.roles import known_role
from advisor.ingest.reader import Opener, Record
from advisor.ingest.records.envelope import SESSION_KEYS
from advisor.ingest.records.request_response import find_pair
from advisor.ingest.values.json_text import as_list, as_objects, at, list_in
from advisor.ingest.values.times import is_day
from advisor.types import Json

_LIST_KEYS = ("data", "events", "items", "results", "runs", "spans", "calls", "records", "rows", "logs", "Items")
_BESIDE = 12
"""A page has a handful of keys beside its list; a call has more."""
_DEPTH = 3
"""``{"export": {"calls": {"c0": {...}, "c1": {...}}}}``."""
_ID = re.compile(r"(?i)(?P<of>\w*?)[-_:#]?(?=[0-9a-f-]*\d)[0-9a-f-]+")
_PERIOD = re.compile(r"(19|20)\d\d([-_]?\d\d){0,2}")
_OF_A_CALL = frozenset({
    "role", "Role", "messages", "prompt", "choices", "request", "response", "input", "output", "usage", "model",
    "inputs", "outputs",
})  # fmt: skip


def _open(record: Record) -> Iterable[Json]:
    """The elements of the first list of objects, or the calls under ids, each with its key as its id."""
    for key in _LIST_KEYS if len(record) <= _BESIDE else ():
        found = list_in(record.get(key))
        if any(isinstance(element, dict) for element in found):
            return [record] if key == "events" and len(record) > 1 and _are_turns(found) else found
    if rows := _lists_in(record) or _pairs_in(record):
        return rows
    calls = _calls_in(record, _DEPTH)
    return [{"id": key, **call} for key, call in calls.items()] if calls else [record]


def _are_turns(rows: list[Json]) -> bool:
    """Whether both sides of one conversation speak in them."""
    said = [row for row in rows if isinstance(row, dict)]
    sides = ({known_role(text) for row in said if isinstance(text := row.get(key), str)} for key in said[0])
    return any({"user", "assistant"} <= side for side in sides)


def _calls_in(value: Record, depth: int) -> dict[str, Record]:
    inner = {key: held for key, held in value.items() if isinstance(held, dict)}
    if len(inner) == len(value) >= 2 and (all(find_pair(held) for held in inner.values()) or _are_rows(inner)):
        return inner
    found = (_calls_in(held, depth - 1) for held in inner.values() if depth > 1)
    return next((calls for calls in found if calls), {})


def _are_rows(held: dict[str, Record]) -> bool:
    """Several objects with the same keys, of which some hold texts, as rows under their ids."""
    first, *others = held.values()
    texts = sum(isinstance(value, str) for value in first.values())
    return len(others) >= 2 and texts >= 2 and all(other.keys() == first.keys() for other in others)


def _names_conversation(key: str) -> bool:
    """``1003``, ``sess_2f`` and what is random, but no date, user or topic."""
    found = _ID.fullmatch(key)
    is_session = found is not None and (not found["of"] or Hint.SESSION in hints_of(found["of"]))
    return is_session and not is_day(key) and _PERIOD.fullmatch(key) is None


def _pairs_in(record: Record) -> list[Json]:
    """Requests with their responses under any one key, with what names the conversation or model around them."""
    lists = [as_objects(value) for value in record.values() if isinstance(value, list)]
    if len(lists) != 1 or not lists[0] or not all(map(find_pair, lists[0])):
        return []
    around = {key: value for key in (*SESSION_KEYS, "model") if (value := record.get(key)) is not None}
    return [around | call for call in lists[0]]


def _lists_in(record: Record) -> list[Json]:
    """The rows of several lists under days or other names; turns stay in the conversation of their key."""
    while len(record) == 1 and isinstance(inner := next(iter(record.values())), dict):
        record = inner
    lists = {key: as_objects(value) for key, value in record.items() if isinstance(value, list)}
    if len(lists) < 2 or len(lists) < len(record) or not all(lists.values()):
        return []
    keys = next(iter(lists.values()))[0].keys()
    if not all(rows[0].keys() == keys and len(rows) == len(as_list(record[key])) for key, rows in lists.items()):
        return []
    if "role" in keys:
        return [{"conversation_id": key, "messages": rows} for key, rows in lists.items()]
    firsts = [rows[0] for rows in lists.values()]
    if all(any(isinstance(text, str) and known_role(text) for text in first.values()) for first in firsts):
        return [{"conversation_id": key, "turns": rows} for key, rows in lists.items()]
    if all(map(names_model, lists)):
        return [{"model": key} | row for key, rows in lists.items() for row in rows]
    if any(rows[1:] for rows in lists.values()) and all(map(_names_conversation, lists)):
        return [{"conversation_id": key, "turns": rows} for key, rows in lists.items()]
    return [row for rows in lists.values() for row in rows]


def _open_many(record: Record) -> Iterable[Json]:
    """As ``_open``, of a record with more keys than a page has: only the calls under ids."""
    return _open(record) if isinstance(next(iter(record.values())), dict | list) else [record]


def _open_split(record: Record) -> Iterable[Json]:
    """Pandas' ``orient="split"``: the names of the columns, and rows without."""
    names, rows = list_in(record["columns"]), list_in(record["data"])
    is_table = bool(rows) and all(isinstance(row, list) and len(row) == len(names) for row in rows)
    return [dict(zip(map(str, names), as_list(row), strict=True)) for row in rows] if is_table else [record]


def _open_sheet(record: Record) -> Iterable[Json]:
    """A range as Google's Sheets API gives it, the names of the columns first."""
    names, *rows = [as_list(row) for row in list_in(record["values"])] or [[]]
    return [dict(zip(map(str, names), row, strict=False)) for row in rows] or [record]


SHEET = Opener(opens=lambda keys: keys >= {"values", "majorDimension"}, open=_open_sheet)
SPLIT = Opener(opens=lambda keys: keys >= {"columns", "data"}, open=_open_split)
MANY = Opener(opens=lambda keys: len(keys) > _BESIDE and keys.isdisjoint(_OF_A_CALL), open=_open_many)
HITS = Opener(
    opens=lambda keys: keys >= {"hits", "took"}, open=lambda record: list_in(at(record, "hits", "hits")) or [record]
)
"""What Elasticsearch and OpenSearch answer to a search."""
OPENER = Opener(opens=lambda keys: len(keys) <= _BESIDE and keys.isdisjoint(_OF_A_CALL), open=_open)
"""Nothing else opens what this one does, for its module comes last."""
