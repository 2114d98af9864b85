"""What providers' headers say is left."""

from datetime import UTC, datetime

import pytest

from advisor.llm.failures import read_allowance
from advisor.types import Allowance, Quota

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def headers(limit: str, left: str, reset: str) -> dict[str, str]:
    return {
        "x-ratelimit-limit-requests": limit,
        "x-ratelimit-remaining-requests": left,
        "x-ratelimit-reset-requests": reset,
    }


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [
        ("120ms", 0.12),
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("2m59.56s", 179.56),
        ("1d2h", 93600.0),
        ("0s", 0.0),
        ("17", 17.0),
        ("1.5", 1.5),
        (str(int(NOW.timestamp()) + 30), 30.0),
    ],
)
def test_resets_are_read_in_every_form(reset: str, seconds: float) -> None:
    found = read_allowance(headers("500", "499", reset), NOW)
    assert found is not None
    assert found.requests is not None
    assert found.requests.reset_s == pytest.approx(seconds)


def test_requests_and_tokens_of_anthropic() -> None:
    said = {
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "49",
        "anthropic-ratelimit-requests-reset": "2026-03-01T12:00:02Z",
        "anthropic-ratelimit-tokens-limit": "40000",
        "anthropic-ratelimit-tokens-remaining": "39000",
        "anthropic-ratelimit-tokens-reset": "2026-03-01T11:59:00Z",
    }
    assert read_allowance(said, NOW) == Allowance(requests=Quota(50, 49, 2.0), tokens=Quota(40000, 39000, 0.0))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"x-ratelimit-limit-requests": "5"},
        headers("0", "0", "1s"),
        headers("a few", "2", "1s"),
        headers("10", "-1", "1s"),
        headers("10", "1", "soon"),
        {"x-ratelimit-remaining-requests": "3"},
    ],
)
def test_what_says_nothing_sure_is_nothing(said: dict[str, str]) -> None:
    found = read_allowance(said, NOW)
    assert found is None or found == Allowance()
