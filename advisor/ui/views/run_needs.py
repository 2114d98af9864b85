"""Before a replay: whether so many answers can make anything sure, use case by use case."""

import pandas as pd
import streamlit as st

from advisor.study.planning import Need
from advisor.study.quoting import Quote
from advisor.text import numbers
from advisor.text.numbers import percent, points
from advisor.text.runs import run_note
from advisor.types import RunOptions, Study
from advisor.ui import queries_plan
from advisor.ui.components.text import inline


def show_needs(study: Study, setup: RunOptions, quote: Quote) -> None:
    """What the run will not decide, openly; use case by use case in a box, worked out when it is opened."""
    if lacking := queries_plan.lacking(study.id, setup):
        st.info(inline(run_note(lacking)), icon=":material/target:")
    box = st.expander(
        "Is that enough to be sure?", icon=":material/target:", key="run_needs", on_change="rerun", expanded=False
    )
    if not box.open:
        return
    with box:
        rows = [
            {
                "Use case": need.use_case,
                "Enough": "decided already" if need.is_decided else enough_words(need),
                "Asked": need.asked,
                "Worth at least": need.worth,
                "In the log": need.available,
                "Limit": f"−{points(need.margin)}",
                "Needed": need_words(need),
                "Price": None if need.cost_usd is None or study.is_sample else numbers.dollars(need.cost_usd),
            }
            for need in queries_plan.needs(study.id, setup, quote)
        ]
        table = pd.DataFrame(rows)
        st.dataframe(
            table.astype({"Worth at least": "Int64"}).dropna(axis="columns", how="all"),
            hide_index=True,
            placeholder=numbers.UNKNOWN,
            key="needs",
            alt="How many samples each use case is asked about in this run, and how many a sure answer would need",
        )
        st.caption(
            "Needed: samples that show with 80 % probability that a model as good as today's is not worse than the "
            "limit, by how often the two differ. After a first run: at what that run saw. A clearly better or worse "
            "model needs fewer. Price: of as many samples as are needed. Worth: where samples share a conversation, a "
            "template or a passage they may go wrong together; so many that share nothing they stand for at least."
        )


def enough_words(need: Need) -> str:
    """Whether the run can make this use case sure."""
    if need.is_enough is None:
        return "perhaps"
    return "yes" if need.is_enough else "no, ask more" if need.can_be_enough else "no, nor has the log enough"


def need_words(need: Need) -> str:
    """How many samples a sure answer takes."""
    if need.seen is not None:
        return f"about {need.seen:,}, by what was seen"
    if len(need.guesses) == 1:
        return f"about {need.guesses[0][1]:,}"
    return ", ".join(f"{n:,} if they differ on {percent(share)}" for share, n in need.guesses)
