"""Navigation, sign-in gate and title; every page runs through here."""

from pathlib import Path

import streamlit as st

from advisor.errors import AdvisorError
from advisor.ui import auth, navigation, server, state

# A file: for a page's own Material icon the browser would ask a host in the internet.
ICON = Path(__file__).parent / "advisor" / "ui" / "icon.svg"

st.set_page_config(page_title="Migration Advisor", page_icon=str(ICON), layout="wide")
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
