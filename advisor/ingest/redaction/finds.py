"""Where a text holds personal data or secrets. What is found depends on the text alone, never on a network."""

import re
from bisect import bisect_right
from functools import lru_cache

from advisor.ingest.redaction.checked_numbers import find_cards, find_ibans, find_identities, find_wallets
from advisor.ingest.redaction.contacts import find_emails, find_ips, find_macs, find_phones
from advisor.ingest.redaction.labelled import find_full_addresses, find_labelled
from advisor.ingest.redaction.passwords import find_passwords
from advisor.ingest.redaction.people import find_people
from advisor.ingest.redaction.secrets import find_headers, find_private_keys, find_tokens
from advisor.ingest.redaction.spans import Span, merged

_CACHED_TEXTS = 1024
_CACHED_CHARS = 50_000
_FOUR_DIGITS = re.compile(r"\d(?:[^\n]?[^\n]?\d){3}")
_SHORTEST = 16
"""Shorter words hold no token."""
_OF_TOKEN = re.compile(r"[\d@_\-]|[A-Z]{4}")
_DIGIT = re.compile(r"\d")
_ESCAPE = re.compile(r"\\+([nrt/\"]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4})")
"""Escaped once or, in JSON within JSON, more often."""


def find_spans(text: str) -> tuple[Span, ...]:
    """Where the text holds personal data or secrets, in order and without overlap."""
    return _cached(text) if len(text) <= _CACHED_CHARS else _find_escaped(text)


def _find_escaped(text: str) -> tuple[Span, ...]:
    """As in the text that JSON or code within the text stands for: the n of a line break isn't a letter of a name."""
    if "\\" not in text:
        return _find(text)
    pieces: list[str] = []
    places, shifts = [0], [0]
    at = length = 0
    for escape in _ESCAPE.finditer(text):
        sign = escape[1]
        meant = chr(int(sign[1:], 16)) if len(sign) > 1 else {"n": "\n", "r": "\r", "t": "\t"}.get(sign, sign)
        pieces += [text[at : escape.start()], meant]
        length += escape.start() - at + 1
        at = escape.end()
        places.append(length)
        shifts.append(at - length)
    plain = "".join([*pieces, text[at:]])

    def in_text(place: int) -> int:
        return place + shifts[bisect_right(places, place) - 1]

    return tuple(Span(in_text(start), in_text(end), label) for start, end, label in _find(plain))


def _find(text: str) -> tuple[Span, ...]:
    lower = _lower(text)
    found: list[Span] = [*find_passwords(text, lower), *find_people(text)]
    if "@" in text or "%40" in text or "at]" in lower or "at)" in lower:
        found += find_emails(text)
    if _DIGIT.search(text):
        if _FOUR_DIGITS.search(text):
            found += find_phones(text)
            found += find_cards(text)
            found += find_ibans(text, lower)
            found += find_identities(text)
            found += find_full_addresses(text)
        found += find_labelled(text, lower)
        found += find_ips(text)
        found += find_macs(text)
    words = _long_words(text)
    if words:
        found += find_tokens(text, words)
        found += find_wallets(text, lower, words)
    found += find_headers(text, lower)
    found += find_private_keys(text)
    return merged(found)


_cached = lru_cache(maxsize=_CACHED_TEXTS)(_find_escaped)
"""Agents send the same system prompt and history again with every call."""


def _long_words(text: str) -> list[tuple[int, int]]:
    """Start and end of the words in which a token or a wallet may lie."""
    places, at = [], 0
    for word in [word for word in text.split() if len(word) >= _SHORTEST]:
        at = text.index(word, at)
        if _OF_TOKEN.search(word):
            places.append((at, at + len(word)))
        at += len(word)
    return places


def _lower(text: str) -> str:
    """The text in lower case, as long as before: a few capitals are two characters in lower case."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)
