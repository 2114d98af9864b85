"""What the page Latency reads about load tests."""

import streamlit as st

from advisor.decide.response_times import Times, load_times
from advisor.measure.load_tests import LoadQuote, LoadSetup, quote_load_test
from advisor.store.jobs import list_jobs
from advisor.store.load_tests import get_load_test, list_load_tests
from advisor.types import Job, LoadTest
from advisor.ui import queries
from advisor.ui.queries import Revision
from advisor.ui.server import store


def tests(study_id: int) -> list[LoadTest]:
    """The load tests of a study, the newest first."""
    return list_load_tests(store(), study_id)


def test(test_id: int) -> LoadTest:
    """One load test as it is now. Raises BadInput when it was deleted."""
    return get_load_test(store(), test_id)


def job_of(test: LoadTest) -> Job | None:
    """The job that a load test is done by; None where a command line does it."""
    jobs = list_jobs(store(), test.study_id, kind="load_test")
    return next((job for job in jobs if job.arguments["load_test"] == test.id), None)


def quote(study_id: int, setup: LoadSetup) -> LoadQuote:
    """What a load test would cost. Raises BadInput when it cannot be made."""
    registered = tuple(repr(model) for model in queries.models(study_id) if model.name == setup.model)
    return _quote(study_id, setup, (queries.log_revision(study_id), registered))


@st.cache_data(max_entries=64, show_spinner="Counting the calls ...")
def _quote(study_id: int, setup: LoadSetup, revision: Revision) -> LoadQuote:
    return quote_load_test(store(), queries.study(study_id), setup)


def times(study_id: int, run_id: int, use_case: str | None) -> list[Times]:
    """Response times of the baseline and every candidate of a run, in one use case or in all of them."""
    return _times(study_id, run_id, use_case, (queries.run_revision(run_id), queries.log_revision(study_id)))


@st.cache_data(max_entries=64, show_spinner=False)
def _times(study_id: int, run_id: int, use_case: str | None, revision: Revision) -> list[Times]:
    return load_times(store(), study_id, run_id, use_case)
