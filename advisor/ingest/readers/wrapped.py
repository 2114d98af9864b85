"""Records that only wrap a list of records under a usual key, as the pages of an API do."""

from collections.abc import Iterable
from dataclasses import dataclass

from advisor.ingest.cell import decode
from advisor.types import Json

_LIST_KEYS = ("data", "events", "items", "results", "runs", "spans", "calls", "records", "rows", "logs")
_BESIDE = 12
"""A page has a handful of keys beside its list; a call has more."""
_OF_A_CALL = frozenset(
    {"messages", "prompt", "choices", "request", "response", "input", "output", "usage", "model", "inputs", "outputs"}
)


@dataclass(frozen=True)
class Wrapped:
    """Opens pages."""

    name: str = "wrapped"

    def opens(self, keys: frozenset[str]) -> bool:
        """A list key, few others, and nothing that a call has."""
        return not keys.isdisjoint(_LIST_KEYS) and len(keys) <= _BESIDE and keys.isdisjoint(_OF_A_CALL)

    def open(self, record: dict[str, Json]) -> Iterable[Json]:
        """The elements of the first list of objects."""
        for key in _LIST_KEYS:
            found = decode(record.get(key))
            if isinstance(found, list) and any(isinstance(element, dict) for element in found):
                return found
        return [record]


OPENER = Wrapped()
