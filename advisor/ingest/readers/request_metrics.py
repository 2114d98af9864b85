"""Tables of metrics without text: a gateway's or a team's own with a row a request, and vendors' totals by time.

A request counts for volume, cost and latency. A total isn't a call: it is skipped with a reason.
"""

from collections.abc import Mapping
from functools import lru_cache

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.usage import Counts
from advisor.ingest.reader import Reader, Record, RowRejected
from advisor.ingest.readers.trace_tools import columns_in
from advisor.ingest.records.bodies import Call
from advisor.ingest.records.columns import guess_columns
from advisor.types import Json, Sample

_NO_TEXT = "the file holds no prompts, only counts, times and costs"
_TOTALS = (
    frozenset({"num_model_requests", "input_tokens"}), frozenset({"n_requests", "n_context_tokens_total"}),
    frozenset({"usage_date_utc"}), frozenset({"amount_value", "line_item"}),
)  # fmt: skip
"""Columns of OpenAI's usage, of its older usage, of Anthropic's usage and cost, and of OpenAI's cost."""
_TEXTS = frozenset({"prompt", "messages", "answer", "system", "target", "any_of"})
_METERED = frozenset({"input_tokens", "output_tokens", "cost", "latency"})
_LONGEST, _MOST_WORDS = 80, 4
"""Of a cell that isn't text: a model, an id, a time, a name."""


@lru_cache(maxsize=256)
def _roles(keys: tuple[str, ...]) -> Mapping[str, str]:
    return guess_columns(keys)


def _is_total(record: Record) -> bool:
    columns = columns_in(record)
    return any(columns >= total for total in _TOTALS)


def _matches(record: Record) -> bool:
    """A model, a time and something metered, and no cell that may be a prompt or an answer."""
    if _is_total(record):
        return True
    roles = _roles(tuple(record))
    if not {"model", "time"} <= roles.keys() or not _TEXTS.isdisjoint(roles) or _METERED.isdisjoint(roles):
        return False
    return all(map(_is_short, record.values()))


def _is_short(value: Json) -> bool:
    if isinstance(value, dict | list):
        return all(map(_is_short, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, str) or (len(value) <= _LONGEST and value.count(" ") < _MOST_WORDS)


def _read(record: Record) -> Sample:
    if _is_total(record):
        raise RowRejected(
            "a total of several requests, not a call; export single requests, or take it to check the bill"
        )
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
