"""What a provider says besides an answer: why a call failed, how long to wait, and what is left of a quota.

Whatever a provider says may hold the key it was sent: every message is scrubbed, put on one line and cut.
"""

import email.utils
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from advisor.errors import CallError
from advisor.llm.masking import Mask
from advisor.types import Allowance, FailureKind, Quota, clean

LONGEST_MESSAGE = 300
LONGEST_READ = 4000
"""More of a provider's words is not looked at."""
NOTHING = Mask()
CONTEXT_WORDS = re.compile(
    r"context.?(length|size|window)|maximum context|exceed_context|prompt is too long|too many (input |prompt )?tokens"
    r"|input (token count|length).{0,80}exceed|reduce the length of",
    re.IGNORECASE,
)
FILTER_WORDS = re.compile(
    r"content.?(filter|policy|management policy)|responsible.?ai|moderation|safety (system|filter)", re.IGNORECASE
)
MONEY_WORDS = re.compile(r"insufficient_quota|exceeded your current quota|billing|credit balance", re.IGNORECASE)
KEY_WORDS = re.compile(r"incorrect api key|invalid (x-)?api.?key|api key not valid", re.IGNORECASE)
TRY_AGAIN = frozenset({409, 425})
"""Refusals that say nothing about the request: another one is in the way, or it came too early."""
REFUSAL = re.compile(r"4\d\d")
INCAPABLE_WORDS = re.compile(r"(is|are) not supported", re.IGNORECASE)
SECRETS = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"',;]+"), r"\1 [key]"),
    (
        re.compile(
            r"(?i)\b(api[ _-]?key|authorization|token)(\s+provided)?([\"']?\s*[:=]\s*[\"']?)(?=\S*[a-z*])[^\s\"',;]{8,}"
        ),
        r"\1\2\3[key]",
    ),
    (re.compile(r"\b(sk|pk|rk|gsk|xai|hf|r8|fw|tgp|pplx|nvapi|csk)[-_][\w*.-]{6,}"), "[key]"),
    (re.compile(r"\bAI" + r"za[\w-]{10,}"), "[key]"),
)
PARTS = ("limit", "remaining", "reset")
QUOTA_HEADERS = [
    {what: [f"x-ratelimit-{part}-{what}" for part in PARTS] for what in ("requests", "tokens")},
    {what: [f"anthropic-ratelimit-{what}-{part}" for part in PARTS] for what in ("requests", "tokens")},
]
"""The headers of OpenAI and those who follow it, and Anthropic's."""
UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd])")
EPOCH_FROM_S = 1e9
"""A larger number of seconds is a moment since 1970, not a duration."""


def scrub(text: str, mask: Mask = NOTHING) -> str:
    """``text`` on one line, at most 300 characters, without the keys of ``mask`` and whatever looks like one."""
    text = mask.text(clean(text[:LONGEST_READ]))
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"


def refused(status: int, body: bytes, headers: Mapping[str, str]) -> CallError:
    """The error for an HTTP status that is not 200."""
    message, code = read_error(body)
    kind = kind_of(status, f"{code} {message}")
    location = headers.get("Location")
    if 300 <= status < 400 and location:
        message = f"the server redirects to {location}; give that address as the API base"
    wait = retry_after_s(headers) if kind in (FailureKind.RATE_LIMIT, FailureKind.SERVER) else None
    text = scrub(f"{status}: {message or 'no message'}")
    return CallError(text, kind=kind, retry_after_s=wait, allowance=read_allowance(headers))


def kind_of(status: int, words: str) -> FailureKind:
    """The kind of failure behind an HTTP status and the provider's words (code, type and message)."""
    if status == 403 and FILTER_WORDS.search(words):
        return FailureKind.CONTENT_FILTER  # this one prompt was refused, not the key
    if status in (401, 402, 403):
        return FailureKind.AUTH
    if status == 429:
        return FailureKind.AUTH if MONEY_WORDS.search(words) else FailureKind.RATE_LIMIT
    if status == 408:
        return FailureKind.TIMEOUT
    if status in TRY_AGAIN or status >= 500:
        return FailureKind.BAD_REQUEST if INCAPABLE_WORDS.search(words) else FailureKind.SERVER
    if status == 404:
        return FailureKind.NOT_FOUND
    by_words = kind_by_words(words)
    if by_words is None and (MONEY_WORDS.search(words) or KEY_WORDS.search(words)):
        return FailureKind.AUTH
    return by_words or FailureKind.BAD_REQUEST


def kind_by_words(words: str) -> FailureKind | None:
    """The failures that only a message tells: too long a prompt, filtered content."""
    if CONTEXT_WORDS.search(words):
        return FailureKind.CONTEXT_OVERFLOW
    if FILTER_WORDS.search(words):
        return FailureKind.CONTENT_FILTER
    return None


def failed_inside(error: Any) -> CallError:
    """The error for an error object inside an answer that began well (status 200, or in the middle of a stream).

    A server's own trouble is INVALID_RESPONSE, as the answer had begun and may be paid for: it is not tried often.
    """
    message, code = _words(error)
    words, status = f"{code} {message}", _refusal_status(error)
    kind = kind_of(status, words) if status else kind_by_words(words) or FailureKind.INVALID_RESPONSE
    return CallError(scrub(f"the answer holds an error: {message or code or _shown(error)}"), kind=kind)


def invalid(message: str) -> CallError:
    """The error for an answer that cannot be read."""
    return CallError(scrub(message), kind=FailureKind.INVALID_RESPONSE)


def read_error(body: bytes) -> tuple[str, str]:
    """(message, code and type) of an error body in any of the shapes that providers use."""
    try:
        decoded = orjson.loads(body)
    except orjson.JSONDecodeError:
        text = body[:2000].decode("utf-8", errors="replace")
        return re.sub(r"<[^>]*>", " ", text).strip(), ""
    if isinstance(decoded, list) and decoded:
        decoded = decoded[0]
    if isinstance(decoded, dict) and decoded.get("error"):
        return _words(decoded["error"])
    return _words(decoded)


def _words(error: Any) -> tuple[str, str]:
    if not isinstance(error, dict):
        return ("" if error is None else _shown(error)), ""
    message = error.get("message") or error.get("detail") or error.get("error") or ""
    codes = [_shown(error[name]) for name in ("code", "type", "status") if error.get(name)]
    if not message and not codes:
        message = error
    return _shown(message), " ".join(codes)


def _refusal_status(error: Any) -> int | None:
    """The HTTP status 4xx that an error object gives as its code, as gateways do that had sent their own before."""
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(code, str) and REFUSAL.fullmatch(code):
        return int(code)
    return code if isinstance(code, int) and 400 <= code < 500 else None


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return orjson.dumps(value, default=str).decode()
    except TypeError:  # nested too deep, or no JSON
        return "an error of unknown form"


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait by the headers retry-after-ms or Retry-After (seconds or an HTTP date); None if there is none."""
    milliseconds = headers.get("retry-after-ms")
    value = headers.get("Retry-After") or headers.get("retry-after")
    try:
        if milliseconds:
            return max(float(milliseconds) / 1000, 0.0)
        if value is None:
            return None
        seconds = float(value)
        return max(seconds, 0.0) if math.isfinite(seconds) else None
    except ValueError:
        pass
    try:
        at = email.utils.parsedate_to_datetime(value or "")
    except (TypeError, ValueError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max((at - (now or datetime.now(UTC))).total_seconds(), 0.0)


def read_allowance(headers: Mapping[str, str], now: datetime | None = None) -> Allowance | None:
    """The allowance that the headers of an answer tell; None if they tell none."""
    for names in QUOTA_HEADERS:
        if names["requests"][1] in headers or names["tokens"][1] in headers:
            return Allowance(
                requests=_quota(headers, names["requests"], now), tokens=_quota(headers, names["tokens"], now)
            )
    return None


def _quota(headers: Mapping[str, str], names: list[str], now: datetime | None) -> Quota | None:
    try:
        limit, left = (float(headers[name]) for name in names[:2])
        reset_s = _seconds(headers[names[2]], now or datetime.now(UTC))
    except (KeyError, ValueError):
        return None
    return Quota(limit, left, reset_s) if limit > 0 and left >= 0 and reset_s >= 0 else None


def _seconds(text: str, now: datetime) -> float:
    """``6m0s``, ``120ms``, ``1.5`` (seconds), a moment as seconds since 1970 or in ISO 8601. Raises ValueError."""
    parts = DURATION.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return sum(float(number) * UNITS_S[unit] for number, unit in parts)
    try:
        number = float(text)
        return max(number - now.timestamp(), 0.0) if number > EPOCH_FROM_S else number
    except ValueError:
        moment = datetime.fromisoformat(text)
        return max((moment - now).total_seconds(), 0.0) if moment.tzinfo else 0.0
