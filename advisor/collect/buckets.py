"""Logs in an object store, named by URL and fetched by pyarrow, which takes the keys from the environment."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from advisor.errors import BadInput
from advisor.ingest.files.sources import MAX_FILES

if TYPE_CHECKING:
    from pyarrow.fs import FileInfo, FileSystem

SCHEMES = ("s3", "gs", "abfs", "abfss")
_PIECE = 2**20
_DENIED = re.compile(r"denied|forbidden|authenti|authoriz|credential|signature|AccessKey|\b40[13]\b", re.I)
_UNREACHED = re.compile(r"network|connect|resolve|time[d ]*out", re.I)


def is_bucket(name: str | Path) -> bool:
    """Whether this names objects of a store, such as ``s3://bucket/logs``."""
    return isinstance(name, str) and name.partition("://")[0] in SCHEMES and "://" in name


def fetch(url: str, folder: Path, check: Callable[[], None] = lambda: None) -> Path:
    """Copy an object, all in a folder, or all with names that begin so, into ``folder``; returns the copy.

    ``check`` is called between pieces and may end it by raising. Raises BadInput for what is missing, too large for the
    disk or can't be reached; the message holds nothing of the URL but bucket and path, for it may hold a key.
    """
    from pyarrow.fs import FileSystem  # 0.2 s, for those who need it

    shown = f"{url.partition('://')[0]}://…"
    try:
        store, path = FileSystem.from_uri(url)
        shown = f"{url.partition('://')[0]}://{path}"
        if not path:
            raise BadInput(f"{shown} names no bucket. Give one, such as {shown.removesuffix('…')}BUCKET/FOLDER.")
        files = _found(store, path, is_folder=url.partition("?")[0].endswith("/"))
        if not files:
            raise BadInput(f"{shown} isn't there. Check the name, and that your keys may list it.")
        if len(files) > MAX_FILES:
            raise BadInput(f"{shown}: more than {MAX_FILES:,} files. Import them in several parts.")
        size, free = sum(each.size for each in files), shutil.disk_usage(folder).free
        if size > free:
            raise BadInput(f"{shown} holds {size // 2**20:,} MB; the temporary folder has {free // 2**20:,} MB left.")
        folders = {str(above) for each in files for above in PurePosixPath(each.path).parents}
        for each in files:
            target = _below(folder, path, each.path)
            if each.path in folders:  # which a store allows, and a disk doesn't
                target = target.with_name(f"{target.name}.object")
            target.parent.mkdir(parents=True, exist_ok=True)
            with store.open_input_stream(each.path, compression=None) as stream, target.open("xb") as copy:
                while piece := stream.read(_PIECE):
                    check()
                    copy.write(piece)
    except (OSError, ValueError) as error:
        raise _refused(shown, str(error).replace(url, shown)) from None
    return folder / PurePosixPath(path).name


def _refused(shown: str, error: str) -> BadInput:
    """What a store's error means, and what to do about it."""
    if _DENIED.search(error):
        return BadInput(
            f"{shown} can't be read: your keys may not. Set keys that may in the environment, and the region."
        )
    if _UNREACHED.search(error):
        return BadInput(f"{shown} can't be reached. Check the name, the region and your network.")
    return BadInput(f"{shown} can't be read ({error.splitlines()[0]}). Copy the files here and import the copies.")


def _found(store: "FileSystem", path: str, *, is_folder: bool) -> "list[FileInfo]":
    """The object of this name, those in the folder of this name, or else those with a name that begins so."""
    from pyarrow.fs import FileSelector, FileType

    named = store.get_file_info(path)
    if is_folder and named.type is FileType.File:  # a folder may have the name of an object
        found = store.get_file_info(FileSelector(path, allow_not_found=True))
    elif named.type is not FileType.NotFound:
        found = [named]
    elif above := path.rpartition("/")[0]:
        others = store.get_file_info(FileSelector(above, allow_not_found=True))
        found = [each for each in others if each.path.startswith(path)]
    else:
        found = []
    files = []
    for each in found:
        if each.type is FileType.Directory:
            files += store.get_file_info(FileSelector(each.path, recursive=True))
        else:
            files.append(each)
    return [each for each in files if each.type is FileType.File]


def _below(folder: Path, path: str, name: str) -> Path:
    """Where an object goes. Raises BadInput for a name that leads out of the folder."""
    inside = PurePosixPath(name).relative_to(PurePosixPath(path).parent)
    if ".." in inside.parts:
        raise BadInput(f"An object is named {name!r}, which isn't a path below its bucket. Import the others by name.")
    copy = folder / PurePosixPath(path).name
    return folder / inside if inside.parts[0] == copy.name else copy / inside
