"""Tables, lists, and boxes that open."""

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from advisor.text import numbers
from advisor.ui.components.text import inline


def show_table(
    rows: Any,
    *,
    key: str,
    alt: str,
    pinned: str | None = None,
    columns: Mapping[str, Any] | None = None,
    **options: Any,
) -> None:
    """Show rows as a table; ``pinned``: the column that stays in sight, ``columns``: how others are shown."""
    config = {pinned: st.column_config.Column(pinned=True)} if pinned else {}
    options.setdefault("placeholder", numbers.UNKNOWN)
    st.dataframe(rows, hide_index=True, key=key, alt=alt, column_config={**config, **(columns or {})}, **options)


def opened(title: str, *, icon: str, key: str) -> DeltaGenerator | None:
    """A box that is closed at first, for what is made when it is opened; None while it is closed."""
    box = st.expander(title, icon=f":material/{icon}:", key=key, on_change="rerun", expanded=False)
    return box if box.open else None


def show_list(lines: Iterable[str]) -> None:
    """Show each line as a bullet point, as plain text."""
    st.markdown("\n".join(f"- {inline(line)}" for line in lines))
