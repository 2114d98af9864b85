"""The first thing on the page Prompt log: the decision, or before it what open models could save at list prices."""

import pandas as pd
import streamlit as st

from advisor.money.estimate import TOKENS_MORE, Estimate, is_worth, savings_message
from advisor.money.profile import Profile
from advisor.text import numbers
from advisor.text.headline import headline
from advisor.text.prices import price_source
from advisor.text.traffic import assumed, savings_words
from advisor.types import Study
from advisor.ui import stage
from advisor.ui.components.text import inline


def show(study: Study, profile: Profile) -> None:
    """The decision, once there is one; before it the first savings range and how it was made. Then the next step."""
    standing, estimate = stage.standing(study), profile.savings
    page, action = standing.next_step
    is_range = standing.report is None and estimate is not None and is_worth(estimate) is not False
    with st.container(border=True, key="savings"):
        if standing.report is not None:
            st.markdown(f"#### {inline(headline(standing.report.recommendation))}")
        elif profile.savings_unknown is not None:
            why = savings_words(profile.savings_unknown)
            st.markdown(f"Can't estimate the cost with open models: {why}.")
        elif estimate is not None:
            st.markdown(f"#### {inline(savings_words(savings_message(estimate, profile.monthly_usd)))}")
        if estimate is not None and is_range:
            st.caption(inline(_compared(estimate)))
            if standing.stage is stage.Stage.NO_CANDIDATE:
                action = "Choose candidates to measure it"
        st.page_link(page, label=action, icon=":material/arrow_forward:")
        if estimate is not None and is_range:
            with st.expander("How was this computed?", key="savings_made"):
                st.markdown(inline(assumed(TOKENS_MORE - 1)))
                st.dataframe(
                    _price_rows(estimate),
                    hide_index=True,
                    key="list_prices",
                    alt="The open models of the range with their list prices and what the compared calls would cost.",
                )


def _compared(estimate: Estimate) -> str:
    today = f"{numbers.dollars(estimate.today_usd)} for these calls"
    if estimate.monthly_today_usd is not None:
        today = f"{numbers.dollars(estimate.monthly_today_usd)} a month today"
    text = f"Compared: {numbers.count(estimate.calls, 'call')} with known price and tokens, {today}."
    if estimate.left_out:
        text += f" Excluded: {numbers.count(estimate.left_out, 'call')} without price or tokens."
    return text


def _price_rows(estimate: Estimate) -> pd.DataFrame:
    monthly = estimate.monthly is not None
    return pd.DataFrame(
        {
            "Open model": cost.price.name,
            "Class": cost.price.size,
            "Host": cost.price.host,
            "Input, per million tokens": numbers.price(1e6 * cost.price.rates.input),
            "From cache": numbers.price(1e6 * cost.price.rates.cache_read),
            "Output": numbers.price(1e6 * cost.price.rates.output),
            "A month" if monthly else "The calls in the log": numbers.dollars(
                cost.monthly_usd if monthly else cost.usd
            ),
            "License": cost.price.licence or numbers.UNKNOWN,
            "Sold by": numbers.count(cost.price.hosts, "host"),
            "Price": f"{price_source(cost.price.rates.source)}, {numbers.day(cost.price.as_of)}",
        }
        for cost in estimate.models
    )
