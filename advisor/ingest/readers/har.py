"""HTTP archives, as browsers and proxies save them: requests to a model's API are opened as pairs, others left out."""

import base64
import binascii
from collections.abc import Iterable
from urllib.parse import urlsplit

from advisor.ingest.messages.reply import is_stream
from advisor.ingest.reader import NotACall, Opener, Reader, Record
from advisor.ingest.records.bodies import asker_of
from advisor.ingest.values.json_text import as_name, as_object, at, object_in, objects_in
from advisor.ingest.values.numbers import parse_number
from advisor.types import Json, Sample

_OTHER = "har_entry"
"""Key of an entry that isn't a call of a model's API: its host."""


def _open(record: Record) -> Iterable[Json]:
    return [_pair(entry) for entry in objects_in(object_in(record["log"]).get("entries")) if "request" in entry] or [
        record
    ]


def _pair(entry: Record) -> Record:
    """Request and response with the keys around them; times are in milliseconds, and all of a stream is one text."""
    request, response = as_object(entry.get("request")), as_object(entry.get("response"))
    url = as_name(request.get("url")) or ""
    body = object_in(at(request, "postData", "text"))
    if not body or asker_of(body) is None:
        return {_OTHER: urlsplit(url).hostname if "://" in url else url}
    text, total = _text(as_object(response.get("content"))), parse_number(entry.get("time"))
    received = parse_number(at(entry, "timings", "receive"))
    is_timed = total is not None and received is not None and received > 0 and is_stream(text)
    return {
        "url": url, "request": body, "response": text or None, "status_code": response.get("status"),
        "timestamp": entry.get("startedDateTime"), "latency_ms": total,
        "ttft_ms": total - received if is_timed and total is not None and received is not None else None,
    }  # fmt: skip


def _text(content: Record) -> str:
    text = as_name(content.get("text")) or ""
    if content.get("encoding") != "base64":
        return text
    try:
        return base64.b64decode(text).decode(errors="replace")
    except binascii.Error:
        return ""


def _read(record: Record) -> Sample:
    raise NotACall(f"a request to {record.get(_OTHER) or 'an unknown host'}")


OPENER = Opener(opens=lambda keys: "log" in keys, open=_open)
READER = Reader(name="har", rank=9, matches=lambda record: _OTHER in record, read=_read)
