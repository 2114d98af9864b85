"""Navigation, sign-in gate and title; every page runs through here."""

import streamlit as st

from advisor.errors import AdvisorError
from advisor.ui import auth, navigation, server, state

st.set_page_config(page_title="Migration Advisor", layout="wide")
auth.require_sign_in()
page = st.navigation(navigation.sections(), expanded=True)
try:
    server.store()
    server.ensure_worker()
    state.pick_study()
    st.title(page.title)
    page.run()
except AdvisorError as error:
    st.error(str(error))
