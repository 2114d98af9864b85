"""The lists that were fetched since the program was installed, and which of them this process goes by.

A copy is never changed: each refresh writes new files into a folder of its own day and time, and then one small index
that names, for every source, the last good copy. A copy counts only while the package that it was checked with is the
one that is installed. What a call cost is stored with the name of its list, so a later refresh rewrites nothing.
"""

import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.catalog.list_content import GENAI_PRICES, LITELLM, MODELS_DEV, Unusable, read_json, read_providers
from advisor.errors import AdvisorError
from advisor.settings import ROOT, secret

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from pydantic import TypeAdapter

FOLDER = "ADVISOR_SNAPSHOT_DIR"
INDEX = "index.json"
PACKAGES = {GENAI_PRICES: "genai-prices", LITELLM: "litellm"}
"""What reads a list, and holds the one that it is installed with."""
LIST = "model_prices_and_context_window_backup.json"
"""The list of models inside litellm's wheel."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The last good copy of one list."""

    file: str
    """Relative to the folder."""
    digest: str
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
class LicenceChange:
    """A repository has another licence than before; the model can't be a candidate until a person has looked."""

    model: str
    """Id in the catalogue."""
    repo: str
    before: str
    after: str
    seen_on: str
    """The day, as in 2026-11-26."""
    reviewed_on: str | None = None


@dataclass(frozen=True, kw_only=True)
class Index:
    """What is kept, and what people have looked at."""

    kept: dict[str, Kept] = field(default_factory=dict)
    licences: tuple[LicenceChange, ...] = ()


def snapshot_folder() -> Path:
    """``ADVISOR_SNAPSHOT_DIR``, or data/catalog_snapshots."""
    named = secret(FOLDER)
    return Path(named) if named else ROOT / "data" / "catalog_snapshots"


def read_index(folder: Path) -> Index:
    """What is kept; nothing where there was no refresh yet. Raises AdvisorError when it is damaged."""
    try:
        kept = (folder / INDEX).read_bytes()
        return _format().validate_json(kept)
    except (FileNotFoundError, NotADirectoryError):
        return Index()
    except (OSError, ValueError) as error:  # pydantic's too
        what = str(error).splitlines()[0]
        raise AdvisorError(
            f"{folder / INDEX} can't be read ({what}). Delete it: the installed price lists are used until the next "
            "refresh."
        ) from None


def write_index(folder: Path, index: Index) -> None:
    """Switch to another index at once. Raises AdvisorError when the folder cannot be written."""
    _write(folder / INDEX, _format().dump_json(index, indent=1))


def write_copy(folder: Path, name: str, body: bytes, entries: int, at: datetime) -> Kept:
    """Write a new copy of a list with so many entries, fetched at ``at``. Raises AdvisorError."""
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    file = f"{at.astimezone(UTC):%Y-%m-%dT%H%M%SZ}/{name}-{digest[:6]}.json"
    _write(folder / file, body)
    return Kept(file=file, digest=digest, entries=entries, fetched_at=at, checked_at=at, package=installed(name))


def read_copy(folder: Path, kept: Kept | None) -> bytes | None:
    """The content of a copy; None: there is none."""
    try:
        return (folder / kept.file).read_bytes() if kept else None
    except OSError:
        return None


def installed(name: str) -> str | None:
    """The package that reads a list, with its version."""
    package = PACKAGES.get(name)
    return f"{package} {version_of(package)}" if package else None


@functools.cache
def version_of(package: str) -> str:
    """Its installed version."""
    return importlib.metadata.version(package)


class Copies:
    """What this process goes by: read once, and again when it is told to look for newer lists."""

    def __init__(self, folder: Path) -> None:
        """Read the index in ``folder``."""
        self.folder, self.stamp = folder, _stamp(folder)
        self.problem: str | None = None
        """Why the index cannot be read."""
        try:
            self.index = read_index(folder)
        except AdvisorError as error:
            self.index, self.problem = Index(), str(error)
        self.in_use = {
            name: kept
            for name, kept in self.index.kept.items()
            if kept.package == installed(name) and (folder / kept.file).is_file()
        }
        """The copies that count; of any other list the installed one does."""

    @functools.cached_property
    def genai_prices(self) -> "DataSnapshot | None":
        """genai-prices' values of the copy in use; None: the installed list is used."""
        from genai_prices.data_snapshot import DataSnapshot

        content = self._content(GENAI_PRICES)
        return DataSnapshot(read_providers(content), from_auto_update=False) if content else None

    @functools.cached_property
    def litellm(self) -> Mapping[str, dict[str, Any]]:
        """Litellm's list, by id: what was fetched last, else the installed one; empty without either."""
        return self._content(LITELLM) or model_list()

    @functools.cached_property
    def models_dev(self) -> Mapping[str, dict[str, Any]]:
        """models.dev's providers with their models; empty before the first refresh."""
        return self._content(MODELS_DEV) or {}

    def _content(self, name: str) -> Any:
        body = read_copy(self.folder, self.in_use.get(name))
        try:
            return None if body is None else read_json(body)
        except Unusable:
            return None


@functools.cache
def copies() -> Copies:
    """The lists that this process goes by."""
    return Copies(snapshot_folder())


def take_up_newest() -> bool:
    """See whether another process has refreshed meanwhile; returns whether this one prices from other lists now."""
    folder = snapshot_folder()
    if (folder, _stamp(folder)) == (copies().folder, copies().stamp):
        return False
    copies.cache_clear()
    return True


@functools.cache
def model_list() -> dict[str, dict[str, Any]]:
    """Entry by id as litellm spells it, from the file in its wheel; empty where litellm is not installed.

    Importing litellm takes seconds, and pages ask too.
    """
    spec = importlib.util.find_spec("litellm")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / LIST
        if path.is_file():
            listed: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
            return listed
    return {}


@functools.cache
def _format() -> "TypeAdapter[Index]":
    from pydantic import TypeAdapter

    return TypeAdapter(Index)


def _stamp(folder: Path) -> tuple[int, int] | None:
    try:
        found = (folder / INDEX).stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ino)


def _write(path: Path, body: bytes) -> None:
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.parent.chmod(0o755)  # price lists are public, and other users may share them
        part.write_bytes(body)
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        raise AdvisorError(
            f"{path} can't be written ({error.strerror}). Nothing was changed; name another folder in {FOLDER}."
        ) from None
