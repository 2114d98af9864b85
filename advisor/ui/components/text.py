"""Text from a log, shown as it is: never as Markdown or HTML, which could carry an image that calls home."""

import re

import streamlit as st


def plain(text: str, *, height: int | None = None, key: str) -> None:
    """Show logged text as plain text that wraps; ``height`` in pixels makes it scroll."""
    with st.container(key=key):
        st.code(text or " ", language=None, wrap_lines=True, height=height or "content")


def inline(text: str) -> str:
    """A name that came from a log or a person, safe inside Markdown: nothing in it is markup, on one line."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])", r"\\\1", " ".join(text.split()))
