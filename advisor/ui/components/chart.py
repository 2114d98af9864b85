"""A chart on the screen."""

from typing import Any

import streamlit as st

from advisor.charts.rows import Chart
from advisor.ui.components.text import inline


def show(chart: Chart[Any], *, key: str, is_titled: bool = True, **options: Any) -> None:
    """Show a chart in the theme's colours under its take-away, with all of it in words for those who cannot see it.

    ``is_titled``: not where the take-away is said above it already. ``options`` go to ``st.plotly_chart``.
    """
    if is_titled:
        st.markdown(f"**{inline(chart.title)}**")
    bare = {"displayModeBar": False}  # its buttons cover what is at the top right
    st.plotly_chart(chart.figure, theme="streamlit", key=key, alt=chart.alt, config=bare, **options)
