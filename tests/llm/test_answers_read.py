"""Answers in the shapes that providers really send."""

import itertools
import json
from typing import Any

import orjson
import pytest

from advisor.errors import CallError
from advisor.llm.answers import StreamedAnswer, decode, read_completion, read_usage, text_of
from advisor.types import FailureKind, ToolCall, Usage


def streamed(*deltas: dict[str, Any], finish: str | None = "stop") -> StreamedAnswer:
    answer = StreamedAnswer()
    for delta in deltas:
        answer.take(orjson.dumps({"choices": [{"index": 0, "delta": delta}]}))
    if finish:
        answer.take(orjson.dumps({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}))
    return answer


@pytest.mark.parametrize(
    ("reported", "usage"),
    [
        (None, None),
        ({}, None),
        ({"prompt_tokens": 0, "completion_tokens": 0}, None),
        ({"prompt_tokens": 7, "completion_tokens": 2}, Usage(input_tokens=7, output_tokens=2)),
        (  # DeepSeek
            {"prompt_tokens": 10, "completion_tokens": 2, "prompt_cache_hit_tokens": 4, "prompt_cache_miss_tokens": 6},
            Usage(input_tokens=6, cache_read_tokens=4, output_tokens=2),
        ),
        (  # Anthropic through litellm: cache writes inside the prompt
            {
                "prompt_tokens": 100,
                "completion_tokens": 3,
                "prompt_tokens_details": {"cached_tokens": 60},
                "cache_creation_input_tokens": 30,
            },
            Usage(input_tokens=10, cache_read_tokens=60, cache_write_tokens=30, output_tokens=3),
        ),
        (  # reasoning counted beside the completion
            {
                "prompt_tokens": 10,
                "completion_tokens": 4,
                "total_tokens": 34,
                "completion_tokens_details": {"reasoning_tokens": 20},
            },
            Usage(input_tokens=10, output_tokens=24, reasoning_tokens=20),
        ),
        (  # and inside it
            {
                "prompt_tokens": 10,
                "completion_tokens": 24,
                "total_tokens": 34,
                "completion_tokens_details": {"reasoning_tokens": 20},
            },
            Usage(input_tokens=10, output_tokens=24, reasoning_tokens=20),
        ),
    ],
)
def test_usage_never_overlaps(reported: Any, usage: Usage | None) -> None:
    assert read_usage(reported) == usage


def test_tool_calls_without_an_index() -> None:
    answer, _ = streamed(
        {"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": '{"x"'}}]},
        {"tool_calls": [{"function": {"arguments": ": 1}"}}]},
        {"tool_calls": [{"id": "b", "function": {"name": "g", "arguments": {"y": 2}}}]},
        finish="tool_calls",
    ).finish()
    assert answer.tool_calls == (ToolCall(name="f", arguments='{"x": 1}'), ToolCall(name="g", arguments='{"y":2}'))


def test_tool_calls_out_of_order_and_interleaved() -> None:
    answer, _ = streamed(
        {"tool_calls": [{"index": 1, "function": {"name": "g", "arguments": "{"}}]},
        {"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": "{}"}}]},
        {"tool_calls": [{"index": 1, "function": {"arguments": "}"}}]},
        finish="tool_calls",
    ).finish()
    assert answer.tool_calls == (ToolCall(name="f", arguments="{}"), ToolCall(name="g", arguments="{}"))


def test_legacy_function_call() -> None:
    body = {"choices": [{"message": {"content": None, "function_call": {"name": "f", "arguments": "{}"}}}]}
    assert read_completion(body)[0].tool_calls == (ToolCall(name="f", arguments="{}"),)
    answer, _ = streamed({"function_call": {"name": "f"}}, {"function_call": {"arguments": "{}"}}).finish()
    assert answer.tool_calls == (ToolCall(name="f", arguments="{}"),)


def test_a_refusal_is_the_text() -> None:
    body = {"choices": [{"message": {"content": None, "refusal": "I cannot help."}, "finish_reason": "stop"}]}
    assert read_completion(body)[0].text == "I cannot help."
    assert streamed({"refusal": "I cannot "}, {"refusal": "help."}).finish()[0].text == "I cannot help."


def test_thinking_is_neither_text_nor_the_first_token() -> None:
    answer = StreamedAnswer()
    assert not answer.add({"choices": [{"delta": {"reasoning_content": "Hm."}}]})
    assert not answer.add({"choices": [{"delta": {"content": [{"type": "thinking", "thinking": []}]}}]})
    assert answer.add({"choices": [{"delta": {"content": "Yes."}, "finish_reason": "stop"}]})
    assert answer.finish()[0].text == "Yes."


def test_text_in_parts() -> None:
    assert text_of([{"type": "thinking"}, {"type": "text", "text": "a"}, {"type": "text", "text": "b"}]) == "ab"
    assert text_of("") is None


def test_an_empty_answer_is_an_answer() -> None:
    answer, _ = read_completion({"choices": [{"message": {"content": ""}, "finish_reason": "stop"}]})
    assert answer.is_empty


@pytest.mark.parametrize(
    "body",
    [None, [], "text", {}, {"choices": None}, {"choices": [None]}, {"choices": [{}]}, {"error": {"message": "no"}}],
)
def test_anything_else_is_invalid(body: Any) -> None:
    with pytest.raises(CallError) as caught:
        read_completion(body)
    assert caught.value.kind == FailureKind.INVALID_RESPONSE


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"1", b'{"error": "dead"}'])
def test_a_chunk_that_is_none(data: bytes) -> None:
    with pytest.raises(CallError) as caught:
        StreamedAnswer().take(data)
    assert caught.value.kind == FailureKind.INVALID_RESPONSE


def test_a_stream_needs_an_end_and_a_choice() -> None:
    with pytest.raises(CallError, match="cut"):
        streamed({"content": "half an ans"}, finish=None).finish()
    nothing = StreamedAnswer()
    nothing.take(b"[DONE]")
    with pytest.raises(CallError, match="no choices"):
        nothing.finish()


def test_too_long_a_prompt_is_told_from_other_errors_inside_a_stream() -> None:
    with pytest.raises(CallError) as caught:
        StreamedAnswer().add({"error": {"message": "request exceeds the available context size", "code": 400}})
    assert caught.value.kind == FailureKind.CONTEXT_OVERFLOW


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (429, FailureKind.RATE_LIMIT),
        ("404", FailureKind.NOT_FOUND),
        (502, FailureKind.INVALID_RESPONSE),
        (402, FailureKind.AUTH),
        (200, FailureKind.INVALID_RESPONSE),
        (10**30, FailureKind.INVALID_RESPONSE),
        ("overloaded", FailureKind.INVALID_RESPONSE),
    ],
)
def test_a_gateways_error_inside_an_answer_is_of_the_kind_that_its_code_names(code: Any, kind: FailureKind) -> None:
    with pytest.raises(CallError) as caught:
        read_completion({"error": {"message": "Provider returned error", "code": code}})
    assert caught.value.kind == kind


# fmt: off
VALUES: list[Any] = [
    None, True, 5, 2.5, "x", "", [], [5], [None], [[]], ["x"], {}, {"x": 1}, [{}], [{"x": 1}], float("inf"),
]
PLACES = (
    "choices", "message", "delta", "content", "refusal", "tool_calls", "function", "function_call", "index", "name",
    "arguments", "finish_reason", "usage", "error",
)
# fmt: on


def shaped(where: str, values: dict[str, Any]) -> dict[str, Any]:
    """A chunk or a whole answer with ``values`` in their places."""
    call = {
        "index": 0,
        "function": {place: values.get(place, "f") for place in ("name", "arguments")},
        **{place: values[place] for place in ("index", "function") if place in values},
    }
    held = {"tool_calls": [call]}
    held |= {p: values[p] for p in ("content", "refusal", "tool_calls", "function_call") if p in values}
    choice = {where: held, "finish_reason": None} | {p: values[p] for p in (where, "finish_reason") if p in values}
    return {"choices": [choice]} | {p: values[p] for p in ("choices", "usage", "error") if p in values}


def kind_of_reading(values: dict[str, Any], *, whole: bool) -> str | None:
    """How reading ends: None for an answer, else the kind of the CallError; other exceptions pass."""
    answer = StreamedAnswer()
    try:
        if whole:
            read_completion(shaped("message", values))
        else:
            answer.add({"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"name": "f"}}]}}]})
            answer.add(shaped("delta", values))
            answer.take(b"[DONE]")
            answer.finish()
    except CallError as error:
        return error.kind
    return None


@pytest.mark.parametrize("places", list(itertools.combinations(PLACES, 2)))
def test_no_shape_raises_anything_but_a_call_error(places: tuple[str, str]) -> None:
    for pair in itertools.product(VALUES, repeat=2):
        values = dict(zip(places, pair, strict=True))
        for whole in (False, True):
            assert kind_of_reading(values, whole=whole) in (None, FailureKind.INVALID_RESPONSE), values


@pytest.mark.parametrize(
    "delta",
    [
        {"tool_calls": [{"function": "x"}]},
        {"tool_calls": 5},
        {"tool_calls": [5]},
        {"tool_calls": [{"index": "a", "function": {"name": "f"}}]},
        {"tool_calls": [{"index": 0, "function": {"name": 5}}]},
        {"function_call": "x"},
        {"content": 5},
        {"content": {"text": "x"}},
        {"refusal": 5},
    ],
)
def test_a_malformed_delta_is_an_invalid_response(delta: dict[str, Any]) -> None:
    with pytest.raises(CallError) as caught:
        streamed(delta)
    assert caught.value.kind == FailureKind.INVALID_RESPONSE
    if "index" not in str(delta) or "5" in str(delta):  # a whole answer numbers nothing
        with pytest.raises(CallError) as caught:
            read_completion({"choices": [{"message": delta}]})
        assert caught.value.kind == FailureKind.INVALID_RESPONSE


def test_an_unnumbered_tool_call_after_a_numbered_one() -> None:
    answer, _ = streamed(
        {"tool_calls": [{"index": 3, "function": {"name": "f", "arguments": "{}"}}]},
        {"tool_calls": [{"id": "b", "function": {"name": "g", "arguments": "{"}}]},
        {"tool_calls": [{"function": {"arguments": "}"}}]},
    ).finish()
    assert answer.tool_calls == (ToolCall(name="f", arguments="{}"), ToolCall(name="g", arguments="{}"))


@pytest.mark.parametrize("count", [float("inf"), float("nan"), 1e30, 10**30, "7", [7], {}])
def test_a_count_that_is_none(count: Any) -> None:
    assert read_usage({"prompt_tokens": count, "completion_tokens": 2}) is None
    assert read_usage({"prompt_tokens": 2, "completion_tokens": count}) is None


def test_nothing_leaves_that_cannot_be_stored() -> None:
    call = {"name": "f\ud83d\0", "arguments": '{"x": "\udc00\0"}'}
    message = {"content": "Hi \ud83d\0!", "tool_calls": [{"function": call}]}
    whole, _ = read_completion({"choices": [{"message": message, "finish_reason": "st\0op\ud800"}]})
    assert whole.text == "Hi \ufffd!"
    assert whole.tool_calls == (ToolCall(name="f\ufffd", arguments='{"x": "\ufffd"}'),)
    assert whole.finish_reason == "stop\ufffd"
    objects = {"choices": [{"message": {"function_call": {"name": "f", "arguments": {"x": "\ud83d", "n": 10**30}}}}]}
    (called,) = read_completion(objects)[0].tool_calls
    assert json.loads(called.arguments) == {"x": "\ufffd", "n": 10**30}


def test_halves_of_a_character_in_two_chunks_are_joined() -> None:
    answer = StreamedAnswer()
    for half in (b"\\ud83d", b"\\ude00"):
        answer.take(b'{"choices": [{"delta": {"content": "' + half + b'"}}]}')
    answer.take(b"[DONE]")
    assert answer.finish()[0].text == "\U0001f600"


@pytest.mark.parametrize("data", [b"[" * 100_000, b"\xff", b'{"x": ' + b"9" * 10_000 + b"}"])
def test_json_that_no_reader_takes(data: bytes) -> None:
    with pytest.raises(CallError) as caught:
        decode(data)
    assert caught.value.kind == FailureKind.INVALID_RESPONSE


@pytest.mark.parametrize("data", [b"", b" \n"])
def test_an_empty_answer_is_called_one(data: bytes) -> None:
    with pytest.raises(CallError, match="sent an empty answer"):
        decode(data)


def test_an_error_object_of_any_shape() -> None:
    deep: Any = "x"
    for _ in range(2000):
        deep = [deep]
    for error in (
        deep,
        {"message": deep},
        {"code": deep},
        {"detail": {"x": "\ud800"}},
        10**30,
        {"message": "\ud800\0"},
    ):
        with pytest.raises(CallError) as caught:
            read_completion({"error": error})
        str(caught.value).encode()
        assert "\0" not in str(caught.value)
