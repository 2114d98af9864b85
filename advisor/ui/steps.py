"""A next step with the way to it, the same on every page."""

from typing import Literal

import streamlit as st

from advisor.measure.registration import register_and_probe
from advisor.measure.suggestions import offer_judge
from advisor.store.engine import Change
from advisor.text.advice.steps import step_words
from advisor.text.catalog import judge_note
from advisor.types import Message, Report, Role, Step, Study
from advisor.ui import navigation, page, queries
from advisor.ui.cache import cached
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.log.traffic import profile
from advisor.ui.server import store
from advisor.ui.stage import FOR_A_JUDGE, WHERE, place_of, query_of, tested_by
from advisor.ui.state import ROLE

Look = Literal["primary", "secondary", "tertiary"]
"""Of a button."""


def show_step(study: Study, report: Report, step: Message, *, key: str, look: Look = "tertiary") -> None:
    """What to do, and the way to it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        icon = ":orange[:material/pending_actions:]" if step.code in WHERE else ":green[:material/play_circle:]"
        st.markdown(f"{icon} {inline(step_words(report, step))}", width="content")
        if step.code in WHERE:
            offer_step(study, report, step, key=key, look=look)


def offer_step(study: Study, report: Report, step: Message, *, key: str, look: Look = "tertiary") -> None:
    """The way to a step alone: a button, or a link where it is on another page and nothing else happens."""
    target, label = place_of(step, study)
    query, is_run = query_of(study, report, step), target == navigation.RUN and step.code != Step.FINISH_RUN
    if step.code in FOR_A_JUDGE:
        add_judge(study, label, key=key, look=look)
    elif model := tested_by(step, study):
        page.offer_test(study, model, key=key, type=look)
    elif look == "tertiary" and not is_run:
        st.page_link(target, label=label, icon=":material/arrow_forward:", width="content", query_params=query)
    elif st.button(label, key=key, type=look, icon=f":material/{'play_circle' if is_run else 'arrow_forward'}:"):
        if is_run:
            page.plan_run(study)
        navigation.go_to(target, query)


@say_errors()
def add_judge(study: Study, label: str, *, key: str, look: Look = "tertiary") -> None:
    """A button that adds the judge that is suggested; without one that has a key, the way to where one is added."""
    found = offer_judge(queries.models(study.id), logged_models(study.id), queries.served(), another=True)
    model, note = found and found.model, None
    if found is not None and model is not None:
        label = f"{label}, {model.name.removesuffix(' (judge)')}"
        note = inline(judge_note(model.litellm_id, found.usd_per_1k))
    if st.button(inline(label), key=key, type=look, icon=":material/gavel:", help=note):
        if model is None:
            navigation.go_to(navigation.CANDIDATES, {ROLE: Role.JUDGE.value})
        else:
            register_and_probe(store(), study, model)
            page.plan_run(study)


@cached(Change.SETUP, most=16)
def logged_models(study_id: int) -> tuple[str, ...]:
    """The models of the log."""
    return tuple(found.name for found in profile(study_id).models if found.name)
