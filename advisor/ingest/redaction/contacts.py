"""Finds e-mail, IP and MAC addresses, and phone numbers.

A phone number shows by a plus, by the form that a country gives it, or by a word such as "phone" before it.
"""

import contextlib
import ipaddress
import re
from collections.abc import Iterator

import phonenumbers

from advisor.ingest.redaction.spans import Span, names_a_thing

_AT = re.compile(r"@|%40")
_LOCAL = re.compile(r"[A-Za-z0-9À-ɏ._%+'’\-]{1,64}\Z")
_LOCAL_OTHER = re.compile(r"[\w.+\-]{1,64}\Z")
_LATIN_HOST = r"(?:[A-Za-z0-9À-ɏ](?:[A-Za-z0-9À-ɏ\-]{0,61}[A-Za-z0-9À-ɏ])?\.)+(?:xn--[a-z0-9\-]{2,}|[A-Za-z]{2,24})"
_HOST = re.compile(_LATIN_HOST + r"(?![A-Za-z0-9À-ɏ(]|-\w|\.\d|_\w)")
_HOST_OTHER = re.compile(r"(?:\w(?:[\w\-]{0,61}\w)?\.)+[^\W\d_]{2,24}(?![\w(])")
_NO_TLD = frozenset({
    "png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "bmp", "css", "js", "mjs", "ts", "tsx", "html", "json", "tgz",
    "gz", "zip", "whl", "tar", "exe", "dll",
})  # fmt: skip
_SPELLED = re.compile(
    r"(?i)[a-z0-9][\w.+\-]{0,63}\s?[\[(]\s?at[\])]\s?[a-z0-9][a-z0-9\-]*"
    r"(?:(?:\s?[\[(]\s?(?:dot|punkt|point|punto)\s?[\])]\s?|\.)[a-z0-9\-]{2,}){1,3}"
)
_SPELLED_AT = re.compile(r"(?i)[\[(]\s?at[\])]")
_IN_URL = re.compile(r"://[^\s/@\"'<>]*:\Z")

_V4 = re.compile(r"\d(?<![A-Za-z0-9_.]\d)\d{0,2}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?!\d|[A-Za-z_]|\.\w)")
_V4_HINT = re.compile(r"\.\d{1,3}\.\d")
_V6 = re.compile(
    r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}|(?=::[0-9A-Fa-f]))(?::[0-9A-Fa-f]{0,4}(?![0-9A-Fa-f.])){1,7}"
    r"(?::\d{1,3}(?:\.\d{1,3}){3})?(?![\w:])"
)
_COLONS = re.compile(r":[0-9A-Fa-f]{0,4}:")
_VERSION = re.compile(
    r"(?i)(?:\b(?:versions?|ver|v|releases?|rel|build|firmware|fw|chrome|firefox|safari|kernel|driver|sdk|library|package"
    r"|sections?|sec|clauses?|chapter|paragraph|para|oid|assembly|abschnitt|kapitel|ziffer|absatz|versión|versione|sección"
    r"|(?:updat|upgrad|downgrad|migrat)\w+ (?:to|from))\b\.?[\s\"'`:=#v/(,-]*(?:number |is )?"
    r"|§\s?|(?:[=<>~!]=|[~^])\s?[\"']?v?|[A-Za-z]/|\w[-_])\Z"
)
_HEX = frozenset("0123456789abcdefABCDEF")
_NO_HOST = ("0.", "127.", "255.")
_MAC_HINTS = tuple(map(re.compile, (":[0-9A-Fa-f]{2}:", "-[0-9A-Fa-f]{2}-", r"\.[0-9A-Fa-f]{4}\.")))
"""Three, because a search for something that begins with one certain sign is quick."""
_MAC = re.compile(
    r"[0-9A-Fa-f](?<![A-Za-z0-9_:.\-].)[0-9A-Fa-f](?:(?P<s>[:\-])(?:[0-9A-Fa-f]{2}(?P=s)){4}[0-9A-Fa-f]{2}"
    r"|[0-9A-Fa-f]{2}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})(?![A-Za-z0-9_]|[:\-.][0-9A-Fa-f])"
)


def find_emails(text: str) -> Iterator[Span]:
    """E-mail addresses under any domain, also percent-encoded or with a spelled-out at."""
    for at in _AT.finditer(text):
        before, after = text[max(0, at.start() - 64) : at.start()], text[at.end() : at.end() + 255]
        local = _LOCAL.search(before)
        host = _HOST.match(after)
        if not local or not host:
            local, host = _LOCAL_OTHER.search(before), _HOST_OTHER.match(after)
            if not local or not host:
                continue
        name = local.group().lstrip(".'’-+%")
        end = at.end() + host.end()
        is_clone = name == "git" and text[end : end + 1] in (":", "/")
        tld = host.group().rpartition(".")[2].lower()
        if (
            not name
            or is_clone
            or tld in _NO_TLD
            or _IN_URL.search(text, max(0, at.start() - 120), at.start() - len(name))
        ):
            continue
        yield Span(at.start() - len(name), end, "EMAIL")
    if _SPELLED_AT.search(text):
        yield from (Span(*match.span(), "EMAIL") for match in _SPELLED.finditer(text))


def find_ips(text: str) -> Iterator[Span]:
    """Addresses of machines; versions of four parts, net masks and the own machine's address are none."""
    if _V4_HINT.search(text):
        version_end = -9
        for match in _V4.finditer(text):
            parts = match.group().split(".")
            if any(int(part) > 255 or (part[0] == "0" and part != "0") for part in parts):
                continue
            if match.group().startswith(_NO_HOST):
                continue
            if _is_version(text, match.start()) or 0 < match.start() - version_end <= 8:  # "from 4.18.2.1 to 5.0.0.3"
                version_end = match.end()
                continue
            yield Span(*match.span(), "IP")
    end = 0
    for colon in _COLONS.finditer(text):
        found = _V6.match(text, _first_hex(text, colon.start())) if colon.start() >= end else None
        if found and _is_v6(found.group()):
            end = found.end()
            yield Span(found.start(), end, "IP")


def _first_hex(text: str, colon: int) -> int:
    start = colon
    while start and colon - start < 4 and text[start - 1] in _HEX:
        start -= 1
    return start


def _is_v6(found: str) -> bool:
    groups = [group for group in found.split(":") if group]
    if not any(map(str.isdigit, found)) or not (len(groups) >= 4 or len(groups[0]) == 4):
        return False
    try:
        ipaddress.IPv6Address(found)
    except ValueError:
        return False
    return True


def _is_version(text: str, start: int) -> bool:
    before = text[max(0, start - 28) : start]
    return _VERSION.search(before) is not None and not re.search(r"(?i)\bip\w*\W{0,3}\Z|\d-\Z|[?&]\w+=\Z", before)


def find_macs(text: str) -> Iterator[Span]:
    """Hardware addresses in the usual three spellings."""
    if not any(hint.search(text) for hint in _MAC_HINTS):
        return
    for match in _MAC.finditer(text):
        if ":" in match[0] or any(map(str.isalpha, match[0])):
            yield Span(*match.span(), "MAC")


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
        if digits.endswith("000000"):
            return _is_valid("+" + digits)
        return any(map(phonenumbers.is_possible_number, _parsed("+" + digits, ())))
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


def _parsed(number: str, regions: tuple[str, ...]) -> Iterator[phonenumbers.PhoneNumber]:
    for region in regions or (None,):
        with contextlib.suppress(phonenumbers.NumberParseException):
            yield phonenumbers.parse(number, region)
