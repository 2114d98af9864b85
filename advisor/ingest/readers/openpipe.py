"""Request logs exported from OpenPipe: what was asked, what came back or failed, and tags."""

from dataclasses import dataclass

from advisor.ingest.reader import RowRejected
from advisor.ingest.readers.pieces import find_session, find_use_case
from advisor.ingest.records.bodies import read_call
from advisor.ingest.records.envelope import assemble
from advisor.ingest.values.json_text import decode
from advisor.types import Json, Sample

_KEYS = frozenset({"input", "output", "tags"})
_PROMPT_IDS = ("prompt_id", "promptId", "prompt_name", "promptName")


@dataclass(frozen=True)
class OpenPipe:
    """Reads records of exactly an input, an output and an object of tags."""

    name: str = "openpipe"
    rank: int = 25

    def matches(self, record: dict[str, Json]) -> bool:
        """The three keys, and messages inside the input."""
        if not record.keys() >= _KEYS or len(record) > len(_KEYS) + 3:
            return False
        asked, tags = decode(record["input"]), decode(record["tags"])
        return isinstance(asked, dict) and "messages" in asked and (isinstance(tags, dict) or not tags)

    def read(self, record: dict[str, Json]) -> Sample:
        """Read one call; an output without choices is its failure."""
        came = decode(record["output"])
        if isinstance(came, dict) and not came.keys() & {"choices", "error", "content"} and came.get("message"):
            came = {"error": came}
        call = read_call(decode(record["input"]), came)
        if call.request is None:
            raise RowRejected("its input holds no messages")
        tags = decode(record["tags"])
        tags = tags if isinstance(tags, dict) else {}
        prompt = next((tags[key] for key in _PROMPT_IDS if tags.get(key)), None)
        failure = came.get("error") if isinstance(came, dict) else None
        around: dict[str, Json] = {
            "id": record.get("id") or (came.get("id") if isinstance(came, dict) else None),
            "use_case": find_use_case(tags, prompt=prompt),
            "session_id": find_session(tags),
            "model": call.model,
            "status_code": failure.get("status") if isinstance(failure, dict) else None,
        }
        return assemble(around, call.request, call.reply, not_replayable=call.not_replayable)


READER = OpenPipe()
