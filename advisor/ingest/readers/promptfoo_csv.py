"""promptfoo's table: a row per test, and for every prompt a column with the output and others with its grades."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from advisor.ingest.readers.promptfoo_prompt import fill_in_messages, has_placeholders
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


@dataclass(frozen=True)
class PromptfooTable:
    """Opens rows of the table: every output is a call."""

    name: str = "promptfoo"

    def opens(self, keys: frozenset[str]) -> bool:
        """The columns with grades, or headers that name a provider in brackets."""
        return keys >= _GRADES or any(_OUTPUT.match(key) for key in keys)

    def open(self, record: dict[str, Json]) -> Iterable[Json]:
        """A result for every output that has one; the columns before the first output are the test's values."""
        columns = list(record.items())
        outputs = _outputs(columns)
        if not outputs:
            return [record]
        variables = {name: value for name, value in columns[: outputs[0]] if name != "Description"}
        return [
            result
            for index, at in enumerate(outputs)
            if (result := _result(columns, at, variables, index, outputs)) is not None
        ]


def _outputs(columns: list[tuple[str, Json]]) -> list[int]:
    if dict(columns).keys() >= _GRADES:
        return [at - 1 for at, (name, _) in enumerate(columns) if at and _STATUS.fullmatch(name)]
    return [
        at
        for at, (name, value) in enumerate(columns)
        if _OUTPUT.match(name) and isinstance(value, str) and _OLD_CELL.fullmatch(value)
    ]


def _result(
    columns: list[tuple[str, Json]], at: int, variables: dict[str, Json], index: int, outputs: list[int]
) -> Json | None:
    """A result as promptfoo's JSON has it; None where this prompt was not asked for this test."""
    header, text = columns[at]
    text = text if isinstance(text, str) else ""
    if _STATUS.fullmatch(columns[at + 1][0] if at + 1 < len(columns) else ""):
        status = str(columns[at + 1][1])
        if not status and not text:
            return None
    else:
        old = _OLD_CELL.fullmatch(text)
        if old is None:
            return None
        status, text = old[1], old[2]
    named = _OUTPUT.fullmatch(header)
    provider, label = (named[1], named[2]) if named else (None, header)
    failed = status == "ERROR"
    reason = next(
        (value for name, value in columns[at + 1 : next((o for o in outputs if o > at), None)] if "Reason" in name), ""
    )
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


def _prompt(label: str, variables: dict[str, Json]) -> Json:
    template = _FILE.sub("", label, count=1)
    filled = fill_in_messages(template, variables)
    if filled is None:
        return {"raw": template, "label": label, "unknown": _NOT_FILLED}
    if variables and not has_placeholders(template):
        return {"raw": None, "label": label, "unknown": _NAME_ONLY}
    return {"raw": filled, "label": label}


OPENER = PromptfooTable()
