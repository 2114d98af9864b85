"""Spans of OpenTelemetry in files that teams make of them: under fewer keys, or a column for each attribute."""

import json
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.types import Sample

ASKED, ANSWERED = "Is the shop open on Sundays?", "Yes, from ten to four."
MESSAGES = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 12,
    "gen_ai.usage.output_tokens": 7,
    "gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text", "content": ASKED}]}],
    "gen_ai.output.messages": [{"role": "assistant", "parts": [{"type": "text", "content": ANSWERED}]}],
}
NUMBERED = {
    "llm.model_name": "gpt-4o",
    "llm.input_messages.0.message.role": "user",
    "llm.input_messages.0.message.content": ASKED,
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.content": ANSWERED,
    "llm.token_count.prompt": 12,
    "llm.token_count.completion": 7,
}


def read(path: Path, record: dict[str, Any]) -> Sample:
    path.write_text("\n".join(json.dumps(record) for _ in range(3)))
    calls = [item for _, item in read_log(open_log(path)) if isinstance(item, Sample)]
    assert len(calls) == 3
    return calls[0]


@pytest.mark.parametrize(
    ("record", "latency_s"),
    [
        ({"trace_id": "t1", "span_name": "chat", "attributes": MESSAGES, "duration_ms": 1200}, 1.2),
        ({"spanId": "s1", "spanName": "chat", "durationMs": 1200, "attributes": MESSAGES}, 1.2),
        ({"span_id": "s1", "attributes": MESSAGES, "latency_s": 1.2}, 1.2),
        ({"traceId": "t1", "name": "chat", "attributes": NUMBERED, "durationNanos": 1_200_000_000}, 1.2),
        ({"context.span_id": "s1", **NUMBERED}, None),
        ({"context.span_id": "s1", "duration_ms": 1200, **MESSAGES}, 1.2),
    ],
)
def test_a_span_under_few_keys(tmp_path: Path, record: dict[str, Any], latency_s: float | None) -> None:
    call = read(tmp_path / "log.jsonl", record)
    assert call.request.messages == [{"role": "user", "content": ASKED}]
    assert call.answer is not None
    assert call.answer.text == ANSWERED
    assert call.model == "gpt-4o"
    assert call.metered.usage is not None
    assert (call.metered.usage.input_tokens, call.metered.usage.output_tokens) == (12, 7)
    assert call.metered.latency_s == (latency_s and pytest.approx(latency_s))


def test_the_session_is_an_attribute_in_a_column(tmp_path: Path) -> None:
    assert read(tmp_path / "log.jsonl", NUMBERED | {"session.id": "conv_1"}).ids.session == "conv_1"


def test_attributes_of_something_else_make_no_span(tmp_path: Path) -> None:
    record = {"trace_id": "t1", "attributes": {"color": "red"}, "prompt": ASKED, "response": ANSWERED}
    assert read(tmp_path / "log.jsonl", record).request.messages[-1]["content"] == ASKED
