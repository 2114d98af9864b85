"""A run that is killed while it is scored is not finished: whoever takes it over scores it, and asks nothing again."""

import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from advisor.decide.decisions import decide
from advisor.jobs.work import work
from advisor.measure.run_lifecycle import file_replay
from advisor.measure.studies import describe_run
from advisor.store.jobs import list_jobs
from advisor.store.run.runs import change_run, is_being_scored
from advisor.store.run.scores import load_scores
from advisor.store.tables import JobRow
from advisor.types import RunOptions, Status
from tests.measure.replay.witness import Scene, Witness, finish, kill
from tests.waiting import wait_until

CALLS = 30
"""To each of two models."""


def kill_while_scoring(scene: Scene, process: "subprocess.Popen[str]") -> None:
    with closing(sqlite3.connect(scene.database)) as database:
        wait_until(lambda: database.execute("select count(resting) from run").fetchone() == (1,), process)
        kill(process)


def check_unfinished(scene: Scene) -> None:
    run = scene.ended()
    assert (run.state.status, is_being_scored(run)) == (Status.RUNNING, True)
    assert describe_run(scene.store, run)["partial"] is True
    assert decide(scene.store, scene.study).recommendation.run.partial
    assert len(scene.server.asked) == 2 * CALLS


def check_finished(scene: Scene) -> None:
    run = scene.ended()
    assert (run.state.status, run.state.resting, run.state.error, run.machine.asked_again) == (
        Status.SUCCEEDED,
        None,
        None,
        0,
    )
    assert len(scene.server.asked) == 2 * CALLS, "no call is made twice"
    assert len({(key.sample_id, key.model_id) for key in load_scores(scene.store, run.id)}) >= 2 * CALLS
    assert not decide(scene.store, scene.study).recommendation.run.partial


@pytest.mark.slow
def test_a_command_killed_while_scoring_is_resumed_and_scores(tmp_path: Path) -> None:
    with Witness() as server:
        scene = Scene(tmp_path, server, calls=CALLS)
        kill_while_scoring(scene, scene.replay("--sample", str(CALLS), "--concurrency", "4"))
        check_unfinished(scene)
        printed = finish(scene.replay())
        assert (printed["status"], printed["partial"]) == ("succeeded", False)
        check_finished(scene)


@pytest.mark.slow
def test_the_job_of_a_worker_killed_while_scoring_is_taken_over_and_scores(tmp_path: Path) -> None:
    with Witness() as server:
        scene = Scene(tmp_path, server, calls=CALLS)
        file_replay(scene.store, scene.study, RunOptions(sample_size=CALLS, concurrency=4))
        kill_while_scoring(scene, scene.command("work"))
        check_unfinished(scene)
        long_ago = datetime.now(UTC) - timedelta(minutes=5)
        with scene.store.write(None) as session:
            session.execute(update(JobRow).values(heartbeat_at=long_ago))
        work(scene.store, once=True)
        check_finished(scene)
        (job,) = list_jobs(scene.store, scene.study.id, kind="replay")
        assert (job.status, job.error) == (Status.SUCCEEDED, None)


@pytest.mark.parametrize("wanted", [Status.PAUSED, Status.CANCELLED])
def test_a_run_that_was_to_stop_when_its_worker_died_stops(tmp_path: Path, wanted: Status) -> None:
    with Witness() as server:
        scene = Scene(tmp_path, server, calls=CALLS)
        run, _ = file_replay(scene.store, scene.study, RunOptions(sample_size=CALLS))
        long_ago = datetime.now(UTC) - timedelta(minutes=5)
        left: dict[str, Any] = {
            "status": Status.RUNNING,
            "wanted": wanted,
            "owner": "elsewhere:1",
            "heartbeat_at": long_ago,
        }
        change_run(scene.store, run.id, **left)
        work(scene.store, once=True)
        assert (scene.ended().state.status, scene.ended().state.wanted, server.asked) == (wanted, None, [])
