"""Records that hold a list of turns or calls: the list's elements become the rows."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import orjson

from advisor.ingest.homemade.detection import Layout, find_layout
from advisor.ingest.homemade.names import Hint, hints_of, plain_name
from advisor.ingest.homemade.profile import Column, Kind, profile
from advisor.ingest.homemade.speakers import Turns, text_of
from advisor.ingest.records.columns import SYNONYMS, pick
from advisor.ingest.records.rules import NAMED_HERE
from advisor.ingest.values.json_text import list_in
from advisor.types import Json, Rejection

CONVERSATION = "conversation_of_rows"
"""The key by which rows of one record are known to be of one conversation."""
_BY_PLACE = ""
"""Instead of what names a record: each record is a conversation of its own."""
_DEPTH = 2
_MOST_ROWS = 200


def look_within(records: Sequence[dict[str, Json]]) -> Layout | None:
    """What the records are, or the elements of a list in each of them."""
    return _look(records, _DEPTH)


def _look(records: Sequence[dict[str, Json]], depth: int) -> Layout | None:
    plain = find_layout(records)
    if depth == 0 or (plain is not None and plain.is_sure and (plain.turns or "answer" in plain.columns)):
        return plain
    for column in profile(records):
        if column.kind is not Kind.LIST:
            continue
        name = _name_of(records)
        if name is None and len(records) > 1 and _is_conversation(column):
            name = _BY_PLACE
        inner = [
            row for place, record in enumerate(records) for row in _rows_of(record, column.path, name, str(place))
        ][:_MOST_ROWS]
        found = _look(inner, depth - 1)
        if found is not None and (found.turns or "answer" in found.columns):
            return (_as_turns(found) if name is not None else found).within(column.path, name)
    return plain


def _as_turns(layout: Layout) -> Layout:
    """Questions with their answers in a list of a named record, or of a conversation's name, are one conversation."""
    if layout.turns or layout.lists or "prompt" not in layout.columns:
        return layout
    prompt, answer = layout.columns["prompt"], layout.columns["answer"]
    return replace(layout, turns=Turns("", prompt, {}, session=CONVERSATION, answer=answer))


def opened(
    rows: Iterable[tuple[int, dict[str, Json] | Rejection]], layout: Layout
) -> Iterator[tuple[int, dict[str, Json] | Rejection]]:
    """The rows within the records, numbered as if they stood alone."""
    more = 0
    for number, record in rows:
        if isinstance(record, Rejection):
            yield number + more, record
            continue
        within = [record]
        for path, name in layout.lists:
            within = [
                row for place, outer in enumerate(within) for row in _rows_of(outer, path, name, f"{number}.{place}")
            ]
        more -= 1
        for row in within:
            more += 1
            yield number + more, row


def _rows_of(record: dict[str, Json], path: str, name: str | None, place: str) -> Iterator[dict[str, Json]]:
    rows = list_in(pick(record, path))
    is_several = name is not None or len(rows) > 1
    around = {
        key: value
        for key, value in record.items()
        if key != path and not isinstance(value, list | dict) and not (is_several and _is_sum(key))
    }
    if name is not None:
        around |= {CONVERSATION: _mark(place, rows) if name == _BY_PLACE else pick(record, name)}
    for row in rows:
        if isinstance(row, dict):
            texts = {key: text for key, value in row.items() if isinstance(value, list) and (text := text_of(value))}
            yield around | row | texts
        elif isinstance(row, list) and len(row) == 2:
            yield around | dict(zip(("prompt", "answer"), row, strict=True))


def _mark(place: str, rows: list[Json]) -> str:
    """A name for a conversation that has none, also beside those of other files."""
    return NAMED_HERE + hashlib.blake2b(orjson.dumps([place, rows], default=str), digest_size=8).hexdigest()


def _is_sum(key: str) -> bool:
    """Whether what a record tells is of all its rows together: each of them would count it again."""
    return not {Hint.TOKENS, Hint.DURATION}.isdisjoint(hints_of(key)) or plain_name(key) in SYNONYMS["cost"]


def _is_conversation(column: Column) -> bool:
    """Whether a list is by its name of what was said one after the other."""
    return not {Hint.SESSION, Hint.TEXT}.isdisjoint(hints_of(column.leaf)) or plain_name(column.leaf) == "turns"


def _name_of(records: Sequence[dict[str, Json]]) -> str | None:
    """The key that names a record: then what is in it belongs together."""
    named = [
        (Hint.SESSION in hints_of(column.leaf), -column.place, column.path)
        for column in profile(records)
        if _is_name(column)
    ]
    return max(named)[2] if named else None


def _is_name(column: Column) -> bool:
    hints = hints_of(column.leaf)
    is_text = column.kind in (Kind.ID, Kind.NUMBER, Kind.TEXT) and column.prose < 0.1
    return column.filled == 1 and column.distinct == 1 and is_text and bool({Hint.ID, Hint.SESSION} & hints)
