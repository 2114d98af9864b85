"""Setting how a use case is judged: refused in plain words, undone exactly, and tried on real answers."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.collect.use_cases import change, last_edit
from advisor.errors import BadInput
from advisor.jobs.sample import ILLUSTRATIVE
from advisor.judge.checks import (
    MOST_CHECKS,
    RECORDED,
    Share,
    preview,
    set_checks,
    set_match,
    suggested_checks,
    suggested_match,
)
from advisor.judge.rubrics import rubric_of, save_rubric, versions
from advisor.measure.registration import register_model
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.store import Store
from advisor.store.log.edits import undo_edit
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import list_models
from advisor.store.studies import find_study
from advisor.types import Check, CheckKind, Endpoint, Kind, Lane, Match, Matching, RunOptions, Study, UseCase
from tests.made.log import LABELS, call, write_log
from tests.made.use_cases import SAMPLE_LOG, snapshot

SHORT = Check(kind=CheckKind.MOST_WORDS, value="3")
POLITE = Check(kind=CheckKind.CONTAINS, value="please")


def rows() -> list[dict[str, Any]]:
    """Sixty tickets; every tenth answer is wrong and long."""
    made = []
    for n in range(60):
        right = LABELS[n % 3]
        made.append(call(n, answer="I would say none of these" if n % 10 == 0 else right, id=f"r{n}", target=right))
    return made


@pytest.fixture
def study(store: Store, tmp_path: Path) -> Study:
    import_logs(store, "x", [write_log(tmp_path / "log.jsonl", rows())], ImportOptions(redact=False))
    return find_study(store, "x")


def only(store: Store, study: Study) -> UseCase:
    return list_use_cases(store, study.id)[0]


def taken_back(store: Store, study: Study) -> str:
    edit = last_edit(store, study)
    assert edit is not None
    undo_edit(store, study.id, edit.id)
    return edit.what


def test_checks_are_set_changed_and_taken_back(store: Store, study: Study) -> None:
    before = snapshot(store, study)
    set_checks(store, only(store, study), [SHORT])
    assert only(store, study).checks == (SHORT,)
    once = snapshot(store, study)
    set_checks(store, only(store, study), [SHORT, POLITE])
    assert only(store, study).checks == (SHORT, POLITE)
    assert taken_back(store, study) == "Triage: checks changed"
    assert snapshot(store, study) == once
    set_checks(store, only(store, study), [])
    assert only(store, study).checks == ()
    assert taken_back(store, study) == "Triage: checks removed"
    assert snapshot(store, study) == once
    taken_back(store, study)
    assert snapshot(store, study) == before
    assert last_edit(store, study) is None


def test_matching_is_set_and_taken_back(store: Store, study: Study) -> None:
    before = snapshot(store, study)
    set_match(store, only(store, study), Match(how=Matching.NUMERIC, tolerance=0.05))
    assert only(store, study).match == Match(how=Matching.NUMERIC, tolerance=0.05)
    set_match(store, only(store, study), None)
    assert only(store, study).match is None
    assert "comparison with reference answers changed" in taken_back(store, study)
    assert only(store, study).match == Match(how=Matching.NUMERIC, tolerance=0.05)
    taken_back(store, study)
    assert snapshot(store, study) == before


def test_other_changes_leave_checks_and_matching_alone(store: Store, study: Study) -> None:
    set_checks(store, only(store, study), [POLITE])
    set_match(store, only(store, study), Match(how=Matching.EXACT))
    change(store, only(store, study), name="Tickets", endpoint=Endpoint.PAIRWISE)
    taken_back(store, study)
    case = only(store, study)
    assert (case.name, case.checks, case.match) == ("Triage", (POLITE,), Match(how=Matching.EXACT))


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ([Check(kind=CheckKind.REGEX, value="(a")], "the pattern can't be read: missing"),
        ([Check(kind=CheckKind.EXPRESSION, value="text.lower()")], "lower"),
        ([SHORT, POLITE, SHORT], "already exists"),
        ([Check(kind=CheckKind.MOST_WORDS, value=str(n + 1)) for n in range(MOST_CHECKS + 1)], "20 checks at most"),
    ],
)
def test_checks_that_cannot_be_used_are_refused(store: Store, study: Study, checks: list[Check], said: str) -> None:
    with pytest.raises(BadInput, match=re.escape(said)):
        set_checks(store, only(store, study), checks)
    assert only(store, study).checks == ()
    assert last_edit(store, study) is None


@pytest.mark.parametrize(
    "match",
    [
        Match(how=Matching.NUMERIC, tolerance=-0.1),
        Match(how=Matching.NUMERIC, tolerance=1.5),
        Match(how=Matching.NUMERIC, tolerance=float("nan")),
        Match(how=Matching.EXACT, tolerance=0.1),
    ],
)
def test_a_tolerance_that_means_nothing_is_refused(store: Store, study: Study, match: Match) -> None:
    with pytest.raises(BadInput, match="tolerance"):
        set_match(store, only(store, study), match)
    assert last_edit(store, study) is None


def test_the_log_suggests(store: Store, study: Study) -> None:
    case = only(store, study)
    assert suggested_match(store, study, case) == Match(how=Matching.LABEL)
    found = suggested_checks(store, study, case)
    assert Check(kind=CheckKind.MOST_WORDS, value="8") in found, "the longest answers have six words"
    set_checks(store, case, found[:2])
    assert set(suggested_checks(store, study, only(store, study))) == set(found[2:])


def test_a_preview_before_a_run_tries_the_answers_in_the_log(store: Store, study: Study) -> None:
    before = snapshot(store, study)
    found = preview(store, study, only(store, study), [SHORT, POLITE], Match(how=Matching.LABEL), limit=60)
    assert len(found.rows) == 60
    assert found.shares == (Share(whose=RECORDED, compared=60, right=54, checked=60, passing=0),)
    assert found.passing == (54, 0)
    assert found.complete
    wrong = next(row for row in found.rows if "none of these" in row.answer)
    assert wrong.right in LABELS
    assert wrong.fails(own=False)
    assert wrong.result.startswith("wrong: 'I would say none of these' is not")
    assert wrong.result.endswith("fails: 6 words, more than 3; it does not contain 'please'")
    assert snapshot(store, study) == before
    assert last_edit(store, study) is None
    few = preview(store, study, only(store, study), [], None, limit=7)
    assert len(few.rows) == 7
    assert {row.checked_words for row in few.rows} == {""}


def test_a_slow_pattern_does_not_hold_up_a_preview(store: Store, tmp_path: Path) -> None:
    slow = [call(n, answer=f"{n}{'x' * 3000}", id=f"r{n}") for n in range(60)]
    import_logs(store, "slow", [write_log(tmp_path / "slow.jsonl", slow)], ImportOptions(redact=False))
    study = find_study(store, "slow")
    found = preview(store, study, only(store, study), [Check(kind=CheckKind.REGEX, value="(x+x+)+y")], None, limit=60)
    assert not found.complete
    assert 0 < len(found.rows) < 60
    assert all("longer than 0.5 s" in row.checked_words for row in found.rows)


def test_a_preview_after_a_run_tries_every_models_answers(store: Store) -> None:
    import_logs(store, "Sample", [SAMPLE_LOG], ImportOptions(redact=False, is_sample=True))
    study = find_study(store, "Sample")
    register_model(store, study, ILLUSTRATIVE)
    finish_run(store, start_run(store, study, RunOptions(sample_size=60, baseline=Lane.RECORDED)).id)
    case = next(case for case in list_use_cases(store, study.id) if case.kind is Kind.EXTRACTION)
    found = preview(store, study, case, [Check(kind=CheckKind.JSON)], Match(how=Matching.FIELDS), limit=5)
    whose = [model.name for model in list_models(store, study.id)]
    assert [share.whose for share in found.shares] == [RECORDED, *whose]
    assert {share.checked for share in found.shares} == {5}
    assert {share.compared for share in found.shares} == {5}
    assert len(found.rows) == 10
    assert len({row.prompt for row in found.rows}) == 5
    for right, given in [(row.right, row.answer) for row in found.rows if row.compared and row.compared.passed]:
        assert json.loads(right or "") == json.loads(given)


def test_rubrics_count_from_the_suggestion(store: Store, study: Study) -> None:
    case = only(store, study)
    suggestion = rubric_of(store, case)
    assert (suggestion.version, suggestion.created_at) == (0, None)
    assert save_rubric(store, case, suggestion.questions) == suggestion
    assert versions(store, case) == [suggestion]
    first = save_rubric(store, case, ["  Is it\tright? ", "Is it <b>short</b>?\x00"])
    assert (first.version, first.questions) == (1, ("Is it right?", "Is it <b>short</b>?"))
    assert save_rubric(store, case, ["Is it right?", "Is it <b>short</b>?"]) == first
    second = save_rubric(store, case, suggestion.questions)
    assert second.version == 2
    assert rubric_of(store, case) == second
    assert [rubric.version for rubric in versions(store, case)] == [2, 1, 0]


@pytest.mark.parametrize(
    ("questions", "said"),
    [
        ([], "1 to 7 questions"),
        ([f"Is it {n}?" for n in range(8)], "1 to 7 questions"),
        (["Is it right?", "  "], "Question 2"),
        (["x" * 301], "Question 1"),
        (["Is it right?", "is it  RIGHT?"], "appears twice"),
    ],
)
def test_questions_that_no_judge_can_use_are_refused(
    store: Store, study: Study, questions: list[str], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        save_rubric(store, only(store, study), questions)
    assert rubric_of(store, only(store, study)).version == 0


def test_seven_questions_of_full_length_are_taken(store: Store, study: Study) -> None:
    questions = [f"{n}{'x' * 299}" for n in range(7)]
    assert save_rubric(store, only(store, study), questions).questions == tuple(questions)
