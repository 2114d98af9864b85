"""Several right answers of a sample, from the log to scores, losses, the confusion matrix and what a page shows."""

from pathlib import Path

import pytest

from advisor.collect.use_cases import change
from advisor.decide.confusion import confusion_of
from advisor.decide.pairs import compare_pairs
from advisor.errors import BadInput
from advisor.judge.checks import preview, set_match, suggested_match
from advisor.judge.pairs import score_against
from advisor.judge.scores import score_run
from advisor.scoring.judge import render_target
from advisor.store import Store
from advisor.store.log.logs import load_samples
from advisor.store.log.use_cases import list_use_cases
from advisor.store.run.samples import list_run_samples
from advisor.store.run.scores import load_scores
from advisor.types import (
    Answer,
    Endpoint,
    FailureKindName,
    Kind,
    Match,
    Matching,
    Request,
    Role,
    Run,
    Sample,
    Study,
    UseCase,
)
from advisor.types.studies import CallCounts
from tests.made.log import call
from tests.made.run import asked, replayed
from tests.server import Body


def sorted_tickets(store: Store, folder: Path) -> tuple[Study, Run]:
    """Forty tickets with two right labels each; of every four answers two are right and two name another label."""
    rights = (["bug", "crash"], ["billing", "invoice"])
    rows = [call(n, f"Sort ticket {n}, please.", rights[n % 2][0], expected=rights[n % 2]) for n in range(40)]

    def candidate(body: Body) -> str:
        n = int(asked(body).split()[2].strip(","))
        return rights[n % 2][1] if n % 4 < 2 else "bug" if n % 2 else "billing"

    study, run, _ = replayed(store, folder, rows, {"open": Role.CANDIDATE}, {"open": candidate})
    change(store, list_use_cases(store, study.id)[0], kind=Kind.CLASSIFICATION, endpoint=Endpoint.TARGET)
    score_run(store, run)
    return study, run


def test_any_right_answer_of_the_log_counts(any_store: Store, tmp_path: Path) -> None:
    study, run = sorted_tickets(any_store, tmp_path)
    scores = load_scores(any_store, run.id, scorers=["target"], model_ids=run.plan.model_ids)
    assert sum(bool(score.passed) for score in scores.values()) == 20
    found = confusion_of(any_store, run, "Triage", "open")
    assert found is not None
    assert (found.n, found.right, found.otherwise) == (40, 20, 0)
    assert found.counts["crash", "crash"] == found.counts["invoice", "invoice"] == 10
    assert found.counts["bug", "billing"] == found.counts["billing", "bug"] == 10, "the right label closest to it"
    pairs = compare_pairs(any_store, study, run, "Triage", "open")
    assert pairs is not None
    lost = pairs.worse
    assert lost
    assert {regression.kind for regression in lost} == {FailureKindName.WRONG_LABEL}
    assert {detail for each in lost for detail in each.details} == {
        "billing instead of bug",
        "bug instead of billing",
    }
    assert lost[0].reason.endswith("; closest of 2 right answers")


def test_the_page_and_the_judge_see_all_right_answers(store: Store, tmp_path: Path) -> None:
    study, run = sorted_tickets(store, tmp_path)
    (case,) = list_use_cases(store, study.id)
    assert suggested_match(store, study, case) == Match(how=Matching.LABEL)
    tried = preview(store, study, case, (), None)
    assert {row.right for row in tried.rows} <= {"bug or crash", "billing or invoice"}
    assert render_target(["bug", None, {"a": 1}]) == 'Any one of these:\n- bug\n- (no tool call)\n- {"a": 1}'
    assert render_target(["bug"]) == "bug"
    assert next(iter(load_samples(store, list_run_samples(store, run.id)))).reference


def test_a_recorded_array_is_one_answer_where_agreement_counts() -> None:
    case = UseCase(
        id=1, name="Tags", kind=Kind.CHAT, endpoint=None, margin=None, ignored=False,
        calls=CallCounts(total=1, replayable=1, with_target=0, with_answer=1),
    )  # fmt: skip
    sample = Sample(request=Request(messages=[]), answer=Answer(text='["bug", "crash"]'))
    scores = [
        score_against(Endpoint.AGREEMENT, case, sample, Answer(text=text)) for text in ('["bug", "crash"]', "bug")
    ]
    assert [score and score.passed for score in scores] == [True, False]


def test_loose_matching_is_set_where_it_makes_sense(store: Store, tmp_path: Path) -> None:
    rows = [call(n, answer="May 3, 2025", target="2025-05-03") for n in range(4)]
    study, run, _ = replayed(store, tmp_path, rows, {"open": Role.CANDIDATE}, {"open": lambda _: "3 May 2025."})
    (case,) = list_use_cases(store, study.id)
    for how in (Matching.EXACT, Matching.NUMERIC):
        with pytest.raises(BadInput, match="date formats"):
            set_match(store, case, Match(how=how, loose=True))
    set_match(store, case, Match(how=None, loose=True))
    assert list_use_cases(store, study.id)[0].match == Match(how=None, loose=True)
    score_run(store, run)
    scores = load_scores(store, run.id, scorers=["target"], model_ids=run.plan.model_ids)
    assert [score.passed for score in scores.values()] == [True] * 4
    set_match(store, list_use_cases(store, study.id)[0], Match(how=None))
    assert list_use_cases(store, study.id)[0].match is None
