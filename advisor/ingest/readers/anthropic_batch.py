"""Anthropic's message batches: a file of requests and a file of results, in any order, joined by ``custom_id``."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from advisor.ingest.messages.reply import Reply, failed
from advisor.ingest.reader import RowRejected
from advisor.ingest.readers.batch_lines import UNCLEAR, in_batch, split_batches
from advisor.ingest.records.bodies import read_call
from advisor.ingest.records.envelope import assemble
from advisor.ingest.values.json_text import decode
from advisor.types import Json, Request, Sample

_RESULTS = ("succeeded", "errored", "canceled", "expired")
_ALONE = "these are results without their prompts: import the file together with its requests file"


@dataclass(frozen=True)
class AnthropicBatch:
    """Joins ``{custom_id, params}`` and ``{custom_id, result}`` and reads both together or either alone."""

    name: str = "anthropic_batch"
    rank: int = 10

    def opens(self, keys: frozenset[str]) -> bool:
        """The body that creates a batch."""
        return keys == {"requests"}

    def open(self, record: dict[str, Json]) -> Iterable[Json]:
        """Its requests."""
        found = decode(record["requests"])
        is_batch = isinstance(found, list) and found and all(isinstance(r, dict) and "custom_id" in r for r in found)
        return found if is_batch else [record]

    def joins(self, keys: frozenset[str]) -> bool:
        """A custom id with parameters or a result."""
        return "custom_id" in keys and ("params" in keys or "result" in keys)

    def call_of(self, record: dict[str, Json]) -> str | None:
        """The custom id."""
        identity = record.get("custom_id")
        return str(identity) if identity not in (None, "") and self.matches(record) else None

    def split(self, parts: list[dict[str, Json]]) -> list[list[dict[str, Json]]]:
        """The parts of each call, where several batches use one id (see batch_lines)."""
        return split_batches(parts, lambda part: bool(part.get("params")), lambda part: part.get("result"))

    def join(self, parts: list[dict[str, Json]]) -> dict[str, Json]:
        """The first request with the last result, which is that of a batch sent again."""
        joined: dict[str, Json] = {}
        for part in parts:
            known = {key: value for key, value in part.items() if value not in (None, "")}
            joined = known | joined if "params" in known else joined | known
        asked = [part["params"] for part in parts if part.get("params")]
        return joined | {"is_unclear": True} if any(params != asked[0] for params in asked) else joined

    def matches(self, record: dict[str, Json]) -> bool:
        """Parameters with messages, or a result of a known type."""
        if "custom_id" not in record:
            return False
        params, result = decode(record.get("params")), decode(record.get("result"))
        if isinstance(params, dict) and isinstance(params.get("messages"), list):
            return True
        return isinstance(result, dict) and result.get("type") in _RESULTS

    def read(self, record: dict[str, Json]) -> Sample:
        """Read one call; a request that was never answered may still be asked again."""
        params, result = decode(record.get("params")), decode(record.get("result"))
        result = result if isinstance(result, dict) else {}
        reply, request = Reply(), Request(messages=[])
        reason: str | None = _ALONE
        if isinstance(params, dict):
            call = read_call(params, result.get("message"))
            if call.request is None:
                raise RowRejected("the parameters of the batch request hold no messages")
            reply, request, reason = call.reply, call.request, call.not_replayable
            record = {"model": call.model} | record
        elif result.get("message") is not None:
            reply = read_call(None, result["message"]).reply
        if result and result.get("type") != "succeeded":
            reply = _failure(result)
        around = {key: value for key, value in record.items() if key not in ("params", "result")}
        reason = UNCLEAR if record.get("is_unclear") is True else reason
        sample = assemble(around, request, reply, not_replayable=reason)
        return replace(in_batch(sample), external_id=str(record.get("custom_id")))


def _failure(result: dict[str, Json]) -> Reply:
    error = result.get("error")
    while isinstance(error, dict) and isinstance(error.get("error"), dict):
        error = error["error"]
    if error:
        return failed(error)
    return Reply(error=f"the batch request {'was canceled' if result.get('type') == 'canceled' else 'expired'}")


READER = AnthropicBatch()
OPENER = READER
JOINER = READER
