"""The sign-in gate: with ``[auth]`` in secrets.toml everyone signs in, else the app is open to whoever reaches it."""

import streamlit as st

from advisor.errors import BadInput
from advisor.settings import has_sign_in


def require_sign_in() -> None:
    """Stop here until the visitor has signed in, where sign-in is set up."""
    try:
        needed = has_sign_in()
    except BadInput as error:
        st.error(str(error))
        st.stop()
    if not needed:
        return
    if not getattr(st.user, "is_logged_in", False):
        st.title("Migration Advisor")
        st.write("Sign in to see the studies of your team.")
        st.button("Sign in", type="primary", icon=":material/login:", key="sign_in", on_click=st.login)
        st.stop()
    st.sidebar.caption(f"Signed in as {_plain(str(st.user.get('email') or st.user.get('name') or 'you'))}")
    st.sidebar.button("Sign out", icon=":material/logout:", key="sign_out", type="tertiary", on_click=st.logout)


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum() or letter in " .@-_+")
