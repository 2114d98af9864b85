"""The drop that each use case accepts, in answers, and changing it before a run: afterwards it would follow results."""

import streamlit as st

from advisor.collect import use_cases
from advisor.errors import AdvisorError
from advisor.judge.endpoints import endpoint_of, margin
from advisor.text.scenarios import accepted_words, point_words
from advisor.types import Lane, Study, UseCase
from advisor.ui import navigation, queries
from advisor.ui.components.text import inline
from advisor.ui.server import store

MOST = 8
"""Use cases with a field each; the drops of more are changed on their page."""


def show(study: Study, lane: Lane) -> None:
    """One line, and a way to change it."""
    cases = [case for case in queries.use_cases(study.id) if not case.ignored]
    drops = [(case.name, endpoint_of(case, lane), margin(study, case, lane)) for case in cases]
    point = point_words(endpoint for _, endpoint, _ in drops)
    with st.container(horizontal=True, vertical_alignment="center", key="accepted"):
        st.markdown(f":material/trending_down: {inline(accepted_words(drops))} {inline(point)}", width="content")
        if len(cases) > MOST:
            st.page_link(navigation.USE_CASES, label="Change", icon=":material/edit:", width="content")
            return
        with st.popover("Change", icon=":material/edit:", width="content"):
            st.caption(inline(point))
            for case in cases:
                _ask(study, case, lane)


def _ask(study: Study, case: UseCase, lane: Lane) -> None:
    now = round(100 * margin(study, case, lane), 4)
    key = f"accepted_{case.id}_{now}"  # a new field where it was changed elsewhere or taken back
    st.number_input(
        f"{inline(case.name)}: acceptable drop, pts",
        min_value=min(0.1, now),
        max_value=99.0,
        value=now,
        step=0.5,
        format="%g",
        key=key,
        on_change=_keep,
        args=(case, key, now),
    )


def _keep(case: UseCase, key: str, now: float) -> None:
    if st.session_state[key] == now:  # Streamlit also calls for a field that has just left the page
        return
    try:
        use_cases.change(store(), case, margin=round(st.session_state[key] / 100, 6))
    except AdvisorError as error:
        st.toast(inline(str(error)))
