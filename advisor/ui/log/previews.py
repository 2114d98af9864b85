"""What logs look like, remembered as long as the files are the same: a page is drawn again with every click."""

import os
from pathlib import Path

import streamlit as st

from advisor.collect.previews import Looks, look_at
from advisor.collect.redaction import Scan, scan_first
from advisor.collect.sources import is_database
from advisor.types.studies import UNTOLD, Hints

Stamp = tuple[object, ...]
"""Changes when a file does."""
_FOLDER_ENTRIES = 200


def looks(names: tuple[str, ...], columns: dict[str, str] | None = None, hints: Hints = UNTOLD) -> Looks:
    """How each file would be understood; what is wrong with one is told with it."""
    return _looks(names, columns, hints, _stamp(names))


def scan(names: tuple[str, ...], columns: dict[str, str] | None = None) -> Scan:
    """What redaction finds in the first calls. Raises BadInput or StoreError when nothing can be read."""
    return _scan(names, columns, _stamp(names))


@st.cache_data(max_entries=32, ttl="10m", show_spinner="Looking at the first rows ...")
def _looks(names: tuple[str, ...], columns: dict[str, str] | None, hints: Hints, stamp: Stamp) -> Looks:
    return look_at(names, columns=columns or None, hints=hints)


@st.cache_data(max_entries=32, ttl="10m", show_spinner="Looking for personal data in the first rows ...")
def _scan(names: tuple[str, ...], columns: dict[str, str] | None, stamp: Stamp) -> Scan:
    return scan_first(names, columns=columns or None)


def _stamp(names: tuple[str, ...]) -> Stamp:
    return tuple(_file_stamp(Path(name)) for name in names if not is_database(name))


def _file_stamp(path: Path) -> Stamp:
    try:
        about = path.stat()
        inside: list[Stamp] = []
        if path.is_dir():
            entries = sorted(os.scandir(path), key=lambda entry: entry.name)[:_FOLDER_ENTRIES]
            inside = [(entry.name, entry.stat().st_size, entry.stat().st_mtime_ns) for entry in entries]
        return about.st_size, about.st_mtime_ns, *inside
    except OSError:
        return ()
