"""Leaves keys out of what a provider said."""

import base64
import json
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote

from advisor.types import Answer

LONG_ENOUGH = 8
"""Shorter values ("none") are placeholders, and shorter pieces give nothing away."""
INSTEAD = "[key]"


class Mask:
    """Known keys, and what shows them: whole, encoded, or a piece of 8 characters."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        forms = {key: _forms(key) for key in keys if len(key) >= LONG_ENOUGH}
        self._whole = _longest_first(form for each in forms.values() for form in each)
        # A value of letters alone is a word that stands in for a key, and an answer may hold it by chance.
        self._in_answers = _longest_first(form for key, each in forms.items() if not key.isalpha() for form in each)
        self._pieces = {
            form[at : at + LONG_ENOUGH] for form in self._whole for at in range(len(form) - LONG_ENOUGH + 1)
        }
        self._step = min(map(len, self._whole), default=LONG_ENOUGH) - LONG_ENOUGH + 1
        """A whole key covers a piece that begins at one of every so many characters."""

    def text(self, text: str) -> str:
        """A message without any piece of a key."""
        if len(text) < LONG_ENOUGH:
            return text
        text = _replaced(text, self._whole)
        shown: list[str] = []
        hidden_to = 0
        for start in range(len(text)):
            if text[start : start + LONG_ENOUGH] in self._pieces:
                if start >= hidden_to:
                    shown.append(INSTEAD)
                hidden_to = start + LONG_ENOUGH
            if start >= hidden_to:
                shown.append(text[start])
        return "".join(shown)

    def answer(self, answer: Answer) -> Answer:
        """An answer in which the server sent no key back: whole ones, pieces only in its finish reason."""
        if not self._pieces:
            return answer
        calls = tuple(
            replace(call, name=self._without_whole(call.name), arguments=self._without_whole(call.arguments))
            for call in answer.tool_calls
        )
        text = answer.text and self._without_whole(answer.text)
        reason = answer.finish_reason and self.text(answer.finish_reason)
        return replace(answer, text=text, tool_calls=calls, finish_reason=reason)

    def _without_whole(self, text: str) -> str:
        """Looks for single pieces first, since every answer comes by here."""
        pieces = (text[at : at + LONG_ENOUGH] for at in range(0, len(text), self._step))
        return text if self._pieces.isdisjoint(pieces) else _replaced(text, self._in_answers)


def _replaced(text: str, forms: Iterable[str]) -> str:
    for form in forms:
        if form in text:
            text = text.replace(form, INSTEAD)
    return text


def _longest_first(forms: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(forms), key=lambda form: (-len(form), form)))


def _forms(key: str) -> set[str]:
    """How a key may be written: as it is, in an address, in JSON, and within base64 at any of its three offsets."""
    forms = {key, quote(key, safe=""), json.dumps(key)[1:-1], json.dumps(key, ensure_ascii=False)[1:-1]}
    data = key.encode("utf-8", "replace")
    for offset in range(3):
        whole = base64.b64encode(bytes(offset) + data).decode()
        sure = whole[-(-offset * 4 // 3) : (offset + len(data)) * 4 // 3]
        forms |= {sure, sure.replace("+", "-").replace("/", "_")}
    return forms
