"""Anthropic's message batches: a file of requests and a file of results, in any order, joined by ``custom_id``."""

from collections.abc import Iterable
from dataclasses import replace

from advisor.ingest.messages.reply import Reply, failed
from advisor.ingest.reader import Joiner, Opener, Reader, Record, RowRejected
from advisor.ingest.readers.openai_batch import UNCLEAR, in_batch, split_batches
from advisor.ingest.records.bodies import Call, read_call
from advisor.ingest.values.json_text import at, decode, list_in, object_in
from advisor.types import Json, Sample

_RESULTS = ("succeeded", "errored", "canceled", "expired")
_ALONE = "these are results without their prompts: import the file together with its requests file"


def _open(record: Record) -> Iterable[Json]:
    """The requests in the body that creates a batch."""
    found = list_in(record["requests"])
    is_batch = found and all(isinstance(request, dict) and "custom_id" in request for request in found)
    return found if is_batch else [record]


def _matches(record: Record) -> bool:
    """Parameters with messages, or a result of a known type."""
    is_asked = isinstance(object_in(record.get("params")).get("messages"), list)
    return "custom_id" in record and (is_asked or object_in(record.get("result")).get("type") in _RESULTS)


def _call_of(record: Record) -> str | None:
    identity = record.get("custom_id")
    return str(identity) if identity not in (None, "") and _matches(record) else None


def _join(parts: list[Record]) -> Record:
    """The first request with the last result, which is that of a batch sent again."""
    joined: Record = {}
    for part in parts:
        known = {key: value for key, value in part.items() if value not in (None, "")}
        joined = known | joined if "params" in known else joined | known
    asked = [part["params"] for part in parts if part.get("params")]
    return joined | {"is_unclear": True} if any(params != asked[0] for params in asked) else joined


def _read(record: Record) -> Sample:
    """One call; a request that was never answered may still be asked again."""
    params, result = decode(record.get("params")), object_in(record.get("result"))
    around = {key: value for key, value in record.items() if key not in ("params", "result")}
    if isinstance(params, dict):
        call = read_call(params, result.get("message"))
        if call.request is None:
            raise RowRejected("the parameters of the batch request hold no messages")
        around = {"model": call.model} | around
    else:
        came = result.get("message")
        call = Call(not_replayable=_ALONE, reply=read_call(None, came).reply if came is not None else Reply())
    if result and result.get("type") != "succeeded":
        call = replace(call, reply=_failure(result))
    if record.get("is_unclear") is True:
        call = replace(call, not_replayable=UNCLEAR)
    sample = in_batch(call.sample(around))
    return replace(sample, ids=replace(sample.ids, external_id=str(record.get("custom_id"))))


def _failure(result: dict[str, Json]) -> Reply:
    error = result.get("error")
    while isinstance(inner := at(error, "error"), dict):
        error = inner
    if error:
        return failed(error)
    return Reply(error=f"the batch request {'was canceled' if result.get('type') == 'canceled' else 'expired'}")


OPENER = Opener(opens=lambda keys: keys == {"requests"}, open=_open)
READER = Reader(name="anthropic_batch", rank=10, matches=_matches, read=_read)
JOINER = Joiner(
    name="anthropic_batch",
    joins=lambda keys: "custom_id" in keys and ("params" in keys or "result" in keys),
    call_of=_call_of,
    join=_join,
    split=lambda parts: split_batches(parts, lambda part: bool(part.get("params")), lambda part: part.get("result")),
)
