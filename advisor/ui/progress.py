"""Progress of a run or a job while someone watches."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import streamlit as st

from advisor.errors import AdvisorError
from advisor.store.run.runs import is_being_scored
from advisor.text import numbers
from advisor.text.progress import STATES, calls_done, progress_words, waits_for_worker
from advisor.types import Job, Run, Status, Tally
from advisor.ui import queries, state
from advisor.ui.server import ensure_worker

POLL = "2s"
"""How often pages look while something runs."""

LONG_WAIT = timedelta(seconds=20)
"""A worker looks for a job every half second."""


def poll(draw: Callable[[], bool], *, every: str = POLL) -> None:
    """Redraw until ``draw`` returns False or the study is deleted, then rerun the page."""

    @st.fragment(run_every=every)
    def look() -> None:
        try:
            goes_on = not state.is_study_gone() and draw()
        except AdvisorError as error:  # a locked database: the next look may fare better
            st.caption(str(error))
            return
        if not goes_on:
            st.rerun()

    look()


def run_bar(run: Run, tally: Tally) -> None:
    """One line: calls done of all that are planned, judges' included."""
    found = queries.forecast(run.id)
    done, planned = found.done + tally.reused, found.planned + tally.reused
    if not run.plan.quoted:
        done, planned = tally.succeeded + tally.failed, tally.planned - tally.spared
    is_over = is_being_scored(run) or run.state.status is Status.SUCCEEDED
    if is_over:
        st.progress(1.0, text=calls_done(run, done, None, planned - done if tally.spared else 0))
    else:
        # The forecast may be two seconds old.
        done = min(max(done, tally.succeeded + tally.failed), planned)
        st.progress(done / planned if planned else 0.0, text=calls_done(run, done, planned, 0))


def watch_run(run_id: int) -> None:
    """A run's progress until it ends, then rerun the page."""

    def line() -> bool:
        run = queries.run(run_id)
        run_bar(run, queries.tally(run_id))
        return run.state.status.is_active

    poll(line)


def watch_job(job_id: int, what: str) -> None:
    """A job's progress until it ends, then rerun the page."""

    def line() -> bool:
        ensure_worker()  # only this fragment reruns, and a dead worker would leave the job waiting
        job = queries.job(job_id)
        if job is None or not job.status.is_active:
            return False
        job_line(job, what)
        return True

    poll(line)


def is_waiting_long(job: Job) -> bool:
    """Whether no worker took a job up in good time."""
    return job.status is Status.QUEUED and datetime.now(UTC) - job.created_at > LONG_WAIT


def job_line(job: Job, what: str) -> None:
    """Progress of a job, or why it waits."""
    if is_waiting_long(job):
        st.warning(waits_for_worker(what), icon=":material/hourglass_top:")
        return
    where = progress_words(job.progress) if job.progress else STATES[job.status] if job.status.is_active else ""
    st.status(f"{what}: {where}", state="running")


def spent(tally: Tally) -> str:
    """Spend so far, judges included."""
    return numbers.UNKNOWN if tally.paid_usd is None else numbers.dollars(tally.paid_usd)
