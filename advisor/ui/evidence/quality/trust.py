"""How reliable the judges are, and the versions of questions and checks behind the scores."""

import pandas as pd
import streamlit as st

from advisor.analysis.verdict.exam import exam_result
from advisor.text.scores import CONTROLS, exam_words, judge_words
from advisor.text.warnings import version, warning
from advisor.types import ControlKind, Recommendation
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline


def show_judges(recommendation: Recommendation) -> None:
    """The report card: the exam, and for every judge its votes and its control pairs by kind."""
    if not recommendation.judging.judges:
        return
    with st.expander("Judge reliability", icon=":material/balance:", key="judges"):
        st.markdown(f"**{inline(exam_words(exam_result(recommendation.judging.exam)))}**")
        for judge in recommendation.judging.judges:
            st.markdown(f"**{inline(judge.judge)}** · {inline(judge_words(judge))}")
            for each in judge.warnings:
                st.warning(inline(warning(each)), icon=":material/warning:")
        controls = control_rows(recommendation)
        if not controls.empty:
            show_table(
                controls,
                key="controls",
                alt="Control pairs, by kind, in which each judge found the better answer in both orders",
            )
            st.caption("A control pair is an answer next to a spoiled copy. It never counts in a score.")


def show_versions(recommendation: Recommendation) -> None:
    """What the scores were made with, where a person chose it."""
    for each in recommendation.remarks.versions:
        st.caption(inline(version(each)))


def control_rows(recommendation: Recommendation) -> pd.DataFrame:
    """One row per judge, one column per kind of control pair."""
    results = {judge.judge: judge.anchors for judge in recommendation.judging.judges}
    return pd.DataFrame(
        {"Judge": name}
        | {CONTROLS[ControlKind(kind)].capitalize(): f"{found} of {asked}" for kind, (found, asked) in controls.items()}
        for name, controls in results.items()
        if controls
    )
