"""Replay: the run at hand with its progress and its errors, pausing and resuming it, and the runs before it."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import streamlit as st

from advisor.jobs.sample import is_shipped
from advisor.judge.scored_with import unchecked_warnings
from advisor.measure.replay.planned_cost import price_of
from advisor.measure.run_lifecycle import ask_run, file_resume, is_left_behind
from advisor.store.run.runs import is_being_scored
from advisor.text import numbers
from advisor.text.names import FAILURES
from advisor.text.progress import (
    STATES,
    answers_done,
    answers_of,
    doing,
    ended_early,
    failed_calls,
    failed_votes,
    left_behind,
    notice_line,
    time_left,
    votes_given,
)
from advisor.text.runs import busy_advice, clocks, run_note
from advisor.text.warnings import warning
from advisor.types import Role, Run, Status, Study, Tally
from advisor.ui import navigation, progress, queries, state
from advisor.ui.components import verdicts
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import opened, show_table
from advisor.ui.components.text import inline
from advisor.ui.destinations import asked_in, is_unpaid
from advisor.ui.evidence.run import live
from advisor.ui.evidence.run import queries as queries_plan
from advisor.ui.evidence.run.notices import show_failed_judges, show_notes
from advisor.ui.log.traffic import in_log
from advisor.ui.server import store

SPENT_HELP = "Judges with their exam and checks included, and models deleted since."
TILE: dict[str, Any] = {"border": True, "height": "stretch", "delta_color": "off", "delta_arrow": "off"}


def show_active(study: Study, run: Run) -> None:
    """A run at work, or one that its process left behind."""
    if is_left_behind(run):
        goes_on = queries.is_taken_over(run)
        _watch_left_behind(run.id, goes_on=goes_on)
        if not goes_on:
            _resume(study, run)
        return
    _watch(study, run.id)
    _stop_buttons(run)
    if run.options.early_stop and (in_full := queries_plan.asked_in_full_in(run)):
        st.caption(inline(run_note(in_full)))
    if queries.failures(run) and (box := opened("Failed calls", icon="error", key="run_failures")) is not None:
        with box:
            _failures(study, run)


def go_to_result(run: Run) -> None:
    """Show the decision to whoever watched the run until it finished, once. One that stopped is resumed here."""
    is_finished = run.state.status is Status.SUCCEEDED
    if state.take(state.SAW_END) == run.id and is_finished and queries.tally(run.id).succeeded:
        navigation.go_to(navigation.QUALITY)


def show_ended(study: Study, run: Run) -> None:
    """A run that has ended: its result, what it took, and what is wrong with it."""
    tally = queries.tally(run.id)
    is_whole = run.state.status is Status.SUCCEEDED and not tally.missing and not run.state.error
    verdicts.headline(answers_of(run, tally))
    with st.container(horizontal=True, vertical_alignment="center"):
        if tally.succeeded:
            st.page_link(navigation.QUALITY, label="See the result", icon=":material/balance:", width="content")
        st.button(
            "Run again",
            key="run_once_more",
            icon=":material/replay:",
            on_click=state.remember,
            args=(state.RUN_AGAIN, run.id),
        )
    with st.container(horizontal=True):
        st.metric("Samples", numbers.whole(run.options.sample_size), help=inline(in_log(run.study_id)), **TILE)
        st.metric(
            "Spent",
            inline(_spent(run, tally)),
            inline(_parts_spent(study, run, tally)) or None,
            help=SPENT_HELP,
            **TILE,
        )
        st.metric("Took", _took(run, tally), **TILE)
        st.metric("Failed calls", failed_calls(tally), failed_votes(tally) or None, **TILE)
    show_failed_judges(study, run)
    if not is_whole:
        kind = st.error if run.state.status is Status.FAILED else st.warning
        kind(inline(ended_early(run, tally)))
    if queries.is_saturated(run):
        st.warning(busy_advice([run.number]), icon=":material/speed:")
    for each in unchecked_warnings(run.scored_with):
        st.warning(inline(warning(each)), icon=":material/rule:")
    if tally.planned and (tally.missing or tally.failed or run.state.status is not Status.SUCCEEDED):
        _resume(study, run)
    _failures(study, run)


def show_earlier(study: Study, runs: list[Run]) -> None:
    """All runs that have ended, and what else is to be known of the newest in a box."""
    if not runs:
        return
    st.header("History")
    show_history(runs)
    if (box := opened(f"Details of run {runs[0].number}", icon="list", key="run_details_ended")) is None:
        return
    with box:
        show_notes(study, runs[0])
        if how := clocks(runs[0].machine.clocks):
            st.caption(inline(how))


def show_history(runs: list[Run]) -> None:
    """All runs of the study."""
    tallies = {run.id: queries.tally(run.id) for run in runs}
    table = pd.DataFrame(
        {
            "Run": [run.number for run in runs],
            "Status": [_status(run) for run in runs],
            "Baseline": [run.baseline for run in runs],
            "Samples": [run.options.sample_size for run in runs],
            "Answers": [answers_done(tallies[run.id]) for run in runs],
            "Judge votes": [tallies[run.id].judge.voted for run in runs],
            "Failed calls": [
                ", ".join(filter(None, (failed_calls(tallies[run.id]), failed_votes(tallies[run.id])))) for run in runs
            ],
            "Spent": [_spent(run, tallies[run.id]) for run in runs],
            "Took": [_took(run, tallies[run.id]) for run in runs],
            "Started": [numbers.ago(run.state.started_at or run.state.created_at) for run in runs],
        }
    )
    show_table(table, key="runs", alt="Runs of this study with their outcome")


def _watch_left_behind(run_id: int, *, goes_on: bool) -> None:
    """Until a process works on it again."""

    def draw() -> bool:
        run = queries.run(run_id)
        st.warning(left_behind(run, goes_on=goes_on), icon=":material/heart_broken:")
        _numbers(run, queries.tally(run_id))
        return is_left_behind(run) and queries.is_taken_over(run) == goes_on

    progress.poll(draw)


def _watch(study: Study, run_id: int) -> None:
    def draw() -> bool:
        with st.container(key="run_at_work"):
            return look()

    def look() -> bool:
        run, tally = queries.run(run_id), queries.tally(run_id)
        progress.run_bar(run, tally)
        show_failed_judges(study, run)
        for notice in run.state.notices:
            wait_s = _seconds_until(notice.until) if notice.until else None
            st.warning(inline(notice_line(notice, wait_s)), icon=":material/hourglass_top:")
        _numbers(run, tally)
        if run.state.status is Status.RUNNING and (words := _doing(run, tally)):
            st.caption(words)
        job = next((job for job in queries.jobs(run.study_id, "replay") if job.arguments.get("run") == run_id), None)
        if job is not None and progress.is_waiting_long(job):
            progress.job_line(job, f"Run {run.number}")
        if run.state.wanted is not None:
            st.caption(f"Stopping ({STATES[run.state.wanted]}) once running calls finish.")
        live.show(run)
        if not run.state.status.is_active:
            state.remember(state.SAW_END, run.id)
        return run.state.status.is_active and not is_left_behind(run)

    progress.poll(draw)


def _doing(run: Run, tally: Tally) -> str:
    has_judges = any(model.role is Role.JUDGE for model in asked_in(run))
    tests = any(model.probe is None and not model.illustrative for model in asked_in(run))
    planned = run.plan.planned_judge
    return doing(tally, is_scored=is_being_scored(run), planned_judge=planned, has_judges=has_judges, tests=tests)


def _numbers(run: Run, tally: Tally) -> None:
    with st.container(horizontal=True):
        st.metric("Answers", answers_done(tally), votes_given(tally.judge.succeeded) or None, **TILE)
        st.metric("Failed calls", failed_calls(tally), failed_votes(tally) or None, **TILE)
        budget = f" of {numbers.dollars(run.options.budget_usd)}" if run.options.budget_usd is not None else ""
        note = f"Answers without a price: {tally.unpriced:,}." if tally.unpriced else None
        note = "Everything ran on this machine. This is the list price." if is_unpaid(run) else note
        st.metric(
            "List price (free)" if is_unpaid(run) else "Spent",
            inline(f"{progress.spent(tally)}{budget}"),
            help=note,
            **TILE,
        )
        _outlook(run)


def _outlook(run: Run) -> None:
    """What the whole run will cost, and when it will be done."""
    found = queries.forecast(run.id)
    less = " Early stopping may end it sooner." if run.options.early_stop else ""
    if found.cost_usd is not None and not is_unpaid(run):
        one = found.is_measured
        st.metric(
            "Expected total",
            inline(f"about {numbers.dollars(found.cost_usd.point)}" if one else numbers.money_range(found.cost_usd)),
            help=f"Judges included. Based on {'the answers so far' if one else 'the quote'}.{less}",
            **TILE,
        )
    is_at_work = run.state.status is Status.RUNNING
    left = time_left(found.left_s, is_done=found.is_done) if is_at_work else numbers.UNKNOWN
    note = f"Based on how long calls to the slowest model take, judges included.{less}"
    st.metric("Time left", left, help=note, **TILE)


def _spent(run: Run, tally: Tally) -> str:
    told = progress.spent(tally)
    if not is_unpaid(run) or told == numbers.UNKNOWN:
        return told
    return "free" if told == numbers.dollars(0.0) else f"free (list price {told})"


def _parts_spent(study: Study, run: Run, tally: Tally) -> str:
    """What was quoted, the judges' part, and what several runs cost together."""
    runs, judges, quoted = queries.runs(study.id), tally.judge.cost_usd, run.plan.quoted
    known = [each for run in runs if (each := queries.tally(run.id).paid_usd) is not None]
    price = price_of(quoted) if quoted and not is_unpaid(run) else None
    told = [f"quoted {numbers.quoted(price)}"] if price else []
    told += [f"{numbers.dollars(judges)} by judges"] if judges else []
    told += [f"{numbers.dollars(sum(known))} in {numbers.count(len(runs), 'run')}"] if len(runs) > 1 and known else []
    return " · ".join(told)


def _took(run: Run, tally: Tally) -> str:
    if tally.succeeded > 0 and tally.reused == tally.succeeded:
        return "all reused"
    is_recorded = is_shipped(queries.study(run.study_id), run, asked_in(run))
    return numbers.seconds(run.state.wall_s) + ", recorded" * is_recorded


def _stop_buttons(run: Run) -> None:
    with st.container(horizontal=True):
        for label, icon, wanted in (("Pause", "pause", Status.PAUSED), ("Cancel", "stop", Status.CANCELLED)):
            if st.button(label, key=f"run_{wanted}", icon=f":material/{icon}:", disabled=run.state.wanted is not None):
                with say_errors():
                    ask_run(store(), run, wanted)
                    st.rerun()
    st.caption("Answers are kept. You can resume either; no call is paid for twice.")


def _resume(study: Study, run: Run) -> None:
    budget = run.options.budget_usd
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if run.options.budget_usd is not None:
            budget = st.number_input(
                "Budget for the whole run ($)", 0.0, None, run.options.budget_usd, key=f"budget_{run.id}", width=260
            )
        if st.button("Resume", key="run_resume", type="primary", icon=":material/play_arrow:"):
            with say_errors():
                file_resume(store(), study, run, budget_usd=budget)
                st.rerun()
    st.caption("Only missing and failed calls are made.")


def _failures(study: Study, run: Run) -> None:
    failures = queries.failures(run)
    if not failures:
        return
    names = {model.id: model.name for model in queries.models(study.id)}
    table = pd.DataFrame(
        {
            "Model": [names.get(model_id, "deleted model") for model_id, *_ in failures],
            "Why": [FAILURES[kind] for _, _, kind, _, _ in failures],
            "Failed calls": [count for *_, count in failures],
            "Example": [message for _, _, _, message, _ in failures],
        }
    )
    show_table(table, key="failures", alt="Why calls failed, by model")


def _status(run: Run) -> str:
    if is_left_behind(run):
        return "left behind"
    return STATES[run.state.status] + (", partial" if queries.is_partial(run) else "")


def _seconds_until(at: datetime) -> float:
    return max((at - datetime.now(UTC)).total_seconds(), 1.0)
