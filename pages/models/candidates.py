"""Candidates: pick models with price, licence and hardware, and probe them before money is spent."""

import streamlit as st

from advisor.ui import page, queries
from advisor.ui.models import candidates, new_model

study = page.open_page()
models = queries.models(study.id)

candidates.headline(models)
candidates.watch_probes(study)
candidates.show_models(study, models)

st.header("Add a model")
new_model.offer_catalog()
candidates.offer_control(study)
candidates.offer_builtin(study, models)
new_model.add_model(study)
