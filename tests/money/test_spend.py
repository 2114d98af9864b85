"""What a run was billed and what a candidate costs beside the baseline: from a log to the numbers, over HTTP."""

import math
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from advisor.analysis.money.spend import total_usd
from advisor.catalog.prices import price_call
from advisor.catalog.rates import costs_of
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.money.spend import ALL, Rate, Spend, measure_spend
from advisor.store import Store
from advisor.store.run.tallies import tally_run
from advisor.types import Lane, Model, PartKind, Repeats, Role, RunOptions, Usage
from tests.made.log import call
from tests.made.run import Answers, made_study, replayed, verdict
from tests.server import Body, MisbehavingServer, completion

CANDIDATE = {"open": Role.CANDIDATE}
LOGGED_USD = 100 * 2.50e-6 + 5 * 10e-6
"""A call of the log: 100 tokens in, 5 out of gpt-4o."""
N = 20


def wordy(_: Body) -> Body:
    """Twice the tokens in, four times the tokens out."""
    return completion("billing", usage={"prompt_tokens": 200, "completion_tokens": 20})


def silent(_: Body) -> Body:
    return completion("billing", usage=None)


def part(spend: Spend, kind: str, lane: Lane = Lane.CANDIDATE) -> tuple[int, int, float | None]:
    found = next(one for one in spend.parts if (one.kind, one.lane) == (kind, lane))
    return found.calls, found.billed, found.usd


def rate(spend: Spend, use_case: str = ALL) -> Rate:
    return next(one for one in spend.rates if one.use_case == use_case)


def test_half_the_price_and_twice_the_tokens(store: Store, tmp_path: Path) -> None:
    study, run, _ = replayed(store, tmp_path, [call(n) for n in range(N)], CANDIDATE, {"open": wordy})
    spend = measure_spend(store, study, run.id, 0.95)
    paid = 220e-6  # a dollar a million tokens
    assert part(spend, PartKind.FIRST) == (N, N, pytest.approx(N * paid))
    assert total_usd(spend.parts) == pytest.approx(tally_run(store, run.id).cost_usd)
    for found in (rate(spend), rate(spend, "Triage")):
        assert found.n == found.effect.n == N
        assert found.baseline_usd == pytest.approx(LOGGED_USD)
        assert found.candidate_usd == pytest.approx(paid)
        effect = found.effect
        assert effect.prices == pytest.approx(105e-6 / LOGGED_USD)
        assert effect.tokens == pytest.approx(220 / 105)
        assert effect.input is not None
        assert effect.output is not None
        assert (effect.input.point, effect.output.point) == (2.0, 4.0)
        assert effect.cost is not None
        assert effect.cost.point == pytest.approx(paid / LOGGED_USD)
        assert found.saved_per_1k is not None
        assert found.saved_per_1k.point == pytest.approx(1000 * (LOGGED_USD - paid))
        assert found.cached is None


def test_repeats_failures_and_earlier_answers_stand_apart(store: Store, tmp_path: Path) -> None:
    rows = [call(n) for n in range(N)]
    roles = {"open": Role.CANDIDATE, "404": Role.CANDIDATE}
    with MisbehavingServer(answers={"open": wordy}) as server:
        study = made_study(store, tmp_path, rows, server.url, roles)
        runs = [
            finish_run(
                store,
                start_run(store, study, RunOptions(sample_size=N, stream=False, repeats=Repeats(epochs=epochs))).id,
            )
            for epochs in (2, 1)
        ]
    run, again = runs
    spend = measure_spend(store, study, run.id, 0.95)
    assert {spend.names[one.model_id] for one in spend.parts} == {"open", "404"}
    assert part(spend, PartKind.REPEATS) == (N, N, pytest.approx(N * 220e-6))
    failed = [one for one in spend.parts if one.kind == PartKind.FAILED]
    assert [spend.names[one.model_id] for one in failed] == ["404"]
    assert failed[0].usd is None, "a refused call tells no tokens"
    lost = next(one for one in spend.rates if one.model == "404")
    assert (lost.n, lost.candidate_usd, lost.effect.input) == (0, None, None)
    later = measure_spend(store, study, again.id, 0.95)
    assert part(later, PartKind.REUSED)[1:] == (0, None)
    assert rate(later).candidate_usd == pytest.approx(220e-6), "what it costs is known all the same"


def test_judges_stand_apart_from_their_controls(store: Store, tmp_path: Path) -> None:
    prompt = "Write a friendly newsletter paragraph for our customers about topic {}."
    answer = "Dear customers, we opened {} shops. Come and see us soon, and bring a friend or two along with you."
    rows = [call(n, prompt.format(n), answer.format(n), metadata={"use_case": "Newsletter drafts"}) for n in range(N)]
    answers: Answers = {"open": lambda _: completion(answer.format("some")), "judge": lambda _: verdict("tie")}
    study, run, _ = replayed(store, tmp_path, rows, CANDIDATE | {"judge": Role.JUDGE}, answers)
    spend, tally = measure_spend(store, study, run.id, 0.95), tally_run(store, run.id)
    assert spend.pairs.calls == 2 * N
    assert spend.controls.calls > 0
    assert spend.pairs.usd is not None
    assert spend.controls.usd is not None
    assert spend.pairs.usd + spend.controls.usd == pytest.approx(tally.judge.cost_usd)
    assert spend.pairs.usd / spend.pairs.calls == pytest.approx(spend.controls.usd / spend.controls.calls)


def test_a_live_baseline_is_compared_with_its_own_replay(store: Store, tmp_path: Path) -> None:
    roles = {**CANDIDATE, "closed": Role.BASELINE}
    answers = {"open": wordy, "closed": lambda _: completion("x", usage={"prompt_tokens": 50, "completion_tokens": 10})}
    rows = [call(n) for n in range(N)]
    study, run, _ = replayed(store, tmp_path, rows, roles, answers, baseline=Lane.BASELINE)
    spend = measure_spend(store, study, run.id, 0.95)
    assert part(spend, PartKind.FIRST, Lane.BASELINE) == (N, N, pytest.approx(N * 60e-6))
    assert rate(spend).baseline_usd == pytest.approx(60e-6)
    effect = rate(spend).effect
    assert effect.prices == pytest.approx(1.0), "both have the same price"
    assert effect.tokens == pytest.approx(220 / 60)


def test_a_model_that_reports_no_tokens_is_not_known(store: Store, tmp_path: Path) -> None:
    study, run, _ = replayed(store, tmp_path, [call(n) for n in range(N)], CANDIDATE, {"open": silent})
    spend = measure_spend(store, study, run.id, 0.95)
    assert part(spend, PartKind.FIRST) == (N, 0, None)
    assert (rate(spend).n, rate(spend).saved_per_1k, rate(spend).effect.output) == (0, None, None)


def test_a_study_without_judges_asks_none(store: Store, tmp_path: Path) -> None:
    study, run, _ = replayed(store, tmp_path, [call(n) for n in range(N)], CANDIDATE, {"open": wordy})
    spend = measure_spend(store, study, run.id, 0.95)
    assert (spend.pairs.calls, spend.pairs.usd, spend.controls.calls, spend.controls.usd) == (0, None, 0, None)


@pytest.mark.parametrize("tokens", [1_000, 250_000])
def test_large_calls_are_priced_with_the_steps_of_the_list(tokens: int) -> None:
    """gemini-2.5-pro: 1.25 dollars a million tokens in up to 200,000, then 2.50 (Google's list)."""
    calls = pd.DataFrame([asdict(Usage(input_tokens=count)) for count in (100, tokens)] + [{}])
    at = datetime(2026, 11, 1, tzinfo=UTC)
    found = costs_of(partial(price_call, Model(name="g", litellm_id="gemini/gemini-2.5-pro"), at=at), calls)
    by_hand = [100 * 1.25e-6, tokens * (2.50e-6 if tokens > 200_000 else 1.25e-6)]
    assert found.tolist() == pytest.approx([*by_hand, math.nan], nan_ok=True)
    unpriced = costs_of(partial(price_call, Model(name="x", litellm_id="hosted_vllm/x"), at=at), calls)
    assert np.isnan(unpriced).all()
