"""The direct client against a real server: what it sends, reads, times, and how it fails."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from advisor.errors import CallError
from advisor.llm.opening import open_client
from advisor.types import Answer, FailureKind, Generation, Model, Request, ToolCall, Usage
from tests.server import TEXT, UNICODE_TEXT, MisbehavingServer

TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
KEY = "example-key-9b1d6f"


def ask(
    server: MisbehavingServer,
    behaviour: str,
    *,
    stream: bool = False,
    timeout_s: float = 30.0,
    content: Any = "Hello",
    model: dict[str, Any] | None = None,
    **params: Any,
) -> Generation:
    async def call() -> Generation:
        options = {"litellm_id": f"openai/{behaviour}", "api_base": server.url, **(model or {})}
        client = open_client(Model(name="m", **options))
        request = Request(messages=[{"role": "user", "content": content}], params=params)
        try:
            return await client.complete(request, stream=stream, timeout_s=timeout_s)
        finally:
            await client.close()

    return asyncio.run(call())


@pytest.mark.parametrize("stream", [False, True])
def test_text_and_usage(server: MisbehavingServer, stream: bool) -> None:
    before = datetime.now(UTC)
    generation = ask(server, "ok", stream=stream)
    assert generation.answer is not None
    assert generation.answer.text == TEXT
    assert generation.answer.finish_reason == "stop"
    assert generation.usage == Usage(input_tokens=12, cache_read_tokens=8, output_tokens=5, reasoning_tokens=2)
    assert generation.cost_usd is None
    assert generation.at is not None
    assert before <= generation.at <= datetime.now(UTC)
    assert generation.latency_s is not None
    assert (generation.ttft_s is not None) is stream


@pytest.mark.parametrize("stream", [False, True])
def test_tool_calls_are_put_together_by_index(server: MisbehavingServer, stream: bool) -> None:
    generation = ask(server, "ok", stream=stream, tools=[TOOL])
    assert generation.answer is not None
    assert generation.answer.text is None
    assert generation.answer.finish_reason == "tool_calls"
    assert generation.answer.tool_calls == (
        ToolCall(name="get_weather", arguments='{"city": "Paris"}'),
        ToolCall(name="get_weather", arguments='{"city": "Rome"}'),
    )
    assert (generation.ttft_s is not None) is stream


def test_body_is_what_was_logged_plus_streaming(server: MisbehavingServer) -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "city", "schema": {"type": "object"}}}
    ask(server, "echo", stream=True, temperature=0.2, max_tokens=9, stop=["x"], response_format=schema, seed=None)
    assert server.requests[-1] == {
        "model": "echo",
        "messages": [{"role": "user", "content": "Hello"}],
        "temperature": 0.2,
        "max_tokens": 9,
        "stop": ["x"],
        "response_format": schema,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_the_models_own_params_win_and_pass_unfiltered(server: MisbehavingServer) -> None:
    own = {"params": {"temperature": 0.0, "top_k": 3, "chat_template_kwargs": {"thinking": False}}}
    generation = ask(server, "echo", temperature=1.0, top_k=50, model=own)
    sent = server.requests[-1]
    assert sent["temperature"] == 0.0
    assert sent["top_k"] == 3
    assert sent["chat_template_kwargs"] == {"thinking": False}
    assert generation.dropped_params == ()


def test_what_the_provider_does_not_take_is_dropped_and_told(server: MisbehavingServer) -> None:
    generation = ask(server, "echo", top_k=50, n=3, anthropic_version="x", temperature=0.5)
    assert set(generation.dropped_params) == {"top_k", "n", "anthropic_version"}
    assert set(server.requests[-1]) == {"model", "messages", "temperature"}


@pytest.mark.parametrize("stream", [False, True])
def test_a_schema_sent_as_a_tool_comes_back_as_text(server: MisbehavingServer, stream: bool) -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "c", "schema": {"type": "object", "properties": {}}}}
    own = {"litellm_id": "groq/llama-3.3-70b-versatile"}
    generation = ask(server, "ok", stream=stream, model=own, response_format=wanted)
    assert [tool["function"]["name"] for tool in server.requests[-1]["tools"]] == ["json_tool_call"]
    assert generation.answer is not None
    assert generation.answer.text == '{"city": "Paris"}'
    assert generation.answer.tool_calls == ()
    assert generation.answer.finish_reason == "stop"
    assert generation.dropped_params == ()


@pytest.mark.parametrize("name", ["o3-mini", "gpt-5.6-sol"])
def test_reasoning_models_get_the_limit_under_its_new_name(server: MisbehavingServer, name: str) -> None:
    generation = ask(server, name, max_tokens=7, temperature=0.3)
    assert server.requests[-1]["max_completion_tokens"] == 7
    assert "max_tokens" not in server.requests[-1]
    assert "temperature" not in server.requests[-1]
    assert generation.dropped_params == ("temperature",)


def test_a_split_emoji_in_the_log_does_not_stop_the_call(server: MisbehavingServer) -> None:
    assert ask(server, "ok", content="cut \ud83d here").answer is not None
    assert server.requests[-1]["messages"][0]["content"] == "cut ? here"


@pytest.mark.parametrize("stream", [False, True])
def test_unicode_in_single_bytes_with_crlf_comments_and_no_done(server: MisbehavingServer, stream: bool) -> None:
    generation = ask(server, "unicode", stream=stream)
    assert generation.answer is not None
    assert generation.answer.text == UNICODE_TEXT
    assert generation.usage is not None


def test_a_server_that_cannot_stream_is_read_all_the_same(server: MisbehavingServer) -> None:
    generation = ask(server, "whole", stream=True)
    assert generation.answer is not None
    assert generation.answer.text == TEXT
    assert generation.ttft_s is None


def test_missing_usage_is_none_and_not_zero(server: MisbehavingServer) -> None:
    assert ask(server, "no_usage").usage is None
    assert ask(server, "no_usage", stream=True).usage is None


def test_ttft_is_the_first_word_not_the_empty_head(server: MisbehavingServer) -> None:
    generation = ask(server, "slow-0.05", stream=True)  # head, 4 words, finish, usage, done
    assert generation.ttft_s is not None
    assert generation.latency_s is not None
    assert 0.1 <= generation.ttft_s < generation.latency_s  # the head comes after 0.05 s, the word after 0.1
    assert generation.latency_s >= 0.4


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        ("400", FailureKind.BAD_REQUEST),
        ("401", FailureKind.AUTH),
        ("403", FailureKind.AUTH),
        ("404", FailureKind.NOT_FOUND),
        ("429", FailureKind.RATE_LIMIT),
        ("quota", FailureKind.AUTH),
        ("500", FailureKind.SERVER),
        ("503", FailureKind.SERVER),
        ("context", FailureKind.CONTEXT_OVERFLOW),
        ("policy", FailureKind.CONTENT_FILTER),
        ("filtered", FailureKind.CONTENT_FILTER),
        ("reset", FailureKind.NETWORK),
        ("invalid_json", FailureKind.INVALID_RESPONSE),
        ("empty_choices", FailureKind.INVALID_RESPONSE),
        ("html", FailureKind.INVALID_RESPONSE),
        ("error_in_stream", FailureKind.INVALID_RESPONSE),
        ("ends_early", FailureKind.INVALID_RESPONSE),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_failures_have_a_kind_and_one_line(
    server: MisbehavingServer, behaviour: str, kind: FailureKind, stream: bool
) -> None:
    with pytest.raises(CallError) as caught:
        ask(server, behaviour, stream=stream)
    assert caught.value.kind == kind
    message = str(caught.value)
    assert message
    assert "\n" not in message
    assert len(message) <= 300
    assert "Traceback" not in message
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_broken_connection_in_the_middle(server: MisbehavingServer) -> None:
    with pytest.raises(CallError) as whole:
        ask(server, "cut")
    assert whole.value.kind == FailureKind.NETWORK
    with pytest.raises(CallError) as streamed:
        ask(server, "cut", stream=True)
    assert streamed.value.kind == FailureKind.INVALID_RESPONSE


def test_rate_limit_tells_the_wait(server: MisbehavingServer) -> None:
    with pytest.raises(CallError) as caught:
        ask(server, "429")
    assert caught.value.retry_after_s == 2.0


@pytest.mark.parametrize("stream", [False, True])
def test_time_out(server: MisbehavingServer, stream: bool) -> None:
    with pytest.raises(CallError) as caught:
        ask(server, "hang", stream=stream, timeout_s=0.2)
    assert caught.value.kind == FailureKind.TIMEOUT
    assert "0.2 s" in str(caught.value)


def test_a_stream_that_flows_may_take_longer_than_its_model_may_be_silent(server: MisbehavingServer) -> None:
    generation = ask(server, "slow-0.4", stream=True, timeout_s=2.0)
    assert generation.answer == Answer(text=TEXT, finish_reason="stop")
    assert generation.latency_s is not None
    assert generation.latency_s > 2.0


@pytest.mark.parametrize(("behaviour", "timeout_s"), [("slow-0.4", 0.2), ("drips-0.03", 0.1)])
def test_a_stream_that_stops_or_never_ends_times_out(
    server: MisbehavingServer, behaviour: str, timeout_s: float
) -> None:
    with pytest.raises(CallError) as caught:
        ask(server, behaviour, stream=True, timeout_s=timeout_s)
    assert caught.value.kind == FailureKind.TIMEOUT


def test_a_whole_answer_is_not_lost_to_a_server_that_never_ends_it(server: MisbehavingServer) -> None:
    generation = ask(server, "stays_open", stream=True, timeout_s=2.0)
    assert generation.answer == Answer(text=TEXT, finish_reason="stop")
    assert generation.latency_s is not None
    assert generation.latency_s < 2.0


@pytest.mark.parametrize("behaviour", ["misnamed", "plain"])
def test_an_answer_is_read_whatever_its_server_calls_it(server: MisbehavingServer, behaviour: str) -> None:
    generation = ask(server, behaviour, stream=True)
    assert generation.answer == Answer(text=TEXT, finish_reason="stop")
    assert generation.usage is not None
    assert generation.ttft_s is None


def test_nobody_listens(server: MisbehavingServer) -> None:
    with pytest.raises(CallError) as caught:
        ask(server, "ok", model={"api_base": "http://127.0.0.1:9/v1"})
    assert caught.value.kind == FailureKind.NETWORK


def test_key_goes_into_the_header_and_into_no_message(
    server: MisbehavingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_TEAMS_API_KEY", KEY)
    with pytest.raises(CallError) as caught:
        ask(server, "leak", model={"key_env": "A_TEAMS_API_KEY"})
    assert server.headers[-1]["Authorization"] == f"Bearer {KEY}"
    assert "[key]" in str(caught.value)
    assert KEY not in str(caught.value)


def test_a_failed_connection_and_a_request_of_no_form_show_no_key(
    server: MisbehavingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_TEAMS_API_KEY", KEY)
    with pytest.raises(CallError) as failed:
        ask(server, "head", model={"key_env": "A_TEAMS_API_KEY"})
    own = {"litellm_id": "groq/ok", "key_env": "A_TEAMS_API_KEY"}
    with pytest.raises(CallError) as formless:
        ask(server, "ok", model=own, response_format=f"as {KEY} says")
    assert (failed.value.kind, formless.value.kind) == (FailureKind.NETWORK, FailureKind.BAD_REQUEST)
    for error in (failed, formless):
        assert "[key]" in str(error.value)
        assert KEY not in str(error.value)


def test_a_server_of_ones_own_never_gets_the_providers_key(
    server: MisbehavingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    ask(server, "ok")
    assert "Authorization" not in server.headers[-1]


def test_a_request_of_no_shape_is_a_bad_request(server: MisbehavingServer) -> None:
    asked = len(server.requests)
    with pytest.raises(CallError) as caught:
        ask(server, "ok", content=[{"type": "image_url"}], model={"litellm_id": "mistral/ok"}, tools="no list")
    assert caught.value.kind == FailureKind.BAD_REQUEST
    assert len(server.requests) == asked


def test_many_at_a_time_do_not_mix_up(server: MisbehavingServer) -> None:
    async def call() -> list[Generation]:
        client = open_client(Model(name="m", litellm_id="openai/echo", api_base=server.url))
        requests = [Request(messages=[{"role": "user", "content": f"number {number}"}]) for number in range(100)]
        try:
            return await asyncio.gather(*(client.complete(r, stream=True, timeout_s=20) for r in requests))
        finally:
            await client.close()

    for number, generation in enumerate(asyncio.run(call())):
        assert generation.answer is not None
        assert f'"number {number}"' in (generation.answer.text or "")


def test_flaky_fails_as_often_as_asked(server: MisbehavingServer) -> None:
    kinds = []
    for _ in range(3):
        try:
            kinds.append(ask(server, "flaky-2").failure)
        except CallError as error:
            kinds.append(FailureKind(error.kind))
    assert kinds == [FailureKind.SERVER, FailureKind.SERVER, None]
    assert server.count("flaky-2") == 3
