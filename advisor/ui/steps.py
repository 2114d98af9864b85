"""A next step with the way to it, the same on every page."""

import streamlit as st

from advisor.measure.registration import register_and_probe
from advisor.measure.suggestions import offer_judge
from advisor.store.engine import Change
from advisor.text.advice.steps import step_words
from advisor.text.catalog import judge_note
from advisor.types import Message, Model, Report, Role, Step, Study
from advisor.ui import navigation, page, queries
from advisor.ui.cache import cached
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.log.traffic import profile
from advisor.ui.server import store
from advisor.ui.stage import FOR_A_JUDGE, WHERE, place_of, query_of
from advisor.ui.state import ROLE


def show_step(study: Study, report: Report, step: Message, *, key: str, tested: Model | None = None) -> None:
    """What to do, and the way to it; ``tested``: the model that it is to test."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        icon = ":orange[:material/block:]" if step.code in WHERE else ":green[:material/play_circle:]"
        st.markdown(f"{icon} {inline(step_words(report, step))}", width="content")
        if step.code in FOR_A_JUDGE:
            add_judge(study, place_of(step, study)[1], key=key)
        elif tested is not None:
            page.offer_test(study, tested, key=key, type="tertiary")
        elif step.code in WHERE:
            target, label = place_of(step, study)
            if target != navigation.RUN or step.code == Step.FINISH_RUN:
                query = query_of(study, report, step)
                st.page_link(target, label=label, icon=":material/arrow_forward:", width="content", query_params=query)
            elif st.button(label, key=key, type="tertiary", icon=":material/play_circle:"):
                page.plan_run(study)


@say_errors()
def add_judge(study: Study, label: str, *, key: str, is_main: bool = False) -> None:
    """A button that adds the judge that is suggested; without one that has a key, the way to where one is added."""
    found = offer_judge(queries.models(study.id), logged_models(study.id), queries.served(), another=True)
    model, note = found and found.model, None
    if found is not None and model is not None:
        label = f"{label}, {model.name.removesuffix(' (judge)')}"
        note = inline(judge_note(model.litellm_id, found.usd_per_1k))
    if st.button(inline(label), key=key, type="primary" if is_main else "tertiary", icon=":material/gavel:", help=note):
        if model is None:
            navigation.go_to(navigation.CANDIDATES, {ROLE: Role.JUDGE.value})
        else:
            register_and_probe(store(), study, model)
            page.plan_run(study)


@cached(Change.SETUP, most=16)
def logged_models(study_id: int) -> tuple[str, ...]:
    """The models of the log."""
    return tuple(found.name for found in profile(study_id).models if found.name)
