"""Batch files of the Gemini API: lines of requests and lines of responses, joined by their ``key``."""

from dataclasses import replace

from advisor.ingest.messages.reply import Reply, failed
from advisor.ingest.reader import NO_ID, Joiner, Reader, Record, RowRejected
from advisor.ingest.readers.batches import ALONE, UNCLEAR, in_batch, split_batches
from advisor.ingest.records.bodies import Call, read_call
from advisor.ingest.values.json_text import object_in
from advisor.ingest.vendors.gemini import VENDOR
from advisor.types import Sample

_NAME = "gemini_batch"
_ASKED = "gemini_batch_request"
"""Marks a record that was put together here."""
_RESULT = ("response", "error", "status")


def _call_of(record: Record) -> str | None:
    """The team's own key of the call."""
    key = record.get("key")
    if not isinstance(key, str | int) or key == "" or isinstance(key, bool):
        return None
    is_request = VENDOR.asks(object_in(record.get("request")))
    is_result = VENDOR.answers(object_in(record.get("response"))) or bool(_failure(record))
    return str(key) if is_request != is_result and (is_request or not record.get("request")) else None


def _failure(record: Record) -> Record:
    error = object_in(record.get("error")) or object_in(record.get("status"))
    return error if error.get("message") else {}


def _join(parts: list[Record]) -> Record:
    """The request with its last result."""
    asked = [part["request"] for part in parts if part.get("request")]
    results = [part for part in parts if not part.get("request")]
    return {
        _ASKED: asked[-1] if asked else None,
        "result": results[-1] if results else {},
        "is_clear": all(request == asked[0] for request in asked),
        "key": str(parts[0]["key"]),
    }


def _read(record: Record) -> Sample:
    """One call, without its duration."""
    if _ASKED not in record:
        raise RowRejected(NO_ID)
    asked, result = record[_ASKED], record["result"]
    call = read_call(asked, result.get("response"))
    reply = call.reply if result.get("response") else Reply()
    if failure := _failure(result):
        reply = failed(failure)
    if call.request is None:
        return in_batch(Call(not_replayable=ALONE, reply=reply).sample({"id": record["key"]}))
    reason = call.not_replayable if record["is_clear"] else UNCLEAR
    around: Record = {"id": record["key"], "model": call.model, "metadata": object_in(result.get("metadata"))}
    return in_batch(replace(call, reply=reply, not_replayable=reason).sample(around))


JOINER = Joiner(
    name=_NAME,
    joins=lambda keys: "key" in keys and not keys.isdisjoint(("request", *_RESULT)),
    call_of=_call_of,
    join=_join,
    split=lambda parts: split_batches(parts, lambda part: bool(part.get("request")), lambda part: part),
)
READER = Reader(name=_NAME, rank=10, matches=lambda record: _ASKED in record and "is_clear" in record, read=_read)
