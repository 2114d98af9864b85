"""The calls of a run in chunks that wait in PostgreSQL until a worker takes them: procrastinate's queue of jobs.

A chunk holds calls of one model, so that a slow provider holds up nobody else's calls. It is deleted when all its
answers are stored; one whose worker died waits again.
"""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from psycopg import OperationalError
from psycopg.errors import RaiseException

from advisor.errors import StoreError
from advisor.store.engine import Store
from advisor.store.run.generations import CallKey, Subject, columns_of
from advisor.store.run.workers import queue_url, setting_up
from advisor.types import ControlKind, Lane
from advisor.types.enums import About

TASK = "replay"
MOST_CALLS, CHUNKS_PER_MODEL = 500, 16
"""A chunk is as large as keeps asking for the next one cheap, and so small that every worker gets some."""
AT_ONCE = 50
"""Chunks put into the queue by one statement."""
BEAT_S = 2.0
SILENT_AFTER_S = 10.0
"""A worker whose beat is older is dead."""
FORGOTTEN_AFTER_S = 3600.0
LOST = 1
"""The priority of a chunk whose worker died; others have 0."""

Result = TypeVar("Result")


class Chunk(NamedTuple):
    """Calls of one model."""

    keys: list[CallKey]
    was_begun: bool
    """Some of them may have been answered: it was given back, or its worker died."""
    was_lost: bool
    """Its worker died, perhaps with calls in flight."""


class Left(NamedTuple):
    """Numbers of chunks."""

    waiting: int
    taken: int
    """Somebody works on them."""


class Chunks:
    """This process as a worker of the queue. Use as a context manager, from any thread.

    The queue is asked in a thread with an event loop of its own, out of the way of what is measured. Every method
    raises StoreError while the database does not answer.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._app = App(connector=PsycopgConnector(conninfo=queue_url(store), min_size=1, max_size=2))
        self._jobs = self._app.job_manager
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="chunks", daemon=True)
        self._taken: dict[str, list[Job]] = {}

    def __enter__(self) -> "Chunks":
        self._thread.start()
        try:
            with setting_up(self._store):
                self._do(self._open())
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(StoreError):  # then others find out by our silence
            self._do(self._close())
        self._end()

    def cut(self, run_id: int, keys: Sequence[CallKey], *, slots: int) -> None:
        """Let calls wait in their order, but for those that already do; ``slots`` of a model are made at a time."""
        self._do(self._cut(run_id, keys, slots))

    def take(self, run_id: int, model_id: int) -> Chunk | None:
        """A chunk that nobody works on; None when there is none left."""
        return self._do(self._take(run_id, model_id))

    def finish(self) -> None:
        """Delete the chunks that were taken and not given back: all their answers are stored."""
        self._do(self._delete(self._list_taken()))
        self._taken.clear()

    def give_back(self, run_id: int, model_id: int) -> None:
        """Let the chunks of a model that were taken wait for others. Does not wait until it is done."""
        jobs = self._taken.pop(_queue(run_id, model_id), [])
        asyncio.run_coroutine_threadsafe(self._retry(jobs), self._loop)

    def give_all_back(self) -> None:
        """Let every chunk that was taken and is not finished wait for others."""
        self._do(self._retry(self._list_taken()))
        self._taken.clear()

    def revive(self, run_id: int) -> None:
        """Let the chunks of a run wait again whose worker died."""
        self._do(self._revive(run_id))

    def drop(self, run_id: int) -> None:
        """Delete all chunks of a run, whoever works on them."""
        self._do(self._drop(run_id))

    def count_left(self, run_id: int, model_ids: Iterable[int]) -> "Left":
        """Chunks of these models that are not finished."""
        names = {_queue(run_id, model_id) for model_id in model_ids}
        queues = [queue for queue in self._do(self._jobs.list_queues_async()) if queue["name"] in names]
        return Left(sum(queue["todo"] for queue in queues), sum(queue["doing"] for queue in queues))

    def list_waiting(self) -> dict[int, set[int]]:
        """The models of which chunks wait, by id of the run."""
        found: dict[int, set[int]] = {}
        for queue in self._do(self._jobs.list_queues_async()):
            task, _, name = queue["name"].partition("-")
            if task == TASK and queue["todo"]:
                run_id, model_id = map(int, name.split("-"))
                found.setdefault(run_id, set()).add(model_id)
        return found

    def _do(self, work: Coroutine[Any, Any, Result]) -> Result:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        except (ConnectorException, OperationalError) as error:
            text = str(error.__cause__ or error)
            raise StoreError(
                f"The call queue isn't responding: {text}. Check that the database server runs.", passing=True
            ) from error

    def _list_taken(self) -> list[Job]:
        return [job for jobs in self._taken.values() for job in jobs]

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self) -> None:
        await self._app.open_async()
        if not await self._app.check_connection_async():
            await self._app.schema_manager.apply_schema_async()
        await self._jobs.prune_stalled_workers(FORGOTTEN_AFTER_S)
        self._worker_id = await self._jobs.register_worker()
        self._beating = asyncio.create_task(self._beat())

    async def _close(self) -> None:
        self._beating.cancel()
        await self._jobs.unregister_worker(self._worker_id)
        await self._app.close_async()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            with contextlib.suppress(ConnectorException, OperationalError):
                await self._jobs.update_heartbeat(self._worker_id)

    async def _cut(self, run_id: int, keys: Sequence[CallKey], slots: int) -> None:
        for model_id in dict.fromkeys(key.model_id for key in keys):
            name = _queue(run_id, model_id)
            waiting = {key for job in await self._jobs.list_jobs_async(queue=name) for key in _read(job)}
            own = [key for key in keys if key.model_id == model_id and key not in waiting]
            size = max(slots, min(MOST_CALLS, len(own) // CHUNKS_PER_MODEL))
            stored = [list(columns_of(key)) for key in own]
            chunks: list[Any] = [{"keys": stored[i : i + size]} for i in range(0, len(stored), size)]
            task = self._app.configure_task(TASK, queue=name)
            for start in range(0, len(chunks), AT_ONCE):
                await task.batch_defer_async(*chunks[start : start + AT_ONCE])

    async def _take(self, run_id: int, model_id: int) -> Chunk | None:
        name = _queue(run_id, model_id)
        job = await self._jobs.fetch_job(queues=[name], worker_id=self._worker_id)
        if job is None:
            return None
        self._taken.setdefault(name, []).append(job)
        return Chunk(_read(job), job.attempts > 0, job.priority == LOST)

    async def _delete(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            with _unless_gone():
                await self._jobs.finish_job(job, Status.SUCCEEDED, delete_job=True)

    async def _retry(self, jobs: Iterable[Job], priority: int = 0) -> None:
        for job in jobs:
            with _unless_gone():
                await self._jobs.retry_job(job, priority=priority)

    async def _revive(self, run_id: int) -> None:
        stalled = await self._jobs.get_stalled_jobs(task_name=TASK, seconds_since_heartbeat=SILENT_AFTER_S)
        await self._retry((job for job in stalled if job.queue.startswith(_queue(run_id))), LOST)

    async def _drop(self, run_id: int) -> None:
        for queue in await self._jobs.list_queues_async():
            if queue["name"].startswith(_queue(run_id)):
                await self._delete(await self._jobs.list_jobs_async(queue=queue["name"]))


@contextlib.contextmanager
def _unless_gone() -> Iterator[None]:
    """Pass over a chunk that was dropped, finished or given back meanwhile."""
    try:
        yield
    except ConnectorException as error:
        if not isinstance(error.__cause__, RaiseException):
            raise


def _queue(run_id: int, model_id: int | str = "") -> str:
    return f"{TASK}-{run_id}-{model_id}"


def _read(job: Job) -> list[CallKey]:
    stored: Any = job.task_kwargs["keys"]
    return [_key(*key) for key in stored]


def _key(sample_id: int, lane: str, model_id: int, epoch: int, *subject: Any) -> CallKey:
    about, *compared, control, task, prompt = subject
    parts = (*compared, control and ControlKind(control), task, prompt)
    return CallKey(sample_id, Lane(lane), model_id, epoch, Subject(About(about), *parts))
