"""Deciding again from any page, and telling once what that changed."""

import streamlit as st

from advisor.errors import AdvisorError
from advisor.types import Study
from advisor.ui import queries, state
from advisor.ui.components.text import inline
from advisor.ui.server import store
from advisor.ui.views.verdicts import changes


def decide_again(study: Study, *, given: str) -> bool:
    """Decide on the newest answers, and keep for the next page what changes ``given`` something; False: it failed."""
    from advisor.study.decisions import decide

    before = queries.report(study.id)
    try:
        with st.spinner("Weighing the answers ..."):
            after = decide(store(), study)
    except AdvisorError as error:
        st.error(inline(str(error)))
        return False
    if before is not None:
        state.remember(state.DECIDED, changes(before.recommendation, after.recommendation, given=given))
    return True


def show_decided() -> None:
    """What the last decision changed, once."""
    told = state.recall(state.DECIDED)
    if isinstance(told, str):
        st.success(inline(told), icon=":material/published_with_changes:")
        state.remember(state.DECIDED, None)
