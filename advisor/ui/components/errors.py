"""Errors on the screen."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from advisor.errors import AdvisorError
from advisor.ui.components.text import inline


@contextmanager
def say_errors(say: Callable[..., Any] = st.error) -> Iterator[None]:
    """Say what was refused and why, and skip the rest of the block, or of the function that this decorates.

    A callback, which can't draw, says it by ``st.toast``.
    """
    try:
        yield
    except AdvisorError as error:
        say(inline(str(error)), icon=":material/error:")
