"""Finds keys and tokens by their issuers' shapes, private keys, and credentials in URLs and headers."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator

from advisor.ingest.redaction.issuers import ANY_START, BY_START, INNER, ISSUER, UNKNOWN_ISSUER
from advisor.ingest.redaction.password import is_made_up
from advisor.ingest.redaction.span import Span

_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
    r"(?:[\s\S]{1,12000}?-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|(?:(?:\s|\\[nr])*[A-Za-z0-9+/=]{16,})*)"
)
_KEY_LINE = re.compile(
    r"KEY(?: BLOCK)?-----\s*(?:[A-Za-z\-]+: [^\n]+\n\s*)*[A-Za-z0-9+/=.]{3,}(?: ?\n|  |-----|\Z|[=.])"
)
"""What follows the first line of a key, and not the mention of one."""
_HEADER = re.compile(
    r"(?i)\b(?P<scheme>bearer|basic|token|apikey|digest|authorization\\?[\"']?\s*[:=]\s*\\?[\"']?)"
    r"(?:\s+|(?<=[:=\"'])|(?<=[:=\"'] ))"
    r"(?P<value>[A-Za-z0-9._~+/\-]{8,}={0,2})"
)
_COOKIE = re.compile(r"(?i)\b(?:set-)?cookie\\?[\"']?\s*:\s*\\?[\"']?(?P<value>[^\s=;]+=[^\n\"'\\]{8,})")
_USERINFO = re.compile(r"://(?P<user>[^\s/:@\"'<>`]*):(?P<password>[^\s/\"'<>`]+)@(?=[\w.\[\-{$])")
_TOKEN_INFO = re.compile(r"://(?P<token>[A-Za-z0-9_\-]{20,})@")
_QUERY = re.compile(
    r"(?i)[?&;](?P<name>[\w.\-]*(?:token|api[_\-]?key|apikey|key|sig|signature|secret|passw(?:or)?d|pwd|auth|code|session|sid"
    r"|jwt|credential|pass))=(?P<value>[^\s&\"'<>#;)\]}\\`]{6,})"
)
_NEAR_KEY_ID = re.compile(r"(?<![A-Za-z0-9/+=_\-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
_DIGIT, _LOWER, _UPPER = re.compile(r"\d"), re.compile(r"[a-z]"), re.compile(r"[A-Z]")


def find_tokens(text: str, words: Iterable[tuple[int, int]]) -> Iterator[Span]:
    """Keys and tokens that show by their shape whose they are, and credentials in URLs: both within long words."""
    for at, end in words:
        for span in _find_in_word(text[at:end]):
            yield Span(at + span.start, at + span.end, "SECRET")
    if "AKIA" in text or "ASIA" in text:
        for match in _NEAR_KEY_ID.finditer(text):
            found = match.group()
            if _DIGIT.search(found) and _LOWER.search(found) and _UPPER.search(found):
                yield Span(match.start(), match.end(), "SECRET")


def _find_in_word(word: str) -> Iterator[Span]:
    for start in ANY_START.finditer(word):
        match = BY_START[start.group()].match(word, start.start())
        if match and _is_random(match.group()) and not is_made_up(match.group()):
            yield Span(match.start(), match.end(), "SECRET")
    for sign, pattern in INNER:
        if sign in word:
            for match in pattern.finditer(word):
                yield Span(match.start(), match.end(), "SECRET")
    for match in UNKNOWN_ISSUER.finditer(word):
        issuer = ISSUER.search(word, max(0, match.start() - 20), match.start())
        if issuer and _DIGIT.search(match["body"]):
            yield Span(issuer.start(), match.end(), "SECRET")
    yield from _find_url_credentials(word)


def find_private_keys(text: str) -> Iterator[Span]:
    """Private keys in PEM and OpenSSH form, also cut ones."""
    if "-----BEGIN " in text:
        for match in _PEM.finditer(text):
            if _KEY_LINE.search(match.group()):
                yield Span(match.start(), match.end(), "SECRET")


def _find_url_credentials(text: str) -> Iterator[Span]:
    """User and password of a URL or connection string, and tokens in its query."""
    if "://" in text and "@" in text:
        for match in _USERINFO.finditer(text):
            if not is_made_up(match["password"]):
                yield Span(match.start("user"), match.end() - 1, "SECRET")
        for match in _TOKEN_INFO.finditer(text):
            if _DIGIT.search(match["token"]):
                yield Span(match.start("token"), match.end("token"), "SECRET")
    if "=" in text:
        for match in _QUERY.finditer(text):
            is_password = "pass" in match["name"].lower() or "pwd" in match["name"].lower()
            if (is_password or _is_random(match["value"], least=12)) and not is_made_up(match["value"]):
                yield Span(match.start("value"), match.end("value"), "SECRET")


def find_headers(text: str, lower: str) -> Iterator[Span]:
    """Credentials in the headers Authorization and Cookie."""
    if "bearer" in lower or "basic" in lower or "authorization" in lower or "token " in lower or "apikey " in lower:
        for match in _HEADER.finditer(text):
            scheme, value = match["scheme"].lower(), match["value"]
            if scheme == "basic":
                is_secret = _is_login(value)
            else:
                is_secret = len(value) >= 12 and bool(_DIGIT.search(value)) and _is_random(value)
                is_secret = is_secret and (scheme not in ("token", "digest", "apikey") or len(value) >= 20)
            if is_secret and not is_made_up(value):
                yield Span(match.start("value"), match.end("value"), "SECRET")
    if "cookie" in lower:
        for match in _COOKIE.finditer(text):
            if _DIGIT.search(match["value"]):
                yield Span(match.start("value"), match.end("value"), "SECRET")


def _is_random(found: str, least: int = 16) -> bool:
    """Not words joined by hyphens: a digit, mixed case or one long piece."""
    if len(found) < least:
        return False
    longest = max(map(len, re.split(r"[\-_.]", found)))
    is_mixed = bool(_DIGIT.search(found) or (_LOWER.search(found) and _UPPER.search(found)))
    return longest >= (10 if is_mixed else 16)


def _is_login(found: str) -> bool:
    try:
        return ":" in base64.b64decode(found + "=" * (-len(found) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
