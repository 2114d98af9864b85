"""What to know around a run: is its sample large enough, why it can't start, how it deviated from its settings."""

import pandas as pd
import streamlit as st

from advisor.judge.trust import failed_judges_of
from advisor.measure.quoting import Quote
from advisor.store.run.tallies import count_dropped, count_reused
from advisor.text import numbers
from advisor.text.advice.judges import failed_judge
from advisor.text.names import DELETED_MODEL
from advisor.text.numbers import pts
from advisor.text.progress import decided_early, ignored_parameters, reused_answers, settled
from advisor.text.runs import enough_words, fewer_samples, needed_note, samples_needed
from advisor.types import Role, Run, RunOptions, Step, Study
from advisor.ui import queries
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import opened, show_table
from advisor.ui.components.text import inline
from advisor.ui.destinations import price_note, price_words, show_destinations
from advisor.ui.evidence.run import queries as queries_plan
from advisor.ui.server import store
from advisor.ui.stage import WHERE
from advisor.ui.steps import add_judge


def show_failed_judges(study: Study, run: Run) -> None:
    """The judges of a run whose votes won't count, in red, with what to do."""
    failed = failed_judges_of(store(), run)
    for judge in failed:
        st.error(
            inline(failed_judge(judge.name, judge.state, judge.exam, judge.unread, judge.example)),
            icon=":material/gpp_bad:",
        )
    if failed and not _has_new_judge(study, run):
        add_judge(study, WHERE[Step.BETTER_JUDGE][1], key="add_another_judge")


def _has_new_judge(study: Study, run: Run) -> bool:
    return any(each.role is Role.JUDGE and each.id not in run.plan.model_ids for each in queries.models(study.id))


def show_notes(study: Study, run: Run) -> None:
    """A line for each model that ignores parameters, what was decided early, and each run with reused answers."""
    names: dict[int | None, str] = {model.id: model.name for model in queries.models(study.id)}
    ignored: dict[str, list[str]] = {}
    for model_id, name, calls in count_dropped(store(), run.id):
        model = names.get(model_id, "A deleted model")
        ignored.setdefault(model, []).append(f"{name} ({numbers.count(calls, 'call')})")
    for model, params in ignored.items():
        st.caption(inline(ignored_parameters(model, params)))
    if run.settled:
        cases = {case.id: case.name for case in queries.use_cases(study.id)}
        told = []
        for each in run.settled:
            model, case = names.get(each.model_id, DELETED_MODEL), cases.get(each.use_case_id, "a deleted use case")
            told.append(settled(model, case, each.verdict, each.n))
        st.caption(inline(decided_early(told, queries.tally(run.id).spared)))
    places: dict[int | None, int] = {each.id: each.number for each in queries.runs(study.id)}
    for asked_in, answers in count_reused(store(), run):
        st.caption(inline(reused_answers(answers, places.get(asked_in))))


@say_errors()
def show_details(study: Study, setup: RunOptions, quote: Quote) -> None:
    """Calls, price and hosts of a planned run, and what its use cases need, in a box; worked out when it is opened."""
    box = opened("Calls, hosts and use cases", icon="list", key="run_details")
    if box is None:
        return
    with box:
        with st.container(horizontal=True):
            st.metric("Calls to models", numbers.whole(quote.to_make), border=True)
            exam = f"{quote.control_calls:,} more for exam and checks" if quote.control_calls else None
            st.metric(
                "Judge votes", numbers.whole(quote.judge_calls), exam, delta_color="off", delta_arrow="off", border=True
            )
            st.metric("Tokens", numbers.whole(quote.input_tokens + quote.output_tokens), border=True)
            st.metric("Price", inline(price_words(study, quote)), border=True, help=price_note(study, quote))
        show_destinations(study, quote)
        if quote.reused:
            st.markdown(inline(reused_answers(quote.reused, None)))
        for each in queries.models(study.id):
            if each.role is Role.CANDIDATE and each.max_samples is not None and each.max_samples < quote.samples:
                st.markdown(inline(fewer_samples(each.name, each.max_samples)))
        rows = [
            {
                "Use case": need.use_case,
                "Enough": enough_words(need.is_enough, is_decided=need.is_decided, can_be=need.can_be_enough),
                "Planned": need.asked,
                "Effective": need.worth,
                "In the log": need.available,
                "Acceptable drop": pts(need.margin),
                "Needed": samples_needed(need.guesses, need.seen),
            }
            for need in queries_plan.weighed_needs(study.id, setup)
        ]
        table = pd.DataFrame(rows).astype({"Effective": "Int64"}).dropna(axis="columns", how="all")
        show_table(
            table,
            key="needs",
            alt="Planned and needed samples of each use case",
        )
        st.caption(needed_note(table.columns))
