"""Uploaded logs on their way to the worker: files that only this user may read, gone after the import.

The worker deletes them when the import ends. What it never came to (an import cancelled in the queue, a file that was
dropped and not imported) is deleted here.
"""

import contextlib
import shutil
import time
from pathlib import Path

from streamlit.runtime.uploaded_file_manager import UploadedFile

from advisor.errors import BadInput
from advisor.types import Job
from advisor.ui import queries
from advisor.ui.server import settings

KEPT_S = 24 * 3600.0
"""An upload that was never imported is deleted after this time."""
EMPTY_KEPT_S = 60.0
"""An empty folder may be one that a file is just being written into."""


def keep_upload(file: UploadedFile) -> Path:
    """Write an upload beside the database's data, once, under its own name; returns where.

    Raises BadInput when it cannot be written.
    """
    folder = _folder() / file.file_id
    path = folder / (Path(file.name).name or "log")
    try:
        if path.is_file() and path.stat().st_size == file.size:
            return path
        _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        _folder().chmod(0o700)  # it may be there from before, and a umask may have taken from the mode
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_bytes(file.getbuffer())
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise BadInput(f"{file.name} cannot be kept for the import ({error.strerror}). Free some space.") from None
    return path


def find_on_server(text: str) -> Path:
    """A log on the server: a file, a folder or an archive. Raises BadInput when there is none or it cannot be read."""
    path = Path(text.strip()).expanduser()
    try:
        if not path.is_file() and not path.is_dir():
            raise BadInput(f"There is no file or folder {text.strip()!r} on the server. Give the whole path.")
        return path.resolve()
    except OSError as error:
        raise BadInput(f"{text.strip()!r} cannot be opened ({error.strerror}). Check its permissions.") from None


def forget(job: Job) -> None:
    """Delete the uploads of an import that nobody will do any more."""
    if job.arguments.get("delete_after"):
        for path in map(Path, job.arguments["paths"]):
            _delete(path)


def sweep() -> None:
    """Delete uploads that were dropped long ago and what is left of imported ones; not those of imports to come."""
    folder = _folder()
    if not folder.is_dir():
        return
    needed = {
        Path(path).parent.name
        for job in queries.jobs(None, "import")
        if job.status.is_active
        for path in job.arguments["paths"]
    }
    now = time.time()
    for old in folder.iterdir():
        with contextlib.suppress(OSError):  # gone meanwhile
            age = now - old.stat().st_mtime
            is_empty = old.is_dir() and not any(old.iterdir())
            if (is_empty and age > EMPTY_KEPT_S) or (age > KEPT_S and old.name not in needed):
                shutil.rmtree(old, ignore_errors=True)


def _folder() -> Path:
    return settings().data_dir / "uploads"


def _delete(path: Path) -> None:
    """The file and its folder, if it lies among the uploads."""
    if path.parent.parent == _folder():
        shutil.rmtree(path.parent, ignore_errors=True)
