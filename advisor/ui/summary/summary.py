"""Summary: what the product does, and the studies to open, create or delete."""

import streamlit as st

from advisor.jobs.sample import SAMPLE_STUDY, load_sample
from advisor.measure.studies import create_study, delete_study
from advisor.store.run.reviews import mark_reviews
from advisor.text import numbers
from advisor.types import Study
from advisor.types.studies import Stage
from advisor.ui import navigation, queries, stage, state
from advisor.ui.components.confirm import confirm_delete, delete_button
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.server import store

WHAT_IT_DOES = (
    "Can an open-weight model replace the closed model you pay for? Migration Advisor answers that for each use case. "
    "It replays your prompt log against both, compares quality, cost and latency, and writes a decision, a plan "
    "and a PDF."
)
SAMPLE_CAPTION = "Sample data from a fictional help desk. Free, no key needed, nothing leaves this machine."
MOST_ROWS = 10
"""With more studies the list scrolls."""
TALL = 520
"""Pixels that so many take."""
STEPS = (
    ("upload_file", "Collect", "Import a prompt log and choose whether to redact personal data."),
    ("play_circle", "Measure", "Pick candidates, see the price, replay a sample."),
    ("balance", "Compare", "See quality, cost and latency, with the worst answers side by side."),
    ("checklist", "Decide", "Set your limits, read the plan, share the PDF."),
)


def welcome() -> None:
    """The first screen, until there is a study."""
    st.markdown(WHAT_IT_DOES)
    with st.container(border=True, key="first_step"):
        with st.container(horizontal=True):
            if st.button("Load the sample study", key="load_sample", type="primary", icon=":material/science:"):
                _load_sample()
            if st.button("Start with your own prompt log", key="own_log", icon=":material/upload_file:"):
                navigation.go_to(navigation.PROMPT_LOG)
        st.caption(SAMPLE_CAPTION)
    for column, (icon, name, text) in zip(st.columns(len(STEPS)), STEPS, strict=True):
        column.markdown(f":material/{icon}: **{name}**")
        column.caption(text)


def show_studies(studies: list[Study], current: Study) -> None:
    """Every study in a row: open it, see its state, delete it. Then a new one."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header("Studies", width="content")
        with st.popover("New study", icon=":material/add:"):
            _new_study(studies)
    with st.container(height=TALL if len(studies) > MOST_ROWS else "content", border=False):
        for study in studies:
            _show_row(study, is_current=study.id == current.id)


def _show_row(study: Study, *, is_current: bool) -> None:
    standing = stage.standing(study)
    row = st.container(horizontal=True, vertical_alignment="center", key=f"study_{study.id}")
    name, created = inline(study.name), numbers.ago(study.created_at)
    words = standing.words if standing.words.endswith(created) else f"{standing.words} · created {created}"
    if is_current:
        row.markdown(f"**{name}** · {words}", width="stretch")
    else:
        if row.button(name, key=f"open_study_{study.id}", type="tertiary", icon=":material/arrow_forward:"):
            state.select_study(state.address_of(study))
            st.rerun()
        row.markdown(words, width="stretch")
    if delete_button(row, f"study:{study.id}", key=f"delete_{study.id}"):
        _confirm_delete(study, standing.stage)


def _new_study(studies: list[Study]) -> None:
    with st.form("new_study", border=False):
        name = st.text_input("Study name", key="new_study_name", placeholder="For example: Help desk 2026")
        created = st.form_submit_button("Create study", key="create_study", icon=":material/add:")
    if created:
        _create(name.strip(), studies)
    if not any(study.is_sample for study in studies):
        if st.button("Load the sample study", key="load_sample", icon=":material/science:"):
            _load_sample()
        st.caption(SAMPLE_CAPTION)


@say_errors()
def _load_sample() -> None:
    with st.spinner("Loading the sample study …"):
        load_sample(store())
    state.select_study(SAMPLE_STUDY)
    st.rerun()


@say_errors()
def _create(name: str, studies: list[Study]) -> None:
    if name in {study.name for study in studies}:
        st.error(f"A study named {inline(name)} already exists. Choose another name.")
        return
    create_study(store(), name)
    state.select_study(name)
    navigation.go_to(navigation.PROMPT_LOG)


def _confirm_delete(study: Study, reached: Stage) -> None:
    key = str(study.id)
    runs = queries.runs(study.id)
    answers = sum(queries.tally(run.id).succeeded for run in runs)
    is_running = reached is Stage.RUNNING
    reviews = mark_reviews(store(), [run.id for run in runs])[0]
    held = {"log": len(queries.logs(study.id)), "run": len(runs), "answer": answers, "human review": reviews}
    holds = numbers.listing([numbers.count(n, what) for what, n in held.items() if n or what != "human review"], 4)
    confirm_delete(
        ("A replay is running. " if is_running else "") + f"Delete {inline(study.name)} with {holds}?",
        "Cancel replay and delete study" if is_running else "Delete study",
        lambda: _delete(study),
        key=key,
    )


def _delete(study: Study) -> None:
    delete_study(store(), study.id)
    state.leave_study()
