"""Spans within one another: a framework's span and the provider's inside it are the same call."""

from datetime import datetime
from typing import NamedTuple

_TOLERANCE_S = 1.0
"""Clocks of two programs differ by as much."""


class Span(NamedTuple):
    """Where a row stands in a trace."""

    id: str
    parent: str | None
    at: datetime | None = None
    latency_s: float | None = None


class Lineage:
    """Collects the spans of a trace and tells which calls wrap others."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}
        self._calls: dict[str, tuple[str, Span]] = {}

    def add(self, span: Span, call: str | None = None) -> None:
        """One span, and the call it is, if it is one."""
        if span.parent is not None and span.parent != span.id:
            self._parents[span.id] = span.parent
        if call is not None:
            self._calls[span.id] = call, span

    def outer_calls(self) -> set[str]:
        """The calls with another call somewhere inside them, in the trace and, where it is known, in time."""
        outer: set[str] = set()
        for call, span in self._calls.values():
            seen = {span.id}
            above = self._parents.get(span.id)
            while above is not None and above not in seen:
                seen.add(above)
                wrapping = self._calls.get(above)
                if wrapping is not None and wrapping[0] != call and _is_within(span, wrapping[1]):
                    outer.add(wrapping[0])
                above = self._parents.get(above)
        return outer


def _is_within(inner: Span, outer: Span) -> bool:
    if inner.at is None or outer.at is None or outer.latency_s is None:
        return True
    begins = (inner.at - outer.at).total_seconds()
    ends = begins + (inner.latency_s or 0.0)
    return begins >= -_TOLERANCE_S and ends <= outer.latency_s + _TOLERANCE_S
