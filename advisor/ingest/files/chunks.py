"""A file of JSON lines in chunks of whole lines, to be read beside each other."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from advisor.ingest.files import bytestream
from advisor.ingest.files.rows import Row, parse_line
from advisor.types import Rejection

CHUNK_BYTES = 2**18
"""What is made of it fits into the cache of a processor."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some lines of a file, in full."""

    lines: bytes
    follows_too_long: bool = False
    """Whether a line stood before these that is too long to be held."""
    ends_early: bool = False
    """Whether the file breaks off behind these."""

    @property
    def line_count(self) -> int:
        r"""Lines with and without a ``\n`` at their end, those that are not held included."""
        is_open = bool(self.lines) and not self.lines.endswith(b"\n")
        return self.lines.count(b"\n") + is_open + self.follows_too_long + self.ends_early


def read_chunks(path: Path) -> Iterator[Chunk]:
    """The whole file once. Raises as :func:`bytestream.pieces`, but for a file that breaks off."""
    reading = _Reading()
    try:
        for piece in bytestream.pieces(path):
            yield from reading.take(piece)
    except EOFError:
        yield reading.rest(ends_early=True)
        return
    if not reading.is_empty:
        yield reading.rest()


class _Reading:
    """Gathers pieces of a file until they make a chunk."""

    def __init__(self) -> None:
        self._whole: list[bytes] = []
        self._part: list[bytes] = []
        """Of the line that goes on."""
        self._whole_size = self._part_size = 0
        self._skips = False
        """The line that goes on is too long to be held."""

    @property
    def is_empty(self) -> bool:
        return not (self._whole_size or self._part_size or self._skips)

    def take(self, piece: bytes) -> Iterator[Chunk]:
        end = piece.rfind(b"\n") + 1
        if end and self._skips:
            start = piece.find(b"\n") + 1
            yield Chunk(piece[start:end], follows_too_long=True)
            self._skips = False
        elif end:
            self._whole += [*self._part, piece[:end]]
            self._whole_size += self._part_size + end
            self._part, self._part_size = [], 0
            if self._whole_size >= CHUNK_BYTES:
                yield self._ready()
        if self._skips:
            return
        self._part.append(piece[end:])
        self._part_size += len(piece) - end
        if self._part_size > bytestream.MAX_LINE_BYTES:
            if self._whole:
                yield self._ready()
            self._part, self._part_size, self._skips = [], 0, True

    def rest(self, *, ends_early: bool = False) -> Chunk:
        """What is left at the end of the file."""
        return Chunk(b"".join(self._whole + self._part), follows_too_long=self._skips, ends_early=ends_early)

    def _ready(self) -> Chunk:
        chunk = Chunk(b"".join(self._whole))
        self._whole, self._whole_size = [], 0
        return chunk


def rows_of(chunk: Chunk) -> Iterator[Row]:
    """The rows of a chunk, numbered from 1 within it."""
    number = 0
    if chunk.follows_too_long:
        number = 1
        yield 1, Rejection(row=1, reason=f"the line is {bytestream.TOO_LONG}")
    for line in chunk.lines.split(b"\n"):
        number += 1
        if line and not line.isspace():
            yield number, parse_line(number, line)
    if chunk.ends_early:
        last = chunk.line_count
        yield last, bytestream.cut_off(last)
