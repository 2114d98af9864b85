"""Bodies and messages of any vendor or dialect, and pairs of them under names that no format has."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.reader import RowRejected
from advisor.ingest.reading import read_log
from advisor.ingest.records.bodies import read_answer, read_call, read_messages
from advisor.types import Answer, Sample, ToolCall, Usage

USER = {"role": "user", "content": "Is it raining?"}
ASKED = {"model": "gpt-4o", "messages": [USER], "temperature": 0}
CAME = {
    "id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o-2024-08-06",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Yes."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 2},
}  # fmt: skip
CLAUDE_ASKED = {"model": "claude-x", "max_tokens": 9, "system": "Be brief.", "messages": [USER]}
CLAUDE_CAME = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x-1",
               "content": [{"type": "text", "text": "Yes."}], "stop_reason": "end_turn"}  # fmt: skip
CHUNKS: list[dict[str, Any]] = [
    {"id": "chatcmpl-1", "choices": [{"index": 0, "delta": {"content": "Yes"}}]},
    {"id": "chatcmpl-1", "choices": [{"index": 0, "delta": {"content": "."}, "finish_reason": "stop"}]},
]
SSE = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in CHUNKS) + "data: [DONE]\n\n"


def one(tmp_path: Path, record: dict[str, Any]) -> tuple[str, Sample]:
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps(record), encoding="utf-8")
    log = open_log(path)
    *_, (_, item) = read_log(log)
    assert isinstance(item, Sample), item
    return log.format, item


@pytest.mark.parametrize(
    "came",
    [CAME, json.dumps(CAME), {"body": CAME}, {"status_code": 200, "body": json.dumps(CAME)}, SSE, CHUNKS],
)
@pytest.mark.parametrize("asked", [ASKED, json.dumps(ASKED), {"body": ASKED, "headers": {}}])
def test_shapes_of_a_call(asked: Any, came: Any) -> None:
    call = read_call(asked, came)
    assert call.request is not None
    assert (call.request.messages, call.request.params, call.model) == ([USER], {"temperature": 0}, "gpt-4o")
    assert call.reply.answer == Answer(text="Yes.", finish_reason="stop")
    assert call.reply.response_id == "chatcmpl-1"
    assert call.reply.error is None


def test_request_and_response_of_different_vendors() -> None:
    translated = read_call(CLAUDE_ASKED, CAME)
    assert translated.request is not None
    assert translated.request.messages[0] == {"role": "system", "content": "Be brief."}
    assert translated.reply.answer == Answer(text="Yes.", finish_reason="stop")
    back = read_call(ASKED | {"seed": 1}, CLAUDE_CAME)
    assert back.request is not None
    assert back.request.params == {"temperature": 0, "seed": 1}
    assert back.reply.response_id == "msg_1"


def test_an_alias_is_known_by_the_model_that_answered() -> None:
    start = {"role": "assistant", "content": "I say "}
    call = read_call({"model": "our-best", "max_tokens": 9, "messages": [USER, start]}, CLAUDE_CAME)
    assert call.request is not None
    assert call.request.messages == [USER]
    assert call.reply.answer == Answer(text="I say Yes.", finish_reason="stop")


def test_what_is_missing() -> None:
    alone = read_call(ASKED, None)
    assert alone.request is not None
    assert (alone.reply.answer, alone.reply.error) == (None, None)
    assert read_call(None, CAME).request is None
    assert read_call({"model": "gpt-4o"}, CAME).request is None
    with pytest.raises(RowRejected, match="embeddings"):
        read_call({"model": "e", "input": "x"}, {"object": "list", "data": [{"object": "embedding", "embedding": []}]})


def test_a_failure_is_no_answer() -> None:
    page = read_call(ASKED, {"status_code": 502, "body": "<html>Bad Gateway</html>"}).reply
    assert (page.answer, page.error, page.status) == (None, "<html>Bad Gateway</html>", 502)
    limited = read_call(ASKED, {"status_code": 429, "body": {"error": {"message": "slow", "type": "rate_limit"}}}).reply
    assert (limited.answer, limited.error, limited.status) == (None, "slow", 429)
    empty = read_call(ASKED, {"status_code": 500, "body": None}).reply
    assert (empty.answer, empty.error) == (None, "HTTP status 500")


CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"at":"Köln"}'}}
CONVERSATION = [
    {"role": "system", "content": "Be brief."},
    USER,
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "content": "rain", "tool_call_id": "c1"},
]


def serialised(name: str, **fields: Any) -> dict[str, Any]:
    return {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", name], "kwargs": fields}


LC_CALL = {"name": "look", "args": {"at": "Köln"}, "id": "c1", "type": "tool_call"}
DIALECTS: dict[str, list[Any]] = {
    "OpenAI": CONVERSATION,
    "LangChain, serialised": [
        serialised("SystemMessage", content="Be brief."),
        serialised("HumanMessage", content=USER["content"], additional_kwargs={}),
        serialised("AIMessage", content="", tool_calls=[LC_CALL], additional_kwargs={"tool_calls": [CALL]}),
        serialised("ToolMessage", content="rain", tool_call_id="c1"),
    ],
    "LangChain, of OpenAI's calls only": [
        serialised("SystemMessage", content="Be brief."),
        serialised("HumanMessage", content=[{"type": "text", "text": USER["content"]}]),
        serialised("AIMessageChunk", content="", additional_kwargs={"tool_calls": [CALL]}),
        serialised("ToolMessage", content="rain", tool_call_id="c1"),
    ],
    "LangChain, of Anthropic": [
        {"type": "system", "content": "Be brief."},
        {"type": "human", "content": USER["content"]},
        {"type": "ai", "content": [{"type": "tool_use", "id": "c1", "name": "look", "input": {"at": "Köln"}}],
         "tool_calls": [LC_CALL]},
        {"type": "tool", "content": "rain", "tool_call_id": "c1"},
    ],
    "LangChain, with data": [
        {"type": "system", "data": {"content": "Be brief."}},
        {"type": "human", "data": {"content": USER["content"], "type": "human"}},
        {"type": "ai", "data": {"content": "", "tool_calls": [LC_CALL]}},
        {"type": "tool", "data": {"content": "rain", "tool_call_id": "c1"}},
    ],
    "LangChain, with roles": [
        {"role": "system", "content": "Be brief."},
        USER,
        {"role": "assistant", "content": "", "tool_calls": [LC_CALL]},
        {"role": "tool", "content": "rain", "tool_call_id": "c1"},
    ],
    "Anthropic": [
        {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
        USER,
        {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "look", "input": {"at": "Köln"}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "rain"}]},
    ],
    "OpenTelemetry": [
        {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]},
        {"role": "user", "parts": [{"type": "text", "content": USER["content"]}]},
        {"role": "assistant", "parts": [
            {"type": "reasoning", "content": "hm"},
            {"type": "tool_call", "id": "c1", "name": "look", "arguments": {"at": "Köln"}}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "rain"}]},
    ],
    "OpenTelemetry, as the registry has it": [
        {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]},
        {"role": "user", "parts": [{"type": "text", "content": USER["content"]}]},
        {"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "look",
                                         "arguments": '{"at":"Köln"}'}]},
        {"role": "user", "parts": [{"type": "tool_call_response", "id": "c1", "result": "rain"}]},
    ],
    "AI SDK": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": USER["content"]}]},
        {"role": "assistant", "content": [{"type": "tool-call", "toolCallId": "c1", "toolName": "look",
                                           "input": {"at": "Köln"}}]},
        {"role": "tool", "content": [{"type": "tool-result", "toolCallId": "c1", "toolName": "look",
                                      "output": {"type": "text", "value": "rain"}}]},
    ],
}  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("wrapped", ["plain", "text", "nested", "object", "arguments"])
def test_dialects_of_messages(dialect: str, wrapped: str) -> None:
    messages = DIALECTS[dialect]
    value: Any = {
        "plain": messages,
        "text": json.dumps(messages),
        "nested": [messages],
        "object": {"messages": messages},
        "arguments": {"args": [], "kwargs": {"messages": messages}},
    }[wrapped]
    read = read_messages(value)
    assert [{**message, "content": message["content"] or None} for message in read] == CONVERSATION


@pytest.mark.parametrize(
    "part",
    [
        {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "AAAA"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
        {"type": "image", "source_type": "base64", "mime_type": "image/png", "data": "AAAA"},
        {"type": "image", "base64": "AAAA", "mime_type": "image/png"},
        {"type": "image_url", "image_url": "data:image/png;base64,AAAA"},
        {"type": "image", "image": "data:image/png;base64,AAAA"},
    ],
)
def test_images_of_the_dialects(part: dict[str, Any]) -> None:
    message: dict[str, Any] = {"parts": [part], "role": "user"} if part["type"] == "blob" else {"content": [part]}
    ((image,),) = [found["content"] for found in read_messages([{"type": "human"} | message])]
    assert image == {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Hello", "Hello"),
        ('{"a": 1}', '{"a": 1}'),
        ("[INST] hi [/INST]", "[INST] hi [/INST]"),
        ({"prompt": "Hello"}, "Hello"),
        (["Hello"], "Hello"),
        ([["human", "Hello"]], "Hello"),
        ({"lc": 1, "id": ["langchain", "StringPromptValue"], "kwargs": {"text": "Hello"}}, "Hello"),
    ],
)
def test_plain_prompts(value: Any, text: str) -> None:
    assert read_messages(value) == [{"role": "user", "content": text}]


@pytest.mark.parametrize("value", [None, 5, [], {}, [1, 2], {"question": "a", "context": "b"}, [{"role": "wizard"}]])
def test_what_is_no_conversation(value: Any) -> None:
    with pytest.raises(RowRejected):
        read_messages(value)


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ("Yes.", Answer(text="Yes.")),
        ('{"role": "admin", "content": "x"}', Answer(text='{"role": "admin", "content": "x"}')),
        ({"rain": True, "sure": 0.9}, Answer(text='{"rain":true,"sure":0.9}')),
        (["Yes."], Answer(text="Yes.")),
        ({"output": "Yes."}, Answer(text="Yes.")),
        ({"role": "assistant", "content": "Yes."}, Answer(text="Yes.")),
        (json.dumps({"role": "assistant", "content": "Yes."}), Answer(text="Yes.")),
        ([USER, {"role": "assistant", "content": "Yes."}], Answer(text="Yes.")),
        (CAME, Answer(text="Yes.", finish_reason="stop")),
        (json.dumps(CAME), Answer(text="Yes.", finish_reason="stop")),
        (SSE, Answer(text="Yes.", finish_reason="stop")),
        (CLAUDE_CAME, Answer(text="Yes.", finish_reason="stop")),
        ([{"type": "text", "text": "Yes."}, {"type": "tool_use", "id": "c", "name": "f", "input": {}}],
         Answer(text="Yes.", tool_calls=(ToolCall(name="f", arguments="{}"),))),
        ({"messages": [serialised("HumanMessage", content="a"), serialised("AIMessage", content="Yes.")]},
         Answer(text="Yes.")),
        (serialised("AIMessage", content="", tool_calls=[LC_CALL], response_metadata={"finish_reason": "tool_calls"}),
         Answer(text="", tool_calls=(ToolCall(name="look", arguments='{"at":"Köln"}'),), finish_reason="tool_calls")),
        ([{"role": "assistant", "parts": [{"type": "text", "content": "Yes."}], "finish_reason": "stop"}],
         Answer(text="Yes.", finish_reason="stop")),
        ([[{"type": "ai", "content": "Yes."}]], Answer(text="Yes.")),
        (None, None), ("", None), ({}, None), ([], None), ([USER], None),
    ],
)  # fmt: skip
def test_answers(value: Any, answer: Answer | None) -> None:
    assert read_answer(value).answer == answer


def test_result_of_langchain() -> None:
    metadata = {"finish_reason": "stop", "model_name": "gpt-4o-2024-08-06", "id": "chatcmpl-7"}
    counts = {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120,
              "input_token_details": {"cache_read": 64}, "output_token_details": {"reasoning": 8}}  # fmt: skip
    message = serialised("AIMessage", content="Yes.", response_metadata=metadata, usage_metadata=counts, id="run-1")
    reply = read_answer({"generations": [[{"text": "Yes.", "message": message}]], "llm_output": None})
    assert reply.answer == Answer(text="Yes.", finish_reason="stop")
    assert (reply.model, reply.response_id) == ("gpt-4o-2024-08-06", "chatcmpl-7")
    assert reply.usage == Usage(input_tokens=36, cache_read_tokens=64, output_tokens=20, reasoning_tokens=8)
    bare = {"generations": [[{"text": "Yes."}]], "llm_output": {"token_usage": {"prompt_tokens": 3}, "model_name": "m"}}
    assert read_answer(bare).usage == Usage(input_tokens=3, output_tokens=0)
    assert (read_answer(bare).answer, read_answer(bare).model) == (Answer(text="Yes."), "m")


def test_what_googles_library_prints_in_snake_case() -> None:
    counts = {"prompt_token_count": 9, "candidates_token_count": 4, "thoughts_token_count": None}
    call = {"function_call": {"name": "weather", "args": {"city": "Oslo"}}, "text": None}
    candidate = {"content": {"role": "model", "parts": [call]}, "finish_reason": "FinishReason.STOP"}
    reply = read_answer({"candidates": [candidate], "usage_metadata": counts, "model_version": "gemini-2.5-flash"})
    assert reply.answer is not None
    assert reply.answer.finish_reason == "tool_calls"
    assert [(call.name, call.arguments) for call in reply.answer.tool_calls] == [("weather", '{"city":"Oslo"}')]
    assert (reply.model, reply.usage) == ("gemini-2.5-flash", Usage(input_tokens=9, output_tokens=4))


@pytest.mark.parametrize("prompt", [{"prompt": "Hi"}, {"messages": [{"role": "user", "content": "Hi"}]}])
def test_googles_counts_beside_a_text(tmp_path: Path, prompt: dict[str, Any]) -> None:
    counts = {"prompt_token_count": 9, "candidates_token_count": 4}
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps(prompt | {"response": "Hello", "usage_metadata": counts}))
    (item,) = (item for _, item in read_log(open_log(path)))
    assert isinstance(item, Sample)
    assert item.metered.usage == Usage(input_tokens=9, output_tokens=4)


def test_anthropic_usage_with_details_is_not_taken_for_openai_s() -> None:
    usage = {"input_tokens": 2, "output_tokens": 50, "cache_read_input_tokens": 1590, "cache_creation_input_tokens": 0,
             "output_tokens_details": {"thinking_tokens": 24}}  # fmt: skip
    expected = Usage(input_tokens=2, cache_read_tokens=1590, output_tokens=50, reasoning_tokens=24)
    assert read_usage(usage) == expected


@pytest.mark.parametrize("asked", [ASKED, CLAUDE_ASKED], ids=["OpenAI", "Anthropic"])
@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("shape", ["flat", "kong", "event", "deep", "capitals"])
def test_pairs_under_unknown_names(tmp_path: Path, asked: Any, as_text: bool, shape: str) -> None:
    is_openai = asked is ASKED
    came: Any = CAME if is_openai else CLAUDE_CAME
    if as_text:
        asked, came = json.dumps(asked), json.dumps(came)
    record: dict[str, Any] = {
        "flat": {"llmQuestion": asked, "llmReply": came},
        "kong": {"traffic": {"outbound": {"payload": asked, "url": "/x"}, "inbound": {"payload": came, "status": 200}}},
        "event": {"event": {"data": {"llm_input": asked, "llm_output": came}, "error": None}, "kind": "llm"},
        "deep": {"a": {"b": {"c": asked, "d": came}, "error": {"none": 1}}},
        "capitals": {"REQUEST_JSON": asked, "RESPONSE_JSON": came},
    }[shape]
    format, sample = one(tmp_path, record | {"timestamp": "2025-03-01T10:00:00Z", "latency_ms": 1500, "id": "r1"})
    assert format == "api_pair"
    assert sample.request.messages[-1] == USER
    assert sample.request.params == ({"temperature": 0} if is_openai else {"max_tokens": 9})
    assert sample.answer == Answer(text="Yes.", finish_reason="stop")
    assert (sample.ids.response_id, sample.ids.external_id) == ("chatcmpl-1" if is_openai else "msg_1", "r1")
    assert (sample.metered.at, sample.metered.latency_s) == (datetime(2025, 3, 1, 10, tzinfo=UTC), 1.5)


def test_facts_and_failures_around_unknown_pairs(tmp_path: Path) -> None:
    record = {"call": {"q": ASKED, "a": SSE}, "metrics": {"latency_ms": 500, "ttft_ms": 90}, "session_id": "s1"}
    _, sample = one(tmp_path, record)
    assert (sample.metered.latency_s, sample.metered.ttft_s, sample.ids.session) == (0.5, 0.09, "s1")
    assert sample.answer == Answer(text="Yes.", finish_reason="stop")
    failed = {"call": {"q": ASKED, "a": {"error": {"message": "slow down", "type": "rate_limit_error"}}}}
    _, sample = one(tmp_path, failed)
    assert (sample.answer, sample.error, sample.not_replayable) == (None, "slow down", None)
    _, sample = one(tmp_path, {"call": {"q": ASKED, "answer_text": "Yes."}})
    assert (sample.answer, sample.model) == (Answer(text="Yes."), "gpt-4o")
    _, sample = one(tmp_path, {"step": {"history": [USER], "llm_output": CAME}})
    assert (sample.request.messages, sample.answer) == ([USER], Answer(text="Yes.", finish_reason="stop"))


@pytest.mark.parametrize("told", [{"status": 502}, {"status_code": "502"}])
def test_an_error_page_is_no_answer(tmp_path: Path, told: dict[str, Any]) -> None:
    _, sample = one(tmp_path, {"request": ASKED, "response": "Bad Gateway"} | told)
    assert (sample.answer, sample.error, sample.not_replayable) == (None, "Bad Gateway", None)


def test_messages_of_langchain_in_plain_records(tmp_path: Path) -> None:
    messages = [*DIALECTS["LangChain, with data"], {"type": "ai", "data": {"content": "It rains."}}]
    format, sample = one(tmp_path, {"messages": messages})
    assert format == "chat_messages"
    assert sample.request.messages[1:2] == [USER]
    assert sample.answer == Answer(text="It rains.")
    format, sample = one(tmp_path, {"input": {"messages": messages[:-1], "model": "m"}, "output": "It rains."})
    assert format == "openai_chat"
    assert sample.request.messages[1:2] == [USER]
    assert sample.answer == Answer(text="It rains.")


def test_sample_of_openrouter(fixtures: Path) -> None:
    log = open_log(fixtures / "samples" / "openrouter_chat_responses.jsonl")
    found = [item for _, item in read_log(log)]
    assert log.format == "openai_chat"
    assert all(isinstance(item, Sample) and item.not_replayable is None for item in found)
    first, second, last = (item for item in found if isinstance(item, Sample))
    assert first.metered.cost_usd == 4e-05
    assert first.ids.response_id == "gen-1770109300-OwnAaaaaaaaaaaaaaaaa"
    assert first.answer is not None
    assert first.answer.tool_calls[0].name == "find_repair"
    assert first.request.params["tool_choice"] == "required"
    assert second.metered.usage == Usage(input_tokens=550, output_tokens=12)
    assert second.model == "anthropic/claude-4.5-sonnet-20250929"
    assert last.metered.usage == Usage(input_tokens=37, output_tokens=92, reasoning_tokens=64)


def test_stream_of_openai_alone(fixtures: Path) -> None:
    ((_, item),) = read_log(open_log(fixtures / "samples" / "openai_chat_stream.sse.txt"))
    assert isinstance(item, Sample)
    assert item.not_replayable == "the log does not hold the prompt"
    assert item.answer is not None
    assert item.answer.tool_calls[0].name == "find_repair"
    assert json.loads(item.answer.tool_calls[0].arguments) == {"ticket": "R-77"}
    assert item.answer.finish_reason == "tool_calls"
    assert item.ids.response_id == "chatcmpl-Wkshp050aaaaaaaaaaaaaaaaaaaaa"


def test_wire_log_of_openai(shared: Path) -> None:
    log = open_log(shared / "logs" / "wire_openai_chat.jsonl")
    found = [item for _, item in read_log(log) if isinstance(item, Sample)]
    assert (log.format, len(found)) == ("openai_chat", 649)
    known = [sample.ids.response_id for sample in found if sample.ids.response_id]
    assert len(known) - len(set(known)) == 2
    assert sum(sample.not_replayable is not None for sample in found) == 57
