"""What the columns of a file would mean: guesses, the values as they would be read, and what is wrong with a choice.

Columns of nested JSON are dotted paths, as ``open_log`` takes them.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import orjson

from advisor.collect.readable import content_text, text_of
from advisor.errors import BadInput
from advisor.ingest.homemade.detection import find_parts
from advisor.ingest.homemade.nested import look_within
from advisor.ingest.homemade.profile import paths_of as paths_of
from advisor.ingest.homemade.profile import profile
from advisor.ingest.homemade.roles import CONVERSATION as CONVERSATION
from advisor.ingest.homemade.told import BOT as BOT
from advisor.ingest.homemade.told import SPEAKER, told_columns
from advisor.ingest.reader import ROW_FAULTS, Reader, RowRejected
from advisor.ingest.readers.table import table_reader
from advisor.ingest.records.columns import ROLES, guess_columns, pick
from advisor.ingest.records.quantities import money, seconds
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.numbers import parse_count
from advisor.ingest.values.times import date_order, parse_time
from advisor.store import Store
from advisor.store.log.presets import Preset, find_presets, likeness, list_presets, save_preset
from advisor.text import imports as words
from advisor.types import ANY_OF, Json, Sample

_CHARS = 1000


_NO_PROMPT = "\0prompt"
"""Stands for the prompt as long as none is chosen, so that the other columns can be read."""


class Value(NamedTuple):
    """One value of a column."""

    logged: str
    read: str
    """As it would be imported; empty when nothing is read from it."""


def read_columns(text: str) -> dict[str, str]:
    """``prompt=question,answer=reply`` as a mapping; a column's name may hold a comma. Raises BadInput."""
    pairs = [part.partition("=") for part in re.split(rf",(?=\s*(?:{'|'.join((*ROLES, BOT))})\s*=)", text)]
    if any(not role.strip() or not column.strip() for role, _, column in pairs):
        raise BadInput(f"Can't read --columns {text!r}. Write it like prompt=question,answer=reply.")
    return {role.strip(): column.strip() for role, _, column in pairs}


def guess_paths(records: Sequence[dict[str, Json]]) -> dict[str, str]:
    """Role to column for a person to look over, as far as anything can be guessed."""
    layout = look_within(records)
    return columns_there(records, told_columns(layout) if layout else find_parts(profile(records)))


def columns_there(records: Sequence[dict[str, Json]], columns: dict[str, str]) -> dict[str, str]:
    """Those of the columns that the records have: what the import makes of several rows has others."""
    headers = {name for record in records for name in record}
    return {role: path for role, path in columns.items() if {path, path.partition(".")[0]} & headers}


def exactly(chosen: dict[str, str], headers: Sequence[str]) -> dict[str, str]:
    """Columns for ``open_log`` that mean what was chosen and nothing more: it guesses what it is not told.

    A role that would be guessed is given a column that no record has (see is_absent).
    """
    plain = next((header for header in headers if header and "." not in header), None)
    guessed = [role for role in guess_columns(headers) if role not in chosen]
    return chosen | (dict.fromkeys(guessed, f"{plain}.") if plain else {})


def is_absent(column: str) -> bool:
    """Whether this is a column that no record has: a path to nothing within the one before the dot."""
    return column.endswith(".")


def values_of(records: Sequence[dict[str, Json]], column: str, columns: dict[str, str]) -> list[Value]:
    """The values of a column and how they would be read, given what all columns mean."""
    role = next((role for role, chosen in columns.items() if chosen == column), None)
    month_first = _is_month_first(records, columns)
    no_prompt = {} if {"prompt", "messages"} & columns.keys() else {"prompt": _NO_PROMPT}
    turn = ("prompt", SPEAKER) if SPEAKER in columns else ()
    table = table_reader(columns | no_prompt, month_first=month_first)
    return [
        Value(
            _shown(pick(record, column)),
            _shown(pick(record, column))
            if role in turn
            else _read(table, record | {_NO_PROMPT: "-"}, role, column, month_first=month_first),
        )
        for record in records
    ]


def problems_of(records: Sequence[dict[str, Json]], columns: dict[str, str]) -> list[str]:
    """What speaks against a choice of columns, in words; empty when nothing does."""
    if not {role for role in ("prompt", "messages") if not is_absent(columns.get(role, "."))}:
        return [words.NO_PROMPT]
    month_first = _is_month_first(records, columns)
    problems = [
        problem
        for role, column in columns.items()
        if not is_absent(column) and (problem := _problem(records, role, column, month_first=month_first))
    ]
    twice = [name for name in set(columns.values()) if list(columns.values()).count(name) > 1 and not is_absent(name)]
    return problems + [words.chosen_twice(name) for name in sorted(twice)]


def _problem(records: Sequence[dict[str, Json]], role: str, column: str, *, month_first: bool) -> str | None:
    filled = [value for record in records if (value := pick(record, column)) not in (None, "")]
    if not filled:
        return words.empty_column(column, len(records))
    if role not in words.READ_AS:
        return None
    unread = [value for value in filled if _parsed(role, value, column, month_first=month_first) is None]
    if not unread:
        return None
    return words.unread_column(
        column, role, read=len(filled) - len(unread), filled=len(filled), example=_shown(unread[0])[:60]
    )


def _read(table: Reader, record: dict[str, Json], role: str | None, column: str, *, month_first: bool) -> str:
    if role is None:
        return ""
    if role not in ("messages", "params") and role in words.READ_AS:
        return _spelled(role, _parsed(role, pick(record, column), column, month_first=month_first))
    try:
        return _of_sample(role, table.read(record))[:_CHARS]
    except RowRejected as rejected:
        return words.rejected_row(str(rejected))
    except ROW_FAULTS:
        return words.NOT_UNDERSTOOD


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
        "target": lambda: _rights(sample),
        "any_of": lambda: _rights(sample),
        "use_case": lambda: sample.use_case or "",
        "model": lambda: sample.model or "",
        "id": lambda: sample.ids.external_id or "",
        "session": lambda: sample.ids.session or "",
        "params": lambda: _shown(sample.request.params) if sample.request.params else "",
    }
    return texts.get(role, lambda: _turns(sample.request.messages, is_system=role == "system"))()


def _rights(sample: Sample) -> str:
    if sample.reference is None:
        return ""
    target = sample.reference.value
    several = target.get(ANY_OF) if isinstance(target, dict) else None
    return " or ".join(map(_shown, several if isinstance(several, list) else [target]))


def _turns(messages: list[dict[str, Json]], *, is_system: bool) -> str:
    turns = [message for message in messages if not is_system or message.get("role") in ("system", "developer")]
    return "\n".join(f"{message.get('role', 'user')}: {content_text(message)}" for message in turns)


def _is_month_first(records: Sequence[dict[str, Json]], columns: dict[str, str]) -> bool:
    return date_order(pick(record, columns.get("time", "")) for record in records).month_first


def _shown(value: Json) -> str:
    text = value if isinstance(value, str) else "" if value is None else orjson.dumps(value, default=str).decode()
    return text if len(text) <= _CHARS else text[:_CHARS] + "…"


ALIKE = 0.8
"""The share of common headers from which a file counts as one of the same kind: records of JSON lack a key at times."""
_NAME_CHARS = 80


def make_preset(store: Store, name: str, headers: Sequence[str], columns: dict[str, str]) -> Preset:
    """Save what the columns of a file mean. Raises BadInput for a bad name, an unknown role or no prompt."""
    name = " ".join(name.split())
    if not name or len(name) > _NAME_CHARS:
        raise BadInput(f"A preset needs a name of 1 to {_NAME_CHARS} characters.")
    unknown = [role for role in columns if role not in ROLES]
    if unknown:
        raise BadInput(f"{unknown[0]!r} isn't a column type. Use one of: {', '.join(ROLES)}.")
    if not {"prompt", "messages"} & set(columns):
        raise BadInput("Map the prompt column first. Nothing can be replayed without it.")
    preset = Preset(name=name, headers=tuple(headers), columns=dict(columns))
    save_preset(store, preset)
    return preset


def preset_for(store: Store, headers: Sequence[str]) -> Preset | None:
    """The preset to use without being asked: made for headers like these (ALIKE), with all its columns there."""
    presets = find_presets(store, headers)
    return presets[0] if presets and likeness(presets[0].headers, headers) >= ALIKE else None


def columns_of(store: Store, name: str) -> dict[str, str]:
    """The columns of the preset called ``name``, for ``--preset``. Raises BadInput that lists the presets there are."""
    presets = list_presets(store)
    found = next((preset for preset in presets if preset.name == " ".join(name.split())), None)
    if found is not None:
        return found.columns
    known = ", ".join(preset.name for preset in presets)
    if not known:
        raise BadInput(f"Unknown preset {name!r}. No preset is saved yet; save one on the page Prompt log.")
    raise BadInput(f"Unknown preset {name!r}. Saved presets: {known}.")
