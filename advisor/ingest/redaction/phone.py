"""Finds phone numbers by a plus, by the form that a country gives them, or by a word such as "phone" before them."""

import contextlib
import re
from collections.abc import Iterator

import phonenumbers

from advisor.ingest.redaction.span import Span, names_a_thing

_RUN = re.compile(r"\d[\d ().\-/\u00a0\u2011\u2013]{5,}\d")
_EXTENSION = re.compile(r"(?i),?\s{0,2}(?:x|ext\.?|extension|durchwahl|dw|poste|int\.?|#)\s?\.?:?\s?\d{1,6}(?!\d)")
_NOT_BEFORE = re.compile(r"(?:[A-Za-z0-9_À-ɏ$€£¥%/#]|\d[,:]|(?<![A-Za-z])[.]|[A-Za-z0-9]-)\Z")
_DATED = re.compile(
    r"(?:19|20)\d\d[\-/. ]\d\d?[\-/. ]\d\d?(?!\d)|\d\d?[\-/.]\d\d?[\-/.](?:19|20)\d\d(?!\d)"
    r"|\d\d?[\-/.]\d\d?[\-/.]\d\d(?: |$)|(?:19|20)\d\d ?[\-–] ?(?:19|20)\d\d(?!\d)"
)
_WORDS = re.compile(
    r"(?i)(?P<strong>phone|telef|téléph|\btel\b|\btlf\b|mobile|mobil\b|mobilnummer|m[óo]vil|\bcell|celular|cellulare|handy"
    r"|portable|\bfax|whats ?app|\bsms\b|rufnummer|rückruf|hotline|(?:my|your|his|her) number|number to (?:call|reach)"
    r"|call ?back)"
    r"|(?P<weak>\bcall(?:ed|ing)?\b|\bcontact|\breach|\bdial|\btext (?:me|us|him|her|them|to|at)\b|\btexted\b|\bring\b"
    r"|\banruf|\bruf\b|\bappel"
    r"|\bjoin(?:dre|able)|\brappel|\bllam|\bllám|\berreich|\bkontakt|\bchiam|\bnummer|\bnumero|\bnúmero|\bnuméro)"
    r"|(?P<other>\border\b|invoice|ticket|tracking|\bsku\b|\bisbn|\bissn|\bean\b|\bgtin|\bupc\b|\basin\b|serial|\bpart\b"
    r"|product|model\b|version|\bbuild\b|\bref(?:erence)?\b|transaction|\btxn|confirmation|booking|reservation|bestell"
    r"|rechnung|auftrag|commande|facture|pedido|factura|artikel|\bids?\b|_id\b|timestamp|epoch|\bunix|\bpid\b|\bport\b"
    r"|\bzip\b|postal|\bplz\b|price|amount|\bqty|quantity|population|offset|bytes|\bsize\b|\bhash|commit|coord|\bgps\b"
    r"|account|policy|contract|routing|\biban|\bcard\b|\bdoi\b|patent|casting|budget|revenue|\bseed\b|checksum|licen[cs]e"
    r"|(?:time|date|line|total|case|item|row|lat|lon)[\W_]{0,4}\Z)"
)
_DECIMAL = re.compile(r"\d+\.\d+")
_NANP = re.compile(r"(?:1[ .\-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[\-. ])\d{3}[\-. ]\d{4}")
_BRACKETED = re.compile(r"\(0?\d{1,4}\)[ \-]?\d{2,5}[ \-]?\d{3,5}(?:[ \-]\d{2,5})?")
_FRENCH = re.compile(r"0[1-9](?P<s>[ .\-])\d\d(?P=s)\d\d(?P=s)\d\d(?P=s)\d\d")
_TRUNK = re.compile(r"0\d{1,4}[ /]\(?\d{2,}|0\d{1,4}-\d{2,5}-\d{3,}|\(0\d{1,4}\)")
_TRUNK_REGIONS = ("GB", "DE", "FR", "NL", "BE", "CH", "AT", "AU", "JP", "IN", "SE", "IE", "ZA", "NZ", "TR", "KR")
_TOLD_REGIONS = ("US", "ES", "IT", "BR", "MX", "PL", "PT", "CN", "SG", *_TRUNK_REGIONS)
_WORD_BEHIND = re.compile(
    r"(?i)[\s,(\-]{1,3}(?:(?:is|ist|est|es|as|my|our|the|his|her|meine?|mon|mi)\s){0,3}(?:home |work )?"
    r"(?:cell|mobil|phone|tele|handy|whatsapp|fax)"
)
_FICTION = re.compile(r"555[\-. ]01\d\d")


def find_phones(text: str) -> Iterator[Span]:
    """Phone numbers with their extensions. A bare number counts only after a word such as "phone"."""
    for run in _RUN.finditer(text):
        start, end = run.span()
        before = text[start - 1 : start]
        if before == "(" and ")" in run.group():
            start, before = start - 1, text[start - 2 : start - 1]
        is_international = before == "+"
        if is_international:
            start -= 1
            if re.match(r"[A-Za-z0-9_]", text[start - 1 : start]):
                continue
        elif _NOT_BEFORE.search(text, max(0, start - 12), start) or _DATED.match(text, start, end):
            continue
        extension = _EXTENSION.match(text, end)
        if not extension and re.match(r"[A-Za-z0-9_À-ɏ]|[.,:]\d|%|\s?[€$£]", text[end : end + 3]):
            continue
        end = _end(text, start, end)
        if _is_phone(text, start, end, is_international=is_international):
            yield Span(start, extension.end() if extension else end, "PHONE")


def _end(text: str, start: int, end: int) -> int:
    """A run may hold what follows the number too: "+44 20 7946 0958 (2024)"."""
    found = text[start:end]
    if found.count("(") != found.count(")"):
        cut = found.rfind("(")
        return start + len(found[:cut].rstrip(" -./")) if cut > 5 else end
    return end


def _is_phone(text: str, start: int, end: int, *, is_international: bool) -> bool:
    found = text[start:end]
    digits = re.sub(r"\D", "", found)
    if not 7 <= len(digits) <= 15 or len(set(digits)) == 1 or _DECIMAL.fullmatch(found):
        return False
    if is_international:
        return (_is_valid if digits.endswith("000000") else _is_possible)("+" + digits)
    word = _nearest_word(text, start, end)
    if word == "strong" or (digits.startswith("00") and len(digits) >= 11 and _is_valid("+" + digits[2:])):
        return True
    if word == "weak" and (len(digits) >= 9 or len(found) > len(digits)) and _is_valid(digits, *_TOLD_REGIONS):
        return True
    return _has_form(found, digits) and not names_a_thing(text, start)


def _has_form(found: str, digits: str) -> bool:
    """Whether it is written as phone numbers are, and little else is."""
    if _NANP.fullmatch(found):
        return not re.fullmatch(r"[\d ]+", found) or _is_valid(digits, "US")
    if _FRENCH.fullmatch(found) or _FICTION.fullmatch(found):
        return True
    if _BRACKETED.fullmatch(found):
        return _is_valid(digits, "BR", "MX", "IT", *_TRUNK_REGIONS)
    return bool(_TRUNK.match(found)) and len(digits) >= 9 and _is_valid(digits, *_TRUNK_REGIONS)


def _nearest_word(text: str, start: int, end: int) -> str | None:
    """Which kind of telling word stands last in the 40 characters before, on the same line, or right behind."""
    words = [*_WORDS.finditer(text[max(0, start - 40) : start].rpartition("\n")[2])]
    return words[-1].lastgroup if words else "strong" if _WORD_BEHIND.match(text, end) else None


def _is_valid(number: str, *regions: str) -> bool:
    """Whether it is in use in one of the regions; a number with a plus needs none."""
    return any(phonenumbers.is_valid_number(parsed) for parsed in _parsed(number, regions))


def _is_possible(number: str) -> bool:
    """Whether it is as long as its country's numbers are."""
    return any(map(phonenumbers.is_possible_number, _parsed(number, ())))


def _parsed(number: str, regions: tuple[str, ...]) -> Iterator[phonenumbers.PhoneNumber]:
    for region in regions or (None,):
        with contextlib.suppress(phonenumbers.NumberParseException):
            yield phonenumbers.parse(number, region)
