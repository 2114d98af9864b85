"""The flags beside a decision: dates, doubts and cheaper ways, as codes with numbers."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from advisor.decide.decisions import decide, latest_report
from advisor.decide.flags import failed_judges, flags
from advisor.jobs.sample import load_sample
from advisor.measure.studies import find_study
from advisor.money.closed_models import cheaper_alternative
from advisor.store import Store
from advisor.store.run.runs import list_runs
from advisor.store.studies import change_study, create_study
from advisor.text.advice.flags import flag
from advisor.text.advice.obstacles import samples_wanted
from advisor.text.names import Outcome, outcome
from advisor.types import Message, Study, Verdict
from advisor.types.codes import JudgeState
from advisor.types.messages import FlagCode
from tests.made.drafts import ROLES, drafting, same, writer
from tests.made.run import Answers, made_old, replayed


def found(store: Store, study: Study) -> dict[str, Message]:
    messages = flags(store, study, cheaper_alternative(store, study))
    assert all(flag(message) for message in messages)
    return {message.code: message for message in messages}


def test_the_log_alone_shows_when_its_model_retires_and_what_its_sibling_costs(store: Store) -> None:
    shown = found(store, load_sample(store, with_run=False))
    assert set(shown) == {FlagCode.RETIRES, FlagCode.UNTESTED}
    retires = shown[FlagCode.RETIRES].values
    assert retires["model"] == "gpt-5.1-2025-11-13"
    assert retires["days"] == (date.fromisoformat(retires["on"]) - datetime.now(UTC).date()).days
    untested = shown[FlagCode.UNTESTED].values
    assert untested["litellm_id"] == "openai/gpt-6-luna"
    assert retires["successor"] == "gpt-6-sol"
    assert ", about $15,300 a month at list price." in flag(shown[FlagCode.RETIRES])
    assert untested["retires"] is None


def test_a_way_that_beats_the_decision_is_said_with_its_amount(store: Store) -> None:
    study = load_sample(store)
    report = latest_report(store, study)
    assert report is not None
    decision = report.recommendation
    assert decision.bill.monthly is not None
    shown = found(store, study)
    assert shown[FlagCode.UNTESTED].values["saved"]["point"] > decision.bill.monthly.savings_usd.point
    unproven = shown[FlagCode.UNPROVEN].values
    waiting = {case.name: case.shown for case in decision.use_cases if case.verdict is Verdict.NEED_MORE_DATA}
    usd = [a.costs.savings_usd.point for name in unproven["use_cases"] if (a := waiting[name]) and a.costs.savings_usd]
    assert unproven["usd"] == pytest.approx(sum(usd))
    assert len(usd) == len(unproven["use_cases"]) > 0
    assert all(f"of {name}" in samples_wanted(report) for name in unproven["use_cases"])
    codes = [each.code for each in flags(store, study, cheaper_alternative(store, study), pays=False)]
    assert codes == [code for code in shown if code != FlagCode.UNPROVEN], "no move is advised"
    judge = shown[FlagCode.JUDGE_NOT_PROVEN].values
    assert judge["state"] == JudgeState.FAILED
    assert (judge["judges"], judge["use_cases"]) == (["Hazel judge (illustrative)"], ["Reply draft"]), "one passed"
    assert FlagCode.STALE not in shown
    made_old(store, list_runs(store, study.id)[0], 90)
    assert found(store, study)[FlagCode.STALE].values["days"] == 90


def test_a_judge_that_failed_its_exam_is_named_with_what_it_holds(store: Store, tmp_path: Path) -> None:
    study, _, _ = replayed(store, tmp_path, drafting(60), ROLES, {"open": writer, "judge": same})
    change_study(store, study.id, traffic_share=0.00001)
    decide(store, find_study(store, study.name))
    judge = found(store, find_study(store, study.name))[FlagCode.JUDGE_NOT_PROVEN].values
    assert judge["state"] == JudgeState.FAILED
    assert (judge["judges"], judge["use_cases"]) == (["judge"], ["Newsletter drafts"])


def test_one_answer_to_everything_and_an_unreadable_judge_are_said_and_decide_nothing(
    store: Store, tmp_path: Path
) -> None:
    answers: Answers = {"open": lambda _: "Thank you.", "judge": lambda _: "hm"}
    study, _, _ = replayed(store, tmp_path, drafting(60), ROLES, answers)
    change_study(store, study.id, traffic_share=0.00001)
    decision = decide(store, find_study(store, study.name)).recommendation
    assert [outcome(case) for case in decision.use_cases] == [Outcome.NEEDS_REVIEW], "not Stay"
    shown = found(store, find_study(store, study.name))
    assert flag(shown[FlagCode.CONSTANT]) == "open gave one answer to all 60 prompts. Check its setup, then replay."
    assert flag(shown[FlagCode.JUDGE_NOT_PROVEN]).startswith("50 of 50 replies of judge couldn't be read")
    assert failed_judges(decision) == ("judge",)


def test_an_empty_study_has_none(store: Store) -> None:
    create_study(store, "Empty")
    assert found(store, find_study(store, "Empty")) == {}
