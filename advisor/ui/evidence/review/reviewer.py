"""Who reviews, by study."""

import streamlit as st

from advisor.ui import queries, state
from advisor.ui.components.text import inline


def reviewer_name(study_id: int) -> str:
    """Who judges pairs of a study in this session; empty: nobody has said so."""
    given = state.recall(name_key(study_id))
    return str(st.user.get("name") or st.user.get("email") or "" if given is None else given)


def name_key(study_id: int) -> str:
    """Under which the session keeps the name: of one study."""
    return f"{state.REVIEWER}_{state.address_of(queries.study(study_id))}"


def ask_reviewer(study_id: int) -> str:
    """Who judges; reviews are kept under this name. Once it is given its field goes, which would swallow the keys."""
    key = name_key(study_id)
    if name := reviewer_name(study_id):
        with st.container(width=220):
            st.markdown(f"Reviewing as **{inline(name)}**")
            st.button("Change", key="change_reviewer", type="tertiary", on_click=state.remember, args=(key, ""))
        return name
    name = st.text_input("Your name", key="reviewer_name", width=220, help="Kept with each review.").strip()
    if name:
        state.remember(key, name)
        st.rerun()
    return ""
