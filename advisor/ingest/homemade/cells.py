"""Objects in the cells of a table: those that a program wrote, and those that a model was asked for."""

import re
from collections.abc import Sequence

from advisor.ingest.homemade.names import Hint, hints_of, last_hint
from advisor.ingest.values.json_text import object_in
from advisor.types import Json

OF_ONE_SIDE = {Hint.PROMPT, Hint.ANSWER, Hint.BOT, Hint.EXPECTED}
WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_TEXTS = frozenset({"text", "content", "message", "output_text", "completion", "generated_text"})
_OF_PROGRAMS = frozenset(
    {"usage", "finish_reason", "stop_reason", "response_id", "request_id", "latency_ms", "duration_ms"}
)
"""Keys around an answer that no model writes."""


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
