"""Every page, the PDF and every export of studies at the edges: all move, one call, nothing answered."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from advisor.decide.decisions import decide
from advisor.plan.dossier import dossier_of
from advisor.plan.exports import export, make_pdf
from advisor.report.packing import count_pages
from advisor.store import Store
from advisor.store.studies import change_study, get_study
from advisor.types import Lane, Role, Step, Verdict
from advisor.types.dossier import Ask, Audience, Export
from advisor.ui.navigation import PAGES
from tests.made.log import LABELS, call
from tests.made.run import Answers, asked, replayed

Open = Callable[..., AppTest]
ALL_PAGES = [page for pages in PAGES.values() for page, *_ in pages]


def right(body: Any) -> str:
    return LABELS[int(asked(body).split()[-1].rstrip("?")) % 3]


def calls(n: int, use_cases: int = 1) -> list[dict[str, Any]]:
    return [
        call(i, answer=LABELS[i % 3], target=LABELS[i % 3], metadata={"use_case": f"Case {i % use_cases}"})
        for i in range(n)
    ]


STUDIES: dict[str, tuple[list[dict[str, Any]], Answers]] = {
    "all move": (calls(240, 2), {"open": right}),
    "one call": (calls(1), {"open": right}),
    "nothing answered": (calls(20), {"open": lambda body: {"error": {"message": "no"}}}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STUDIES)
def test_every_page_and_file(name: str, store: Store, tmp_path: Path, open_page: Open) -> None:
    rows, answers = STUDIES[name]
    study, run, _ = replayed(store, tmp_path, rows, {"open": Role.CANDIDATE}, answers, baseline=Lane.RECORDED)
    report = decide(store, study, run=run)
    moved = [decision.verdict for decision in report.recommendation.use_cases].count(Verdict.SWITCH)
    assert moved == (2 if name == "all move" else 0)
    for page in ALL_PAGES:
        open_page(page)
    for audience in Audience:
        assert count_pages(make_pdf(store, study, audience)) >= 1
    for what in set(Export) - {Export.LABELS}:  # nobody has reviewed anything
        assert export(store, study, what, tmp_path / what) >= 0


@pytest.mark.slow
def test_a_move_that_the_successor_overtakes_is_advised_nowhere(store: Store, tmp_path: Path, open_page: Open) -> None:
    """gpt-4o is switched off in January 2027, and what its provider recommends then costs less than this candidate."""
    rows, answers = STUDIES["all move"]
    study, run, _ = replayed(store, tmp_path, rows, {"open": Role.CANDIDATE}, answers, baseline=Lane.RECORDED)
    change_study(store, study.id, traffic_share=0.0002)
    report = decide(store, get_study(store, study.id), run=run)
    assert report.recommendation.bill.worth
    for page in ("pages/summary/summary.py", "pages/decision/plan.py", "pages/decision/report.py"):
        words = re.sub(r"[\\*]", "", " ".join(each.value for each in open_page(page).markdown))
        assert "Test gpt-6-luna first." in words, page
        assert "Start the shadow phase" not in words, page
        assert "Save $" not in words, page
    made = dossier_of(store, get_study(store, study.id), report)
    assert made.ask.code == Ask.SUCCESSOR
    assert Step.SHADOW not in {step.code for step in made.report.plan.next_steps}
