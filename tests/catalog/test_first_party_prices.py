"""Models as logs name them, without a provider: at their maker's price of today, as litellm's list has it too."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from advisor.catalog.list_copies import model_list
from advisor.catalog.listed_models import listed_price
from advisor.catalog.prices import place_of_logged, price_logged
from advisor.catalog.rates import usd_per_mtok
from advisor.settings import DATA
from advisor.types import Usage

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LABS = [
    "openai",
    "anthropic",
    "gemini",
    "vertex_ai-language-models",
    "deepseek",
    "mistral",
    "xai",
    "moonshot",
    "zai",
    "cohere",
    "cohere_chat",
    "minimax",
    "perplexity",
]
DIFFERENT = {
    "deepseek-flash",
    "deepseek-v4-flash",
    "deepseek-v4-pro",
    "deepseek-v3.2",
    "open-mistral-nemo",
}
"""Names of which the README of the catalog tells why the lists differ."""


def test_bare_names_cost_what_litellm_says_but_for_those_written_down() -> None:
    compared, different = 0, set()
    for litellm_id, entry in model_list().items():
        name = litellm_id.rpartition("/")[2]
        if entry.get("litellm_provider") not in LABS or entry.get("mode") not in ("chat", "responses"):
            continue
        if litellm_id.count("/") > 1:
            continue  # Perplexity sells other makers' models, and its own anew
        for kind in ("input", "output"):
            ours = usd_per_mtok(partial(price_logged, name, at=NOW), kind)
            theirs = usd_per_mtok(partial(listed_price, litellm_id), kind)
            if ours and theirs and theirs[0]:
                compared += 1
                different |= {name} if abs(ours[0] / theirs[0] - 1) > 0.02 else set()
    assert compared > 300
    assert different == DIFFERENT


def test_what_differs_is_written_down() -> None:
    told = (DATA / "catalog" / "README.md").read_text("utf-8")
    assert [name for name in DIFFERENT if f"`{name}`" not in told] == []


@pytest.mark.parametrize(
    ("name", "usd_in", "usd_cached", "usd_out"),
    [
        ("glm-5.3", 1.4, 0.26, 4.4),
        ("GLM-5.3-Flash", 0.15, 0.03, 0.5),
        ("glm-5", 1.0, 0.2, 3.2),
        ("glm-4.7", 0.6, 0.11, 2.2),
        ("mistral-large-latest", 0.5, 0.05, 1.5),
        ("mistral-medium", 1.5, 0.15, 7.5),
        ("magistral-small-latest", 0.15, 0.015, 0.6),
        ("sonar", 1.0, 1.0, 1.0),
        ("deepseek-v3.2", 0.28, 0.028, 0.42),
    ],
)
def test_prices_that_a_list_has_wrong(name: str, usd_in: float, usd_cached: float, usd_out: float) -> None:
    for kind, usd in (("input", usd_in), ("cache_read", usd_cached), ("output", usd_out)):
        priced = usd_per_mtok(partial(price_logged, name, at=NOW), kind)
        assert priced is not None
        assert priced[0] == pytest.approx(usd)


def test_the_list_of_mainland_china_is_not_asked_for_a_bare_name() -> None:
    place = place_of_logged("glm-5.3")
    assert place is not None
    assert place.provider == "zai"


@pytest.mark.parametrize(
    ("name", "moved"),
    [
        ("mistral-large-latest", datetime(2025, 12, 2, tzinfo=UTC)),
        ("magistral-medium-latest", datetime(2026, 4, 29, tzinfo=UTC)),
        ("grok-code-fast-1", datetime(2026, 5, 15, 19, tzinfo=UTC)),
    ],
)
def test_between_two_models_a_name_has_no_price(name: str, moved: datetime) -> None:
    usage = Usage(input_tokens=1_000)
    assert price_logged(name, usage, moved - timedelta(minutes=1)) is not None
    assert price_logged(name, usage, moved) is None
