"""Calls in the lines of a program's log: as an object at the end of a line, or between bars."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from advisor.ingest.files import bytestream
from advisor.ingest.files.json_values import Row
from advisor.ingest.homemade.roles import known_role
from advisor.ingest.values.json_text import decode
from advisor.types import Json, Rejection

_LOGGED = re.compile(
    r"\[?(?P<at>\d{4}-\d\d-\d\d[T ][\d:]{5,8}(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?(?P<before>[^{]{3,200})(?P<json>\{.*\})"
)
"""``2025-05-07T10:53:15Z INFO call: {...}``."""
_BROKEN = re.compile(r'^[^{]{3,200}\{\s*"[^"{}]+"\s*:')
_LOGGED_CELLS = re.compile(r"[^\n\t{]+(\t[^\n\t{]+)+\n[^\n\t]+\t")
"""A header and a row between tabs: a table with JSON in its cells."""
_FEWEST_LOGGED = 2
_JSON = json.JSONDecoder()
_BAR = re.compile(r"(\s+\|\|?\s+|\t+)")
_STAMP = re.compile(r"^\[?(\d{4}-\d\d-\d\d[T ][\d:.,]+Z?)\]?\s+(?!\|)")
_OTHER = re.compile(
    _STAMP.pattern
    + r".{0,40}?\b(TRACE|DEBUG|INFO|NOTICE|WARN(ING)?|ERROR|FATAL|CRITICAL)\b|\w+=.*\b(level|lvl|severity)="
)
"""A line of a program's log that isn't a call, nor the end of one."""
_FIELD = re.compile(r"(?<![\w.])(\w+)=([\w.:-]+)(?=[\s,;)\]|]|$)")
"""``id=req_4`` before an object."""
_MARK = re.compile(r"[\[(]([\w-]*\d[\w-]*)[\])]")
"""``[req-4f]`` before it, without a name."""
_NAME_BEFORE = re.compile(r"(\w+)\W*$")
_PAIR = re.compile(r"\s(\w+)=(\"(?:[^\"\\]|\\.)*\"|[^\s\"|]+)(?=\s|$)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_FACT = re.compile(r"[\d.,:]+\s*\w{0,6}|[\w.-]*\d[\w.-]*")
_NAMED_CELL = re.compile(r"(?P<name>[^\W\d_][\w ]{0,20}?)\s?[:：=]\s*(?P<said>.*)", re.S)


def is_logged(text: str) -> bool:
    """Whether objects stand at the end of lines that begin as a program's log."""
    lines = text.split("\n")
    logged = [line for line in lines if _logged(line)]
    return not _LOGGED_CELLS.match(text) and len(logged) >= _FEWEST_LOGGED and 10 * len(logged) >= len(lines)


def is_stamped(text: str) -> bool:
    """Whether most lines are such, with a time, or some hold calls: texts in their objects may look like turns."""
    lines = text.split("\n")
    found = [record for line in lines if "logged_at" in (record := _logged(line) or {})]
    calls = sum(_is_call(record) for record in found)
    return (calls >= _FEWEST_LOGGED or 2 * len(found) > len(lines)) and is_logged(text)


def _is_call(record: dict[str, Json]) -> bool:
    return "messages" in record or {"user", "assistant"} <= {known_role(name) for name in record}


def is_barred(text: str) -> bool:
    """Whether the first line that isn't about something else and others hold both sides of a call between bars."""
    lines = text.split("\n")
    first = next((line for line in lines if _barred(line) or not _OTHER.match(line)), "")
    return bool(_barred(first)) and sum(_barred(line) is not None for line in lines) >= _FEWEST_LOGGED


def _logged(line: str) -> dict[str, Json] | None:
    """The object in a line of a log, with the time and the fields before it."""
    found = _LOGGED.fullmatch(line.strip())
    if found is None:
        return None
    record = decode(found["json"])
    if not isinstance(record, dict):
        record = _several(found["before"] + found["json"])
    if len(record) < 2:
        return None
    told = {"logged_at": found["at"]} if found["at"] else {}
    for name, value in _FIELD.findall(found["before"]):
        told[f"logged_{name}" if name in record else name] = value
    if mark := _MARK.search(found["before"]):
        told["logged_in"] = mark[1]
    return {**told, **record}


def _several(text: str) -> dict[str, Json]:
    """Objects that stand one after the other, each by the name before it: ``request={...} response={...}``."""
    found: dict[str, Json] = {}
    end = 0
    while (start := text.find("{", end)) >= 0:
        named = _NAME_BEFORE.search(text, end, start)
        try:
            value, end = _JSON.raw_decode(text, start)
        except (ValueError, RecursionError):
            return {}
        if named is None or named[1] in found:
            return {}
        found[named[1]] = value
    return found


def read_logged(path: Path) -> Iterator[Row]:
    """Lines without an object aren't calls; one whose object is broken was."""
    for number, line in enumerate(text_lines(path), 1):
        if found := _logged(line):
            yield number, found
        elif _BROKEN.search(line):
            yield number, Rejection(row=number, reason="the JSON in this line is broken")


def _barred(line: str) -> dict[str, Json] | None:
    """A line that holds both sides of a call between bars, each after its name: ``09:37 | gpt-4o | Q: … | A: …``."""
    cells: dict[str, Json] = {}
    roles = set()
    line = line if _BAR.search(line) else _PAIR.sub(r" | \1=\2", line)
    answer = ""
    pieces = _BAR.split(_STAMP.sub(r"\1 | ", line.strip()))
    for place, (bar, cell) in enumerate(zip(["", *pieces[1::2]], pieces[::2], strict=True), 1):
        named = _NAMED_CELL.fullmatch(cell)
        if answer and not named and not _FACT.fullmatch(cell):
            cells[answer] = f"{cells[answer]}{bar}{cell}"  # a bar of its own, as in shell commands
            continue
        role = known_role(named["name"]) if named else None
        roles.add(role)
        said = named["said"] if named else cell
        said = _unquoted(said) if _QUOTED.fullmatch(said) else said
        cells[named["name"] if named else f"column {place}"] = said
        answer = named["name"] if named and role == "assistant" else answer
    return cells if roles >= {"user", "assistant"} else None


def _unquoted(text: str) -> str:
    """What a program put in quotes, with its escapes resolved."""
    try:
        return str(_JSON.decode(text))
    except ValueError:
        return text[1:-1].replace('\\"', '"')


def read_barred(path: Path) -> Iterator[dict[str, Json]]:
    row: dict[str, Json] = {}
    more: list[str] = []
    for line in text_lines(path):
        found = _barred(line)
        if found is None and _OTHER.match(line):
            continue
        if found is None and row:  # the last cell goes on
            more.append(line)
        elif found:
            yield from _whole(row, more)
            row, more = found, []
    yield from _whole(row, more)


def _whole(row: dict[str, Json], more: list[str]) -> Iterator[dict[str, Json]]:
    """The row with the lines that go on with its last cell."""
    if row:
        last = next(reversed(row))
        yield row | {last: "\n".join((str(row[last]), *more)).rstrip()}


def text_lines(path: Path) -> Iterator[str]:
    whole = (line for line in bytestream.lines(path) if isinstance(line, bytes))
    return ((bytestream.text_of(line) or "").rstrip("\r") for line in whole)
