"""A new load test: its limits, what it costs and where the data goes, all before anything is spent."""

from dataclasses import replace

import streamlit as st

from advisor.measure.load_tests import (
    MAX_CONCURRENCY,
    MOST_CONCURRENCY,
    LoadQuote,
    LoadSetup,
    file_load_test,
    quote_load_test,
)
from advisor.store.engine import Change
from advisor.text import numbers
from advisor.types import StoredModel, Study
from advisor.ui import queries
from advisor.ui.cache import cached
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.destinations import allow_unpriced, say_where
from advisor.ui.server import store


@say_errors()
def choose_and_start(study: Study, model: StoredModel) -> None:
    """Choose the limits, show the quote, start it."""
    setup = _choose(study, model)
    quote = _quote(study.id, setup)
    st.markdown(_quote_words(quote))
    say_where(study, [model])
    is_unpriced = quote.cost_usd is None
    allowed = not is_unpriced or allow_unpriced([model.name], key="load_unpriced")
    if st.button(
        "Start load test", key="load_start", type="primary", icon=":material/play_arrow:", disabled=not allowed
    ):
        file_load_test(store(), study, replace(setup, allow_unpriced=is_unpriced))
        st.rerun()


def _choose(study: Study, model: StoredModel) -> LoadSetup:
    whole, first, most, budget = st.columns(4, vertical_alignment="bottom")
    stream = st.checkbox("Stream (measures time to first token)", True, key="load_stream")
    return LoadSetup(
        model=model.name,
        max_latency_p95_s=whole.number_input(
            "Latency limit, p95 (s)",
            0.001,
            None,
            study.max_latency_p95_s,
            key="load_latency_limit",
            placeholder="no limit",
            help="The test ends at the first step above this limit or with more than 5% failed calls.",
        ),
        max_ttft_p95_s=first.number_input(
            "TTFT limit, p95 (s)",
            0.001,
            None,
            study.max_ttft_p95_s if stream else None,
            key=f"load_ttft_limit_{stream}",
            placeholder="no limit" if stream else "not measured",
            disabled=not stream,
        ),
        max_concurrency=most.number_input(
            "Maximum concurrent calls",
            1,
            MOST_CONCURRENCY,
            MAX_CONCURRENCY,
            key="load_most",
            help="Starts at 1, then 2, 4, 8 and so on.",
        ),
        budget_usd=budget.number_input(
            "Budget ($)",
            0.0,
            None,
            None,
            key="load_budget",
            placeholder="no limit",
            help="The test stops before it spends more.",
        ),
        stream=stream,
    )


@cached(Change.SETUP, prices=True, spinner="Counting the calls ...")
def _quote(study_id: int, setup: LoadSetup) -> LoadQuote:
    """What a load test would cost. Raises BadInput when it cannot be made."""
    return quote_load_test(store(), queries.study(study_id), setup)


def _quote_words(quote: LoadQuote) -> str:
    calls = f"{quote.least_calls:,} to {quote.most_calls:,} calls"
    if quote.cost_usd is None:
        price = "price unknown"
    else:
        price = inline(numbers.money_range(quote.cost_usd)) if quote.cost_usd.high else "free"
    requests = f"{numbers.count(quote.samples, 'request')} from the log"
    again = ", repeated, so prompt caching may speed them up" * (quote.samples < quote.most_calls)
    return f"**{calls}, {price}**, about a minute per step. Uses {requests}{again}. Answers aren't kept."
