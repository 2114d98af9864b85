"""One run for each thing that can break, to its end, with what was lost and what was paid twice."""

import contextlib
import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from advisor.cli.main import main
from advisor.errors import StoreError
from advisor.jobs.work import work
from advisor.measure.replay import breaker, track
from advisor.measure.replay import writer as patience
from advisor.measure.replay.ownership import is_dead_here
from advisor.measure.run_lifecycle import file_replay, file_resume, finish_run, requeue_run, start_run
from advisor.types import RunOptions
from tests.measure.replay.witness import ROOT, Name, Scene, Witness, kill
from tests.waiting import wait_until

CALLS = 40
"""To each of two models."""
SETUP = RunOptions(sample_size=CALLS, concurrency=4)
SLOTS = 2 * SETUP.concurrency
DELAY_S = 0.05
LOCKED_S = 8.0
FULL_S = 2.0
DOWN_S = 2.0


@dataclass(frozen=True, kw_only=True)
class Damage:
    """What a fault did to a run, once that was resumed to its end."""

    planned: int
    finished: int
    """Calls with an answer."""
    lost: int
    """Calls that had an answer in the store, and lost it."""
    paid_twice: int
    """Whole answers to calls that had one in the store, or still in hand of a process that went on living."""
    in_hand: int
    """Whole answers that were lost with a process, or with the last commits before a power loss: asked again."""
    counted: int
    """What the run itself says was asked again, at most."""
    ended: str
    """Before it was resumed, if it was."""


class Breakage:
    """A scene, and a book of what was stored when something broke."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.server = scene, scene.server
        self.ended = ""
        self._had: set[Name] = set()
        self._in_hand: set[int] = set()

    def note(self) -> None:
        """Everything that was asked and is not stored is lost with what just broke."""
        stored = self.scene.stored()
        self._had |= set(stored)
        kept = {each.number for each in stored.values()}
        self._in_hand |= {each.number for each in self.server.asked if each.number not in kept}

    def go(self) -> None:
        """Make the run, or go on with it, in this process."""
        run = self.scene.run
        if run is None:
            run = start_run(self.scene.store, self.scene.study, SETUP)
        else:
            requeue_run(self.scene.store, run)
        self.ended = finish_run(self.scene.store, run.id).state.status.value

    def go_on(self) -> None:
        """Go on with a run that a process left behind; how it was left is kept."""
        left = self.scene.ended().state.status.value
        self.go()
        self.ended = left

    def go_while(self, breaks: Callable[[], None]) -> None:
        """The same while something breaks once a quarter of the calls was asked."""

        def wait_and_break() -> None:
            wait_until(lambda: len(self.server.asked) >= CALLS // 2)
            breaks()

        thread = threading.Thread(target=wait_and_break)
        thread.start()
        try:
            self.go()
        finally:
            thread.join()

    def damage(self) -> Damage:
        """What it all came to."""
        stored, run = self.scene.stored(), self.scene.ended()
        whole: dict[Name, int] = {}
        for each in self.server.asked:
            if each.answered_at is not None and each.number not in self._in_hand:
                whole[each.name] = whole.get(each.name, 0) + 1
        answered = {each.number for each in self.server.asked if each.answered_at is not None}
        return Damage(
            planned=run.plan.planned,
            finished=len(stored),
            lost=len(self._had - set(stored)),
            paid_twice=sum(count - 1 for count in whole.values()),
            in_hand=len(self._in_hand & answered),
            counted=run.machine.asked_again,
            ended=self.ended or run.state.status.value,
        )


Fault = Callable[[Breakage], None]


def _begin(breakage: Breakage) -> subprocess.Popen[str]:
    """The command line at work, half way through."""
    setup = ("--sample", str(CALLS), "--concurrency", str(SETUP.concurrency))
    process = breakage.scene.replay(*setup)
    wait_until(lambda: len(breakage.server.asked) >= CALLS, process)
    return process


def _kill_command(breakage: Breakage) -> None:
    kill(_begin(breakage))
    breakage.note()
    breakage.go_on()


def _kill_worker(breakage: Breakage) -> None:
    scene = breakage.scene
    worker = scene.command("work")
    file_replay(scene.store, scene.study, SETUP)
    wait_until(lambda: len(breakage.server.asked) >= CALLS, worker)
    kill(worker)
    breakage.note()
    breakage.ended = scene.ended().state.status.value
    file_resume(scene.store, scene.study, scene.ended())
    work(scene.store, once=True)


def _kill_app(breakage: Breakage) -> None:
    """The app starts a worker, as the server of the pages does; it is killed, and the worker ends with it."""
    scene, server = breakage.scene, breakage.server
    env = {**os.environ, "ADVISOR_DATABASE_URL": f"sqlite:///{scene.database}"}
    code = "from advisor.ui.server import start_worker; start_worker().wait()"
    app = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=env, stderr=subprocess.DEVNULL, text=True)
    server.delay_s = 20 * DELAY_S  # a worker looks once a second whether its app lives
    file_replay(scene.store, scene.study, SETUP)
    wait_until(lambda: len(server.asked) >= CALLS // 2, app)
    kill(app)
    wait_until(lambda: is_dead_here(scene.ended().state.owner))
    time.sleep(server.delay_s)
    breakage.note()
    server.delay_s = DELAY_S
    breakage.go_on()


def _lose_power(breakage: Breakage) -> None:
    """The disk keeps a part of the write-ahead log that ends anywhere, as it may where not every commit is awaited."""
    scene, chance = breakage.scene, random.Random(len(breakage.server.asked))
    with closing(sqlite3.connect(scene.database)) as database:
        database.execute("pragma wal_checkpoint(truncate)")
    process = _begin(breakage)
    committed = _ids(scene)
    process.send_signal(signal.SIGSTOP)
    data, log = (scene.database.with_name(scene.database.name + end).read_bytes() for end in ("", "-wal"))
    kill(process)
    scene.store.close()
    assert _check(_written(scene.folder / "whole.db", data, log)) >= committed, "every commit that was seen is there"
    log = log[: int(len(log) * chance.uniform(0.5, 1))]
    scene.database.with_name(scene.database.name + "-shm").unlink(missing_ok=True)
    ids = _check(_written(scene.database, data, log))
    assert ids == set(range(1, len(ids) + 1)), "what is lost are the last commits, and nothing in between"
    breakage.note()
    breakage.go_on()


def _written(database: Path, data: bytes, log: bytes) -> Path:
    """A database as a power loss leaves it."""
    database.write_bytes(data)
    database.with_name(f"{database.name}-wal").write_bytes(log)
    return database


def _ids(scene: Scene) -> set[int]:
    with closing(sqlite3.connect(scene.database)) as database:
        return {id_ for (id_,) in database.execute("select id from generation")}


def _check(path: Path) -> set[int]:
    """The ids of the answers in a database that must be sound and hold nothing by half."""
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert database.execute("pragma foreign_key_check").fetchall() == []
        whole = "select count(*) from generation join generation_text on generation_id = generation.id"
        ids = {id_ for (id_,) in database.execute("select id from generation")}
        assert database.execute(whole).fetchone() == (len(ids),)
        return ids


class _Disk:
    """The disk under a store of this process."""

    def __init__(self, scene: Scene) -> None:
        self._is_full = False
        event.listen(scene.store.engine, "checkout", self._limit)

    def fill(self) -> None:
        """No page more than there is now."""
        self._is_full = True

    def free(self) -> None:
        """There is space again."""
        self._is_full = False

    def _limit(self, connection: Any, *_: object) -> None:
        connection.execute(f"pragma max_page_count = {1 if self._is_full else 2**30}")


def _fill_disk_for_a_while(breakage: Breakage) -> None:
    disk = _Disk(breakage.scene)

    def fill() -> None:
        disk.fill()
        time.sleep(FULL_S)
        disk.free()

    breakage.go_while(fill)


def _fill_disk(breakage: Breakage) -> None:
    """For longer than a run waits; resumed when there is space."""
    disk = _Disk(breakage.scene)
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(StoreError):
        patch.setattr(patience, "PATIENCE_S", 0.5)
        breakage.go_while(disk.fill)
    breakage.note()
    ended = breakage.scene.ended().state.status.value
    disk.free()
    breakage.go()
    breakage.ended = ended


def _lock(breakage: Breakage) -> None:
    def lock() -> None:
        with closing(sqlite3.connect(breakage.scene.database, isolation_level=None)) as other:
            other.execute("begin immediate")
            time.sleep(LOCKED_S)
            other.execute("rollback")

    breakage.go_while(lock)


def _go_down(breakage: Breakage) -> None:
    def go_down() -> None:
        breakage.server.refuse()
        time.sleep(DOWN_S)
        breakage.server.accept()

    breakage.go_while(go_down)


def _now_and_then(behaviour: str) -> Fault:
    """The first try of every fourth call goes wrong."""

    def fault(breakage: Breakage) -> None:
        server = breakage.server
        server.misbehave = lambda name, times: behaviour if times == 0 and _number(name) % 4 == 0 else None
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(track, "TIMEOUT_S", 1.0)
            breakage.go()
        assert sum(each.answered_at is None for each in server.asked) == CALLS // 2, "one in four of both models' calls"

    return fault


def _number(name: Name) -> int:
    """Of the question in a prompt."""
    return int(name.prompt.split()[1].rstrip(","))


def _die(breakage: Breakage) -> None:
    """One of two models is gone for good after some calls; the command line tells. Later it is back."""
    scene, server = breakage.scene, breakage.server
    server.misbehave = lambda name, _times: (
        "reset" if name.model == "b" and sum(each.name.model == "b" for each in server.asked) > CALLS // 4 else None
    )
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("FIRST_TRY_S", 0.01), ("LAST_TRY_S", 0.1), ("OUTAGE_S", 1.0)):
            patch.setattr(breaker, name, value)
        patch.setenv("ADVISOR_DATABASE_URL", f"sqlite:///{scene.database}")
        printed = io.StringIO()
        terminate = signal.getsignal(signal.SIGTERM)
        with contextlib.redirect_stdout(printed):
            code = main(["replay", "--study", "S", "--sample", str(CALLS), "--concurrency", "4", "--json"])
        signal.signal(signal.SIGTERM, terminate)
    told = json.loads(printed.getvalue())
    assert "b was given up: no connection (the connection failed" in told["error"]
    assert sum(name.model == "a" for name in scene.stored()) == CALLS, "the other lane finishes"
    server.misbehave = lambda _name, _times: None
    breakage.note()
    breakage.go()
    breakage.ended = f"{told['status']}, {'partial' if told['partial'] else 'whole'}, exit code {code}"


FAULTS: dict[str, Fault] = {
    "kill -9 of the command": _kill_command,
    "kill -9 of the worker": _kill_worker,
    "kill -9 of the app": _kill_app,
    "power loss in a commit": _lose_power,
    "full disk for a while": _fill_disk_for_a_while,
    "full disk, resumed": _fill_disk,
    "database locked": _lock,
    "provider down for a while": _go_down,
    "429 with Retry-After": _now_and_then("429"),
    "500": _now_and_then("500"),
    "time-outs": _now_and_then("hang"),
    "cut streams": _now_and_then("cut"),
    "streams that end early": _now_and_then("ends_early"),
    "one provider dies": _die,
}


def break_it(folder: Path, fault: str) -> Damage:
    """Let one thing break in a run of two models."""
    with Witness(delay_s=DELAY_S) as server:
        scene = Scene(folder, server, calls=CALLS)
        breakage = Breakage(scene)
        FAULTS[fault](breakage)
        damage = breakage.damage()
        scene.store.close()
    return damage
