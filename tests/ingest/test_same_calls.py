"""Which rows are the same call; of spans within one another the innermost is kept."""

from datetime import UTC, datetime, timedelta

from advisor.ingest.same_calls import (
    NestedSpans,
    Span,
    call_digest,
    digests_of,
    is_identified,
    near_digest,
    occurrence_digest,
    request_digest,
)
from advisor.llm.written import canonical
from advisor.types import Answer, Metered, Request, Sample
from tests.nested import changed

CALL = Sample(
    request=Request(messages=[{"role": "user", "content": "Hi"}], params={"temperature": 0}),
    answer=Answer(text="Hello"),
    metered=Metered(at=datetime(2025, 3, 1, tzinfo=UTC)),
)
ID = "chatcmpl-AyPNinnUqUDYo9SAdA52"


def test_a_response_id_decides() -> None:
    one, other = changed(CALL, response_id=ID), changed(CALL, response_id=ID, answer=None, at=None)
    assert is_identified(one)
    assert call_digest(one) == call_digest(other)
    assert call_digest(one) != call_digest(changed(CALL, response_id=f"{ID}x"))


def test_a_short_id_is_a_number_that_comes_again() -> None:
    one, other = changed(CALL, response_id="chatcmpl-7"), changed(CALL, response_id="chatcmpl-7", at=None)
    assert call_digest(one) != call_digest(other)
    assert is_identified(one), "the same number at the same time with the same texts is the same call"
    assert not is_identified(other)


def test_else_content_time_and_occurrence_decide() -> None:
    assert call_digest(CALL) == call_digest(changed(CALL, use_case="x", external_id="row 2"))
    assert len({occurrence_digest(call_digest(CALL), n) for n in range(3)}) == 3
    assert occurrence_digest(call_digest(CALL), 0) == call_digest(CALL)
    for other in (
        changed(CALL, at=datetime(2025, 3, 2, tzinfo=UTC)),
        changed(CALL, answer=Answer(text="Hello!")),
        changed(CALL, answer=None),
        changed(CALL, request=changed(CALL.request, params={})),
    ):
        assert call_digest(other) != call_digest(CALL)


def test_the_order_of_keys_does_not_matter() -> None:
    request = Request(messages=[{"content": "Hi", "role": "user"}], params={"temperature": 0})
    assert call_digest(changed(CALL, request=request)) == call_digest(CALL)
    assert request_digest(request) == request_digest(CALL.request)


def test_requests_are_the_same_only_with_the_same_messages_tools_and_parameters() -> None:
    tools = [{"type": "function", "function": {"name": "refund"}}]
    for other in (
        changed(CALL.request, messages=[{"role": "user", "content": "Ho"}]),
        changed(CALL.request, params={"temperature": 1}),
        changed(CALL.request, params={"temperature": 0, "tools": tools}),
    ):
        assert request_digest(other) != request_digest(CALL.request)
        assert call_digest(changed(CALL, request=other)) != call_digest(CALL)
    assert near_digest(changed(CALL.request, params={"tools": tools})) != near_digest(CALL.request)


def test_near_duplicates_differ_in_case_digits_spaces_and_punctuation_only() -> None:
    def near(text: str) -> str:
        return near_digest(Request(messages=[{"role": "user", "content": text}]))

    assert near("Where is order 1043?") == near("where is  order 77")
    assert near("Where is order 1043?") != near("Where is my refund?")


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_call_that_wraps_another_is_dropped_through_any_number_of_spans() -> None:
    spans = NestedSpans()
    spans.add(Span("agent", None))
    spans.add(Span("framework", "agent"), "outer")
    spans.add(Span("retry", "framework"))
    spans.add(Span("provider", "retry"), "inner")
    assert spans.outer_calls() == {"outer"}


def test_the_order_of_the_rows_does_not_matter() -> None:
    spans = NestedSpans()
    spans.add(Span("provider", "retry"), "inner")
    spans.add(Span("retry", "framework"))
    spans.add(Span("framework", None), "outer")
    assert spans.outer_calls() == {"outer"}


def test_the_same_call_recorded_twice_is_left_to_its_id() -> None:
    spans = NestedSpans()
    spans.add(Span("framework", None), "call")
    spans.add(Span("provider", "framework"), "call")
    assert spans.outer_calls() == set()


def test_a_call_within_another_in_the_trace_but_not_in_time_is_a_call_of_its_own() -> None:
    spans = NestedSpans()
    spans.add(Span("first", None, NOON, 2.0), "first")
    spans.add(Span("second", "first", NOON + timedelta(seconds=9), 2.0), "second")
    spans.add(Span("third", "first", NOON + timedelta(seconds=1), 1.0), "third")
    assert spans.outer_calls() == {"first"}
    later = NestedSpans()
    later.add(Span("first", None, NOON, 2.0), "first")
    later.add(Span("second", "first", NOON + timedelta(seconds=9), 2.0), "second")
    assert later.outer_calls() == set()


def test_spans_in_a_circle_end() -> None:
    spans = NestedSpans()
    spans.add(Span("a", "b"), "one")
    spans.add(Span("b", "a"), "two")
    spans.add(Span("c", "c"), "three")
    assert spans.outer_calls() == {"one", "two"}


def test_both_digests_of_messages_as_they_are_stored_are_those_of_the_request() -> None:
    tools = [{"type": "function", "function": {"name": "é", "parameters": {"b": 1, "a": [None, 1.5]}}}]
    for request in (CALL.request, changed(CALL.request, params={"tools": tools, "stop": ["]"], "seed": 7})):
        both = digests_of(canonical(request), request.params)
        assert both == (request_digest(request), near_digest(request))
