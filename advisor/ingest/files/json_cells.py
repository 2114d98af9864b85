r"""Tables whose cells are JSON, texts escaped as JSON has it and not as a table does: ``"He said \"no\".\nTwice."``.

Langfuse wrote such exports at least until 2025: under plain headers a record a line, all in quotes. In a cell with a
comma, or of anything but text, quotes are doubled as well.
"""

import re

import orjson

from advisor.ingest.files import bytestream

_OF_LANGFUSE = ({"traceid", "modelparameters"}, {"bookmarked", "observationcount"}, {"bookmarked", "public"})
_DOUBLED = re.compile(r'"((?:[^"]++|"")*+)"(?=,|$)')
_ESCAPED = re.compile(r'"(?:[^"\\]++|\\.)*+"(?=,|$)')


def has_json_cells(head: bytes) -> bool:
    """Whether a file that begins so is one."""
    headers, _, rows = (bytestream.text_of(head) or "").partition("\n")
    names = set(headers.replace("_", "").lower().split(","))
    return any(names >= own for own in _OF_LANGFUSE) and rows.startswith('"')


def as_table_line(line: str) -> str:
    """The same line with its cells as tables have them; as it is where its cells are no JSON."""
    whole = line.rstrip("\r\n")
    cells, at = [], 0
    while at < len(whole):
        cell = _cell_at(whole, at)
        if cell is None:
            return line
        text, at = cell
        cells.append('"' + text.replace('"', '""') + '"')
        at += 1  # the comma
    return ",".join(cells) + "\n"


def _cell_at(line: str, start: int) -> tuple[str, int] | None:
    """What the cell holds, texts without their quotes, and where it ends."""
    if doubled := _DOUBLED.match(line, start):
        inside = doubled[1].replace('""', '"')
        try:
            value = orjson.loads(inside)
        except orjson.JSONDecodeError:
            pass
        else:
            return value if isinstance(value, str) else inside, doubled.end()
    escaped = _ESCAPED.match(line, start)
    if escaped is None:
        return (inside, doubled.end()) if doubled else None
    try:
        return str(orjson.loads(escaped[0])), escaped.end()
    except orjson.JSONDecodeError:
        return escaped[0][1:-1], escaped.end()
