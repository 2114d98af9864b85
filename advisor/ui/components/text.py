"""Text from a log, shown as it is: never as Markdown or HTML, which could carry an image that calls home."""

import re

import streamlit as st

from advisor.types.texts import code_of, spell_out

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the direction of what follows them."""
_LINKING = re.compile(r"(?<=:)(?=//)|(?<=\bwww)(?=\.)|(?<=@)", re.IGNORECASE)
"""Where an address begins to be one: Markdown makes links of bare ones, however they're escaped."""
_HYPHENED = re.compile(r"(?<!\S)(?=\S{4,32}(?!\S))(?:\w|\\[.-])*\w\\-(?:\w|\\[.-])*\w")
"""A short word with a hyphen, such as a model's name, as :func:`inline` gives it."""
_APART = "\u2060"
"""Shows nothing and breaks no line."""


def plain(text: str, *, height: int | None = None, key: str) -> None:
    """Show logged text as plain text that wraps; ``height`` in pixels makes it scroll."""
    with st.container(key=key):
        st.code(_TURNING.sub(code_of, text) or " ", language=None, wrap_lines=True, height=height or "content")


def inline(text: str) -> str:
    """A name or a reason from a log or a person, safe inside Markdown: no markup and no links, on one line."""
    shown = _LINKING.sub(_APART, spell_out(" ".join(text.split())))
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])", r"\\\1", shown)


def unbroken(text: str) -> str:
    """A headline for Markdown, like :func:`inline`: no line ends inside a model's name (style.css)."""
    return _HYPHENED.sub(r"**\g<0>**", inline(text))
