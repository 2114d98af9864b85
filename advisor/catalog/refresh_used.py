"""Which of the fetched lists this process goes by: read once, and again when it is told to look for newer ones.

A copy counts only while the package that it was checked with is the one that is installed. What a call cost is stored
with the name of its list, so that a later refresh rewrites nothing.
"""

import functools
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.catalog.list_content import Unreadable, listed_entries, prices_of_listed, prices_of_providers, read_json
from advisor.catalog.refresh_kept import INDEX, Index, Kept, installed, read_copy, read_index, snapshot_folder
from advisor.catalog.refresh_lists import GENAI_PRICES, LITELLM, MODELS_DEV, read_providers
from advisor.errors import AdvisorError

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot

LIST = "model_prices_and_context_window_backup.json"
"""The list of models inside litellm's wheel."""


def take_up_newest() -> bool:
    """See whether another process has refreshed meanwhile; returns whether this one prices from other lists now."""
    folder = snapshot_folder()
    if folder == _opened().folder and _stamp(folder) == _opened().stamp:
        return False
    for reader in (_opened, in_use, genai_copy, litellm_copy, models_dev_copy):
        reader.cache_clear()
    return True


def current_index() -> Index:
    """The index that this process goes by."""
    return _opened().index


def index_problem() -> str | None:
    """Why the index cannot be read; None when all is well."""
    return _opened().problem


@functools.cache
def in_use(name: str) -> Kept | None:
    """The copy of a list that counts; None: the installed one does."""
    kept = _opened().index.kept.get(name)
    return kept if kept and kept.package == installed(name) else None


@functools.cache
def genai_copy() -> "DataSnapshot | None":
    """genai-prices' values of the copy in use; None: the installed list is used."""
    from genai_prices.data_snapshot import DataSnapshot

    content = _content(GENAI_PRICES)
    try:
        providers = read_providers(content) if content is not None else []
        prices_of_providers(providers, datetime.now(UTC))
    except Unreadable:
        return None
    return DataSnapshot(providers, from_auto_update=False) if providers else None


@functools.cache
def litellm_copy() -> Mapping[str, dict[str, Any]] | None:
    """The list of litellm in the copy in use; None: the installed list is used."""
    content = _content(LITELLM)
    try:
        prices_of_listed(content)
        return listed_entries(content)
    except Unreadable:
        return None


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


def listed_models() -> Mapping[str, dict[str, Any]]:
    """Litellm's list in use, by id: what was fetched last, else the installed one; empty without either."""
    return litellm_copy() or model_list()


def listed_entry(litellm_id: str) -> dict[str, Any] | None:
    """Litellm's entry of just this id; None: there is none. The list leaves some providers' names out of its ids."""
    listed = listed_models()
    provider, _, name = litellm_id.partition("/")
    entry = listed.get(litellm_id)
    if entry is None and name:
        entry = listed.get(name)
        if entry and not str(entry.get("litellm_provider", "")).startswith(provider):
            return None
    return entry


@functools.cache
def models_dev_copy() -> Mapping[str, dict[str, Any]]:
    """models.dev's providers with their models; empty before the first refresh."""
    content = _content(MODELS_DEV)
    return content if isinstance(content, dict) else {}


@dataclass(frozen=True, kw_only=True)
class _Opened:
    folder: Path
    index: Index
    stamp: tuple[int, int] | None
    problem: str | None = None


@functools.cache
def _opened() -> _Opened:
    folder = snapshot_folder()
    stamp = _stamp(folder)
    try:
        return _Opened(folder=folder, index=read_index(folder), stamp=stamp)
    except AdvisorError as error:
        return _Opened(folder=folder, index=Index(), stamp=stamp, problem=str(error))


def _content(name: str) -> Any:
    kept = in_use(name)
    body = read_copy(_opened().folder, kept) if kept else None
    try:
        return None if body is None else read_json(body)
    except Unreadable:
        return None


def _stamp(folder: Path) -> tuple[int, int] | None:
    try:
        found = (folder / INDEX).stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ino)
