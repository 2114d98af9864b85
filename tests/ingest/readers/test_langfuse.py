"""Langfuse's exports in all their dialects."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.messages.usage import with_long_kept
from advisor.ingest.readers.langfuse import READER
from advisor.ingest.readers.langfuse_fields import read_details
from advisor.ingest.reading import read_log
from advisor.types import Rejection, Sample, ToolCall, Usage

ASKED = [{"role": "user", "content": "Is it raining?"}]
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOL = {"type": "function", "function": {"name": "get_weather", "description": "Weather.", "parameters": WEATHER}}


def rows_in(path: Path) -> list[Sample | Rejection]:
    log = open_log(path)
    assert log.format in ("langfuse", "langfuse_traces")
    return [item for _, item in read_log(log)]


def samples_in(path: Path) -> dict[str, Sample]:
    return {str(item.ids.external_id): item for item in rows_in(path) if isinstance(item, Sample)}


def read(tmp_path: Path, *records: Any) -> list[Sample | Rejection]:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(records[0] if len(records) == 1 else records), encoding="utf-8")
    return rows_in(path)


def observation(**changes: Any) -> dict[str, Any]:
    """A generation as the API gives it."""
    return {
        "id": "g1",
        "traceId": "t1",
        "type": "GENERATION",
        "name": "answer",
        "startTime": "2025-05-01T08:00:00.000Z",
        "endTime": "2025-05-01T08:00:02.500Z",
        "completionStartTime": None,
        "parentObservationId": None,
        "level": "DEFAULT",
        "statusMessage": None,
        "model": "gpt-4o-2024-08-06",
        "modelParameters": {},
        "input": ASKED,
        "output": {"role": "assistant", "content": "Yes."},
        "usageDetails": {"input": 10, "output": 2, "total": 12},
        "costDetails": {"input": 0.00002, "output": 0.00001, "total": 0.00003},
        "totalCost": 0.00003,
        "latency": 2.5,
        "timeToFirstToken": None,
        "metadata": {},
    } | changes


def one(**changes: Any) -> Sample:
    record = observation(**changes)
    assert READER.matches(record)
    return READER.read(record)


@pytest.mark.parametrize(
    ("name", "accepted", "rejected", "not_replayable"),
    [
        ("langfuse_observations_export.json", 6, 4, 0),
        ("langfuse_observations_export.csv", 6, 4, 0),
        ("langfuse_events_export.jsonl", 6, 4, 0),
        ("langfuse_blob_observations_v2.jsonl", 2, 3, 0),
        ("langfuse_traces_export.jsonl", 3, 0, 3),
        ("langfuse_trace_download_openai_agents.json", 2, 3, 0),
        ("langfuse_trace_download_openai_assistants.json", 1, 1, 0),
        ("langfuse_trace_download_vertex_tools.json", 1, 0, 0),
    ],
)
def test_samples(fixtures: Path, name: str, accepted: int, rejected: int, not_replayable: int) -> None:
    rows = rows_in(fixtures / "samples" / name)
    samples = [row for row in rows if isinstance(row, Sample)]
    assert (len(samples), len(rows) - len(samples)) == (accepted, rejected)
    assert sum(sample.not_replayable is not None for sample in samples) == not_replayable
    for row in rows:
        assert (row.ids if isinstance(row, Sample) else row).span or name == "langfuse_traces_export.jsonl"
        assert isinstance(row, Sample) or "not a call of a model" in row.reason


@pytest.mark.parametrize(
    "name",
    [
        "langfuse_observations_export.json",
        "langfuse_observations_export.csv",
        "langfuse_events_export.jsonl",
        "langfuse_blob_observations_v2.jsonl",
        "langfuse_trace_download_openai_agents.json",
    ],
)
def test_a_call_is_the_same_in_every_dialect(fixtures: Path, name: str) -> None:
    samples = samples_in(fixtures / "samples" / name)
    first, second = samples["9800000000000003"], samples["9000000000000004"]
    assert first.request.messages == [
        {"role": "system", "content": "You know the weather."},
        {"role": "user", "content": "Can I ride in Oslo today?"},
    ]
    (tool,) = first.request.params["tools"]
    assert tool["function"]["name"] == "get_weather"
    assert tool["function"]["parameters"]["required"] == ["city"]
    assert first.request.params["temperature"] == 1
    assert first.answer is not None
    (call,) = first.answer.tool_calls
    assert (call.name, json.loads(call.arguments)) == ("get_weather", {"city": "Oslo"})
    assert [message["role"] for message in second.request.messages] == ["system", "user", "assistant", "tool"]
    assert second.answer is not None
    assert second.answer.text == "Yes, it is dry in Oslo today."
    assert (first.metered.usage, second.metered.usage) == (
        Usage(input_tokens=55, output_tokens=15),
        Usage(input_tokens=85, output_tokens=29),
    )
    assert (second.metered.cost_usd, second.metered.latency_s, second.metered.ttft_s) == (0.000402, 1.15, None)
    assert second.metered.at == datetime(2026, 2, 3, 9, 0, 2, 1000, tzinfo=UTC)
    assert (second.model, second.use_case) == ("gpt-4.1-2025-04-14", "Ride advice")
    assert second.ids.response_id == f"resp_Wkshp{'2' * 40}"
    trace = "a1" * 16
    assert (second.ids.span, second.ids.parent_span) == (f"{trace}:9000000000000004", f"{trace}:d900000000000002")
    assert second.ids.session == trace


def test_langchain_and_opentelemetry_messages(fixtures: Path) -> None:
    samples = samples_in(fixtures / "samples" / "langfuse_events_export.jsonl")
    search = samples["5b00000000000006"]
    assert [message["role"] for message in search.request.messages] == ["user", "user", "assistant", "tool"]
    assert [tool["function"]["name"] for tool in search.request.params["tools"]] == ["Parts-Search"]
    (call,) = search.request.messages[2]["tool_calls"]
    assert call["id"] == search.request.messages[3]["tool_call_id"]
    assert json.loads(search.request.messages[3]["content"])[0]["title"] == "Brass bell"
    assert (search.ids.session, search.use_case) == ("thread-7", "LangGraph")
    called = samples["4f00000000000007"].answer
    assert called is not None
    assert (called.tool_calls[0].name, json.loads(called.tool_calls[0].arguments)) == (
        "Parts-Search",
        {"query": "bell"},
    )
    hello = samples["8300000000000008"]
    assert hello.request.params == {"frequency_penalty": 0, "presence_penalty": 0, "temperature": 1, "top_p": 1}
    assert hello.ids.session == "session_desk"
    weather = samples["c600000000000009"]
    assert weather.request.messages == [{"role": "user", "content": "Can I ride in Oslo today?"}]
    assert [tool["function"]["name"] for tool in weather.request.params["tools"]] == ["get_weather"]
    assert weather.answer is not None
    assert weather.answer.tool_calls[0].name == "get_weather"
    assert weather.use_case == "invoke_agent"  # without the id of the run


def test_downloads_hand_down_what_the_trace_says(fixtures: Path) -> None:
    (math,) = samples_in(fixtures / "samples" / "langfuse_trace_download_openai_assistants.json").values()
    assert (math.use_case, math.metered.latency_s, math.metered.cost_usd) == ("run_gear_tutor", None, 0.00387)
    (vertex,) = samples_in(fixtures / "samples" / "langfuse_trace_download_vertex_tools.json").values()
    assert len(vertex.request.params["tools"]) == 2
    assert [message["role"] for message in vertex.request.messages] == ["system", "system", "user", "assistant", "user"]
    assert (vertex.metered.latency_s, vertex.metered.usage) == (1.874, Usage(input_tokens=1200, output_tokens=15))
    assert vertex.answer is not None
    assert vertex.answer.text == "Thank you, Kim. What is broken?"


def test_exported_traces_count_and_say_what_to_export(fixtures: Path) -> None:
    hello = samples_in(fixtures / "samples" / "langfuse_traces_export.jsonl")["c3" * 16]
    assert hello.request.messages == [{"role": "user", "content": "Say hello."}]
    assert hello.answer is not None
    assert hello.answer.text == "Hello."
    assert (hello.ids.session, hello.use_case, hello.metered.usage) == ("session_desk", "desk-trace", None)
    assert "export the observations" in str(hello.not_replayable)


def test_pages_and_traces_of_the_api(tmp_path: Path) -> None:
    (sample,) = read(tmp_path, {"data": [observation()], "meta": {"page": 1, "totalPages": 1}})
    assert isinstance(sample, Sample)
    trace = {"id": "t1", "name": "faq", "sessionId": "chat-3", "timestamp": "2025-05-01T08:00:00Z", "tags": ["x"]}
    steps = [observation(latency=2500), observation(id="s", type="SPAN")]
    for wrapped in (
        {"trace": trace, "observations": steps},
        trace | {"observations": steps, "scores": [], "input": "a", "output": "b", "htmlPath": "/x"},
        {"data": [trace | {"observations": steps, "scores": []}], "meta": {}},
    ):
        sample, span = read(tmp_path, wrapped)
        assert isinstance(sample, Sample)
        assert isinstance(span, Rejection)
        assert (sample.ids.session, sample.use_case, sample.metered.latency_s) == ("chat-3", "faq", 2.5)
    bare = [observation(traceName="faq", sessionId="chat-3"), observation(id="s", type="SPAN")]
    sample, _ = read(tmp_path, {"observations": bare, "scores": []})
    assert isinstance(sample, Sample)
    assert (sample.ids.session, sample.use_case) == ("chat-3", "faq")
    listed = trace | {
        "input": "Hi",
        "output": "Ho",
        "public": False,
        "htmlPath": "/t",
        "observations": ["g1"],
        "scores": [],
    }
    (whole,) = read(tmp_path, {"data": [listed, *[]], "meta": {}})
    assert isinstance(whole, Sample)
    assert whole.not_replayable is not None


def test_a_download_without_moments_has_no_duration(tmp_path: Path) -> None:
    step = observation(endTime=None, latency=1993, timeToFirstToken=0.4)
    (sample,) = read(tmp_path, {"trace": {"id": "t1", "name": "x"}, "observations": [step]})
    assert isinstance(sample, Sample)
    assert (sample.metered.latency_s, sample.metered.ttft_s) == (None, None)


@pytest.mark.parametrize(
    ("moments", "latency_s", "ttft_s"),
    [
        ({"completionStartTime": "2025-05-01T08:00:00.250Z"}, 2.5, 0.25),
        ({"completionStartTime": "2025-05-01T08:00:02.500Z"}, 2.5, None),  # not streamed
        ({"completionStartTime": "2025-05-01T07:59:59Z"}, 2.5, None),
        ({"latency": 2500, "timeToFirstToken": 300}, 2.5, None),  # in a unit that cannot be
        ({"endTime": None, "latency": 2.5, "timeToFirstToken": 0.3}, 2.5, 0.3),
        ({"endTime": None, "latency": None}, None, None),
        ({"endTime": None, "latency": None, "latencyMs": 900, "timeToFirstTokenMs": 90}, 0.9, 0.09),
    ],
)
def test_durations(moments: dict[str, Any], latency_s: float | None, ttft_s: float | None) -> None:
    sample = one(**moments)
    assert (sample.metered.latency_s, sample.metered.ttft_s) == (latency_s, ttft_s)


def test_blob_storage_counts_milliseconds(tmp_path: Path) -> None:
    row = {
        "id": "g1", "trace_id": "t1", "trace_name": "faq", "type": "GENERATION", "name": "answer",
        "start_time": "2025-05-01 08:00:00.000000", "end_time": None, "latency": 1200, "time_to_first_token": 300,
        "provided_model_name": "claude-sonnet-4", "model_parameters": '{"max_tokens":"100"}', "total_cost": 0.01,
        "usage_details": [("input", 7), ("cache_read_input_tokens", 90), ("output", 4), ("total", 101)],
        "cost_details": [("total", 0.01)], "input": json.dumps(ASKED), "output": '"Yes."', "user_id": "u",
        "session_id": "s", "parent_observation_id": None, "prompt_name": "weather", "prompt_version": 4,
    }  # fmt: skip
    assert READER.matches(row)
    sample = READER.read(row)
    assert (sample.metered.latency_s, sample.metered.ttft_s, sample.metered.cost_usd) == (1.2, 0.3, 0.01)
    assert sample.metered.usage == Usage(input_tokens=7, cache_read_tokens=90, output_tokens=4)
    assert (sample.request.messages, sample.request.params) == (ASKED, {"max_tokens": 100})
    assert sample.answer is not None
    assert sample.answer.text == "Yes."
    assert (sample.use_case, sample.ids.session, sample.model) == ("weather", "s", "claude-sonnet-4")


def test_csv_with_a_score_of_a_confusing_name_and_other_case(tmp_path: Path) -> None:
    record = observation(input=json.dumps(ASKED), output='{"role":"assistant","content":"Yes."}')
    record = {key[:1].upper() + key[1:]: value for key, value in record.items()} | {"input ": "0.5", "type_": "0.1"}
    cells = {
        key: json.dumps(value) if isinstance(value, dict) else "" if value is None else value
        for key, value in record.items()
    }
    text = io.StringIO()
    writer = csv.DictWriter(text, list(cells), quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerow(cells)
    path = tmp_path / "export.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    (sample,) = rows_in(path)
    assert isinstance(sample, Sample)
    assert sample.request.messages == ASKED
    assert sample.metered.usage == Usage(input_tokens=10, output_tokens=2)
    assert (sample.metered.cost_usd, sample.metered.latency_s, sample.error) == (0.00003, 2.5, None)


ADK = {
    "model": "gemini-2.0-flash",
    "config": {
        "http_options": {"headers": {"user-agent": "google-adk"}},
        "system_instruction": "Always greet.",
        "temperature": 0.5,
        "tools": [{"function_declarations": [{"name": "say_hello"}]}],
    },
    "contents": [
        {"role": "user", "parts": [{"text": "hi"}]},
        {"role": "model", "parts": [{"function_call": {"name": "say_hello", "args": {}}}]},
        {"role": "user", "parts": [{"function_response": {"name": "say_hello", "response": {"greeting": "Hello"}}}]},
    ],
}
KOOG_CALL = [{"id": "call_7", "type": "function", "function": {"name": "Greet", "arguments": {"name": "Bob"}}}]


@pytest.mark.parametrize(
    ("asked", "roles", "last"),
    [
        (ASKED, ["user"], "Is it raining?"),
        (ASKED[0], ["user"], "Is it raining?"),
        ([ASKED], ["user"], "Is it raining?"),
        ("Is it raining?", ["user"], "Is it raining?"),
        (json.dumps(ASKED), ["user"], "Is it raining?"),
        (json.dumps(json.dumps({"messages": ASKED})), ["user"], "Is it raining?"),
        ({"messages": ASKED, "tools": [TOOL]}, ["user"], "Is it raining?"),
        ({"messages": json.dumps(ASKED)}, ["user"], "Is it raining?"),
        ({"args": ["Is it raining?"]}, ["user"], "Is it raining?"),
        ({"args": [ASKED], "kwargs": {}}, ["user"], "Is it raining?"),
        (
            {"args": [], "kwargs": {"model": "gpt-4o", "messages": ASKED, "timeout": 30, "name": "weather"}},
            ["user"],
            "Is it raining?",
        ),
        ({"prompt": "Is it raining?"}, ["user"], "Is it raining?"),
        (["Is it raining?"], ["user"], "Is it raining?"),
        (ADK, ["system", "user", "assistant", "tool"], '{"greeting":"Hello"}'),
        ({"model": "gemini-2.5-flash", "contents": "Is it raining?"}, ["user"], "Is it raining?"),
        (
            [*ASKED, {"role": "tool", "content": KOOG_CALL}, {"role": "tool", "content": "Hello Bob!"}],
            ["user", "assistant", "tool"],
            "Hello Bob!",
        ),
        ([{"role": "user", "parts": [{"type": "text", "content": "Is it raining?"}]}], ["user"], "Is it raining?"),
        ({"messages": [{"type": "human", "content": "Is it raining?"}]}, ["user"], "Is it raining?"),
        ([{"role": "user", "content": [{"type": "text", "text": "Is it raining?"}]}], ["user"], "Is it raining?"),
    ],
)
def test_shapes_of_the_input(asked: Any, roles: list[str], last: str) -> None:
    sample = one(input=asked)
    assert sample.not_replayable is None
    assert [message["role"] for message in sample.request.messages] == roles
    assert not {"timeout", "name", "model", "config"} & sample.request.params.keys()
    assert str(sample.request.messages[-1]["content"]).replace(": ", ":") == last.replace(": ", ":")


def test_googles_configuration() -> None:
    sample = one(input=ADK)
    assert sample.request.messages[0] == {"role": "system", "content": "Always greet."}
    assert sample.request.params["temperature"] == 0.5
    assert [tool["function"]["name"] for tool in sample.request.params["tools"]] == ["say_hello"]
    assert sample.request.params.keys() <= {"temperature", "tools", "tool_choice"}


def test_tools_beside_the_messages_in_any_place() -> None:
    stringified = {"get_weather": json.dumps({"description": "Weather.", "parameters": json.dumps(WEATHER)})}
    pydantic_tool = {"name": "get_weather", "description": "Weather.", "parameters_json_schema": WEATHER}
    attributes: list[dict[str, Any]] = [
        {"gen_ai.tool.definitions": json.dumps([TOOL])},
        {"llm.tools.0.tool.json_schema": json.dumps(TOOL)},
        {
            "ai.prompt.tools": [
                json.dumps(
                    {"type": "function", "name": "get_weather", "description": "Weather.", "inputSchema": WEATHER}
                )
            ]
        },
        {
            "model_request_parameters": {
                "function_tools": [pydantic_tool],
                "output_tools": [],
                "allow_text_output": True,
            }
        },
    ]
    changes: list[dict[str, Any]] = [{"metadata": {"attributes": found}} for found in attributes]
    changes += [
        {"toolDefinitions": stringified},
        {"toolDefinitions": json.dumps(stringified)},
        {"modelParameters": {"tools": json.dumps([TOOL])}},
        {"input": {"messages": ASKED, "tools": [TOOL]}},
        {"input": [*ASKED, {"role": "tool", "content": TOOL}]},
        {
            "input": [
                *ASKED,
                {
                    "role": "tool",
                    "content": {"name": "get_weather", "description": "Weather.", "input_schema": WEATHER},
                },
            ]
        },
    ]
    for change in changes:
        sample = one(**change)
        assert sample.request.messages == ASKED, change
        assert sample.request.params["tools"] == [TOOL], change
    forced = {"model_request_parameters": json.dumps({"output_tools": [pydantic_tool], "allow_text_output": False})}
    assert one(metadata={"attributes": forced}).request.params["tool_choice"] == "required"


@pytest.mark.parametrize(
    ("came", "text", "calls"),
    [
        ("Yes.", "Yes.", ()),
        (json.dumps("Yes."), "Yes.", ()),
        ([{"role": "assistant", "content": "Yes."}], "Yes.", ()),
        ({"role": "assistant", "content": "Yes.", "additional_kwargs": {"refusal": None}}, "Yes.", ()),
        (
            {"role": "assistant", "content": "", "additional_kwargs": {"tool_calls": KOOG_CALL}},
            "",
            (ToolCall(name="Greet", arguments='{"name":"Bob"}'),),
        ),
        (
            [{"name": "Greet", "arguments": '{"name":"Bob"}'}],
            None,
            (ToolCall(name="Greet", arguments='{"name":"Bob"}'),),
        ),
        (
            [
                {
                    "role": "assistant",
                    "parts": [{"type": "tool_call", "id": "c", "name": "Greet", "arguments": {"name": "Bob"}}],
                }
            ],
            None,
            (ToolCall(name="Greet", arguments='{"name":"Bob"}'),),
        ),
        ({"content": {"role": "model", "parts": [{"text": "Yes."}]}, "finish_reason": "STOP"}, "Yes.", ()),
        ({"content": "Yes.", "additional_kwargs": {}, "type": "AIMessageChunk", "usage_metadata": {}}, "Yes.", ()),
        ({"text": "Yes."}, "Yes.", ()),
        ({"content": "wet", "title": "Rain", "type": "note"}, '{"content":"wet","title":"Rain","type":"note"}', ()),
        ('{"mood": "sad"}', '{"mood": "sad"}', ()),
        (json.dumps('{"mood": "sad"}'), '{"mood":"sad"}', ()),
        (["rain", "snow"], '["rain","snow"]', ()),
        (42, "42", ()),
        (
            {"content": {"role": "model", "parts": [{"function_call": {"name": "Greet", "args": {"name": "Bob"}}}]}},
            None,
            (ToolCall(name="Greet", arguments='{"name":"Bob"}'),),
        ),
    ],
)
def test_shapes_of_the_output(came: Any, text: str | None, calls: tuple[ToolCall, ...]) -> None:
    answer = one(input=ADK if "model" in json.dumps(came) else ASKED, output=came).answer
    assert answer is not None
    assert (answer.text or None, answer.tool_calls) == (text or None, calls)


def test_columns_tell_tool_calls_only_where_the_output_does_not() -> None:
    columns = {
        "toolCalls": [json.dumps({"id": "c", "arguments": '{"name":"Bob"}', "type": "", "index": 0})],
        "toolCallNames": ["Greet"],
    }
    answer = one(output=None, **columns).answer
    assert answer is not None
    assert answer.tool_calls == (ToolCall(name="Greet", arguments='{"name":"Bob"}'),)
    said = one(**columns).answer
    assert said is not None
    assert (said.text, said.tool_calls) == ("Yes.", ())
    assert one(output=None).answer is None


@pytest.mark.parametrize("asked", [None, "", "null", [], {}])
def test_a_dropped_input_is_kept_for_volume(asked: Any) -> None:
    sample = one(input=asked)
    assert sample.request.messages == []
    assert "large traces" in str(sample.not_replayable)
    assert sample.metered.usage == Usage(input_tokens=10, output_tokens=2)


def test_variables_of_an_unknown_prompt_are_no_prompt() -> None:
    sample = one(input={"topic": "rain", "language": "en"})
    assert "prompt is unknown" in str(sample.not_replayable)
    assert sample.metered.cost_usd == 0.00003


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ({"input": 10, "output": 5, "total": 15}, Usage(input_tokens=10, output_tokens=5)),
        # Langfuse's reading of OpenAI's usage: details are taken out
        (
            {"input": 20, "input_cached_tokens": 80, "output": 5, "output_reasoning_tokens": 40, "total": 145},
            Usage(input_tokens=20, cache_read_tokens=80, output_tokens=45, reasoning_tokens=40),
        ),
        (
            {"input": 20, "input_audio_tokens": 7, "input_cached_tokens": 80, "output": 5, "output_audio_tokens": 3},
            Usage(input_tokens=27, cache_read_tokens=80, output_tokens=8),
        ),
        # LangChain
        (
            {"input": 20, "input_cache_read": 80, "output": 5, "output_reasoning": 40, "total": 145},
            Usage(input_tokens=20, cache_read_tokens=80, output_tokens=45, reasoning_tokens=40),
        ),
        ({"input": 13, "input_priority": 13, "output": 1, "total": 14}, Usage(input_tokens=13, output_tokens=1)),
        # OpenInference: within
        (
            {
                "input": 100, "output": 45, "total": 145, "prompt_details.cache_read": 80,
                "prompt_details.cache_write": 5, "completion_details.reasoning": 40,
            },
            Usage(input_tokens=15, cache_read_tokens=80, cache_write_tokens=5, output_tokens=45, reasoning_tokens=40),
        ),
        # Anthropic's own keys: apart, unless the total says otherwise
        (
            {"input": 2, "cache_read_input_tokens": 90, "cache_creation_input_tokens": 8, "output": 4},
            Usage(input_tokens=2, cache_read_tokens=90, cache_write_tokens=8, output_tokens=4),
        ),
        (
            {"input": 100, "cache_read_input_tokens": 90, "cache_creation_input_tokens": 8, "output": 4, "total": 104},
            Usage(input_tokens=2, cache_read_tokens=90, cache_write_tokens=8, output_tokens=4),
        ),
        # LiteLLM's callback takes only the reads out
        (
            {"input": 10, "cache_read_input_tokens": 90, "cache_creation_input_tokens": 8, "output": 4, "total": 104},
            Usage(input_tokens=2, cache_read_tokens=90, cache_write_tokens=8, output_tokens=4),
        ),
        (
            {
                "input": 2, "input_cached_tokens": 9, "input_cache_creation": 0, "input_cache_creation_1h": 30,
                "output": 1,
            },
            with_long_kept(Usage(input_tokens=2, cache_read_tokens=9, cache_write_tokens=30, output_tokens=1), 30),
        ),
        (
            {
                "input": 2, "input_cache_creation": 30, "input_cache_creation_5m": 10, "input_cache_creation_1h": 20,
                "output": 1,
            },
            with_long_kept(Usage(input_tokens=2, cache_write_tokens=30, output_tokens=1), 20),
        ),
        ({"promptTokens": "10", "completionTokens": "5"}, Usage(input_tokens=10, output_tokens=5)),
        (
            {"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 4}},
            Usage(input_tokens=6, cache_read_tokens=4, output_tokens=5),
        ),
        ({"input": 10, "output": 5, "unit": "TOKENS", "inputCost": 3}, Usage(input_tokens=10, output_tokens=5)),
        ({"input": 10, "output": 5, "unit": "CHARACTERS"}, None),
        ({"input": 0, "output": 0, "total": 0}, None),
        ({"total": 12}, None),
        ({}, None),
        ('{"input":10,"output":5}', Usage(input_tokens=10, output_tokens=5)),
        ([["input", 10], ["output", 5]], Usage(input_tokens=10, output_tokens=5)),
        ("many", None),
        (None, None),
    ],
)  # fmt: skip
def test_usage(details: Any, expected: Usage | None) -> None:
    assert read_details(details) == expected


def test_usage_in_older_columns() -> None:
    none: dict[str, Any] = {"usageDetails": {}}
    assert one(**none, inputUsage=0, outputUsage=0).metered.usage is None
    assert one(**none, inputUsage=9, outputUsage=1, totalUsage=10).metered.usage == Usage(
        input_tokens=9, output_tokens=1
    )
    assert one(**none, promptTokens=9, completionTokens=1).metered.usage == Usage(input_tokens=9, output_tokens=1)
    assert one(**none, promptTokens=9, completionTokens=1, unit="CHARACTERS").metered.usage is None
    assert one(**none, usage={"input": 9, "output": 1, "unit": None}).metered.usage == Usage(
        input_tokens=9, output_tokens=1
    )


@pytest.mark.parametrize(
    ("changes", "cost"),
    [
        ({}, 0.00003),
        ({"totalCost": 0, "costDetails": {}}, None),  # no price
        ({"totalCost": "0", "costDetails": "{}"}, None),
        ({"totalCost": 0, "costDetails": {"total": 0}}, 0),
        ({"totalCost": None}, 0.00003),
        ({"totalCost": None, "costDetails": {"input": 0.5, "output": 0.25}}, 0.75),
        ({"totalCost": None, "costDetails": {}, "calculatedTotalCost": "0.004"}, 0.004),
    ],
)
def test_cost(changes: dict[str, Any], cost: float | None) -> None:
    assert one(**changes).metered.cost_usd == cost


def test_model_parameters_are_text() -> None:
    given = {
        "temperature": "0.2", "max_tokens": "inf", "top_p": "null", "seed": "", "stop_sequences": '{"arrayValue":{}}',
        "is_stream": "true", "tool_choice": '"auto"', "user": "u", "response_format": '{"type":"json_object"}', "n": 1,
        "frequency_penalty": 0, "maxTokens": -1, "max_completion_tokens": "256",
    }  # fmt: skip
    expected = {
        "temperature": 0.2,
        "tool_choice": "auto",
        "response_format": {"type": "json_object"},
        "frequency_penalty": 0,
        "max_completion_tokens": 256,
    }
    assert one(modelParameters=given).request.params == expected
    assert one(modelParameters=json.dumps(given)).request.params == expected
    stops = {"stop_sequences": {"arrayValue": {"values": [{"stringValue": "END"}]}}}
    assert one(modelParameters=stops).request.params == {"stop": ["END"]}
    asked = {"messages": ASKED, "temperature": 0.9}
    assert one(input=asked, modelParameters=given).request.params["temperature"] == 0.9  # the request itself


def test_labels_sessions_and_ids() -> None:
    traced: dict[str, Any] = {"traceName": "faq"}
    assert one(**traced, promptName="order-lookup", promptVersion=3).use_case == "order-lookup"
    assert one(**traced).use_case == "faq"
    assert one().use_case == "answer"
    assert one(**traced, metadata={"feature": "search"}).use_case == "search"
    assert one(traceName="run.6f8d2449-33ed-4c7c-82e7-5410e34ee4e6").use_case == "run"
    assert one().ids.session is None
    assert one(parentObservationId="root").ids.session == "t1"
    assert one(parentObservationId="root", sessionId="chat").ids.session == "chat"
    assert one(metadata={"attributes": {"gen_ai.conversation.id": "c4"}}).ids.session == "c4"
    assert one(id="time-08-00-00-123_chatcmpl-AB12").ids.response_id == "chatcmpl-AB12"
    assert one(metadata={"attributes": {"gen_ai.response.id": "msg_01"}}).ids.response_id == "msg_01"
    assert one(metadata={"attributes": {"gen_ai.response.id": "run_01"}}).ids.response_id is None


def test_failures() -> None:
    limited = one(level="ERROR", statusMessage="Error code: 429 - slow down", output=None)
    assert (limited.error, limited.not_replayable, limited.answer) == ("Error code: 429 - slow down", None, None)
    refused = one(level="ERROR", statusMessage="Error code: 400 - too long", output=None)
    assert "refused" in str(refused.not_replayable)
    assert one(level="ERROR").error == "logged as an error"
    assert one(level="WARNING", statusMessage="slow").error is None


def test_calls_of_other_models_are_rejected(tmp_path: Path) -> None:
    embedding, tool = read(tmp_path, observation(model="text-embedding-3-small"), observation(type="EMBEDDING"))
    assert isinstance(embedding, Rejection)
    assert isinstance(tool, Rejection)
    assert (embedding.span, tool.span) == ("t1:g1", "t1:g1")
    assert "EMBEDDING" in tool.reason


def test_redacted_text_is_not_asked_again() -> None:
    asked = [{"role": "user", "content": "redacted-by-litellm"}]
    assert "redacted" in str(one(input=asked, output="redacted-by-litellm").not_replayable)
