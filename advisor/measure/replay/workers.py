"""Several processes make the calls of one run: one conducts it, and every worker that is free takes chunks of it.

Limits are those of the whole run: calls in flight are shared out among the workers that live, a wait that a provider
asked one of them for holds for all, and dollars are leased from the run's budget.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NamedTuple

from advisor.errors import AdvisorError
from advisor.measure.replay.budget import Budget, LeasedBudget
from advisor.measure.replay.calls import Call
from advisor.measure.replay.engine import Outcome
from advisor.measure.replay.ownership import Heart, owner_name
from advisor.measure.replay.reuse import LATE_S, most_lost
from advisor.measure.replay.track import Feed, Load, Track, slots_of
from advisor.measure.replay.writer import Writer, patiently
from advisor.store import Store
from advisor.store.run.chunks import SILENT_AFTER_S, Chunk, Chunks
from advisor.store.run.generations import CallKey, StoredGeneration
from advisor.store.run.runs import change_run
from advisor.store.run.workers import beat_worker, count_asked_again, leave_run, list_answered_among
from advisor.types import Notice, Run, Status, StoredModel

BEAT_S = 1.0
HURRY_S = 0.1
"""Between two beats when a call waits for a new lease."""
POLL_S = 0.2
SHORTEST_HOLD_S = 1.0
"""A wait that ends before others hear of it is not worth telling."""


Follow = Callable[[Sequence[Track]], None]
Make = Callable[[Sequence[tuple[StoredModel, Feed]], Writer, Budget, Follow], Coroutine[Any, Any, Outcome]]
"""Makes the calls that feeds give, in this process, until they are empty or the run stops."""


class Member:
    """This process as one of those that work on a run; its thread beats and keeps the limits that all share.

    Use as a context manager.
    """

    def __init__(self, store: Store, run: Run, chunks: Chunks, *, leads: bool, untold_usd: float = 0.0) -> None:
        """``leads``: it conducts the run, and sees to the chunks of workers that died.

        ``untold_usd`` is what stored answers took from the budget beside their known cost.
        """
        self.chunks, self.run, self.leads = chunks, run, leads
        self.wanted: Status | None = None
        """What a person asked for; paused when nobody conducts the run any more, or a job waits that nobody has begun.

        Whoever leads does not hear it here.
        """
        self.workers = 1
        """Living ones on this run, with this one."""
        self.budget = LeasedBudget(self._hurry)
        self.budget.spent_usd = untold_usd
        self.stored_usd = 0.0
        """What the answers cost that were stored so far."""
        self._store = store
        self._tracks: Sequence[Track] = ()
        self._held: dict[str, float] = {}
        self._missed_at = float("-inf")
        self._heard = 0
        self._due, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._live, name=f"member-{run.id}", daemon=True)

    def __enter__(self) -> "Member":
        self._beat()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._due.set()
        self._thread.join()
        patiently(lambda: leave_run(self._store, owner_name()))

    def tell(self, notices: list[Notice]) -> None:
        """What holds calls back is shown by whoever conducts the run: others share its limits."""

    def follow(self, tracks: Sequence[Track]) -> None:
        """Keep the limits of these models from now on."""
        self._tracks = tracks
        self._limit()

    def wait_for_others(self) -> None:
        """Until no other worker has a call in flight: those that die are not waited for."""
        heard = self._heard
        while self.workers > 1 or self._heard <= heard + 1:  # the news may be older than the wish to stop
            self._hurry()
            time.sleep(POLL_S)

    def take(self, model: StoredModel) -> list[CallKey]:
        """The calls of a chunk that have no answer yet; none where no chunk is left for us."""
        keys: list[CallKey] = []
        while not keys and self.wanted is None:
            chunk = patiently(lambda: self.chunks.take(self.run.id, model.id))
            if chunk is None:
                break
            keys = self._unanswered(model, chunk) if chunk.was_begun else chunk.keys
        return keys

    def _unanswered(self, model: StoredModel, chunk: Chunk) -> list[CallKey]:
        answered = patiently(lambda: list_answered_among(self._store, self.run.id, model.id, chunk.keys))
        keys = [key for key in chunk.keys if key not in answered]
        if chunk.was_lost:
            in_flight = self.run.options.concurrency
            lost = patiently(lambda: most_lost(self._store, self.run, in_flight=in_flight, unstored_s=LATE_S))
            patiently(lambda: count_asked_again(self._store, self.run.id, min(len(keys), lost)))
        return keys

    def _hurry(self) -> None:
        self._due.set()

    def _live(self) -> None:
        while True:
            self._due.wait(BEAT_S)
            self._due.clear()
            if self._over.wait(HURRY_S):
                return
            try:
                self._beat()
                if self.leads and time.monotonic() - self._missed_at > SILENT_AFTER_S:
                    self.chunks.revive(self.run.id)
            except AdvisorError:
                self._missed_at = time.monotonic()  # then others could not beat either, and are not dead for that

    def _beat(self) -> None:
        stored_usd = self.stored_usd  # read first: what is stored from here on counts twice, and not never
        used_usd, needed_usd = self.budget.open_lease() if self.run.options.budget_usd is not None else (0.0, 0.0)
        news = beat_worker(
            self._store,
            self.run.id,
            owner_name(),
            held_s=self._new_holds(),
            used_usd=max(used_usd - stored_usd, 0.0),
            needed_usd=needed_usd,
        )
        if self.run.options.budget_usd is not None:
            self.budget.grant(news.lease_usd, is_last_word=news.is_last_word)
        self.workers, self._heard = news.workers, self._heard + 1
        if not self.leads:
            self.wanted = self.wanted or news.wanted or (Status.PAUSED if news.job_waits else None)
        self._held = {name: time.perf_counter() + seconds for name, seconds in news.held_s.items()}
        self._limit()

    def _new_holds(self) -> dict[str, float]:
        """Seconds that providers asked this worker to wait, where the others do not know of them yet."""
        now, holds = time.perf_counter(), {}
        for track in self._tracks:
            until = track.pace.held_until
            if until > max(self._held.get(_name(track), 0.0), now) + SHORTEST_HOLD_S:
                holds[_name(track)] = until - now
        return holds

    def _limit(self) -> None:
        for track in self._tracks:
            track.pace.limit = max(track.concurrency // self.workers, 1)
            track.pace.hold(self._held.get(_name(track), float("-inf")))


class CountingWriter(Writer):
    """Tells how many dollars it has stored."""

    def __init__(self, store: Store, member: Member) -> None:
        super().__init__(store, member.run)
        self._member = member

    def _save(self, batch: list[StoredGeneration]) -> None:
        super()._save(batch)
        self._member.stored_usd += sum(stored.generation.cost_usd or 0.0 for stored in batch)


class ChunkFeed(Feed):
    """The calls of one model, chunk after chunk while there are any."""

    def __init__(self, member: Member, model: StoredModel, load: Load, *, ahead: int) -> None:
        super().__init__([], load, ahead=ahead)
        self._member, self._model, self._wanted = member, model, ahead
        self._taking: asyncio.Task[None] | None = None
        self._is_over = False

    async def next(self) -> Call | None:
        """The next call; None when no chunk is left. Raises what loading or the queue raised."""
        while True:
            if not self._is_over and self._taking is None and len(self._keys) + len(self._ready) < self._wanted:
                self._taking = asyncio.create_task(self._take())
            call = await super().next()
            if call is not None or (self._is_over and self._taking is None):
                return call
            if self._taking is not None:
                await asyncio.shield(self._taking)

    def drain(self) -> list[CallKey]:
        """The calls that nobody will make. A worker that does not lead leaves them, and what follows, to others."""
        keys = super().drain()
        if self._member.leads:
            return keys
        self._is_over = True
        self._member.chunks.give_back(self._member.run.id, self._model.id)
        return []

    @property
    def is_empty(self) -> bool:
        """Whether every call has been handed out and no chunk is left."""
        return self._is_over and super().is_empty

    async def _take(self) -> None:
        try:
            keys = await asyncio.to_thread(self._member.take, self._model)
            self._keys.extend(keys)
            self._is_over = self._is_over or not keys
        finally:
            self._taking = None


class Work(NamedTuple):
    """Calls of a run that are to be made."""

    models: Sequence[StoredModel]
    keys: Sequence[CallKey]
    load: Load
    make: Make


def take_part(store: Store, member: Member, work: Work) -> Outcome:
    """Make calls of a run, chunk by chunk, until none is left or the run stops.

    Raises StoreError when answers could not be stored or the queue does not answer; the chunks are left to others.
    """
    slots = [slots_of(model, member.run.options) for model in work.models]
    fed = [
        (model, ChunkFeed(member, model, work.load, ahead=2 * n)) for model, n in zip(work.models, slots, strict=True)
    ]
    try:
        with CountingWriter(store, member) as writer:
            outcome = asyncio.run(work.make(fed, writer, member.budget, member.follow))
        if writer.error is not None:
            raise writer.error
        if outcome.stopped is None:
            patiently(member.chunks.finish)
        return outcome
    finally:
        member.follow([])
        member.chunks.give_all_back()


def conduct(
    store: Store,
    run: Run,
    heart: Heart,
    work: Work,
    *,
    untold_usd: float,
) -> Outcome:
    """Let every free worker make these calls, and take part, until all are made or the run stops. Raises StoreError.

    ``untold_usd`` is what stored answers took from the budget beside their known cost.
    """
    begin, whole = time.perf_counter(), Outcome()
    ids = [model.id for model in work.models]
    with Chunks(store) as chunks, Member(store, run, chunks, leads=True, untold_usd=untold_usd) as member:
        chunks.cut(run.id, work.keys, slots=max(slots_of(model, run.options) for model in work.models))
        while whole.stopped is None and any(left := patiently(lambda: chunks.count_left(run.id, ids))):
            if heart.wanted is not None:
                whole.stopped = heart.wanted
            elif left.waiting:
                part = take_part(store, member, work)
                whole.add(part)
            else:
                time.sleep(POLL_S)
        whole.wall_s = time.perf_counter() - begin  # chunks of others included
        if whole.stopped is not None:
            change_run(store, run.id, by=owner_name(), wanted=whole.stopped)
            patiently(lambda: chunks.drop(run.id))
            member.wait_for_others()
    return whole


def _name(track: Track) -> str:
    return f"{track.model.litellm_id} ({track.provider})"
