"""Uploaded logs on their way to the worker: files that only this user may read, gone after the import."""

import shutil
import time
from pathlib import Path

from streamlit.runtime.uploaded_file_manager import UploadedFile

from advisor.errors import BadInput
from advisor.ui.server import settings

KEPT_S = 24 * 3600.0
"""An upload that was never imported is deleted at the next upload after this time."""


def keep_upload(file: UploadedFile) -> Path:
    """Write an upload beside the database's data, once, under its own name; returns where.

    Raises BadInput when it cannot be written.
    """
    folder = settings().data_dir / "uploads" / file.file_id
    path = folder / (Path(file.name).name or "log")
    try:
        if path.is_file() and path.stat().st_size == file.size:
            return path
        _forget_old(folder.parent)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_bytes(file.getbuffer())
    except OSError as error:
        raise BadInput(f"{file.name} cannot be kept for the import ({error.strerror}). Free some space.") from None
    return path


def find_on_server(text: str) -> Path:
    """A log that lies on the server. Raises BadInput when there is no such file."""
    path = Path(text.strip()).expanduser()
    if not path.is_file():
        raise BadInput(f"There is no file {text.strip()!r} on the server. Give the whole path of a log file.")
    return path.resolve()


def _forget_old(folder: Path) -> None:
    for old in folder.iterdir() if folder.is_dir() else ():
        empty = old.is_dir() and not any(old.iterdir())
        if empty or old.stat().st_mtime < time.time() - KEPT_S:
            shutil.rmtree(old, ignore_errors=True)
