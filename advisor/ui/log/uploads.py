"""Uploaded logs on their way to the worker: files that only this user may read, gone after the import.

The worker deletes them when the import ends. What it never came to (an import cancelled in the queue, a file that was
dropped and not imported) is deleted here, and what it left when it was ended itself.
"""

import contextlib
import shutil
import time
from pathlib import Path

from streamlit.runtime.uploaded_file_manager import UploadedFile

from advisor.errors import BadInput
from advisor.settings import DATA, SECRETS, log_folders
from advisor.store.jobs import list_active
from advisor.ui.access import is_local
from advisor.ui.server import store

KEPT_S = 3600.0
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
        raise BadInput(
            f"{file.name} can't be saved in {_folder()} ({error.strerror}). Free up space or fix the "
            "permissions, then add the file again."
        ) from None
    return path


def check_server_paths() -> None:
    """Raises BadInput where visitors may name no path on the server: from elsewhere, only within a folder of logs."""
    if not is_local() and not log_folders():
        raise BadInput(
            "Server paths are off because others can reach this app. To turn them on, set ADVISOR_LOG_DIR to the "
            "log folder and restart the app."
        )


def find_on_server(text: str) -> Path:
    """A log on the server: a file, a folder or an archive. Raises BadInput when there is none or it may not be read."""
    check_server_paths()
    name = text.strip()
    try:
        path = Path(name).expanduser().resolve()
        folders = log_folders()
        if folders and not any(path.is_relative_to(folder) for folder in folders):
            raise BadInput(f"{name!r} isn't allowed. Logs are read from {' or '.join(map(str, folders))}.")
        if SECRETS.parent.name in path.parts:
            raise BadInput(f"{name!r} isn't allowed: it contains the app's own settings.")
        if not path.is_file() and not path.is_dir():
            raise BadInput(
                f"No file or folder {name!r} on the server. Enter its full path; copy files from other "
                "machines there first."
            )
    except OSError as error:
        raise BadInput(f"{name!r} can't be opened ({error.strerror}). Check its permissions.") from None
    except (ValueError, RuntimeError):
        raise BadInput(f"{name!r} isn't a path. Enter the full path of a file or folder on the server.") from None
    return path


def sweep() -> None:
    """Delete uploads that were dropped long ago and what is left of imported ones; not those of imports to come."""
    folder = _folder()
    if not folder.is_dir():
        return
    needed = {Path(path).parent.name for job in list_active(store(), "import") for path in job.arguments["paths"]}
    now = time.time()
    for old in folder.iterdir():
        with contextlib.suppress(OSError):  # gone meanwhile
            age = now - old.stat().st_mtime
            is_empty = old.is_dir() and not any(old.iterdir())
            if (is_empty and age > EMPTY_KEPT_S) or (age > KEPT_S and old.name not in needed):
                shutil.rmtree(old, ignore_errors=True)


def _folder() -> Path:
    return DATA / "uploads"
