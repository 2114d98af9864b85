"""Finds e-mail, IP and MAC addresses."""

import ipaddress
import re
from collections.abc import Iterator

from advisor.ingest.redaction.span import Span

_AT = re.compile(r"@|%40")
_LOCAL = re.compile(r"[A-Za-z0-9À-ɏ._%+'’\-]{1,64}\Z")
_LOCAL_OTHER = re.compile(r"[\w.+\-]{1,64}\Z")
_LATIN_HOST = r"(?:[A-Za-z0-9À-ɏ](?:[A-Za-z0-9À-ɏ\-]{0,61}[A-Za-z0-9À-ɏ])?\.)+(?:xn--[a-z0-9\-]{2,}|[A-Za-z]{2,24})"
_HOST = re.compile(_LATIN_HOST + r"(?![A-Za-z0-9À-ɏ(]|-\w|\.\d|_\w)")
_HOST_OTHER = re.compile(r"(?:\w(?:[\w\-]{0,61}\w)?\.)+[^\W\d_]{2,24}(?![\w(])")
_NO_TLD = frozenset(
    [
        "png",
        "jpg",
        "jpeg",
        "gif",
        "svg",
        "webp",
        "ico",
        "bmp",
        "css",
        "js",
        "mjs",
        "ts",
        "tsx",
        "html",
        "json",
        "tgz",
        "gz",
        "zip",
        "whl",
        "tar",
        "exe",
        "dll",
    ]
)
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
        for match in _SPELLED.finditer(text):
            yield Span(match.start(), match.end(), "EMAIL")


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
            yield Span(match.start(), match.end(), "IP")
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
        found = match.group()
        if any(map(str.isalpha, found)) or ":" in found:
            yield Span(match.start(), match.end(), "MAC")
