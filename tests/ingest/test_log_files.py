"""Real logs, every row accounted for."""

import json
from itertools import permutations
from pathlib import Path

import pytest

from advisor.ingest.log import LogFile, open_log
from advisor.ingest.reading import read_log
from advisor.types import Rejection, Sample
from tests.ingest.made_records import RECORDS


def read(path: Path, **options: object) -> tuple[LogFile, list[Sample], list[Rejection]]:
    log = open_log(path, **options)  # type: ignore[arg-type]
    rows = list(read_log(log))
    numbers = [number for number, _ in rows]
    assert numbers == sorted(set(numbers))
    assert all(item.row == number for number, item in rows if isinstance(item, Rejection))
    return (
        log,
        [item for _, item in rows if isinstance(item, Sample)],
        [item for _, item in rows if isinstance(item, Rejection)],
    )


def test_recorded_openai_calls(logs: Path) -> None:
    path = logs / "wire_openai_chat.jsonl"
    raw = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    log, samples, rejections = read(path)
    assert (log.format, len(samples), rejections) == ("openai_chat", len(raw), [])
    for record, sample in zip(raw, samples, strict=True):
        failed = record["status"] >= 400
        assert sample.answer is None or not failed
        assert bool(sample.error) or not failed
        if failed and record["status"] != 429:
            assert sample.not_replayable
        if record["latency_ms"] is not None:
            assert sample.metered.latency_s == pytest.approx(record["latency_ms"] / 1000)
    with_usage = sum(sample.metered.usage is not None for sample in samples)
    with_time = sum(sample.metered.at is not None for sample in samples)
    assert (len(samples), with_usage, with_time) in {(8, 6, 6), (649, 562, 640)}
    assert all(sample.metered.at is None or sample.metered.at.tzinfo for sample in samples)
    limited = next(sample for record, sample in zip(raw, samples, strict=True) if record["status"] == 429)
    assert limited.not_replayable is None
    assert limited.answer is None


def test_whole_bodies_keep_their_usage(logs: Path) -> None:
    path = logs / "wire_openai_chat.jsonl"
    raw = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    _, samples, _ = read(path)
    for record, sample in zip(raw, samples, strict=True):
        usage = record["response"].get("usage") if isinstance(record["response"], dict) else None
        if usage:
            assert sample.metered.usage is not None
            assert sample.metered.usage.total_input_tokens == usage["prompt_tokens"]
            assert sample.metered.usage.output_tokens == usage["completion_tokens"]
            cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
            assert sample.metered.usage.cache_read_tokens == cached


def test_agent_calls(fixtures: Path) -> None:
    log, samples, rejections = read(fixtures / "logs" / "tau_bench_airline_gpt-4o.calls.jsonl")
    assert (log.format, len(samples), len(rejections)) == ("openai_chat", 3, 0)
    first = samples[0]
    assert first.ids.external_id == "tau-desk-0-0-0"
    assert first.ids.response_id is None
    assert first.ids.session == "tau-desk-0-0"
    assert first.request.params["temperature"] == 0.0
    assert len(first.request.params["tools"]) == 2
    assert first.answer is not None
    assert first.answer.tool_calls[0].name == "find_repair"
    assert json.loads(first.answer.tool_calls[0].arguments)["ticket"] == "R-77"
    assert all(sample.not_replayable is None for sample in samples)


def test_arena_hard_answers(logs: Path) -> None:
    log, samples, rejections = read(logs / "arena_hard_v01_gpt-4-0613.jsonl")
    assert (log.format, rejections) == ("chat_messages", [])
    assert all(sample.answer and sample.answer.text for sample in samples)
    assert {sample.model for sample in samples} == {"gpt-4-0613"}
    assert {message["role"] for sample in samples for message in sample.request.messages} == {"user"}
    assert all(sample.metered.at and sample.metered.at.year in (2024, 2026) for sample in samples)


def test_european_spreadsheet(fixtures: Path) -> None:
    _, samples, _ = read(fixtures / "samples" / "csv_excel_semicolon_bom_crlf.csv")
    first = samples[0]
    assert first.request.messages == [{"role": "user", "content": "Où est mon vélo n° 77 ?\nMerci"}]
    assert first.metered.cost_usd is None, "euros are no dollars"
    assert first.metered.at is not None
    assert first.metered.at.isoformat() == "2026-02-03T14:07:00+00:00"


def test_one_row_per_turn_becomes_one_sample_per_answer(fixtures: Path) -> None:
    path = fixtures / "samples" / "csv_two_rows_per_turn.csv"
    rows = list(read_log(open_log(path)))
    assert [number for number, _ in rows] == [3, 5, 6]
    _, second = rows[1]
    assert isinstance(second, Sample)
    assert [message["role"] for message in second.request.messages] == ["system", "user", "assistant", "user"]
    assert second.ids.session == "c1"
    _, unanswered = rows[2]
    assert isinstance(unanswered, Sample)
    assert unanswered.answer is None


def test_line_separators_and_a_cut_line(fixtures: Path) -> None:
    _, samples, rejections = read(fixtures / "samples" / "jsonl_pitfalls.jsonl")
    assert samples[0].request.messages[0]["content"] == "a line \u2028 inside"
    assert samples[1].request.messages[0]["content"] == "nul  and wheel 🚲", "no database takes NUL"
    assert rejections[0].row == 4
    assert "cut off" in rejections[0].reason


def test_a_stream_alone_counts_but_cannot_be_replayed(fixtures: Path) -> None:
    _, samples, _ = read(fixtures / "samples" / "openai_chat_stream.sse.txt")
    assert samples[0].not_replayable == "the log does not hold the prompt"
    assert samples[0].answer is not None
    assert samples[0].answer.tool_calls[0].name == "find_repair"
    json.loads(samples[0].answer.tool_calls[0].arguments)


def test_a_log_of_an_unknown_kind_is_named_unknown_and_not_misread(tmp_path: Path) -> None:
    from advisor.errors import BadInput

    path = tmp_path / "events.jsonl"
    path.write_text('{"event": "click", "at": 5, "page": {"url": "/"}}\n' * 3, encoding="utf-8")
    with pytest.raises(BadInput, match=r"in no format.*columns or keys.*event, at, page"):
        open_log(path)


def test_calls_under_their_ids_are_opened(tmp_path: Path) -> None:
    calls = {
        f"c{n}": {
            "payload": {"model": "gpt-4o", "messages": [{"role": "user", "content": f"Question {n}?"}]},
            "result": {"object": "chat.completion", "choices": [{"message": {"role": "assistant", "content": "Yes"}}]},
        }
        for n in range(3)
    }
    path = tmp_path / "dump.json"
    path.write_text(json.dumps({"export": {"version": 3, "calls": calls}}))
    log = open_log(path)
    samples = [item for _, item in read_log(log) if isinstance(item, Sample)]
    assert [sample.ids.external_id for sample in samples] == ["c0", "c1", "c2"]
    assert all(sample.not_replayable is None and sample.answer for sample in samples)


def test_rows_of_several_formats_are_each_read_by_their_own_in_any_order(tmp_path: Path) -> None:
    records = [RECORDS["dify"][0], RECORDS["table"][0], {"prompt": "Where is it?", "completion": "shipping"}]
    path = tmp_path / "mixed.jsonl"
    for order in permutations(records):
        path.write_text("\n".join(map(json.dumps, order)))
        calls = [item for _, item in read_log(open_log(path))]
        answers = [item.answer.text for item in calls if isinstance(item, Sample) and item.answer]
        assert answers == 3 * ["shipping"]


def test_a_record_without_the_list_that_others_have_is_rejected(tmp_path: Path) -> None:
    said = [{"speaker": "user", "text": "Is it open?"}, {"speaker": "bot", "text": "Yes, until six."}]
    records = [*({"id": number, "turns": said} for number in range(4)), {"id": 4, "error": "boom"}]
    path = tmp_path / "talks.jsonl"
    path.write_text("\n".join(map(json.dumps, records)))
    items = [item for _, item in read_log(open_log(path))]
    assert len(items) == 5
    assert [each.reason for each in items if isinstance(each, Rejection)] == ["no calls in `turns`"]
