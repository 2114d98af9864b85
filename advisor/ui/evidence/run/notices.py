"""What to know around a run: is its sample large enough, why it can't start, how it deviated from its settings."""

import pandas as pd
import streamlit as st

from advisor.measure.quoting import Quote
from advisor.measure.sample_needs import Need
from advisor.store.run.tallies import count_dropped, count_reused
from advisor.text import numbers
from advisor.text.numbers import percent, pts
from advisor.types import Role, Run, RunOptions, Study, Verdict
from advisor.ui import queries, state
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import opened, show_table
from advisor.ui.components.text import inline
from advisor.ui.destinations import price_note, price_words, show_destinations
from advisor.ui.evidence.run import queries as queries_plan
from advisor.ui.server import store

ENDS = {Verdict.SWITCH: "good enough", Verdict.KEEP: "not good enough"}


def settled_words(study: Study, run: Run, names: dict[int | None, str]) -> list[str]:
    """What the early-stopping test decided, in the order in which it did."""
    cases = {case.id: case.name for case in queries.use_cases(study.id)}
    return [
        f"{names.get(each.model_id, 'a deleted model')} in {cases.get(each.use_case_id, 'a deleted use case')} "
        f"({ENDS.get(each.verdict, each.verdict)}, after {numbers.count(each.n, 'sample')})"
        for each in run.settled
    ]


def show_notes(study: Study, run: Run) -> None:
    """A line for each model that ignores parameters, what was decided early, and each run with reused answers."""
    names: dict[int | None, str] = {model.id: model.name for model in queries.models(study.id)}
    ignored: dict[str, list[str]] = {}
    for model_id, name, calls in count_dropped(store(), run.id):
        model = names.get(model_id, "A deleted model")
        ignored.setdefault(model, []).append(f"{name} ({numbers.count(calls, 'call')})")
    for model, params in ignored.items():
        st.caption(f"{inline(model)} ignores: {inline(', '.join(params))}. They weren't sent.")
    if run.settled:
        spared = queries.tally(run.id).spared
        note = f" ({numbers.count(spared, 'call')} saved)" if spared else ""
        st.caption(f"Decided early{note}: {inline('; '.join(settled_words(study, run, names)))}.")
    places = {each.id: each.number for each in queries.runs(study.id)}
    for asked_in, answers in count_reused(store(), run):
        source = f"run {places[asked_in]}" if asked_in in places else "an earlier run"
        st.caption(f"{numbers.count(answers, 'answer')} reused from {source}, free and with their measured latency.")


@say_errors()
def show_details(study: Study, setup: RunOptions, quote: Quote) -> None:
    """Calls, price and hosts of a planned run, and what its use cases need, in a box; worked out when it is opened."""
    box = opened("Calls, hosts and use cases", icon="list", key="run_details")
    if box is None:
        return
    with box:
        with st.container(horizontal=True):
            st.metric("Calls to models", numbers.whole(quote.to_make), border=True)
            st.metric("Calls to judges", numbers.whole(quote.judge_calls + quote.control_calls), border=True)
            st.metric("Tokens", numbers.whole(quote.input_tokens + quote.output_tokens), border=True)
            st.metric("Price", inline(price_words(study, quote)), border=True, help=price_note(study, quote))
        show_destinations(study, quote)
        if quote.reused:
            reused = numbers.count(quote.reused, "answer")
            st.markdown(f"{reused} reused from earlier runs, free and with their measured latency.")
        for each in queries.models(study.id):
            if each.role is Role.CANDIDATE and each.max_samples is not None and each.max_samples < quote.samples:
                st.markdown(f"{inline(each.name)} answers only {each.max_samples:,} of the samples.")
        rows = [
            {
                "Use case": need.use_case,
                "Enough": "decided already" if need.is_decided else enough_words(need),
                "Planned": need.asked,
                "Effective": need.worth,
                "In the log": need.available,
                "Acceptable drop": pts(need.margin),
                "Needed": need_words(need),
                "Price": None if need.cost_usd is None or study.is_sample else numbers.dollars(need.cost_usd),
            }
            for need in queries_plan.weighed_needs(study.id, setup)
        ]
        table = pd.DataFrame(rows)
        show_table(
            table.astype({"Effective": "Int64"}).dropna(axis="columns", how="all"),
            key="needs",
            alt="Planned and needed samples of each use case",
        )
        st.caption(
            "Needed: for an 80% chance of confirming a model as good as today's; its price is shown. Effective: the "
            "minimum effective sample size."
        )


def enough_words(need: Need) -> str:
    """Whether the run can decide this use case."""
    if need.is_enough is None:
        return "maybe"
    return "yes" if need.is_enough else "no, add samples" if need.can_be_enough else "no, the log is too small"


def need_words(need: Need) -> str:
    """How many samples a decision takes."""
    if need.seen is not None:
        return f"about {need.seen:,}, from the last run"
    if len(need.guesses) == 1:
        return f"about {need.guesses[0][1]:,}"
    return ", ".join(f"{n:,} if they differ on {percent(share)}" for share, n in need.guesses)


def show_refused() -> None:
    """Why a start was refused, once; the page then shows the run in progress."""
    if why := state.take(state.REFUSED):
        st.error(inline(str(why)), icon=":material/block:")
