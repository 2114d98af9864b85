"""From a log through a replay to a stored decision, on both databases."""

from pathlib import Path
from typing import Any

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.collect.use_cases import change
from advisor.decide.decisions import current_report, decide, latest_report
from advisor.decide.freshness import is_current
from advisor.decide.results import load_results
from advisor.errors import BadInput
from advisor.jobs.sample import load_sample
from advisor.judge.reviews import Reviewing, next_pair, save_review, undo_review
from advisor.judge.scores import score_run
from advisor.measure.quoting import quote_run
from advisor.measure.registration import register_model
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.measure.studies import find_study, list_studies
from advisor.plan.exports import make_pdf
from advisor.store import Store
from advisor.store.deletion import delete_study, remove_rows
from advisor.store.log.use_cases import list_use_cases
from advisor.store.run.runs import get_run, list_runs
from advisor.store.studies import change_study, get_study
from advisor.types import Endpoint, Lane, Model, Prices, Repeats, Report, Role, RunOptions, Status, Study, Verdict
from tests.made.log import call, write_log
from tests.server import TEXT, MisbehavingServer

PRICES: dict[str, Any] = {"prices": Prices(input=1.0, output=1.0)}


def study_of(store: Store, path: Path, rows: list[dict[str, object]]) -> Study:
    import_logs(store, "S", [write_log(path / "log.jsonl", rows)], ImportOptions(redact=False))
    return find_study(store, "S")


def test_right_answers_decide_where_the_log_has_them(any_store: Store, tmp_path: Path) -> None:
    rows = [call(n, answer="wrong" if n % 10 == 0 else TEXT, target=TEXT) for n in range(100)]
    study = study_of(any_store, tmp_path, rows)
    with MisbehavingServer() as server:
        for name in ("ok", "unicode"):
            model = Model(name=name, litellm_id=f"openai/{name}", api_base=server.url, **PRICES)
            register_model(any_store, study, model)
        run = finish_run(any_store, start_run(any_store, study, RunOptions(sample_size=100)).id)
    assert run.state.status is Status.SUCCEEDED
    report = decide(any_store, study)
    (decision,) = report.recommendation.use_cases
    by_name = {assessment.model: assessment for assessment in decision.candidates}
    assert decision.endpoint is Endpoint.TARGET
    assert (by_name["ok"].quality.score, by_name["ok"].quality.baseline_score) == (1.0, 0.9)
    assert by_name["ok"].ruling.verdict is Verdict.SWITCH
    assert by_name["unicode"].quality.score == 0.0
    assert by_name["unicode"].ruling.verdict is Verdict.KEEP
    assert decision.chosen == "ok"
    # 12 uncached, 8 cached and 5 output tokens at one dollar a million each
    assert by_name["ok"].costs.usd_per_1k == pytest.approx(0.025)
    assert report.recommendation.bill.monthly is not None
    assert latest_report(any_store, study) == report
    assert make_pdf(any_store, study).startswith(b"%PDF")
    results = load_results(any_store, study)
    assert results.groupby("model")["target"].mean().to_dict() == {"ok": 1.0, "unicode": 0.0}


def test_a_live_baseline_makes_agreement_possible(any_store: Store, tmp_path: Path) -> None:
    call_tool = {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]}
    rows = []
    for n in range(12):
        row = call(n, answer=TEXT)
        row["request"] |= call_tool
        rows.append(row)
    study = study_of(any_store, tmp_path, rows)
    with MisbehavingServer() as server:
        register_model(any_store, study, Model(name="c", litellm_id="openai/ok", api_base=server.url, **PRICES))
        baseline = Model(name="b", litellm_id="openai/echo", api_base=server.url, role=Role.BASELINE, **PRICES)
        register_model(any_store, study, baseline)
        assert quote_run(any_store, study, RunOptions(sample_size=12, repeats=Repeats(epochs=2))).calls == 48
        run = finish_run(
            any_store, start_run(any_store, study, RunOptions(sample_size=12, repeats=Repeats(epochs=2))).id
        )
    assert (run.baseline_lane, run.baseline, run.plan.planned) == (Lane.BASELINE, "b", 48)
    (decision,) = decide(any_store, study).recommendation.use_cases
    assert decision.endpoint is Endpoint.AGREEMENT
    assert decision.candidates[0].quality.n == 12


def test_reviews_by_hand_are_evidence(any_store: Store, tmp_path: Path) -> None:
    study = study_of(any_store, tmp_path, [call(n) for n in range(8)])
    with MisbehavingServer() as server:
        register_model(any_store, study, Model(name="c", litellm_id="openai/ok", api_base=server.url, **PRICES))
        run = finish_run(any_store, start_run(any_store, study, RunOptions()).id)
    (before,) = decide(any_store, study).recommendation.use_cases
    assert before.candidates[0].quality.evidence == "none"
    assert before.verdict is Verdict.NEED_MORE_DATA
    while (pair := next_pair(any_store, study, run, Reviewing(reviewer="r"))) is not None:
        save_review(any_store, run, pair, "first" if pair.first == TEXT else "second", reviewer="r")
    (after,) = decide(any_store, study).recommendation.use_cases
    assert (
        after.candidates[0].quality.evidence,
        after.candidates[0].quality.wins,
        after.candidates[0].quality.score,
    ) == ("reviews", 8, 1.0)


def test_a_decision_is_kept_until_what_it_rests_on_changes(any_store: Store, tmp_path: Path) -> None:
    study = study_of(any_store, tmp_path, [call(n) for n in range(8)])
    with MisbehavingServer() as server:
        register_model(any_store, study, Model(name="c", litellm_id="openai/ok", api_base=server.url, **PRICES))
        run = finish_run(any_store, start_run(any_store, study, RunOptions()).id)

    def decided() -> Report:
        return current_report(any_store, get_study(any_store, study.id))

    def is_new(before: Report) -> bool:
        now = decided()
        assert decided() == now, "and only once"
        return now != before

    first = decided()
    assert not is_new(first)
    pair = next_pair(any_store, study, run, Reviewing(reviewer="r"))
    assert pair is not None
    saved = save_review(any_store, run, pair, "first", reviewer="r")
    assert is_new(first)
    reviewed = decided()
    undo_review(any_store, run, saved)
    assert is_new(reviewed)
    unlimited = decided()
    change_study(any_store, study.id, margin=0.2)
    assert is_new(unlimited)
    limited = decided()
    (case,) = list_use_cases(any_store, study.id)
    change(any_store, case, margin=0.3)
    assert is_new(limited)
    own = decided()
    score_run(any_store, get_run(any_store, run.id))
    assert is_new(own)


def test_limits_given_for_one_decision_are_those_of_its_report(any_store: Store, tmp_path: Path) -> None:
    study = study_of(any_store, tmp_path, [call(n, target=TEXT) for n in range(8)])
    with MisbehavingServer() as server:
        register_model(any_store, study, Model(name="c", litellm_id="openai/ok", api_base=server.url, **PRICES))
        run = finish_run(any_store, start_run(any_store, study, RunOptions()).id)
    asked = decide(any_store, study, margin=0.4)
    assert current_report(any_store, study) == asked
    assert not is_current(any_store, study, asked, run), "a page shows the study's own limits"
    own = decide(any_store, study)
    assert is_current(any_store, study, own, run)


def test_the_sample_loads_once_and_goes_without_a_trace(any_store: Store) -> None:
    study = load_sample(any_store, with_run=False)
    assert load_sample(any_store, with_run=False).id == study.id
    with pytest.raises(BadInput, match="replay"):
        decide(any_store, study)
    quote = quote_run(any_store, study, RunOptions(sample_size=60, baseline=Lane.RECORDED))
    assert quote.unpriced == ()
    delete_study(any_store, study.id)
    assert list_studies(any_store) == []
    assert remove_rows(any_store, study.id)
    assert list_runs(any_store, study.id) == []


def test_every_request_of_the_sample_has_its_written_answer(store: Store) -> None:
    """The digests in the file of written answers are those of the requests as they are replayed."""
    import asyncio

    from advisor.llm.opening import open_client
    from advisor.store.log.logs import load_sample_facts, load_samples
    from advisor.store.models import list_models

    study = load_sample(store, with_run=False)
    facts = load_sample_facts(store, study.id)
    samples = list(load_samples(store, facts[facts["not_replayable"].isna()]["id"]))
    written = next(model for model in list_models(store, study.id) if model.illustrative)

    async def ask_all() -> int:
        client = open_client(written)
        answers = [await client.complete(sample.request, stream=False, timeout_s=30) for sample in samples]
        await client.close()
        return sum(generation.answer is not None for generation in answers)

    assert asyncio.run(ask_all()) == len(samples) > 600
