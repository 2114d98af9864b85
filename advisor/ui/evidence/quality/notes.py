"""Notes of people on a pair, as plain text."""

import streamlit as st

from advisor.judge.agreement import PairKey
from advisor.store.run.reviews import LONGEST, list_notes, remove_note, save_note
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.server import store

WRITTEN = "gallery_note"


def show_notes(pair: PairKey, reviewer: str) -> None:
    """What people wrote about a pair."""
    for number, note in enumerate(list_notes(store(), *pair)):
        with st.container(horizontal=True, vertical_alignment="center", key=f"note_{number}"):
            st.caption(f"{inline(note.author)} · {note.at:%d %b %Y, %H:%M} UTC", width="content")
            st.text(note.text)
            if note.author == reviewer:
                st.button("Delete", key="note_delete", type="tertiary", on_click=_remove, args=(pair, reviewer))


def ask_note(pair: PairKey, reviewer: str) -> None:
    """A field for one's own note, once a name is given."""
    own = next((note.text for note in list_notes(store(), *pair) if note.author == reviewer), "")
    with st.popover("Edit your note" if own else "Add a note", icon=":material/edit_note:", disabled=not reviewer):
        key = f"{WRITTEN}_{hash((pair, reviewer, own))}"  # another note is another field
        st.text_area("Note", own, key=key, max_chars=LONGEST)
        st.button("Save note", key="note_save", on_click=_save, args=(pair, reviewer, key))


def _save(pair: PairKey, reviewer: str, key: str) -> None:
    with say_errors(st.toast):
        save_note(store(), *pair, author=reviewer, text=st.session_state[key])


def _remove(pair: PairKey, reviewer: str) -> None:
    with say_errors(st.toast):
        remove_note(store(), *pair, author=reviewer)
