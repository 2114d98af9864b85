"""The plug point for formats: one reader per module in ``ingest/readers``, so that a new format only adds a file."""

from typing import Protocol

from advisor.types import Json, Sample


class RowRejected(Exception):
    """A row is not a call that can be taken. The message is the reason a person reads."""


class Reader(Protocol):
    """Understands one kind of record. A module in ``ingest/readers`` offers it under the name ``READER``."""

    @property
    def name(self) -> str:
        """The format's name, as in ``--format``."""

    @property
    def rank(self) -> int:
        """Readers with a lower rank are asked first: exact formats about 10, general shapes 50, guesses 90."""

    def matches(self, record: dict[str, Json]) -> bool:
        """Vote on one record by the keys it has. Values of a CSV row are strings."""

    def read(self, record: dict[str, Json]) -> Sample:
        """Turn one record into a Sample; raises RowRejected with the reason when it is not a call."""
