"""LiteLLM's spend logs and the payload of its callbacks."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.messages.usage import with_beside_text
from advisor.ingest.reader import RowRejected
from advisor.ingest.readers.litellm_log import READER
from advisor.ingest.reading import read_log
from advisor.types import Rejection, Sample, ToolCall, Usage

ASKED = [{"role": "user", "content": "Is it raining?"}]


def rows_in(path: Path) -> list[Sample | Rejection]:
    log = open_log(path)
    assert log.format == "litellm"
    return [item for _, item in read_log(log)]


def completion(identity: str = "chatcmpl-1", **changes: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": "Yes."}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    usage = {"prompt_tokens": 90, "completion_tokens": 4, "total_tokens": 94}
    return {
        "id": identity, "object": "chat.completion", "model": "gpt-4o-2024-08-06", "choices": choices, "usage": usage,
    } | changes  # fmt: skip


def spend(**changes: Any) -> dict[str, Any]:
    """A row of the spend log as the proxy's API gives it."""
    return {
        "request_id": "chatcmpl-1",
        "call_type": "acompletion",
        "api_key": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b",
        "spend": 0.0005,
        "total_tokens": 94,
        "prompt_tokens": 90,
        "completion_tokens": 4,
        "startTime": "2025-05-01T08:00:00.000Z",
        "endTime": "2025-05-01T08:00:02.000Z",
        "completionStartTime": "2025-05-01T08:00:00.500Z",
        "model": "gpt-4o-2024-08-06",
        "model_group": "gpt-4o",
        "metadata": {"user_api_key_alias": "helpdesk", "usage_object": completion()["usage"]},
        "cache_hit": "False",
        "request_tags": [],
        "messages": {},
        "response": completion(),
        "session_id": "s1",
        "status": "success",
        "proxy_server_request": {"model": "gpt-4o", "messages": ASKED, "temperature": 0.3, "stream": True, "user": "u"},
    } | changes


def payload(**changes: Any) -> dict[str, Any]:
    """What a callback writes."""
    return {
        "id": "chatcmpl-1",
        "trace_id": "tr1",
        "call_type": "acompletion",
        "cache_hit": None,
        "stream": True,
        "status": "success",
        "startTime": 1746086400.0,
        "endTime": 1746086402.0,
        "completionStartTime": 1746086400.5,
        "response_time": 0.5,
        "model": "gpt-4o",
        "metadata": {"user_api_key_alias": None, "user_api_key_hash": "88dc28d0"},
        "response_cost": 0.0005,
        "total_tokens": 94,
        "prompt_tokens": 90,
        "completion_tokens": 4,
        "request_tags": ["faq"],
        "messages": ASKED,
        "response": completion(),
        "model_parameters": {"temperature": 0.3, "stream": True, "extra_body": {}, "response_format": None},
        "error_str": None,
        "error_information": {"error_code": "", "error_message": ""},
    } | changes


def one(record: dict[str, Any]) -> Sample:
    assert READER.matches(record)
    return READER.read(record)


def test_contents_of_the_spend_log(fixtures: Path) -> None:
    rows = [row for row in rows_in(fixtures / "samples" / "litellm_spendlogs.json") if isinstance(row, Sample)]
    metrics, hours, ready, finding, _, spoken, failed, redacted, cut = rows
    assert "stored no prompt" in str(metrics.not_replayable)
    assert (metrics.metered.usage, metrics.metered.cost_usd) == (Usage(input_tokens=10, output_tokens=20), 0.000225)
    assert (metrics.metered.ttft_s, metrics.use_case, metrics.ids.session) == (None, None, "1234567890")
    assert [message["content"] for message in hours.request.messages] == [
        "Answer in one short sentence.",
        "Is the workshop open on Monday?",
    ]
    assert hours.request.params == {}
    assert hours.answer is not None
    assert hours.answer.text == "Yes, from nine to six."
    assert (hours.metered.latency_s, hours.metered.ttft_s, hours.metered.cost_usd) == (0.8, 0.4, 0.00013)
    assert hours.metered.at == datetime(2026, 2, 3, 9, 0, 0, 200000, tzinfo=UTC)
    assert (hours.use_case, hours.ids.session, hours.model) == ("route:desk", "sess-0", "gpt-4o-2024-08-06")
    assert hours.ids.response_id == hours.ids.external_id == "chatcmpl-Wkshp000aaaaaaaaaaaaaaaaaaaaa"
    assert [message["role"] for message in ready.request.messages] == ["user", "assistant", "tool"]
    assert [tool["function"]["name"] for tool in ready.request.params["tools"]] == ["find_repair", "cancel_repair"]
    assert finding.answer is not None
    assert finding.answer.tool_calls == (ToolCall(name="find_repair", arguments='{"ticket":"R-77"}'),)
    assert spoken.metered.usage == with_beside_text(
        Usage(input_tokens=19, cache_read_tokens=1, output_tokens=4, reasoning_tokens=3)
    )
    assert (failed.error, failed.answer, failed.metered.usage) == (
        "litellm.RateLimitError: Rate limit reached",
        None,
        None,
    )
    assert (failed.not_replayable, len(failed.request.messages)) == (None, 2)
    assert "redacted" in str(redacted.not_replayable)
    assert (redacted.answer, redacted.metered.usage) == (None, Usage(input_tokens=210, output_tokens=8))
    assert "cut" in str(cut.not_replayable)
    assert cut.ids.response_id != hours.ids.response_id  # though its response is the same


def test_contents_of_the_callback_payload(fixtures: Path) -> None:
    name = "litellm_standard_logging_payload.jsonl"
    rows = [row for row in rows_in(fixtures / "samples" / name) if isinstance(row, Sample)]
    assert rows[0].request.messages == [{"role": "user", "content": "Hello, desk!"}]
    assert rows[0].metered.at == datetime(2026, 2, 3, 9, 20, 46, 847371, tzinfo=UTC)
    assert {row.metered.ttft_s for row in rows} == {None}
    assert (rows[1].metered.latency_s, rows[1].use_case, rows[1].ids.session) == (0.8, "route:desk", "sess-0")
    assert rows[3].request.params["response_format"]["json_schema"]["name"] == "Ticket"
    assert rows[4].request.params == {"temperature": 0.7}


def test_json_columns_as_text(tmp_path: Path) -> None:
    """As PostgreSQL's COPY and the pub/sub callback give them, times without a zone."""
    row = spend(startTime="2025-05-01 08:00:00", endTime="2025-05-01 08:00:02", completionStartTime="", end_user=None)
    cells = {
        key: json.dumps(value) if isinstance(value, dict | list) else "" if value is None else value
        for key, value in row.items()
    }
    text = io.StringIO()
    writer = csv.DictWriter(text, list(cells))
    writer.writeheader()
    writer.writerow(cells)
    path = tmp_path / "spend.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    (sample,) = rows_in(path)
    assert isinstance(sample, Sample)
    assert (sample.request.messages, sample.request.params) == (ASKED, {"temperature": 0.3})
    assert sample.answer is not None
    assert sample.answer.text == "Yes."
    assert sample.metered.usage == Usage(input_tokens=90, output_tokens=4)
    assert (sample.metered.cost_usd, sample.metered.latency_s, sample.metered.ttft_s, sample.use_case) == (
        0.0005,
        2.0,
        None,
        "helpdesk",
    )
    assert sample.metered.at == datetime(2025, 5, 1, 8, tzinfo=UTC)
    assert READER.read(cells) == sample


@pytest.mark.parametrize(
    "kind",
    ["completion", "acompletion", "responses", "aresponses", "anthropic_messages", "atext_completion", "", None],
)
def test_calls_of_chat_models(kind: str | None) -> None:
    assert one(spend(call_type=kind)).request.messages == ASKED


@pytest.mark.parametrize(
    "kind",
    [
        "aembedding", "embedding", "_arealtime", "aimage_generation", "amoderation", "atranscription", "aspeech",
        "arerank", "acreate_batch", "acreate_file", "call_mcp_tool", "vector_store_search", "asend_message",
        "aget_responses",
    ],
)  # fmt: skip
def test_other_calls_are_rejected(kind: str) -> None:
    with pytest.raises(RowRejected, match=kind):
        READER.read(spend(call_type=kind))


def test_the_shapes_of_several_vendors() -> None:
    asked = {"model": "claude", "max_tokens": 50, "system": "Be brief.", "messages": ASKED}
    came = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-20250514",
        "content": [{"type": "text", "text": "Yes."}],
        "stop_reason": "end_turn",
        "usage": {
            "input_tokens": 5,
            "cache_read_input_tokens": 85,
            "cache_creation_input_tokens": 0,
            "output_tokens": 4,
        },
    }
    row = spend(call_type="anthropic_messages", request_id="msg_1", proxy_server_request=asked, response=came)
    sample = one(row)
    assert [message["content"] for message in sample.request.messages] == ["Be brief.", "Is it raining?"]
    assert sample.request.params == {"max_tokens": 50}
    assert sample.metered.usage == Usage(input_tokens=5, cache_read_tokens=85, output_tokens=4)
    assert sample.answer is not None
    assert (sample.answer.text, sample.ids.response_id) == ("Yes.", "msg_1")
    output = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Yes."}]}
    came = {"id": "resp_1", "object": "response", "status": "completed", "output": [output], "model": "gpt-4o"}
    tools = [{"type": "function", "name": "get_weather", "parameters": {"type": "object", "properties": {}}}]
    asked = {"model": "gpt-4o", "instructions": "Be brief.", "input": "Is it raining?", "tools": tools}
    samples = [one(spend(call_type="aresponses", request_id="resp_1", proxy_server_request=asked, response=came))]
    params = {"instructions": "Be brief.", "tools": tools}
    record = payload(call_type="aresponses", messages="Is it raining?", model_parameters=params, response=came)
    samples.append(one(record))
    for sample in samples:
        assert [message["content"] for message in sample.request.messages] == ["Be brief.", "Is it raining?"]
        assert sample.request.params["tools"][0]["function"]["name"] == "get_weather"
        assert sample.answer is not None
        assert sample.answer.text == "Yes."


def test_older_versions() -> None:
    sample = one(spend(proxy_server_request={}, messages=ASKED))
    assert (sample.request.messages, sample.not_replayable) == (ASKED, None)
    nested = {"url": "/chat/completions", "method": "POST", "headers": {}, "body": {"model": "x", "messages": ASKED}}
    assert one(spend(proxy_server_request=nested)).request.messages == ASKED
    bare = {key: spend()[key] for key in ("request_id", "call_type", "spend", "startTime", "endTime", "prompt_tokens")}
    metrics = one(bare)
    assert (metrics.metered.usage, metrics.metered.latency_s) == (Usage(input_tokens=90), 2.0)
    assert "stored no prompt" in str(metrics.not_replayable)


def test_callback_messages_as_text_and_object() -> None:
    assert one(payload(messages="Is it raining?")).request.messages == ASKED
    assert one(payload(messages={"messages": ASKED})).request.messages == ASKED
    assert one(payload(messages=json.dumps(ASKED))).request.messages == ASKED
    said = one(payload(response="Yes.")).answer
    assert said is not None
    assert said.text == "Yes."
    sample = one(payload())
    assert sample.request.params == {"temperature": 0.3}
    assert (sample.metered.latency_s, sample.metered.ttft_s, sample.ids.session, sample.use_case) == (
        2.0,
        0.5,
        "tr1",
        "faq",
    )


def test_text_that_was_not_kept() -> None:
    redacted = {"messages": [{"role": "user", "content": "redacted-by-litellm"}]}
    sample = one(spend(proxy_server_request=redacted, response={"text": "redacted-by-litellm"}))
    assert "redacted" in str(sample.not_replayable)
    assert sample.answer is None
    empty = one(spend(proxy_server_request={}, response={}))
    assert (empty.request.messages, empty.answer) == ([], None)
    assert empty.metered.usage == Usage(input_tokens=90, output_tokens=4)
    omitted = one(
        spend(proxy_server_request={"messages": [{"role": "user", "content": "[image omitted]\nWhat is it?"}]})
    )
    assert "attachment" in str(omitted.not_replayable)


def test_an_answer_from_the_cache_has_no_duration_and_is_a_call_of_its_own() -> None:
    hit = one(spend(cache_hit="True", request_id="chatcmpl-1_cache_hit1746086400.5", spend=0.0))
    assert (hit.metered.latency_s, hit.metered.ttft_s, hit.metered.cost_usd, hit.ids.response_id) == (
        None,
        None,
        0.0,
        None,
    )
    assert one(payload(cache_hit=True)).metered.latency_s is None
    assert one(spend(cache_hit="None")).metered.latency_s == 2.0


@pytest.mark.parametrize(
    ("changes", "latency_s", "ttft_s"),
    [
        ({}, 2.0, 0.5),
        ({"completionStartTime": "2025-05-01T08:00:02.000Z"}, 2.0, None),  # not streamed
        ({"completionStartTime": None}, 2.0, None),
        ({"endTime": None, "request_duration_ms": 1500, "completionStartTime": None}, 1.5, None),
        ({"startTime": None, "endTime": None}, None, None),
        ({"endTime": "2025-05-01T07:00:00Z", "completionStartTime": None}, None, None),
    ],
)
def test_durations(changes: dict[str, Any], latency_s: float | None, ttft_s: float | None) -> None:
    sample = one(spend(**changes))
    assert (sample.metered.latency_s, sample.metered.ttft_s) == (latency_s, ttft_s)


@pytest.mark.parametrize(
    ("changes", "usage", "cost"),
    [
        ({}, Usage(input_tokens=90, output_tokens=4), 0.0005),
        ({"spend": 0}, Usage(input_tokens=90, output_tokens=4), None),  # no price
        ({"spend": "0.25"}, Usage(input_tokens=90, output_tokens=4), 0.25),
        (
            {
                "response": {},
                "metadata": {
                    "usage_object": {
                        "prompt_tokens": 90,
                        "completion_tokens": 4,
                        "prompt_tokens_details": {"cached_tokens": 64},
                        "completion_tokens_details": {"reasoning_tokens": 3},
                        "cache_creation_input_tokens": 10,
                    }
                },
            },
            Usage(input_tokens=16, cache_read_tokens=64, cache_write_tokens=10, output_tokens=4, reasoning_tokens=3),
            0.0005,
        ),
        (
            {"response": {}, "metadata": {"additional_usage_values": {"cache_read_input_tokens": 60}}},
            Usage(input_tokens=30, cache_read_tokens=60, output_tokens=4),
            0.0005,
        ),
        ({"response": {}, "metadata": {}, "prompt_tokens": 0, "completion_tokens": 0, "spend": 0}, None, 0),
        ({"response": {}, "metadata": None, "prompt_tokens": None, "completion_tokens": None}, None, 0.0005),
    ],
)
def test_usage_and_cost(changes: dict[str, Any], usage: Usage | None, cost: float | None) -> None:
    sample = one(spend(**changes))
    assert (sample.metered.usage, sample.metered.cost_usd) == (usage, cost)


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({"request_tags": ["User-Agent: OpenAI/Python", "refunds"]}, "refunds"),
        ({"request_tags": '["jobID:12", "taskName:refunds"]'}, "taskName:refunds"),
        ({"metadata": {"spend_logs_metadata": {"feature": "refunds"}, "user_api_key_alias": "web"}}, "refunds"),
        ({"metadata": {"prompt_management_metadata": {"prompt_id": "refunds"}}}, "refunds"),
        ({"metadata": {"user_api_key_alias": "web"}}, "web"),
        ({"metadata": {"user_api_key_alias": "88dc28d0f030c55ed4ab77ed8faf0981"}}, None),
        ({"metadata": {"user_api_key_alias": "sk-abc"}}, None),
        ({"metadata": {"user_api_key_alias": "litellm_proxy_master_key"}}, None),
        ({"metadata": {}, "model_group": "support-bot"}, "support-bot"),
        ({"metadata": {}, "model_group": "gpt-4o"}, None),
        ({"metadata": {}, "model_group": "openai/gpt-4o"}, None),
        ({"metadata": {}, "model": "azure/gpt-4o", "model_group": "gpt-4o-eu"}, None),
    ],
)
def test_labels(changes: dict[str, Any], label: str | None) -> None:
    assert one(spend(**changes)).use_case == label


def test_failures() -> None:
    told = {"error_code": "400", "error_class": "BadRequestError", "error_message": "too long"}
    refused = one(
        spend(status="failure", response={}, metadata={"error_information": told}, prompt_tokens=0, completion_tokens=0)
    )
    assert (refused.error, refused.answer, refused.metered.usage) == ("too long", None, None)
    assert "refused" in str(refused.not_replayable)
    limited = one(
        payload(status="failure", response=None, error_str="slow down", error_information={"error_code": "429"})
    )
    assert (limited.error, limited.not_replayable) == ("slow down", None)
    assert one(payload(status="failure", response="")).error == "logged as a failure"
    assert one(spend(metadata={"error_information": told})).error is None  # of an attempt before
