"""Folders for raw copies of logs: unpacked archives, fetched databases. None outlives the process that made it."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "migration-advisor-raw-"


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
