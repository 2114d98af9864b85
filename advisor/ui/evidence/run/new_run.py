"""A new replay: what to ask, what it costs and where the data goes, all before anything is spent."""

from dataclasses import replace
from typing import Literal

import streamlit as st

from advisor.errors import AdvisorError
from advisor.jobs.sample import SAMPLE_SETUP
from advisor.judge.endpoints import endpoint_of
from advisor.measure.quoting import Quote, nobody_to_ask
from advisor.measure.run_lifecycle import file_replay
from advisor.measure.sample_needs import Sizes, plan_sizes
from advisor.text import numbers
from advisor.text.numbers import listing
from advisor.text.runs import run_note
from advisor.types import Cause, Endpoint, Lane, Planning, Repeats, Role, RunOptions, StoredModel, Study, UseCase
from advisor.ui import navigation, queries, state
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.destinations import allow_unpriced, is_free, price_note, price_words, show_destinations
from advisor.ui.evidence.run import queries as queries_plan
from advisor.ui.evidence.run.notices import show_unaskable
from advisor.ui.page import empty_state
from advisor.ui.server import store

NOISE_SAMPLES = 50
"""Enough to notice an unreliable setup (METHOD 5)."""
LANES = {
    Lane.RECORDED: "Recorded answers",
    Lane.BASELINE: "Live baseline",
}
LANE_NOTES = (
    "Free. Quality, cost and latency of today's model are taken from the log.",
    "Fairest. Calls today's model again next to the candidates, at its usual price.",
)


def can_start(study: Study) -> bool:
    """Whether there are calls to replay and models to call; if not, says what is missing."""
    models = queries.models(study.id)
    if not queries.logs(study.id):
        empty_state("A replay needs a prompt log.", page=navigation.PROMPT_LOG, action="Import a prompt log")
        return False
    if not any(model.role is Role.CANDIDATE for model in models):
        empty_state("A replay needs a candidate.", page=navigation.CANDIDATES, action="Choose candidates")
        return False
    return True


def choose(study: Study) -> RunOptions:
    """The settings of the run."""
    cases = [case for case in queries.use_cases(study.id) if not case.ignored]
    models = queries.models(study.id)
    lane = _choose_lane(cases, models)
    most = max(sum(_askable(case, lane) for case in cases), 1)
    most = _choose_size(study, lane, most)
    size, budget, judge = st.columns(3, vertical_alignment="top")
    sample = size.number_input(
        f"Samples (of {most:,})",
        1,
        most,
        key="run_sample",
        help="Sampled across all use cases, more where more evidence is needed. Each turn is replayed with its logged "
        "history.",
    )
    cap = budget.number_input(
        "Budget ($)",
        0.0,
        None,
        None,
        key="run_budget",
        placeholder="no limit",
        help="The run stops before it spends more. You can resume it with a higher budget.",
    )
    _explain_most(cases, most)
    has_judge = any(model.role is Role.JUDGE for model in models)
    if not has_judge and not study.is_sample:  # whose reviews come with it
        _tell_unjudged(cases, lane)
    judged = judge.checkbox(
        "Use judges",
        has_judge,
        key="run_judged",
        disabled=not has_judge,
        help="For answers without a reference answer. Needs a judge; you can also review pairs yourself.",
    )
    with st.expander("More settings"):
        columns = st.columns(4, vertical_alignment="bottom")
        seed = columns[0].number_input("Sampling seed", 0, 2**31, RunOptions.seed, key="run_seed")
        epochs = columns[1].number_input("Repeats per call", 1, 10, Repeats.epochs, key="run_epochs")
        concurrency = columns[2].number_input(
            "Concurrent calls per model", 1, 256, RunOptions.concurrency, key="run_concurrency"
        )
        stream = columns[3].checkbox(
            "Stream answers", RunOptions.stream, key="run_stream", help="Also measures time to first token."
        )
        last_turn = st.checkbox(
            "Only the last call of each conversation",
            Planning.last_turn_only,
            key="run_last_turn",
            help="Agents resend the whole conversation every turn, so the last call contains the others.",
        )
        repeated = Repeats.repeated
        if lane is Lane.BASELINE:
            repeated = st.number_input(
                "Calls the baseline answers twice",
                0,
                most,
                min(NOISE_SAMPLES, most),
                key="run_repeated",
                help="How often it disagrees with itself is the noise floor.",
            )
        early = st.checkbox(
            "Stop early once a result is clear",
            RunOptions.early_stop,
            key="run_early",
            help="Runs in rounds and stops calling a candidate once its result is clear. Close calls need "
            "slightly more samples.",
        )
        audited = st.number_input(
            "Answers per model to check for refusals and unsupported claims",
            0,
            most,
            min(RunOptions.audited, most),
            key="run_audited",
            disabled=not has_judge,
            help="A judge reads a random sample: does each answer do the task, and does the prompt support its claims?",
        )
        fresh = st.checkbox(
            "Ask everything again",
            study.is_sample,  # it comes with a run: this one is to be seen at work
            key="run_fresh",
            help="Off: reuse answers from earlier runs. They're free and keep their measured latency.",
        )
    return RunOptions(
        sample_size=sample,
        seed=seed,
        repeats=Repeats(epochs=epochs, repeated=repeated),
        baseline=lane,
        concurrency=concurrency,
        stream=stream,
        budget_usd=cap,
        judged=judged,
        planning=Planning(last_turn_only=last_turn),
        fresh=fresh,
        early_stop=early,
        audited=audited,
    )


@say_errors()
def show_quote(study: Study, setup: RunOptions) -> Quote | None:
    """What the run costs and which data goes where; None when it can't be planned."""
    models = queries.models(study.id)
    if setup.baseline is Lane.BASELINE and not any(model.role is Role.BASELINE for model in models):
        st.warning(
            "No baseline model yet. Add today's model as baseline, or compare with recorded answers.",
            icon=":material/person_add:",
        )
        st.page_link(navigation.CANDIDATES, label="Add today's model", icon=":material/memory:")
        return None
    quote = queries_plan.quote(study.id, setup)
    report = queries.report(study.id)
    if report and (
        held := [case.name for case in report.recommendation.use_cases if case.has_cause(Cause.JUDGE_NOT_PROVEN)]
    ):
        words = (
            f"The judge isn't proven: more samples alone won't decide {listing(held)}. Use a better judge, or review."
        )
        st.warning(inline(words), icon=":material/balance:")
    with st.container(horizontal=True):
        st.metric("Calls to models", numbers.whole(quote.to_make), border=True)
        st.metric("Calls to judges", numbers.whole(quote.judge_calls + quote.control_calls), border=True)
        st.metric("Tokens", numbers.whole(quote.input_tokens + quote.output_tokens), border=True)
        st.metric("Price", price_words(study, quote), border=True, help=price_note(study, quote))
    if quote.samples < setup.sample_size:
        st.caption(f"Replays all {quote.samples:,} calls there are to compare.")
    for each in models:
        if each.role is Role.CANDIDATE and each.max_samples is not None and each.max_samples < quote.samples:
            st.caption(f"{inline(each.name)} answers only {each.max_samples:,} of them.")
    if quote.reused:
        told = f"{numbers.count(quote.reused, 'answer')} reused from earlier runs"
        if not quote.asks_anything:
            told = (
                f"Nothing to call: earlier runs have all {quote.reused:,} answers. Add a candidate or more samples, or "
                "choose *Ask everything again* above"
            )
        st.markdown(f":material/history: {told}. Reused answers are free and keep their measured latency.")
    show_unaskable(study, quote)
    for model, reason, calls in quote.not_sent:
        st.warning(
            f"{numbers.count(calls, 'call')} to {inline(model)} won't be sent and count as failed: {reason}.",
            icon=":material/block:",
        )
    if setup.early_stop and (in_full := queries_plan.asked_in_full_by(study.id, setup)):
        st.warning(inline(run_note(in_full)), icon=":material/info:")
    show_destinations(study, quote)
    return quote


def start(study: Study, setup: RunOptions, quote: Quote) -> None:
    """The button that spends; unpriced models need a yes first."""
    allowed = nobody_to_ask(quote, queries.models(study.id)) is None
    if quote.unpriced:
        allowed &= allow_unpriced(quote.unpriced, key="run_unpriced")
    priced = quote.cost_usd is not None and not is_free(study, quote)
    label = f"Start replay for about {price_words(study, quote)}" if priced else "Start replay"
    kind: Literal["primary", "secondary"] = "primary" if quote.asks_anything else "secondary"
    st.button(
        label,
        key="run_start",
        type=kind,
        icon=":material/play_arrow:",
        disabled=not allowed,
        on_click=_start,  # before the page is redrawn: the button is gone where another tab has started
        args=(study, replace(setup, planning=replace(setup.planning, allow_unpriced=bool(quote.unpriced)))),
    )


def _start(study: Study, setup: RunOptions) -> None:
    try:
        file_replay(store(), study, setup)
    except AdvisorError as error:
        state.remember(state.REFUSED, str(error))


def _choose_size(study: Study, lane: Lane, most: int) -> int:
    """Set the sample by a click, at first to what is enough to decide; returns the largest, at most ``most``."""
    kept = st.session_state
    try:
        found = plan_sizes(store(), study, RunOptions(baseline=lane))
    except AdvisorError:  # the quote says why nothing can be asked
        found = Sizes(most, most, False)
    default = SAMPLE_SETUP.sample_size if study.is_sample else found.enough
    if kept.get("run_study") != study.id:
        kept["run_study"], kept["run_sample"] = study.id, default
    kept["run_sample"] = min(kept.get("run_sample", default), most)
    best = "Enough to decide" if found.decides else "Recommended"
    sizes = {best: min(found.enough, most)} if found.enough < min(found.most, most) else {}
    sizes["All"] = min(found.most, most)
    if found.enough > RunOptions.sample_size:
        sizes = {"Quick": RunOptions.sample_size, **sizes}
    kept["run_size"] = next((name for name, count in sizes.items() if count == kept["run_sample"]), None)

    def choose_this() -> None:
        kept["run_sample"] = sizes.get(kept["run_size"], kept["run_sample"])

    st.segmented_control(
        "Sample size",
        list(sizes),
        format_func=lambda name: f"{name} · {sizes[name]:,}",
        key="run_size",
        on_change=choose_this,
    )
    return min(found.most, most)


def _choose_lane(cases: list[UseCase], models: list[StoredModel]) -> Lane:
    live = any(model.role is Role.BASELINE for model in models)
    recorded = any(case.calls.with_answer for case in cases)
    lane = st.radio(
        "Compare candidates with",
        list(LANES),
        index=1 if live or not recorded else 0,
        format_func=LANES.get,
        captions=LANE_NOTES,
        key="run_baseline",
    )
    return Lane(lane or Lane.RECORDED)


def _explain_most(cases: list[UseCase], most: int) -> None:
    """Why some replayable calls are left out here."""
    replayable = sum(case.calls.replayable for case in cases)
    missing = replayable - most
    if missing:
        st.caption(
            f"{numbers.count(replayable, 'call')} can be replayed; {missing:,} have no recorded answer to compare with."
        )


def _tell_unjudged(cases: list[UseCase], lane: Lane) -> None:
    """Say before the replay is paid for which use cases need human review."""
    names = [case.name for case in cases if endpoint_of(case, lane) is Endpoint.PAIRWISE]
    if names:
        st.info(
            f"{inline(listing(names))}: no reference answers and no judge. Add a judge on the page Candidates, or "
            "review pairs after the replay.",
            icon=":material/gavel:",
        )


def _askable(case: UseCase, lane: Lane) -> int:
    return case.calls.replayable if lane is Lane.BASELINE else min(case.calls.replayable, case.calls.with_answer)
