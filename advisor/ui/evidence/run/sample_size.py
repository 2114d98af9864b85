"""Before a replay: whether the sample is large enough to decide, use case by use case."""

import pandas as pd
import streamlit as st

from advisor.measure.planning import Need
from advisor.measure.quoting import Quote
from advisor.text import numbers
from advisor.text.numbers import percent, points
from advisor.text.runs import run_note
from advisor.types import RunOptions, Study
from advisor.ui.components.text import inline
from advisor.ui.evidence.run import queries as queries_plan


def show_needs(study: Study, setup: RunOptions, quote: Quote) -> None:
    """What the run will not decide, openly; use case by use case in a box, worked out when it is opened."""
    if lacking := queries_plan.lacking(study.id, setup):
        st.info(inline(run_note(lacking)), icon=":material/target:")
    box = st.expander(
        "Is this enough to decide?", icon=":material/target:", key="run_needs", on_change="rerun", expanded=False
    )
    if not box.open:
        return
    with box:
        rows = [
            {
                "Use case": need.use_case,
                "Enough": "decided already" if need.is_decided else enough_words(need),
                "Planned": need.asked,
                "Effective": need.worth,
                "In the log": need.available,
                "Acceptable drop": points(need.margin),
                "Needed": need_words(need),
                "Price": None if need.cost_usd is None or study.is_sample else numbers.dollars(need.cost_usd),
            }
            for need in queries_plan.needs(study.id, setup, quote)
        ]
        table = pd.DataFrame(rows)
        st.dataframe(
            table.astype({"Effective": "Int64"}).dropna(axis="columns", how="all"),
            hide_index=True,
            placeholder=numbers.UNKNOWN,
            key="needs",
            alt="Planned and needed samples of each use case",
        )
        st.caption(
            "Needed: for an 80% chance of confirming a model as good as today's; its price is shown. Effective: the "
            "minimum effective sample size."
        )


def enough_words(need: Need) -> str:
    """Whether the run can decide this use case."""
    if need.is_enough is None:
        return "maybe"
    return "yes" if need.is_enough else "no, add samples" if need.can_be_enough else "no, the log is too small"


def need_words(need: Need) -> str:
    """How many samples a decision takes."""
    if need.seen is not None:
        return f"about {need.seen:,}, from the last run"
    if len(need.guesses) == 1:
        return f"about {need.guesses[0][1]:,}"
    return ", ".join(f"{n:,} if they differ on {percent(share)}" for share, n in need.guesses)
