"""A file of JSON lines in chunks of whole lines, to be read beside each other."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from advisor.ingest import bytestream
from advisor.ingest.rows import Row, parse_line
from advisor.types import Rejection

CHUNK_BYTES = 2**20


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
    held: list[bytes] = []
    size = 0
    skipping = False
    try:
        for piece in bytestream.pieces(path):
            end = piece.rfind(b"\n") + 1
            if not end:
                held, size, skipping = _hold(held, size, piece, skipping=skipping)
                continue
            rest = piece[end:]
            if skipping:
                yield Chunk(piece[piece.find(b"\n") + 1 : end], follows_too_long=True)
                held, size, skipping = [rest], len(rest), False
                continue
            held.append(piece[:end])
            size += end
            if size < CHUNK_BYTES:
                held, size = [*held, rest], size + len(rest)
                continue
            yield Chunk(b"".join(held))
            held, size = [rest], len(rest)
    except EOFError:
        yield Chunk(b"".join(held), follows_too_long=skipping, ends_early=True)
        return
    if size or skipping:
        yield Chunk(b"".join(held), follows_too_long=skipping)


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
        yield last, Rejection(row=last, reason=bytestream.ENDS_EARLY)


def _hold(held: list[bytes], size: int, piece: bytes, *, skipping: bool) -> tuple[list[bytes], int, bool]:
    """Keep a piece of a line that goes on, unless the line has become too long."""
    if skipping or size + len(piece) > bytestream.MAX_LINE_BYTES + CHUNK_BYTES:
        return [], 0, True
    return [*held, piece], size + len(piece), False
