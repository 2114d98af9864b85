"""Both price lists on the models of a study."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from advisor.store import Store
from advisor.store.studies import find_study
from advisor.study.imports import import_logs
from advisor.study.price_check import CheckedPrice, ListedRates, check_prices
from advisor.types import Model, PriceOrigin, PriceSource

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LLAMA = "together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo"


@pytest.fixture
def checked(tmp_path: Path) -> dict[str, CheckedPrice]:
    log = tmp_path / "log.jsonl"
    calls = [
        ("o3", "2025-05-01"),
        ("gpt-5.6-sol", "2026-08-01"),
        ("gpt-5.6-sol", "2026-08-20"),
        ("my-own", "2026-08-01"),
    ]
    with log.open("w", encoding="utf-8") as file:
        for number, (name, day) in enumerate(calls):
            row = {
                "id": str(number),
                "timestamp": f"{day}T00:00:00Z",
                "request": {"model": name, "messages": [{"role": "user", "content": f"Hello {number}"}]},
                "response": {
                    "choices": [{"message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 10, "completion_tokens": 5},
                },
            }
            file.write(json.dumps(row) + "\n")
    store = Store(f"sqlite:///{tmp_path / 'advisor.db'}")
    import_logs(store, "s", [log], redact=False)
    models = [
        Model(name="Llama", litellm_id=LLAMA),
        Model(name="Sonar", litellm_id="perplexity/sonar"),
        Model(name="Own prices", litellm_id="zai/glm-5.3", input_price_usd_per_mtok=1, output_price_usd_per_mtok=1),
        Model(name="Own server", litellm_id="hosted_vllm/x", api_base="http://127.0.0.1:9/v1"),
    ]
    rows = check_prices(store, find_study(store, "s").id, models, NOW)
    store.close()
    return {row.model: row for row in rows}


def test_models_of_the_log_at_their_last_call(checked: dict[str, CheckedPrice]) -> None:
    sol = checked["gpt-5.6-sol"]
    assert sol.in_log
    assert sol.at == datetime(2026, 8, 20, tzinfo=UTC)
    assert sol.first == sol.second == ListedRates(pytest.approx(5.0), pytest.approx(0.5), pytest.approx(30.0))
    assert sol.difference == pytest.approx(0.0, abs=1e-9)
    assert not sol.differs


def test_a_list_that_does_not_reach_back_has_no_price(checked: dict[str, CheckedPrice]) -> None:
    o3 = checked["o3"]
    assert o3.first is not None
    assert (o3.first.input, o3.first.output) == (pytest.approx(10.0), pytest.approx(40.0))
    assert o3.second is None
    assert o3.second_source is None
    assert o3.difference is None


def test_registered_models_now(checked: dict[str, CheckedPrice]) -> None:
    llama = checked["Llama"]
    assert (llama.in_log, llama.at) == (False, NOW)
    assert llama.differs
    assert llama.difference == pytest.approx(1.04 / 0.88 - 1)
    assert llama.first_source == PriceSource(origin=PriceOrigin.GENAI_PRICES, version="0.2.3")
    own = checked["Own prices"]
    assert own.first is not None
    assert own.first.input == pytest.approx(1.4)


@pytest.mark.parametrize("name", ["my-own", "Own server"])
def test_what_no_list_knows(checked: dict[str, CheckedPrice], name: str) -> None:
    assert (checked[name].first, checked[name].second, checked[name].differs) == (None, None, False)


def test_a_fee_for_the_call_is_no_price_of_a_token(checked: dict[str, CheckedPrice]) -> None:
    first = checked["Sonar"].first
    assert first is not None
    assert (first.input, first.output) == (pytest.approx(1.0), pytest.approx(1.0))
