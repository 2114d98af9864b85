"""What a provider's headers say about the requests and tokens that are left."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from advisor.types import Allowance, Quota

PARTS = ("limit", "remaining", "reset")
NAMES = [
    {what: [f"x-ratelimit-{part}-{what}" for part in PARTS] for what in ("requests", "tokens")},
    {what: [f"anthropic-ratelimit-{what}-{part}" for part in PARTS] for what in ("requests", "tokens")},
]
"""The headers of OpenAI and those who follow it, and Anthropic's."""
UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd])")
EPOCH_FROM_S = 1e9
"""A larger number of seconds is a moment since 1970, not a duration."""


def read_allowance(headers: Mapping[str, str], now: datetime | None = None) -> Allowance | None:
    """The allowance that the headers of an answer tell; None if they tell none."""
    for names in NAMES:
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
