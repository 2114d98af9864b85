"""Overview: pick or create a study, see its state and next step."""

import streamlit as st

from advisor.ui import queries, state
from advisor.ui.decision import watch
from advisor.ui.summary import overview

studies = queries.studies()
current = state.current_study()

if current is None:
    overview.welcome()
    st.stop()

overview.headline(current)
watch.show_watch(current)
st.subheader("Studies")
for study in studies:
    overview.show_study(study)
overview.new_study(studies)
