"""A judge that failed its exam moves nothing, and every page that would rest on its votes says so."""

from pathlib import Path

from advisor.decide.decisions import decide
from advisor.measure.studies import find_study
from advisor.store import Store
from advisor.store.studies import change_study
from tests.made.drafts import ROLES, drafting, same, writer
from tests.made.run import Answers, replayed
from tests.pages.conftest import Open
from tests.pages.decided_study import said

HEADLINE = "Nothing can move yet: judge failed its exam. Add another judge."
FAILED = "judge failed its exam: it never noticed"
STEP = "Add another judge for Newsletter drafts, or review 30 pairs: judge failed its exam."
PAGES = {
    "summary/summary": (HEADLINE,),
    "evidence/run": (STEP,),
    "evidence/quality": (HEADLINE, FAILED, STEP),
    "decision/scenarios": (FAILED,),
    "decision/plan": (STEP,),
    "decision/report": (HEADLINE,),
}


def test_a_failed_exam_is_said_on_every_page(store: Store, open_page: Open, tmp_path: Path) -> None:
    study, run, _ = replayed(store, tmp_path, drafting(60), ROLES, {"open": writer, "judge": same})
    change_study(store, study.id, traffic_share=0.00001)  # so that the bill is worth a move
    decide(store, find_study(store, study.name))
    for page, words in PAGES.items():
        shown = said(open_page(f"pages/{page}.py", study=study.name, tab="By use case", run_again=run.id))
        assert [each for each in words if each not in shown] == [], page


def test_what_the_last_run_found_is_on_summary_and_candidates(store: Store, open_page: Open, tmp_path: Path) -> None:
    answers: Answers = {"open": lambda _: "Thank you.", "judge": lambda _: "hm"}
    study, _, _ = replayed(store, tmp_path, drafting(60), ROLES, answers)
    change_study(store, study.id, traffic_share=0.00001)
    decide(store, find_study(store, study.name))
    summary = said(open_page("pages/summary/summary.py", study=study.name))
    assert "Stay" not in summary
    assert "open gave one answer to all 60 prompts. Check its setup, then replay." in summary
    assert "50 of 50 replies of judge couldn't be read" in summary
    candidates = said(open_page("pages/models/candidates.py", study=study.name))
    assert "Failed the last run: one answer to all 60 prompts" in candidates
    assert "Failed the last run: 50 of 50 votes couldn't be read" in candidates
    assert "Ready" not in candidates
