"""Which format the first records of a log are in, by the votes of the readers."""

from collections import Counter
from collections.abc import Iterable

from advisor.ingest.reader import ROW_FAULTS
from advisor.ingest.readers import all_joiners, all_readers
from advisor.ingest.records import joined_format, part_of, without_cells
from advisor.types import Json

FORMATS: tuple[str, ...] = tuple(
    dict.fromkeys([reader.name for reader in all_readers()] + [joiner.name for joiner in all_joiners()])
)
"""Every name of ``--format``, exact formats before general ones."""
GENERAL_RANK = 26
"""Readers from this rank on take keys for what they are called; formats below it say what their units are."""


def vote(records: Iterable[dict[str, Json]]) -> str | None:
    """The format of most records, of several the most exact; None where no record is in a format known here."""
    votes = Counter(name for record in records if (name := _format_of(record)) is not None)
    return max(votes, key=lambda name: (votes[name], -FORMATS.index(name))) if votes else None


def _format_of(record: dict[str, Json]) -> str | None:
    try:
        part = part_of(record)
        if part is not None:
            return joined_format(part.call)
        *others, table = all_readers()
        plainer = without_cells(record) or {}
        exact = [reader for reader in others if reader.rank < GENERAL_RANK]
        for readers, seen in ((others, record), (exact, plainer), ([table], record), (others, plainer)):
            found = next((reader.name for reader in readers if reader.matches(seen)), None)
            if found:
                return found
    except ROW_FAULTS:
        pass
    return None
