"""The cheaper closed model that is offered beside the open candidates."""

from pathlib import Path

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.collect.use_cases import change
from advisor.measure.registration import register_model
from advisor.measure.studies import find_study
from advisor.money.closed_models import live_baseline, offered_control
from advisor.money.price_refresh import do_refresh
from advisor.store import Store
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import list_models
from advisor.types import Role
from tests.catalog.made_lists import list_server
from tests.made.log import call, write_log
from tests.made.pairs import drafts, paired_run
from tests.made.traffic import made_call, store_calls


def test_asking_the_baseline_again_costs_what_its_calls_cost(store: Store, tmp_path: Path) -> None:
    study, run, _, _ = paired_run(store, tmp_path, drafts(20))
    live = live_baseline(store, study, run.id)
    assert live is not None
    assert (live.model.litellm_id, live.model.role) == ("openai/gpt-4o", Role.BASELINE)
    assert live.usd == pytest.approx(20 * (100 * 2.5 + 5 * 10) / 1e6)  # tokens at the list's prices
    rows = drafts(3)
    for row in rows:
        row["request"]["model"] = row["response"]["model"] = "our-own-model"
    study, run, _, _ = paired_run(store, tmp_path, rows, name="own")
    assert live_baseline(store, study, run.id) is None


@pytest.mark.parametrize(
    ("logged", "offered"),
    [
        ("gpt-4o-2024-08-06", "openai/gpt-6-luna"),
        ("claude-opus-4-5-20251101", "anthropic/claude-sonnet-4-5"),
        ("gemini-2.5-pro", "gemini/gemini-3.8-flash"),  # its sibling is switched off
        ("our-own-model", None),
    ],
)
def test_it_is_of_the_family_that_the_log_uses_most(
    store: Store, tmp_path: Path, logged: str, offered: str | None
) -> None:
    rows = [call(n) for n in range(12)]
    for row in rows[:9]:
        row["request"]["model"] = row["response"]["model"] = logged
    for row in rows[9:]:
        row["request"]["model"] = row["response"]["model"] = "other-model"
    import_logs(store, "S", [write_log(tmp_path / "log.jsonl", rows)], ImportOptions(redact=False))
    study = find_study(store, "S")
    control = offered_control(store, study, [])
    assert (control and control.litellm_id) == offered
    if control is not None:
        register_model(store, study, control)
        assert offered_control(store, study, list_models(store, study.id)) is None, "it is there already"


def test_use_cases_that_are_ignored_do_not_count(store: Store) -> None:
    calls = [
        (made_call(f"{model} {n}", model=model, use_case=model), 0.1)
        for model, count in (("gpt-4o", 3), ("claude-opus-4-5", 2), ("our-own-model", 9))
        for n in range(count)
    ]
    study = store_calls(store, calls)
    control = offered_control(store, study, [])
    assert (control and control.litellm_id) == "openai/gpt-6-luna", "nothing is cheaper than the most used one"
    change(store, next(case for case in list_use_cases(store, study.id) if case.name == "gpt-4o"), ignored=True)
    control = offered_control(store, study, [])
    assert (control and control.litellm_id) == "anthropic/claude-sonnet-4-5"


def test_it_may_be_one_that_only_a_refresh_knows(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [call(n) for n in range(3)]
    for row in rows:
        row["request"]["model"] = row["response"]["model"] = "gpt-7-sol"
    import_logs(store, "S", [write_log(tmp_path / "log.jsonl", rows)], ImportOptions(redact=False))
    study = find_study(store, "S")
    with list_server(tmp_path / "snapshots", monkeypatch) as lists:
        assert offered_control(store, study, []) is None
        models = next(each["models"] for each in lists.lists["genai-prices"] if each["id"] == "openai")
        for name, usd in (("gpt-7-sol", 6.0), ("gpt-7-luna", 1.0)):
            models.append({"id": name, "match": {"equals": name}, "prices": {"input_mtok": usd, "output_mtok": usd}})
            lists.lists["litellm"][name] = {"litellm_provider": "openai", "mode": "chat"}
        do_refresh(say=lambda _: None)
        control = offered_control(store, study, [])
    assert (control and control.litellm_id) == "openai/gpt-7-luna"


def test_a_log_without_models_offers_none(store: Store, tmp_path: Path) -> None:
    rows = [{"prompt": f"Question {n}?", "answer": "Yes."} for n in range(5)]
    import_logs(store, "S", [write_log(tmp_path / "log.jsonl", rows)], ImportOptions(redact=False))
    assert offered_control(store, find_study(store, "S"), []) is None
