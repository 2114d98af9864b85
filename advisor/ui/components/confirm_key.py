"""Asking before a key goes to a host that isn't its provider's."""

from collections.abc import Callable

import streamlit as st

from advisor.errors import AdvisorError, UnconfirmedKey
from advisor.ui.components.text import inline


@st.dialog("Send this key to another host?")
def confirm_key(error: UnconfirmedKey, save: Callable[[], None]) -> None:
    """Name the variable and the host; ``save`` is called when a person confirms that the host gets the key."""
    st.markdown(
        f"With every call, **{inline(error.host)}** would get the value of **{inline(error.variable)}**. "
        "Confirm only if this server may have the key."
    )
    with st.container(horizontal=True):
        sent = st.button("Send the key", key="confirm_key", type="primary", on_click=_save, args=(save,))
        kept = st.button("Cancel", key="refuse_key")
    if sent or kept:
        st.rerun()


def _save(save: Callable[[], None]) -> None:
    try:
        save()
    except AdvisorError as error:
        st.toast(inline(str(error)), icon=":material/error:")
