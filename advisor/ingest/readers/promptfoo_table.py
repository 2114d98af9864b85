"""promptfoo's table: a row per test, and for every prompt a column with the output and others with its grades.

Its prompts are templates: of text, or of messages as JSON or YAML, with the values of a test to be put in.
"""

import re
from collections.abc import Iterable
from typing import Any

from advisor.ingest.reader import Opener, Record
from advisor.ingest.values.json_text import as_text, at, decode
from advisor.types import Json

_OUTPUT = re.compile(r"\[([^\]]+)\]\s(.*)", re.DOTALL)
_STATUS = re.compile(r"Status(?: \(\d+\))?")
"""The reader of tables adds the position to a header that comes again."""
_GRADES = frozenset({"Status", "Score", "Grader Reason"})
_OLD_CELL = re.compile(
    r"\[(PASS|FAIL|ERROR)\](?:\s\((?:[^()]|\([^()]*\))*\))?\s*(.*?)\s*(?:\n\n(?:Pass|Fail) Reason: .*)?", re.DOTALL
)
_FILE = re.compile(r"\S+\.(?:json|ya?ml|txt|md|j2|njk|csv|js|py)(?::\S+)?:\s", re.IGNORECASE)
_NOT_FILLED = "its prompt is a template that needs more than the values in this table"
_NAME_ONLY = "the table holds only the name of the prompt; import promptfoo's JSON or JSONL instead"
_PLACEHOLDER = re.compile(r"\{\{-?\s*([\w.\-]+)\s*-?\}\}")
_UNFILLED = re.compile(r"\{\{|\{%")
_UNKNOWN = "\0"
"""Stands for a value that the test does not have."""
_YAML = re.compile(r"\s*-\s+role:\s", re.IGNORECASE)
_LONGEST_YAML = 2**20
"""Characters."""
_DEEPEST_YAML = 50
_MOST_NODES = 10_000
"""Of events: starts, ends and texts."""


def _open(record: Record) -> Iterable[Json]:
    """A result for every output that has one; the columns before the first output are the test's values."""
    columns = list(record.items())
    outputs = _outputs(columns)
    if not outputs:
        return [record]
    variables = {name: value for name, value in columns[: outputs[0]] if name != "Description"}
    ends = [*outputs[1:], len(columns)]
    results = (
        _result(columns[start:end], variables, index)
        for index, (start, end) in enumerate(zip(outputs, ends, strict=True))
    )
    return [result for result in results if result is not None]


def _outputs(columns: list[tuple[str, Json]]) -> list[int]:
    if dict(columns).keys() >= _GRADES:
        return [place - 1 for place, (name, _) in enumerate(columns) if place and _STATUS.fullmatch(name)]
    return [
        place
        for place, (name, value) in enumerate(columns)
        if _OUTPUT.match(name) and isinstance(value, str) and _OLD_CELL.fullmatch(value)
    ]


def _result(columns: list[tuple[str, Json]], variables: Record, index: int) -> Json | None:
    """A result as promptfoo's JSON has it, from an output and its grades; None where the prompt was not asked."""
    (header, text), *grades = columns
    text = text if isinstance(text, str) else ""
    if grades and _STATUS.fullmatch(grades[0][0]):
        status = str(grades[0][1])
        if not status and not text:
            return None
    elif old := _OLD_CELL.fullmatch(text):
        status, text = old[1], old[2]
    else:
        return None
    named = _OUTPUT.fullmatch(header)
    provider, label = (named[1], named[2]) if named else (None, header)
    failed = status == "ERROR"
    reason = next((value for name, value in grades if "Reason" in name), "")
    return {
        "promptIdx": index,
        "prompt": _prompt(label, variables),
        "provider": {"id": provider},
        "vars": variables,
        "success": status == "PASS",
        "failureReason": {"PASS": 0, "FAIL": 1}.get(status, 2),
        "response": None if failed else {"output": text},
        "error": (text or reason or "the call failed") if failed else None,
    }


def _prompt(label: str, variables: Record) -> Json:
    template = _FILE.sub("", label, count=1)
    decoded = decode(template)
    filled = _filled(decoded if isinstance(decoded, list | dict) else template, variables)
    if filled is None:
        return {"raw": template, "label": label, "unknown": _NOT_FILLED}
    if variables and not _UNFILLED.search(template):
        return {"raw": None, "label": label, "unknown": _NAME_ONLY}
    return {"raw": filled, "label": label}


def _filled(value: Json, variables: Record) -> Json:
    """Values go into the texts after parsing, so that quotes in them do no harm; None where one cannot be filled."""
    if isinstance(value, str):
        return fill_in(value, variables)
    if isinstance(value, list):
        items = [_filled(item, variables) for item in value]
        return None if any(item is None and old is not None for item, old in zip(items, value, strict=True)) else items
    if isinstance(value, dict):
        values = _filled(list(value.values()), variables)
        return None if values is None else dict(zip(value, values, strict=True))
    return value


def fill_in(template: str, variables: Record) -> str | None:
    """The text with its placeholders filled; None where the template needs more than names."""
    values = {name: at(variables, *name.split(".")) for name in _PLACEHOLDER.findall(template)}
    known = {name: _UNKNOWN if value is None else as_text(value) for name, value in values.items()}
    filled = _PLACEHOLDER.sub(lambda found: known[found[1]], template)
    return None if _UNFILLED.search(_PLACEHOLDER.sub("", template)) or _UNKNOWN in filled else filled


def messages_of(raw: Json) -> list[Json]:
    """The messages of a prompt; anything but a list of messages is the text of one."""
    value = _from_yaml(raw) if isinstance(raw, str) and _YAML.match(raw) else decode(raw)
    if isinstance(at(value, "messages"), list):
        value = value["messages"]
    if isinstance(value, list) and value and all(isinstance(item, dict) and "role" in item for item in value):
        return value
    return [{"role": "user", "content": as_text(raw)}]


def _from_yaml(text: str) -> Json:
    """The list in YAML; None where it is none, or so long or deep that reading it takes more than a moment.

    References are refused, because few of them can expand to a lot.
    """
    import yaml  # type: ignore[import-untyped]

    if len(text) > _LONGEST_YAML:
        return None
    depth = 0
    try:
        for nodes, event in enumerate(yaml.parse(text)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or depth > _DEEPEST_YAML or nodes > _MOST_NODES:
                return None
        found: Any = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return found


OPENER = Opener(opens=lambda keys: keys >= _GRADES or any(map(_OUTPUT.match, keys)), open=_open)
