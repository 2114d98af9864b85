"""Tables of metrics without text: rows of whole days or hours may be sums, and a person is asked; others are calls."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from advisor.collect.sources import open_all, open_logs
from advisor.errors import BadInput
from advisor.ingest.files.sources import Source
from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.types import Sample
from tests.ingest.homemade.test_other_shapes import PAIRS, table
from tests.ingest.homemade.test_sums_beside_calls import CALLS, opened

Rows = list[dict[str, Any]]
MODELS = ("gpt-4o", "gpt-4o-mini")
WHOLE: list[str | int] = [
    "2025-04-{:02}", "2025-04-{:02}T00:00:00Z", "2025-04-{:02} 00:00:00", "{:02}.04.2025",
    "2025-04-{:02}T00:00:00+02:00",
    "2025-04-{:02}T23:59:59Z", "2025-04-01 {:02}:00:00", "2025-04-01T{:02}:00:00+05:30", 1743465600, 1743465600000,
    "{:02} Apr 2025", "2025-04-{:02}T10:15:00Z", "04/{:02}/2025",
]  # fmt: skip
EXACT: list[str | int] = [
    "2025-04-{0:02} 10:{1:02}:07", "2025-04-01T10:{0:02}:{1:02}.512Z", "2025-04-01T10:00:{1:02}.{0:03}", 1743465607,
    "2025-04-{0:02}T0{0}:{1:02}:00Z",
]  # fmt: skip
NAMES = [
    ("date", "model", "input_tokens", "output_tokens"), ("Datum", "Modell", "Tokens Eingabe", "Tokens Ausgabe"),
    ("day", "model_name", "tokens_in", "tokens_out"), ("timestamp", "engine", "promptTokens", "completionTokens"),
]  # fmt: skip


def metrics(time: str | int, names: tuple[str, ...] = NAMES[0], each: int = 1, **more: Any) -> Rows:
    """Eight times with a row a model, or ``each``; those of epochs a day apart."""
    found: Rows = []
    for at in range(1, 9):
        for number in range(each * len(MODELS)):
            step = 86_400 * (1000 if str(time)[10:] else 1) * at + (at * 997 + number if str(time)[8:10] == "07" else 0)
            moment = time + step if isinstance(time, int) else time.format(at, 7 * number + at)
            cells = (moment, MODELS[number % 2], 90_000 + 31 * at + number, 800 * at + number)
            found.append(dict(zip(names, cells, strict=True)) | more)
    return found


def advice(path: Path) -> dict[str, str]:
    with pytest.raises(BadInput, match="may hold calls or sums") as error:
        open_log(path)
    option = shlex.split(str(re.search(r"--columns (\S+)$", str(error.value))[1]))[0]  # type: ignore[index]
    return dict(pair.split("=", 1) for pair in option.split(","))


def written(path: Path, rows: Rows) -> Path:
    if path.suffix == ".csv":
        table_of = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
        path.write_text("\n".join(table_of) + "\n")
    else:
        path.write_text(
            "".join(json.dumps(row) + "\n" for row in rows) if path.suffix == ".jsonl" else json.dumps(rows)
        )
    return path


@pytest.mark.parametrize("time", WHOLE)
@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("file", ["a.csv", "a.jsonl", "a.json"])
def test_whole_days_and_hours_are_asked_about(
    tmp_path: Path, time: str | int, names: tuple[str, ...], file: str
) -> None:
    rows = metrics(time, names)
    for path in (written(tmp_path / file, rows), written(tmp_path / f"b{file}", rows[::-2])):
        log = open_log(path, columns=advice(path))
        calls = [item for _, item in read_log(log) if isinstance(item, Sample)]
        assert len(calls) == len(path.read_text().splitlines()) - 1 if file == "a.csv" else len(calls) in (16, 8)
        assert all(call.metered.at and call.model in MODELS and call.metered.usage for call in calls)


@pytest.mark.parametrize("label", ["user", "user_email", "team"])
def test_the_advice_reads_all_that_sums_tell_and_no_prompt(tmp_path: Path, label: str) -> None:
    rows = [{label: f"u{at % 2}", **row, "cost_usd": 1.25} for at, row in enumerate(metrics(WHOLE[0]))]
    path = written(tmp_path / "a.csv", rows)
    calls = [item for _, item in read_log(open_log(path, columns=advice(path))) if isinstance(item, Sample)]
    assert len(calls) == 16
    for call in calls:
        assert (call.request.messages, call.model in MODELS, call.metered.cost_usd) == ([], True, 1.25)
        assert call.metered.at
        assert call.metered.usage
        assert call.metered.usage.input_tokens >= 90_000


def test_a_prompt_stays_one_where_a_person_tells_the_time(tmp_path: Path) -> None:
    for said in ([asked for asked, _ in PAIRS], ["red shoes", "boots", "hats", "scarf"]):
        rows = [{"day": "2025-04-01", "model": "m-1", "prompt": asked, "input_tokens": 5} for asked in said]
        log = open_log(written(tmp_path / "a.csv", rows), columns={"time": "day", "model": "model"})
        calls = [item for _, item in read_log(log) if isinstance(item, Sample)]
        assert [call.request.messages[-1]["content"] for call in calls] == said


@pytest.mark.parametrize("form", ["2025-{:02}", "2025{:02}", "{:02}/2025", "2025/{:02}"])
def test_months_are_asked_about(tmp_path: Path, form: str) -> None:
    for name in ("date", "month", "Monat"):
        path = written(tmp_path / "a.csv", metrics(form, (name, *NAMES[0][1:])))
        assert advice(path) == {"time": name, "model": "model"}
        assert (
            len([item for _, item in read_log(open_log(path, columns=advice(path))) if isinstance(item, Sample)]) == 16
        )


def test_costs_of_days_are_asked_about(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.csv", [{"date": f"2025-04-0{at}", "model": "m-1", "cost_usd": at} for at in range(1, 9)]
    )
    calls = [item for _, item in read_log(open_log(path, columns=advice(path)))]
    assert [call.metered.cost_usd for call in calls if isinstance(call, Sample)] == [*range(1, 9)]


@pytest.mark.parametrize("time", EXACT)
@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("file", ["a.csv", "a.jsonl"])
def test_times_to_the_second_are_calls(tmp_path: Path, time: str | int, names: tuple[str, ...], file: str) -> None:
    path = written(tmp_path / file, metrics(time, names))
    assert len([item for _, item in read_log(open_log(path)) if isinstance(item, Sample)]) == 16


@pytest.mark.parametrize("time", WHOLE)
def test_several_rows_of_a_model_at_a_time_are_calls(tmp_path: Path, time: str | int) -> None:
    path = written(tmp_path / "a.csv", metrics(time, each=3))
    assert len([item for _, item in read_log(open_log(path)) if isinstance(item, Sample)]) == 48


@pytest.mark.parametrize("more", [{"team": "a"}, {"cost_usd": 1.25}, {"user_id": 7}, {"avg_latency_ms": 800}])
def test_labels_and_amounts_change_nothing(tmp_path: Path, more: dict[str, Any]) -> None:
    assert advice(written(tmp_path / "a.jsonl", metrics(WHOLE[0], **more))) == {"time": "date", "model": "model"}
    doubled = [row | {"user_id": at} for at in range(3) for row in metrics(WHOLE[0], **more)]
    assert advice(written(tmp_path / "b.jsonl", doubled)) == {"time": "date", "model": "model"}


def test_ids_of_requests_and_hours_beside_tell_calls(tmp_path: Path) -> None:
    for more in ("request_id", "trace_id"):
        rows = [{more: f"r-{at}a", **row} for at, row in enumerate(metrics(WHOLE[0]))]
        assert len(list(read_log(open_log(written(tmp_path / "a.csv", rows))))) == 16
    hourly = [{**row, "hour": f"{at // 2:02}:00"} for at, row in enumerate(metrics("2025-04-01"))]
    assert advice(written(tmp_path / "c.csv", hourly))["time"] == "date"
    rows = [{**row, "time": f"10:{at:02}:{at + 9:02}"} for at, row in enumerate(metrics(WHOLE[0]))]
    assert len(list(read_log(open_log(written(tmp_path / "b.csv", rows))))) == 16


@pytest.mark.parametrize("time", WHOLE)
def test_beside_calls_they_are_left_out_and_named(tmp_path: Path, time: str | int) -> None:
    sums = metrics(time)
    _, calls = opened(tmp_path / "a.db", chat=CALLS, usage=sums)
    assert [call.answer and call.answer.text for call in calls] == [said for _, said in PAIRS]
    folder = tmp_path / "logs"
    folder.mkdir()
    table(folder / "chat.csv", CALLS)
    written(folder / "usage.csv", sums)
    for name, why in ((tmp_path / "a.db", "count them twice"), (folder, "may hold calls or sums")):
        with open_all([name]) as (sources, _):
            logs, left = open_logs(sources, format="auto", columns=None, check=lambda: None)
        assert len(logs) == 1
        assert [(label.rpartition("/")[2].partition(".")[0], why in reason) for label, reason in left] == [
            ("usage", True)
        ]


@pytest.mark.parametrize("time", [WHOLE[0], WHOLE[2], WHOLE[4], WHOLE[5], "2025-{:02}"])
@pytest.mark.parametrize("label", ["user_email", "log_id", "region_hash"])
def test_days_beside_calls_are_left_out_whatever_labels_they_have(tmp_path: Path, time: str | int, label: str) -> None:
    for number, each in enumerate((1, 3)):
        rows = [{label: f"a{at}f", **row} for at, row in enumerate(metrics(time, each=each))]
        logs, calls = opened(tmp_path / f"{number}.db", chat=CALLS, usage=rows)
        assert (len(logs), [call.answer and call.answer.text for call in calls]) == (1, [said for _, said in PAIRS])


@pytest.mark.parametrize("time", EXACT)
def test_moments_beside_calls_stay_calls(tmp_path: Path, time: str | int) -> None:
    logs, _ = opened(tmp_path / "a.db", chat=CALLS, usage=metrics(time, user_email="a@b.example"))
    assert len(logs) == 2


def test_rows_that_a_joined_table_left_are_calls_as_its_others_are(tmp_path: Path) -> None:
    path = written(tmp_path / "rest.jsonl", metrics(WHOLE[0])[:2])
    sources = [Source(path, "a.db/usage (not joined: 2)", is_found=True)]
    logs, left = open_logs(sources, format="auto", columns=None, check=lambda: None)
    assert ([log.format for log, _ in logs], left) == (["request_metrics"], [])


def test_sums_alone_in_a_database_are_asked_about(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"usage.* may hold calls or sums"):
        opened(tmp_path / "a.db", usage=metrics(WHOLE[0]))


@pytest.mark.parametrize("name", ["chat.logs", "my.db", "v1.prod"])
def test_a_folder_with_a_point_in_its_name_is_no_database(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    table(tmp_path / name / "chat.csv", CALLS)
    table(tmp_path / name / "texts.csv", [{"question": one, "answer": two} for one, two in PAIRS])
    with open_all([tmp_path / name]) as (sources, _):
        logs, left = open_logs(sources, format="auto", columns=None, check=lambda: None)
    assert (len(logs), left) == (2, [])
