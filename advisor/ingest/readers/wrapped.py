"""Records that only wrap calls: a list of them, as the pages of an API do, or calls under their ids, as dumps do."""

from collections.abc import Iterable

from advisor.ingest.reader import Opener, Record
from advisor.ingest.records.request_response import find_pair
from advisor.ingest.values.json_text import at, list_in
from advisor.types import Json

_LIST_KEYS = ("data", "events", "items", "results", "runs", "spans", "calls", "records", "rows", "logs", "Items")
_BESIDE = 12
"""A page has a handful of keys beside its list; a call has more."""
_DEPTH = 3
"""``{"export": {"calls": {"c0": {...}, "c1": {...}}}}``."""
_OF_A_CALL = frozenset(
    {"messages", "prompt", "choices", "request", "response", "input", "output", "usage", "model", "inputs", "outputs"}
)


def _open(record: Record) -> Iterable[Json]:
    """The elements of the first list of objects, or the calls under ids, each with its key as its id."""
    for key in _LIST_KEYS:
        found = list_in(record.get(key))
        if any(isinstance(element, dict) for element in found):
            return found
    calls = _calls_in(record, _DEPTH)
    return [{"id": key, **call} for key, call in calls.items()] if calls else [record]


def _calls_in(value: Record, depth: int) -> dict[str, Record]:
    inner = {key: held for key, held in value.items() if isinstance(held, dict)}
    if len(inner) == len(value) >= 2 and all(find_pair(held) for held in inner.values()):
        return inner
    found = (_calls_in(held, depth - 1) for held in inner.values() if depth > 1)
    return next((calls for calls in found if calls), {})


HITS = Opener(
    opens=lambda keys: keys >= {"hits", "took"}, open=lambda record: list_in(at(record, "hits", "hits")) or [record]
)
"""What Elasticsearch and OpenSearch answer to a search."""
OPENER = Opener(opens=lambda keys: len(keys) <= _BESIDE and keys.isdisjoint(_OF_A_CALL), open=_open)
"""Nothing else opens what this one does, for its module comes last."""
