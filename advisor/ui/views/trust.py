"""How far the judges can be trusted, and which versions of questions and checks the scores were made with."""

import pandas as pd
import streamlit as st

from advisor.analysis.trust import KINDS, judge_words
from advisor.types import JudgeFacts, Recommendation
from advisor.ui import format
from advisor.ui.components.text import inline


def show_judges(recommendation: Recommendation) -> None:
    """Every judge of the run: what it could not say, how it turns, what it sees of planted pairs."""
    if not recommendation.judges:
        return
    with st.expander("How far the judge can be trusted", icon=":material/balance:", key="judges"):
        for judge in recommendation.judges:
            st.markdown(f"**{inline(judge.judge)}** · {inline(judge_words(judge))}")
            for warning in judge.warnings:
                st.warning(inline(warning), icon=":material/warning:")
        planted = planted_rows(recommendation.judges)
        if not planted.empty:
            st.dataframe(
                planted,
                hide_index=True,
                placeholder=format.UNKNOWN,
                key="planted",
                alt="How many planted pairs of each kind each judge saw through",
            )
            st.caption(
                "Planted pairs hold the baseline's answer beside itself, or a copy that was cut off, made wrong, made "
                "longer, or made to tell the judge what to say. They are no part of any score."
            )


def show_versions(recommendation: Recommendation) -> None:
    """What the scores were made with, where a person chose it."""
    for words in recommendation.versions:
        st.caption(inline(words))


def planted_rows(judges: tuple[JudgeFacts, ...]) -> pd.DataFrame:
    """One row per judge, one column per kind of planted pair."""
    return pd.DataFrame(
        {"Judge": judge.judge}
        | {KINDS.get(kind, kind).capitalize(): f"{seen} of {n}" for kind, (seen, n) in judge.anchors.items()}
        for judge in judges
        if judge.anchors
    )
