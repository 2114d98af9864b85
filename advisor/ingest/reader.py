"""The plug points for formats. A module in ``ingest/readers`` adds one by offering any of three names.

``READER`` turns one record into a Sample; ``OPENER`` takes the calls out of a record that wraps several; ``JOINER``
puts together a call whose parts are records of their own, perhaps of several files.
"""

from collections.abc import Iterable
from typing import Protocol, Self, runtime_checkable

from advisor.types import Json, RejectionCode, Sample

ROW_FAULTS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What odd values cause; a missing package, a full disk or memory isn't the row's fault."""


class RowRejected(Exception):
    """A row is not a call that can be taken. The message is the reason a person reads."""

    code = RejectionCode.OTHER
    span: str | None = None
    parent_span: str | None = None

    def at(self, span: str | None, parent_span: str | None) -> Self:
        """Name the span that the row is, as in :class:`advisor.types.Sample`."""
        self.span, self.parent_span = span, parent_span
        return self


class NotACall(RowRejected):
    """The row is something else: ``what``, such as another span of the trace."""

    code = RejectionCode.NOT_A_CALL

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}, not a call of a model")


class Reader(Protocol):
    """Understands one kind of record."""

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


class Opener(Protocol):
    """Opens records that wrap several: a page of spans, a trace with its observations, a list under a key."""

    @property
    def name(self) -> str:
        """The format's name."""

    def opens(self, keys: frozenset[str]) -> bool:
        """By the record's keys alone; asked once for each set of keys."""

    def open(self, record: dict[str, Json]) -> Iterable[Json]:
        """The records inside, each of which counts as a row; the record itself where it wraps nothing after all."""


class Joiner(Protocol):
    """Joins records that are parts of one call, such as the input and the output line of a batch."""

    @property
    def name(self) -> str:
        """The format's name."""

    def joins(self, keys: frozenset[str]) -> bool:
        """By the record's keys alone; asked once for each set of keys."""

    def call_of(self, record: dict[str, Json]) -> str | None:
        """What all parts of one call have in common; None when this record stands alone."""

    def join(self, parts: list[dict[str, Json]]) -> dict[str, Json]:
        """One record for a Reader, from the parts there are (at least one), in the order they were read."""


@runtime_checkable
class Splitter(Protocol):
    """A Joiner whose parts have in common what several calls may share, such as an id that a team gives itself."""

    def split(self, parts: list[dict[str, Json]]) -> list[list[dict[str, Json]]]:
        """The same parts, those of each call together; every part in one of the lists."""
