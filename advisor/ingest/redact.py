"""Replaces personal data and secrets by numbered placeholders that stay the same within a Sample.

Presidio's pattern recognisers find the personal data, patterns of our own the secrets. Names of people are not found.
What is found depends on the text alone, never on a network.
"""

import hashlib
import re
import secrets
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from advisor.types import Answer, Json, Request, Sample, ToolCall

SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\bsk-(?:ant-|proj-|or-)?[A-Za-z0-9_\-]{16,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}"
    r"|\bxox[abpr]-[A-Za-z0-9\-]{10,}"
    r"|\bAIza[A-Za-z0-9_\-]{35}"
    r"|\bhf_[A-Za-z0-9]{20,}"
    r"|\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]+"
    r"|(?<=[Bb]earer )[A-Za-z0-9._~+/\-]{16,}=*"
)
_CACHED_TEXTS = 2048
_CACHED_CHARS = 20_000
_DIGITS = re.compile(r"[+(]?\d[\d\s().\-/]{5,}\d")
_LEAST_SCORE = 0.3
"""Presidio gives less to bare digits that only might be a social security number."""
_PLAIN_NUMBER = re.compile(r"\d+(\.\d+)?")
_PHONE_WORD = re.compile(
    r"(phone|tel|mobile|cell|fax|whatsapp|sms|call|contact|reach|dial|my number)\b\W*[^\n]{0,25}$", re.I
)
_DATED = re.compile(r"(19|20)\d\d[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.](19|20)\d\d")


class Span(NamedTuple):
    """A stretch of text to be replaced."""

    start: int
    end: int
    label: str


class Redactor:
    """Redacts one Sample after the other and counts what it replaced."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        """Label to replacements, for instance ``{"EMAIL": 12}``."""
        self._key = secrets.token_bytes(16)

    def redact(self, sample: Sample) -> Sample:
        """The Sample with placeholders such as ``<EMAIL_1>`` in every text: messages, answer, target, error and names.

        Ids are replaced whole, the same one by the same word as long as this Redactor lives.
        """
        names = _Placeholders(self.counts)
        request = Request(
            messages=[_redact_message(message, names) for message in sample.request.messages],
            params=sample.request.params,
        )
        return replace(
            sample,
            request=request,
            answer=sample.answer and _redact_answer(sample.answer, names),
            target=names.in_value(sample.target),
            use_case=sample.use_case and names.in_text(sample.use_case),
            external_id=self._redact_id(sample.external_id),
            session=self._redact_id(sample.session),
            error=sample.error and names.in_text(sample.error),
            not_replayable=sample.not_replayable and names.in_text(sample.not_replayable),
        )

    def redact_text(self, text: str) -> str:
        """A text that belongs to no Sample, such as the name of a use case. Its finds are not counted."""
        return _Placeholders(Counter()).in_text(text)

    def _redact_id(self, text: str | None) -> str | None:
        """A word of the same use: two persons' sessions must not become one, and nobody can guess whose it is."""
        spans = _spans(text) if text else ()
        if not text or not spans:
            return text
        self.counts[spans[0].label] += 1
        return f"<{spans[0].label}_{hashlib.blake2b(text.encode(), digest_size=6, key=self._key).hexdigest()}>"


def _redact_message(message: dict[str, Json], names: "_Placeholders") -> dict[str, Json]:
    redacted = dict(message)
    content = message.get("content")
    if isinstance(content, str):
        redacted["content"] = names.in_text(content)
    elif isinstance(content, list):
        redacted["content"] = [
            part | {"text": names.in_text(part["text"])}
            if isinstance(part, dict) and isinstance(part.get("text"), str)
            else part
            for part in content
        ]
    if isinstance(name := message.get("name"), str) and (plain := names.in_text(name)) != name:
        redacted["name"] = re.sub(r"[<>]", "", plain)  # providers refuse brackets in a name
    if message.get("tool_calls"):
        redacted["tool_calls"] = [
            call | {"function": call["function"] | {"arguments": names.in_text(call["function"]["arguments"])}}
            for call in message["tool_calls"]
        ]
    return redacted


def _redact_answer(answer: Answer, names: "_Placeholders") -> Answer:
    calls = tuple(ToolCall(name=call.name, arguments=names.in_text(call.arguments)) for call in answer.tool_calls)
    return replace(answer, text=answer.text and names.in_text(answer.text), tool_calls=calls)


class _Placeholders:
    """The placeholders of one Sample."""

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts
        self._names: dict[tuple[str, str], str] = {}
        self._used: Counter[str] = Counter()

    def in_text(self, text: str) -> str:
        """The text redacted; JSON stays JSON, where a number cannot hold a placeholder."""
        spans = _spans(text) if len(text) <= _CACHED_CHARS else find_spans(text)
        if not spans:
            return text
        if text.lstrip()[:1] in ("{", "["):
            try:
                value = orjson.loads(text)
            except orjson.JSONDecodeError:
                pass
            else:
                return self._in_json(text, value)
        return self._replaced(text, spans)

    def in_value(self, value: Json) -> Json:
        """The JSON value with its strings redacted."""
        if isinstance(value, str):
            return self.in_text(value)
        if isinstance(value, list):
            return [self.in_value(item) for item in value]
        if isinstance(value, dict):
            return {key: self.in_value(item) for key, item in value.items()}
        return value

    def _in_json(self, text: str, value: Json) -> str:
        redacted = self.in_value(value)
        return text if redacted == value else orjson.dumps(redacted).decode()

    def _replaced(self, text: str, spans: tuple[Span, ...]) -> str:
        pieces, at = [], 0
        for span in spans:
            pieces += [text[at : span.start], self._name(span.label, text[span.start : span.end])]
            at = span.end
        return "".join([*pieces, text[at:]])

    def _name(self, label: str, found: str) -> str:
        self._counts[label] += 1
        key = (
            label,
            re.sub(r"[\s().\-]", "", found).casefold() if label in ("PHONE", "CARD", "IBAN") else found.casefold(),
        )
        if key not in self._names:
            self._used[label] += 1
            self._names[key] = f"<{label}_{self._used[label]}>"
        return self._names[key]


def find_spans(text: str) -> tuple[Span, ...]:
    """Where the text holds personal data or secrets, in order and without overlap."""
    found = [Span(match.start(), match.end(), "SECRET") for match in SECRETS.finditer(text)]
    for recogniser, entity, label in _recognisers():
        if label == "PHONE":
            found += _find_phones(text, recogniser, entity)
        elif _may_hold(text, label):
            hits = recogniser.analyze(text, [entity], None) or ()
            found += [
                Span(hit.start, hit.end, label)
                for hit in hits
                if hit.score >= _LEAST_SCORE and (label != "IP" or re.search(r"\d", text[hit.start : hit.end]))
            ]
    return _without_overlap(found)


_spans = lru_cache(maxsize=_CACHED_TEXTS)(find_spans)
"""Agents send the same system prompt and history again with every call."""


def _may_hold(text: str, label: str) -> bool:
    if label == "EMAIL":
        return "@" in text
    return any(digit in text for digit in "0123456789") or (label == "IP" and "::" in text)


def _find_phones(text: str, recogniser: Any, entity: str) -> list[Span]:
    """Phone numbers, searched only around runs of digits because the search is slow.

    A bare number counts only after a word such as "phone": else order numbers, epochs and amounts would count.
    """
    found: list[Span] = []
    for run in _DIGITS.finditer(text):
        if _DATED.match(run.group().strip("( ")):
            continue
        offset = max(0, run.start() - 4)
        for hit in recogniser.analyze(text[offset : run.end() + 4], [entity], None) or ():
            start, end = offset + hit.start, offset + hit.end
            is_bare = _PLAIN_NUMBER.fullmatch(text, start, end) and text[max(0, start - 1) : start] != "+"
            if not is_bare or _PHONE_WORD.search(text, max(0, start - 40), start):
                found.append(Span(start, end, "PHONE"))
    return found


def _without_overlap(found: list[Span]) -> tuple[Span, ...]:
    """Of overlapping finds the longest stays."""
    kept: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start - span.end, span.start)):
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return tuple(sorted(kept))


@lru_cache(maxsize=1)
def _recognisers() -> tuple[tuple[Any, str, str], ...]:
    """Presidio's recognisers with their entity and our label. Its import takes a second."""
    from presidio_analyzer.predefined_recognizers import (
        CreditCardRecognizer,
        EmailRecognizer,
        IbanRecognizer,
        IpRecognizer,
        PhoneRecognizer,
        UsSsnRecognizer,
    )

    class OfflineEmailRecognizer(EmailRecognizer):  # type: ignore[misc]
        """Takes addresses under any domain: the original asks the network for the list of public domains."""

        def validate_result(self, pattern_text: str) -> None:
            """Neither confirm nor refuse."""

    return (
        (OfflineEmailRecognizer(), "EMAIL_ADDRESS", "EMAIL"),
        (CreditCardRecognizer(), "CREDIT_CARD", "CARD"),
        (IbanRecognizer(), "IBAN_CODE", "IBAN"),
        (IpRecognizer(), "IP_ADDRESS", "IP"),
        (UsSsnRecognizer(), "US_SSN", "SSN"),
        (PhoneRecognizer(), "PHONE_NUMBER", "PHONE"),
    )
