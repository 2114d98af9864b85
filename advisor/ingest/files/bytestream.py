r"""A log's bytes as UTF-8: unpacked, UTF-16 recoded, in pieces, lines or chunks of lines.

Lines end at ``\n`` only: JSON strings may hold U+2028, U+0085 and other characters that ``str.splitlines`` breaks at.
Never more than a line or a chunk is in memory.
"""

import codecs
import gzip
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from advisor.errors import BadInput
from advisor.ingest.files.encodings import guess_encoding
from advisor.types import Rejection, RejectionCode

MAX_LINE_BYTES = 64 * 2**20
TOO_LONG = f"longer than {MAX_LINE_BYTES // 2**20} MB"
MAX_UNPACKED_BYTES = 16 * 2**30
MAX_RATIO = 400
RATIO_COUNTS_FROM = 32 * 2**20
CHUNK_BYTES = 2**18
"""What is made of it fits into the cache of a processor."""
_PIECE = 2**18
_TELLING = 2**16
"""Bytes at the start of a file that tell its encoding."""
_MAGICS = (
    (b"SQLite format 3\0", "a SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "a gzip file within a gzip file"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
)
_BOMS = ((codecs.BOM_UTF8, None), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def cut_off(
    row: int, reason: str = "the gzip file breaks off here and the rest is missing; export it again"
) -> Rejection:
    """The Rejection after the last row that can be read."""
    return Rejection(row=row, reason=reason, code=RejectionCode.CUT_OFF)


class TooLong:
    """Stands for a line over MAX_LINE_BYTES, which is skipped and not kept."""


class Ended:
    """Stands for the part of a packed file that cannot be unpacked."""


def pieces(path: Path) -> Iterator[bytes]:
    """Pieces of the file as UTF-8, byte order mark removed; invalid bytes are left for the reader of the line.

    Raises BadInput for anything but a text log: a folder, a missing, empty, binary or encrypted file, a gzip bomb.
    A gzip file may have several members; one that breaks off raises EOFError after the last good piece.
    """
    check_file(path)
    try:
        with path.open("rb") as file:
            yield from _as_utf8(path, _unpacked(path, file), is_plain=not is_gzip(file))
    except OSError as error:
        raise BadInput(f"{path.name} can't be read ({error.strerror}). Check its permissions and the disk.") from None


def check_file(path: Path) -> None:
    """Raises BadInput for what isn't a regular file with something in it: reading a pipe or a device may never end."""
    try:
        about = path.stat()
    except FileNotFoundError:
        if path.name == "-":
            raise BadInput("Can't read standard input. Write the log to a file and give its path.") from None
        raise BadInput(f"{path.name} not found. Check the path.") from None
    except OSError as error:
        raise BadInput(f"{path.name} can't be opened ({error.strerror}). Check its permissions.") from None
    if stat.S_ISDIR(about.st_mode):
        raise BadInput(f"{path.name} is a folder. Name the log files in it.")
    if not stat.S_ISREG(about.st_mode):
        raise BadInput(f"{path.name} is a pipe, a device, or a socket. Write the log to a file and give its path.")
    if not about.st_size:  # the system's own, such as those under /proc, too
        raise BadInput(f"{path.name} is empty. Export the log again.")


def is_gzip(file: IO[bytes]) -> bool:
    """Whether a file, at its start, is packed with gzip."""
    start = file.read(2)
    file.seek(0)
    return start == b"\x1f\x8b"


def refuse_bomb(label: str, size: int, *, packed: int) -> None:
    """Raises BadInput for what unpacks to as many bytes as no log does."""
    if size > MAX_UNPACKED_BYTES or (size > RATIO_COUNTS_FROM and size > packed * MAX_RATIO):
        raise BadInput(
            f"{label} unpacks to {size // 2**20:,} MB from {max(1, packed // 2**20):,} MB or more, too much for a log. "
            "If it is one, unpack it and split it into smaller files."
        )


def _unpacked(path: Path, file: IO[bytes]) -> Iterator[bytes]:
    if not is_gzip(file):
        while piece := file.read(_PIECE):
            yield piece
        return
    size = path.stat().st_size
    total = 0
    with gzip.GzipFile(fileobj=file) as stream:
        while True:
            try:
                piece = stream.read1(_PIECE)  # what it has: read loses it where the file breaks off
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                if total == 0:
                    raise BadInput(f"{path.name} is a damaged gzip file ({error}). Export it again.") from None
                raise EOFError(str(error)) from None
            if not piece:
                return
            total += len(piece)
            refuse_bomb(path.name, total, packed=size)
            yield piece


def _as_utf8(path: Path, raw: Iterator[bytes], *, is_plain: bool) -> Iterator[bytes]:
    head = next(raw, b"")
    if not head.strip(b" \t\r\n"):
        head = head.strip() + next((piece for piece in raw if piece.strip(b" \t\r\n")), b"")
    if not head:
        raise BadInput(f"{path.name} is empty. Export the log again.")
    encoding = None
    for mark, name in _BOMS:
        if head.startswith(mark):
            head, encoding = head[len(mark) :], name
            break
    else:
        encoding = _refuse_binary(path, head, is_plain=is_plain) or guess_encoding(head[:_TELLING])
    if encoding is None:
        yield head
        yield from raw
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for piece in chain((head,), raw):
        yield decoder.decode(piece).encode(errors="replace")
    yield decoder.decode(b"", final=True).encode(errors="replace")


def _refuse_binary(path: Path, head: bytes, *, is_plain: bool) -> str | None:
    """The name of a UTF-16 encoding without a mark, or None; raises BadInput when this isn't text."""
    for magic, name in _MAGICS:
        if head.startswith(magic):
            what = (
                f"{path.name} is {name}, not a text log" if is_plain else f"{path.name} holds {name}, packed once more"
            )
            is_document = name in ("a PDF", "an image")
            raise BadInput(f"{what}. {'Export' if is_document else 'Unpack it, or export'} the log as JSON or CSV.")
    sample = head[:4096]
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = sample[offset::2]
        if len(half) > 4 and half.count(0) > 0.7 * len(half) and sample.count(0) < 0.6 * len(sample):
            return encoding
    odd = sum(byte < 32 and byte not in b"\t\n\r\f\x1b\x1a" for byte in sample)
    if odd > 0.05 * len(sample):
        raise BadInput(f"{path.name} is a binary file, not a text log. Export the log as JSONL, JSON or CSV.")
    return None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some lines of a file, in full, so that chunks can be read beside each other."""

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

    def __iter__(self) -> Iterator[bytes | TooLong | Ended]:
        r"""As many as ``line_count``, without their ``\n``."""
        if self.follows_too_long:
            yield TooLong()
        *whole, last = self.lines.split(b"\n")
        yield from whole
        if last:
            yield last
        if self.ends_early:
            yield Ended()


def read_chunks(path: Path) -> Iterator[Chunk]:
    """The whole file once. Raises as :func:`pieces`, but for a file that breaks off."""
    whole: list[bytes] = []
    part: list[bytes] = []  # of the line that goes on
    whole_size = part_size = 0
    skips = ends_early = False  # skips: the line that goes on is too long to be held
    try:
        for piece in pieces(path):
            end = piece.rfind(b"\n") + 1
            if end and skips:
                yield Chunk(piece[piece.find(b"\n") + 1 : end], follows_too_long=True)
                skips = False
            elif end:
                whole += [*part, piece[:end]]
                whole_size += part_size + end
                part, part_size = [], 0
            if not skips:
                part.append(piece[end:])
                part_size += len(piece) - end
            if whole_size >= CHUNK_BYTES or part_size > MAX_LINE_BYTES:
                if whole:
                    yield Chunk(b"".join(whole))
                whole, whole_size = [], 0
            if part_size > MAX_LINE_BYTES:
                part, part_size, skips = [], 0, True
    except EOFError:
        ends_early = True
    if whole_size or part_size or skips or ends_early:
        yield Chunk(b"".join(whole + part), follows_too_long=skips, ends_early=ends_early)


def lines(path: Path) -> Iterator[bytes | TooLong | Ended]:
    r"""Lines without their ``\n``; blank ones too, so that counting gives the line number. Raises as :func:`pieces`."""
    for chunk in read_chunks(path):
        yield from chunk


def text_of(line: bytes) -> str | None:
    """The line's text: UTF-8, else Windows-1252, else None."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
