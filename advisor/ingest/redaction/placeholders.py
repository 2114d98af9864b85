"""The placeholders of one Sample: the same value has the same one in every text, and JSON stays JSON."""

import json
import re
from collections import Counter

import orjson

from advisor.ingest.redaction.finds import find_spans
from advisor.ingest.redaction.span import Span
from advisor.types import Json

_NUMBERS = frozenset(("PHONE", "CARD", "IBAN", "SSN", "ID", "ACCOUNT"))
"""Labels of values that are the same with other spaces and hyphens."""
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d[\d.eE+\-]*|[{}]')
_COLON = re.compile(r"\s*:")
_OPEN_NUMBER = re.compile(r'"\s*:\s*\Z')
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_AROUND = 30

Examples = dict[str, list[tuple[str, str]]]
"""Label to a few short extracts, before and after."""


class Placeholders:
    """Replaces finds, counts them by label and keeps the first ``keep`` of each label as examples."""

    def __init__(self, counts: Counter[str], examples: Examples | None = None, keep: int = 0) -> None:
        self._counts = counts
        self._examples = {} if examples is None else examples
        self._keep = keep
        self._names: dict[tuple[str, str], str] = {}
        self._used: Counter[str] = Counter()

    def in_text(self, text: str) -> str:
        """The text redacted. A number of JSON that is replaced becomes a string; data URLs stay."""
        if text.startswith("data:") and ";base64," in text[:200]:
            return text
        spans = find_spans(text)
        if spans and text.lstrip()[:1] in ("{", "["):
            try:
                orjson.loads(text)
            except orjson.JSONDecodeError:
                pass
            else:
                return self._in_json(text)
        return self._replaced(text, spans) if spans else text

    def in_value(self, value: Json) -> Json:
        """A JSON value with its strings, numbers and keys redacted."""
        if isinstance(value, str):
            return self.in_text(value)
        if value is None or isinstance(value, bool):
            return value
        text = json.dumps(value, ensure_ascii=False)
        redacted = self._in_json(text)
        return value if redacted == text else json.loads(redacted)

    def _in_json(self, text: str) -> str:
        """Every string and number on its own, told by its key; nothing else of the text changes."""
        pieces: list[str] = []
        parents: list[str] = []
        at, key = 0, ""
        for token in _JSON_TOKEN.finditer(text):
            written = token.group()
            if written == "{":
                parents.append(key)
                key = ""
            elif written == "}":
                key = parents.pop()
            else:
                value = orjson.loads(written) if written[0] == '"' else written
                if written[0] == '"' and _COLON.match(text, token.end()):
                    key, redacted = value, self.in_text(value)
                else:
                    redacted = self._told(f"{parents[-1] if parents else ''} {key}", value)
                if redacted != value:
                    pieces += [text[at : token.start()], orjson.dumps(redacted).decode()]
                    at = token.end()
        return "".join([*pieces, text[at:]])

    def _told(self, key: str, value: str) -> str:
        """A value whose key tells what it is, such as the digits under "phone"."""
        if len(value) > 200 or "\n" in value or value.lstrip()[:1] in ("{", "["):
            return self.in_text(value)
        mark = "" if '"' in value or not key.strip() else '"'
        head = f"{_HUMP.sub('_', key.strip())}: {mark}" if key.strip() else ""
        spans = find_spans(f"{head}{value}{mark}")
        inner = tuple(
            Span(max(0, span.start - len(head)), min(len(value), span.end - len(head)), span.label)
            for span in spans
            if span.end > len(head)
        )
        return self._replaced(value, inner, shown=head) if inner else value

    def _replaced(self, text: str, spans: tuple[Span, ...], shown: str = "") -> str:
        pieces: list[str] = []
        at = length = 0
        places: list[tuple[Span, int, int]] = []
        for span in spans:
            name = self._name(span.label, text[span.start : span.end])
            if text[span.end - 1].isdigit() and _OPEN_NUMBER.search(text, max(0, span.start - 8), span.start):
                name = f'"{name}"'
            pieces += [text[at : span.start], name]
            length += span.start - at
            places.append((span, length, length + len(name)))
            length += len(name)
            at = span.end
        redacted = "".join([*pieces, text[at:]])
        if self._keep:
            self._note(text, redacted, places, shown)
        return redacted

    def _note(self, text: str, redacted: str, places: list[tuple[Span, int, int]], shown: str) -> None:
        for span, start, end in places:
            kept = self._examples.setdefault(span.label, [])
            extract = (
                shown + text[max(0, span.start - _AROUND) : span.end + _AROUND],
                shown + redacted[max(0, start - _AROUND) : end + _AROUND],
            )
            if len(kept) < self._keep and extract not in kept:
                kept.append(extract)

    def _name(self, label: str, found: str) -> str:
        self._counts[label] += 1
        key = (label, re.sub(r"[\s().\-/]", "", found).casefold() if label in _NUMBERS else found.casefold())
        if label == "SECRET":
            key = (label, found)
        if key not in self._names:
            self._used[label] += 1
            self._names[key] = f"<{label}_{self._used[label]}>"
        return self._names[key]
