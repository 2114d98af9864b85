"""What other tables know about the rows of one: the model and system prompt of its conversation, its tokens, its score.

A row of ``messages`` names its conversation, or a row of ``metrics`` names its message; what the calls lack is written
into their rows.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from advisor.ingest.homemade.detection import Layout
from advisor.ingest.homemade.facts import find_facts
from advisor.ingest.homemade.names import Hint, hints_of, plain_name
from advisor.ingest.homemade.numbered import adds_up
from advisor.ingest.homemade.profile import Column, Kind, profile
from advisor.ingest.homemade.texts import system_prompts
from advisor.types import Json

Record = dict[str, Json]
_ROLES = frozenset({
    "model", "time", "input_tokens", "output_tokens", "latency", "ttft", "cost", "session", "target", "use_case",
})  # fmt: skip
_METERED = frozenset({"input_tokens", "output_tokens", "latency", "cost"})
_UNSURE = 2
"""Points of an ``id`` and a column that may name a row of any table of calls: ``call_id``."""
_NEARLY_ALL, _SIDE = 0.9, 0.3
_TELLING_CHARS = 8
"""Of ids that aren't counted, so that two tables have them in common by no chance."""
_STEM_CHARS = 4
_DEPTH = 2
"""Tables between that of calls and the last one: conversations, which name an assistant, which names a model."""
_GAP = re.compile(r"\{\w+\}|<\w+>|\{\{.*?\}\}")
_KEYS = frozenset({"id", "uuid", "guid", "uid", "key", "pk", "name", "slug", "nr", "no", "code"})

_CALLS = frozenset({
    "call", "request", "req", "interaction", "completion", "generation", "response", "log", "message", "msg", "trace",
    "inference", "llm_call", "exchange", "query",
})  # fmt: skip
"""What rows that are calls may be named, whatever their table is."""


class Table(NamedTuple):
    """A table of a workbook, a database or an archive."""

    name: str
    records: list[Record]
    """All of them, or the first."""


class Lookup(NamedTuple):
    """What another table, and those that it names, add to rows."""

    tables: frozenset[str]
    by: tuple[str, ...]
    """The columns of the rows that name a row there."""
    found: dict[tuple[str, ...], Record]
    table: str
    """The one that the rows name."""
    there: tuple[str, ...]
    """Its columns that they name it by."""
    kept: frozenset[str]
    """The columns of its rows that no row names, where each tells what one call took; none of other tables."""


def lookups(
    rows: Table, layout: Layout | None, others: Sequence[Table], named: Sequence[str] = (), depth: int = _DEPTH
) -> Iterator[Lookup]:
    """Each role is taken from one table.

    ``layout`` is None where the rows are no calls but what others know about them, by the columns ``named``.
    """
    columns = profile(rows.records)
    known = set(layout.columns) if layout else {*_told(rows.name, columns)}
    if layout and layout.turns and layout.turns.session:
        known.add("session")
    names = {name for record in rows.records for name in record}
    if not any(column.kind is Kind.MODEL for column in columns):
        known.discard("model")  # 3, which a table of models names
    for other in others:
        by = _link(rows, other)
        if by is None or by[0] == named:
            continue
        own, there = by
        rest = [table for table in others if table.name != other.name] if depth else []
        beyond = list(lookups(other, None, rest, there, depth - 1))
        whole = list(widened(other.records, beyond))
        is_one_to_one = len({key_of(record, own) for record in rows.records}) == len(rows.records)
        wanted = {
            role: path
            for role, path in _told(other.name, profile(whole), there, is_shared=not is_one_to_one).items()
            if role not in known and (is_one_to_one or not _is_of_row(role, path, own))
        }
        if not wanted:
            continue
        known |= wanted.keys()
        spelled = {path: _spelled(role, path, names) for role, path in wanted.items()}
        names |= {*spelled.values()}
        found = {
            key: {spelled[path]: record[path] for path in spelled if record.get(path) is not None}
            for record in whole
            if (key := key_of(record, there)) is not None
        }
        tables = frozenset({other.name}).union(*(lookup.tables for lookup in beyond))
        yield Lookup(tables, own, found, other.name, there, _kept(other, there) if is_one_to_one else frozenset())


def widened(records: Iterable[Record], found: Sequence[Lookup]) -> Iterator[Record]:
    """The rows with what others know about them."""
    for record in records:
        row = {**record}
        for lookup in found:
            key = key_of(record, lookup.by)
            row |= lookup.found.get(key, {}) if key is not None else {}
        yield row


def _told(
    table: str, columns: Sequence[Column], keys: Sequence[str] = (), *, is_shared: bool = False
) -> dict[str, str]:
    """Role to column of what a table tells; of system prompts and right answers it may say so by its own name.

    ``is_shared``: several rows name one of this table.
    """
    kept = [column for column in columns if "." not in column.path and column.path not in keys]
    ids = {column.path for column in kept if column.kind is Kind.NUMBER}
    facts = find_facts(kept, ())
    told = {role: path for role, path in facts.items() if role in _ROLES and not (role == "model" and path in ids)}
    system = system_prompts(kept, told.values())
    rest = [column for column in kept if column.path not in told.values() and Hint.ID not in hints_of(column.leaf)]
    texts = [column for column in rest if column.prose > 0]
    is_named = bool({Hint.PROMPT, Hint.SYSTEM, Hint.BOT} & hints_of(table))
    if system is None and is_shared and is_named and len(texts) == 1 and not any(map(_has_gaps, texts[0].values)):
        system = texts[0].path
    rights = [column for column in rest if Hint.PROMPT not in hints_of(column.leaf)]
    if "target" not in told and names_right_answers(table) and len(rights) == 1:
        told["target"] = rights[0].path
    return told | ({"system": system} if system else {})


def _has_gaps(text: Json) -> bool:
    """Whether a text is a template of what was sent: ``Summarize {text}``."""
    return _GAP.search(str(text)) is not None


def names_right_answers(table: str) -> bool:
    """Whether a table is called ``gold`` or ``expected answers``."""
    return Hint.EXPECTED in hints_of(table)


def _is_of_row(role: str, path: str, own: Sequence[str]) -> bool:
    """Whether what is told of several rows together isn't what each of them has."""
    is_talk = any(Hint.SESSION in hints_of(name) for name in own)
    return adds_up(path) or role in ("input_tokens", "output_tokens", "latency") or (role == "time" and not is_talk)


def _spelled(role: str, path: str, names: set[str]) -> str:
    """A name that says what the column is among those of the rows."""
    usual = {"system": "system_prompt", "target": "expected_answer"}.get(role, "model" if role == "model" else path)
    return usual if usual not in names or role == "model" else f"{usual} there"


def _link(rows: Table, other: Table) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The columns of both that name the same: one of each, or those that both call the same."""
    theirs = {name: values for name in _names(other) if (values := _unique(other.records, (name,)))}
    pairs = [
        (points, one, name)
        for one, name in product(_names(rows), theirs)
        if (points := _fits(rows.name, one, other.name, name))
        and _meet(_values(rows.records, (one,)), theirs[name], is_named=points > 2)
    ]
    pairs = [pair for pair in pairs if pair[0] > 1 or _is_telling(theirs[pair[2]])]
    pairs = [
        (points, one, name)
        for points, one, name in pairs
        if plain_name(one) not in _KEYS or not _is_by_chance(points, _values(rows.records, (one,)), theirs[name])
    ]
    if pairs:
        _, one, name = max(pairs, key=lambda pair: pair[0])
        return (one,), (name,)
    both = tuple(
        name
        for name in _names(rows)
        if name in _names(other) and {Hint.ID, Hint.SESSION, Hint.ORDER} & hints_of(name) and plain_name(name) != "id"
    )
    there = _unique(other.records, both) if len(both) > 1 else None
    return (both, both) if there and _meet(_values(rows.records, both), there, is_named=True) else None


def _fits(table: str, one: str, other: str, name: str) -> int:
    """How surely a column of the rows and one of the other table name the same, by what they are called."""
    if Hint.USER in hints_of(one) & hints_of(name) or (_stem(other) and Hint.USER in hints_of(other)):
        return 0
    plain, there = plain_name(one), plain_name(name)
    is_own = _is_own(name, other)
    if plain == there and plain not in _KEYS and Hint.TIME not in hints_of(one):
        return 1 if is_own and _is_own(one, table) else 4
    if plain.endswith(f"_{there}") and _are_alike(plain.removesuffix(f"_{there}"), _stem(other)):  # prompt_version
        return 3
    if there in _KEYS | {"_id"} and _are_alike(_stem(one), _stem(other)):
        return 3 + (there == "id")
    if plain in _KEYS and not is_own and (_stem(name) in _CALLS or _are_alike(_stem(name), _stem(table))):
        return 3 if _are_alike(_stem(name), _stem(table)) else 2
    if Hint.ID in hints_of(one) and Hint.ID in hints_of(name):
        return (
            2 if plain != "id" and Hint.SESSION in hints_of(one) and Hint.SESSION in hints_of(f"{name} {other}") else 1
        )
    return 0


def _kept(table: Table, there: Sequence[str]) -> frozenset[str]:
    """What tells what a call took, with all beside it where rows are calls without texts: of a time and a model."""
    told = _told(table.name, profile(table.records))
    if _METERED.isdisjoint(told):
        return frozenset()
    return frozenset(_names(table) if {"model", "time"} <= told.keys() else (*there, *told.values()))


def _is_own(name: str, table: str) -> bool:
    """Whether an id counts the table's own rows: ``run_id`` of ``deploy_runs``."""
    return _stem(table).endswith(f"_{_stem(name)}")


def _stem(name: str) -> str:
    """The name of what an id or a table is of, in the singular: ``conversation`` of ``conversationId``."""
    words = [word for word in plain_name(name.partition(".")[0]).split("_") if word not in _KEYS | {"fk", "tbl", "ref"}]
    return "_".join(words).rstrip("s").removesuffix("ie")


def _are_alike(one: str, other: str) -> bool:
    """Whether one is the other, its end or its beginning: ``conv`` and ``conversation``, ``chat_message``."""
    short, long = sorted((one, other), key=len)
    if short == long:
        return bool(short)
    is_part = long.endswith(f"_{short}") or long.startswith(short)
    return len(short) >= _STEM_CHARS and is_part


def _names(table: Table) -> list[str]:
    return list(dict.fromkeys(name for record in table.records for name in record))


def key_of(record: Record, names: Sequence[str]) -> tuple[str, ...] | None:
    cells = [record.get(name) for name in names]
    return (
        None if any(cell in (None, "") or isinstance(cell, dict | list) for cell in cells) else tuple(map(str, cells))
    )


def _values(records: Sequence[Record], names: Sequence[str]) -> list[tuple[str, ...]]:
    return [key for record in records if (key := key_of(record, names)) is not None]


def _unique(records: Sequence[Record], names: Sequence[str]) -> set[tuple[str, ...]]:
    """The values of columns; none where some come twice."""
    values = _values(records, names)
    return set(values) if len(set(values)) == len(values) == len(records) else set()


def _meet(values: Sequence[tuple[str, ...]], keys: set[tuple[str, ...]], *, is_named: bool) -> bool:
    """Whether nearly all rows have a row there, or nearly all there one here; by a telling name those of one side."""
    own = set(values)
    common = len(own & keys)
    return bool(common) and (
        common >= _NEARLY_ALL * min(len(own), len(keys)) or (is_named and common >= _SIDE * len(own))
    )


def _is_by_chance(points: int, values: Sequence[tuple[str, ...]], keys: set[tuple[str, ...]]) -> bool:
    """Whether rows of any two tables that are counted would fit like this."""
    return points == _UNSURE and set(values) != keys and all(key[0].isdigit() for key in keys)


def _is_telling(keys: set[tuple[str, ...]]) -> bool:
    return all(len(key[0]) >= _TELLING_CHARS for key in keys)
