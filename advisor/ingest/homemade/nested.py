"""Records that hold a list of turns or calls: the list's elements become the rows."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from advisor.ingest.homemade.detection import Layout, find_layout
from advisor.ingest.homemade.facts import find_facts
from advisor.ingest.homemade.joined import Turns
from advisor.ingest.homemade.names import Hint, hints_of, plain_name
from advisor.ingest.homemade.numbered import adds_up, find_abreast, find_models
from advisor.ingest.homemade.profile import Column, Kind, profile
from advisor.ingest.homemade.roles import CONVERSATION, known_role
from advisor.ingest.homemade.turn_lists import text_of
from advisor.ingest.records.columns import pick
from advisor.ingest.records.rules import mark_of
from advisor.ingest.values.json_text import as_objects, list_in, object_in
from advisor.types import Json, Rejection

_BY_PLACE = ""
"""Instead of what names a record: each record is a conversation of its own."""
_DEPTH = 3
_MOST_ROWS = 200
_MOST_LISTS = 2
"""Of objects in a conversation: its turns, and its tools or documents."""


def look_within(records: Sequence[dict[str, Json]]) -> Layout | None:
    """What the records are, or the elements of a list in each of them."""
    return _look(records, _DEPTH)


def _look(records: Sequence[dict[str, Json]], depth: int) -> Layout | None:
    beside = _look_beside(records)
    if beside is not None:
        return beside
    plain = find_layout(records)
    if plain is not None and not plain.models.keys() <= {name for record in records for name in record}:
        return replace(plain, models={}, is_sure=False)  # in an object
    if plain is not None and plain.models:
        rows = profile([row for record in records for row in _of_models(record, plain.models)])
        texts = {role: path for role, path in plain.columns.items() if role in ("prompt", "messages", "system")}
        texts |= {"answer": "answer", "model": "model"}
        facts = find_facts([column for column in rows if column.path not in texts.values()], ())
        return replace(plain, columns=facts | texts)
    if depth == 0 or (plain is not None and plain.is_sure and (plain.turns or "answer" in plain.columns)):
        return plain
    for column in profile(records):
        if column.kind is not Kind.LIST and not _tells_of_turns(column):
            continue
        name = _conversation_of(records, column)
        each = [[*_rows_of(record, column.path, name, str(place))] for place, record in enumerate(records)]
        inner = [row for rows in each for row in rows][:_MOST_ROWS]
        found = _look(inner, depth - 1)
        items = [item for value in column.values for item in list_in(value)]
        is_whole = column.filled == 1 and found is not None and "messages" in found.columns
        if found is not None and (found.turns or "answer" in found.columns or is_whole):
            if len(inner) > len(records) and _is_outside(found, records, items):  # several answers to one prompt
                is_sure = found.is_sure and "model" in found.columns and _are_of_models(each, found.columns["model"])
                return replace(found, is_sure=is_sure).within(column.path, name)
            return (_as_turns(found) if name is not None else found).within(column.path, name)
    return plain


def _look_beside(records: Sequence[dict[str, Json]]) -> Layout | None:
    """What records are that hold side by side what several models answered, or the turns of a conversation."""
    models = find_models(records)
    if models is not None:
        found = find_layout([row for record in records for row in models.rows(record)])
        if found is not None and found.is_sure and found.turns is None and _is_of_models(found):
            return replace(found, abreast=models)
    abreast = find_abreast(records)
    if abreast is not None:
        found = find_layout([row for record in records for row in abreast.rows(record)])
        if found is not None and found.is_sure and (found.turns or "answer" in found.columns):
            by_name = (abreast.talk or found.turns) and _name_of(records)
            session = found.columns.get("session") or by_name or CONVERSATION
            if found.turns:
                found = replace(found, turns=found.turns._replace(session=session, parent=None))
            return replace(_as_turns(found, session), abreast=abreast)
    return None


def _is_of_models(layout: Layout) -> bool:
    return "model" in layout.columns and not {"answer", "messages"}.isdisjoint(layout.columns)


def _are_of_models(records: Sequence[Sequence[dict[str, Json]]], path: str) -> bool:
    """Whether the answers to one prompt are each by another model."""
    return all(len({str(pick(row, path)) for row in rows}) == len(rows) for rows in records)


def _tells_of_turns(column: Column) -> bool:
    """Whether messages tell when each was said, what it took, or in the only list of which conversation each is."""
    if column.kind is not Kind.MESSAGES or column.filled < 1:
        return False
    turns = [turn for value in column.values for turn in list_in(value)][:_MOST_ROWS]
    are_plain = all(isinstance(turn, dict) and isinstance(turn.get("content"), str | None) for turn in turns)
    if not are_plain:
        return False
    facts = find_facts(profile(turns), ("role", "content"))
    talks = {str(pick(turn, facts["session"])) for turn in turns} if "session" in facts else set()
    are_several = len(column.values) == 1 and 1 < len(talks) <= len(turns) / 2
    return are_several or not {"time", "latency", "input_tokens", "output_tokens"}.isdisjoint(facts)


def _is_outside(layout: Layout, records: Sequence[dict[str, Json]], items: Sequence[Json]) -> bool:
    """Whether the prompt stands around the list and the answers in it."""
    name = layout.columns.get("prompt", "").partition(".")[0]
    is_within = any(name in item for item in items if isinstance(item, dict))
    return layout.turns is None and not is_within and any(name in record for record in records)


def _as_turns(layout: Layout, session: str = CONVERSATION) -> Layout:
    """Questions with their answers in a list of a named record, or of a conversation's name, are one conversation."""
    if layout.turns or layout.lists or not {"prompt", "answer"} <= layout.columns.keys():
        return layout
    prompt, answer = layout.columns["prompt"], layout.columns["answer"]
    return replace(layout, turns=Turns("", prompt, {}, session=session, answer=answer))


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
        if layout.abreast:
            within = [
                {CONVERSATION: mark} | row
                for outer in within
                for mark in [mark_of([str(number), [outer]])]
                for row in layout.abreast.rows(outer)
            ]
        if not within:
            where = layout.lists[0][0] if layout.lists else layout.columns["prompt"]
            yield number + more, Rejection(row=number + more, reason=f"no calls in `{where}`")
            continue
        within = [each for row in within for each in _of_models(row, layout.models)] if layout.models else within
        more -= 1
        for row in within:
            more += 1
            yield number + more, row


def _of_models(record: dict[str, Json], models: Mapping[str, str]) -> Iterator[dict[str, Json]]:
    """A row for each model with an answer in a column named for it, and what other columns of that model have."""
    owners = {
        name: max((one for one in models.values() if _is_of(name, one)), key=len, default=None) for name in record
    }
    answered = {column: model for column, model in models.items() if record.get(column) not in (None, "")}
    around = {
        name: cell
        for name, cell in record.items()
        if owners[name] is None and not (len(answered) > 1 and adds_up(name))
    }
    if not answered:
        yield around
    for column, model in answered.items():
        own = {
            name[len(model) + 1 :]: cell
            for name, cell in record.items()
            if owners[name] == model and name not in models
        }
        yield around | own | {"answer": record[column], "model": model}


def _is_of(name: str, model: str) -> bool:
    name, model = (re.sub(r"[\s_]", "-", each) for each in (name, model))
    return name == model or (name.startswith(model) and name[len(model)] in ".-")


def _rows_of(record: dict[str, Json], path: str, name: str | None, place: str) -> Iterator[dict[str, Json]]:
    rows = list_in(pick(record, path))
    is_several = name is not None or len(rows) > 1
    steps = path.split(".") if path not in record else [path]
    holders = (pick(record, ".".join(steps[:depth])) for depth in range(1, len(steps)))
    around = {
        key: value
        for holder in (record, *map(object_in, holders))
        for key, value in holder.items()
        if key != steps[-1] and not isinstance(value, list | dict) and not (is_several and adds_up(key))
    }
    if name is not None:
        around |= {CONVERSATION: mark_of([place, rows]) if name == _BY_PLACE else pick(record, name)}
        rows = [*_opening(record, path, rows), *rows]
    for row in rows:
        if isinstance(row, dict):
            texts = {key: text for key, value in row.items() if isinstance(value, list) and (text := text_of(value))}
            yield around | row | texts
        elif isinstance(row, list) and len(row) == 2:
            yield around | dict(zip(("prompt", "answer"), row, strict=True))


def _opening(record: dict[str, Json], path: str, rows: list[Json]) -> list[Json]:
    """The first turn of a conversation, which stands beside the list of the others, with the keys that they have."""
    keys = rows[0].keys() if rows and isinstance(rows[0], dict) else frozenset()
    beside = [value for key, value in record.items() if key != path.partition(".")[0] and isinstance(value, dict)]
    return [
        value
        for value in beside
        if any(key in keys and isinstance(said, str) and Hint.TEXT in hints_of(key) for key, said in value.items())
        and any(key in keys and _names_side(key, who) for key, who in value.items())
    ][:1]


def _names_side(key: str, who: Json) -> bool:
    if isinstance(who, dict):
        return any(_names_side(f"{key}_{inner}", value) for inner, value in who.items())
    return isinstance(who, str) and Hint.SPEAKER in hints_of(key) and known_role(who) is not None


def _is_conversation(column: Column) -> bool:
    """Whether a list is by its name of what was said one after the other."""
    return not {Hint.SESSION, Hint.TEXT}.isdisjoint(hints_of(column.leaf)) or plain_name(column.leaf) == "turns"


def _is_of_one(name: str) -> bool:
    """``chat`` and ``turns``, but not ``chats``: what a file's only record holds is one conversation or all of them."""
    return plain_name(name) == "turns" or (Hint.SESSION in hints_of(name) and not name.endswith("s"))


def _conversation_of(records: Sequence[dict[str, Json]], column: Column) -> str | None:
    """What names the conversation that each list is; None where each row stands alone."""
    if _are_tables(records):
        return None
    name = _name_of(records) if any(len(list_in(value)) > 1 for value in column.values) else None
    if name is not None or not _is_conversation(column):
        return name
    is_each = len(records) > 1 or (_is_of_one(column.leaf) and not _are_of_several(records, column.path))
    return _BY_PLACE if is_each else None


def _are_tables(records: Sequence[dict[str, Json]]) -> bool:
    """Whether a file's only record holds nothing but tables, as those of a database."""
    lists = [*records[0].values()] if len(records) == 1 else []
    return len(lists) > _MOST_LISTS and all(map(as_objects, lists))


def _are_of_several(records: Sequence[dict[str, Json]], path: str) -> bool:
    """Whether the rows of a list have the ids of several users."""
    rows = [row for record in records for row in list_in(pick(record, path)) if isinstance(row, dict)]
    people = (column for column in profile(rows) if hints_of(column.leaf) == {Hint.USER, Hint.ID})
    return any(len({str(value) for value in column.values}) > 1 for column in people)


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
