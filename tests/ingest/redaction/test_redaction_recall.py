"""A set of strings of our own in prompts: what is found, what is left alone, and that no secret reaches the database.

``data/redaction.jsonl`` holds one object a line: the kind, the text, and the exact values in it that must go; a text
without values looks like its kind and must stay. Persons and values are invented, checksums are right. ``{BEGIN}`` is
how a private key begins: no file of the project may hold what looks like one.
"""

import json
import re
import sqlite3
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.ingest.redaction.people import names_available
from advisor.ingest.redaction.redact import Redactor
from advisor.store import Store
from advisor.types import Request, Sample

SET = Path(__file__).parent / "data" / "redaction.jsonl"
LINES = SET.read_text(encoding="utf-8").replace("{BEGIN}", "-----" + "BEGIN").splitlines()
ROWS: list[dict[str, Any]] = [json.loads(line) for line in LINES]
KINDS = sorted({row["kind"] for row in ROWS})
NAMES = "PERSON"
LEAST_RECALL = dict.fromkeys(KINDS, 1.0) | {NAMES: 0.8}
"""Names are found by a model, all else by rules."""


class Measured(NamedTuple):
    """What redaction makes of the texts of one kind."""

    values: int
    missed: list[str]
    others: int
    """Texts without values."""
    wrong: dict[str, dict[str, int]]
    """Those in which something was replaced all the same."""

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / self.values


def redacted(text: str) -> tuple[str, dict[str, int]]:
    redactor = Redactor()
    result = redactor.redact(Sample(request=Request(messages=[{"role": "user", "content": text}])))
    return str(result.request.messages[0]["content"]), dict(redactor.counts)


def without_names(row: dict[str, Any]) -> bool:
    return row["kind"] != NAMES


@pytest.fixture(scope="module")
def measured() -> dict[str, Measured]:
    """Kind -> what redaction makes of its texts; without a model of names they are left out."""
    return {kind: measure(kind) for kind in KINDS if kind != NAMES or names_available()}


def measure(kind: str) -> Measured:
    rows = [row for row in ROWS if row["kind"] == kind]
    others = [row["text"] for row in rows if not row["values"]]
    ignored = {NAMES} - {kind}  # a model may take a word for a name anywhere
    return Measured(
        values=sum(len(row["values"]) for row in rows),
        missed=[value for row in rows for value in row["values"] if value in redacted(row["text"])[0]],
        others=len(others),
        wrong={text: found for text in others if set(found := redacted(text)[1]) - ignored},
    )


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.spacy_model) if kind == NAMES else kind for kind in KINDS]
)
def test_values_are_found_and_what_looks_like_them_stays(measured: dict[str, Measured], kind: str) -> None:
    if kind not in measured:
        pytest.skip("no spaCy model is installed: names of people are not looked for")
    found = measured[kind]
    assert found.values >= 4
    assert found.others >= 3
    assert found.recall >= LEAST_RECALL[kind], found.missed
    assert found.wrong == {}


def test_the_table_of_all_kinds(measured: dict[str, Measured]) -> None:
    """Shown by ``pytest -s``."""
    print(f"\n{'kind':12}{'values':>8}{'found':>8}{'recall':>8}{'others':>8}{'false positives':>17}")
    for kind, found in measured.items():
        hits = found.values - len(found.missed)
        print(f"{kind:12}{found.values:8}{hits:8}{found.recall:8.1%}{found.others:8}{len(found.wrong):17}")
    values = sum(found.values for found in measured.values())
    missed = sum(len(found.missed) for found in measured.values())
    assert missed <= 0.01 * values


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != NAMES])
def test_a_value_is_called_by_its_kind(kind: str) -> None:
    labels: dict[str, int] = defaultdict(int)
    for row in ROWS:
        if row["kind"] == kind and row["values"]:
            for label, count in redacted(row["text"])[1].items():
                labels[label] += count
    labels.pop(NAMES, None)
    assert labels[kind] >= 0.9 * sum(labels.values()), dict(labels)


def test_the_set_is_large_enough() -> None:
    assert len(KINDS) >= 12
    assert sum(len(row["values"]) for row in ROWS) >= 200
    assert sum(not row["values"] for row in ROWS) >= 100


def test_no_secret_reaches_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisor.collect.imports.DATA", tmp_path / "data")
    rows = [row for row in ROWS if row["values"] and without_names(row)]
    log = tmp_path / "calls.jsonl"
    calls = [call(index, row["text"]) for index, row in enumerate(rows)]
    broken = [{"id": text, "request": {"messages": text}} for row in rows if (text := row["text"])]
    log.write_text("".join(json.dumps(row) + "\n" for row in calls + broken))
    database = tmp_path / "advisor.db"
    store = Store(f"sqlite:///{database}")
    report = import_logs(store, "Planted", [log], ImportOptions(redact=True))
    assert (report.counts.accepted, report.counts.rejected) == (len(rows), len(rows))
    assert database.with_name("advisor.db-wal").exists()
    stored = everything_in(database)
    store.close()
    stored += everything_in(database)  # what was in the file beside it now lies in other pages
    assert "You answer customers" in stored
    assert [value for row in rows for value in row["values"] if is_in(value, stored)] == []


def call(index: int, text: str) -> dict[str, Any]:
    """A logged call with ``text`` wherever a log may hold text."""
    arguments = json.dumps({"note": text, "deep": [{"text": text}]})
    tool_call = {"id": "call_1", "type": "function", "function": {"name": "save", "arguments": arguments}}
    schema = {"type": "object", "properties": {"note": {"type": "string", "description": text, "default": text}}}
    return {
        "id": f"row {index}: {text}",
        "session_id": text,
        "use_case": text,
        "error": text if index % 7 == 0 else None,
        "request": {
            "model": "gpt-4o",
            "stop": [text[:200]],
            "tools": [{"type": "function", "function": {"name": "save", "description": text, "parameters": schema}}],
            "messages": [
                {"role": "system", "content": f"You answer customers. {text}"},
                {"role": "user", "content": [{"type": "text", "text": text}]},
                {"role": "assistant", "content": None, "tool_calls": [tool_call]},
                {"role": "tool", "tool_call_id": "call_1", "content": json.dumps({"result": text})},
                {"role": "user", "content": f"```json\n{json.dumps({'quoted': text})}\n```\nCall {index}"},
            ],
        },
        "response": {
            "id": f"chatcmpl-{index}",
            "object": "chat.completion",
            "model": "gpt-4o",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "tool_calls",
                    "message": {"role": "assistant", "content": text, "tool_calls": [tool_call]},
                }
            ],
        },
    }


def everything_in(database: Path) -> str:
    """Every value of every table as text, and the raw bytes of the files too."""
    with sqlite3.connect(database) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        values = [
            str(value) for table in tables for row in connection.execute(f"SELECT * FROM {table}") for value in row
        ]
    raw = [path.read_bytes().decode("utf-8", errors="replace") for path in database.parent.glob("advisor.db*")]
    return "\n".join([*values, *raw])


def is_in(value: str, stored: str) -> bool:
    """As it is, and as JSON writes it once or twice; a short number not as a part of a digest or a time."""
    if value.isdigit() and len(value) < 6:
        return re.search(rf"(?<![\w.]){value}(?!\w)", stored) is not None
    once = json.dumps(value)[1:-1]
    return any(
        form in stored for form in (value, once, json.dumps(once)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
    )
