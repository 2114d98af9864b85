"""Imports that were cut off: told apart from failed ones, gone on with, or discarded."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from advisor.collect.import_jobs import SILENT_AFTER, discard_import, file_import, import_again, is_silent, what_is_left
from advisor.collect.imports import ImportOptions, import_logs
from advisor.errors import BadInput, StoreError
from advisor.jobs import work as jobs
from advisor.jobs.work import work
from advisor.settings import ROOT
from advisor.store import Store
from advisor.store.jobs import claim_job, file_job, finish_job, get_job, list_jobs
from advisor.store.log.import_lock import only_import
from advisor.store.log.imports import LogWriter
from advisor.store.log.logs import list_logs
from advisor.store.studies import create_study, find_study, list_studies
from advisor.store.tables import JobRow
from advisor.types import Job, Progress, Status
from tests.made.log import call, write_log
from tests.waiting import wait_until


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write_log(tmp_path / "log.jsonl", [call(n) for n in range(9000)])


@pytest.fixture
def cut_off(store: Store, log: Path) -> Callable[[], Job]:
    """Files an import that ends half-way, as after a full disk."""

    def cut_it_off() -> Job:
        job = file_import(store, "Mine", [log], ImportOptions(redact=False))

        def stop(now: Progress) -> None:
            if now.done:
                raise Killed

        with pytest.raises(Killed):
            import_logs(store, "Mine", [str(log)], ImportOptions(redact=False), on_progress=stop)
        claim_job(store, "somebody")
        finish_job(store, job.id, Status.FAILED, error="The database refused: disk full.")
        return get_job(store, job.id) or job

    return cut_it_off


def test_what_was_stored_is_told_and_the_same_import_goes_on(store: Store, cut_off: Callable[[], Job]) -> None:
    job = cut_off()
    left = what_is_left(store, job)
    assert left.calls is not None
    assert 0 < left.calls < 9000
    assert left.missing == ()
    again = import_again(store, job)
    assert again.arguments == job.arguments
    work(store, once=True)
    done = get_job(store, again.id)
    assert done is not None
    assert (done.status, done.result["accepted"], done.result["duplicates"]) == (Status.SUCCEEDED, 9000, 0)
    assert what_is_left(store, job).calls is None


def test_discarding_removes_what_was_stored_and_the_study_it_made(store: Store, cut_off: Callable[[], Job]) -> None:
    job = cut_off()
    discard_import(store, job)
    assert what_is_left(store, job).calls is None
    assert list_studies(store) == []
    now = get_job(store, job.id)
    assert now is not None
    assert now.status is Status.CANCELLED


def test_nothing_is_discarded_while_another_import_into_the_study_runs(
    store: Store, log: Path, cut_off: Callable[[], Job]
) -> None:
    job = cut_off()
    file_import(store, "Mine", [log], ImportOptions(redact=False))
    with pytest.raises(BadInput, match="Another import into Mine is running"):
        discard_import(store, job)
    assert what_is_left(store, job).calls


def test_discarding_keeps_the_complete_logs_of_a_study(store: Store, log: Path, tmp_path: Path) -> None:
    import_logs(store, "Mine", [write_log(tmp_path / "other.jsonl", [call(1)])], ImportOptions(redact=False))
    study = find_study(store, "Mine")
    LogWriter(store, study.id, name="half", format="table", redacted=False, fingerprint="x")
    job = file_import(store, "Mine", [log], ImportOptions(redact=False))
    finish_job(store, job.id, Status.FAILED, error="Locked.")
    assert what_is_left(store, job).calls == 0
    discard_import(store, job)
    assert [each.name for each in list_logs(store, study.id)] == ["other.jsonl"]


def test_a_file_that_is_gone_is_named(store: Store, log: Path) -> None:
    create_study(store, "Mine")
    job = file_import(store, "Mine", [log, "env:SOME_URL"], ImportOptions(redact=False))
    assert what_is_left(store, job).missing == ()
    log.unlink()
    assert what_is_left(store, job).missing == ("log.jsonl",)


def test_a_worker_that_says_nothing_is_noticed(store: Store, log: Path) -> None:
    job = file_import(store, "Mine", [log], ImportOptions(redact=False))
    assert not is_silent(job)
    claimed = claim_job(store, "somebody")
    assert claimed is not None
    assert not is_silent(claimed)
    assert is_silent(claimed, datetime.now(UTC) + SILENT_AFTER + timedelta(seconds=1))


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    """As the page keeps one."""
    folder = tmp_path / "uploads" / "x"
    folder.mkdir(parents=True)
    return write_log(folder / "log.jsonl", [call(n) for n in range(20)])


def silent(store: Store, job: Job) -> None:
    """Long enough for another worker to take the job over."""
    with store.write(None) as session:
        long_ago = datetime.now(UTC) - timedelta(minutes=2)
        session.execute(update(JobRow).where(JobRow.id == job.id).values(heartbeat_at=long_ago))


def status_of(store: Store, job: Job) -> Status | None:
    now = get_job(store, job.id)
    return now.status if now else None


@pytest.mark.parametrize("moment", ["import_logs", "finish_job"])
def test_a_job_that_was_cut_off_finds_its_upload_again(
    store: Store, upload: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    job = file_import(store, "Mine", [upload], ImportOptions(redact=False), delete_after=True)

    def cut_off(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(jobs, moment, cut_off)
        with pytest.raises(Killed):
            work(store, once=True)
    assert (status_of(store, job), upload.exists()) == (Status.RUNNING, True)
    silent(store, job)
    work(store, once=True)
    assert (status_of(store, job), upload.parent.exists()) == (Status.SUCCEEDED, False)
    assert sum(log.accepted for log in list_logs(store, find_study(store, "Mine").id)) == 20


def test_an_upload_is_kept_as_long_as_its_import_may_go_on(store: Store, upload: Path) -> None:
    job = file_import(store, "Mine", [upload], ImportOptions(redact=False), delete_after=True)
    with only_import(store, create_study(store, "Mine")):
        work(store, once=True)
    assert (status_of(store, job), upload.exists()) == (Status.FAILED, True)
    again = import_again(store, job)
    work(store, once=True)
    assert (status_of(store, again), upload.exists()) == (Status.SUCCEEDED, False)


def test_an_upload_that_is_no_log_is_deleted(store: Store, upload: Path) -> None:
    upload.write_bytes(b"\x89PNG\r\n\x1a\n" * 20)
    job = file_import(store, "Mine", [upload], ImportOptions(redact=False), delete_after=True)
    work(store, once=True)
    assert (status_of(store, job), upload.exists()) == (Status.FAILED, False)


def test_nothing_is_discarded_under_an_import_that_runs_however_many_are_newer(
    store: Store, log: Path, cut_off: Callable[[], Job]
) -> None:
    job = cut_off()
    with only_import(store, find_study(store, "Mine")), pytest.raises(StoreError, match="Another import into Mine"):
        discard_import(store, job)
    file_import(store, "Mine", [log], ImportOptions(redact=False))
    for n in range(25):
        file_import(store, f"Other {n}", [log], ImportOptions(redact=False))
    with pytest.raises(BadInput, match="Another import into Mine is running"):
        discard_import(store, job)
    assert what_is_left(store, job).calls


def test_an_import_waits_for_no_replay(store: Store, tmp_path: Path) -> None:
    """The worker leaves imports to a process of its own, which ends with it."""
    worker_does = file_job(store, "unknown", None, {})
    job = file_import(store, "Mine", [write_log(tmp_path / "log.jsonl", [call(1)])], ImportOptions(redact=False))
    env = {**os.environ, "ADVISOR_DATABASE_URL": str(store.engine.url)}
    worker = subprocess.Popen([sys.executable, "-m", "advisor", "work"], cwd=ROOT, env=env)
    try:
        wait_until(lambda: not any(each.status.is_active for each in list_jobs(store, None)), worker)
    finally:
        worker.kill()
        worker.wait()
    done, other = get_job(store, job.id), get_job(store, worker_does.id)
    assert done is not None
    assert other is not None
    assert (done.status, other.status) == (Status.SUCCEEDED, Status.FAILED)
    assert other.owner == f"{(other.owner or '').rpartition(':')[0]}:{worker.pid}"
    assert done.owner != other.owner


def test_no_lock_is_left_and_one_opened_before_it_was_removed_locks_nothing(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Store(f"sqlite:///{tmp_path / 'own.db'}")
    study = create_study(own, "Mine")
    import_logs(own, "Mine", [str(log)], ImportOptions(redact=False))
    assert not list(tmp_path.glob("*importing*"))
    connect = sqlite3.connect

    def removed(file: Path, **options: Any) -> Any:
        connection = connect(file, **options)
        file.unlink()
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", removed)
        with pytest.raises(StoreError, match="Another import into Mine"), only_import(own, study):
            pass
    with only_import(own, study), pytest.raises(StoreError, match="Another import into Mine"), only_import(own, study):
        pass
    assert not list(tmp_path.glob("*importing*"))
