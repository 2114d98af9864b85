"""What the columns of a file would mean: guesses, the values as they would be read, and what is wrong with a choice.

Columns of nested JSON are dotted paths, as ``open_log`` takes them.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import orjson

from advisor.ingest.cell import decode, is_month_first, parse_count, parse_time
from advisor.ingest.columns import guess_columns, money, pick, seconds
from advisor.ingest.reader import ROW_FAULTS, RowRejected
from advisor.ingest.readers.table import Table
from advisor.study.examples import content_text
from advisor.study.results import text_of
from advisor.types import Json, Sample

MOST_PATHS = 300
_DEPTH = 4
_CHARS = 1000

TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
_READ_AS = {
    "time": "a time",
    "latency": "a duration",
    "ttft": "a duration",
    "cost": "an amount of money",
    "params": "an object with parameters",
    "messages": "a list of messages",
    **dict.fromkeys(TOKENS, "a whole number"),
}
"""What a value of these roles has to be; any text will do for the others."""


class Value(NamedTuple):
    """One value of a column."""

    logged: str
    read: str
    """As it would be imported; empty when nothing is read from it."""


def paths_of(records: Iterable[dict[str, Json]]) -> tuple[str, ...]:
    """Every column of the records: keys, and dotted paths into nested objects, in the order they are met."""
    paths: dict[str, None] = {}
    for record in records:
        for name, value in record.items():
            _add_paths(name, value, paths, _DEPTH)
    return tuple(paths)[:MOST_PATHS]


def _add_paths(path: str, value: Json, paths: dict[str, None], depth: int) -> None:
    paths[path] = None
    if isinstance(value, dict) and depth > 1:
        for name, inner in value.items():
            if name and "." not in name:
                _add_paths(f"{path}.{name}", inner, paths, depth - 1)


def guess_paths(records: Sequence[dict[str, Json]]) -> dict[str, str]:
    """Role to column by the usual names; where no key of the record has one, a key of an object within does."""
    paths = paths_of(records)
    found = guess_columns([path for path in paths if "." not in path])
    leaves: dict[str, str] = {}
    for path in sorted(paths, key=lambda path: path.count(".")):
        if path not in found.values() and any(not isinstance(pick(record, path), dict | None) for record in records):
            leaves.setdefault(path.rpartition(".")[2], path)
    inner = {role: leaves[name] for role, name in guess_columns(leaves).items()}
    if {"prompt", "messages"} & found.keys():
        inner = {role: path for role, path in inner.items() if role not in ("prompt", "messages")}
    return inner | found


def absent(headers: Sequence[str]) -> str | None:
    """A column that no record has, which takes a role away from the one that was guessed for it.

    None where every header has a dot in it.
    """
    plain = next((header for header in headers if header and "." not in header), None)
    return None if plain is None else f"{plain}."


def is_absent(column: str) -> bool:
    """Whether this is such a column."""
    return column.endswith(".")


def values_of(records: Sequence[dict[str, Json]], column: str, columns: dict[str, str]) -> list[Value]:
    """The values of a column and how they would be read, given what all columns mean."""
    role = next((role for role, chosen in columns.items() if chosen == column), None)
    month_first = _is_month_first(records, columns)
    table = Table(columns=columns, month_first=month_first)
    return [
        Value(_shown(pick(record, column)), _read(table, record, role, column, month_first=month_first))
        for record in records
    ]


def problems_of(records: Sequence[dict[str, Json]], columns: dict[str, str]) -> list[str]:
    """What speaks against a choice of columns, in words; empty when nothing does."""
    if not {role for role in ("prompt", "messages") if not is_absent(columns.get(role, "."))}:
        return ["No column holds the prompt. Choose the one with the text or the conversation that was sent."]
    month_first = _is_month_first(records, columns)
    problems = [
        problem
        for role, column in columns.items()
        if not is_absent(column) and (problem := _problem(records, role, column, month_first=month_first))
    ]
    twice = [name for name in set(columns.values()) if list(columns.values()).count(name) > 1 and not is_absent(name)]
    return problems + [f"{name!r} is chosen for more than one thing; choose another column." for name in sorted(twice)]


def _problem(records: Sequence[dict[str, Json]], role: str, column: str, *, month_first: bool) -> str | None:
    filled = [value for record in records if (value := pick(record, column)) not in (None, "")]
    if not filled:
        return f"{column!r} is empty in all of the first {len(records)} rows."
    if role not in _READ_AS:
        return None
    unread = [value for value in filled if _parsed(role, value, column, month_first=month_first) is None]
    if not unread:
        return None
    how_many = "none" if len(unread) == len(filled) else f"only {len(filled) - len(unread)}"
    return (
        f"{column!r}: {how_many} of {len(filled)} values can be read as {_READ_AS[role]} "
        f"(not, for example: {_shown(unread[0])[:60]!r}). Choose another column or leave it out."
    )


def _read(table: Table, record: dict[str, Json], role: str | None, column: str, *, month_first: bool) -> str:
    if role is None:
        return ""
    if role not in ("messages", "params") and role in _READ_AS:
        return _spelled(role, _parsed(role, pick(record, column), column, month_first=month_first))
    try:
        return _of_sample(role, table.read(record))[:_CHARS]
    except RowRejected as rejected:
        return f"(this row is rejected: {rejected})"
    except ROW_FAULTS:
        return "(this row is not understood)"


def _parsed(role: str, value: Json, column: str, *, month_first: bool) -> object | None:
    if role == "messages":
        return decode(value) if isinstance(decode(value), list) else None
    if role == "params":
        return decode(value) if isinstance(decode(value), dict) else None
    readers: dict[str, Callable[[], object | None]] = {
        "time": lambda: parse_time(value, month_first=month_first),
        "latency": lambda: seconds(value, column),
        "ttft": lambda: seconds(value, column),
        "cost": lambda: money(value, column),
    }
    return readers.get(role, lambda: parse_count(value))()


def _spelled(role: str, value: object | None) -> str:
    if value is None:
        return ""
    if role == "time":
        return f"{value:%Y-%m-%d %H:%M:%S} UTC" if str(value).endswith("+00:00") else str(value)
    if role in ("latency", "ttft"):
        return f"{value:g} s"
    return f"${value:g}" if role == "cost" else f"{value:,}"


def _of_sample(role: str, sample: Sample) -> str:
    """What came out of a row for one role."""
    texts: dict[str, Callable[[], str]] = {
        "answer": lambda: text_of(sample.answer),
        "target": lambda: _shown(sample.target) if sample.has_target else "",
        "use_case": lambda: sample.use_case or "",
        "model": lambda: sample.model or "",
        "id": lambda: sample.external_id or "",
        "session": lambda: sample.session or "",
        "params": lambda: _shown(sample.request.params) if sample.request.params else "",
    }
    return texts.get(role, lambda: _turns(sample.request.messages, is_system=role == "system"))()


def _turns(messages: list[dict[str, Json]], *, is_system: bool) -> str:
    turns = [message for message in messages if not is_system or message.get("role") in ("system", "developer")]
    return "\n".join(f"{message.get('role', 'user')}: {content_text(message)}" for message in turns)


def _is_month_first(records: Sequence[dict[str, Json]], columns: dict[str, str]) -> bool:
    return any(is_month_first(pick(record, columns.get("time", ""))) for record in records)


def _shown(value: Json) -> str:
    text = value if isinstance(value, str) else "" if value is None else orjson.dumps(value, default=str).decode()
    return text if len(text) <= _CHARS else text[:_CHARS] + "…"
