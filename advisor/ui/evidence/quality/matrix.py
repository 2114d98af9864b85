"""Use cases by candidates: each cell has a verdict and a difference, and opens what it rests on."""

from typing import Literal, NamedTuple

import streamlit as st

from advisor.charts.colours import candidates_of
from advisor.text import numbers
from advisor.text.advice.obstacles import log_lacks
from advisor.text.names import bare_name, candidate_words
from advisor.text.results import difference, few, provisional_note
from advisor.types import Assessment, Report, Study, UseCaseDecision, Verdict
from advisor.ui import address, queries
from advisor.ui.components import verdicts
from advisor.ui.components.text import inline
from advisor.ui.evidence.quality.queries import WORSE
from advisor.ui.state import CANDIDATE, SHOW, USE_CASE

MOST_ROWS = 8
"""With more the matrix scrolls."""
TALL = 280
"""Pixels that so many take."""


class Cell(NamedTuple):
    """One candidate in one use case, with what the address calls it."""

    decision: UseCaseDecision
    candidate: Assessment
    address: dict[str, str]


def show_matrix(study: Study, report: Report) -> Cell | None:
    """A row per use case and a button per candidate; a card each on a phone. Returns the cell that is looked at.

    Where there are columns a candidate is named above them and only a screen reader reads it in each cell (style.css).
    """
    cells = _cells(study, report)
    if not cells:
        st.info("No candidate was tested yet.", icon=":material/info:")
        return None
    chosen = _chosen(cells)
    models = candidates_of(report.recommendation)
    decisions = report.recommendation.use_cases
    by_place = {(cell.decision.name, cell.candidate.model): cell for cell in cells}
    with st.container(key="matrix_heading"):
        _, *headings = st.columns([max(4, min(len(models), 7)), *[5] * len(models)], vertical_alignment="bottom")
        for column, model in zip(headings, models, strict=True):
            column.markdown(f"**{inline(model)}**", text_alignment="center")
    height: int | Literal["content"] = TALL if len(decisions) > MOST_ROWS else "content"
    with st.container(key="matrix", gap="xsmall", height=height, border=False):
        for row, decision in enumerate(decisions):
            first, *columns = st.columns([max(4, min(len(models), 7)), *[5] * len(models)], vertical_alignment="center")
            first.markdown(f"**{inline(numbers.shorten(decision.name, 60))}**")
            for place, (column, model) in enumerate(zip(columns, models, strict=True)):
                if (cell := by_place.get((decision.name, model))) is not None:
                    with column:
                        _button(cell, key=f"matrix_{row}_{place}")
                    if cell == chosen:  # a container with a key would replace the button, which loses the focus
                        st.html(
                            f"<style>.st-key-matrix_{row}_{place} button {{border: 2px solid var(--chosen)}}</style>"
                        )
    if note := provisional_note(report.recommendation):
        st.caption(note)
    return chosen


def _button(cell: Cell, *, key: str) -> None:
    a = cell.candidate
    told = f"{difference(a)}{few(a)}{log_lacks(cell.decision, a)}"
    st.button(
        f"{verdicts.tag(a, candidate_words(a))}  \n*{inline(bare_name(a.model))} ·* {inline(told)}",
        key=key,
        width="stretch",
        wrap=True,
        on_click=address.say,
        args=(cell.address,),
    )


def _cells(study: Study, report: Report) -> list[Cell]:
    cases = queries.case_ids(study.id)
    models = {model.name: str(model.id) for model in report.models}
    return [
        Cell(d, a, {USE_CASE: cases.get(d.name, d.name), CANDIDATE: models.get(a.model, a.model)})
        for d in report.recommendation.use_cases
        for a in d.candidates
    ]


def worst_of(study: Study, report: Report) -> dict[str, str] | None:
    """The address of the worst pair of the worst result, as it opens by itself; None: nothing got worse."""
    cells = [cell for cell in _cells(study, report) if cell.candidate == cell.decision.shown]
    cells = [cell for cell in cells if cell.candidate.quality.losses != 0]
    return {**min(cells, key=_badness).address, SHOW: WORSE} if cells else None


def _badness(cell: Cell) -> tuple[bool, float]:
    """Use cases that stay first, the lowest difference first."""
    shown = cell.decision.shown
    delta = None if shown is None else shown.difference.delta
    return cell.decision.verdict is not Verdict.KEEP, 0.0 if delta is None else delta


def _chosen(cells: list[Cell]) -> Cell:
    """The cell in the address; of a use case without a candidate there the one it is reported by, or that answered.

    Without a use case there, the worst result.
    """
    ids = [cell.address[USE_CASE] for cell in cells]
    worst = min(cells, key=_badness)
    use_case = address.read(USE_CASE, ids, instead=worst.decision.name) or worst.address[USE_CASE]
    of_case = {cell.address[CANDIDATE]: cell for cell in cells if cell.address[USE_CASE] == use_case}
    reported = (cell for cell in of_case.values() if cell.candidate == cell.decision.shown)
    usual = next(reported, None) or max(of_case.values(), key=lambda cell: cell.candidate.times.answered)
    candidate = address.read(CANDIDATE, of_case, instead=usual.candidate.model)
    return of_case[candidate] if candidate else usual
