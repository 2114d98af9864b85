"""What pages read from the store. Reads over all samples are cached by revision; small ones are not cached."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from advisor.collect.volume import use_cases_with_volume
from advisor.judge.endpoints import endpoint_of, lane_of_baseline
from advisor.measure.replay.forecast import Forecast, forecast_run, steady, tally_before
from advisor.money.closed_models import PROVIDERS, Alternative, Deadline, cheaper_alternative, deadlines
from advisor.plan import first_test
from advisor.plan.business_case import case_from
from advisor.plan.moving import CaseFacts, facts_with
from advisor.store.engine import Change
from advisor.store.jobs import get_job, list_jobs
from advisor.store.log.logs import list_logs
from advisor.store.log.traffic import sum_traffic
from advisor.store.models import list_models
from advisor.store.run.runs import get_run, list_runs
from advisor.store.run.tallies import LaneKey, LaneTally, count_failures, tally_run
from advisor.store.studies import get_study, list_studies
from advisor.types import (
    Endpoint,
    FailureKind,
    Job,
    Lane,
    Log,
    Message,
    Model,
    Report,
    Role,
    Run,
    Status,
    StoredModel,
    Study,
    Tally,
    UseCase,
)
from advisor.types.business import BusinessCase
from advisor.ui.cache import cached
from advisor.ui.server import store

if TYPE_CHECKING:
    from advisor.measure.open_models import ServedModels


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


@cached(shared=True)  # nobody changes it
def report(study_id: int) -> Report | None:
    """The newest stored decision of a study, or None."""
    from advisor.decide.decisions import latest_report

    return latest_report(store(), study(study_id))


@cached(prices=True)
def case(study_id: int, report: Report) -> BusinessCase:
    """What the plan costs and saves, month by month, without its alternatives."""
    return case_from(report, case_facts(study_id))


@cached(prices=True, shared=True)
def advised(study_id: int, report: Report) -> Report:
    """The decision as it is advised, with the first of its steps that the report asks for."""
    return first_test.advised(report, case_facts(study_id))


def case_facts(study_id: int) -> CaseFacts:
    """What a business case is made with besides a decision."""
    return facts_with(store(), study(study_id), cheaper(study_id))


@cached(Change.SETUP, prices=True, spinner="Pricing a cheaper model ...")
def cheaper(study_id: int) -> Alternative | None:
    """A cheaper model of the provider that the log uses most."""
    return cheaper_alternative(store(), study(study_id))


def runs(study_id: int) -> list[Run]:
    """The runs of a study, the newest first."""
    return list_runs(store(), study_id)


def run(run_id: int) -> Run:
    """One run as it is now."""
    return get_run(store(), run_id)


def is_taken_over(run: Run) -> bool:
    """Whether a worker will go on with a run that was left behind, without being told to."""
    return any(job.status.is_active and job.arguments["run"] == run.id for job in jobs(run.study_id, "replay"))


def is_partial(run: Run) -> bool:
    """Whether answers or votes of a run are missing although nobody works on it any more."""
    return not run.state.status.is_active and tally(run.id).missing > 0


def tally(run_id: int) -> Tally:
    """Counts and spend of a run; of one at work as of a second ago at most, since a page asks several times."""
    now = run(run_id)
    return _live_tally(run_id, now.state.status) if now.state.status.is_active else _tally(now)


def forecast(run_id: int) -> Forecast:
    """What a run at work will have cost and when it will be done, as of two seconds ago at most; all see one time."""
    found, now, told = _forecast(run_id, run(run_id).state.status), time.monotonic(), _told_left()
    at, left_s = told.get(run_id, (now, None))
    left_s = None if found.is_done else steady(left_s, now - at, found.left_s)
    told[run_id] = now, left_s
    return replace(found, left_s=left_s)


@cached(Change.ANSWERS)
def failures(run: Run) -> list[tuple[int, Lane, FailureKind, str, int]]:
    """Why calls of a run failed: (model id, lane, kind, an example message, count)."""
    return count_failures(store(), run.id)


def logs(study_id: int) -> list[Log]:
    """The logs of a study, the newest first."""
    return list_logs(store(), study_id)


def models(study_id: int) -> list[StoredModel]:
    """The registered models of a study in the order of registration."""
    return list_models(store(), study_id)


def baseline_lane(study_id: int) -> Lane:
    """Where today's answers come from."""
    return lane_of_baseline(models(study_id))


def jobs(study_id: int | None, kind: str) -> list[Job]:
    """The jobs of one kind, the newest first."""
    return list_jobs(store(), study_id, kind=kind)


def job(job_id: int) -> Job | None:
    """One job as it is now."""
    return get_job(store(), job_id)


@cached(Change.SETUP)
def use_cases(study_id: int) -> list[UseCase]:
    """The use cases of a study with their calls a month, the largest first."""
    return use_cases_with_volume(store(), study(study_id))


def unjudged_in(study: Study, lane: Lane) -> list[str]:
    """Use cases that nothing will compare: they have no reference answers, and the study no judge."""
    if study.is_sample or any(model.role is Role.JUDGE for model in models(study.id)):
        return []  # the sample's reviews come with it
    cases = [case for case in use_cases(study.id) if not case.ignored]
    return [case.name for case in cases if endpoint_of(case, lane) is Endpoint.PAIRWISE]


def case_ids(study_id: int) -> dict[str, str]:
    """What an address calls each use case, by its name: its id."""
    return {case.name: str(case.id) for case in use_cases(study_id)}


@cached(Change.SETUP)
def traffic(study_id: int) -> Traffic:
    """How much the log of a study holds; ignored use cases are left out."""
    sums = sum_traffic(store(), study_id)
    span = (sums.first_at, sums.last_at) if sums.first_at and sums.last_at else None
    return Traffic(span=span, calls=sums.calls)


@cached(Change.ANSWERS)
def stale_answers(run: Run) -> Message | None:
    """That the oldest answers of a run are old; None while they are fresh."""
    from advisor.decide.freshness import stale_answers as ask

    return ask(store(), run)


@cached(Change.ANSWERS)
def is_saturated(run: Run) -> bool:
    """Whether the latencies of a run that has ended are higher than the truth, because this machine was too busy."""
    from advisor.decide.freshness import is_saturated as ask

    return ask(store(), run)


@cached(Change.ANSWERS)
def busy_runs(run: Run) -> tuple[int, ...]:
    """The numbers of the runs in which answers of this one were timed while this machine was too busy."""
    from advisor.decide.freshness import busy_runs as ask

    return ask(store(), run)


@cached(Change.ANSWERS, most=256)
def _tally(run: Run) -> Tally:
    return tally_run(store(), run.id)


@st.cache_data(ttl=1.0, max_entries=16, show_spinner=False)
def _live_tally(run_id: int, status: Status) -> Tally:
    return tally_run(store(), run_id)


@st.cache_data(ttl=2.0, max_entries=16, show_spinner=False)
def _forecast(run_id: int, status: Status) -> Forecast:
    now = run(run_id)
    return forecast_run(store(), now, _tally_before(now))


@st.cache_resource
def _told_left() -> dict[int, tuple[float, float | None]]:
    """By run when a time left was told, and which."""
    return {}


@cached(Change.SETUP)
def _tally_before(run: Run) -> dict[LaneKey, LaneTally]:
    return tally_before(store(), run)


def served() -> "ServedModels":
    """Every model at every host, at today's list prices."""
    from advisor.money.price_refresh import lists_version  # slow to import

    return _served((datetime.now(UTC).date(), lists_version()))


@st.cache_resource(max_entries=2, show_spinner="Looking up today's prices ...")
def _served(lists: tuple[object, ...]) -> "ServedModels":
    from advisor.measure.open_models import served_models

    return served_models(datetime.now(UTC))


@cached(Change.SETUP, prices=True, most=16)
def ends(study_id: int) -> tuple[Deadline, ...]:
    """When the models of the log and the hosts of the candidates are switched off."""
    return deadlines(store(), study(study_id))


def successors(study_id: int) -> list[Model]:
    """The successors of models that end, as they are asked at their providers."""
    known = {one.successor: PROVIDERS.get(one.provider or "") for one in ends(study_id)}
    return [Model(name=name, litellm_id=f"{host}/{name}") for name, host in known.items() if name and host]
