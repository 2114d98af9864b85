"""Reading what models write: JSON with and without a code fence, strict JSON, text in one spelling."""

import json
import re
from typing import NamedTuple

from advisor.types import Json

_FENCE = re.compile(r"```[\w+-]*[ \t]*\r?\n?(.*?)```", re.DOTALL)
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
    """One spelling for comparing: no case, no surrounding quotes or punctuation, single spaces."""
    return " ".join(text.casefold().split()).strip(_EDGES)


def _refuse(constant: str) -> None:
    raise NotJson(f"{constant} is not JSON")
