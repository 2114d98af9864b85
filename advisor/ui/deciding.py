"""Deciding again from any page, and telling once what came of it."""

import streamlit as st

from advisor.errors import AdvisorError
from advisor.types import Study
from advisor.ui import queries, state
from advisor.ui.components.text import inline
from advisor.ui.server import store
from advisor.ui.views.verdicts import changes


def decide_again(study: Study, *, given: str) -> bool:
    """Decide on the newest answers, and keep to be told what changes ``given`` something; False: it failed."""
    from advisor.study.decisions import decide

    try:
        before = queries.report(study.id)
        with st.spinner("Weighing the answers ..."):
            after = decide(store(), study)
    except AdvisorError as error:
        tell(str(error), failed=True)
        return False
    if before is not None:
        changed = changes(before.recommendation, after.recommendation)
        tell(f"Updated. {changed}" if changed else f"Updated: with {given} nothing changes.")
    return True


def tell(text: str, *, failed: bool = False) -> None:
    """Keep what came of deciding until a page shows it."""
    state.remember(state.DECIDED, (text, failed))


def show_decided() -> None:
    """What came of the last decision, once."""
    told = state.recall(state.DECIDED)
    if isinstance(told, tuple):
        text, failed = told
        if failed:
            st.error(inline(text), icon=":material/error:")
        else:
            st.success(inline(text), icon=":material/published_with_changes:")
        state.remember(state.DECIDED, None)
