"""Finds keys and tokens by their issuers' shapes, private keys, and credentials in URLs and headers.

Of issuers only public facts are used: prefixes, alphabets, lengths.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator

from advisor.ingest.redaction.passwords import is_made_up
from advisor.ingest.redaction.spans import Span, any_of

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
_SHAPES: tuple[tuple[str, str], ...] = (
    ("sk-", r"(?<![A-Za-z0-9_\-])sk-[A-Za-z0-9_\-]{16,}"),  # OpenAI, Anthropic, OpenRouter, DeepSeek, LiteLLM ...
    ("sk_ rk_ pk_", r"(?:sk|rk|pk)_(?:live|test|prod|sandbox)_[A-Za-z0-9]{10,}"),  # Stripe, Clerk
    ("whsec_", r"whsec_[A-Za-z0-9+/=]{16,}"),
    ("AKIA ASIA ABIA ACCA AROA AIDA", r"A(?:KIA|SIA|BIA|CCA|ROA|IDA)[A-Z0-9]{16}(?![A-Za-z0-9])"),  # AWS
    ("AIza", r"AIza[A-Za-z0-9_\-]{30,}"),  # Google
    ("ya29.", r"ya29\.[A-Za-z0-9_\-]{20,}"),
    ("GOCSPX-", r"GOCSPX-[A-Za-z0-9_\-]{20,}"),
    ("1//0", r"1//0[A-Za-z0-9_\-]{30,}"),
    ("ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{20,}"),  # GitHub
    ("github_pat_", r"github_pat_[A-Za-z0-9_]{20,}"),
    ("gl", r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt|oas|ffct)-[A-Za-z0-9_.\-]{16,}"),  # GitLab
    ("xox xapp- xoxe.", r"(?:xox[abeoprscd]|xapp|xoxe\.xox[bp])-[A-Za-z0-9\-]{10,}"),  # Slack
    (
        "services/T workflows/T triggers/T",
        r"(?<=hooks\.slack\.com/)(?:services|workflows|triggers)/[A-Za-z0-9/_\-]{16,}",
    ),
    ("webhooks/", r"webhooks/\d{15,}/[A-Za-z0-9_\-]{20,}"),  # Discord
    ("webhookb2/ office.com/webhook", r"(?:webhookb2/|office\.com/webhook)[\w\-@/]{30,}"),
    ("SG.", r"SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}"),  # SendGrid
    ("key-", r"key-[0-9a-f]{32}(?![A-Za-z0-9])"),  # Mailgun
    ("SK AC", r"(?:SK|AC)[0-9a-f]{32}(?![A-Za-z0-9])"),  # Twilio
    ("EAA", r"EAA[A-Za-z0-9]{60,}"),  # Facebook
    ("sq0", r"sq0[a-z]{3}-[A-Za-z0-9_\-]{20,}"),  # Square
    ("hf_ npm_ gsk_ r8_ pcsk_", r"(?:hf|npm|gsk|r8|pcsk)_[A-Za-z0-9_\-]{20,}"),
    ("nvapi- xai- pplx- tvly- csk-", r"(?:nvapi|xai|pplx|tvly|csk)-[A-Za-z0-9_\-]{20,}"),
    ("dckr_ rubygems_ phc_ phx_", r"(?:dckr_pat|rubygems|ph[cx])_[A-Za-z0-9_\-]{20,}"),
    ("pypi-", r"pypi-[A-Za-z0-9_\-]{30,}"),
    ("lsv2_ ls__", r"(?:lsv2_(?:pt|sk)_|ls__)[A-Za-z0-9_]{20,}"),  # LangSmith
    ("sk-lf- pk-lf-", r"[sp]k-lf-[0-9a-f\-]{36}"),  # Langfuse
    ("dop_v1_ doo_v1_ dor_v1_", r"do[opr]_v1_[a-f0-9]{40,}"),
    ("shp", r"shp(?:at|ss|ca|pa)_[A-Fa-f0-9]{24,}"),  # Shopify
    ("dapi", r"dapi[0-9a-f]{32}(?:-\d)?"),  # Databricks
    ("secret_ ntn_", r"(?:secret_|ntn_)[A-Za-z0-9]{40,}"),  # Notion
    ("lin_ figd_ glsa_ glc_ fw_ vcp_", r"(?:lin_api|figd|glsa|glc|fw|vcp)_[A-Za-z0-9_\-.]{20,}"),
    ("sbp_ sb_secret_ pscale_", r"(?:sbp|sb_secret|pscale_[a-z]+)_[A-Za-z0-9_\-.]{20,}"),
    ("PMAK- NRAK- CFPAT-", r"(?:PMAK|NRAK|CFPAT)-[A-Za-z0-9_\-.]{20,}"),
    ("sntry", r"sntry[su]_[A-Za-z0-9_=+/]{30,}"),
    ("ATATT ATCTT ATBB", r"AT(?:ATT|CTT|BB)[A-Za-z0-9_\-=]{20,}"),  # Atlassian
    ("AGE-SECRET-KEY-", r"AGE-SECRET-KEY-1[0-9A-Z]{50,}"),
    ("hvs. hvb.", r"hv[sb]\.[A-Za-z0-9_\-]{20,}"),  # Vault
    ("tskey-", r"tskey-[a-z]+-[A-Za-z0-9\-]{16,}"),
    ("eyJ", r"eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*"),  # JSON Web Token
    ("$2", r"\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}"),  # bcrypt
    ("$argon2 $6$ $5$", r"\$(?:argon2[a-z]{1,2}|[56])\$[A-Za-z0-9./+=,$\-]{30,}"),
)
"""What a token may begin with, and the whole token."""
_INNER: tuple[tuple[str, str], ...] = (
    ("8Q~", r"[A-Za-z0-9_~.\-]{3}8Q~[A-Za-z0-9_~.\-]{31,}"),  # Azure
    (":A", r"\d{8,10}:A[A-Za-z0-9_\-]{32,35}(?![A-Za-z0-9])"),  # Telegram
    ("==", r"(?<![A-Za-z0-9+/\-])[A-Za-z0-9+/]{86}=="),  # Azure storage
    ("-us", r"[0-9a-f]{32}-us\d{1,2}(?!\d)"),  # Mailchimp
    (".", r"[MNO][A-Za-z0-9_\-]{22,27}\.[A-Za-z0-9_\-]{6}\.[A-Za-z0-9_\-]{27,}"),  # Discord
)


def find_tokens(text: str, words: Iterable[tuple[int, int]]) -> Iterator[Span]:
    """Keys and tokens that show by their shape whose they are, and credentials in URLs: both within long words."""
    for at, end in words:
        for span in _find_in_word(text[at:end]):
            yield Span(at + span.start, at + span.end, "SECRET")
    if "AKIA" in text or "ASIA" in text:
        for match in _NEAR_KEY_ID.finditer(text):
            found = match.group()
            if _DIGIT.search(found) and _LOWER.search(found) and _UPPER.search(found):
                yield Span(*match.span(), "SECRET")


def _find_in_word(word: str) -> Iterator[Span]:
    for start in ANY_START.finditer(word):
        match = BY_START[start.group()].match(word, start.start())
        if match and _is_random(match.group()) and not is_made_up(match.group()):
            yield Span(*match.span(), "SECRET")
    for sign, pattern in INNER:
        if sign in word:
            yield from (Span(*match.span(), "SECRET") for match in pattern.finditer(word))
    for match in UNKNOWN_ISSUER.finditer(word):
        issuer = ISSUER.search(word, max(0, match.start() - 20), match.start())
        if issuer and _DIGIT.search(match["body"]):
            yield Span(issuer.start(), match.end(), "SECRET")
    yield from _find_url_credentials(word)


def find_private_keys(text: str) -> Iterator[Span]:
    """Private keys in PEM and OpenSSH form, also cut ones."""
    if "-----BEGIN " in text:
        yield from (Span(*match.span(), "SECRET") for match in _PEM.finditer(text) if _KEY_LINE.search(match[0]))


def _find_url_credentials(text: str) -> Iterator[Span]:
    """User and password of a URL or connection string, and tokens in its query."""
    if "://" in text and "@" in text:
        for match in _USERINFO.finditer(text):
            if not is_made_up(match["password"]):
                yield Span(match.start("user"), match.end() - 1, "SECRET")
        for match in _TOKEN_INFO.finditer(text):
            if _DIGIT.search(match["token"]):
                yield Span(*match.span("token"), "SECRET")
    if "=" in text:
        for match in _QUERY.finditer(text):
            is_password = "pass" in match["name"].lower() or "pwd" in match["name"].lower()
            if (is_password or _is_random(match["value"], least=12)) and not is_made_up(match["value"]):
                yield Span(*match.span("value"), "SECRET")


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
                yield Span(*match.span("value"), "SECRET")
    if "cookie" in lower:
        found = (match for match in _COOKIE.finditer(text) if _DIGIT.search(match["value"]))
        yield from (Span(*match.span("value"), "SECRET") for match in found)


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


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern if pattern.startswith(("(?<", r"\$")) else r"(?<![A-Za-z0-9])" + pattern)


BY_START = {start: _compiled(pattern) for starts, pattern in _SHAPES for start in starts.split()}
"""What a token begins with -> the whole token."""
ANY_START = re.compile(any_of(BY_START))
INNER = tuple((sign, _compiled(pattern)) for sign, pattern in _INNER)
"""A sign within a token -> the whole token."""
UNKNOWN_ISSUER = re.compile(
    r"[_\-](?:live|test|prod|api|pat|key|secret|token|sk|pk|bot)[_\-](?:(?:live|test|prod|sk|pk|v\d)[_\-]){0,3}"
    r"(?P<body>[A-Za-z0-9]{16,})"
)
"""The end of a token such as ``acme_live_...``, from the word on that says so."""
ISSUER = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2,10}(?:[_\-][a-z]{2,6})?\Z")
"""Its beginning, before that word."""
