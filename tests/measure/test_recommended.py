"""The host, the monthly cost and the three models that are recommended for a log."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from advisor.measure.open_models import Row, Wanted, browse, served_models
from advisor.measure.recommended import TYPICAL, Needs, PickKind, choose_hosts, recommend_models
from advisor.types import Usage
from advisor.types.licences import Fit

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MONTH = Usage(input_tokens=50_000_000, cache_read_tokens=10_000_000, output_tokens=8_000_000)


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GROQ", "TOGETHERAI", "TOGETHER", "FIREWORKS_AI", "DEEPINFRA", "CEREBRAS"):
        monkeypatch.delenv(f"{name}_API_KEY", raising=False)


@pytest.fixture(scope="module")
def rows() -> tuple[Row, ...]:
    return browse(Wanted(), served_models(NOW)).rows


def test_the_cheapest_host_is_taken_unless_another_has_a_key(
    rows: tuple[Row, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    needs = Needs(monthly=MONTH)
    row = next(row for row in rows if row.model.id == "gpt-oss-120b")
    costs = {one.offer.litellm_id: one.rates.cost_of(MONTH) for one in row.served if one.rates}
    cheapest = choose_hosts([row], needs)["gpt-oss-120b"]
    assert cheapest.usd == min(costs.values())
    assert not cheapest.has_key
    monkeypatch.setenv("GROQ_API_KEY", "a-key")
    chosen = choose_hosts([row], needs)["gpt-oss-120b"]
    assert (chosen.served.offer.litellm_id, chosen.has_key) == ("groq/openai/gpt-oss-120b", True)
    assert chosen.usd == costs["groq/openai/gpt-oss-120b"] > cheapest.usd


def test_a_host_that_cannot_do_what_the_log_needs_is_not_taken(rows: tuple[Row, ...]) -> None:
    choices = choose_hosts(rows, Needs(context_tokens=500_000, tools=True))
    assert choices
    for choice in choices.values():
        assert choice.served.offer.tools is not False
        assert (choice.served.offer.context_tokens or 1e9) >= 500_000
        assert choice.served.offer.ends_on is None


def test_three_different_models_that_the_license_allows(rows: tuple[Row, ...]) -> None:
    needs = Needs(monthly=MONTH, tools=True)
    picks = recommend_models(rows, choose_hosts(rows, needs), needs)
    assert [pick.kind for pick in picks] == list(PickKind)
    assert len({pick.row.model.id for pick in picks}) == 3
    assert all(pick.row.permission.fit in (Fit.ALLOWED, Fit.CONDITIONS) for pick in picks)
    assert all(pick.row.model.can.tools for pick in picks)
    cheapest, balanced, strongest = picks
    assert cheapest.choice.usd <= balanced.choice.usd
    assert strongest.row.model.id == "mimo-v2.6-pro", "the highest standing of those that are allowed"


def test_one_model_that_is_everything_is_named_once(rows: tuple[Row, ...]) -> None:
    only = [row for row in rows if row.model.id == "gpt-oss-20b"]
    picks = recommend_models(only, choose_hosts(only, Needs()), Needs())
    assert [pick.row.model.id for pick in picks] == ["gpt-oss-20b"]
    assert picks[0].choice.usd == min(one.rates.cost_of(TYPICAL) for one in only[0].served if one.rates)


def test_nothing_is_recommended_where_nothing_fits(rows: tuple[Row, ...]) -> None:
    needs = Needs(context_tokens=1e9)
    assert recommend_models(rows, choose_hosts(rows, Needs()), needs) == ()
    forbidden = [replace(row, permission=replace(row.permission, fit=Fit.NOT_ALLOWED)) for row in rows]
    assert recommend_models(forbidden, choose_hosts(rows, Needs()), Needs()) == ()
