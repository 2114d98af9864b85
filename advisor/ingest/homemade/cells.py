"""Objects in the cells of a table: those that a program wrote, and those that a model was asked for."""

import re
from collections.abc import Sequence, Set
from functools import lru_cache

from advisor.ingest.homemade.names import Hint, hints_of, last_hint, plain_name, words_of
from advisor.ingest.homemade.roles import NAME_CHARS
from advisor.ingest.values.json_text import decode, object_in
from advisor.ingest.values.numbers import parse_number
from advisor.types import Json

OF_ONE_SIDE = {Hint.PROMPT, Hint.ANSWER, Hint.BOT, Hint.EXPECTED}
WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_TEXTS = frozenset({"text", "content", "message", "output_text", "completion", "generated_text"})
_OF_PROGRAMS = frozenset(
    {"usage", "finish_reason", "stop_reason", "response_id", "request_id", "latency_ms", "duration_ms"}
)
"""Keys around an answer that no model writes."""
_ATTACHED = frozenset({"attachment", "attachments"})
_FILES = frozenset({
    "image", "images", "img", "photo", "photos", "picture", "file", "files", "media", "document", "audio", "voice",
    "video", "sticker",
})  # fmt: skip
_WHICH = frozenset({"id", "ids", "url", "urls", "name", "names", "path", "link"})
_HOW_MANY = frozenset({"has", "num", "n", "count"})
_NOTHING = frozenset({"", "none", "null", "nan", "\\n", "-", "false", "no", "n", "f", "n/a", "na", "<na>", "()"})
_NAMES = 4096


def is_programs(path: str, cell: Json) -> bool:
    """Whether a program wrote an object into a cell, of which a model wrote a part: python's, or with both sides."""
    if not isinstance(cell, str) or cell[:1] != "{":
        return False
    if cell[1:2] == "'" or not OF_ONE_SIDE.isdisjoint(hints_of(path)):
        return cell[1:2] == "'"
    hints = _names(object_in(cell))
    return {Hint.PROMPT, Hint.ANSWER} <= hints or {Hint.USER, Hint.BOT} <= hints


def programs_cells(records: Sequence[dict[str, Json]]) -> frozenset[str]:
    """The columns of objects in text that a program wrote: for prompts and for answers, or around an answer.

    An object of several sentences may be what was sent.
    """
    cells = {name for record in records for name, cell in record.items() if isinstance(cell, str) and cell[:1] == "{"}
    sides: dict[Hint, set[str]] = {Hint.PROMPT: set(), Hint.ANSWER: set()}
    around: set[str] = set()
    for name in cells:
        side = last_hint(name, tuple(sides))
        held = [object_in(record.get(name)) for record in records] if side else []
        if side and all(_is_of_one_text(inner) and _names(inner) & {side, Hint.TEXT} for inner in held):
            sides[side].add(name)
            around |= {name} if side is Hint.ANSWER and _is_around_texts(held) else set()
    return frozenset(around).union(*(sides.values() if all(sides.values()) else ()))


def _is_around_texts(held: Sequence[dict[str, Json]]) -> bool:
    """``{"text": "...", "finish_reason": "stop"}``: texts with what only a program tells, or AnythingLLM's."""
    keys = {*held[0]}.intersection(*held[1:]) if len(held) > 1 else set()
    is_told = not keys.isdisjoint(_OF_PROGRAMS) or all(inner.get("role") == "assistant" for inner in held)
    is_told |= all(isinstance(inner.get("sources"), list) and inner.get("type") in ("chat", "query") for inner in held)
    return is_told and len([key for key in keys & _TEXTS if all(isinstance(each[key], str) for each in held)]) == 1


def _names(inner: dict[str, Json]) -> frozenset[Hint]:
    return frozenset[Hint]().union(*map(hints_of, inner))


def _is_of_one_text(inner: dict[str, Json]) -> bool:
    return sum(isinstance(value, str) and is_prose(value) for value in inner.values()) <= 1


def is_prose(text: str) -> bool:
    """Whether this is a sentence or a part of one: several words, or some letters of a script without spaces."""
    text = text.strip()
    return text[:1] != "{" and (len(text.split()) >= 3 or len(WIDE.findall(text)) >= 4)


def with_file(text: Json, row: dict[str, Json], usual: Set[tuple[str, str]]) -> Json:
    """What a user says, with a part for the image or the file that a column tells of, which the log doesn't hold.

    ``usual``: cells of files that stand beside other words, too.
    """
    is_attached = any(_names_attachments(name) and not _is_nothing(cell) for name, cell in row.items())
    if is_attached or (text in (None, "") and not files_of(row) <= usual):
        return [*([{"type": "text", "text": text}] if text else []), {"type": "file"}]
    return text


def files_of(row: dict[str, Json]) -> frozenset[tuple[str, str]]:
    """Name and cell of ``image_url``, or of a ``message_type`` that says so."""
    return frozenset(
        (name, str(cell))
        for name, cell in row.items()
        if (_names_file(name) or _says_file(name, cell)) and not _is_nothing(cell)
    )


@lru_cache(_NAMES)
def _names_attachments(name: str) -> bool:
    words = {*plain_name(name).split("_")}
    return not words.isdisjoint(_ATTACHED) and words <= _ATTACHED | _WHICH | _HOW_MANY | {"file", "files"}


@lru_cache(_NAMES)
def _names_file(name: str) -> bool:
    words = {*plain_name(name).split("_")}
    return not words.isdisjoint(_FILES) and words <= _FILES | _WHICH


def _says_file(name: str, cell: Json) -> bool:
    is_kind = isinstance(cell, str) and len(cell) < NAME_CHARS and Hint.SPEAKER in hints_of(name)
    return is_kind and not _FILES.isdisjoint(words_of(str(cell)))


def _is_nothing(cell: Json) -> bool:
    """An empty cell, or one that says so: ``0.0``, ``N/A``, ``[null]``."""
    told = decode(cell)
    if isinstance(told, list | dict):
        return all(map(_is_nothing, told.values() if isinstance(told, dict) else told))
    return str(told).strip().lower() in _NOTHING or parse_number(told) == 0
