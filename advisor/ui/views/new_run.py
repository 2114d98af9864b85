"""A new replay: what to ask, what it costs and where the data goes, all before anything is spent."""

from dataclasses import replace
from typing import Literal

import streamlit as st

from advisor.errors import AdvisorError
from advisor.study.endpoints import endpoint_of
from advisor.study.jobs import file_replay
from advisor.study.planning import Sizes
from advisor.study.quoting import Quote, nobody_to_ask
from advisor.study.whole import SAMPLE_SETUP
from advisor.text import numbers
from advisor.text.numbers import listing
from advisor.text.runs import run_note
from advisor.types import Endpoint, Lane, Model, Role, RunOptions, Study, UseCase
from advisor.ui import queries, queries_plan, stage, state
from advisor.ui.components.page import empty_state
from advisor.ui.components.text import inline
from advisor.ui.server import store
from advisor.ui.views.destinations import is_free, price_note, price_words, show_destinations
from advisor.ui.views.start_refused import show_unaskable

NOISE_SAMPLES = 50
"""As many are enough to see a measuring chain that cannot be trusted (METHOD 5)."""
LANES = {
    Lane.RECORDED: "The answers in the log",
    Lane.BASELINE: "Today's model, asked again now",
}
LANE_NOTES = (
    "Costs nothing. Its quality, cost and speed are as logged, at another time than the candidates'.",
    "Fairest: both sides are asked side by side. Costs the price of today's model; needs it registered as baseline.",
)


def can_start(study: Study) -> bool:
    """Whether there is something to ask and somebody to ask; else says what is missing."""
    models = queries.models(study.id)
    if not queries.logs(study.id):
        empty_state("A replay asks questions of your log.", page=stage.PROMPT_LOG, action="Import a prompt log")
        return False
    if not any(model.role is Role.CANDIDATE for model in models):
        empty_state("A replay needs a model that could take over.", page=stage.CANDIDATES, action="Choose candidates")
        return False
    return True


def choose(study: Study) -> RunOptions:
    """The settings of the run."""
    cases = [case for case in queries.use_cases(study.id) if not case.ignored]
    models = queries.models(study.id)
    lane = _choose_lane(cases, models)
    most = max(sum(_askable(case, lane) for case in cases), 1)
    _choose_size(study, lane, most)
    size, budget, judge = st.columns(3, vertical_alignment="top")
    sample = size.number_input(
        f"Samples, of {most:,}",
        1,
        most,
        key="run_sample",
        help="Sampled across all use cases, more where more evidence is needed. Each turn is replayed with its logged "
        "history.",
    )
    cap = budget.number_input(
        "Budget in dollars",
        0.0,
        None,
        None,
        key="run_budget",
        placeholder="no limit",
        help="The run stops before it spends more; it can be resumed with a higher budget.",
    )
    _explain_most(cases, lane)
    has_judge = any(model.role is Role.JUDGE for model in models)
    if not has_judge and not study.is_sample:  # whose reviews come with it
        _tell_unjudged(cases, lane)
    judged = judge.checkbox(
        "Let the judges compare answers",
        has_judge,
        key="run_judged",
        disabled=not has_judge,
        help="Where no right answer is known. Needs a registered judge; people can judge on the page Review.",
    )
    with st.expander("More settings"):
        columns = st.columns(4, vertical_alignment="bottom")
        seed = columns[0].number_input("Seed of the draw", 0, 2**31, RunOptions.seed, key="run_seed")
        epochs = columns[1].number_input("Times each call is asked", 1, 10, RunOptions.epochs, key="run_epochs")
        concurrency = columns[2].number_input(
            "Calls at a time per model", 1, 256, RunOptions.concurrency, key="run_concurrency"
        )
        stream = columns[3].checkbox(
            "Stream answers", True, key="run_stream", help="Measures the time to the first word too."
        )
        last_turn = st.checkbox(
            "Of each conversation only the last call",
            False,
            key="run_last_turn",
            help="Agents resend the whole conversation at every turn: the last call holds the turns before it.",
        )
        repeated = 0
        if lane is Lane.BASELINE:
            repeated = st.number_input(
                "Calls that today's model is asked twice",
                0,
                most,
                min(NOISE_SAMPLES, most),
                key="run_repeated",
                help="How much its own answers differ is what chance alone does: the noise floor of every comparison.",
            )
        early = st.checkbox(
            "Stop asking where it is decided",
            False,
            key="run_early",
            help="Asks in rounds and makes no more calls for a candidate as soon as it is clear. The test "
            "that allows that needs somewhat more answers where it is close.",
        )
        audited = st.number_input(
            "Answers of each model to read for refusals and unsupported claims",
            0,
            most,
            min(RunOptions.audited, most),
            key="run_audited",
            disabled=not has_judge,
            help="A judge reads a random part of the answers: does each do what was asked, and does the prompt support "
            "its claims?",
        )
        fresh = st.checkbox(
            "Ask everything again",
            False,
            key="run_fresh",
            help="Off: reuse answers from earlier runs. They're free and keep their measured latency.",
        )
    return RunOptions(
        sample_size=sample,
        seed=seed,
        epochs=epochs,
        baseline=lane,
        concurrency=concurrency,
        stream=stream,
        budget_usd=cap,
        judged=judged,
        last_turn_only=last_turn,
        repeated=repeated,
        fresh=fresh,
        early_stop=early,
        audited=audited,
    )


def show_quote(study: Study, setup: RunOptions) -> Quote | None:
    """What the run would cost and which data would go where; None when it cannot be planned."""
    models = queries.models(study.id)
    if setup.baseline is Lane.BASELINE and not any(model.role is Role.BASELINE for model in models):
        st.warning(
            "Today's model is not registered yet: add it with the role baseline, or compare with the answers in the "
            "log.",
            icon=":material/person_add:",
        )
        st.page_link(stage.CANDIDATES, label="Register today's model", icon=":material/memory:")
        return None
    try:
        quote = queries_plan.quote(study.id, setup)
    except AdvisorError as error:
        st.error(inline(str(error)))
        return None
    report = queries.report(study.id)
    if report and (held := [case.name for case in report.recommendation.use_cases if case.waits_for_judge]):
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
        st.caption(f"Asks {numbers.count(quote.samples, 'call')}: all that can be asked.")
    for each in models:
        if each.role is Role.CANDIDATE and each.max_samples is not None and each.max_samples < quote.samples:
            st.caption(f"{inline(each.name)} is asked about {each.max_samples:,} of them only.")
    if quote.reused:
        told = f"{numbers.count(quote.reused, 'further call')} will not be made: an earlier replay has the answer"
        if not quote.asks_anything:
            told = (
                f"Nothing is left to ask: an earlier replay has every answer ({quote.reused:,} in all), and this "
                "one would only repeat it. Add a candidate, ask more calls, or choose *Ask everything again* above"
            )
        st.markdown(f":material/history: {told}. Reused answers are free and keep their measured latency.")
    show_unaskable(study, quote)
    for model, reason, calls in quote.not_sent:
        st.warning(
            f"{numbers.count(calls, 'call')} to {inline(model)} will not be sent and will count against it: {reason}.",
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
        allowed &= st.checkbox(
            f"Start although no price is known for {inline(', '.join(quote.unpriced))}: "
            "what it costs cannot be told or capped.",
            key="run_unpriced",
        )
    priced = quote.cost_usd is not None and not is_free(study, quote)
    label = f"Start the replay for about {price_words(study, quote)}" if priced else "Start the replay"
    kind: Literal["primary", "secondary"] = "primary" if quote.asks_anything else "secondary"
    st.button(
        label,
        key="run_start",
        type=kind,
        icon=":material/play_arrow:",
        disabled=not allowed,
        on_click=_start,  # before the page is redrawn: the button is gone where another tab has started
        args=(study, replace(setup, allow_unpriced=bool(quote.unpriced))),
    )


def _start(study: Study, setup: RunOptions) -> None:
    try:
        file_replay(store(), study, setup)
    except AdvisorError as error:
        state.remember(state.REFUSED, str(error))


def _choose_size(study: Study, lane: Lane, most: int) -> None:
    """Set the sample by a click; at first to what is enough to decide."""
    kept = st.session_state
    try:
        found = queries_plan.sizes(study.id, lane)
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
        "How much to ask",
        list(sizes),
        format_func=lambda name: f"{name} · {sizes[name]:,}",
        key="run_size",
        on_change=choose_this,
    )


def _choose_lane(cases: list[UseCase], models: list[Model]) -> Lane:
    live = any(model.role is Role.BASELINE for model in models)
    recorded = any(case.with_answer for case in cases)
    lane = st.radio(
        "Compare the candidates with",
        list(LANES),
        index=1 if live or not recorded else 0,
        format_func=LANES.get,
        captions=LANE_NOTES,
        key="run_baseline",
    )
    return Lane(lane or Lane.RECORDED)


def _explain_most(cases: list[UseCase], lane: Lane) -> None:
    """Why not every call that can be replayed can be asked here."""
    replayable = sum(case.replayable for case in cases)
    missing = replayable - sum(_askable(case, lane) for case in cases)
    if missing:
        st.caption(
            f"{numbers.count(replayable, 'call')} can be replayed; {missing:,} of them "
            f"{'has' if missing == 1 else 'have'} no answer in the log to compare with."
        )


def _tell_unjudged(cases: list[UseCase], lane: Lane) -> None:
    """Where only people can tell which answers are better, before the replay is paid for."""
    names = [case.name for case in cases if endpoint_of(case, lane) is Endpoint.PAIRWISE]
    if names:
        st.info(
            f"{inline(listing(names))}: right answers are not known, and no judge is registered (page Candidates). "
            "People must tell on the page Review which answers are better; until then nothing is decided there.",
            icon=":material/gavel:",
        )


def _askable(case: UseCase, lane: Lane) -> int:
    return case.replayable if lane is Lane.BASELINE else min(case.replayable, case.with_answer)
