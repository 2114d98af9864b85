"""Tables of sums and of other texts beside a table of calls are none, and leave it alone."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from advisor.collect.sources import open_logs
from advisor.errors import BadInput
from advisor.ingest.files.sources import open_sources
from advisor.ingest.log import LogFile, open_log
from advisor.ingest.reading import read_log
from advisor.types import Sample
from tests.ingest.homemade.test_other_shapes import PAIRS, calls_in, talk

DAYS = [f"2025-04-{day:02}" for day in range(1, 9)]
STATS = [{"date": day, "requests": 80, "errors": 2} for day in DAYS]
USED = [
    {"day": day, "model": model, "input_tokens": 90_000, "output_tokens": 8_000, "cost_usd": 1.2}
    for day in DAYS
    for model in ("gpt-4o", "gpt-4o-mini")
]
CALLS = [
    {"id": at, "mensaje_usuario": asked, "respuesta_modelo": said, "fecha": f"2025-04-01 10:0{at}:00"}
    for at, (asked, said) in enumerate(PAIRS)
]


def opened(path: Path, **tables: list[dict[str, Any]]) -> tuple[list[LogFile], list[Sample]]:
    with closing(sqlite3.connect(path)) as base, base:
        for name, rows in tables.items():
            base.execute(f"CREATE TABLE {name} ({', '.join(rows[0])})")
            base.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", map(tuple, (
                row.values() for row in rows)))  # fmt: skip
    with open_sources(path) as (sources, _):
        logs = [log for log, _ in open_logs(sources, format="auto", columns=None, check=lambda: None)[0]]
        return logs, [each for log in logs for _, each in read_log(log) if isinstance(each, Sample)]


@pytest.mark.parametrize("sums", [STATS, USED, [row | {"user_id": f"u{at % 2}"} for at, row in enumerate(USED)]])
def test_calls_are_read_and_sums_are_not(tmp_path: Path, sums: list[dict[str, Any]]) -> None:
    _, calls = opened(tmp_path / "a.db", chat=CALLS, daily_stats=sums)
    assert [call.answer and call.answer.text for call in calls] == [said for _, said in PAIRS]


def test_the_guess_is_told_and_not_what_is_wrong_with_the_sums(tmp_path: Path) -> None:
    calls = [{"review": asked, "reply": said} for asked, said in PAIRS]
    with pytest.raises(BadInput, match="Best guess"):
        opened(tmp_path / "a.db", daily_stats=STATS, texts=calls)


def test_rows_are_sums_where_a_column_counts_requests(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(json.dumps(USED))
    with pytest.raises(BadInput, match="may hold calls or sums"):
        open_log(tmp_path / "b.json")
    log = open_log(tmp_path / "b.json", columns={"time": "day", "model": "model"})
    assert log.format == "request_metrics"
    assert len([each for _, each in read_log(log) if isinstance(each, Sample)]) == len(USED)
    with pytest.raises(BadInput, match="sums of several calls"):
        calls_in(tmp_path / "a.json", json.dumps([row | {"n_requests": 80} for row in USED]))


def test_an_id_is_no_answer(tmp_path: Path) -> None:
    asked = [
        {"id": at, "assistant_id": 1, "user_text": asked, "model": "gpt-4o"} for at, (asked, _) in enumerate(PAIRS)
    ]
    said = [{"id": 9 + at, "request_id": at, "text": said} for at, (_, said) in enumerate(PAIRS)]
    _, calls = opened(tmp_path / "a.db", requests=asked, responses=said)
    assert [call.answer and call.answer.text for call in calls] == [said for _, said in PAIRS]


FAQ = [{"id": at, "question": said, "answer": asked} for at, (asked, said) in enumerate(PAIRS)]
TOOLS = [
    {"id": at, "tool_name": "search", "arguments": json.dumps({"q": asked}), "result": said, "duration_ms": 12}
    for at, (asked, said) in enumerate(PAIRS)
]


@pytest.mark.parametrize("other", [FAQ, TOOLS])
def test_other_texts_are_no_calls(tmp_path: Path, other: list[dict[str, Any]]) -> None:
    _, calls = opened(tmp_path / "a.db", chat=CALLS, other=other)
    assert [call.answer and call.answer.text for call in calls] == [said for _, said in PAIRS]


def test_texts_alone_are_calls(tmp_path: Path) -> None:
    texts = [(said, asked) for asked, said in PAIRS]
    for name, others, found in (
        ("a", {}, texts), ("b", {"more": FAQ[::-1]}, texts + texts[::-1]), ("c", {"daily_stats": STATS}, texts)
    ):  # fmt: skip
        _, calls = opened(tmp_path / f"{name}.db", faq=FAQ, **others)
        assert [talk(call) for call in calls] == found
    used = [row | {"latency_ms": 812, "day": f"{row['day']} 10:00:{at:02}"} for at, row in enumerate(USED)]
    logs, calls = opened(tmp_path / "d.db", faq=FAQ, metrics=used)
    assert {log.format for log in logs} == {"table", "request_metrics"}
    assert len(opened(tmp_path / "e.db", chat=CALLS, metrics=used)[1]) == len(CALLS) + len(used)


@pytest.mark.parametrize("by", ["function_name", "tool_name", "functionName"])
@pytest.mark.parametrize("names", [
    ("prompt", "completion"), ("user_prompt", "response"), ("question", "answer"), ("Frage", "Antwort"),
    ("prompt", "output"), ("user_message", "bot_reply"), ("提示词", "回复"), ("input", "completion"),
])  # fmt: skip
def test_the_function_that_asked_a_model(tmp_path: Path, by: str, names: tuple[str, str]) -> None:
    rows = [{by: f"summarize_{at % 2}", **dict(zip(names, pair, strict=True))} for at, pair in enumerate(PAIRS)]
    assert [talk(call) for call in calls_in(tmp_path / "a.json", json.dumps(rows))] == PAIRS


@pytest.mark.parametrize("by", ["function_name", "tool_name"])
@pytest.mark.parametrize("names", [
    ("input", "output"), ("arguments", "result"), ("query", "response"), ("tool_input", "tool_output"),
    ("args", "result"), ("Eingabe", "Ausgabe"), ("输入", "输出"), ("request", "response"),
])  # fmt: skip
@pytest.mark.parametrize("is_json", [True, False])
def test_calls_of_tools_alone_are_asked_for(tmp_path: Path, by: str, names: tuple[str, str], is_json: bool) -> None:
    asked, said = names
    rows = [{by: "search", asked: json.dumps({"q": one}) if is_json else one, said: other} for one, other in PAIRS]
    with pytest.raises(BadInput):
        calls_in(tmp_path / "a.json", json.dumps(rows))
