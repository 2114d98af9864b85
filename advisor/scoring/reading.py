"""Reading what models write: JSON with and without a code fence, strict JSON, text in one spelling."""

import json
import re
from typing import NamedTuple

from advisor.types import Json

_FENCE = re.compile(r"```[\w+-]*+[ \t]*+\r?+\n?+(.*?)```", re.DOTALL)  # possessive: a fence never closed ends soon
_EDGES = " \t\r\n\"'`*_“”‘’«».,;:!"


class NotJson(ValueError):
    """The text is not one JSON value."""


class ReadJson(NamedTuple):
    """A JSON value and whether it had to be taken out of a code fence."""

    value: Json
    fenced: bool


def parse_json(text: str) -> Json:
    """Decode strict JSON: NaN and Infinity, which Python accepts, are refused. Raises NotJson."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None


def read_json(text: str) -> ReadJson:
    """Decode the whole text, else the one code fence in it. Raises NotJson."""
    try:
        return ReadJson(parse_json(text), fenced=False)
    except NotJson:
        fences = _FENCE.findall(text)
        if len(fences) != 1:
            raise
        return ReadJson(parse_json(fences[0]), fenced=True)


def plain(text: str) -> str:
    """One spelling to compare: no case, no surrounding quotes or punctuation, single spaces; ".5" keeps its point."""
    line = " ".join(text.casefold().split())
    bare = line.strip(_EDGES)
    before = line[: len(line) - len(line.lstrip(_EDGES))]
    return f".{bare}" if bare[:1].isdecimal() and before.endswith(".") and not before.endswith("..") else bare


def as_text(target: Json, *, indent: int | None = None) -> str:
    """A right answer as text: a string as it is, anything else as JSON."""
    return target if isinstance(target, str) else json.dumps(target, ensure_ascii=False, indent=indent)


def _refuse(constant: str) -> None:
    raise NotJson(f"{constant} is not JSON")
