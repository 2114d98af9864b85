"""Replaces personal data and secrets by numbered placeholders that stay the same within a Sample.

Forms, checksums (presidio's) and telling words find them; names of people are found where a spaCy model is installed.
"""

import hashlib
import json
import re
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import orjson

from advisor.ingest.redaction.finds import find_spans
from advisor.ingest.redaction.spans import Span
from advisor.types import Answer, Json, Reference, Request, Sample, ToolCall

_STRUCTURE = frozenset(("name", "type", "pattern", "format", "required", "$ref", "$schema", "$id", "role", "id"))
"""Keys of parameters whose strings are no prose: to change them would break a schema or a tool."""
_ALLOWED = frozenset(("enum", "const", "default", "examples"))
"""Keys of a schema whose values are what an argument may be."""
_MEDIA = frozenset(("data", "file_data", "b64_json", "url"))
_ID_KEYS = frozenset(("id", "tool_call_id", "call_id", "name"))
_NUMBERS = frozenset(("PHONE", "CARD", "IBAN", "SSN", "ID", "ACCOUNT"))
"""Labels of values that are the same with other spaces and hyphens."""
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d[\d.eE+\-]*|[{}]')
_COLON = re.compile(r"\s*:")
_OPEN_NUMBER = re.compile(r'"\s*:\s*\Z')
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_AROUND = 30

Examples = dict[str, list[tuple[str, str]]]
"""Label to a few short extracts, before and after."""
_KEY_NAME = re.compile(r"[\w.\-]{1,40}")
_SPOKEN_NAME = re.compile(r"[\w.\-]+( [\w.\-]+){0,3}( ?\([^)\d]{1,12}\))?")
"""Such as "Cost per call (USD)": a header of these only."""
_SHOWN = 30


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


class Redactor:
    """Redacts one Sample after the other and counts what it replaced.

    ``key`` makes the pseudonyms of ids: with the same key an id has the same one in every import; without, in this one.
    ``examples`` is how many extracts of each label are kept.
    """

    def __init__(self, key: bytes | None = None, *, examples: int = 0) -> None:
        self.counts: Counter[str] = Counter()
        """Label to replacements, for instance ``{"EMAIL": 12}``."""
        self.examples: Examples = {}
        self._keep = examples
        self._key = key or secrets.token_bytes(32)

    def redact(self, sample: Sample) -> Sample:
        """The Sample with placeholders such as ``<EMAIL_1>`` in messages, parameters, answer, target, error and names.

        Ids are replaced whole, the same one by the same word.
        """
        names = Placeholders(self.counts, self.examples, self._keep)
        request = Request(
            messages=[_redact_message(message, names) for message in sample.request.messages],
            params=_redact_params(sample.request.params, names),
        )
        return replace(
            sample,
            request=request,
            answer=sample.answer and _redact_answer(sample.answer, names),
            reference=sample.reference and Reference(names.in_value(sample.reference.value)),
            use_case=sample.use_case and self.redact_text(sample.use_case),  # the same in every sample
            ids=replace(
                sample.ids,
                external_id=self._redact_id(sample.ids.external_id),
                session=self._redact_id(sample.ids.session),
            ),
            error=sample.error and names.in_text(sample.error),
            not_replayable=sample.not_replayable and names.in_text(sample.not_replayable),
        )

    def redact_text(self, text: str) -> str:
        """A text that belongs to no Sample, such as the name of a use case. Its finds are not counted."""
        return Placeholders(Counter()).in_text(text)

    def _redact_id(self, text: str | None) -> str | None:
        """A word of the same use: two persons' sessions must not become one, and nobody can guess whose it is."""
        spans = find_spans(text) if text else ()
        if not text or not spans:
            return text
        self.counts[spans[0].label] += 1
        return f"<{spans[0].label}_{hashlib.blake2b(text.encode(), digest_size=6, key=self._key).hexdigest()}>"


def _redact_message(message: dict[str, Json], names: Placeholders) -> dict[str, Json]:
    return {key: value if key == "role" else _redact_field(key, value, names) for key, value in message.items()}


def _redact_field(key: str, value: Json, names: Placeholders) -> Json:
    """One field of a message: content, parts, name, tool calls, reasoning or what else a log keeps there."""
    if isinstance(value, str):
        if key in _MEDIA and len(value) > 1000 and " " not in value[:1000]:
            return value
        if key in _ID_KEYS:
            plain = names.in_text(value)
            return value if plain == value else re.sub(r"[<>]", "", plain)  # providers refuse brackets in a name
        return value if key == "type" else names.in_text(value)
    if isinstance(value, list):
        return [_redact_field(key, item, names) for item in value]
    if isinstance(value, dict):
        return {inner: _redact_field(inner, item, names) for inner, item in value.items()}
    return value


def _redact_params(value: Json, names: Placeholders, key: str = "", about: str = "") -> Json:
    """Descriptions, examples, stop words: strings that no schema and no tool hangs on.

    ``about`` is the argument that a schema describes. The values it allows are replaced as they are in the arguments,
    where that name tells what they are: an argument that was valid stays so.
    """
    if key in _ALLOWED and about and not isinstance(value, dict):
        told = names.in_value({about: value})
        return next(iter(told.values())) if isinstance(told, dict) else value
    if isinstance(value, str):
        return value if key in _STRUCTURE else names.in_text(value)
    if isinstance(value, list) and key == "required":
        return [_redact_key(item, names) if isinstance(item, str) else item for item in value]
    if isinstance(value, list):
        return value if key in _STRUCTURE else [_redact_params(item, names, key, about) for item in value]
    if isinstance(value, dict):
        is_list_of_arguments = key == "properties"
        return {
            _redact_key(inner, names): _redact_params(item, names, inner, inner if is_list_of_arguments else about)
            for inner, item in value.items()
        }
    return value


def _redact_key(key: str, names: Placeholders) -> str:
    """A key as it is replaced in the arguments; a plain word, which most are, is not looked at."""
    return key if key.isidentifier() else names.in_text(key)


def _redact_answer(answer: Answer, names: Placeholders) -> Answer:
    calls = tuple(ToolCall(name=call.name, arguments=names.in_text(call.arguments)) for call in answer.tool_calls)
    return replace(answer, text=answer.text and names.in_text(answer.text), tool_calls=calls)


def quoted(text: str) -> str:
    """A text that quotes a file, without personal data and keys."""
    return Redactor().redact_text(text)


def quoted_names(names: Sequence[str]) -> str:
    """The first names of columns or keys in a row; by its place what looks like no name.

    In a table without a header the first row's cells stand for names.
    """
    listed = names[:_SHOWN]
    has_header = all(_is_name(name, _SPOKEN_NAME) for name in listed)
    names_alike = _SPOKEN_NAME if has_header else _KEY_NAME
    shown = [name if _is_name(name, names_alike) else f"column {place}" for place, name in enumerate(listed, 1)]
    return ", ".join(shown) or "none"


def name_at(shown: str, names: Sequence[str]) -> str:
    """The name that is shown by its place."""
    place = re.fullmatch(r"column (\d+)", shown)
    is_place = place is not None and shown not in names and 0 < int(place[1]) <= len(names)
    return names[int(place[1]) - 1] if place and is_place else shown


def _is_name(text: str, name: re.Pattern[str]) -> bool:
    return name.fullmatch(text) is not None and any(letter.isalpha() for letter in text) and quoted(text) == text
