"""Summary: pick or create a study, see its state and next step."""

import streamlit as st

from advisor.ui import queries, state
from advisor.ui.decision import watch
from advisor.ui.summary import summary

studies = queries.studies()
current = state.current_study()

if current is None:
    summary.welcome()
    st.stop()

summary.headline(current)
watch.show_watch(current)
st.header("Studies")
for study in studies:
    summary.show_study(study)
summary.new_study(studies)
