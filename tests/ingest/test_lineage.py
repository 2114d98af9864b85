"""Of spans within one another the innermost call is kept."""

from datetime import UTC, datetime, timedelta

from advisor.ingest.lineage import Lineage, Span

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_call_that_wraps_another_is_dropped_through_any_number_of_spans() -> None:
    lineage = Lineage()
    lineage.add(Span("agent", None))
    lineage.add(Span("framework", "agent"), "outer")
    lineage.add(Span("retry", "framework"))
    lineage.add(Span("provider", "retry"), "inner")
    assert lineage.outer_calls() == {"outer"}


def test_the_order_of_the_rows_does_not_matter() -> None:
    lineage = Lineage()
    lineage.add(Span("provider", "retry"), "inner")
    lineage.add(Span("retry", "framework"))
    lineage.add(Span("framework", None), "outer")
    assert lineage.outer_calls() == {"outer"}


def test_the_same_call_recorded_twice_is_left_to_its_id() -> None:
    lineage = Lineage()
    lineage.add(Span("framework", None), "call")
    lineage.add(Span("provider", "framework"), "call")
    assert lineage.outer_calls() == set()


def test_a_call_within_another_in_the_trace_but_not_in_time_is_a_call_of_its_own() -> None:
    lineage = Lineage()
    lineage.add(Span("first", None, NOON, 2.0), "first")
    lineage.add(Span("second", "first", NOON + timedelta(seconds=9), 2.0), "second")
    lineage.add(Span("third", "first", NOON + timedelta(seconds=1), 1.0), "third")
    assert lineage.outer_calls() == {"first"}
    later = Lineage()
    later.add(Span("first", None, NOON, 2.0), "first")
    later.add(Span("second", "first", NOON + timedelta(seconds=9), 2.0), "second")
    assert later.outer_calls() == set()


def test_spans_in_a_circle_end() -> None:
    lineage = Lineage()
    lineage.add(Span("a", "b"), "one")
    lineage.add(Span("b", "a"), "two")
    lineage.add(Span("c", "c"), "three")
    assert lineage.outer_calls() == {"one", "two"}
