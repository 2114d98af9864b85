"""A run keeps to what it was planned with, and a decision says what was changed since."""

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from advisor.collect.use_cases import change, merge
from advisor.decide.decisions import current_report, decide
from advisor.judge.checks import set_checks, set_match
from advisor.judge.rubrics import rubric_of, save_rubric
from advisor.measure.registration import register_model
from advisor.measure.rejudging import score_again, what_is_due
from advisor.measure.run_lifecycle import finish_run, requeue_run, start_run
from advisor.report.pdf import compose
from advisor.store import Store
from advisor.store.log.use_cases import add_rubric, list_rubrics, list_use_cases
from advisor.store.run.runs import change_run, list_runs
from advisor.store.run.tallies import tally_run
from advisor.store.studies import change_study, get_study
from advisor.types import (
    Change,
    Check,
    CheckKind,
    Endpoint,
    Kind,
    Match,
    Matching,
    Message,
    Model,
    Role,
    RunOptions,
    Status,
    Study,
    UseCase,
    Verdict,
    VersionCode,
    WarningCode,
)
from tests.made.drafts import ROLES, drafting, same, writer
from tests.made.log import call
from tests.made.run import PRICES, asked, made_study, replayed, verdict
from tests.report.made_report import dossier
from tests.server import Body, MisbehavingServer


def changes(store: Store, study_id: int) -> list[Message]:
    warnings = decide(store, get_study(store, study_id)).recommendation.remarks.warnings
    return [Message(**each) for w in warnings if w.code == WarningCode.CHANGED for each in w.values["changes"]]


def of(store: Store, study: Study, name: str) -> UseCase:
    return next(case for case in list_use_cases(store, study.id) if case.name == name)


def drafts_and_tickets() -> list[dict[str, Any]]:
    sorting = {"use_case": "Sorting"}
    return drafting(12) + [
        call(n, f"Sort ticket {n}.", "billing", target="billing", metadata=sorting) for n in range(20, 32)
    ]


def test_a_limit_moved_between_two_looks_is_not_looked_at(store: Store, tmp_path: Path) -> None:
    """The candidate is wrong on every third ticket; somebody sets the limit to 60 points while it is asked."""
    rows = [call(n, f"Sort ticket {n}, please.", target="billing") for n in range(300)]

    def wavering(body: Body) -> str:
        if len(server.requests) < 10:
            change_study(store, study.id, margin=0.6, confidence=0.6)
        number = re.search(r"ticket (\d+)", asked(body))
        return "bug" if number and int(number[1]) % 3 == 0 else "billing"

    roles = {"open": Role.CANDIDATE, "closed": Role.BASELINE}
    with MisbehavingServer(answers={"open": wavering, "closed": lambda _: "billing"}) as server:
        study = made_study(store, tmp_path, rows, server.url, roles)
        run = start_run(store, study, RunOptions(sample_size=300, stream=False, concurrency=16, early_stop=True))
        run = finish_run(store, run.id)
    assert get_study(store, study.id).margin == 0.6
    assert [each.verdict for each in run.settled] == [Verdict.KEEP]
    sure, limit = changes(store, study.id)
    report = current_report(store, get_study(store, study.id))
    assert "before the answers were seen, except as listed under Keep in mind." in str(
        compose(dossier(report))["method"]
    )
    assert sure == Message.of(Change.CONFIDENCE, before=0.95, now=0.6)
    assert (limit.code, limit.values["before"], limit.values["now"]) == (Change.MARGIN, 0.05, 0.6)


def test_nothing_is_said_where_nothing_was_changed(store: Store, tmp_path: Path) -> None:
    study, _, _ = replayed(store, tmp_path, drafting(12), ROLES, {"open": writer, "judge": same})
    assert changes(store, study.id) == []
    assert changes(store, study.id) == [], "also the second time"


def test_every_change_is_named(store: Store, tmp_path: Path) -> None:
    study, _, _ = replayed(store, tmp_path, drafts_and_tickets(), ROLES, {"open": writer, "judge": same})
    drafts, sorting = sorted(list_use_cases(store, study.id), key=lambda case: case.name)
    change_study(store, study.id, max_latency_p95_s=3.0)
    change(store, drafts, margin=0.2)
    change(store, sorting, endpoint=Endpoint.PAIRWISE)
    assert changes(store, study.id) == [
        Message.of(Change.LATENCY, before=None, now=3.0),
        Message.of(Change.MARGIN, use_case="Newsletter drafts", before=0.1, now=0.2),
        Message.of(Change.ENDPOINT, use_case="Sorting", before="target", now="pairwise"),
    ]
    change_study(store, study.id, max_latency_p95_s=None)
    change(store, drafts, margin=0.1)
    change(store, list_use_cases(store, study.id)[1], endpoint=None, ignored=True)
    assert [change.code for change in changes(store, study.id)] == [Change.IGNORED]
    for case in list_use_cases(store, study.id):
        change(store, case, endpoint=None, ignored=False)
    assert changes(store, study.id) == []
    merge(store, sorting, drafts)
    assert Message.of(Change.USE_CASES) in changes(store, study.id)


@pytest.mark.slow
def test_what_answers_are_scored_with_is_told_once_they_are_scored_with_it(store: Store, tmp_path: Path) -> None:
    short, polite = Check(kind=CheckKind.MOST_WORDS, value="90"), Check(kind=CheckKind.CONTAINS, value="Dear")
    with MisbehavingServer(answers={"open": writer, "judge": same}) as server:
        study = made_study(store, tmp_path, drafts_and_tickets(), server.url, ROLES)
        set_checks(store, of(store, study, "Newsletter drafts"), [short])
        change(store, of(store, study, "Sorting"), kind=Kind.CLASSIFICATION)
        finish_run(store, start_run(store, study, RunOptions(sample_size=24, stream=False)).id)
        suggested = rubric_of(store, of(store, study, "Newsletter drafts")).questions
        save_rubric(store, of(store, study, "Newsletter drafts"), ["Is it short?"])
        set_checks(store, of(store, study, "Newsletter drafts"), [polite])
        set_match(store, of(store, study, "Sorting"), Match(how=Matching.NUMERIC, tolerance=0.05))
        assert changes(store, study.id) == [], "the stored scores are not made with it"
        score_again(store, study, judge=None)
        change(store, of(store, study, "Sorting"), name="Tickets")
        numeric = {"how": "numeric", "tolerance": 0.05, "loose": False}
        assert changes(store, study.id) == [
            Message.of(Change.RUBRIC, use_case="Newsletter drafts", before=0, now=1),
            Message.of(
                Change.CHECKS, use_case="Newsletter drafts", added=["contains “Dear”"], removed=["at most 90 words"]
            ),
            Message.of(Change.MATCH, use_case="Tickets", before=None, now=numeric),
        ]
        said = decide(store, study).recommendation.remarks.versions
        (own,) = (each.values for each in said if each.code == VersionCode.CHECKS)
        assert (own["use_case"], own["checks"]) == ("Newsletter drafts", ["contains “Dear”"])
        assert Message.of(VersionCode.MATCH, use_case="Tickets", match=numeric) in said

        save_rubric(store, of(store, study, "Newsletter drafts"), suggested)
        set_checks(store, of(store, study, "Newsletter drafts"), [short])
        set_match(store, of(store, study, "Tickets"), None)
        change(store, of(store, study, "Tickets"), kind=Kind.EXTRACTION)
        score_again(store, study, judge=None)
        assert [rubric.version for rubric in list_rubrics(store, of(store, study, "Newsletter drafts").id)] == [2, 1]
        kinds = Message.of(Change.KIND, use_case="Tickets", before="classification", now="extraction")
        assert changes(store, study.id) == [kinds], "the same questions are no change, whichever version they are"
        change(store, of(store, study, "Tickets"), ignored=True)
        assert changes(store, study.id) == [Message.of(Change.IGNORED, use_case="Tickets")]


@pytest.mark.slow
def test_what_an_older_version_did_not_keep_is_not_told_about(store: Store, tmp_path: Path) -> None:
    study, run, _ = replayed(store, tmp_path, drafts_and_tickets(), ROLES, {"open": writer, "judge": same})
    set_checks(store, of(store, study, "Sorting"), [Check(kind=CheckKind.JSON)])
    score_again(store, study, judge=None)
    added = Message.of(Change.CHECKS, use_case="Sorting", added=["is JSON as it stands"], removed=[])
    assert changes(store, study.id) == [added]
    change_run(store, run.id, scored_with={"checks": {"Sorting": "37ab3482"}})
    assert changes(store, study.id) == [added], "it is scored again, and what with is kept"
    kept = asdict(run.plan.frozen or pytest.fail("a run keeps what it was planned with"))
    change_run(store, run.id, frozen={**kept, "use_cases": [list(case)[:4] for case in kept["use_cases"]]})
    assert changes(store, study.id) == []
    assert "confidence were fixed before the answers were seen." in str(
        compose(dossier(decide(store, study)))["method"]
    )
    change_run(store, run.id, frozen=None)
    assert changes(store, study.id) == []
    told = str(compose(dossier(decide(store, study)))["method"])
    assert "Whether models, parameters, limits and confidence were fixed before the answers were seen is not" in told


def test_another_way_of_comparing_between_two_looks_is_not_looked_at(store: Store, tmp_path: Path) -> None:
    """Each answer is right but for its capital, which counts; then somebody says that it does not."""

    def shouting(body: Body) -> str:
        if len(server.requests) < 10:
            set_match(store, list_use_cases(store, study.id)[0], Match(how=Matching.NORMALISED))
        return "Billing"

    rows = [call(n, f"Sort ticket {n}, please.", target="billing") for n in range(200)]
    roles = {"open": Role.CANDIDATE, "closed": Role.BASELINE}
    with MisbehavingServer(answers={"open": shouting, "closed": lambda _: "billing"}) as server:
        study = made_study(store, tmp_path, rows, server.url, roles)
        set_match(store, list_use_cases(store, study.id)[0], Match(how=Matching.EXACT))
        run = start_run(store, study, RunOptions(sample_size=200, stream=False, concurrency=16, early_stop=True))
        run = finish_run(store, run.id)
    assert [each.verdict for each in run.settled] == [Verdict.KEEP]
    assert changes(store, study.id)[0].code == Change.MATCH


def test_a_run_that_goes_on_is_judged_by_the_rubric_that_it_began_with(store: Store, tmp_path: Path) -> None:
    with MisbehavingServer(answers={"open": writer, "judge": same}) as server:
        study = made_study(store, tmp_path, drafting(10), server.url, ROLES)
        run = start_run(store, study, RunOptions(sample_size=10, stream=False))
        (case,) = list_use_cases(store, study.id)
        add_rubric(store, case.id, ["Is it short?"])
        change(store, case, endpoint=Endpoint.TARGET)
        change_run(store, run.id, status=Status.PAUSED)
        requeue_run(store, list_runs(store, study.id)[0])
        finish_run(store, run.id)
        assert not any("Is it short?" in asked(body) for body in server.requests)
        assert (tally_run(store, run.id).judge.succeeded, tally_run(store, run.id).missing) == (20, 0)
        change(store, list_use_cases(store, study.id)[0], endpoint=None)
        score_again(store, study, judge=None)
        assert any("Is it short?" in asked(body) for body in server.requests)
        assert tally_run(store, run.id).missing == 0


def test_what_a_comparison_decides_only_now_is_due_to_the_judges(store: Store, tmp_path: Path) -> None:
    rows = drafting(10) + [
        call(n, f"Sort ticket {n}.", "billing", target="billing", metadata={"use_case": "Sorting"})
        for n in range(20, 30)
    ]
    with MisbehavingServer(answers={"open": writer, "judge": same}) as server:
        study = made_study(store, tmp_path, rows, server.url, ROLES)
        run = start_run(store, study, RunOptions(sample_size=20, stream=False))
        run = finish_run(store, run.id)
        assert what_is_due(store, study, run).calls == 0
        sorting = next(case for case in list_use_cases(store, study.id) if case.name == "Sorting")
        change(store, sorting, endpoint=Endpoint.PAIRWISE)
        assert what_is_due(store, study, run).calls == 2 * 10
        score_again(store, study, judge=None)
        assert what_is_due(store, study, run).calls == 0
        decision = next(d for d in decide(store, study).recommendation.use_cases if d.name == "Sorting")
        assert (decision.endpoint, decision.candidates[0].quality.n) == (Endpoint.PAIRWISE, 10)


@pytest.mark.parametrize("again", [1, 2])
def test_what_a_later_judge_says_does_not_stand_for_what_the_first_did_not(
    store: Store, tmp_path: Path, again: int
) -> None:
    def failing(body: Body) -> str | Body:
        return {"choices": []} if "about topic 3." in asked(body) else verdict("tie")

    with MisbehavingServer(answers={"open": writer, "judge": failing, "second": same}) as server:
        study = made_study(store, tmp_path, drafting(10), server.url, ROLES)
        run = finish_run(store, start_run(store, study, RunOptions(sample_size=10, stream=False)).id)
        assert tally_run(store, run.id).missing == 2
        model = Model(name="second", litellm_id="openai/second", api_base=server.url, role=Role.JUDGE, **PRICES)
        register_model(store, study, model)
        for _ in range(again):
            score_again(store, study, judge="second")
        assert tally_run(store, run.id).missing == 2
        assert decide(store, study).recommendation.run.partial
