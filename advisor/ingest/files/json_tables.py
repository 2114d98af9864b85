"""JSON files of one object that holds tables side by side: ``{"conversations": [...], "messages": [...]}``."""

from collections.abc import Callable
from pathlib import Path

import orjson

from advisor.errors import BadInput
from advisor.ingest.files import bytestream
from advisor.ingest.values.json_text import as_objects
from advisor.types import Json

_START = b"{"


def write_lists(path: Path, label: str, new_folder: Callable[[], Path]) -> list[tuple[Path, str]]:
    """Each list of objects as JSON lines in a new folder, and what a person calls it; none unless there are several."""
    if path.suffix.lower() != ".json" or path.stat().st_size > bytestream.MAX_LINE_BYTES:
        return []
    lists = _lists_of(path)
    if len(lists) < 2:
        return []
    folder = new_folder()
    written = []
    for number, (name, rows) in enumerate(lists.items(), 1):
        table = folder / f"{number}.jsonl"
        table.write_bytes(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows))
        written.append((table, f"{label}/{name.replace('/', '_')}"))
    return written


def _lists_of(path: Path) -> dict[str, list[dict[str, Json]]]:
    """The lists, where the object holds nothing else but single values, or an object around them."""
    try:
        text = b"".join(bytestream.pieces(path))
        whole = orjson.loads(text) if text.lstrip().startswith(_START) else None
    except (orjson.JSONDecodeError, BadInput, EOFError, OSError):
        return {}  # whoever reads it says why
    while isinstance(whole, dict):
        held = {name: value for name, value in whole.items() if isinstance(value, dict | list) and value}
        if len(held) != 1:
            lists = {name: as_objects(value) for name, value in held.items()}
            return lists if lists == held else {}
        whole = next(iter(held.values()))
    return {}
