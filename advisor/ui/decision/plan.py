"""Plan: what blocks the moves, and what stops or takes back a step."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from advisor.plan.configuration.litellm_proxy import file_of
from advisor.plan.questions import hardware_of
from advisor.plan.succession import with_successors
from advisor.store.plan_steps import list_plan_steps
from advisor.text import numbers
from advisor.text.advice.ending import last_words
from advisor.text.business_case.questions import hardware_words
from advisor.text.business_case.tasks import first_words
from advisor.text.gates import criteria
from advisor.text.headline import unpaid
from advisor.text.names import SYMBOLS, candidate_words, decision_words, outcome
from advisor.text.plan import condition, plan_sentence, quality_of, risks, why
from advisor.types import Message, Move, Report, Step, Study, UseCaseDecision
from advisor.types.dossier import Export, Schedule
from advisor.ui import navigation, queries
from advisor.ui.components import verdicts
from advisor.ui.components.table import show_list, show_table
from advisor.ui.components.text import inline
from advisor.ui.retirements import leave_days
from advisor.ui.server import store
from advisor.ui.stage import WHERE, standing
from advisor.ui.state import PART
from advisor.ui.steps import show_step

MOST_STEPS = 4
"""What is in sight of the next steps."""


def advised(study: Study, report: Report) -> Report:
    """The decision without the moves that don't pay back; those that people have dated stay, to be changed."""
    found = queries.advised(study.id, report)
    if not list_plan_steps(store(), study.id):
        return found
    dated = replace(found, plan=replace(found.plan, moves=report.plan.moves, replaced={}))
    return with_successors(dated, queries.case(study.id, report).replaced)


def show_steps(study: Study, report: Report, schedule: Schedule) -> None:
    """What happens by when, and what to do now: the blockers first, each with the way to it."""
    for words in first_words(schedule):
        st.warning(inline(words), icon=":material/event_busy:")
    unless = unpaid(report.recommendation, queries.case(study.id, report))
    verdicts.headline(plan_sentence(report, schedule, standing(study).tested_first, unless))
    steps = sorted(report.plan.next_steps, key=lambda step: step.code not in WHERE)
    if steps:
        with st.container(border=True, gap="xsmall", key="next_steps"):
            for place, step in enumerate(steps[:MOST_STEPS]):
                _show(study, report, step, place)
    if more := steps[MOST_STEPS:]:
        with st.expander(f"{numbers.count(len(more), 'more step')}", key="more_steps"):
            for place, step in enumerate(more, MOST_STEPS):
                _show(study, report, step, place)


def _show(study: Study, report: Report, step: Message, place: int) -> None:
    show_step(study, report, step, key=f"step_{place}", look="tertiary" if place else "primary")
    if step.code == Step.SHADOW:
        label, icon = file_of(0.0), ":material/arrow_forward:"
        st.page_link(
            navigation.FILES, label=label, icon=icon, width="content", query_params={PART: Export.LITELLM.value}
        )


def show_criteria(report: Report) -> None:
    """What ends a step and what takes it back, of all moves in one table."""
    rows = [
        {"Use case": move.use_case, "Decision": decision, **cells}
        for move in report.plan.moves
        if move.phases
        for decision, cells in zip(("Next step", "Roll back"), criteria(move), strict=True)
    ]
    show_table(
        pd.DataFrame(rows),
        key="criteria",
        alt="What must hold before each step of each move ends, and what takes it back.",
    )


def show_use_cases(study: Study, report: Report) -> None:
    """Every move with its risks, closed; then what stays, with the reason."""
    for number, (decision, move) in enumerate(report.moves):
        if decision.target is None:
            continue
        words = verdicts.tag(decision, decision_words(decision) if move.phases else candidate_words(decision.target))
        box = st.expander(f"{inline(decision.name)}: {words}", key=f"move_{number}", on_change="rerun", expanded=False)
        if box.open:
            with box:
                _move(decision, move, report, last_words(queries.case(study.id, report)))
    stays = [each for each in report.recommendation.use_cases if each.target is None]
    days = leave_days(study.id, stays)
    rows = [
        {
            "Use case": each.name,
            "Verdict": f"{SYMBOLS[outcome(each)]} {decision_words(each, days[each.name])}",
            "Why": why(each),
        }
        for each in stays
    ]
    if rows:
        show_table(rows, key="stays", alt="Use cases that stay, with the reason.")


def _move(decision: UseCaseDecision, move: Move, report: Report, last: str) -> None:
    target = decision.target
    assert target is not None
    saved, licence = numbers.money_range(target.costs.savings_usd), target.licence or "unknown"
    st.markdown(inline(why(decision)))
    st.markdown(
        f"**Quality:** {inline(quality_of(decision))} · **Saving:** {inline(saved)}/month{last} · "
        f"**License:** {inline(licence)}"
    )
    if hardware := hardware_of(report, decision):
        st.markdown(f"**Hardware:** {inline(hardware_words(hardware))}")
    if move.phases:
        st.markdown("**Start when**")
        show_list(map(condition, move.phases[0].entry))
    if told := risks(decision, move):
        st.markdown("**Risks**")
        show_list(told)
