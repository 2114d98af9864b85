"""A chart on the screen."""

from typing import Any

import streamlit as st

from advisor.charts.chart import Chart


def show(chart: Chart[Any], *, key: str) -> None:
    """Show a chart in the colours of the theme, with its take-away for those who cannot see it."""
    st.plotly_chart(chart.figure, theme="streamlit", key=key, alt=chart.alt, config={"displaylogo": False})
