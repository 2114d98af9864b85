"""What a logged call cost depends on how it was served: in a batch, on a cheaper tier, at the list price."""

from pathlib import Path
from typing import Any

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.money.optimize import stay_options
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts, load_samples
from advisor.store.studies import find_study
from advisor.types import OptionKind, OptionStep, PriceSource
from tests.made.log import call, write_log

LIST_USD = 100 * 2.50e-6 + 5 * 10.00e-6
"""100 tokens in, 5 out of gpt-4o, at OpenAI's list price of November 2026."""


def imported(store: Store, tmp_path: Path, rows: list[dict[str, Any]]) -> Any:
    import_logs(store, "S", [write_log(tmp_path / "log.jsonl", rows)], ImportOptions(redact=False))
    return load_sample_facts(store, find_study(store, "S").id)


def served(n: int, *, asked: str | None = None, told: str | None = None, model: str = "gpt-4o") -> dict[str, Any]:
    """A call that asks for a tier, and what the answer names as the one it had."""
    row = call(n, model=model)
    row["request"] |= {"model": model} | ({"service_tier": asked} if asked else {})
    row["response"] |= {"model": model} | ({"service_tier": told} if told else {})
    return row


@pytest.mark.parametrize(("asked", "told"), [(None, None), ("auto", "default"), (None, "default"), ("flex", "default")])
def test_the_usual_service_has_the_list_price(
    store: Store, tmp_path: Path, asked: str | None, told: str | None
) -> None:
    found = imported(store, tmp_path, [served(1, asked=asked, told=told)])
    assert found["cost_usd"].tolist() == [pytest.approx(LIST_USD)]
    assert PriceSource.of(found["price_source"][0]).is_standard


@pytest.mark.parametrize(("asked", "told"), [("flex", None), ("flex", "flex"), ("auto", "flex"), (None, "flex")])
def test_flex_is_billed_at_half(store: Store, tmp_path: Path, asked: str | None, told: str | None) -> None:
    rows = [served(1, asked=asked, told=told, model="gpt-5"), served(2, model="gpt-5")]
    flex, usual = imported(store, tmp_path, rows)["cost_usd"]
    assert usual == pytest.approx(100 * 1.25e-6 + 5 * 10e-6)
    assert flex == pytest.approx(usual / 2)


def test_a_tier_without_a_listed_price_is_unpriced(store: Store, tmp_path: Path) -> None:
    found = imported(store, tmp_path, [served(1, told="scale")])
    assert found["cost_usd"].isna().all()


def test_a_batch_is_billed_at_the_batch_price_whatever_its_answers_say(store: Store, tmp_path: Path) -> None:
    one = served(1, told="default")
    body = one["request"] | {"model": "gpt-4o"}
    lines = [
        {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": body},
        {"custom_id": "a", "response": {"status_code": 200, "body": one["response"] | {"created": 1793491200}}},
    ]
    found = imported(store, tmp_path, lines)
    assert found["cost_usd"].tolist() == [pytest.approx(LIST_USD / 2)]
    assert PriceSource.of(found["price_source"][0]).tier == "batch"


def test_an_anthropic_batch_is_billed_at_the_batch_price(store: Store, tmp_path: Path) -> None:
    usage = {"input_tokens": 1000, "output_tokens": 100, "service_tier": "batch"}
    message = {
        "id": "msg_0123456789abcdef",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5-20250929",
        "content": [{"type": "text", "text": "billing"}],
        "stop_reason": "end_turn",
        "usage": usage,
    }
    params = {"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Which?"}]}
    lines = [
        {"custom_id": "a", "params": params},
        {"custom_id": "a", "result": {"type": "succeeded", "message": message}},
    ]
    found = imported(store, tmp_path, lines)
    assert found["cost_usd"].tolist() == [pytest.approx((1000 * 3e-6 + 100 * 15e-6) / 2)]


def test_no_candidate_is_asked_for_the_tier(store: Store, tmp_path: Path) -> None:
    found = imported(store, tmp_path, [served(1, asked="flex")])
    sample = next(load_samples(store, found["id"].tolist()))
    assert sample.request.params == {"max_tokens": 20}


def test_a_logged_cost_stays_what_the_log_says(store: Store, tmp_path: Path) -> None:
    found = imported(store, tmp_path, [served(1, told="flex") | {"cost_usd": 0.5}])
    assert found["cost_usd"].tolist() == [0.5]


def test_the_tier_does_not_make_another_call_of_the_same_one(store: Store, tmp_path: Path) -> None:
    imported(store, tmp_path, [served(1)])
    again = import_logs(
        store, "S", [write_log(tmp_path / "more.jsonl", [served(1, told="flex")])], ImportOptions(redact=False)
    )
    assert (again.counts.accepted, again.counts.duplicates) == (0, 1)


@pytest.mark.parametrize("told", ["flex", None])
def test_what_is_at_half_price_already_saves_no_half_in_a_batch(store: Store, tmp_path: Path, told: str | None) -> None:
    """40 calls of gpt-5 within a minute, 60 others over three hours; a batch takes half off the list price."""
    burst = [served(n, told=told, model="gpt-5") | {"timestamp": f"2026-11-03T10:00:{n:02d}Z"} for n in range(40)]
    slow = [
        served(100 + n, model="gpt-5") | {"timestamp": f"2026-11-03T{8 + n // 20:02d}:{1 + n * 3 % 60:02d}:30Z"}
        for n in range(60)
    ]
    cost = imported(store, tmp_path, burst + slow)["cost_usd"]
    found = next(o for o in stay_options(store, find_study(store, "S")) if o.kind is OptionKind.BATCH)
    assert found.monthly is not None
    at_list = 0.0 if told else 40 * cost.max()
    assert found.monthly.point == pytest.approx(at_list / 2 * 365.25 / 12)
    assert found.calls == (0 if told else 40)
    assert any(step.code == OptionStep.OTHER_TIERS for step in found.how) == bool(told)


def test_calls_without_a_model_do_not_stop_the_options(store: Store, tmp_path: Path) -> None:
    rows = [served(n) | {"timestamp": f"2026-11-03T10:00:{n:02d}Z"} for n in range(40)]
    for row in rows[::2]:
        del row["model"], row["request"]["model"], row["response"]["model"]
    later = [served(100 + n) | {"timestamp": f"2026-11-03T{11 + n}:00:30Z"} for n in range(9)]
    facts = imported(store, tmp_path, rows + later)
    assert facts["model"].isna().sum() == 20
    found = next(o for o in stay_options(store, find_study(store, "S")) if o.kind is OptionKind.BATCH)
    assert found.monthly is not None
    assert found.monthly.point == pytest.approx(20 * LIST_USD / 2 * 365.25 / 12)


@pytest.mark.parametrize(("asked", "told"), [("us", None), (None, "us"), ("global", "us"), ("us", "global")])
def test_what_had_to_stay_in_one_country_is_billed_as_such(
    store: Store, tmp_path: Path, asked: str | None, told: str | None
) -> None:
    usage = {"input_tokens": 1000, "output_tokens": 100} | ({"inference_geo": told} if told else {})
    text = [{"type": "text", "text": "billing"}]
    answer = {"type": "message", "role": "assistant", "model": "claude-sonnet-5", "content": text, "usage": usage}
    question = {"model": "claude-sonnet-5", "max_tokens": 9, "system": "Be brief."}
    question |= {"messages": [{"role": "user", "content": "Which?"}]} | ({"inference_geo": asked} if asked else {})
    found = imported(store, tmp_path, [{"request": question, "response": answer}])
    factor = 1.1 if (told or asked) == "us" else 1.0
    assert found["cost_usd"].tolist() == [pytest.approx(factor * (1000 * 2e-6 + 100 * 10e-6))]
    sample = next(load_samples(store, found["id"].tolist()))
    assert "inference_geo" not in sample.request.params
