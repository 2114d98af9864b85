"""Where a text holds personal data or secrets. What is found depends on the text alone, never on a network."""

import re
from functools import lru_cache

from advisor.ingest.contacts import find_emails, find_ips, find_macs
from advisor.ingest.identity import find_identities
from advisor.ingest.password import find_passwords
from advisor.ingest.payments import find_cards, find_ibans, find_wallets
from advisor.ingest.people import find_people
from advisor.ingest.phone import find_phones
from advisor.ingest.secrets import find_headers, find_private_keys, find_tokens
from advisor.ingest.span import Span, merged
from advisor.ingest.told import find_told

_CACHED_TEXTS = 1024
_CACHED_CHARS = 50_000
_FOUR_DIGITS = re.compile(r"\d(?:[^\n]?[^\n]?\d){3}")
_SHORTEST = 16
"""Shorter words hold no token."""
_OF_TOKEN = re.compile(r"\d|@|sk-")
_DIGIT = re.compile(r"\d")
_SPELLED_AT = ("at]", "at)", "at}", "at>", "at ]", "at )")
_ESCAPE = re.compile(r"\\[nrt]")


def find_spans(text: str) -> tuple[Span, ...]:
    """Where the text holds personal data or secrets, in order and without overlap."""
    return _cached(text) if len(text) <= _CACHED_CHARS else _find(text)


def _find(text: str) -> tuple[Span, ...]:
    if "\\" in text:  # the n of a line break in JSON or code is no letter of the word behind it
        text = _ESCAPE.sub("  ", text)
    lower = _lower(text)
    found: list[Span] = [*find_passwords(text, lower), *find_people(text)]
    if "@" in text or "%40" in text or any(sign in lower for sign in _SPELLED_AT):
        found += find_emails(text)
    if _FOUR_DIGITS.search(text):
        found += find_phones(text)
        found += find_cards(text)
        found += find_ibans(text, lower)
        found += find_identities(text)
    if _DIGIT.search(text):
        found += find_told(text, lower)
        found += find_ips(text)
        found += find_macs(text)
    words = _long_words(text)
    if words:
        found += find_tokens(text, words)
        found += find_wallets(text, lower, words)
    found += find_headers(text, lower)
    found += find_private_keys(text)
    return merged(found)


_cached = lru_cache(maxsize=_CACHED_TEXTS)(_find)
"""Agents send the same system prompt and history again with every call."""


def _long_words(text: str) -> list[tuple[int, int]]:
    """Start and end of the words in which a token or a wallet may lie."""
    words = text.split()
    if max(map(len, words), default=0) < _SHORTEST:
        return []
    places, at = [], 0
    for word in words:
        if len(word) >= _SHORTEST and _OF_TOKEN.search(word):
            at = text.index(word, at)
            places.append((at, at + len(word)))
            at += len(word)
    return places


def _lower(text: str) -> str:
    """The text in lower case, as long as before: a few capitals are two characters in lower case."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)
