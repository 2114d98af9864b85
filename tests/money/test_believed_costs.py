"""Which costs of a log are believed, and what its tokens cost where none is."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts
from advisor.store.studies import find_study
from advisor.types import AS_LOGGED, PriceOrigin, PriceSource
from tests.made.log import call, write_log

LIST_USD = 100 * 2.50e-6 + 5 * 10.00e-6
"""100 tokens in, 5 out of gpt-4o, at OpenAI's list price of November 2026."""


def imported(store: Store, tmp_path: Path, *rows: dict[str, Any]) -> Any:
    import_logs(store, "S", [write_log(tmp_path / "log.jsonl", list(rows))], ImportOptions(redact=False))
    return load_sample_facts(store, find_study(store, "S").id)


@pytest.mark.parametrize("cost", [0, 0.0, "0", -1.5, "-0.02", float("nan"), float("inf")])
def test_tokens_with_a_price_are_believed_before_such_a_cost(store: Store, tmp_path: Path, cost: Any) -> None:
    found = imported(store, tmp_path, call(1, cost=cost))
    assert found["cost_usd"].tolist() == [pytest.approx(LIST_USD)]
    assert PriceSource.of(found["price_source"][0]).origin is PriceOrigin.GENAI_PRICES
    assert found["logged_cost_usd"].isna().all()


def of_model(name: str, n: int, **more: Any) -> dict[str, Any]:
    row = call(n, **more)
    row["request"]["model"] = row["response"]["model"] = name
    return row


def test_nothing_is_what_a_model_without_a_price_may_cost(store: Store, tmp_path: Path) -> None:
    """One of the team's own, also beside others that are billed."""
    found = imported(store, tmp_path, of_model("our-own-7b", 1, cost=0), of_model("billed-7b", 2, cost=0.02))
    assert (found["cost_usd"].tolist(), set(found["price_source"])) == ([0.0, 0.02], {AS_LOGGED.code})
    assert found["logged_cost_usd"].tolist() == [0.0, 0.02]


def test_nothing_is_not_what_a_listed_model_costs(store: Store, tmp_path: Path) -> None:
    row = of_model("gpt-4o", 1, cost=0)
    del row["response"]["usage"]
    found = imported(store, tmp_path, row)
    assert found[["cost_usd", "logged_cost_usd", "input_tokens"]].isna().all(axis=None)


def test_what_the_list_has_for_nothing_costs_nothing(store: Store, tmp_path: Path) -> None:
    found = imported(store, tmp_path, of_model("mistral-nemo:free", 1, cost=0))
    assert (found["cost_usd"].tolist(), found["price_source"].tolist()) == ([0.0], [AS_LOGGED.code])


def test_a_negative_cost_of_a_model_without_a_price_is_not_known(store: Store, tmp_path: Path) -> None:
    found = imported(store, tmp_path, of_model("our-own-7b", 1, cost=-3))
    assert found[["cost_usd", "logged_cost_usd"]].isna().all(axis=None)


def test_an_answer_that_the_gateway_kept_cost_nothing(store: Store, tmp_path: Path) -> None:
    asked = {"messages": [{"role": "user", "content": "Is it raining?"}], "model": "gpt-4o"}
    response = call(1)["response"]
    rows = [
        {
            "request_id": f"chatcmpl-{n}", "call_type": "acompletion", "api_key": "88dc28d0", "spend": spend,
            "total_tokens": 105, "prompt_tokens": 100, "completion_tokens": 5, "startTime": "2026-11-03T10:00:00+00:00",
            "endTime": "2026-11-03T10:00:02+00:00", "model": "gpt-4o", "cache_hit": hit, "messages": asked["messages"],
            "proxy_server_request": asked, "response": response | {"id": f"chatcmpl-{n}"}, "metadata": {},
        }
        for n, hit, spend in ((1, "True", 0.0), (2, "False", 0.0), (3, "False", 0.02))
    ]  # fmt: skip
    found = imported(store, tmp_path, *rows)
    assert found["cost_usd"].tolist() == [0.0, pytest.approx(LIST_USD), 0.02]


def claude(n: int, **written: Any) -> dict[str, Any]:
    """A call of Claude Sonnet 4.5 that writes 10,000 tokens to the cache."""
    usage = {"input_tokens": 10, "cache_creation_input_tokens": 10_000, "output_tokens": 1, **written}
    return {
        "timestamp": f"2026-11-{3 + n:02d}T10:00:00Z",
        "request": {
            "model": "claude-sonnet-4-5", "max_tokens": 20, "messages": [{"role": "user", "content": f"hi {n}"}]
        },
        "response": {
            "id": f"msg_{n}", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929",
            "content": [{"type": "text", "text": "ok"}], "stop_reason": "end_turn", "usage": usage,
        },
    }  # fmt: skip


def test_what_the_cache_keeps_for_an_hour_has_its_own_price(store: Store, tmp_path: Path) -> None:
    """Anthropic's prices of Claude Sonnet 4.5, dollars per million tokens: 3 in, 3.75 kept for five minutes, 6 for an
    hour, 15 out.
    """
    split = {"ephemeral_5m_input_tokens": 4_000, "ephemeral_1h_input_tokens": 6_000}
    found = imported(store, tmp_path, claude(0), claude(1, cache_creation=split))
    rest = (10 * 3 + 1 * 15) / 1e6
    assert found["cost_usd"].tolist() == [
        pytest.approx(10_000 * 3.75e-6 + rest),
        pytest.approx(4_000 * 3.75e-6 + 6_000 * 6e-6 + rest),
    ]
    assert found["cache_write_tokens"].tolist() == [10_000, 10_000]
    plain, kept = map(PriceSource.of, found["price_source"])
    assert kept == replace(plain, cache_1h=True), "the tokens alone do not tell this price again"


@pytest.mark.parametrize("cost", [None, 0, 0.25])
def test_a_failed_call_costs_what_the_log_says_or_nothing(store: Store, tmp_path: Path, cost: float | None) -> None:
    """Its tokens were counted, but providers bill no call that they failed to answer."""
    asked = {
        "prompt": "Which?",
        "model": "gpt-4o",
        "input_tokens": 100,
        "output_tokens": 5,
        "time": "2026-11-03T10:00Z",
    }
    failed = asked | {"error": "overloaded"} | ({} if cost is None else {"cost": cost})
    found = imported(store, tmp_path, failed, asked | {"answer": "billing", "prompt": "What?"})
    assert found["error"].notna().tolist() == [True, False]
    assert found["input_tokens"].tolist() == [100, 100]
    told = (None, None) if cost is None else (cost, AS_LOGGED.code)
    assert tuple(found[["cost_usd", "price_source"]].astype(object).where(found.notna(), None).loc[0]) == told
    assert found["cost_usd"][1] == pytest.approx(LIST_USD)
