"""Plan: what moves where, in which steps, and the rollback conditions."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from advisor.text import numbers
from advisor.text.names import decision_verdict, decision_words
from advisor.text.plan import (
    condition,
    duration,
    next_steps,
    phase_name,
    plan_sentence,
    quality_of,
    risks,
    rollbacks,
    why,
)
from advisor.types import Phase, Recommendation, Report
from advisor.ui.components import verdicts
from advisor.ui.components.table import show_list, show_table
from advisor.ui.components.text import inline
from advisor.ui.evidence.quality.quality import TWO_LINES


def show_plan(report: Report) -> None:
    """What the plan does: sentence, figures and the moves in one table."""
    recommendation = report.recommendation
    moving = [move for move in report.plan.moves if move.phases]
    verdicts.headline(plan_sentence(report))
    verdicts.figures(
        {
            "Use cases that move": verdicts.of_all(len(moving), recommendation),
            "Saved, monthly": verdicts.saved_a_month(recommendation),
            "Steps of each move": str(max((len(move.phases) for move in moving), default=0)),
            "Use cases that don't move yet": verdicts.of_all(len(report.plan.moves) - len(moving), recommendation),
        }
    )
    show_table(
        move_rows(recommendation),
        key="plan_moves",
        alt="Decision, expected saving and quality of each use case.",
        pinned="Use case",
        columns={"Quality": st.column_config.TextColumn(width=300)},
        row_height=TWO_LINES,
    )


def show_next_steps(report: Report) -> None:
    """What to do now."""
    st.markdown("\n".join(f"{number}. {inline(step)}" for number, step in enumerate(next_steps(report), 1)))


def show_moves(report: Report) -> None:
    """Every move with its reason, steps, risks and licence; the first one open."""
    moving = [(decision, move) for decision, move in report.moves if decision.target is not None]
    if not moving:
        st.markdown("No use case moves yet. The reasons are below.")
    for number, (decision, move) in enumerate(moving):
        verdict, target = decision_words(decision), decision.target
        title = f"{inline(decision.name)}: {inline(verdict[:1].lower() + verdict[1:])}"
        with st.expander(title, expanded=number == 0, key=f"move_{number}"):
            st.markdown(f"**Why:** {inline(why(decision))}")
            st.markdown(f"**Quality:** {inline(quality_of(decision))}")
            saved = numbers.money_range(target.costs.savings_usd if target else None)
            licence = (target and target.licence) or "unknown"
            st.markdown(f"**Saving:** {inline(saved)}/month · **License:** {inline(licence)}")
            st.table(
                phase_rows(move.phases),
                hide_index=True,
                alt=f"Rollout steps of {move.use_case} with start and rollback conditions.",
            )
            st.markdown("**Continue when**")
            show_list(exit_lines(move.phases))
            if told := risks(decision, move, report.recommendation):
                st.markdown("**Risks**")
                show_list(told)


def show_staying(report: Report) -> None:
    """What stays, and why; nothing where all moves."""
    staying = [decision for decision in report.recommendation.use_cases if decision.target is None]
    if staying:
        st.header("What stays and why")
        for decision in staying:
            st.markdown(f"- **{inline(decision.name)}:** {inline(why(decision))}")


def move_rows(recommendation: Recommendation) -> pd.DataFrame:
    """One row per use case."""
    return pd.DataFrame(
        {
            "Use case": decision.name,
            "Decision": decision_verdict(decision),
            "Saved, a month": numbers.money_range(decision.target.costs.savings_usd if decision.target else None),
            "Quality": quality_of(decision),
            "Calls/month": numbers.projected(decision.monthly_calls),
            "License": (decision.target.licence or "unknown") if decision.target else numbers.UNKNOWN,
        }
        for decision in recommendation.use_cases
    )


def phase_rows(phases: Sequence[Phase]) -> pd.DataFrame:
    """One row per step; texts are safe inside Markdown, which st.table renders."""
    return pd.DataFrame(
        {
            "Step": f"**{inline(phase_name(phase.traffic_share))}**",
            "Traffic": "copies only" if phase.traffic_share == 0 else inline(numbers.percent(phase.traffic_share)),
            "Duration": inline(duration(phase)),
            "Start when": inline(" ".join(condition(each) for each in phase.entry)),
            "Roll back when": inline(rollback),
        }
        for phase, rollback in zip(phases, rollbacks(phases), strict=True)
    )


def exit_lines(phases: Sequence[Phase]) -> list[str]:
    """What must hold before a step ends: conditions of all steps first, then those of single ones."""
    first = phases[0].exit if phases else ()
    shared = [each for each in first if all(each in phase.exit for phase in phases)]
    single = [
        f"{phase_name(phase.traffic_share)}: {condition(each)}"
        for phase in phases
        for each in phase.exit
        if each not in shared
    ]
    return [*map(condition, shared), *single]
