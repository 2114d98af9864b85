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


class _Call(NamedTuple):
    """Of a span that is a call; ids are kept as their hashes, because a trace has millions of spans."""

    name: str
    begins_s: float | None
    """Since the epoch."""
    latency_s: float | None


class NestedSpans:
    """Collects the spans of a trace and tells which calls wrap others."""

    def __init__(self) -> None:
        self._parents: dict[int, int] = {}
        self._calls: dict[int, _Call] = {}

    def add(self, span: Span, call: str | None = None) -> None:
        """One span, and the call it is, if it is one."""
        identity = hash(span.id)
        if span.parent is not None and span.parent != span.id:
            self._parents[identity] = hash(span.parent)
        if call is not None:
            self._calls[identity] = _Call(call, span.at.timestamp() if span.at else None, span.latency_s)

    def outer_calls(self) -> set[str]:
        """The calls with another call somewhere inside them, in the trace and, where it is known, in time."""
        outer: set[str] = set()
        for identity, call in self._calls.items():
            seen = {identity}
            above = self._parents.get(identity)
            while above is not None and above not in seen:
                seen.add(above)
                wrapping = self._calls.get(above)
                if wrapping is not None and wrapping.name != call.name and _is_within(call, wrapping):
                    outer.add(wrapping.name)
                above = self._parents.get(above)
        return outer


def _is_within(inner: _Call, outer: _Call) -> bool:
    if inner.begins_s is None or outer.begins_s is None or outer.latency_s is None:
        return True
    begins = inner.begins_s - outer.begins_s
    ends = begins + (inner.latency_s or 0.0)
    return begins >= -_TOLERANCE_S and ends <= outer.latency_s + _TOLERANCE_S
