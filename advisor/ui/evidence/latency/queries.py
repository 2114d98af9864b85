"""What the page Latency reads about load tests."""

from advisor.decide.response_times import Times, load_times
from advisor.measure.load_tests import LoadQuote, LoadSetup, quote_load_test
from advisor.store.engine import Change
from advisor.store.jobs import list_jobs
from advisor.store.run.load_tests import get_load_test, list_load_tests
from advisor.types import Job, LoadTest
from advisor.ui import queries
from advisor.ui.cache import cached
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


@cached(Change.SETUP, prices=True, spinner="Counting the calls ...")
def quote(study_id: int, setup: LoadSetup) -> LoadQuote:
    """What a load test would cost. Raises BadInput when it cannot be made."""
    return quote_load_test(store(), queries.study(study_id), setup)


@cached(Change.ANSWERS)
def times(study_id: int, run_id: int, use_case: str | None) -> list[Times]:
    """Response times of the baseline and every candidate of a run, in one use case or in all of them."""
    return load_times(store(), study_id, run_id, use_case)
