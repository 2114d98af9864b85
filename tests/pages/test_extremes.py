"""Every page, the PDF and every export of studies at the edges: all move, one call, nothing answered."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from advisor.decide.decisions import decide
from advisor.plan.exports import export, make_pdf
from advisor.report.pdf import count_pages
from advisor.store import Store
from advisor.types import Lane, Role, Verdict
from advisor.types.dossier import Audience, Export
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
