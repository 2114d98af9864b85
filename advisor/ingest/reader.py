"""The plug points for formats: a module in ``ingest/readers`` adds one by defining any of three at its top level.

A ``Reader`` turns one record into a Sample; an ``Opener`` takes the calls out of a record that wraps several; a
``Joiner`` puts together a call whose parts are records of their own, perhaps of several files.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from advisor.types import Json, RejectionCode, Sample

ROW_FAULTS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What odd values cause; a missing package, a full disk or memory isn't the row's fault."""
Record = dict[str, Json]


NO_ID = "a part of a call without the id that joins it to the others"


class RowRejected(Exception):
    """A row is not a call that can be taken. The message is the reason a person reads."""

    code = RejectionCode.OTHER
    span: str | None = None
    """As in :class:`advisor.types.CallIds`, like ``parent_span``."""
    parent_span: str | None = None


class NotACall(RowRejected):
    """The row is something else: ``what``, such as another span of the trace."""

    code = RejectionCode.NOT_A_CALL

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}, not a call of a model")


class NotChat(RowRejected):
    """The row is a call of something else than a chat model: ``what``, such as embeddings."""

    def __init__(self, what: str) -> None:
        super().__init__(f"a call of {what}, not of a chat model")


def in_span(span: str | None, parent_span: str | None, read: Callable[[], Sample]) -> Sample:
    """What ``read`` makes of a row, sample or rejection, as a span of a trace."""
    try:
        sample = read()
    except RowRejected as rejected:
        rejected.span, rejected.parent_span = span, parent_span
        raise
    return replace(sample, ids=replace(sample.ids, span=span, parent_span=parent_span))


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Understands one kind of record."""

    name: str
    """The format's name, as in ``--format``."""
    rank: int
    """Readers with a lower rank are asked first: exact formats about 10, general shapes 50, guesses 90."""
    matches: Callable[[Record], bool]
    """Votes on one record by the keys it has. Values of a CSV row are strings."""
    read: Callable[[Record], Sample]
    """Turns one record into a Sample; raises RowRejected with the reason when it is not a call."""


@dataclass(frozen=True, kw_only=True)
class Opener:
    """Opens records that wrap several: a page of spans, a trace with its observations, a list under a key."""

    opens: Callable[[frozenset[str]], bool]
    """By the record's keys alone; asked once for each set of keys."""
    open: Callable[[Record], Iterable[Json]]
    """The records inside, each of which counts as a row; the record itself where it wraps nothing after all."""


@dataclass(frozen=True, kw_only=True)
class Joiner:
    """Joins records that are parts of one call, such as the input and the output line of a batch."""

    name: str
    """The name of the format whose Reader takes what is joined."""
    joins: Callable[[frozenset[str]], bool]
    """By the record's keys alone; asked once for each set of keys."""
    call_of: Callable[[Record], str | None]
    """What all parts of one call have in common; None when this record stands alone."""
    join: Callable[[list[Record]], Record]
    """One record for a Reader, from the parts there are (at least one), in the order they were read."""
    split: Callable[[list[Record]], list[list[Record]]] | None = None
    """The same parts, those of each call together, where several calls may share what their parts have in common, such
    as an id that a team gives itself."""
    is_per_file: bool = False
    """Whether all parts of a call lie in one file, and those of other files may have the same in common."""
