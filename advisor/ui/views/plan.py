"""Plan: what moves where, in which steps, and what would stop it."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from advisor.text import numbers
from advisor.text.names import baselines_of, decision_verdict, decision_words
from advisor.text.numbers import count, listing
from advisor.types import Move, Phase, Recommendation, Report
from advisor.ui.components.text import inline
from advisor.ui.views import verdicts
from advisor.ui.views.cost import saved_a_month
from advisor.ui.views.quality import TWO_LINES


def show_plan(report: Report) -> None:
    """What the plan does: sentence, figures and the moves in one table."""
    recommendation, moves = report.recommendation, report.plan.moves
    moving = [move for move in moves if move.to is not None]
    verdicts.headline(plan_sentence(recommendation, moves))
    verdicts.figures(
        {
            "Use cases that move": verdicts.of_all(len(moving), recommendation),
            "Saved, a month": saved_a_month(recommendation),
            "Steps of each move": str(max((len(move.phases) for move in moving), default=0)),
            "Use cases that stay for now": verdicts.of_all(len(moves) - len(moving), recommendation),
        }
    )
    st.dataframe(
        move_rows(moves),
        hide_index=True,
        row_height=TWO_LINES,
        column_config={
            "Use case": st.column_config.Column(pinned=True),
            "Quality": st.column_config.TextColumn(width=300),
        },
        key="plan_moves",
        alt="What the plan does with each use case, with the expected saving and quality.",
    )


def show_next_steps(report: Report) -> None:
    """What to do now."""
    st.markdown("\n".join(f"{number}. {inline(step)}" for number, step in enumerate(report.plan.next_steps, 1)))


def show_moves(report: Report) -> None:
    """Every move with its reason, steps, risks and licence; the first one open."""
    moving = [move for move in report.plan.moves if move.to is not None]
    if not moving:
        st.markdown("No use case moves yet, so there is nothing to roll out. The reasons stand below.")
    for number, move in enumerate(moving):
        title = f"{inline(move.use_case)}: {inline(decision_words(move)[:1].lower() + decision_words(move)[1:])}"
        with st.expander(title, expanded=number == 0, key=f"move_{number}"):
            st.markdown(f"**Why:** {inline(move.why)}")
            st.markdown(f"**Quality:** {inline(move.quality)}")
            st.markdown(
                f"**Saving:** {inline(numbers.money_range(move.savings_usd))} a month · **Licence:** "
                f"{inline(move.licence or 'not known')}"
            )
            st.table(
                phase_rows(move.phases),
                hide_index=True,
                alt=f"The steps of moving {move.use_case}: when each may start, go on and must go back.",
            )
            st.markdown("**May go on when**\n" + "\n".join(f"- {inline(line)}" for line in exit_lines(move.phases)))
            if move.risks:
                st.markdown("**Risks**\n" + "\n".join(f"- {inline(risk)}" for risk in move.risks))


def show_staying(report: Report) -> None:
    """What stays, and why; nothing where all moves."""
    staying = [move for move in report.plan.moves if move.to is None]
    if staying:
        st.subheader("What stays, and why")
        for move in staying:
            st.markdown(f"- **{inline(move.use_case)}:** {inline(move.why)}")


def plan_sentence(recommendation: Recommendation, moves: Sequence[Move]) -> str:
    """What moves and what stays."""
    moving = [move for move in moves if move.to is not None]
    staying = len(moves) - len(moving)
    names = {move.use_case for move in moves if move.to is None}
    kept = tuple(decision for decision in recommendation.use_cases if decision.name in names)
    today = baselines_of(replace(recommendation, use_cases=kept))
    if not moving:
        stay = "stays" if staying == 1 else "stay"
        return f"Nothing moves yet: {count(staying, 'use case')} {stay} with {today}."
    moved = listing([move.use_case for move in moving])
    steps = listing([phase.name.lower() for phase in moving[0].phases])
    rest = f"; {staying} of {len(moves)} {'stays' if staying == 1 else 'stay'} with {today}"
    return f"Move {moved} in steps ({steps} of the traffic){rest if staying else ''}."


def move_rows(moves: Sequence[Move]) -> pd.DataFrame:
    """One row per use case."""
    return pd.DataFrame(
        {
            "Use case": move.use_case,
            "Decision": decision_verdict(move),
            "Saved, a month": numbers.money_range(move.savings_usd),
            "Quality": move.quality,
            "Calls a month": numbers.projected(move.monthly_calls),
            "Licence": (move.licence or "not known") if move.to else numbers.UNKNOWN,
        }
        for move in moves
    )


def phase_rows(phases: Sequence[Phase]) -> pd.DataFrame:
    """One row per step; texts are safe inside Markdown, which st.table renders."""
    return pd.DataFrame(
        {
            "Step": f"**{inline(phase.name)}**",
            "Traffic": "copies only" if phase.traffic_share == 0 else inline(numbers.percent(phase.traffic_share)),
            "How long": inline(phase.duration),
            "May start when": inline(" ".join(phase.entry)),
            "Goes back when": inline(phase.rollback),
        }
        for phase in phases
    )


def exit_lines(phases: Sequence[Phase]) -> list[str]:
    """What must hold before a step ends: conditions of all steps first, then those of single ones."""
    first = phases[0].exit if phases else ()
    shared = [condition for condition in first if all(condition in phase.exit for phase in phases)]
    single = [f"{phase.name}: {c}" for phase in phases for c in phase.exit if c not in shared]
    return [*shared, *single]
