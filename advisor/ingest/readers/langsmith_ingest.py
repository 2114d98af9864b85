"""Bodies that LangSmith's SDK sends: new runs under ``post``, their ends under ``patch``, joined by the run's id."""

from collections.abc import Iterable
from dataclasses import dataclass

from advisor.ingest.values.json_text import decode
from advisor.types import Json

PART = "langsmith_part"
_LISTS = ("post", "patch")


@dataclass(frozen=True)
class LangSmithBodies:
    """Opens ingest bodies. A run itself is left as it is, though it may have a list of events."""

    name: str = "langsmith"

    def opens(self, keys: frozenset[str]) -> bool:
        """One of the two lists, or a run."""
        return not keys.isdisjoint(_LISTS) or keys >= {"run_type", "inputs"}

    def open(self, record: dict[str, Json]) -> Iterable[Json]:
        """Every part, marked with the list it stands in."""
        lists = {name: listed for name in _LISTS if isinstance(listed := decode(record.get(name)), list)}
        if "run_type" in record or not lists:
            yield record
            return
        for name, listed in lists.items():
            for part in listed:
                yield {PART: name} | part if isinstance(part, dict) else part


@dataclass(frozen=True)
class LangSmithParts:
    """Joins the start and the end of a run."""

    name: str = "langsmith"

    def joins(self, keys: frozenset[str]) -> bool:
        """Only parts that were taken out of a body."""
        return PART in keys and "id" in keys

    def call_of(self, record: dict[str, Json]) -> str | None:
        """The run's id."""
        return str(record["id"]) if record.get("id") else None

    def join(self, parts: list[dict[str, Json]]) -> dict[str, Json]:
        """One run: what a patch tells replaces what the post told, but nothing replaces something."""
        run: dict[str, Json] = {}
        for part in sorted(parts, key=lambda part: part.get(PART) == "patch"):
            for key, value in part.items():
                if key == "extra" and isinstance(value, dict) and isinstance(run.get(key), dict):
                    run[key] = _with_metadata(run[key], value)
                elif value not in (None, "", {}, []) or key not in run:
                    run[key] = value
        return run


def _with_metadata(before: dict[str, Json], after: dict[str, Json]) -> dict[str, Json]:
    told = [extra.get("metadata") for extra in (before, after)]
    known = [metadata for metadata in told if isinstance(metadata, dict)]
    return before | after | ({"metadata": known[0] | known[-1]} if known else {})


OPENER = LangSmithBodies()
JOINER = LangSmithParts()
