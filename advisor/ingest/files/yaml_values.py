"""Records of YAML files: a list of them, or one a document."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import yaml  # type: ignore[import-untyped]

from advisor.errors import BadInput
from advisor.ingest.files import bytestream
from advisor.ingest.files.json_values import MAX_DEPTH, as_record
from advisor.ingest.files.tables import plain_value
from advisor.types import Json, Rejection


class _Loader(yaml.CSafeLoader):  # type: ignore[misc]
    """Builds plain values only. What isn't spelled as in JSON is text: ``no`` is an answer, ``12:30:45`` a time."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}


for _kind, _spelled, _begins in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"-?(?:0|[1-9][0-9]*)", list("-0123456789")),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", list("-0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(f"(?:{_spelled})\\Z"), _begins)


def read_yaml(path: Path) -> Iterator[tuple[int, dict[str, Json] | Rejection]]:
    """Every record once, numbered from 1. Raises BadInput for a file too large to be read as a whole."""
    lines, size, is_torn = [], 0, False
    for line in bytestream.lines(path):
        if isinstance(line, bytes):
            lines.append(line)
            size += len(line) + 1
        is_torn = isinstance(line, bytestream.Ended)
        if size > bytestream.MAX_LINE_BYTES or isinstance(line, bytestream.TooLong):
            raise BadInput(f"{path.name} is YAML {bytestream.TOO_LONG}. Convert it to JSONL and try again.")
    text = bytestream.text_of(b"\n".join(lines)) or ""
    number = 0
    try:
        for document in yaml.load_all(text, Loader=_Loader):
            _refuse_bomb(path, document, len(text))
            for value in document if isinstance(document, list) else [document]:
                if value is not None:
                    number += 1
                    yield number, as_record(number, plain_value(value), 0)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        why = str(error).partition("\n")[0]
        reason = f"not YAML ({why}); the rest of the file is not read"
        yield number + 1, bytestream.cut_off(number + 1, reason)
    else:
        if is_torn:
            yield number + 1, bytestream.cut_off(number + 1)


def _refuse_bomb(path: Path, document: Json, most: int) -> None:
    """Raises BadInput where aliases make more values than the text has letters."""
    bomb = BadInput(f"{path.name} repeats or nests its values as no log does. Convert it to JSON and try again.")
    level, seen = [document], 0
    for _ in range(MAX_DEPTH):
        below: list[Json] = []
        for within in map(_within, level):
            seen += len(within)
            if seen > most:  # before they are held: each step may multiply them
                raise bomb
            below += within
        if not below:
            return
        level = below
    raise bomb


def _within(value: Json) -> list[Json]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
