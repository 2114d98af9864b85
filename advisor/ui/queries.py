"""What pages read from the store. Reads over all samples are cached by revision; small ones are not cached."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import streamlit as st

from advisor.collect.volume import use_cases_with_volume
from advisor.measure.forecasting import Forecast, forecast_run, tally_before
from advisor.store.edits import list_edits
from advisor.store.jobs import get_job, list_jobs
from advisor.store.logs import list_logs, list_not_replayable, list_rejections
from advisor.store.models import list_models
from advisor.store.runs import get_run, list_runs
from advisor.store.studies import get_study, list_studies
from advisor.store.tallies import LaneKey, LaneTally, count_dropped, count_failures, count_reused, tally_run
from advisor.store.traffic import sum_traffic
from advisor.store.use_cases import list_use_cases
from advisor.types import (
    FailureKind,
    Job,
    Lane,
    Log,
    Model,
    Rejection,
    Report,
    Run,
    Status,
    Study,
    Tally,
    UseCase,
)
from advisor.ui.server import store

Revision = tuple[object, ...]
"""Changes whenever what a cached read returns would change."""


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """How much a log holds; the rest of it is in ``queries_traffic``."""

    span: tuple[datetime, datetime] | None
    """None where the log has no times."""
    calls: int


def studies() -> list[Study]:
    """All studies, the newest first."""
    return list_studies(store())


def study(study_id: int) -> Study:
    """One study as it is now. Raises BadInput when it was deleted."""
    return get_study(store(), study_id)


def report(study_id: int) -> Report | None:
    """The newest stored decision of a study, or None."""
    from advisor.decide.decisions import latest_report

    return latest_report(store(), study(study_id))


def runs(study_id: int) -> list[Run]:
    """The runs of a study, the newest first."""
    return list_runs(store(), study_id)


def run(run_id: int) -> Run:
    """One run as it is now."""
    return get_run(store(), run_id)


def is_left_behind(run: Run) -> bool:
    """Whether a run says it is running although its process is dead or silent."""
    from advisor.measure.replays import is_left_behind as ask

    return ask(run)


def is_taken_over(run: Run) -> bool:
    """Whether a worker will go on with a run that was left behind, without being told to."""
    return any(job.status.is_active and job.arguments["run"] == run.id for job in jobs(run.study_id, "replay"))


def is_partial(run: Run) -> bool:
    """Whether answers or votes of a run are missing although nobody works on it any more."""
    return not run.status.is_active and tally(run.id).missing > 0


def tally(run_id: int) -> Tally:
    """Counts and spend of a run; of one at work as of a second ago at most, since a page asks several times."""
    resting = _resting(run_id)
    return _live_tally(run_id, repr(run(run_id))) if resting is None else _tally(run_id, resting)


def forecast(run_id: int) -> Forecast:
    """What a run at work will have cost and when it will be done, as of two seconds ago at most."""
    return _forecast(run_id, repr(run(run_id)))


def run_revision(run_id: int) -> Revision:
    """Changes with every answer of a run, every review and whenever it is scored again."""
    from advisor.store.reviews import load_reviews

    counts, now = tally(run_id), run(run_id)
    reviews = len(load_reviews(store(), run_id))
    return (run_id, counts, now.status.value, now.finished_at, reviews, now.scored_with.get("at"))


def failures(run_id: int) -> list[tuple[int, Lane, FailureKind, str, int]]:
    """Why calls of a run failed: (model id, lane, kind, an example message, count)."""
    resting = _resting(run_id)
    return count_failures(store(), run_id) if resting is None else _failures(run_id, resting)


def dropped_params(run_id: int) -> list[tuple[int, str, int]]:
    """What was logged and could not be sent in a run: (model id, parameter, calls)."""
    return count_dropped(store(), run_id)


def reused_answers(run: Run) -> list[tuple[int | None, int]]:
    """Where the answers of a run come from that it did not ask for: (run that did, answers)."""
    return count_reused(store(), run)


def logs(study_id: int) -> list[Log]:
    """The logs of a study, the newest first."""
    return list_logs(store(), study_id)


def rejections(log_id: int) -> list[Rejection]:
    """The rejected rows of a log."""
    return list_rejections(store(), log_id, limit=100_000)


def not_replayable(study_id: int) -> dict[str, int]:
    """Reason -> how many calls of the log cannot be asked again."""
    return list_not_replayable(store(), study_id)


def models(study_id: int) -> list[Model]:
    """The registered models of a study in the order of registration."""
    return list_models(store(), study_id)


def jobs(study_id: int | None, kind: str) -> list[Job]:
    """The jobs of one kind, the newest first."""
    return list_jobs(store(), study_id, kind=kind)


def job(job_id: int) -> Job | None:
    """One job as it is now."""
    return get_job(store(), job_id)


def is_waiting_long(job: Job) -> bool:
    """Whether nobody took a job up although the worker looks for one every half second."""
    return job.status is Status.QUEUED and datetime.now(UTC) - job.created_at > timedelta(seconds=20)


def log_revision(study_id: int) -> Revision:
    """Changes with every import and with every change of the study or its use cases."""
    parts = [(log.id, log.accepted) for log in logs(study_id)]
    cases = [(case.id, case.name, case.kind, case.ignored, case.samples) for case in list_use_cases(store(), study_id)]
    edits = tuple(edit.at for edit in list_edits(store(), study_id, limit=1))  # ids of what is undone are used again
    return (study(study_id).traffic_share, tuple(parts), tuple(cases), edits)


def bill_revision(study_id: int) -> Revision:
    """Changes too with what prices are given for the study: by them the calls of its log may be billed."""
    return (*log_revision(study_id), repr([replace(model, probe=None) for model in models(study_id)]))


def use_cases(study_id: int) -> list[UseCase]:
    """The use cases of a study with their calls a month, the largest first."""
    return _use_cases(study_id, (log_revision(study_id), choices(study_id)))


def traffic(study_id: int) -> Traffic:
    """How much the log of a study holds; ignored use cases are left out."""
    return _traffic(study_id, log_revision(study_id))


def _resting(run_id: int) -> Revision | None:
    """What the counts of a run rest on that nobody works on, so that they can be remembered; else None."""
    now = run(run_id)
    if now.status.is_active:
        return None
    there = [replace(model, probe=None) for model in models(now.study_id)], [log.id for log in logs(now.study_id)]
    return (repr(now), repr(there))  # answers go with their model and their log, and cost what its prices say


def choices(study_id: int) -> Revision:
    """Changes with how a use case is decided."""
    return tuple(
        (case.id, case.endpoint, case.margin, case.match, case.checks) for case in list_use_cases(store(), study_id)
    )


@st.cache_data(max_entries=256, show_spinner=False)
def _tally(run_id: int, revision: Revision) -> Tally:
    return tally_run(store(), run_id)


@st.cache_data(ttl=1.0, max_entries=16, show_spinner=False)
def _live_tally(run_id: int, row: str) -> Tally:
    return tally_run(store(), run_id)


@st.cache_data(ttl=2.0, max_entries=16, show_spinner=False)
def _forecast(run_id: int, row: str) -> Forecast:
    return forecast_run(store(), run(run_id), _tally_before(run_id))


@st.cache_data(max_entries=64, show_spinner=False)
def _tally_before(run_id: int) -> dict[LaneKey, LaneTally]:
    return tally_before(store(), run(run_id))


@st.cache_data(max_entries=64, show_spinner=False)
def _failures(run_id: int, revision: Revision) -> list[tuple[int, Lane, FailureKind, str, int]]:
    return count_failures(store(), run_id)


@st.cache_data(max_entries=64, show_spinner=False)
def _use_cases(study_id: int, revision: Revision) -> list[UseCase]:
    return use_cases_with_volume(store(), study(study_id))


@st.cache_data(max_entries=64, show_spinner=False)
def _traffic(study_id: int, revision: Revision) -> Traffic:
    sums = sum_traffic(store(), study_id)
    span = (sums.first_at, sums.last_at) if sums.first_at and sums.last_at else None
    return Traffic(span=span, calls=sums.calls)


def is_saturated(run: Run) -> bool:
    """Whether the latencies of a run that has ended are higher than the truth, because this machine was too busy."""
    return _is_saturated(run.id, run.finished_at)


def busy_runs(run: Run) -> tuple[int, ...]:
    """The numbers of the runs in which answers of this one were timed while this machine was too busy."""
    return _busy_runs(run.id, run.finished_at)


@st.cache_data(max_entries=64, show_spinner=False)
def _busy_runs(run_id: int, ended: datetime | None) -> tuple[int, ...]:
    from advisor.decide.saturation import busy_runs as ask

    return ask(store(), run(run_id))


@st.cache_data(max_entries=64, show_spinner=False)
def _is_saturated(run_id: int, ended: datetime | None) -> bool:
    from advisor.decide.saturation import is_saturated as ask

    return ask(store(), run(run_id))
