"""The address names a study that isn't there: say so, never show another one."""

import streamlit as st

from advisor.ui import queries, state
from advisor.ui.components.text import inline


def show(name: str, page: st.Page) -> None:
    """Say that no study has this name, and offer to open the page with one that is there."""
    st.warning(
        f"Study **{inline(name)}** not found. It may have been deleted, or the link is wrong.",
        icon=":material/link_off:",
    )
    studies = queries.studies()
    for study in studies:
        if st.button(f"Open {inline(study.name)}", key=f"open_{study.id}", icon=":material/arrow_forward:"):
            st.switch_page(page, query_params={state.STUDY: study.name})
    if not studies and st.button("Start over", key="start_over"):
        state.leave_study(name)
        st.switch_page(page, query_params={})
