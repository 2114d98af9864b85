"""Server-sent events, cut up in every way."""

import pytest

from advisor.llm.http_bodies import EventReader

STREAM = 'data: {"a": "ż🐈"}\n\n: comment\n\nevent: x\nid: 7\ndata:two\ndata: lines\n\ndata: [DONE]\n\n'.encode()
DATA = ['{"a": "ż🐈"}'.encode(), b"two\nlines", b"[DONE]"]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_any_cut_gives_the_same_events(size: int, line_end: bytes) -> None:
    stream = STREAM.replace(b"\n", line_end)
    reader = EventReader()
    events = [data for begin in range(0, len(stream), size) for data in reader.feed(stream[begin : begin + size])]
    assert events == DATA
    assert reader.end() == []


def test_the_last_event_needs_no_empty_line() -> None:
    reader = EventReader()
    assert reader.feed(b"data: last") == []
    assert reader.end() == [b"last"]
