"""A judge that failed its exam moves nothing, and every page that would rest on its votes says so."""

from pathlib import Path

from advisor.decide.decisions import decide
from advisor.measure.studies import find_study
from advisor.store import Store
from advisor.store.studies import change_study
from tests.made.drafts import ROLES, drafting, same, writer
from tests.made.run import replayed
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
