"""Prompts in one table of a workbook or a database and their answers in another, put together by the id they share."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice, product
from pathlib import Path

import orjson

from advisor.errors import BadInput
from advisor.ingest.files.json_tables import write_lists
from advisor.ingest.files.looked_up import Lookup, Table, key_of, lookups, names_right_answers, widened
from advisor.ingest.files.rows import read_rows, sniff
from advisor.ingest.homemade.detection import Layout, find_layout, find_parts
from advisor.ingest.homemade.names import Hint, hints_of
from advisor.ingest.homemade.profile import profile
from advisor.ingest.homemade.roles import known_role
from advisor.ingest.records.columns import pick
from advisor.ingest.values.json_text import at, list_in
from advisor.types import Json

LEFT = "(not joined: "
"""In the label of what is left of a table which was joined, before the number of its rows."""
_LOOKED_AT, _COMPARED = 50, 5000
_MOST_BYTES = 2**27
"""Of a table of prompts, which is in memory while it is joined."""
_OF_TURNS = ({Hint.SESSION}, {Hint.TIME, Hint.ORDER}, {Hint.TEXT})
"""What turns need beside who speaks."""
Record = dict[str, Json]


def put_together(tables: list[tuple[Path, str]], folder: Path) -> list[tuple[Path, str]]:
    """The tables with what a person calls each, those that belong together made one, which is written to the folder.

    One of prompts and one of their answers are one; and what other tables know about calls stands in their rows.
    """
    return _with_facts(_with_both_sides(_with_answers(tables, folder), folder), folder)


def put_files_together(tables: list[tuple[Path, str]], folder: Path) -> list[tuple[Path, str]]:
    """The same of files that may be anything: only flat tables with different names are."""
    flat = [(path, label) for path, label in tables if _is_flat(_first(path))]
    if len({_name(label) for _, label in flat}) < max(len(flat), 2):
        return tables
    whole = dict(put_together(flat, folder))
    return [*whole.items(), *(each for each in tables if each not in flat)]


def join_lists(path: Path, label: str, new_folder: Callable[[], Path]) -> list[tuple[Path, str]]:
    """The lists of a JSON file's only object as tables; none unless some of them belong together."""
    lists = write_lists(path, label, new_folder)
    tables = put_files_together(lists, new_folder()) if lists else []
    return tables if {*tables} != {*lists} else []


def _is_flat(records: list[Record]) -> bool:
    return bool(records) and not any(isinstance(cell, dict | list) for record in records for cell in record.values())


def _with_answers(tables: list[tuple[Path, str]], folder: Path) -> list[tuple[Path, str]]:
    first = {path: _first(path) for path, _ in tables}
    named = [path for path, label in tables if _names_answers(label, first, path)]
    asking = [path for path in first if path.stat().st_size < _MOST_BYTES and _only_asks(first[path])]
    asking = [path for path in asking if path not in named]
    answering = [path for path in first if path in named or (path not in asking and _only_answers(first[path]))]
    for asked, answered in product(asking, answering):
        prompts = list(_records(asked))
        by = _key(prompts, first[answered], answered)
        if by is not None:
            labels = dict(tables)
            whole = folder / f"{asked.stem}-{answered.stem}.jsonl"
            _write(whole, prompts, answered, by)
            rest = [(path, label) for path, label in tables if path not in (asked, answered)]
            return [(whole, f"{labels[asked]} + {_name(labels[answered])}"), *rest]
    return tables


def _with_both_sides(tables: list[tuple[Path, str]], folder: Path) -> list[tuple[Path, str]]:
    """A table of what users said and one of what the bot did, with the same columns, as one of turns."""
    first = {path: _first(path) for path, _ in tables}
    sides: dict[str, list[tuple[Path, str]]] = {"user": [], "assistant": []}
    for path, label in tables:
        sides.get(known_role(_name(label).partition(".")[0]) or "", []).append((path, label))
    for asked, answered in product(*sides.values()):
        names, others = ({name for row in first[path] for name in row} for path, _ in (asked, answered))
        hints = [hints_of(name) for name in names]
        if names != others or "role" in names or not all(any(each & kind for each in hints) for kind in _OF_TURNS):
            continue
        whole = folder / f"{asked[0].stem}-and-{answered[0].stem}.jsonl"
        with whole.open("xb") as file:
            for role, (path, _) in (("user", asked), ("assistant", answered)):
                for row in _records(path):
                    file.write(orjson.dumps(row | {"role": role}, option=orjson.OPT_APPEND_NEWLINE, default=str))
        rest = [each for each in tables if each not in (asked, answered)]
        return [(whole, f"{asked[1]} + {_name(answered[1])}"), *rest]
    return tables


def _with_facts(tables: list[tuple[Path, str]], folder: Path) -> list[tuple[Path, str]]:
    first = {path: _first(path) for path, _ in tables}
    layouts = {path: find_layout(records) for path, records in first.items() if records}
    calls = [path for path, layout in layouts.items() if layout and _has_both(layout)]
    made = [path for path, label in tables if path in calls and not names_right_answers(_name(label))]
    others = [
        Table(_name(label), list(_records(path)))
        for path, label in tables
        if made and first[path] and path not in made and path.stat().st_size < _MOST_BYTES
    ]
    used: set[str] = set()
    joined: list[tuple[Path, Lookup]] = []
    found: list[tuple[Path, str]] = []
    for path, label in tables:
        told: list[Lookup] = []
        if path in made and others:
            rows = Table(_name(label), list(islice(_records(path), _COMPARED)))
            told = list(lookups(rows, layouts[path], others))
        if not told:
            found.append((path, label))
            continue
        names = sorted(frozenset[str]().union(*(lookup.tables for lookup in told)))
        used |= set(names)
        whole = folder / f"{path.stem}-with-{len(found)}.jsonl"
        _save(whole, widened(_records(path), told))
        found.append((whole, " + ".join([label, *names])))
        joined += [(path, lookup) for lookup in told if lookup.kept]
    kept = [each for each in found if each[0] in made or _name(each[1]) not in used]
    return kept + [each for path, label in tables for each in _left(path, label, joined, folder)]


def _left(path: Path, label: str, joined: list[tuple[Path, Lookup]], folder: Path) -> list[tuple[Path, str]]:
    """The rows of a table that was joined which none of those that it was joined to names."""
    to = [(rows, lookup) for rows, lookup in joined if lookup.table == _name(label)]
    if not to:
        return []
    known = {(lookup.there, key_of(row, lookup.by)) for rows, lookup in to for row in _records(rows)}
    names = {lookup.there for _, lookup in to}
    kept = frozenset[str]().union(*(lookup.kept for _, lookup in to))
    left = (row for row in _records(path) if not any((each, key_of(row, each)) in known for each in names))
    rest = [{name: cell for name, cell in row.items() if name in kept} for row in left]
    whole = folder / f"{path.stem}-left.jsonl"
    _save(whole, rest)
    return [(whole, f"{label} {LEFT}{len(rest):,})")] if rest else []


def _save(path: Path, rows: Iterable[Record]) -> None:
    with path.open("xb") as file:
        for row in rows:
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE, default=str))


def _has_both(layout: Layout) -> bool:
    return layout.turns is not None or not {"answer", "messages"}.isdisjoint(layout.columns)


def _name(label: str) -> str:
    """What a table is called in its database, workbook or archive."""
    return label.rpartition("/")[2]


def _first(path: Path) -> list[Record]:
    """The first rows; none of a file that can't be read, which is said when it is."""
    with suppress(BadInput):
        return list(islice(_records(path), _LOOKED_AT))
    return []


def _records(path: Path) -> Iterator[Record]:
    return (record for _, record in read_rows(path, sniff(path)) if isinstance(record, dict))


def _only_asks(records: list[Record]) -> bool:
    layout = find_layout(records) if records else None
    if layout is None or layout.turns or "answer" in layout.columns:
        return False
    talks = [list_in(pick(record, layout.columns.get("messages", ""))) for record in records]
    return not any(at(talk[-1], "role") == "assistant" for talk in talks if talk)


def _names_answers(label: str, first: dict[Path, list[Record]], path: Path) -> bool:
    """Whether a table is called ``answers`` and has a ``question_id``, whatever its texts are called."""
    names = next(iter(first[path]), {})
    others = {name for each in first if each != path for name in next(iter(first[each]), {})}
    is_named = Hint.ANSWER in hints_of(_name(label))
    return is_named and any({Hint.PROMPT, Hint.ID} <= hints_of(name) or _may_join(name, others) for name in names)


def _may_join(name: str, others: set[str]) -> bool:
    """Whether another table has the column, too, and not one of its own ids or texts by the name: ``qid``."""
    return name in others and name != "id" and hints_of(name) <= {Hint.ID, Hint.PROMPT}


def _only_answers(records: list[Record]) -> bool:
    layout = find_layout(records) if records else None
    return (layout is None or not layout.is_sure) and "answer" in find_parts(profile(records))


def _key(prompts: list[Record], first: list[Record], answered: Path) -> tuple[str, str] | None:
    """The columns of the id in both tables, None where it isn't plain which they are.

    Each prompt has one of its own, and every answer has that of a prompt.
    """
    ids = {one: values for one in prompts[0] if (values := _ids(prompts, one))}
    found = [
        (one, other)
        for one, other in product(ids, first[0])
        if _may_be(one, other) or (one == "id" and _is_rival(first, other))
    ]
    for answer in _records(answered):
        found = [(one, other) for one, other in found if str(answer.get(other)) in ids[one]]
        if not found:
            return None
    best, *others = sorted(found, key=_rank)
    is_plain = _may_be(*best) and (not others or _rank(best) < _rank(others[0]))
    return best if is_plain else None


def _ids(records: list[Record], name: str) -> set[str]:
    """The values of a column; none where one comes twice."""
    values = [str(record[name]) for record in records if record.get(name) is not None]
    return set(values) if len(set(values)) == len(values) else set()


def _may_be(one: str, other: str) -> bool:
    """Whether the columns have one name, or that of the answers is an id by its name, but not of a user or a model."""
    hints = hints_of(other)
    if one == other or _is_own(other):
        return one in (other, "id") or not {Hint.ANSWER, Hint.PROMPT}.isdisjoint(hints_of(one))
    is_someone = hints != {Hint.ID} and hints <= {Hint.ID, Hint.USER, Hint.BOT, Hint.MODEL}
    return (Hint.ID in hints and not is_someone) or {Hint.ORDER, Hint.PROMPT} <= hints


def _is_own(name: str) -> bool:
    """Whether a column of the answers has the ids of the answers themselves."""
    return name == "id" or (Hint.ANSWER in hints_of(name) and Hint.PROMPT not in hints_of(name))


def _is_rival(answers: list[Record], name: str) -> bool:
    """Whether a column with no name of an id may be one by its values."""
    return Hint.ABOUT not in hints_of(name) and len(_ids(answers, name)) == len(answers)


def _rank(pair: tuple[str, str]) -> tuple[bool, ...]:
    """The less, the surer: two tables that count their own rows have an ``id`` in common by chance."""
    one, other = pair
    is_chance = _is_own(other) and Hint.ANSWER not in hints_of(one)
    return is_chance, not _may_be(one, other), Hint.PROMPT not in hints_of(other), one != other, one != "id"


def _write(path: Path, prompts: list[Record], answered: Path, by: tuple[str, str]) -> None:
    own, other = by
    by_id = {str(record[own]): record for record in prompts if record.get(own) is not None}
    used = set()
    with path.open("xb") as file:
        for answer in _records(answered):
            identity = str(answer[other])
            used.add(identity)
            prompt = by_id[identity]
            ids = {name for name in prompt if name in answer and Hint.ID in hints_of(name)}
            texts = {name for name in prompt if name in answer and name not in ids and Hint.TEXT in hints_of(name)}
            row = answer | {name: value for name, value in prompt.items() if name not in ids | texts}
            row |= {f"prompt {name}": prompt[name] for name in texts}
            row |= {f"answer {name}": row.pop(name) for name in texts}
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE, default=str))
        for prompt in prompts:
            if str(prompt.get(own)) not in used:
                file.write(orjson.dumps(prompt, option=orjson.OPT_APPEND_NEWLINE, default=str))
