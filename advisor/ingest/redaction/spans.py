"""Stretches of text to be replaced, and what all finders of them need."""

import re
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

_NOT_PERSONAL = re.compile(
    r"(?i)\b(?:order|invoice|ticket|tracking|shipment|parcel|sku|isbn|issn|ean|gtin|upc|asin|serial|part|item|product"
    r"|model"
    r"|article|batch|lot|ref(?:erence)?|transaction|txn|booking|reservation|po|case|build|version|revision|commit"
    r"|policy|contract|claim|patent|quote|bestell\w*|auftrag\w*|rechnung\w*|artikel\w*|commande|facture|pedido"
    r"|factura|ordine|timestamp|epoch|unix(?: time)?|trace|request|event|message|job|task|process|row|line|record"
    r"|document|doc)\b"
    r"(?:[\s\"'`:=#_.-]|no\b|nr\b|number|num\b|nummer|code|id\b|is\b|ist\b|n[°º])*\Z"
)


LABELS = (
    "SECRET", "IBAN", "CARD", "CRYPTO", "SSN", "PASSPORT", "LICENCE", "BIRTH_DATE", "ACCOUNT", "ID",
    "EMAIL", "MAC", "IP", "ADDRESS", "VEHICLE", "PHONE", "PERSON",
)  # fmt: skip
"""Every label; of two finds of the same length the first stays."""


class Span(NamedTuple):
    """A stretch of text to be replaced."""

    start: int
    end: int
    label: str


def names_a_thing(text: str, start: int) -> bool:
    """Whether the words before ``start`` say that a number is that of an order, a product, a ticket or so."""
    return _NOT_PERSONAL.search(text, max(0, start - 32), start) is not None


def merged(found: Iterable[Span]) -> tuple[Span, ...]:
    """The finds in order; those that overlap become one, labelled like the longest, a secret before all others."""
    kept: list[Span] = []
    for span in sorted(found):
        if kept and span.start < kept[-1].end:
            other = kept[-1]
            label = min(other, span, key=_rank).label
            kept[-1] = Span(other.start, max(other.end, span.end), label)
        else:
            kept.append(span)
    return tuple(kept)


def _rank(span: Span) -> tuple[bool, int, int]:
    return span.label != "SECRET", span.start - span.end, LABELS.index(span.label)


def any_of(words: Iterable[str]) -> str:
    """A pattern of the longest of the words that begins at a place.

    Written as a tree of letters, because ``re`` tries plain alternatives one by one: that takes three times as long.
    """
    ordered = sorted(set(words))
    longer = [word for word in ordered if word]
    if not longer:
        return ""
    branches = [
        re.escape(letter) + any_of(word[1:] for word in group)
        for letter, group in groupby(longer, key=lambda word: word[0])
    ]
    body = branches[0] if len(branches) == 1 and len(longer) == len(ordered) else f"(?:{'|'.join(branches)})"
    return body if len(longer) == len(ordered) else f"{body}?"
