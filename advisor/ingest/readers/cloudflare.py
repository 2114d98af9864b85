"""Logs of Cloudflare AI Gateway, with the bodies of requests and responses or without them."""

from collections.abc import Iterable

from advisor.ingest.messages.usage import Counts
from advisor.ingest.reader import NotChat, Opener, Reader, Record
from advisor.ingest.readers.trace_tools import filled, find_session, find_use_case
from advisor.ingest.records.bodies import Call, other_operation, read_call
from advisor.ingest.values.json_text import list_in, object_in
from advisor.ingest.values.numbers import parse_number, parse_seconds
from advisor.types import Json, Sample

_ALWAYS = frozenset({"provider", "model", "cached", "tokens_in", "tokens_out"})
_OWN = frozenset({"request", "request_head", "path", "success", "request_type"})
_OTHERS = frozenset({"prompt", "messages", "input", "question"})
"""Texts that the gateway holds in the bodies."""
_NO_BODY = "the list of logs holds no bodies: get each log's request and response from the gateway's API"


def _open(record: Record) -> Iterable[Json]:
    """The logs in the envelope of Cloudflare's API."""
    found = list_in(record["result"]) or [object_in(record["result"])]
    is_log = all(isinstance(log, dict) and log.keys() >= _ALWAYS for log in found)
    return found if is_log else [record]


def _matches(record: Record) -> bool:
    """What teams log themselves may have these keys too, but other ones around them, and the texts under others."""
    return record.keys() >= _ALWAYS and not _OWN.isdisjoint(record) and _OTHERS.isdisjoint(record)


def _read(record: Record) -> Sample:
    """One request; the duration is in milliseconds, and that of a cached response says nothing of the model."""
    row = filled(record)
    if kind := other_operation(str(row.get("path") or "")):
        raise NotChat(kind)
    call = read_call(row.get("request") or row.get("request_head"), row.get("response") or row.get("response_head"))
    if call.request is None:
        call = Call(not_replayable=_NO_BODY, reply=call.reply)
    metadata = object_in(row.get("metadata"))
    is_cached, is_failed = (str(row.get(key)).lower() for key in ("cached", "success"))
    around: Record = {
        "id": row.get("id"),
        "timestamp": row.get("created_at"),
        "latency_s": None if is_cached in ("true", "1") else parse_seconds(row.get("duration"), "ms"),
        "cost_usd": parse_number(row.get("cost")),
        "session_id": find_session(metadata),
        "use_case": find_use_case(metadata),
        "model": row.get("model") or call.model,
        "status_code": row.get("status_code"),
        "status": "failed" if is_failed in ("false", "0") else None,
    }
    counts = Counts(given=row.get("tokens_in"), taken=row.get("tokens_out")).usage()
    return call.sample(around, call.reply.usage or counts)


OPENER = Opener(opens=lambda keys: keys >= {"result", "success", "errors"}, open=_open)
READER = Reader(name="cloudflare", rank=12, matches=_matches, read=_read)
