"""Plan: what blocks the moves, and what stops or takes back a step."""

import pandas as pd
import streamlit as st

from advisor.plan.business_case import in_view_of
from advisor.plan.configuration.litellm_proxy import file_of
from advisor.plan.questions import hardware_of
from advisor.text import numbers
from advisor.text.business_case.questions import hardware_words
from advisor.text.gates import criteria
from advisor.text.headline import unpaid
from advisor.text.names import decision_verdict, decision_words
from advisor.text.plan import condition, next_steps, plan_sentence, quality_of, risks, why
from advisor.types import Message, Model, Move, Report, Step, Study, UseCaseDecision
from advisor.types.dossier import Export
from advisor.ui import address, navigation, page, queries
from advisor.ui.components import verdicts
from advisor.ui.components.table import show_list, show_table
from advisor.ui.components.text import inline
from advisor.ui.evidence.cost.queries import successors
from advisor.ui.stage import WHERE, place_of
from advisor.ui.state import ADD, PART

MOST_STEPS = 4
"""What is in sight of the next steps."""
ANOTHER_RUN = (Step.REPLAY, Step.READ_REFUSALS)


def show_steps(study: Study, report: Report) -> None:
    """What moves, and what to do now: the blockers first, each with the way to it."""
    case = queries.case(study.id, report)
    verdicts.headline(unpaid(report.recommendation, case) or plan_sentence(report))
    report = in_view_of(report, case)
    steps = sorted(
        zip(report.plan.next_steps, next_steps(report), strict=True), key=lambda step: step[0].code not in WHERE
    )
    with st.container(border=True, gap="xsmall", key="next_steps"):
        for step, words in steps[:MOST_STEPS]:
            _step(study, step, words)
    if more := steps[MOST_STEPS:]:
        with st.expander(f"{numbers.count(len(more), 'more step')}", key="more_steps"):
            for step, words in more:
                _step(study, step, words)


def _step(study: Study, step: Message, words: str) -> None:
    code = step.code
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        icon = ":orange[:material/block:]" if code in WHERE else ":green[:material/play_circle:]"
        st.markdown(f"{icon} {inline(words)}", width="content")
        if code in WHERE:
            target, label = place_of(step)
            if code == Step.SUCCESSOR and (model := _successor(study, step)) is not None:
                page.offer_test(study, model, key=f"step_{words}", type="tertiary")
            elif code not in ANOTHER_RUN:
                part = {Step.IMPORT: ADD, Step.FINE_TUNE: Export.FINETUNE.value}.get(Step(code))
                query = {PART: part} if part else None
                if target == navigation.REVIEW:
                    query = address.of_cases(study.id, step.values.get("use_cases") or [step.values["use_case"]])
                st.page_link(target, label=label, icon=":material/arrow_forward:", width="content", query_params=query)
            elif st.button(label, key=f"step_{words}", type="tertiary", icon=":material/play_circle:"):
                page.plan_run(study)
        elif code == Step.SHADOW:
            label, icon = file_of(0.0), ":material/arrow_forward:"
            st.page_link(
                navigation.FILES, label=label, icon=icon, width="content", query_params={PART: Export.LITELLM.value}
            )


def _successor(study: Study, step: Message) -> Model | None:
    return next((one for one in successors(study.id) if one.name == step.values["successor"]), None)


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


def show_use_cases(report: Report) -> None:
    """Every move with its risks, closed; then what stays, with the reason."""
    for number, (decision, move) in enumerate(report.moves):
        if decision.target is None:
            continue
        words = verdicts.tag(decision, decision_words(decision))
        box = st.expander(f"{inline(decision.name)}: {words}", key=f"move_{number}", on_change="rerun", expanded=False)
        if box.open:
            with box:
                _move(decision, move, report)
    if stays := [decision for decision in report.recommendation.use_cases if decision.target is None]:
        show_table(
            [{"Use case": each.name, "Verdict": decision_verdict(each), "Why": why(each)} for each in stays],
            key="stays",
            alt="Use cases that stay, with the reason.",
        )


def _move(decision: UseCaseDecision, move: Move, report: Report) -> None:
    target = decision.target
    assert target is not None
    saved, licence = numbers.money_range(target.costs.savings_usd), target.licence or "unknown"
    st.markdown(inline(why(decision)))
    st.markdown(
        f"**Quality:** {inline(quality_of(decision))} · **Saving:** {inline(saved)}/month · "
        f"**License:** {inline(licence)}"
    )
    if hardware := hardware_of(report, decision):
        st.markdown(f"**Hardware:** {inline(hardware_words(hardware))}")
    st.markdown("**Start when**")
    show_list(map(condition, move.phases[0].entry))
    if told := risks(decision, move, report.recommendation):
        st.markdown("**Risks**")
        show_list(told)
