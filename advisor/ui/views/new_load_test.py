"""A new load test: its limits, what it costs and where the data goes, all before anything is spent."""

from dataclasses import replace

import streamlit as st

from advisor.errors import AdvisorError
from advisor.study.jobs import file_load_test
from advisor.study.load_tests import MAX_CONCURRENCY, MOST_CONCURRENCY, LoadQuote, LoadSetup
from advisor.study.models import destination
from advisor.text import numbers
from advisor.types import Model, Study
from advisor.ui import queries, queries_load
from advisor.ui.components.text import inline
from advisor.ui.server import store
from advisor.ui.views.destinations import THIS_MACHINE, stays_here


def choose_and_start(study: Study, model: Model) -> None:
    """Ask for the limits, show what it would take, start it."""
    setup = _choose(study, model)
    try:
        quote = queries_load.quote(study.id, setup)
    except AdvisorError as error:
        st.error(inline(str(error)))
        return
    st.markdown(_quote_words(quote))
    _say_where(study, model)
    is_unpriced = quote.cost_usd is None
    allowed = not is_unpriced or st.checkbox(
        f"Start although no price is known for {inline(model.name)}: what it costs cannot be told or capped.",
        key="load_unpriced",
    )
    if st.button(
        "Start the load test", key="load_start", type="primary", icon=":material/play_arrow:", disabled=not allowed
    ):
        try:
            file_load_test(store(), study, replace(setup, allow_unpriced=is_unpriced))
        except AdvisorError as error:
            st.error(inline(str(error)))
            return
        st.rerun()


def _choose(study: Study, model: Model) -> LoadSetup:
    whole, first, most, budget = st.columns(4, vertical_alignment="bottom")
    stream = st.checkbox("Stream (measures time to first word)", True, key="load_stream")
    return LoadSetup(
        model=model.name,
        max_latency_p95_s=whole.number_input(
            "Seconds for 19 of 20 whole answers",
            0.001,
            None,
            study.max_latency_p95_s,
            key="load_latency_limit",
            placeholder="no limit",
            help="The test ends at the first step that takes longer, or in which more than 5 % of the calls fail.",
        ),
        max_ttft_p95_s=first.number_input(
            "Seconds for 19 of 20 first words",
            0.001,
            None,
            study.max_ttft_p95_s if stream else None,
            key=f"load_ttft_limit_{stream}",
            placeholder="no limit" if stream else "not measured",
            disabled=not stream,
        ),
        max_concurrency=most.number_input(
            "Calls at a time, at most",
            1,
            MOST_CONCURRENCY,
            MAX_CONCURRENCY,
            key="load_most",
            help="One call at a time first, then 2, 4, 8 and so on.",
        ),
        budget_usd=budget.number_input(
            "Budget in dollars",
            0.0,
            None,
            None,
            key="load_budget",
            placeholder="no limit",
            help="The test stops before it spends more.",
        ),
        stream=stream,
    )


def _quote_words(quote: LoadQuote) -> str:
    calls = f"{quote.least_calls:,} to {quote.most_calls:,} calls"
    if quote.cost_usd is None:
        price = "price not known"
    else:
        price = inline(numbers.money_range(quote.cost_usd)) if quote.cost_usd.high else "free"
    requests = f"{numbers.count(quote.samples, 'request')} of the log"
    again = ", asked again and again: a server that remembers prompts answers those faster" * (
        quote.samples < quote.most_calls
    )
    return (
        f"All steps together: **{calls}, {price}**; fewer when a limit is reached earlier. A step takes about a minute "
        f"at most. Asked are {requests}{again}. The answers are not kept."
    )


def _say_where(study: Study, model: Model) -> None:
    """Which data goes to which host."""
    host = destination(model)
    if host == THIS_MACHINE:
        st.markdown(stays_here([model]))
        return
    redacted = all(log.redacted for log in queries.logs(study.id))
    state = "with personal data replaced by placeholders" if redacted else "**as logged, personal data included**"
    st.markdown(f":material/outbound: Prompts leave this machine {state}, to: {inline(host)}.")
