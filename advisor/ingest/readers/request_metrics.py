"""Tables of metrics without text, a gateway's or a team's own with a row a request: volume, cost and latency."""

from collections.abc import Mapping
from functools import lru_cache

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.usage import Counts
from advisor.ingest.reader import Reader, Record
from advisor.ingest.records.bodies import Call
from advisor.ingest.records.columns import guess_columns
from advisor.types import Json, Sample

_NO_TEXT = "the file holds no prompts, only counts, times and costs"
_TEXTS = frozenset({"prompt", "messages", "answer", "system", "target", "any_of"})
_METERED = frozenset({"input_tokens", "output_tokens", "cost", "latency"})
_LONGEST, _MOST_WORDS = 80, 4
"""Of a cell that isn't text: a model, an id, a time, a name."""


@lru_cache(maxsize=256)
def _roles(keys: tuple[str, ...]) -> Mapping[str, str]:
    return guess_columns(keys)


def _matches(record: Record) -> bool:
    """A model, a time and something metered, and no cell that may be a prompt or an answer."""
    roles = _roles(tuple(record))
    if not {"model", "time"} <= roles.keys() or not _TEXTS.isdisjoint(roles) or _METERED.isdisjoint(roles):
        return False
    return all(map(_is_short, record.values()))


def _is_short(value: Json) -> bool:
    if isinstance(value, dict | list):
        return all(map(_is_short, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, str) or (len(value) <= _LONGEST and value.count(" ") < _MOST_WORDS)


def _read(record: Record) -> Sample:
    roles = _roles(tuple(record))
    given, taken, read, reasoning = (
        record.get(roles.get(role, ""))
        for role in ("input_tokens", "output_tokens", "cache_read_tokens", "reasoning_tokens")
    )
    written = record.get(roles.get("cache_write_tokens", ""))
    usage = Counts(given=given, taken=taken, read=read, written=written, reasoning=reasoning).usage()
    told = {key: value for key, value in record.items() if value not in (None, "")}
    return Call(not_replayable=_NO_TEXT, reply=Reply()).sample(told, usage)


READER = Reader(name="request_metrics", rank=85, matches=_matches, read=_read)
