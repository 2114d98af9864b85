"""Two price lists side by side, on the page Cost."""

from collections.abc import Sequence
from datetime import UTC

import pandas as pd
import streamlit as st

from advisor.study.price_check import CheckedPrice, ListedRates
from advisor.text import numbers
from advisor.text.prices import price_source
from advisor.types import Report
from advisor.ui import queries, queries_money
from advisor.ui.components.text import inline


def show_price_check(report: Report) -> None:
    """What both lists say now about every model of the study, and where they differ."""
    study_id = queries.run(report.recommendation.run).study_id
    known = [price for price in queries_money.checked_prices(study_id) if price.first or price.second]
    if not known:
        st.caption("No price list knows any of these models.")
        return
    if any(price.differs for price in known):
        st.warning(check_sentence(known), icon=":material/compare_arrows:")
    else:
        st.markdown(check_sentence(known))
    st.dataframe(
        check_rows(known),
        hide_index=True,
        column_config={"Model": st.column_config.Column(pinned=True)},
        key="price_check",
        alt="What two price lists say about every model, in dollars per million tokens, and where they differ.",
    )
    st.caption(
        "Dollars per million tokens of input, cached input and output; times are UTC. The first list is charged, or "
        "the second where the first has nothing; prices that you gave come before both. Lists are never averaged."
    )


def check_sentence(checked: Sequence[CheckedPrice]) -> str:
    """Whether the lists agree, in one sentence."""
    differing = [price for price in checked if price.differs]
    compared = sum(price.difference is not None for price in checked)
    if differing:
        names = ", ".join(dict.fromkeys(inline(price.model) for price in differing))
        return (
            f":orange[:material/warning:] The price lists differ by more than 2 % on {names}: check your own contract."
        )
    if not compared:
        return "Only one price list knows these models, so that nothing could be compared."
    return f"Two price lists agree within 2 % on {numbers.count(compared, 'model')}."


def check_rows(checked: Sequence[CheckedPrice]) -> pd.DataFrame:
    """One row per model."""
    return pd.DataFrame(
        {
            "Model": price.model,
            "Where": "in the log" if price.in_log else "registered",
            "Lists differ": difference_words(price),
            "First list": rate_words(price.first),
            "Second list": rate_words(price.second),
            "At the prices of": f"{price.at.astimezone(UTC):%Y-%m-%d %H:%M}",
            "Sources": " · ".join(price_source(one) for one in (price.first_source, price.second_source) if one),
        }
        for price in checked
    )


def rate_words(rates: ListedRates | None) -> str:
    """The prices of one list."""
    if rates is None:
        return "not in the list"
    return (
        f"{numbers.price(rates.input)} in, {numbers.price(rates.cache_read)} cached, {numbers.price(rates.output)} out"
    )


def difference_words(price: CheckedPrice) -> str:
    """By how much the lists differ."""
    if price.difference is None:
        return "only one list"
    if not price.differs:
        return "no"
    return (
        f"yes, by {numbers.percent(price.difference)}" if price.difference != float("inf") else "yes, one has it free"
    )
