"""Files, folders and zip archives named by a person, as the plain files to read.

What is unpacked lies in a private folder that is gone afterwards. An archive is measured before and while it is
unpacked, so that a zip bomb is refused before it fills the disk, and no name inside it ever becomes a path.
"""

import fcntl
import logging
import os
import re
import shutil
import stat
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile, ZipInfo

from advisor.errors import BadInput, UnknownFormat
from advisor.ingest.files.bytestream import MAX_UNPACKED_BYTES, check_file, refuse_bomb
from advisor.ingest.files.databases import is_database, write_tables
from advisor.ingest.files.split_tables import LEFT, join_lists, put_files_together, put_together
from advisor.ingest.files.workbooks import is_workbook, write_sheets

MAX_FILES = 20_000
"""Of one import: an object store of logs by the hour has about 9,000 files a year."""
_LOOKED_AT = 100_000
"""Rows of a database's table before an import: enough to see which answers belong to which prompts."""
_DEPTH = 3
"""Archives within archives."""
_MOST_JOINED = 12
"""Files of a folder or an archive that may be tables of one database."""
_KEEP_FREE_BYTES = 2**28
_PIECE = 2**20
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_PACKED = (*_ZIP, b"\xd0\xcf\x11\xe0")
"""Workbooks are zip archives, and older ones or those with a password begin so."""
_DOCUMENT_MEMBERS = frozenset({"[content_types].xml", "mimetype"})
_NO_LOG_SUFFIXES = frozenset({
    ".md", ".rst", ".pdf", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".ico", ".bmp", ".tif", ".tiff", ".mp3",
    ".mp4", ".wav", ".ogg", ".mov", ".html", ".htm", ".css", ".js", ".ts", ".py", ".pyc", ".ipynb", ".sh", ".bat",
    ".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".lock", ".doc", ".docx", ".ppt", ".pptx",
    ".odt", ".exe", ".dll", ".so", ".dylib", ".whl", ".jar", ".woff", ".woff2", ".ttf", ".sha256", ".md5",
    ".sig", ".asc", ".crc", ".db-wal", ".db-shm", ".db-journal", ".sqlite-wal", ".sqlite-shm",
})  # fmt: skip
_NO_LOG_NAMES = re.compile(
    r"(licen[cs]e|copying|notice|authors|readme|changelog|makefile|dockerfile|contributing|_success|manifest)([.-].*)?",
    re.IGNORECASE,
)
_BEDROCK_BODY = re.compile(r"([0-9a-f]{8}-[0-9a-f-]{27}|.*)_(input|output)\.json\.gz", re.IGNORECASE)
"""What Bedrock stores in a folder ``data`` beside its log, where a body is too long for the log."""
_UUID_CHARS = 36
_logger = logging.getLogger(__name__)
_PREFIX = "migration-advisor-raw-"


class Source(NamedTuple):
    """A file to read."""

    path: Path
    label: str
    """What a person calls it: ``logs.zip/march.jsonl``."""
    is_found: bool = False
    """Found in a folder or an archive, not named by a person: it may turn out to be no log."""

    def words(self, error: BadInput) -> str:
        """Why it can't be read, with the name that a person knows: tables and sheets lie in files of ours."""
        if LEFT in self.label and isinstance(error, UnknownFormat):
            return "These rows match no call, so they aren't counted."
        return re.sub(rf"(?<![\w/]){re.escape(self.path.name)}(?!\w)", lambda _: self.label, str(error), count=1)


@contextmanager
def open_sources(
    name: Path, most: int | None = None, *, is_look: bool = False, check: Callable[[], None] = lambda: None
) -> Iterator[tuple[list[Source], int]]:
    """The first ``most`` files behind a name, sorted within folders and archives, and how many more there are.

    No more are unpacked; an archive in an archive then counts as one. Hidden files and what is plainly no log
    (documents, images, licences) are passed over and named in the program's own log. For a look, not all rows of a
    database are written out. ``check`` is called often while archives and databases are unpacked and may end it by
    raising. Raises BadInput for what is missing, holds no log, is encrypted,
    damaged or a zip bomb.
    """
    with raw_folder() as folder:
        unpacking = _Unpacking(folder, most, check, _LOOKED_AT if is_look else None)
        sources = list(_expand(name, name.name or str(name), unpacking))
        if not sources and not unpacking.packed:
            kind = "folder" if name.is_dir() else "archive"
            raise BadInput(f"{name.name or name}: the {kind} holds no log. Name the log files themselves.")
        if len(sources) > MAX_FILES:
            raise BadInput(f"{name.name}: more than {MAX_FILES:,} files. Import them in several parts.")
        yield sources[:most], unpacking.packed + len(sources) - len(sources[:most])


def _expand(
    path: Path, label: str, unpacking: "_Unpacking", depth: int = 0, is_found: bool = False
) -> Iterator[Source]:
    if path.is_dir():
        found = ((inner, inner.relative_to(path)) for inner in _walk(path))
        named = ((inner, below.parts, f"{label}/{below.as_posix()}") for inner, below in found)
        logs = ((inner, inside) for inner, parts, inside in named if _is_log(parts, inside))
        yield from _joined([each for log in logs for each in _expand(*log, unpacking, depth, True)], unpacking)
    elif _starts_with(path, _PACKED) and is_workbook(path):
        yield from _parts(write_sheets(path, label, unpacking.new_folder()), label, unpacking, is_found)
    elif is_database(path):
        tables = write_tables(path, label, unpacking.new_folder(), unpacking.rows, unpacking.check)
        yield from _parts(tables, label, unpacking, is_found)
    elif _starts_with(path, _ZIP):
        if depth == _DEPTH:
            raise BadInput(f"{label}: too many nested archives. Unpack it and name the log files.")
        members = unpacking.unpack(path, label)
        yield from _joined([each for log in members for each in _expand(*log, unpacking, depth + 1, True)], unpacking)
    elif lists := join_lists(path, label, unpacking.new_folder):
        yield from (Source(table, inside, is_found or len(lists) > 1) for table, inside in lists)
    else:
        unpacking.came += 1
        yield Source(path, label, is_found)


def _joined(sources: list[Source], unpacking: "_Unpacking") -> list[Source]:
    """The files of a folder or an archive, flat tables that belong together made one."""
    if not 1 < len(sources) <= _MOST_JOINED:
        return sources
    known = {source.path: source for source in sources}
    tables = put_files_together([(source.path, source.label) for source in sources], unpacking.new_folder())
    return [known.get(path) or Source(path, label, is_found=True) for path, label in tables]


def _walk(folder: Path) -> Iterator[Path]:
    """Regular files of the folder and those below, sorted.

    Links to folders are not followed, which rules out circles and links out of the folder: whoever may read the folder
    may not read what they lead to.
    """
    found: list[Path] = []
    inside = folder.resolve()
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            path = Path(parent, name)
            if path.is_symlink() and not path.resolve().is_relative_to(inside):
                _logger.warning("%s is passed over: it links to a file outside the folder", path)
            elif path.is_file():
                found.append(path)
        if len(found) > 10 * MAX_FILES:
            raise BadInput(f"{folder.name}: more than {10 * MAX_FILES:,} files. Name the folder of the logs itself.")
    return iter(sorted(found))


def _is_log(parts: tuple[str, ...], label: str) -> bool:
    """Whether a file found by itself may be a log, by its name and the folders it lies in."""
    name = parts[-1]
    if any(part.startswith((".", "~$")) and part != ".." for part in parts) or "__MACOSX" in parts:
        return False
    bedrock = _BEDROCK_BODY.fullmatch(name)
    is_body = bedrock is not None and (len(bedrock[1]) == _UUID_CHARS or parts[-2:-1] == ("data",))
    suffix = PurePosixPath(name.lower().removesuffix(".gz")).suffix
    is_other = suffix in _NO_LOG_SUFFIXES or _NO_LOG_NAMES.fullmatch(name) is not None
    if is_body or is_other:
        _logger.info("%s is passed over: by its name it is %s", label, "the body of a call" if is_body else "no log")
    return not (is_body or is_other)


def _parts(tables: list[tuple[Path, str]], label: str, unpacking: "_Unpacking", is_found: bool) -> Iterator[Source]:
    """A workbook's sheets or a database's tables; of several some may hold something else."""
    if not tables:
        raise BadInput(f"{label} has no table with a header and a row. Export the log again.")
    for table, inside in put_together(tables, unpacking.new_folder()) if len(tables) > 1 else tables:
        unpacking.came += 1
        yield Source(table, inside, is_found or len(tables) > 1)


def _starts_with(path: Path, magics: tuple[bytes, ...]) -> bool:
    try:
        check_file(path)
        with path.open("rb") as file:
            return file.read(4) in magics
    except (OSError, BadInput):
        return False  # whoever reads it says why


@dataclass
class _Unpacking:
    """Unpacks archives into one folder, within limits that all of them share."""

    folder: Path
    most: int | None = None
    """How many files to come by; what an archive holds beyond them stays packed."""
    check: Callable[[], None] = lambda: None
    rows: int | None = None
    """Of each table of a database."""
    came: int = field(default=0, init=False)
    packed: int = field(default=0, init=False)
    """Members that stay packed."""
    _files: int = field(default=0, init=False)
    _bytes: int = field(default=0, init=False)

    def new_folder(self) -> Path:
        """An empty one."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    def unpack(self, path: Path, label: str) -> Iterator[tuple[Path, str]]:
        """Each member that may be a log, unpacked, with its label."""
        try:
            with ZipFile(path) as archive:
                members = [member for member in archive.infolist() if self._is_wanted(member, label)]
                self._refuse(label, archive, members, path.stat().st_size)
                for member in sorted(members, key=lambda member: member.filename):
                    if self.most is not None and self.came >= self.most:
                        self.packed += 1
                        continue
                    inside = f"{label}/{_shown(member.filename)}"
                    yield self._extract(archive, member), inside
        except (BadZipFile, EOFError, zlib.error, UnicodeError, ValueError) as error:
            raise BadInput(f"{label} is a damaged zip archive ({error}). Export it again.") from None
        except (NotImplementedError, RuntimeError) as error:
            raise BadInput(f"{label} uses an unsupported compression ({error}). Unpack it first.") from None

    def _is_wanted(self, member: ZipInfo, label: str) -> bool:
        is_link = stat.S_ISLNK(member.external_attr >> 16)
        parts = PurePosixPath(member.filename.replace("\\", "/")).parts
        return bool(parts) and not member.is_dir() and not is_link and _is_log(parts, f"{label}/{_shown(parts[-1])}")

    def _refuse(self, label: str, archive: ZipFile, members: list[ZipInfo], packed: int) -> None:
        if any(name.lower() in _DOCUMENT_MEMBERS for name in archive.namelist()):
            raise BadInput(f"{label} is a document. Export the log as JSON or CSV.")
        if any(member.flag_bits & 1 for member in members):
            raise BadInput(f"{label} is protected by a password. Unpack it and name the log files.")
        self._files += len(members)
        if self._files > MAX_FILES:
            raise BadInput(f"{label} holds more than {MAX_FILES:,} files. Import them in several parts.")
        told = sum(member.file_size for member in members)
        refuse_bomb(label, told, packed=packed)
        self._bytes += told
        if self._bytes > MAX_UNPACKED_BYTES:
            raise BadInput(f"{label} and the files before it unpack to too much. Import them one at a time.")
        free = shutil.disk_usage(self.folder).free - _KEEP_FREE_BYTES
        if told > free:
            raise BadInput(
                f"{label} unpacks to {told // 2**20:,} MB, but the temporary folder has room for "
                f"{max(0, free) // 2**20:,} MB. Free some space, or set TMPDIR to a folder on a larger disk."
            )

    def _extract(self, archive: ZipFile, member: ZipInfo) -> Path:
        """Write one member; a member never gives more than the size it told, which zipfile sees to."""
        path = self.new_folder() / _file_name(member.filename)
        with archive.open(member) as packed, path.open("xb") as file:
            while piece := packed.read(_PIECE):
                self.check()
                file.write(piece)
        return path


def _file_name(member: str) -> str:
    """The last part of a member's name, with nothing in it that means something to a file system."""
    last = re.sub(r"[^\w.\- ]", "_", member.replace("\\", "/").rstrip("/").rpartition("/")[2])
    return last.strip(". ")[-120:] or "member"


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name)


@contextmanager
def raw_folder() -> Iterator[Path]:
    """An empty folder in the temporary folder that only this user may read, gone afterwards.

    Those that killed processes left are deleted first: the lock on a folder ends with its process.
    """
    _sweep()
    hidden = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}"))  # no sweep sees it before it is locked
    handle = _lock(hidden)
    folder = hidden.rename(hidden.with_name(hidden.name.removeprefix(".")))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _sweep() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # in use, another user's, or gone meanwhile
            handle = _lock(folder)
            shutil.rmtree(folder, ignore_errors=True)
            os.close(handle)


def _lock(folder: Path) -> int:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle
