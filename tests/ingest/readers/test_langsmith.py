"""Runs of LangSmith, as its SDK, API, UI and bulk export write them, and bodies of its ingest."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log, read_logs
from advisor.types import Rejection, Sample, ToolCall, Usage

START, END = "2025-03-01T10:00:00", "2025-03-01T10:00:02.500000"


def run(**given: Any) -> dict[str, Any]:
    """One finished run of a model, whose times have no zone."""
    return {
        "id": "run-1", "name": "ChatOpenAI", "run_type": "llm", "start_time": START, "end_time": END,
        "trace_id": "trace-1", "inputs": {"messages": [{"role": "user", "content": "Hi"}], "model": "gpt-4o"},
        "outputs": {"choices": [{"message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}]},
    } | given  # fmt: skip


def items(path: Path, *rows: dict[str, Any]) -> list[Sample | Rejection]:
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return [item for _, item in read_log(open_log(path))]


def sample(path: Path, row: dict[str, Any]) -> Sample:
    (item,) = items(path, row)
    assert isinstance(item, Sample), item
    return item


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "runs.jsonl"


def test_runs_of_the_sdk(fixtures: Path) -> None:
    log = open_log(fixtures / "samples" / "langsmith_runs.jsonl")
    assert log.format == "langsmith"
    found = [item for _, item in read_log(log)]
    samples = [item for item in found if isinstance(item, Sample)]
    (chain,) = (item for item in found if isinstance(item, Rejection))
    root = "00000000-0000-4000-8000-00000000004d"
    assert (len(samples), chain.row, chain.span) == (7, 2, root)
    assert "chain" in chain.reason
    wrapped, first, second, calling = samples[:4]
    assert wrapped.request.messages == [{"role": "user", "content": "hi there"}]
    assert wrapped.answer
    assert wrapped.answer.text == "Hi, what can I fix?"
    assert wrapped.metered.usage == Usage(input_tokens=9, output_tokens=8)
    assert wrapped.metered.cost_usd == pytest.approx(0.00000675)
    assert wrapped.metered.latency_s == pytest.approx(1.118333)
    assert wrapped.ids.response_id == "chatcmpl-Wkshp900aaaaaaaaaaaaaaaaaaaaa"
    assert wrapped.model == "gpt-4o-mini-2024-07-18"
    assert wrapped.use_case is None  # the run is named after its class, the project "default"
    assert [message["role"] for message in first.request.messages] == ["system", "user"]
    assert (first.use_case, first.ids.session, first.ids.parent_span) == ("desk-answer", "thread-0", root)
    assert first.metered.at == datetime(2026, 2, 3, 9, 0, 0, 200000, tzinfo=UTC)
    assert [message["role"] for message in second.request.messages] == ["user", "assistant", "tool"]
    call = second.request.messages[1]["tool_calls"][0]
    assert json.loads(call["function"]["arguments"]) == {"ticket": "R-77"}
    assert second.request.messages[2]["tool_call_id"] == call["id"]
    assert [tool["function"]["name"] for tool in second.request.params["tools"]] == ["find_repair", "cancel_repair"]
    assert second.request.params.keys() == {"tools"}
    assert calling.answer is not None
    assert calling.answer.text is None
    assert calling.answer.tool_calls == (ToolCall(name="find_repair", arguments='{"ticket":"R-77"}'),)
    assert calling.answer.finish_reason == "tool_calls"
    assert samples[5].request.params == {"temperature": 0.7}
    failed = samples[-1]
    assert failed.error == "RateLimitError(\"Error code: 429 - {'error': {'message': 'Rate limit reached'}}\")"
    assert (failed.answer, failed.not_replayable) == (None, None)


def test_a_body_of_the_ingest_is_one_run(fixtures: Path) -> None:
    (found,) = read_logs([open_log(fixtures / "samples" / "langsmith_ingest_post_patch.json")])
    assert isinstance(found.item, Sample)
    assert found.joined == 1
    assert found.item.answer
    assert found.item.answer.text == "Hi, what can I fix?"
    assert found.item.metered.latency_s == pytest.approx(1.118333)
    assert found.item.metered.usage == Usage(input_tokens=9, output_tokens=8)


def test_the_start_and_the_end_lie_in_bodies_of_their_own(log: Path) -> None:
    began = run(extra={"metadata": {"session_id": "t-9", "feature": "old"}, "runtime": {}}, outputs={})
    del began["end_time"]
    ended = {"id": "run-1", "end_time": END, "outputs": run()["outputs"], "extra": {"metadata": {"feature": "greeter"}}}
    chain = {"id": "c", "run_type": "chain", "name": "RunnableSequence", "inputs": {}, "start_time": START}
    found = items(log, {"patch": [ended]}, {"post": [began, chain], "patch": []})
    (joined,) = (item for item in found if isinstance(item, Sample))
    assert joined.answer
    assert joined.answer.text == "Hello"
    assert (joined.ids.session, joined.use_case, joined.metered.latency_s) == ("t-9", "greeter", 2.5)
    assert [item.span for item in found if isinstance(item, Rejection)] == ["c"]


def test_an_end_without_its_start_has_no_prompt(log: Path) -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 1}
    kept, refused = items(
        log,
        {"patch": [{"id": "a", "end_time": END, "outputs": run()["outputs"] | {"usage": usage}}]},
        {"patch": [{"id": "b", "end_time": END, "outputs": {}}]},
    )
    assert isinstance(kept, Sample)
    assert kept.not_replayable == "the log does not hold the prompt"
    assert kept.metered.usage == Usage(input_tokens=3, output_tokens=1)
    assert isinstance(refused, Rejection)


@pytest.mark.parametrize("kind", ["chain", "tool", "retriever", "embedding", "prompt", "parser", "CHAIN"])
def test_other_runs_are_spans(log: Path, kind: str) -> None:
    (found,) = items(log, run(run_type=kind, parent_run_id="above"))
    assert isinstance(found, Rejection)
    assert (found.span, found.parent_span) == ("run-1", "above")
    assert kind.lower() in found.reason


@pytest.mark.parametrize(
    ("inputs", "messages"),
    [
        ({"prompts": ["Human: Hi"]}, [("user", "Human: Hi")]),
        ({"messages": [{"type": "human", "data": {"content": "Hi"}}]}, [("user", "Hi")]),
        ({"messages": [[{"type": "system", "content": "Be brief"}, {"type": "human", "content": "Hi"}]]}, [
            ("system", "Be brief"), ("user", "Hi"),
        ]),
        ({"kwargs": {"messages": [{"role": "user", "content": "Hi"}], "temperature": 0}}, [("user", "Hi")]),
        ({"model": "gpt-4o", "input": "Hi", "instructions": "Be brief"}, [("system", "Be brief"), ("user", "Hi")]),
        ({"question": "Hi"}, [("user", "Hi")]),
        ({"model": "claude-3-5-haiku-20241022", "max_tokens": 9, "system": "Be brief", "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        ]}, [("system", "Be brief"), ("user", "Hi")]),
    ],
)  # fmt: skip
def test_inputs(log: Path, inputs: dict[str, Any], messages: list[tuple[str, str]]) -> None:
    found = sample(log, run(inputs=inputs))
    assert [(message["role"], message["content"]) for message in found.request.messages] == messages
    assert found.not_replayable is None


@pytest.mark.parametrize(
    "outputs",
    [
        {"generations": [[{"text": "Hello"}]]},
        {"generations": [{"text": "Hello", "message": {"type": "ai", "data": {"content": "Hello"}}}]},
        {"message": {"role": "assistant", "content": "Hello"}},
        {"output": "Hello"},
        {"output": {"lc": 1, "id": ["langchain", "schema", "AIMessage"], "kwargs": {"content": "Hello"}}},
        {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "Hello"}], "type": "message"},
    ],
)
def test_outputs(log: Path, outputs: dict[str, Any]) -> None:
    found = sample(log, run(outputs=outputs))
    assert found.answer
    assert found.answer.text == "Hello"


@pytest.mark.parametrize(
    "where",
    [
        {"outputs": run()["outputs"] | {"usage_metadata": {
            "input_tokens": 10, "output_tokens": 4, "input_token_details": {"cache_read": 6},
            "output_token_details": {"reasoning": 1},
        }}},
        {"outputs": {"generations": [[{"text": "Hello"}]], "llm_output": {"token_usage": {
            "prompt_tokens": 10, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 6},
            "completion_tokens_details": {"reasoning_tokens": 1},
        }}}},
        {"outputs": {"generations": [[{"text": "Hello", "message": {"type": "ai", "data": {
            "content": "Hello", "usage_metadata": {
                "input_tokens": 10, "output_tokens": 4, "input_token_details": {"cache_read": 6},
                "output_token_details": {"reasoning": 1},
            },
        }}}]]}},
        {"prompt_tokens": 10, "completion_tokens": 4, "prompt_token_details": {"cache_read": 6},
         "completion_token_details": {"reasoning": 1}},
    ],
)  # fmt: skip
def test_the_four_places_of_usage(log: Path, where: dict[str, Any]) -> None:
    found = sample(log, run(**where))
    assert found.metered.usage == Usage(input_tokens=4, cache_read_tokens=6, output_tokens=4, reasoning_tokens=1)


@pytest.mark.parametrize(
    ("extra", "tags", "name", "expected"),
    [
        ({"lc_hub_repo": "answerer", "feature": "billing"}, ["route:x"], "ChatOpenAI", "answerer"),
        ({"use_case": "refunds", "lc_hub_repo": "answerer"}, [], "ChatOpenAI", "refunds"),
        ({"feature": "billing"}, ["prod"], "ChatOpenAI", "billing"),
        ({}, ["seq:step:2", "user:17", "route:helpdesk"], "ChatOpenAI", "helpdesk"),
        ({}, ["prod", "triage"], "ChatAnthropic", "triage"),
        ({}, ["seq:step:2", "prod"], "AzureChatOpenAI", None),
        ({}, [], "summarise_ticket", "summarise_ticket"),
        ({"langgraph_node": "planner"}, [], "ChatOpenAI", "planner"),
    ],
)
def test_what_the_call_was_for(
    log: Path, extra: dict[str, Any], tags: list[str], name: str, expected: str | None
) -> None:
    assert sample(log, run(extra={"metadata": extra}, tags=tags, name=name)).use_case == expected


def test_sessions_are_threads_and_never_the_project(log: Path) -> None:
    project = run(session_id="the-project", extra={"metadata": {"thread_id": "t-1"}})
    alone = run(session_id="the-project")
    assert [found.ids.session for found in items(log, project, alone) if isinstance(found, Sample)] == [
        "t-1",
        "trace-1",
    ]


def test_times_and_costs(log: Path) -> None:
    found = sample(log, run(first_token_time="2025-03-01T10:00:00.750", total_cost="0.00123"))
    assert found.metered.at == datetime(2025, 3, 1, 10, tzinfo=UTC)
    assert (found.metered.latency_s, found.metered.ttft_s, found.metered.cost_usd) == (2.5, 0.75, 0.00123)
    streamed = run(events=[{"name": "start", "time": START}, {"name": "new_token", "time": "2025-03-01T10:00:01"}])
    assert sample(log, streamed).metered.ttft_s == 1
    assert sample(log, run(prompt_cost="0.001", completion_cost="0.002")).metered.cost_usd == pytest.approx(0.003)


def test_the_parent_is_told_in_three_ways(log: Path) -> None:
    order = "20250301T100000000000Zroot.20250301T100001000000Zmiddle.20250301T100002000000Zrun-1"
    rows = [run(parent_run_id="p"), run(parent_run_ids=["root", "p"]), run(dotted_order=order)]
    found = [item.ids.parent_span for item in items(log, *rows) if isinstance(item, Sample)]
    assert found == ["p", "p", "middle"]


@pytest.mark.parametrize("apart", [{"inputs_s3_urls": {"ROOT": {"presigned_url": "x"}}}, {"inputs_preview": "Hi…"}])
def test_inputs_that_are_stored_elsewhere(log: Path, apart: dict[str, Any]) -> None:
    found = sample(log, run(inputs={}, prompt_tokens=7, completion_tokens=1) | apart)
    assert found.not_replayable is not None
    assert "stored outside" in found.not_replayable
    assert found.metered.usage == Usage(input_tokens=7, output_tokens=1)


def test_a_request_that_was_to_blame_is_not_asked_again(log: Path) -> None:
    text = "BadRequestError(\"Error code: 400 - {'error': {'type': 'invalid_request_error'}}\")\n\nTraceback (most"
    found = sample(log, run(error=text, status="error", outputs=None))
    assert found.not_replayable == "the logged request was refused by the provider"
    assert found.error is not None
    assert "Traceback" not in found.error


def test_parameters_of_other_vendors_become_openais(log: Path) -> None:
    langchain = [[{"type": "human", "content": "Hi"}]]
    params = {
        "model": "claude-3-5-haiku-20241022", "max_tokens": 99, "stop_sequences": ["\n"], "_type": "anthropic-chat",
        "tools": [{"name": "look", "description": "Looks", "input_schema": {"type": "object", "properties": {}}}],
    }  # fmt: skip
    found = sample(log, run(inputs={"messages": langchain}, extra={"invocation_params": params}))
    assert found.request.params["max_tokens"] == 99
    assert found.request.params["stop"] == ["\n"]
    assert found.request.params["tools"][0]["function"]["name"] == "look"
    assert "_type" not in found.request.params
    wrapped = sample(log, run(extra={"invocation_params": {"model_name": "gpt-4o", "_type": "x", "temperature": 1}}))
    assert wrapped.request.params == {"temperature": 1}


@pytest.mark.parametrize("spell", [json.dumps, repr])
def test_a_csv_with_values_in_its_cells(tmp_path: Path, spell: Any) -> None:
    path = tmp_path / "runs.csv"
    row = run(total_cost="0.5", tags=["triage"], extra={"metadata": {"thread_id": "t"}}, error="")
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow([key.title() if key == "name" else key for key in row])
        table.writerow([value if isinstance(value, str) else spell(value) for value in row.values()])
    log = open_log(path)
    assert log.format == "langsmith"
    ((_, found),) = read_log(log)
    assert isinstance(found, Sample)
    assert found.request.messages == [{"role": "user", "content": "Hi"}]
    assert found.answer
    assert found.answer.text == "Hello"
    assert (found.use_case, found.ids.session, found.metered.cost_usd, found.error) == ("triage", "t", 0.5, None)


def test_a_page_of_the_api(tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    path.write_text(json.dumps({"runs": [run(), run(id="run-2")], "cursors": {"next": "x"}}))
    assert [item.ids.external_id for _, item in read_log(open_log(path)) if isinstance(item, Sample)] == [
        "run-1",
        "run-2",
    ]
