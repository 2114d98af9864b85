"""Replaces personal data and secrets by numbered placeholders that stay the same within a Sample.

Forms, checksums (presidio's) and telling words find them; names of people are found where a spaCy model is installed.
"""

import hashlib
import re
import secrets
from collections import Counter
from dataclasses import replace

from advisor.ingest.redaction.finds import find_spans
from advisor.ingest.redaction.placeholders import Examples, Placeholders
from advisor.types import Answer, Json, Request, Sample, ToolCall

_STRUCTURE = frozenset(("name", "type", "pattern", "format", "required", "$ref", "$schema", "$id", "role", "id"))
"""Keys of parameters whose strings are no prose: to change them would break a schema or a tool."""
_ALLOWED = frozenset(("enum", "const", "default", "examples"))
"""Keys of a schema whose values are what an argument may be."""
_MEDIA = frozenset(("data", "file_data", "b64_json", "url"))
_ID_KEYS = frozenset(("id", "tool_call_id", "call_id", "name"))


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
            target=names.in_value(sample.target),
            use_case=sample.use_case and self.redact_text(sample.use_case),  # the same in every sample
            external_id=self._redact_id(sample.external_id),
            session=self._redact_id(sample.session),
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
