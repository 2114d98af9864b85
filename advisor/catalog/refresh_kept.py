"""Where the lists lie that were fetched since the program was installed, and what people have looked at.

A copy is never changed: each refresh writes new files into a folder of its own day and time, and then one small index
that names, for every source, the last good copy.
"""

import functools
import hashlib
import importlib.metadata
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.catalog.list_content import Unreadable, read_json
from advisor.catalog.refresh_changes import LicenceChange
from advisor.catalog.refresh_lists import GENAI_PRICES, LICENCES, LITELLM
from advisor.errors import AdvisorError
from advisor.settings import ROOT, secret

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FOLDER = "ADVISOR_SNAPSHOT_DIR"
INDEX = "index.json"
PACKAGES = {GENAI_PRICES: "genai-prices", LITELLM: "litellm"}
"""What reads a list, and holds the one that it is installed with."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The last good copy of one list."""

    file: str
    """Relative to the folder."""
    digest: str
    etag: str | None
    url: str
    """Of the address, its digest: an address may hold a key."""
    entries: int
    fetched_at: datetime
    checked_at: datetime
    """When the source last said that it is still this one."""
    package: str | None
    """Name and version of the package that it was checked with."""

    @property
    def label(self) -> str:
        """Day and content, for the source of a price."""
        return f"of {self.fetched_at:%Y-%m-%d} ({self.digest[:6]})"


@dataclass(frozen=True, kw_only=True)
class Index:
    """What is kept, and what people have looked at."""

    kept: dict[str, Kept] = field(default_factory=dict)
    licences: tuple[LicenceChange, ...] = ()


@functools.cache
def _format() -> "TypeAdapter[Index]":
    from pydantic import TypeAdapter

    return TypeAdapter(Index)


def snapshot_folder() -> Path:
    """``ADVISOR_SNAPSHOT_DIR``, or data/catalog_snapshots."""
    named = secret(FOLDER)
    return Path(named) if named else ROOT / "data" / "catalog_snapshots"


def read_index(folder: Path) -> Index:
    """What is kept; nothing where there was no refresh yet. Raises AdvisorError when it is damaged."""
    try:
        return _format().validate_json((folder / INDEX).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return Index()
    except (OSError, ValueError) as error:  # pydantic's too
        what = str(error).splitlines()[0]
        raise AdvisorError(
            f"{folder / INDEX} cannot be read ({what}). Delete it: the installed price lists are used until the next "
            "refresh."
        ) from None


@contextmanager
def changing(folder: Path) -> Iterator[Index]:
    """The index, which no other refresh or review changes meanwhile: they wait. Raises AdvisorError."""
    import fcntl  # of POSIX systems alone; whoever fetches nothing does not need it

    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise _cannot_write(folder, error) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield read_index(folder)
    finally:
        os.close(handle)


def write_index(folder: Path, index: Index) -> None:
    """Switch to another index at once. Raises AdvisorError when the folder cannot be written."""
    _write(folder / INDEX, _format().dump_json(index, indent=1))


def write_copy(folder: Path, name: str, body: bytes, at: datetime) -> str:
    """Write a new copy of a list; returns its name relative to the folder. Raises AdvisorError."""
    file = f"{at.astimezone(UTC):%Y-%m-%dT%H%M%SZ}/{name}-{digest_of(body)[:6]}.json"
    _write(folder / file, body)
    return file


def read_copy(folder: Path, kept: Kept) -> bytes | None:
    """The content of a copy; None where it is gone or another than was kept."""
    try:
        body = (folder / kept.file).read_bytes()
    except OSError:
        return None
    return body if digest_of(body) == kept.digest else None


def digest_of(body: bytes) -> str:
    """32 hexadecimal digits of a content."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def installed(name: str) -> str | None:
    """The package that reads a list, with its version."""
    package = PACKAGES.get(name)
    return f"{package} {importlib.metadata.version(package)}" if package else None


def licences_copy(folder: Path, index: Index) -> dict[str, str]:
    """Repository -> the licence that it named at the last refresh."""
    kept = index.kept.get(LICENCES)
    body = read_copy(folder, kept) if kept else None
    try:
        return dict(read_json(body)) if body else {}
    except (Unreadable, TypeError, ValueError):
        return {}


def _write(path: Path, body: bytes) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True)
            path.parent.chmod(0o755)  # price lists are public, and other users may share them
        part.write_bytes(body)
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from None


def _cannot_write(path: Path, error: OSError) -> AdvisorError:
    return AdvisorError(
        f"{path} cannot be written ({error.strerror}). Nothing was changed; name another folder in {FOLDER}."
    )
