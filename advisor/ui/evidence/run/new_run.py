"""A new replay: what to ask, what it costs and where the data goes, all before anything is spent."""

from collections.abc import Iterator
from dataclasses import replace

import streamlit as st

from advisor.judge.endpoints import endpoint_of
from advisor.judge.exam import result_of
from advisor.measure.quoting import Quote, nobody_to_ask
from advisor.measure.registration import why_not_asked
from advisor.measure.run_lifecycle import file_replay
from advisor.text import numbers
from advisor.text.advice.steps import step_words
from advisor.text.progress import planned_run
from advisor.text.runs import (
    cannot_call,
    failed_test,
    not_checked,
    not_sent,
    nothing_compares,
    nothing_to_call,
    run_note,
)
from advisor.types import Endpoint, ExamResult, Lane, Role, Run, RunOptions, Step, Study
from advisor.types.reports import NOT_BY_A_RUN, cases_of
from advisor.ui import navigation, queries, stage, state
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.components.verdicts import headline
from advisor.ui.destinations import PRICE_UNKNOWN, allow_unpriced, is_free, price_words, say_where
from advisor.ui.evidence.run import accepted, notices
from advisor.ui.evidence.run import queries as queries_plan
from advisor.ui.evidence.run.choices import choose
from advisor.ui.page import empty_state
from advisor.ui.server import store


def can_start(study: Study) -> bool:
    """Whether there are calls to replay and models to call; if not, says what is missing."""
    models = queries.models(study.id)
    if not queries.logs(study.id):
        empty_state("A replay needs a prompt log.", page=navigation.PROMPT_LOG, action="Import a prompt log")
        return False
    if not any(model.role is Role.CANDIDATE for model in models):
        empty_state("A replay needs a candidate.", page=navigation.CATALOG, action="Pick models")
        return False
    return True


def is_wanted(study: Study, runs: list[Run]) -> bool:
    """Whether to plan another run: there is none yet, it lacks a callable candidate or a judge, or a person asks."""
    models = queries.models(study.id)
    return (
        not runs
        or any(
            each.role is Role.CANDIDATE and each.id not in runs[0].plan.model_ids and why_not_asked(each) is None
            for each in models
        )
        or _is_next(study)
        or state.recall(state.RUN_AGAIN) == runs[0].id
    )


@say_errors()
def show(study: Study, *, starts: bool) -> None:
    """One sentence, one button, a slider; whatever else can be set or known about the run is in closed boxes.

    ``starts``: the button was pressed.
    """
    top, slider, below = st.container(), st.container(), st.container()
    setup = choose(study, slider)
    models = queries.models(study.id)
    if setup.baseline is Lane.BASELINE and not any(model.role is Role.BASELINE for model in models):
        with top:
            st.warning(
                "No baseline model yet. Add today's model as baseline, or compare with recorded answers.",
                icon=":material/person_add:",
            )
            st.page_link(navigation.CANDIDATES, label="Add today's model", icon=":material/memory:")
        return
    quote = queries_plan.quote(study.id, setup)
    with top:
        _say(study, setup, quote)
    with below:
        _start_button(study, setup, quote, starts=starts)
        _warn(study, setup, quote)
    notices.show_details(study, setup, quote)


def _say(study: Study, setup: RunOptions, quote: Quote) -> None:
    """The run in a sentence, and to whom prompts go."""
    if not quote.asks_anything:
        headline(nothing_to_call(quote.reused))
        st.markdown("Add a candidate or more samples, or choose *Ask everything again* under *More settings*.")
        return
    price = price_words(study, quote)
    needs, lane = queries_plan.needs(study.id, setup), setup.baseline or Lane.RECORDED
    out = {*queries.unjudged_in(study, lane), *_blocked(study)}
    lacks_baseline = lane is Lane.BASELINE and any(
        model.role is Role.BASELINE and why_not_asked(model) for model in queries.models(study.id)
    )
    decides = [need.use_case for need in needs if not (lacks_baseline or need.is_short or need.use_case in out)]
    takes_s = None if is_free(study, quote) and study.is_sample else queries_plan.takes_s(study.id, setup)
    headline(
        planned_run(
            quote.samples,
            (len(decides), len(needs)),
            f"Price {price}" if price == PRICE_UNKNOWN else price[0].upper() + price[1:],
            numbers.rough(takes_s) if takes_s else None,
            is_judged=_waits_for_exam(study, lane, decides),
        )
    )
    names = {name for name, *_ in quote.by_model}
    say_where(study, [model for model in queries.models(study.id) if model.name in names])
    accepted.show(study, lane)


def _start_button(study: Study, setup: RunOptions, quote: Quote, *, starts: bool) -> None:
    """The button that spends, where there is something to ask; unpriced models need a yes first.

    It can be pressed while the page is still drawn for other settings, so ``setup`` is of the run of the script after.
    """
    if not quote.asks_anything or nobody_to_ask(quote, queries.models(study.id)):
        return
    allowed = True
    if quote.unpriced:
        with st.container(horizontal=True, vertical_alignment="center"):
            allowed = allow_unpriced(quote.unpriced, key=f"run_unpriced_{study.id}")
            st.page_link(navigation.CANDIDATES, label="Enter prices", icon=":material/sell:", width="content")
    st.button(
        "Start replay",
        key="run_start",
        type="primary",
        icon=":material/play_arrow:",
        disabled=not allowed,
        on_click=state.remember,
        args=(state.STARTS, study.id),
    )
    if starts and allowed:
        planning = replace(setup.planning, allow_unpriced=bool(quote.unpriced))
        file_replay(store(), study, replace(setup, planning=planning))
        st.rerun()


def _warn(study: Study, setup: RunOptions, quote: Quote) -> None:
    """Who can't be asked, and what the run won't decide, in one box."""
    if nobody := nobody_to_ask(quote, queries.models(study.id)):
        st.error(inline(nobody), icon=":material/key_off:")
        st.page_link(navigation.CANDIDATES, label="Change the models", icon=":material/memory:")
    if lines := list(_warnings(study, setup, quote, is_blocked=nobody is not None)):
        text = inline(lines[0]) if len(lines) == 1 else "\n".join(f"- {inline(line)}" for line in lines)
        st.warning(text, icon=":material/info:")
    if queries.unjudged_in(study, setup.baseline or Lane.RECORDED):
        st.page_link(navigation.CANDIDATES, label="Add a judge", icon=":material/gavel:")


def _warnings(study: Study, setup: RunOptions, quote: Quote, *, is_blocked: bool) -> Iterator[str]:
    models = queries.models(study.id)
    roles = {model.name: model.role for model in models}
    for name, why, calls in () if is_blocked else quote.unaskable:
        yield cannot_call(name, why, calls, role=roles[name])
    ready = set() if is_blocked else {name for name, *_ in quote.by_model}
    if new := [m.name for m in models if m.name in ready and m.probe is None and not (m.illustrative or m.is_builtin)]:
        yield not_checked(new)
    if failing := [m.name for m in models if m.name in ready and m.probe is not None and not m.probe.answered]:
        yield failed_test(failing)
    for model, reason, calls in quote.not_sent:
        yield not_sent(model, reason, calls)
    if setup.early_stop and (in_full := queries_plan.asked_in_full_by(study.id, setup)):
        yield run_note(in_full)
    report = queries.report(study.id)
    if report is not None:
        yield from (step_words(report, step) for step in report.plan.next_steps if step.code in NOT_BY_A_RUN)
    if unjudged := queries.unjudged_in(study, setup.baseline or Lane.RECORDED):
        yield nothing_compares(unjudged)
    if lacking := queries_plan.too_few(study.id, setup):
        yield run_note(lacking)


def _is_next(study: Study) -> bool:
    """Whether another run is what the study waits for."""
    steps = (step for step in stage.standing(study).steps if step.code != Step.FINISH_RUN)
    return any(stage.WHERE[step.code][0] == navigation.RUN for step in steps)


def _blocked(study: Study) -> set[str]:
    """Use cases that no run decides, whatever it asks."""
    report = queries.report(study.id)
    steps = report.plan.next_steps if report else ()
    return {name for step in steps if step.code in NOT_BY_A_RUN for name in cases_of(step)}


def _waits_for_exam(study: Study, lane: Lane, names: list[str]) -> bool:
    """Whether a judge that hasn't passed its exam yet decides one of these use cases."""
    report = queries.report(study.id)
    if report is not None and result_of(report.recommendation.judging.exam).code == ExamResult.PASSED:
        return False
    cases = (case for case in queries.use_cases(study.id) if case.name in names)
    return any(endpoint_of(case, lane) is Endpoint.PAIRWISE for case in cases)
