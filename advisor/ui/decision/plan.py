"""Plan: what blocks the moves, their steps in the calendar, and what stops or takes back a step."""

from datetime import UTC, date, datetime

import pandas as pd
import streamlit as st

from advisor.charts.plan import timeline_figure
from advisor.plan.timeline import timeline
from advisor.text import numbers
from advisor.text.gates import criteria
from advisor.text.names import decision_words
from advisor.text.plan import (
    condition,
    duration,
    next_steps,
    phase_name,
    plan_sentence,
    quality_of,
    risks,
    rollback_lines,
    why,
)
from advisor.types import Move, Report, Step, Study, UseCaseDecision
from advisor.ui import navigation, page
from advisor.ui.components import verdicts
from advisor.ui.components.chart import show
from advisor.ui.components.table import show_list, show_table
from advisor.ui.components.text import inline

MOST_STEPS = 4
"""What is in sight of the next steps."""
WHERE: dict[str, tuple[str, str]] = {
    Step.STAY: (navigation.COST, "Reduce the bill"),
    Step.FINISH_RUN: (navigation.RUN, "Finish the run"),
    Step.REVIEW: (navigation.REVIEW, "Review pairs"),
    Step.BETTER_JUDGE: (navigation.CANDIDATES, "Change the judge"),
    Step.REAL_CANDIDATE: (navigation.CATALOG, "Pick a model"),
    Step.LICENCE: (navigation.CATALOG, "Read the license"),
    Step.ADD_JUDGE: (navigation.CANDIDATES, "Add a judge"),
    Step.DIFFERING: (navigation.REVIEW, "Review answers"),
    Step.REVIEW_PAIRS: (navigation.REVIEW, "Review pairs"),
    Step.OTHER_LIMIT: (navigation.SCENARIOS, "Change the drop"),
    Step.IMPORT: (navigation.PROMPT_LOG, "Import more"),
    Step.REPLAY: (navigation.RUN, "Run more samples"),
    Step.CAVEAT: (navigation.QUALITY, "See the evidence"),
    Step.READ_REFUSALS: (navigation.RUN, "Audit refusals"),
    Step.MEASURE_TIMES: (navigation.LATENCY, "Measure latency"),
    Step.NEW_CANDIDATE: (navigation.CATALOG, "Find a model"),
}
"""The page where a step is done, and its button; the shadow phase starts outside this program."""
ANOTHER_RUN = (Step.REPLAY, Step.READ_REFUSALS)


def show_steps(study: Study, report: Report) -> None:
    """What moves, and what to do now: the blockers first, each with the way to it."""
    verdicts.headline(plan_sentence(report))
    steps = sorted(
        zip(report.plan.next_steps, next_steps(report), strict=True), key=lambda step: step[0].code not in WHERE
    )
    for step, words in steps[:MOST_STEPS]:
        _step(study, step.code, words)
    if more := steps[MOST_STEPS:]:
        with st.expander(f"{numbers.count(len(more), 'more step')}", key="more_steps"):
            for step, words in more:
                _step(study, step.code, words)


def _step(study: Study, code: str, words: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        icon = ":orange[:material/block:]" if code in WHERE else ":green[:material/play_circle:]"
        st.markdown(f"{icon} {inline(words)}")
        if code in WHERE:
            target, label = WHERE[code]
            if code not in ANOTHER_RUN:
                st.page_link(target, label=label, icon=":material/arrow_forward:", width="content")
            elif st.button(label, key=f"step_{words}", icon=":material/play_circle:"):
                page.plan_run(study)


def show_timeline(report: Report) -> None:
    """Every step of every move in the calendar, from a day that a person chooses."""
    today = datetime.now(UTC).date()
    place = st.container()
    start = st.date_input("Start on", today, key="start", bind="query-params", width=200)
    with place:
        show(timeline_figure(timeline(report.plan, start if isinstance(start, date) else today)), key="timeline")


def show_criteria(report: Report) -> None:
    """What must hold before a step ends, of all moves in one table, and what takes it back."""
    moving = [move for move in report.plan.moves if move.phases]
    show_table(
        pd.DataFrame({"Use case": move.use_case, **criteria(move)} for move in moving),
        key="criteria",
        alt="What must hold before each step of each move ends.",
        pinned="Use case",
    )
    st.markdown("**Roll back**")
    show_list(rollback_lines(moving))


def show_use_cases(report: Report) -> None:
    """Every use case with its reason, and its steps where it moves; all closed."""
    for number, (decision, move) in enumerate(report.moves):
        words = verdicts.tag(decision, decision_words(decision))
        box = st.expander(f"{inline(decision.name)}: {words}", key=f"move_{number}", on_change="rerun", expanded=False)
        if box.open:
            with box:
                _use_case(decision, move, report)


def _use_case(decision: UseCaseDecision, move: Move, report: Report) -> None:
    st.markdown(inline(why(decision)))
    target = decision.target
    if target is None:
        return
    saved, licence = numbers.money_range(target.costs.savings_usd), target.licence or "unknown"
    st.markdown(
        f"**Quality:** {inline(quality_of(decision))} · **Saving:** {inline(saved)}/month · "
        f"**License:** {inline(licence)}"
    )
    st.markdown("**Steps**")
    show_list(f"{phase_name(phase.traffic_share)}: {duration(phase)}" for phase in move.phases)
    st.markdown("**Start when**")
    show_list(map(condition, move.phases[0].entry))
    if told := risks(decision, move, report.recommendation):
        st.markdown("**Risks**")
        show_list(told)
