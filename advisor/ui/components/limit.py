"""An optional number: an empty box means no limit or the default."""

from typing import Any

import streamlit as st


def ask_limit(place: Any, label: str, kept: float | None, *, key: str, **options: Any) -> float | None:
    """Ask for a limit in ``place``, a column or ``st``; ``kept`` stands there first and can be cleared.

    A box with a default of its own falls back to it when it is emptied, and shows no cross to empty it.
    """
    st.session_state.setdefault(key, kept)
    value: float | None = place.number_input(label, value=None, key=key, **options)
    return value
