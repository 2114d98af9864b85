"""What happened since a study was measured: prices that would decide otherwise, new models, old answers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from advisor.analysis.age import days_since, stale_evidence
from advisor.catalog.open_models import candidates_catalog
from advisor.collect.imports import ImportOptions, import_logs
from advisor.decide.decisions import decide, latest_report
from advisor.errors import BadInput
from advisor.measure.registration import register_model
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.measure.studies import find_study
from advisor.money.price_refresh import do_refresh
from advisor.store import Store
from advisor.store.jobs import list_jobs
from advisor.store.log.logs import load_sample_facts
from advisor.store.models import list_models
from advisor.store.run.generations import load_generation_facts
from advisor.store.run.samples import list_run_samples
from advisor.types import AS_LOGGED, Message, Model, Prices, Role, Run, RunOptions, Study, Verdict, WarningCode
from advisor.watch.new_models import new_models, quote_trial, same_setup, start_trial
from advisor.watch.price_changes import look_at_prices, watch_prices
from tests.catalog.made_lists import ListServer, list_server
from tests.made.log import call, write_log
from tests.made.run import made_old, made_study
from tests.nested import nested
from tests.server import TEXT, MisbehavingServer

NOW = datetime.now(UTC)


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ListServer]:
    with list_server(tmp_path / "snapshots", monkeypatch) as made:
        yield made


def measured(
    store: Store, folder: Path, rows: list[dict[str, Any]], *, price: float = 2.0, **setup: Any
) -> tuple[Study, Run]:
    """A study with one candidate that is always right, replayed."""
    import_logs(store, "S", [write_log(folder / "log.jsonl", rows)], ImportOptions(redact=False))
    study = find_study(store, "S")
    with MisbehavingServer() as server:
        prices: dict[str, Any] = {"prices": Prices(input=price, output=price)}
        register_model(store, study, Model(name="ok", litellm_id="openai/ok", api_base=server.url, **prices))
        run = start_run(store, study, nested(RunOptions, {"sample_size": len(rows), "stream": False, **setup}))
        return study, finish_run(store, run.id)


def questions(count: int = 100, **more: Any) -> list[dict[str, Any]]:
    return [call(n, answer="wrong" if n % 10 == 0 else TEXT, target=TEXT, **more) for n in range(count)]


def test_a_cheaper_baseline_turns_the_decision_and_rewrites_nothing(
    store: Store, tmp_path: Path, lists: ListServer
) -> None:
    study, run = measured(store, tmp_path, questions())
    report = decide(store, study)
    assert report.recommendation.use_cases[0].verdict is Verdict.SWITCH
    assert watch_prices(store, study, run, NOW).moves == look_at_prices(store, study, run, NOW).moves == ()
    stored = load_sample_facts(store, study.id), load_generation_facts(store, run.id)

    prices = lists.model("openai", "gpt-4o")["prices"]
    prices |= {"input_mtok": prices["input_mtok"] / 8, "output_mtok": prices["output_mtok"] / 8}
    do_refresh(say=lambda _: None)
    watch = watch_prices(store, study, run, NOW)

    assert str(watch.prices.version).startswith("of ")
    (move,) = watch.moves
    assert (move.model, move.change) == ("gpt-4o", pytest.approx(-0.875))
    (seen,) = look_at_prices(store, study, run, NOW).moves
    assert (seen.model, seen.change) == ("gpt-4o", pytest.approx(-0.875)), "by some calls, none of which used a cache"
    (turn,) = watch.turns
    assert [(of.name, of.verdict, of.chosen) for of in (turn.before, turn.now)] == [
        ("Triage", Verdict.SWITCH, "ok"),
        ("Triage", Verdict.KEEP, None),
    ]
    # 20 input and 5 output tokens at 2 dollars a million; 100 and 5 at an eighth of 2.5 and 10
    (ok,) = turn.now.candidates
    assert (ok.costs.usd_per_1k, ok.costs.baseline_usd_per_1k) == (pytest.approx(0.05), pytest.approx(0.038, rel=0.02))
    assert watch.savings_before is not None
    assert watch.savings_now is not None
    assert watch.savings_now.high < watch.savings_before.low
    for before, now in zip(
        stored, (load_sample_facts(store, study.id), load_generation_facts(store, run.id)), strict=True
    ):
        assert before.equals(now)
    assert latest_report(store, study) == report


def test_a_contract_that_gets_dearer_counts_for_the_candidate_alone(store: Store, tmp_path: Path) -> None:
    study, run = measured(store, tmp_path, questions())
    from sqlalchemy import update

    from advisor.store.tables import ModelRow

    with store.write(None) as session:
        session.execute(update(ModelRow).values(input_price_usd_per_mtok=2.2, output_price_usd_per_mtok=2.2))
    watch = watch_prices(store, study, run, NOW)
    assert [(move.model, round(move.change, 6)) for move in watch.moves] == [("ok", 0.1)]
    assert watch.turns == ()


def test_what_a_log_itself_says_it_cost_moves_with_the_list(store: Store, tmp_path: Path, lists: ListServer) -> None:
    rows = questions(20)
    for row in rows:
        row["cost"] = 0.001
    study, run = measured(store, tmp_path, rows)
    assert set(load_sample_facts(store, study.id)["price_source"]) == {AS_LOGGED.code}
    model = lists.model("openai", "gpt-4o")
    dated = [
        {"prices": model["prices"]},
        {"constraint": {"start_date": f"{NOW:%Y-%m-%d}"}, "prices": {**model["prices"]}},
    ]
    dated[1]["prices"] |= {"input_mtok": 5.0, "output_mtok": 20.0}
    model["prices"] = dated
    do_refresh(say=lambda _: None)
    (move,) = watch_prices(store, study, run, NOW).moves
    assert (move.before_usd, move.now_usd) == (pytest.approx(0.02), pytest.approx(0.04))


@pytest.mark.parametrize("hour", [2, 7, 12, 20])
def test_another_hour_is_no_other_price(store: Store, tmp_path: Path, hour: int) -> None:
    rows = []
    for n in range(10):
        row = call(n, answer=TEXT, target=TEXT) | {"timestamp": f"2026-11-23T07:{n:02d}:00Z"}  # a Monday, dear
        row["request"]["model"] = row["response"]["model"] = "deepseek-flash"
        rows.append(row)
    study, run = measured(store, tmp_path, rows)
    assert load_sample_facts(store, study.id)["cost_usd"].notna().all()
    now = datetime(2026, 11, 26, hour, tzinfo=UTC)
    assert watch_prices(store, study, run, now).moves == ()


def test_models_that_came_out_since_and_can_be_bought(lists: ListServer) -> None:
    newest = max(model.release_date or "" for model in candidates_catalog())
    day = datetime.fromisoformat(newest).replace(tzinfo=UTC)
    assert new_models([], day, NOW) == ()
    since = day - timedelta(days=120)
    found = new_models([], since, NOW)
    assert [model.released for model in found] == sorted((model.released for model in found), reverse=True)
    assert all(model.released > f"{since:%Y-%m-%d}" for model in found)
    assert all(model.hosts for model in found)
    costs = [[3 * host.input_usd_per_mtok + host.output_usd_per_mtok for host in model.hosts] for model in found]
    assert costs == [sorted(each) for each in costs]
    registered = Model(name="mine", litellm_id=found[0].hosts[-1].litellm_id)
    assert [model.name for model in new_models([registered], since, NOW)] == [model.name for model in found[1:]]
    sold_nowhere = {model.name for model in candidates_catalog() if not model.litellm_ids}
    assert not sold_nowhere & {model.name for model in found}


def test_models_that_only_a_refresh_knows(lists: ListServer) -> None:
    tomorrow = f"{NOW + timedelta(days=1):%Y-%m-%d}"
    assert new_models([], NOW, NOW) == ()
    lists.lists["models.dev"]["groq"]["models"] |= {
        "new/open-9": {"name": "Open 9", "open_weights": True, "release_date": tomorrow},
        "new/closed-9": {"name": "Closed 9", "open_weights": False, "release_date": tomorrow},
        "new/odd": {"name": "Odd", "open_weights": True, "release_date": "soon"},
        "new/unpriced": {"name": "Unpriced", "open_weights": True, "release_date": tomorrow},
    }
    for name in ("open-9", "closed-9", "odd"):
        listed = {"litellm_provider": "groq", "input_cost_per_token": 1e-07, "output_cost_per_token": 2e-07}
        lists.lists["litellm"][f"groq/new/{name}"] = listed
        models = next(each["models"] for each in lists.lists["genai-prices"] if each["id"] == "groq")
        models.append(
            {"id": f"new/{name}", "match": {"equals": f"new/{name}"}, "prices": {"input_mtok": 0.1, "output_mtok": 0.2}}
        )
    do_refresh(say=lambda _: None)
    (found,) = new_models([], NOW, NOW)
    assert (found.name, found.licence, found.released) == ("Open 9", None, tomorrow)
    assert (found.snapshot or "").startswith("of ")
    (host,) = found.hosts
    assert (host.litellm_id, host.input_usd_per_mtok) == ("groq/new/open-9", pytest.approx(0.1))
    assert new_models([Model(name="m", litellm_id="together_ai/new/open-9")], NOW, NOW) == ()


def test_a_trial_asks_the_same_sample_and_pays_for_the_new_model_only(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    study, run = measured(store, tmp_path, questions(40), sample_size=30, seed=7, concurrency=3)
    trial = quote_trial(store, study, run, "New", "groq/openai/gpt-oss-20b")
    assert [model.name for model in list_models(store, study.id)] == ["ok"]  # a quote registers nothing
    assert (trial.quote.calls, trial.quote.reused, trial.quote.judge_calls) == (30, 0, 0)
    assert [name for name, _, _ in trial.quote.by_model] == ["New at groq"]
    assert trial.quote.cost_usd is not None
    assert trial.missing_key == "GROQ_API_KEY"
    monkeypatch.setenv("GROQ_API_KEY", "a key for a test")
    assert quote_trial(store, study, run, "New", "groq/openai/gpt-oss-20b").missing_key is None
    started, job = start_trial(store, study, trial)
    assert list_run_samples(store, started.id) == list_run_samples(store, run.id)
    assert (started.options.seed, started.options.concurrency, started.options.stream, started.baseline_lane) == (
        7,
        3,
        False,
        run.baseline_lane,
    )
    assert started.plan.planned == 60
    assert [each.id for each in list_jobs(store, study.id, kind="replay")] == [job.id]
    with pytest.raises(BadInput, match="already in this study"):
        quote_trial(store, study, run, "New", "groq/openai/gpt-oss-20b")


def test_a_trial_tells_of_the_answers_that_are_missing_besides(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "never sent")
    study, run = measured(store, tmp_path, questions(12))
    register_model(store, study, Model(name="later", litellm_id="groq/openai/gpt-oss-120b"))
    quote = quote_trial(store, study, run, "New", "groq/openai/gpt-oss-20b").quote
    assert {name: calls for name, calls, _ in quote.by_model} == {"New at groq": 12, "later": 12}
    assert quote.reused == 12


def test_the_sample_of_last_turns_is_drawn_again(store: Store, tmp_path: Path) -> None:
    rows = [row | {"metadata": {"use_case": "Chat", "session_id": f"s{n // 4}"}} for n, row in enumerate(questions(40))]
    study, run = measured(store, tmp_path, rows, last_turn_only=True)
    assert run.options.sample_size == 10
    assert same_setup(store, study, run).planning.last_turn_only


def test_another_log_cannot_give_the_same_sample(store: Store, tmp_path: Path) -> None:
    study, run = measured(store, tmp_path, questions(40), sample_size=20)
    more = [call(n, answer=TEXT, target=TEXT) for n in range(1000, 1040)]
    import_logs(store, "S", [write_log(tmp_path / "more.jsonl", more)], ImportOptions(redact=False))
    with pytest.raises(BadInput, match=f"after run {run.number}"):
        same_setup(store, study, run)


def test_evidence_is_stale_after_thirty_days() -> None:
    at = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
    assert stale_evidence(None, at, at) is None
    assert stale_evidence(at, at, at + timedelta(days=30)) is None
    stale = Message.of(WarningCode.STALE, at=at.isoformat(), days=31, is_older=False)
    assert stale_evidence(at, at, at + timedelta(days=31)) == stale
    assert days_since(at, at + timedelta(hours=2)) == 1
    assert days_since(at, at) == 0


def test_answers_that_were_taken_over_are_as_old_as_they_are(store: Store, tmp_path: Path) -> None:
    with MisbehavingServer(answers={"open": lambda _: "billing"}) as server:
        rows = [call(n, answer="billing", target="billing") for n in range(3)]
        study = made_study(store, tmp_path, rows, server.url, {"open": Role.CANDIDATE})

        def stale(*, fresh: bool = False) -> list[Message]:
            run = start_run(store, study, RunOptions(sample_size=3, stream=False, fresh=fresh))
            run = finish_run(store, run.id)
            warnings = decide(store, study, run=run).recommendation.remarks.warnings
            made_old(store, run, days=40)
            return [warning for warning in warnings if warning.code == WarningCode.STALE]

        assert stale() == []
        (said,) = stale()
        assert (said.values["days"], said.values["is_older"]) == (40, True)
        assert stale(fresh=True) == [], "what it says helps"
