"""A deleted study is gone at once; its rows go in the worker, and with them their texts and their space on disk."""

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from advisor.jobs.work import do_job
from advisor.store import Store
from advisor.store.deletion import BATCH, delete_study, queue_forgotten, remove_rows
from advisor.store.jobs import claim_job, file_job, finish_job, has_import, list_jobs
from advisor.store.log_tables import SampleRow
from advisor.store.run.generations import CallKey, StoredGeneration, save_generations
from advisor.store.run.runs import change_run, get_run
from advisor.types import Answer, Generation, Job, Lane, Status
from tests.store.fill import fill

SAMPLES = 3000
SECRET = "the secret words of a customer"


def filled(path: Path) -> tuple[Store, int, int]:
    """A store with a large study: the store, the study's id and its run's."""
    store = Store(f"sqlite:///{path}")
    study, model, run = fill(store, SAMPLES)
    keys = [CallKey(sample, Lane.CANDIDATE, model.id, 1) for sample in range(1, SAMPLES + 1)]
    answer = Answer(text=SECRET * 40)
    save_generations(store, run, [StoredGeneration(key=key, generation=Generation(answer=answer)) for key in keys])
    return store, study.id, run.id


def bytes_in(path: Path) -> tuple[int, bool]:
    """The size of a database with its write-ahead log, and whether one of them holds the secret."""
    texts = [each.read_bytes() for each in (path, path.with_name(f"{path.name}-wal")) if each.exists()]
    return sum(map(len, texts)), any(SECRET.encode() in text for text in texts)


def test_space_is_freed_and_no_text_stays_while_others_are_connected(tmp_path: Path) -> None:
    path = tmp_path / "advisor.db"
    store, study_id, _ = filled(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("SELECT count(*) FROM sample").fetchone()
        size, is_there = bytes_in(path)
        assert is_there
        delete_study(store, study_id)
        assert remove_rows(store, study_id)
        left, is_there = bytes_in(path)
        assert not is_there
        assert left < size / 10
    store.close()


def test_a_file_that_cannot_shrink_step_by_step_is_copied(tmp_path: Path) -> None:
    path = tmp_path / "advisor.db"
    store, study_id, _ = filled(path)
    store.close()
    with closing(sqlite3.connect(path)) as old:
        old.execute("PRAGMA auto_vacuum = NONE")
        old.execute("PRAGMA journal_mode = DELETE")
        old.execute("VACUUM")
        assert old.execute("PRAGMA auto_vacuum").fetchone() == (0,)
    store, (size, _) = Store(f"sqlite:///{path}"), bytes_in(path)
    delete_study(store, study_id)
    assert remove_rows(store, study_id)
    left, is_there = bytes_in(path)
    assert not is_there
    assert left < size / 10
    store.close()


def test_nobody_waits_long_for_a_deletion(tmp_path: Path) -> None:
    store, study_id, _ = filled(tmp_path / "advisor.db")
    delete_study(store, study_id)
    filed: list[int] = []

    def file_one() -> bool:
        filed.append(file_job(store, "probe", None, {}).id)
        finish_job(store, filed[-1], Status.SUCCEEDED)
        return False

    assert remove_rows(store, study_id, is_wanted_elsewhere=file_one)
    assert len(filed) > 3 * SAMPLES / BATCH, "a job is filed between any two batches"
    store.close()


def test_an_import_goes_first_and_the_rest_is_removed_after_it(tmp_path: Path) -> None:
    store, study_id, _ = filled(tmp_path / "advisor.db")
    delete_study(store, study_id)
    assert has_import(store), "the process beside replays does it"
    assert claim_job(store, "w", imports=False) is None
    job = claim_job(store, "w", imports=True)
    assert job is not None
    waiting = file_job(store, "import", None, {})
    do_job(store, job)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(SampleRow)) == SAMPLES
    finish_job(store, waiting.id, Status.SUCCEEDED)
    again = claim_job(store, "w", imports=True)
    assert again is not None
    assert again.kind == "delete"
    do_job(store, again)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(SampleRow)) == 0
    assert {each.status for each in list_jobs(store, None, kind="delete")} == {Status.SUCCEEDED}
    store.close()


def test_a_run_at_work_is_cancelled_and_waited_for(tmp_path: Path) -> None:
    store, study_id, run_id = filled(tmp_path / "advisor.db")
    change_run(store, run_id, status=Status.RUNNING, owner="elsewhere:1", heartbeat_at=datetime.now(UTC))
    delete_study(store, study_id)
    assert get_run(store, run_id).state.wanted is Status.CANCELLED
    removal = threading.Thread(target=remove_rows, args=(store, study_id))
    removal.start()
    removal.join(1.0)
    assert removal.is_alive()
    change_run(store, run_id, status=Status.CANCELLED)
    removal.join(60.0)
    assert not removal.is_alive()
    store.close()


def removals(store: Store) -> list[Job]:
    return [job for job in list_jobs(store, None) if job.kind == "delete"]


def test_a_removal_that_failed_is_queued_again(tmp_path: Path) -> None:
    store, study_id, _ = filled(tmp_path / "advisor.db")
    delete_study(store, study_id)
    queue_forgotten(store)
    (job,) = removals(store)
    finish_job(store, job.id, Status.FAILED, error="The database is locked.")
    queue_forgotten(store)
    again = claim_job(store, "here", imports=True)
    assert again is not None
    do_job(store, again)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(SampleRow)) == 0
    queue_forgotten(store)
    assert [each.status for each in removals(store)].count(Status.QUEUED) == 0
