"""Langfuse's exports as its code wrote them over the years, each with the same calls.

All in langfuse/langfuse. Rows: ``getAllGenerationsSqlQuery.ts`` (04144e07, PostgreSQL, without types),
``observations_converters.ts`` (010ff920, ClickHouse), ``handleBatchExportJob.ts`` (0014e0e9, traces of both); for blob
storage ``handleBlobStorageIntegrationProjectJob.ts`` (000d3de8) and ``getObservationsForBlobStorageExport``.
Cells: ``web/src/server/api/routers/generations/exportQuery/transforms/transformStreamToCsv.ts`` (0d8e62f3, the oldest),
and ``packages/shared/src/server/utils/transforms/``: ``transformStreamToCsv.ts`` (c2d9e878, then with every quote
doubled) with ``stringify.ts`` (19c33113); without quotes around texts since pull request 12441, in March 2026
(0248e054). No real file of the older ones was seen.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.files.json_cells import as_table_line
from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.types import Rejection, Sample, Usage

Row = dict[str, Any]

SAID = [
    {"role": "system", "content": 'You know the "weather".'},
    {"role": "user", "content": "Is it raining?\nIn Oslo, now."},
]
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
CALLED = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {"id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city":"Oslo"}'}}
    ],
}
ANSWERS: list[tuple[Any, Any, str]] = [
    (SAID, {"role": "assistant", "content": 'Yes, it "pours".\nStay in.'}, 'Yes, it "pours".\nStay in.'),
    ('Sum up "a, b"\nand c', 'A, "b"\nand c.', 'A, "b"\nand c.'),
    ('Say "hi"', '"Hi" is\nwhat I say: 5"', '"Hi" is\nwhat I say: 5"'),
    ({"messages": SAID, "tools": [TOOL]}, CALLED, ""),
    ("Where?", r"In C:\temp\new", r"In C:\temp\new"),
]


def dumped(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, separators=(",", ": " if indent else ":"), ensure_ascii=False, indent=indent)


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def without_types(number: int, asked: Any, came: Any) -> Row:
    minute = f"2025-01-15T08:0{number}"
    return {
        "id": f"g{number}", "name": "answer", "model": "gpt-4o", "modelParameters": {"temperature": "0.2"},
        "startTime": f"{minute}:00.000Z", "endTime": f"{minute}:02.500Z", "input": asked, "output": came,
        "metadata": None, "traceId": f"t{number}", "traceName": "weather-bot",
        "completionStartTime": f"{minute}:00.400Z", "timeToFirstToken": 0.4, "promptTokens": 21,
        "completionTokens": 7, "totalTokens": 28, "unit": "TOKENS", "level": "DEFAULT", "statusMessage": None,
        "version": None, "modelId": "m1", "inputPrice": "0.0000025", "calculatedTotalCost": "0.0001225",
        "latency": 2.5, "promptId": "p1", "promptName": "weather", "promptVersion": 3, "traceTags": ["prod"],
        "helpful": [1], "tone": None,
    }  # fmt: skip


def with_types(number: int, asked: Any, came: Any) -> Row:
    old = without_types(number, asked, came)
    same = ("id", "traceId", "startTime", "endTime", "name", "input", "output", "modelParameters", "model", "traceName")
    details = {"input": 21, "output": 7, "total": 28}
    return {key: old[key] for key in same} | {
        "projectId": "proj", "type": "GENERATION", "parentObservationId": None, "metadata": {}, "level": "DEFAULT",
        "statusMessage": None, "completionStartTime": old["completionStartTime"], "usageDetails": details,
        "costDetails": {"total": 0.0001225}, "promptName": "weather", "latency": 2500, "timeToFirstToken": 0.4,
        "totalCost": 0.0001225, "traceTags": ["prod"], "userId": "u7", "helpful": [1], "tone": None, "comments": [],
    }  # fmt: skip


def in_storage(number: int, asked: Any, came: Any) -> Row:
    row = with_types(number, asked, came)
    moments = {key: row[key].replace("T", " ").replace("Z", "000") for key in ("startTime", "endTime")}
    return {
        "id": row["id"], "trace_id": row["traceId"], "environment": "default", "type": "GENERATION",
        "parent_observation_id": "", "start_time": moments["startTime"], "end_time": moments["endTime"],
        "name": "answer", "metadata": {}, "level": "DEFAULT", "status_message": "",
        "input": asked if isinstance(asked, str) else dumped(asked),
        "output": came if isinstance(came, str) else dumped(came), "provided_model_name": "gpt-4o",
        "model_parameters": dumped(row["modelParameters"]), "usage_details": row["usageDetails"],
        "cost_details": row["costDetails"], "completion_start_time": f"{moments['startTime'][:-6]}400000",
        "prompt_name": "weather", "prompt_version": 3,
    }  # fmt: skip


def selected(rows: list[Row]) -> str:
    """Chosen columns, of which only some are JSON."""
    columns = [
        "id", "name", "traceId", "traceName", "startTime", "endTime", "completionStartTime", "timeToFirstToken",
        "latency", "latencyPerToken", "inputCost", "totalCost", "level", "statusMessage", "model", "modelParameters",
        "promptTokens", "completionTokens", "totalTokens", "unit", "input", "output", "metadata", "promptName",
        "promptVersion",
    ]  # fmt: skip
    lines = [",".join(columns)]
    for row in rows:
        made = {"latencyPerToken": 2.5 / 7, "inputCost": "", "totalCost": row["calculatedTotalCost"]}
        made |= {key: dumped(row[key]) for key in ("modelParameters", "input", "output", "metadata")}
        lines.append(",".join(quoted(str((row | made)[column] or "")) for column in columns))
    return "\n".join(lines)


def escaped(rows: list[Row], *, doubles_commas: bool = True) -> str:
    """JSON in every cell; texts without a comma as they are."""
    lines = [",".join(rows[0])]
    for row in rows:
        cells = [dumped("" if value is None else value) for value in row.values()]
        cells = [quoted(cell) if doubles_commas and "," in cell else cell for cell in cells]
        lines.append(",".join(cell if cell[0] == cell[-1] == '"' else quoted(cell) for cell in cells))
    return "\n".join(lines)


def doubled(rows: list[Row], indent: int | None = None) -> str:
    """JSON in every cell."""
    cells = ([dumped("" if value is None else value, indent) for value in row.values()] for row in rows)
    return "\n".join(",".join(map(quoted, line)) for line in (list(rows[0]), *cells))


def plain(rows: list[Row]) -> str:
    """JSON in the cells of what is no text."""
    cells = ([v if isinstance(v, str) else "" if v is None else dumped(v) for v in row.values()] for row in rows)
    return "\n".join(",".join(map(quoted, line)) for line in (list(rows[0]), *cells))


def read(tmp_path: Path, text: str, ending: str = ".csv") -> tuple[str, list[Sample | Rejection]]:
    path = tmp_path / f"export{ending}"
    path.write_text(text, encoding="utf-8")
    log = open_log(path)
    return log.format, [item for _, item in read_log(log)]


@pytest.mark.parametrize("made", [without_types, with_types, in_storage])
@pytest.mark.parametrize(
    ("written", "ending"),
    [
        (escaped, ".csv"),
        (lambda rows: escaped(rows, doubles_commas=False), ".csv"),
        (doubled, ".csv"),
        (lambda rows: doubled(rows, 2), ".csv"),
        (plain, ".csv"),
        (dumped, ".json"),
        (lambda rows: "\n".join(map(dumped, rows)), ".jsonl"),
        (lambda rows: selected(rows) if "calculatedTotalCost" in rows[0] else plain(rows), ".csv"),
    ],
)
def test_calls_are_the_same(tmp_path: Path, made: Any, written: Callable[[list[Row]], str], ending: str) -> None:
    rows = [made(number, asked, came) for number, (asked, came, _) in enumerate(ANSWERS)]
    name, items = read(tmp_path, written(rows), ending)
    assert name == "langfuse"
    for number, (sample, (asked, _, answer)) in enumerate(zip(items, ANSWERS, strict=True)):
        assert isinstance(sample, Sample)
        messages = [{"role": "user", "content": asked}] if isinstance(asked, str) else SAID
        assert (sample.request.messages, sample.not_replayable) == (messages, None)
        assert sample.request.params["temperature"] == 0.2
        assert sample.answer is not None
        assert (sample.answer.text or "") == answer
        assert [call.arguments for call in sample.answer.tool_calls] == ([] if answer else ['{"city":"Oslo"}'])
        assert ("tools" in sample.request.params) is not bool(answer)
        assert (sample.model, sample.use_case) == ("gpt-4o", "weather")
        assert (sample.ids.external_id, sample.ids.span) == (f"g{number}", f"t{number}:g{number}")
        metered = sample.metered
        assert (metered.usage, metered.cost_usd) == (Usage(input_tokens=21, output_tokens=7), 0.0001225)
        assert (metered.latency_s, metered.ttft_s) == (2.5, 0.4)
        assert metered.at == datetime(2025, 1, 15, 8, number, tzinfo=UTC)


def test_spans_and_failures_in_quotes(tmp_path: Path) -> None:
    rows = [with_types(number, "Where?", None) for number in range(2)]
    rows[0]["type"] = "SPAN"
    rows[1] |= {"level": "ERROR", "statusMessage": 'Error code: 429 - "slow", please'}
    _, (span, failed) = read(tmp_path, doubled(rows))
    assert isinstance(span, Rejection)
    assert span.reason == "a span of the kind SPAN, not a call of a model"
    assert isinstance(failed, Sample)
    assert (failed.error, failed.answer) == ('Error code: 429 - "slow", please', None)


@pytest.mark.parametrize("written", [escaped, doubled, plain])
@pytest.mark.parametrize("is_public", [False, True])
def test_traces_are_not_asked_again(tmp_path: Path, written: Callable[[list[Row]], str], is_public: bool) -> None:
    row: Row = {
        "bookmarked": False, "id": "t1", "timestamp": "2025-01-15T08:00:00.000Z", "name": "weather-bot",
        "userId": "u7", "level": "DEFAULT", "observationCount": 2, "latency": 2.6, "release": None,
        "sessionId": "chat-3", "input": 'Say "hi"', "output": '"Hi"\n', "metadata": {}, "tags": ["prod"],
        "usage.promptTokens": 21, "usage.completionTokens": 7, "totalCost": "0.2", "helpful": [1],
    }  # fmt: skip
    name, (trace,) = read(tmp_path, written([row | ({"public": False} if is_public else {})]))
    assert name == "langfuse_traces"
    assert isinstance(trace, Sample)
    assert "export the observations" in str(trace.not_replayable)
    assert (trace.model, trace.ids.session, trace.use_case) == (None, "chat-3", "weather-bot")
    assert trace.metered.at == datetime(2025, 1, 15, 8, tzinfo=UTC)
    assert (trace.metered.latency_s, trace.metered.cost_usd) == (2.6, 0.2)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r'"a \"b\"","12","{""c"":""d \""e\""""}"', r'"a ""b""","12","{""c"":""d \""e\""""}"'),
        (r'"""a, \""b\""""","",""""""', '"a, ""b""","",""'),
        (r'"ends \"","","null"', '"ends ""","","null"'),
        (r'"{\"no json\"","x"', '"{""no json""","x"'),
        ("no quotes,at all", "no quotes,at all"),
        ('"a cell that goes on', '"a cell that goes on'),
    ],
)
def test_json_cells_of_a_line(line: str, expected: str) -> None:
    assert as_table_line(f"{line}\n") == f"{expected}\n"
