"""One run of a study at a time: whoever starts or resumes another meanwhile is refused."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from advisor.errors import BadInput
from advisor.jobs.work import do_job
from advisor.measure.run_lifecycle import file_replay, requeue_run, start_run
from advisor.store import Store
from advisor.store.jobs import claim_job
from advisor.store.run.runs import beat_run, change_run, claim_run, get_run, list_runs
from advisor.types import Role, Run, RunOptions, Status, Study
from tests.made.log import call
from tests.made.run import made_study


def a_study(store: Store, folder: Path) -> Study:
    rows = [call(n) for n in range(4)]
    return made_study(store, folder, rows, "http://127.0.0.1:9/v1", {"open": Role.CANDIDATE})


def test_of_starts_at_the_same_moment_one_wins(any_store: Store, tmp_path: Path) -> None:
    study = a_study(any_store, tmp_path)
    together = threading.Barrier(4)
    outcomes: list[Run | BadInput] = []

    def start() -> None:
        together.wait()
        try:
            outcomes.append(start_run(any_store, study, RunOptions()))
        except BadInput as refusal:
            outcomes.append(refusal)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (run,) = list_runs(any_store, study.id)
    assert [outcome.id for outcome in outcomes if isinstance(outcome, Run)] == [run.id]
    assert [f"Run 1 of this study (id {run.id}) is queued" in str(o) for o in outcomes if o != run] == [True] * 3


def test_what_has_ended_or_died_stands_in_nobodys_way(store: Store, tmp_path: Path) -> None:
    study = a_study(store, tmp_path)
    first = start_run(store, study, RunOptions())
    change_run(store, first.id, status=Status.PAUSED)
    second = start_run(store, study, RunOptions(fresh=True))
    with pytest.raises(BadInput, match="Run 2 of this study"):
        requeue_run(store, first)
    change_run(store, second.id, status=Status.RUNNING, owner="elsewhere:1", heartbeat_at=None)
    requeue_run(store, first)
    assert [run.state.status for run in list_runs(store, study.id)] == [Status.PAUSED, Status.QUEUED]
    assert not claim_run(store, second.id, "here:2"), "two runs would pay for the same calls"
    assert beat_run(store, second.id, "elsewhere:1") is Status.CANCELLED, "a process that was only slow stops"


def test_a_job_that_fails_before_its_run_begins_leaves_the_way_free(store: Store, tmp_path: Path) -> None:
    study = a_study(store, tmp_path)
    run, _ = file_replay(store, study, RunOptions())
    job = claim_job(store, "here:1")
    assert job is not None
    with store.write(None) as session:
        session.execute(text("ALTER TABLE use_case RENAME TO gone"))
    do_job(store, job)
    with store.write(None) as session:
        session.execute(text("ALTER TABLE gone RENAME TO use_case"))
    assert get_run(store, run.id).state.status is Status.FAILED
    assert start_run(store, study, RunOptions()).state.status is Status.QUEUED
