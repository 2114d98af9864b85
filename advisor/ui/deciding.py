"""Deciding where a page finds the stored decision outdated, and telling once what that changed."""

import streamlit as st

from advisor.types import Study
from advisor.ui import queries, state
from advisor.ui.components.text import inline
from advisor.ui.components.verdicts import changes
from advisor.ui.server import store


def update(study: Study) -> None:
    """Decide on the evidence there is now, and keep to be told what that changed. Raises AdvisorError."""
    from advisor.decide.decisions import decide

    before = queries.report(study.id)
    with st.spinner("Updating the decision ..."):
        after = decide(store(), study)
    if before is not None and (changed := changes(before.recommendation, after.recommendation)):
        tell(f"Updated. {changed}")


def tell(text: str, *, failed: bool = False) -> None:
    """Keep something to say until a page with a decision shows it."""
    state.remember(state.DECIDED, (text, failed))


def show_told() -> None:
    """What was kept to be told, once."""
    told = state.recall(state.DECIDED)
    if isinstance(told, tuple):
        text, failed = told
        if failed:
            st.error(inline(text), icon=":material/error:")
        else:
            st.success(inline(text), icon=":material/published_with_changes:")
        state.remember(state.DECIDED, None)
