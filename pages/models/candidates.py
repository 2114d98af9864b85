"""Candidates: the registered models with their state, what is still missing, and adding one."""

import streamlit as st

from advisor.ui import page, queries
from advisor.ui.models import candidates, new_model

study = page.open_page()
models = queries.models(study.id)

with st.container():  # one place: what comes and goes in it doesn't move the form, which would lose what is being typed
    candidates.headline(study, models)
    candidates.watch_probes(study, models)
    candidates.ask_for_judge(study, models)
    candidates.show_models(study, models)
    candidates.offer_missing(study, models)
new_model.add_model(study)
