"""Of spans within one another the innermost call is kept."""

from datetime import UTC, datetime, timedelta

from advisor.ingest.records.nested_spans import NestedSpans, Span

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
