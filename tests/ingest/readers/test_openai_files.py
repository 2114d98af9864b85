"""OpenAI's own files: responses, batches, stored completions, fine-tuning and traces of the Agents SDK."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.readers.openai_responses import READER
from advisor.ingest.reading import read_log, read_logs
from advisor.ingest.records.bodies import read_answer, read_call, read_messages
from advisor.ingest.records.earlier_turns import with_chains
from advisor.types import Answer, Json, Rejection, Request, Sample, ToolCall, Usage


def samples_of(*paths: Path) -> list[Sample]:
    items = [found.item for found in read_logs([open_log(path) for path in paths])]
    return [item for item in items if isinstance(item, Sample)]


def items_of(tmp_path: Path, *records: Any) -> list[Sample | Rejection]:
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    return [item for _, item in read_log(open_log(path))]


def one(tmp_path: Path, record: Any) -> Sample:
    (item,) = items_of(tmp_path, record)
    assert isinstance(item, Sample), item
    return item


def asked(body: dict[str, Any]) -> tuple[Request, str | None]:
    call = read_call({"model": "gpt-5"} | body, None)
    assert call.request is not None
    return call.request, call.not_replayable


def response(*output: Any, **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"id": "resp_1", "object": "response", "status": "completed", "model": "gpt-5-2025-08-07"}
    body |= {"created_at": 1785442680, "completed_at": 1785442683, "output": list(output), "error": None}
    usage = {"input_tokens": 20, "input_tokens_details": {"cached_tokens": 5}, "output_tokens": 9}
    return body | {"usage": usage | {"output_tokens_details": {"reasoning_tokens": 4}}} | changes


def said(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}


CALL = {"type": "function_call", "call_id": "c1", "name": "look", "arguments": '{"at":1}'}
LOOK = {"type": "function", "name": "look", "description": "Looks.", "parameters": {"type": "object"}, "strict": True}
LOOKED = ToolCall(name="look", arguments='{"at":1}')
NESTED = {"type": "function", "function": {key: value for key, value in LOOK.items() if key != "type"}}


# Each row of a sample that is taken: how many, of these how many cannot be replayed, how many rejected, rows joined.
def test_sample_pairs_of_responses(fixtures: Path) -> None:
    refund, chained, schema, reasoning, hosted = samples_of(fixtures / "samples" / "openai_responses_pairs.jsonl")
    assert [message["role"] for message in refund.request.messages] == [
        "system", "user", "assistant", "tool", "assistant", "user",
    ]  # fmt: skip
    assert refund.request.messages[0]["content"] == "Some rules are loaded on demand."
    assert refund.request.messages[2] == {
        "role": "assistant",
        "content": "Let me read the rules.",
        "tool_calls": [
            {"id": "call_L", "type": "function", "function": {"name": "load_rules", "arguments": '{"id":"refunds"}'}}
        ],
    }
    assert refund.request.messages[3]["tool_call_id"] == "call_L"
    assert [tool["function"]["name"] for tool in refund.request.params["tools"]] == ["load_rules", "lookup_refund"]
    assert refund.answer == Answer(
        text="I'll look at order-2.",
        tool_calls=(ToolCall(name="lookup_refund", arguments='{"order":"order-2"}'),),
        finish_reason="tool_calls",
    )
    assert refund.ids.response_id == f"resp_Wkshp0{'0' * 38}"
    assert (refund.model, refund.metered.latency_s) == ("gpt-5.4-2026-03-05", 1.0)
    assert refund.metered.at == datetime.fromtimestamp(1770109300, UTC)
    assert refund.metered.usage == Usage(input_tokens=156, output_tokens=23)
    assert chained.not_replayable is None, "the earlier call is in the log"
    assert [message["role"] for message in chained.request.messages][-3:] == ["user", "assistant", "tool"]
    assert schema.request.params["response_format"]["type"] == "json_schema"
    assert schema.request.params["response_format"]["json_schema"]["name"] == "Ticket"
    assert schema.request.params["response_format"]["json_schema"]["strict"] is True
    assert [message["role"] for message in reasoning.request.messages] == ["assistant", "user"]
    assert "gAAAA" not in json.dumps(reasoning.request.messages)
    assert reasoning.metered.usage == Usage(input_tokens=20, output_tokens=82, reasoning_tokens=64)
    assert hosted.not_replayable == "it uses the provider's own tool 'code_interpreter', which other models can't run"


def test_sample_responses_with_their_input_items(fixtures: Path) -> None:
    names = ("openai_responses_list_objects.json", "openai_responses_input_items.json")
    refund, weather, chained = samples_of(*(fixtures / "samples" / name for name in names))
    assert refund.request.messages[0]["role"] == "system"
    assert refund.request.messages[-1] == {"role": "user", "content": "And order-2?"}
    assert weather.request.messages[1]["content"] == "Can I ride in Oslo today?"
    assert weather.request.params["tools"][0]["function"]["name"] == "get_weather"
    assert "tool_choice" not in weather.request.params
    assert weather.metered.usage == Usage(input_tokens=73, output_tokens=16)
    assert chained.not_replayable is not None


def test_sample_batch(fixtures: Path) -> None:
    names = ("openai_batch_errors.jsonl", "openai_batch_output.jsonl", "openai_batch_input.jsonl")
    samples = {
        sample.ids.external_id: sample for sample in samples_of(*(fixtures / "samples" / name for name in names))
    }
    assert samples["request-1"].answer is None
    assert samples["request-1"].request.messages == [{"role": "user", "content": "Hello, desk?"}]
    second = samples["request-2"]
    assert second.request.messages == [{"role": "user", "content": "Is it raining?"}]
    assert second.answer == Answer(text="No.", finish_reason="stop")
    assert second.ids.response_id == "chatcmpl-Wkshp006aaaaaaaaaaaaaaaaaaaaa"
    assert second.metered.usage == Usage(input_tokens=24, output_tokens=15)
    assert second.metered.at == datetime(2026, 2, 3, 9, 6, 1, tzinfo=UTC)
    assert (second.metered.latency_s, second.metered.cost_usd) == (None, None)
    expired = samples["request-3"]
    assert expired.error == "This request could not be executed before the completion window expired."
    assert expired.not_replayable is None
    bad = samples["request-bad"]
    assert bad.error == "Error while downloading https://example.com/wheel.jpg."
    assert bad.not_replayable is not None
    assert "import it together with its input file" in bad.not_replayable
    assert samples["ticket-4"].request.params["response_format"]["type"] == "json_schema"
    image = samples["ticket-5"].request.messages[0]["content"][1]
    assert image["image_url"]["url"].startswith("data:image/png;base64,")


def test_sample_stored_completions(fixtures: Path) -> None:
    names = ("openai_stored_completions_messages.json", "openai_stored_completions_list.json")
    haiku, hours, ready = samples_of(*(fixtures / "samples" / name for name in names))
    assert haiku.request.messages == [{"role": "user", "content": "A haiku on wheels."}]
    assert haiku.ids.response_id == "chatcmpl-Wkshp007aaaaaaaaaaaaaaaaaaaaa"
    assert haiku.metered.usage == Usage(input_tokens=13, output_tokens=18)
    assert haiku.metered.at == datetime(2026, 2, 3, 9, 7, 1, tzinfo=UTC)
    assert haiku.request.params == {"temperature": 1.0, "top_p": 1.0, "seed": 4944116822809979527}
    assert [message["role"] for message in hours.request.messages] == ["system", "user"]
    assert hours.use_case is None
    assert [message["role"] for message in ready.request.messages] == ["user", "assistant", "tool"]
    assert ready.use_case == "desk"
    assert ready.request.params["tools"]


def test_sample_traces_of_agents(fixtures: Path) -> None:
    path = fixtures / "samples" / "openai_agents_trace_ingest.jsonl"
    items = [item for _, item in read_log(open_log(path))]
    first = next(item for item in items if isinstance(item, Sample))
    assert first.ids.response_id == f"resp_Own{'7' * 42}"
    assert (first.ids.span, first.ids.parent_span) == ("span_Own1", "span_Own0")
    assert first.ids.session == "trace_Own1"
    assert first.metered.latency_s == pytest.approx(2.533786)
    assert first.metered.usage is None
    agent = next(item for item in items if isinstance(item, Rejection))
    assert (agent.reason, agent.span) == (
        "a span of the kind agent, not a call of a model",
        "span_Own0",
    )


@pytest.mark.parametrize(
    ("request_key", "response_key"),
    [("request", "response"), ("request_body", "response_body"), ("input", "output"), ("body", "response")],
)
@pytest.mark.parametrize("as_text", [False, True])
def test_names_around_a_response(tmp_path: Path, request_key: str, response_key: str, as_text: bool) -> None:
    body: Any = {"model": "gpt-5", "input": "Is it raining?", "instructions": "Be brief.", "store": True}
    came: Any = response(said("Yes."), metadata={"feature": "weather"}, conversation={"id": "conv_1"})
    if as_text:
        body, came = json.dumps(body), json.dumps(came)
    sample = one(tmp_path, {request_key: body, response_key: came, "latency_ms": 1500, "request_id": "r1"})
    assert sample.request == Request(
        messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Is it raining?"}]
    )
    assert sample.answer == Answer(text="Yes.", finish_reason="stop")
    assert sample.metered.usage == Usage(input_tokens=15, cache_read_tokens=5, output_tokens=9, reasoning_tokens=4)
    assert (sample.metered.latency_s, sample.ids.external_id, sample.ids.response_id) == (1.5, "r1", "resp_1")
    assert (sample.use_case, sample.ids.session, sample.not_replayable) == ("weather", "conv_1", None)


def test_settings_get_the_names_of_chat_completions() -> None:
    request, reason = asked({
        "input": "Hi", "max_output_tokens": 50, "temperature": 0, "top_p": 0.5, "parallel_tool_calls": False,
        "reasoning": {"effort": "low", "summary": "auto"}, "tools": [LOOK],
        "tool_choice": {"type": "function", "name": "look"},
        "text": {"verbosity": "low", "format": {"type": "json_schema", "name": "X", "schema": {}, "strict": True}},
        "metadata": {"a": "b"}, "include": ["x"], "truncation": "auto", "user": "u", "stream": True,
        "service_tier": "flex",
    })  # fmt: skip
    assert reason is None
    assert request.params == {
        "max_tokens": 50, "temperature": 0, "top_p": 0.5, "parallel_tool_calls": False, "reasoning_effort": "low",
        "verbosity": "low", "tools": [NESTED], "tool_choice": {"type": "function", "function": {"name": "look"}},
        "response_format": {"type": "json_schema", "json_schema": {"name": "X", "schema": {}, "strict": True}},
        "service_tier": "flex",
    }  # fmt: skip


def test_allowed_tools_and_namespaces() -> None:
    other = LOOK | {"name": "other"}
    choice = {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "look"}]}
    tools = [other, {"type": "namespace", "name": "n", "description": "", "tools": [LOOK]}, LOOK]
    request, _ = asked({"input": "Hi", "tools": tools, "tool_choice": choice})
    assert request.params == {"tools": [NESTED], "tool_choice": "required"}
    request, _ = asked({"input": "Hi", "tools": [], "tool_choice": "auto", "parallel_tool_calls": True})
    assert request.params == {}


def test_items_become_messages() -> None:
    request, reason = asked({
        "instructions": [{"role": "developer", "content": [{"type": "input_text", "text": "Rules."}]}],
        "input": [
            {"role": "user", "content": [
                {"type": "input_text", "text": "See"},
                {"type": "input_image", "image_url": "data:image/png;base64,AA", "detail": "low"},
            ]},
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"},
            CALL,
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look."}]},
            {"type": "function_call", "call_id": "c2", "name": "look", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "one"},
            {"type": "function_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "two"}]},
        ],
    })  # fmt: skip
    assert reason is None
    first, second = (
        {"id": identity, "type": "function", "function": {"name": "look", "arguments": arguments}}
        for identity, arguments in (("c1", '{"at":1}'), ("c2", "{}"))
    )
    assert request.messages == [
        {"role": "developer", "content": "Rules."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "See"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA", "detail": "low"}},
            ],
        },
        {"role": "assistant", "content": "I look.", "tool_calls": [first, second]},
        {"role": "tool", "content": "one", "tool_call_id": "c1"},
        {"role": "tool", "content": "two", "tool_call_id": "c2"},
    ]
    assert read_messages([CALL])[0]["tool_calls"] == [first]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"input": "Hi", "previous_response_id": "resp_0"}, "only the last turn"),
        ({"input": "Hi", "conversation": {"id": "conv_1"}}, "only the last turn"),
        ({"prompt": {"id": "pmpt_1", "version": "2"}}, "a prompt that is kept at the provider"),
        ({"input": "Hi", "tools": [{"type": "web_search_preview"}]}, "own tool 'web_search_preview'"),
        ({"input": "Hi", "tools": [{"type": "mcp", "server_label": "x"}]}, "own tool 'mcp'"),
        ({"input": [{"role": "user", "content": "Hi"}, {"type": "item_reference", "id": "msg_1"}]}, "named by its id"),
        ({"input": [{"role": "user", "content": "Hi"}, {"id": "msg_1"}]}, "named by its id"),
        ({"input": [{"role": "user", "content": "Hi"}, {"type": "file_search_call", "id": "f"}]}, "tool 'file_search'"),
        ({"input": [{"role": "user", "content": "Hi"}, {"type": "compaction", "encrypted_content": "x"}]}, "packed"),
        ({"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "file-1"}]}]}, "a file is attached"),
        ({"input": [{"role": "user", "content": [{"type": "input_image", "file_id": "file-1"}]}]}, "by file id"),
        ({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "https://x/y.png"}]}]}, "a URL"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_again(body: dict[str, Any], reason: str) -> None:
    _, why = asked(body)
    assert why is not None
    assert reason in why


@pytest.mark.parametrize(
    ("body", "answer", "error"),
    [
        (response(said("A"), said("B")), Answer(text="AB", finish_reason="stop"), None),
        (response(CALL), Answer(tool_calls=(LOOKED,), finish_reason="tool_calls"), None),
        (
            response({"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}),
            Answer(text="No.", finish_reason="stop"), None,
        ),
        (
            response(said("Cut"), status="incomplete", incomplete_details={"reason": "max_output_tokens"}),
            Answer(text="Cut", finish_reason="length"), None,
        ),
        (
            response(status="incomplete", incomplete_details={"reason": "content_filter"}),
            Answer(text="", finish_reason="content_filter"), None,
        ),
        (response(status="failed", error={"code": "server_error", "message": "Oops"}), None, "Oops"),
        (response(status="cancelled"), None, "the response is logged as cancelled"),
        (response(status="queued"), None, "the response had not finished when it was logged"),
        ({"output": [], "object": "response", "output_text": "Kept"}, Answer(text="Kept"), None),
        ([said("Bare")], Answer(text="Bare"), None),
        (said("Bare"), Answer(text="Bare"), None),
        ({"type": "response.completed", "response": response(said("A"))}, Answer(text="A", finish_reason="stop"), None),
    ],
)  # fmt: skip
def test_replies(body: Json, answer: Answer | None, error: str | None) -> None:
    reply = read_answer(body)
    assert (reply.answer, reply.error) == (answer, error)


def test_a_failure_that_blames_the_request_is_not_asked_again(tmp_path: Path) -> None:
    error = {"code": "image_too_large", "message": "Too large"}
    blamed, overloaded = items_of(
        tmp_path,
        {"request": {"model": "gpt-5", "input": "Hi"}, "response": response(status="failed", error=error)},
        {
            "request": {"model": "gpt-5", "input": "Hi"},
            "status": 429,
            "response": {"error": {"message": "Slow down", "type": "requests", "code": "rate_limit_exceeded"}},
        },
    )
    assert isinstance(blamed, Sample)
    assert isinstance(overloaded, Sample)
    assert (blamed.error, blamed.not_replayable) == ("Too large", "the logged request was refused by the provider")
    assert (overloaded.error, overloaded.not_replayable, overloaded.answer) == ("Slow down", None, None)


def stream(*events: dict[str, Any]) -> str:
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)


BEGUN = {"type": "response.created", "response": response(status="in_progress", usage=None, completed_at=None)}
PIECES = (
    {"type": "response.output_item.added", "output_index": 0, "item": {"type": "message", "content": []}},
    {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "Hel"},
    {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "lo"},
    {"type": "response.output_item.added", "output_index": 1, "item": CALL | {"arguments": ""}},
    {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": '{"at"'},
    {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": ":1}"},
)
BOTH = Answer(text="Hello", tool_calls=(LOOKED,), finish_reason=None)


@pytest.mark.parametrize("as_events", [False, True])
def test_streams(tmp_path: Path, as_events: bool) -> None:
    done = {"type": "response.completed", "response": response(said("Hello"))}
    empty = {"type": "response.completed", "response": response()}  # some gateways leave the output out at the end
    failed = {"type": "response.failed", "response": response(status="failed", error={"code": "x", "message": "Oops"})}
    error = {"type": "error", "code": "server_error", "message": "Broken", "param": None}
    streams = [(BEGUN, *PIECES, last) for last in (done, empty, failed, error)] + [(BEGUN, *PIECES)]
    records = [
        {"request": {"model": "gpt-5", "input": "Hi", "stream": True}, "response": list(s) if as_events else stream(*s)}
        for s in streams
    ]
    items = items_of(tmp_path, *records)
    whole, pieced, broken, errored, torn = (item for item in items if isinstance(item, Sample))
    assert whole.answer == Answer(text="Hello", finish_reason="stop")
    assert (whole.metered.latency_s, whole.metered.usage and whole.metered.usage.cache_read_tokens) == (3.0, 5)
    assert pieced.answer == Answer(text="Hello", tool_calls=BOTH.tool_calls, finish_reason="tool_calls")
    assert broken.error == "Oops"
    assert errored.error == "Broken"
    assert (torn.error, torn.answer, torn.metered.usage) == ("the recorded stream was cut off", BOTH, None)
    assert torn.ids.response_id == "resp_1"


def test_a_flat_record_with_its_input(tmp_path: Path) -> None:
    sample = one(tmp_path, response(said("Yes."), input=[{"role": "user", "content": "Hi"}], instructions="Be brief."))
    assert [message["content"] for message in sample.request.messages] == ["Be brief.", "Hi"]
    assert sample.not_replayable is None


def test_a_response_alone_keeps_its_instructions_and_tools(tmp_path: Path) -> None:
    sample = one(tmp_path, response(said("Yes."), instructions="Be brief.", tools=[LOOK], tool_choice="auto"))
    assert sample.request == Request(messages=[{"role": "system", "content": "Be brief."}], params={"tools": [NESTED]})
    assert sample.not_replayable is not None
    assert "does not hold the prompt" in sample.not_replayable


def test_a_polled_response_counts_once(tmp_path: Path) -> None:
    (sample,) = items_of(tmp_path, response(said("Yes.")), response(status="in_progress"))
    assert isinstance(sample, Sample)
    assert (sample.error, sample.answer) == (None, Answer(text="Yes.", finish_reason="stop"))


def page(*data: Any, has_more: bool = False, **more: Any) -> dict[str, Any]:
    return {"object": "list", "data": list(data), "first_id": None, "last_id": None, "has_more": has_more} | more


U1, A1, U2 = ({"id": f"msg_{n}", "type": "message", "role": role, "content": [{"type": "input_text", "text": n}]}
              for n, role in (("u1", "user"), ("a1", "assistant"), ("u2", "user")))  # fmt: skip
RESULT = {"id": "fco_1", "type": "function_call_output", "call_id": "c1", "output": "one"}


@pytest.mark.parametrize(
    ("pages", "texts"),
    [
        ([page(U2, A1, U1)], ["u1", "a1", "u2"]),  # as the API gives it by default
        ([{"object": "list", "data": [U1, A1, U2], "has_more": False}], ["u1", "a1", "u2"]),  # written by hand
        ([page(U1, {**CALL, "id": "fc_1"}, RESULT)], ["u1", "", "one"]),  # asked for with order=asc
        ([page(RESULT, {**CALL, "id": "fc_1"}, U1)], ["u1", "", "one"]),
        ([page(U2, A1, has_more=True), page(A1, U1)], ["u1", "a1", "u2"]),  # two pages, one item on both
    ],
)
def test_input_items_come_in_either_order(tmp_path: Path, pages: list[dict[str, Any]], texts: list[str]) -> None:
    (sample,) = items_of(tmp_path, page(response(said("Yes."))), *({"resp_1": each} for each in pages))
    assert isinstance(sample, Sample)
    assert [message["content"] for message in sample.request.messages] == texts
    assert (sample.not_replayable is not None) == ("" in texts), "what tools there were isn't told"


def test_input_items_that_are_not_whole_or_not_named(tmp_path: Path) -> None:
    sample, unnamed = items_of(tmp_path, page(U1), page(response(said("Yes."))), {"resp_1": page(U1, has_more=True)})
    if isinstance(sample, Rejection):
        sample, unnamed = unnamed, sample
    assert isinstance(sample, Sample)
    assert sample.not_replayable == "only some of the input items are in the log; export all pages of them"
    assert isinstance(unnamed, Rejection)
    assert "without the id of their response" in unnamed.reason


def test_chained_calls_get_the_turns_before_them() -> None:
    tools = {"tools": [LOOK], "model": "gpt-5"}
    rows: list[tuple[int, Any]] = [
        (1, {"request": tools | {"input": "Hi", "instructions": "Old."}, "response": response(CALL)}),
        (2, {"request": tools | {"input": [RESULT], "previous_response_id": "resp_1", "instructions": "New."},
             "response": stream({"type": "response.completed", "response": response(said("Done"), id="resp_2")})}),
        (3, {"request": tools | {"input": "More", "previous_response_id": "resp_2"}, "response": response()}),
        (4, {"request": tools | {"input": "Lost", "previous_response_id": "resp_9"}, "response": response()}),
        (5, Rejection(row=5, reason="not JSON")),
        (6, {"messages": [{"role": "user", "content": "Hi"}]}),
    ]  # fmt: skip
    found = list(with_chains(rows))
    assert [number for number, _ in found] == [1, 2, 3, 4, 5, 6]
    assert found[4:] == rows[4:]
    second, third, lost = (READER.read(record) for _, record in found[1:4] if isinstance(record, dict))
    assert [message["content"] for message in second.request.messages] == ["New.", "Hi", "", "one"]
    assert [message["content"] for message in third.request.messages] == ["Hi", "", "one", "Done", "More"]
    assert (second.not_replayable, third.not_replayable) == (None, None)
    assert lost.not_replayable is not None


@pytest.mark.parametrize(
    "record",
    [
        {"request": {"model": "text-embedding-3-small", "input": "Hi"}, "response": {"object": "list", "data": []}},
        {"request": {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}, "response": {"choices": []}},
        {"model": "gpt-4o", "input": "Hi", "output": "Hello"},
        {"input": [{"role": "user", "content": "Hi"}], "output": "Hello"},
        {"request": {"model": "m", "input": "Hi"}, "url": "/v1/embeddings", "response": {}},
        {"request": {"model": "claude-x", "messages": []}, "response": {"type": "message", "content": []}},
        {"response": 'data: {"object":"chat.completion.chunk","choices":[{"delta":{"content":"\\"response."}}]}\n\n'},
    ],
)
def test_other_records_are_not_taken_for_responses(record: dict[str, Any]) -> None:
    assert not READER.matches(record)


def line(identity: Any, body: Any, url: str = "/v1/chat/completions") -> dict[str, Any]:
    return {"custom_id": identity, "method": "POST", "url": url, "body": body}


def result(identity: Any, body: Any, status: int = 200, error: Any = None) -> dict[str, Any]:
    came = {"status_code": status, "request_id": "r", "body": body}
    return {"id": "batch_req_1", "custom_id": identity, "response": came, "error": error}


def completion(text: str, **changes: Any) -> dict[str, Any]:
    choices = [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1711475054,
        "model": "gpt-4o",
        "choices": choices,
    }
    return body | changes


CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}


def test_batches_of_all_kinds_of_calls(tmp_path: Path) -> None:
    text = {"id": "cmpl-1", "object": "text_completion", "choices": [{"text": " there", "finish_reason": "stop"}]}
    embedding = {"object": "list", "data": [{"object": "embedding", "embedding": [0.1]}]}
    azure = {key: value for key, value in line(2, CHAT).items() if key != "method"} | {"url": "/chat/completions"}
    items = items_of(
        tmp_path,
        line("responses", {"model": "gpt-5", "input": "Hi", "metadata": {"task": "greet"}}, "/v1/responses"),
        line("text", {"model": "davinci-002", "prompt": "Hello", "max_tokens": 5, "logprobs": 1}, "/v1/completions"),
        line("embed", {"model": "text-embedding-3-small", "input": "Hi"}, "/v1/embeddings"),
        line("moderate", {"model": "omni-moderation-latest", "input": "Hi"}, "/v1/moderations"),
        azure,
        result("text", text),
        result("embed", embedding),
        result("lone", embedding),
        result("2", completion("Hey")),
        result("responses", response(said("Yes."))),
    )
    by_id = {item.ids.external_id: item for item in items if isinstance(item, Sample)}
    assert set(by_id) == {"responses", "text", "2"}
    assert by_id["responses"].answer == Answer(text="Yes.", finish_reason="stop")
    assert (by_id["responses"].use_case, by_id["responses"].metered.latency_s) == ("greet", None)
    assert by_id["text"].request.messages == [{"role": "user", "content": "Hello"}]
    assert by_id["text"].request.params == {"max_tokens": 5, "service_tier": "batch"}
    assert by_id["text"].answer == Answer(text=" there", finish_reason="stop")
    assert by_id["2"].answer == Answer(text="Hey", finish_reason="stop")
    assert sorted(item.reason for item in items if isinstance(item, Rejection)) == [
        "a call of embeddings, not of a chat model",
        "a call of embeddings, not of a chat model",
        "a call of moderations, not of a chat model",
    ]


def test_a_batch_line_that_was_answered_twice(tmp_path: Path) -> None:
    expired = {"id": "b", "custom_id": "a", "response": None, "error": {"code": "batch_expired", "message": "Expired"}}
    failed = {"error": {"message": "Oops", "type": "server_error"}}
    good, bad, unclear = items_of(
        tmp_path,
        line("a", CHAT),
        line("b", CHAT),
        line("c", CHAT),
        result("a", completion("First")),
        expired,
        result("b", failed, status=500),
        line("c", CHAT | {"temperature": 1}),
        result("c", completion("Which?")),
    )
    assert isinstance(good, Sample)
    assert isinstance(bad, Sample)
    assert isinstance(unclear, Sample)
    assert (good.answer and good.answer.text, good.error) == ("First", None)
    assert (bad.error, bad.not_replayable) == ("Oops", None)
    assert unclear.not_replayable is not None
    assert "several batches use its custom_id" in unclear.not_replayable


def test_stored_messages_in_every_container(tmp_path: Path) -> None:
    def message(number: int, role: str, content: str | None, **more: Any) -> dict[str, Any]:
        return {"id": f"chatcmpl-1-{number}", "role": role, "content": content, "name": None} | more

    parts = [{"type": "text", "text": "See"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]
    first, second = message(0, "system", "Rules."), message(1, "user", None, content_parts=parts)
    echoed = message(2, "assistant", "Yes.")
    stored = completion("Yes.", metadata={"route": "eyes"}, input_user=None, temperature=0, tools=None)
    containers: list[list[Any]] = [
        [stored, first, second],
        [second, first, stored],
        [page(stored), page(first, second)],
        [page(stored), page(first, second, echoed)],
        [page(first, has_more=True), page(second), stored],
        [stored, {"chatcmpl-1": page(first, second)}],
        [stored, {"chatcmpl-1": [first, second]}],
    ]
    for records in containers:
        (sample,) = items_of(tmp_path, *records)
        assert isinstance(sample, Sample)
        assert sample.request.messages == [
            {"role": "system", "content": "Rules."},
            {"role": "user", "content": parts},
        ]
        assert sample.request.params == {"temperature": 0}
        assert (sample.use_case, sample.not_replayable) == ("eyes", None)
    (lacking,) = items_of(tmp_path, stored, second)
    assert isinstance(lacking, Sample)
    assert lacking.not_replayable == "some messages are missing; export all pages of the messages"


def test_fine_tuning_rows(tmp_path: Path) -> None:
    def turn(role: str, content: str, **more: Any) -> dict[str, Any]:
        return {"role": role, "content": content} | more

    weighted, preferred, legacy = items_of(
        tmp_path,
        {
            "messages": [
                turn("user", "One"),
                turn("assistant", "Uno", weight=1),
                turn("user", "Two"),
                turn("assistant", "Tres", weight=0),
            ]
        },
        {
            "input": {"messages": [turn("user", "Hi")], "tools": [NESTED], "parallel_tool_calls": True},
            "preferred_output": [turn("assistant", "Hello!")],
            "non_preferred_output": [turn("assistant", "What?")],
        },
        {
            "messages": [
                turn("user", "Look"),
                turn("assistant", "", function_call={"name": "look", "arguments": "{}"}),
            ],
            "functions": [NESTED["function"]],
        },
    )
    pair = one(tmp_path, {"prompt": "Good day ->", "completion": " hello\n"})
    for item in (weighted, pair, preferred, legacy):
        assert isinstance(item, Sample)
        assert (item.reference, item.not_replayable) == (None, None)
    assert isinstance(weighted, Sample)
    assert weighted.request.messages == [turn("user", "One")]
    assert weighted.answer == Answer(text="Uno")
    assert (pair.request.messages, pair.answer) == ([turn("user", "Good day ->")], Answer(text=" hello\n"))
    assert isinstance(preferred, Sample)
    assert preferred.answer == Answer(text="Hello!")
    assert preferred.request.params == {"tools": [NESTED], "parallel_tool_calls": True}
    assert isinstance(legacy, Sample)
    assert legacy.answer is not None
    assert legacy.answer.tool_calls == (ToolCall(name="look", arguments="{}"),)
    assert legacy.request.params == {"tools": [NESTED]}


def span(kind: str, **data: Any) -> dict[str, Any]:
    times = {"started_at": "2025-08-15T17:56:01+00:00", "ended_at": "2025-08-15T17:56:03.500000+00:00"}
    names = {"object": "trace.span", "id": f"span_{kind}", "trace_id": "trace_1", "parent_id": "span_agent"}
    return names | times | {"span_data": {"type": kind, **data}, "error": None}


def test_spans_of_agents(tmp_path: Path) -> None:
    hi = [{"role": "system", "content": "Rules."}, {"role": "user", "content": "Hi"}]
    tool_call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    trace = {"object": "trace", "id": "trace_1", "workflow_name": "Refunds", "group_id": "chat-7", "metadata": None}
    settings = {"temperature": 0.2, "base_url": "x", "extra_body": None, "max_tokens": None}
    generation = span(
        "generation", input=hi, output=[{"role": "assistant", "content": "Hello!"}], model="gpt-4o",
        model_config=settings, usage={"input_tokens": 12, "output_tokens": 3},
    )  # fmt: skip
    calling = span("generation", input=hi, output=[{"role": "assistant", "content": None, "tool_calls": [tool_call]}])
    full = span("response", response_id="resp_1", input="Hi", response=response(said("Yes."), instructions="Rules."))
    rejected, taken, lacking, traced, failed = items_of(
        tmp_path,
        {"data": [trace, generation, calling]},
        full,
        span("response", response_id=None) | {"error": {"message": "Error getting response", "data": {}}},
    )
    assert isinstance(rejected, Rejection)
    assert rejected.reason == "a trace, not a call of a model"
    assert isinstance(taken, Sample)
    assert taken.request == Request(messages=hi, params={"temperature": 0.2})
    assert taken.answer == Answer(text="Hello!")
    assert (taken.use_case, taken.ids.session, taken.model, taken.metered.latency_s) == (
        "Refunds",
        "chat-7",
        "gpt-4o",
        2.5,
    )
    assert taken.metered.usage == Usage(input_tokens=12, output_tokens=3)
    assert taken.not_replayable is None
    assert isinstance(lacking, Sample)
    assert lacking.not_replayable == "it calls tools that the log does not describe"
    assert isinstance(traced, Sample)
    assert [message["content"] for message in traced.request.messages] == ["Rules.", "Hi"]
    assert (traced.ids.response_id, traced.metered.latency_s, traced.not_replayable) == ("resp_1", 2.5, None)
    assert isinstance(failed, Sample)
    assert failed.error == "Error getting response"


ODD: tuple[Any, ...] = (None, 7, 1.5, True, "", "text", [], {}, [None], [[]], [1, "a"], {"x": None}, {"id": 5})


@pytest.mark.parametrize(
    "record",
    [
        {
            "request": {"model": "gpt-5", "input": [CALL, RESULT], "tools": [LOOK]},
            "response": response(said("A"), CALL),
        },
        response(said("Yes."), CALL, input=[U1], instructions="Rules.", tools=[LOOK], text={"format": {}}),
        {"resp_1": page(U1, CALL, RESULT)},
        line("a", CHAT),
        result("a", completion("Hi")),
        completion("Hi", metadata={}),
        page({"id": "chatcmpl-1-0", "role": "user", "content": "Hi"}),
        span("generation", input=[{"role": "user", "content": "Hi"}], output=[{"role": "assistant"}], model_config={}),
        span("response", response_id="resp_1", input="Hi", response=response(said("A"))),
        {"input": CHAT, "preferred_output": [{"role": "assistant", "content": "A"}]},
        {"messages": [{"role": "user", "content": "A"}, {"role": "assistant", "content": "B", "weight": 1}]},
        {"request": {"model": "gpt-5", "input": "Hi"}, "response": [BEGUN, *PIECES]},
    ],
    ids=lambda record: ",".join(list(record)[:3]),
)
def test_odd_values_never_stop_the_import(tmp_path: Path, record: dict[str, Any]) -> None:
    spoilt = [changed for odd in ODD for changed in _spoilt(record, odd)]
    items = items_of(tmp_path, record, *spoilt)
    assert items
    for item in items:
        assert isinstance(item, Sample | Rejection)


def _spoilt(value: Any, odd: Any) -> list[Any]:
    """The value with every place in it set to something odd, one at a time."""
    if isinstance(value, dict):
        inner = [value | {key: each} for key, kept in value.items() for each in [odd, *_spoilt(kept, odd)]]
        return [each for each in inner if each]
    if isinstance(value, list):
        return [
            [*value[:at], each, *value[at + 1 :]]
            for at, kept in enumerate(value)
            for each in [odd, *_spoilt(kept, odd)]
        ]
    return []
