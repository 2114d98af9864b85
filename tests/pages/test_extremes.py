"""Every page, the PDF and every export of studies at the edges: all move, one call, nothing answered."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from advisor.collect.contract_prices import price_at
from advisor.decide.decisions import decide
from advisor.plan.dossier import dossier_of
from advisor.plan.exports import export, make_pdf
from advisor.report.packing import count_pages
from advisor.store import Store
from advisor.store.studies import change_study, get_study
from advisor.text.advice.ending import later_bill
from advisor.text.business_case.options import bill_words
from advisor.text.headline import unpaid
from advisor.text.numbers import less
from advisor.types import Lane, Prices, Role, Step, Verdict
from advisor.types.business import CaseOption
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
        assert "Test gpt-6-luna" in words, page
        assert "Start the shadow phase" not in words, page
        assert "Save $" not in words, page
    for page in ("pages/log/prompt_log.py", "pages/models/candidates.py", "pages/models/catalog.py"):
        words = " ".join(each.value for each in open_page(page).markdown)
        assert re.search(r"gpt-4o retires .*gpt-6-luna", words.replace("\\", "")), page
    made = dossier_of(store, get_study(store, study.id), report)
    plan = next(one for one in made.case.options if one.option is CaseOption.PLAN)
    assert bill_words(made.case, plan).endswith(f"{less(*later_bill(made.case) or ())} from 14 Jan 2027")
    assert made.ask.code == Ask.SUCCESSOR
    assert Step.SHADOW not in {step.code for step in made.report.plan.next_steps}


@pytest.mark.slow
def test_moves_that_never_pay_back_leave_no_next_step(store: Store, tmp_path: Path, open_page: Open) -> None:
    rows = [call(i, answer=LABELS[i % 3], target=LABELS[i % 3]) for i in range(240)]
    for row in rows:
        row["request"]["model"] = row["response"]["model"] = "ours-7"  # no end is known, and no cheaper one
    study, run, _ = replayed(store, tmp_path, rows, {"open": Role.CANDIDATE}, {"open": right}, baseline=Lane.RECORDED)
    price_at(store, study, "ours-7", Prices(input=5.0, output=5.0))
    change_study(store, study.id, traffic_share=0.003)
    report = decide(store, get_study(store, study.id), run=run)
    made = dossier_of(store, get_study(store, study.id), report)
    assert (report.recommendation.bill.worth, made.case.pays, made.report.plan.next_steps) == (True, False, ())
    advice = unpaid(made.report.recommendation, made.case)
    assert advice.startswith("Don't move yet. 1 of 1 use case can move, but $")
    for page in ("pages/summary/summary.py", "pages/decision/plan.py", "pages/decision/report.py"):
        app = open_page(page)
        assert advice in re.sub(r"[\\*]", "", " ".join(each.value for each in app.markdown)), page
        boxes = [box.proto.id for box in app.get("flex_container") if not box.children]
        assert not any(box.endswith("-next_steps") for box in boxes), "an empty box"
    export(store, get_study(store, study.id), Export.PLAN, tmp_path / "plan.md")
    assert (tmp_path / "plan.md").read_text().splitlines()[2] == advice
