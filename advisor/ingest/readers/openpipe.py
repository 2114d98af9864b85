"""Request logs exported from OpenPipe: what was asked, what came back or failed, and tags."""

from advisor.ingest.reader import Reader, Record, RowRejected
from advisor.ingest.readers.trace_tools import find_session, find_use_case
from advisor.ingest.records.bodies import read_call
from advisor.ingest.values.json_text import at, decode, object_in
from advisor.types import Sample

_KEYS = frozenset({"input", "output", "tags"})
_PROMPT_IDS = ("prompt_id", "promptId", "prompt_name", "promptName")


def _matches(record: Record) -> bool:
    """Hardly more than the three keys, and messages inside the input."""
    if not record.keys() >= _KEYS or len(record) > len(_KEYS) + 3:
        return False
    asked, tags = decode(record["input"]), decode(record["tags"])
    return isinstance(asked, dict) and "messages" in asked and (isinstance(tags, dict) or not tags)


def _read(record: Record) -> Sample:
    """An output without choices is the call's failure."""
    came = decode(record["output"])
    if isinstance(came, dict) and not came.keys() & {"choices", "error", "content"} and came.get("message"):
        came = {"error": came}
    call = read_call(decode(record["input"]), came)
    if call.request is None:
        raise RowRejected("its input holds no messages")
    tags = object_in(record["tags"])
    around: Record = {
        "id": record.get("id") or at(came, "id"),
        "use_case": find_use_case(tags, prompt=next((tags[key] for key in _PROMPT_IDS if tags.get(key)), None)),
        "session_id": find_session(tags),
        "model": call.model,
        "status_code": at(came, "error", "status"),
    }
    return call.sample(around)


READER = Reader(name="openpipe", rank=25, matches=_matches, read=_read)
