"""What the page Latency reads about load tests."""

import streamlit as st

from advisor.store.jobs import list_jobs
from advisor.store.load_tests import get_load_test, list_load_tests
from advisor.study.load_tests import LoadQuote, LoadSetup, quote_load_test
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
