"""What one cell of the matrix rests on: the verdict with its reason, the chart, and the guardrails that fail."""

import pandas as pd
import streamlit as st

from advisor.charts.colours import candidates_of
from advisor.charts.quality import BEYOND, quality_figure
from advisor.text.advice.obstacles import what_helps
from advisor.text.advice.reasons import reason_alone
from advisor.text.advice.steps import step_for
from advisor.text.gates import (
    caveat_words,
    detail_words,
    gate_limit,
    gate_value,
    gate_words,
    guardrail_words,
    shown_gates,
)
from advisor.text.messages import upper
from advisor.text.names import GATES, candidate_words
from advisor.text.results import notes, result
from advisor.types import Assessment, Report, Study
from advisor.ui import address, navigation
from advisor.ui.components import verdicts
from advisor.ui.components.chart import show
from advisor.ui.components.table import show_list, show_table
from advisor.ui.components.text import inline
from advisor.ui.evidence.quality.matrix import Cell
from advisor.ui.state import USE_CASE
from advisor.ui.steps import show_step

MOST_OBSTACLES = 2
"""What is in sight of what keeps a candidate from moving."""
ELSEWHERE = (
    (navigation.COST, "Cost", "payments"),
    (navigation.LATENCY, "Latency", "timer"),
    (navigation.USE_CASES, "Scoring", "category"),
)
"""What other pages say about a use case."""


def show_cell(study: Study, report: Report, cell: Cell) -> None:
    """The verdict of a cell and why, drawn next to the other candidates of its use case."""
    decision, a, _ = cell
    st.subheader(f"{inline(decision.name)} · {inline(a.model)}")
    st.markdown(f"{verdicts.tag(a, candidate_words(a))} · {inline(reason_alone(a))}")
    drawn = quality_figure(decision, candidates_of(report.recommendation), a.model)
    show(drawn, key="quality_use_case", is_titled=False)
    arrow = " Arrow: beyond the axis." if any(trace.name == BEYOND for trace in drawn.figure.data) else ""
    st.caption(f"{inline(upper(result(a)))}. 95% CI, lower end corrected for multiple tests.{arrow}")
    obstacles = what_helps(a)  # every guardrail that fails is among them
    if obstacles:
        show_list(obstacles[:MOST_OBSTACLES])
    if step := step_for(report, decision.name):
        show_step(study, report, step, key="cell_step")
    for caveat in a.caveats:
        if not caveat.holds:  # the others are among the obstacles
            st.markdown(f":material/warning: {inline(caveat_words(caveat, decision.baseline))}")
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="drawer_more"):
        if more := obstacles[MOST_OBSTACLES:]:
            with st.popover(f"More reasons ({len(more)})", key="more_obstacles"):
                show_list(more)
        with st.popover(guardrail_words(a), icon=":material/shield:", key="guardrails"):
            show_table(
                check_rows(a),
                key="quality_checks",
                alt=f"Guardrails of {a.model}, each with its value, limit and result.",
            )
        if told := notes(a):
            with st.popover(f"Notes on the evidence ({len(told)})", icon=":material/info:", key="evidence_notes"):
                show_list(told)
        for page, label, icon in ELSEWHERE:
            address.link(page, label, icon=icon, use_case=cell.address[USE_CASE])


def check_rows(candidate: Assessment) -> pd.DataFrame:
    """One row per gate."""
    return pd.DataFrame(
        {
            "Guardrail": GATES[gate.name],
            "Result": gate_words(gate),
            "Measured": gate_value(gate),
            "Limit": gate_limit(gate),
            "Details": detail_words(gate.detail),
        }
        for gate in shown_gates(candidate)
    )
