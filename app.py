"""Navigation, sign-in gate and title; every page runs through here.

Streamlit imports this file once to get the server, ``app``, and runs it as a script for each visitor.
"""

from contextlib import nullcontext, suppress
from pathlib import Path

import streamlit as st

# A file: for a page's own Material icon the browser would ask a host in the internet.
UI = Path(__file__).parent / "advisor" / "ui"
ICON = UI / "icon.svg"

if __name__ == "__main__":
    from advisor.errors import AdvisorError
    from advisor.ui import access, auth, navigation, server, state
    from advisor.ui import page as missing_study
    from advisor.ui.page import PageEnds

    st.set_page_config(page_title="Migration Advisor", page_icon=str(ICON), layout="wide")
    auth.require_sign_in()
    st.html(UI / "style.css")
    st.html(f"<script>{access.FOCUS_SCRIPT}</script>", unsafe_allow_javascript=True)
    page = st.navigation(navigation.sections(), expanded=True)
    try:
        server.store()
        server.ensure_worker()
        missing = state.pick_study()
        st.title(page.title)
        opens = state.recall(state.OPEN_PAGE) != page.title
        state.remember(state.OPEN_PAGE, page.title)
        if opens:
            state.arrive()
        if missing is None:
            # What is on an open page stays. The empty element keeps all others at their places: one that moves shows
            # what was inside the one before it until the page is done.
            skeleton = st.skeleton(height=320) if opens else nullcontext(st.empty())
            with skeleton, suppress(PageEnds):
                page.run()
        else:
            missing_study.show(missing, page)
    except AdvisorError as error:
        st.error(str(error))
else:
    from advisor.ui import access, navigation

    access.check_start()
    navigation.prepare()
    app = st.App(__file__, lifespan=access.open_browser, middleware=access.MIDDLEWARE)
