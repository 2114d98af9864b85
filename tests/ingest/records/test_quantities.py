"""Durations without a unit: one decision for the whole log; amounts and moments by the names of their keys."""

import json
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.reading import read_logs
from advisor.types import Sample

PAIR = {
    "request": {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]},
    "response": {"choices": [{"message": {"role": "assistant", "content": "Hello"}}]},
}
ROW = {"prompt": "Hi", "answer": "Hello"}


def read(folder: Path, records: list[dict[str, Any]]) -> list[Sample]:
    path = folder / "log.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in records))
    items = [found.item for found in read_logs([open_log(path)])]
    assert all(isinstance(item, Sample) for item in items)
    return [item for item in items if isinstance(item, Sample)]


@pytest.mark.parametrize("around", [PAIR, ROW, {"odd": PAIR}], ids=["pair", "table", "odd"])
@pytest.mark.parametrize(("told", "expected"), [((90, 900, 1800), (0.09, 0.9, 1.8)), ((0.4, 20, 150), (0.4, 20, 150))])
def test_one_unit_for_the_whole_log(
    tmp_path: Path, around: dict[str, Any], told: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    samples = read(tmp_path, [around | {"latency": latency} for latency in told])
    assert [sample.metered.latency_s for sample in samples] == pytest.approx(expected)


def test_a_late_row_tells_the_unit_of_the_first_ones(tmp_path: Path) -> None:
    samples = read(tmp_path, [PAIR | {"latency": 90}] * 200 + [PAIR | {"latency": 2400}])
    assert (samples[0].metered.latency_s, samples[-1].metered.latency_s) == (0.09, 2.4)


def test_the_first_token_does_not_come_after_the_last(tmp_path: Path) -> None:
    samples = read(tmp_path, [PAIR | {"latency": latency, "ttft": latency / 10} for latency in (300, 900)])
    assert [sample.metered.ttft_s for sample in samples] == pytest.approx([0.03, 0.09])


def test_a_slow_machine_takes_more_than_a_minute(tmp_path: Path) -> None:
    ollama = {"prompt_eval_count": 40, "eval_count": 5, "total_duration": 75_000_000_000}
    assert [sample.metered.latency_s for sample in read(tmp_path, [ROW | ollama] * 3)] == [75.0] * 3


def test_durations_in_an_object_beside_the_call(tmp_path: Path) -> None:
    samples = read(tmp_path, [PAIR | {"meta": {"duration": duration}} for duration in (90, 900, 1800)])
    assert [sample.metered.latency_s for sample in samples] == pytest.approx([0.09, 0.9, 1.8])


@pytest.mark.parametrize("around", [PAIR, ROW], ids=["pair", "table"])
@pytest.mark.parametrize(
    ("key", "value", "field", "expected"),
    [
        ("latencySeconds", 1.5, "latency_s", 1.5),
        ("duration_us", 1500000, "latency_s", 1.5),
        ("durationNs", 1500000000, "latency_s", 1.5),
        ("response_time_ms", "1500", "latency_s", 1.5),
        ("timeToFirstTokenMs", 300, "ttft_s", 0.3),
        ("cost_cents", 25, "cost_usd", 0.25),
        ("costUsd", "0.25", "cost_usd", 0.25),
        ("cost_micros", 250000, "cost_usd", 0.25),
    ],
)
def test_units_in_names(
    tmp_path: Path, around: dict[str, Any], key: str, value: Any, field: str, expected: float
) -> None:
    [sample] = read(tmp_path, [around | {key: value}])
    assert getattr(sample.metered, field) == pytest.approx(expected)


@pytest.mark.parametrize("around", [PAIR, ROW], ids=["pair", "table"])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("createdAt", "2025-10-09T08:53:20Z"),
        ("timestamp", 1760000000),
        ("timestamp_ms", "1760000000000"),
        ("ts_us", 1760000000000000),
        ("startTimeUnixNano", "1760000000000000000"),
        ("time_utc", "2025-10-09 08:53:20"),
    ],
)
def test_moments_under_many_names(tmp_path: Path, around: dict[str, Any], key: str, value: Any) -> None:
    [sample] = read(tmp_path, [around | {key: value}])
    assert sample.metered.at is not None
    assert sample.metered.at.isoformat() == "2025-10-09T08:53:20+00:00"


def test_batches_that_use_an_id_again_are_calls_of_their_own(tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [
        {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m", "messages": asked}}
        for asked in ([{"role": "user", "content": "One"}], [{"role": "user", "content": "Two"}])
    ]
    lines += [
        {"id": f"r{said}", "custom_id": "1", "response": {"status_code": 200, "body": body}, "error": None}
        for said in ("first", "second")
        for body in [{"id": f"chatcmpl-{said}-0123456789", "choices": [{"message": {"content": said}}]}]
    ]
    samples = read(tmp_path, lines)
    told = [(sample.request.messages[0]["content"], sample.answer and sample.answer.text) for sample in samples]
    assert told == [("One", "first"), ("Two", "second")]
