"""Which rows are the same call: by what they say, or as spans within one another; and which calls ask the same."""

import hashlib
import string
import zlib
from datetime import datetime
from typing import NamedTuple

import orjson

from advisor.types import Json, Request, Sample

_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
_DROPPED = (string.digits + string.punctuation + string.whitespace).encode()
_LOWER = bytes(range(256)).lower()
_SIZE = 16
_TELLING_ID = 16
"""Shorter ids are numbers that some servers count from one again at every start."""
_TOLERANCE_S = 1.0
"""Clocks of two programs differ by as much."""


def is_identified(sample: Sample) -> bool:
    """Whether an equal digest means the same call: a telling id of the provider's, or any id together with a time."""
    return sample.ids.response_id is not None and (
        _has_telling_id(sample.ids.response_id) or sample.metered.at is not None
    )


def call_digest(sample: Sample) -> str:
    """32 hex digits of the provider's response id, else of request, answer, error and time."""
    if sample.ids.response_id is not None and _has_telling_id(sample.ids.response_id):
        return _hex(f"id {sample.ids.response_id}".encode())
    answer = sample.answer and (sample.answer.text, sample.answer.tool_calls)
    request = (sample.request.messages, sample.request.params)
    told = (request, answer, sample.error, sample.metered.at, sample.ids.response_id)
    return _hex(orjson.dumps(told, option=_SORTED, default=str))


def request_digest(request: Request) -> str:
    """32 hex digits, equal for requests with the same messages, tools and other parameters.

    Raises TypeError for what no JSON can hold.
    """
    return _hex(_whole(request))


def occurrence_digest(call: str, occurrence: int) -> str:
    """Tells the n-th identical call of a file (from 0) from the first."""
    return call if occurrence == 0 else _hex(f"{call} {occurrence}".encode())


def near_digest(request: Request) -> str:
    """Hex digits that requests share which differ in case, digits, spaces and punctuation only.

    A checksum and the length: two of a million different requests may be taken for alike, which changes no share.
    Raises TypeError for what no JSON can hold.
    """
    return _near(_whole(request))


def digests_of(messages: bytes, params: dict[str, Json]) -> tuple[str, str]:
    """``request_digest`` and ``near_digest`` of a request with these messages as JSON with sorted keys."""
    whole = b"[%b,%b]" % (messages, orjson.dumps(params, option=_SORTED))
    return _hex(whole), _near(whole)


def _near(whole: bytes) -> str:
    plain = whole.translate(_LOWER, _DROPPED)
    return f"{zlib.crc32(plain):08x}{len(plain):x}"


def _whole(request: Request) -> bytes:
    return orjson.dumps((request.messages, request.params), option=_SORTED)


def _has_telling_id(response_id: str) -> bool:
    return len(response_id) >= _TELLING_ID


def _hex(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=_SIZE).hexdigest()


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
