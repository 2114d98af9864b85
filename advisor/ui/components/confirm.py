"""Asking once more: before something is deleted for good, and before a key goes to a foreign host."""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from advisor.errors import AdvisorError, UnconfirmedKey
from advisor.ui import state
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline


def delete_button(place: DeltaGenerator, doomed: str, *, key: str, label: str = "Delete") -> bool:
    """The button that asks to delete ``doomed``, such as ``study:3``; whether a visitor has pressed it."""
    place.button(
        label,
        key=key,
        type="tertiary",
        icon=":material/delete:",
        on_click=state.remember,
        args=(state.DELETING, doomed),
    )
    return state.recall(state.DELETING) == doomed


def confirm_delete(question: str, label: str, delete: Callable[[], None], *, key: str) -> None:
    """The question with one button that deletes and one that does not. ``question`` is already safe Markdown."""
    st.warning(f"{question} You can't undo this.", icon=":material/delete_forever:")
    with st.container(horizontal=True):
        st.button(label, key=f"really_delete_{key}", icon=":material/delete_forever:", on_click=_delete, args=(delete,))
        _keep("Keep it", key)


def refuse_delete(reason: str, *, key: str) -> None:
    """Why it cannot be deleted now."""
    st.warning(reason, icon=":material/block:")
    _keep("Close", key)


def _keep(label: str, key: str) -> None:
    st.button(label, key=f"keep_{key}", on_click=state.remember, args=(state.DELETING, None))


@say_errors(st.toast)
def _delete(delete: Callable[[], None]) -> None:
    state.remember(state.DELETING, None)
    delete()


def checked_save(save: Callable[[bool], None]) -> None:
    """Save a model and redraw, or say why not; ``save`` is told whether a person let a foreign host have the key."""
    try:
        with st.spinner("Checking the model ID …"):
            save(False)
    except UnconfirmedKey as error:
        confirm_key(error, lambda: save(True))
    except AdvisorError as error:
        st.error(inline(str(error)))
    else:
        st.rerun()


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


@say_errors(st.toast)
def _save(save: Callable[[], None]) -> None:
    save()
