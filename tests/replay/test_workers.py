"""Several workers share a run on PostgreSQL: each call is made once, limits hold for all, any of them may die."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from aiohttp import web
from sqlalchemy.engine import make_url

from advisor.store import Store
from advisor.store.generations import list_answered, tally_run
from advisor.store.jobs import STALE_AFTER
from advisor.store.logs import load_samples
from advisor.store.models import set_probe
from advisor.store.runs import get_run, list_runs
from advisor.study.imports import import_logs
from advisor.study.jobs import file_replay, file_resume
from advisor.study.models import register_model
from advisor.study.replays import Setup, ask_run
from advisor.study.studies import find_study
from advisor.types import Model, Probe, Run, Status
from tests import server as misbehaviour
from tests.server import MisbehavingServer
from tests.study.made_log import call, write_log

ROOT = Path(__file__).resolve().parents[2]
CALLS = 400
SLOW_S, QUICK_S = 0.25, 0.05
"""What an answer takes: while the second worker starts, and afterwards."""
RETRY_AFTER_S = 4
CALL_USD = 0.025
"""At 1,000 dollars a million tokens."""
TOLD_S = 2.0
"""In which every worker has heard of something."""


class Fleet:
    """Worker processes on one database, and the server that they ask. Each worker has a key of its own."""

    def __init__(self, url: str, folder: Path, server: MisbehavingServer) -> None:
        self.url, self.folder, self.server = url, folder, server
        self.store = Store(url)
        self.processes: dict[int, subprocess.Popen[bytes]] = {}

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows from the database."""
        with psycopg.connect(self.url) as connection:
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []

    def man(self) -> None:
        """See to it that two workers live."""
        while len(self.processes) < 2:
            env = {**os.environ, "ADVISOR_DATABASE_URL": self.url, "TEST_WORKER_KEY": f"key-{uuid4().hex}"}
            with (self.folder / f"{uuid4().hex}.err").open("wb") as err:
                command = [sys.executable, "-m", "advisor", "work"]
                process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=err, stderr=err)
            self.processes[process.pid] = process

    def kill(self, pid: int) -> None:
        """As a power cut does."""
        process = self.processes.pop(pid)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def begin(self, name: str, model: str = "ok", **setup: Any) -> Run:
        """A run of a new study that two workers share by now; answers are quick from here on."""
        self.server.delay_s = SLOW_S
        self.server.requests.clear()
        self.server.headers.clear()
        log = write_log(self.folder / f"{name}.jsonl", [call(n) for n in range(CALLS)])
        import_logs(self.store, name, [log], redact=False)
        study = find_study(self.store, name)
        candidate = Model(
            name=model,
            litellm_id=f"openai/{model}",
            api_base=self.server.url,
            key_env="TEST_WORKER_KEY",
            input_price_usd_per_mtok=1000.0,
            output_price_usd_per_mtok=1000.0,
        )
        set_probe(self.store, register_model(self.store, study, candidate).id or 0, Probe(reachable=True))
        self.man()
        file_replay(self.store, study, Setup(sample_size=CALLS, concurrency=6, **setup))
        (run,) = list_runs(self.store, study.id)
        until(lambda: len({key for key, _ in self.asked()}) == 2)
        self.server.delay_s = QUICK_S
        return get_run(self.store, run.id)

    def crew(self, run: Run) -> list[int]:
        """Process ids of the workers that make calls of a run, whoever conducts it first."""
        leader = get_run(self.store, run.id).owner
        owners = [owner for (owner,) in self.ask(f"SELECT owner FROM worker WHERE run_id = {run.id}")]
        return [int(owner.rpartition(":")[2]) for owner in sorted(owners, key=lambda owner: owner != leader)]

    def end(self, run: Run) -> Run:
        """The run when nobody works on it any more."""
        until(lambda: not get_run(self.store, run.id).status.is_active)
        return get_run(self.store, run.id)

    def asked(self) -> list[tuple[str, str]]:
        """(key of the worker, prompt) of every call so far, but for those that warm up."""
        headers = list(self.server.headers)
        return [
            (header["Authorization"], str(body["messages"][0]["content"]))
            for header, body in zip(headers, self.server.requests, strict=False)
            if is_counted(body)
        ]

    def chunks(self) -> int:
        """How many there are."""
        return int(self.ask("SELECT count(*) FROM procrastinate_jobs")[0][0])


def is_counted(body: misbehaviour.Body) -> bool:
    """Whether a call is one of a run; others warm up."""
    return str(body["messages"][0]["content"]).startswith("Question")


def until(holds: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Wait for something that takes the workers a while."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "the workers did not come so far in a minute"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def url(postgres_url: str) -> str:
    """An empty database."""
    name = f"t{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return make_url(postgres_url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def fleet(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Workers that stay for all tests, since starting one takes seconds."""
    with MisbehavingServer() as server:
        fleet = Fleet(url, tmp_path_factory.mktemp("fleet"), server)
        try:
            fleet.man()
            yield fleet
        finally:
            for pid in list(fleet.processes):
                fleet.kill(pid)
            fleet.store.close()


def test_two_workers_share_a_run_and_make_each_call_once(fleet: Fleet) -> None:
    run = fleet.end(fleet.begin("shared"))
    assert run.status is Status.SUCCEEDED
    assert tally_run(fleet.store, run.id).succeeded == CALLS
    asked = fleet.asked()
    assert len(asked) == len({prompt for _, prompt in asked}) == CALLS
    shares = Counter(key for key, _ in asked)
    assert len(shares) == 2
    assert min(shares.values()) > CALLS / 10
    assert run.asked_again == 0
    assert fleet.chunks() == 0


def test_a_pause_reaches_both_and_the_run_goes_on_later(fleet: Fleet) -> None:
    run = fleet.begin("paused")
    ask_run(fleet.store, run, Status.PAUSED)
    time.sleep(TOLD_S)
    count = len(fleet.asked())
    assert fleet.end(run).status is Status.PAUSED
    time.sleep(1.0)
    assert len(fleet.asked()) == count < CALLS
    assert tally_run(fleet.store, run.id).succeeded == count
    assert fleet.chunks() == 0
    file_resume(fleet.store, find_study(fleet.store, "paused"), run)
    assert fleet.end(run).status is Status.SUCCEEDED
    assert len(fleet.asked()) == CALLS


def test_a_cancelled_run_leaves_nothing_behind(fleet: Fleet) -> None:
    run = fleet.begin("cancelled")
    ask_run(fleet.store, run, Status.CANCELLED)
    assert fleet.end(run).status is Status.CANCELLED
    assert fleet.chunks() == 0
    assert len(fleet.asked()) < CALLS


def test_the_budget_holds_across_workers(fleet: Fleet) -> None:
    cap_usd = 200 * CALL_USD
    run = fleet.end(fleet.begin("budget", budget_usd=cap_usd))
    assert run.status is Status.BUDGET_EXCEEDED
    stored = tally_run(fleet.store, run.id)
    assert stored.cost_usd is not None
    assert 0.75 * cap_usd < stored.cost_usd <= cap_usd
    assert len(fleet.asked()) == stored.succeeded, "nothing was paid that is not stored"
    assert len({key for key, _ in fleet.asked()}) == 2
    assert fleet.chunks() == 0


def test_what_one_worker_is_told_to_wait_holds_for_the_other(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    refusals: list[tuple[float, str]] = []
    calls: list[tuple[float, str]] = []
    armed: list[bool] = []

    async def refuse_one(request: web.Request, body: misbehaviour.Body, number: str) -> web.StreamResponse:
        now, key = time.monotonic(), request.headers["Authorization"]
        if not is_counted(body):
            return await misbehaviour.BEHAVIOURS["ok"](request, body, number)
        calls.append((now, key))
        if armed and not refusals:
            refusals.append((now, key))
            error = {"error": {"message": "Rate limit reached.", "code": "rate_limit_exceeded"}}
            return web.json_response(error, status=429, headers={"Retry-After": str(RETRY_AFTER_S)})
        return await misbehaviour.BEHAVIOURS["ok"](request, body, number)

    monkeypatch.setitem(misbehaviour.BEHAVIOURS, "refuses", refuse_one)
    run = fleet.begin("held", model="refuses")
    armed.append(True)
    assert fleet.end(run).status is Status.SUCCEEDED
    assert tally_run(fleet.store, run.id).succeeded == CALLS
    ((at, _),) = refusals
    begin, end = at + TOLD_S + 0.5, at + RETRY_AFTER_S
    assert [key for when, key in calls if begin < when < end] == []
    assert len({key for when, key in calls if when < begin}) == 2
    assert [key for when, key in calls if when >= end]


def test_the_chunks_of_a_killed_worker_are_taken_over(fleet: Fleet) -> None:
    run = fleet.begin("helper")
    _, helper = fleet.crew(run)
    fleet.server.delay_s = SLOW_S
    until(lambda: len(fleet.asked()) > CALLS / 2)
    fleet.kill(helper)
    fleet.man()
    stored = answered(fleet, run)
    before = len(fleet.asked())
    fleet.server.delay_s = QUICK_S
    run = fleet.end(run)
    assert run.status is Status.SUCCEEDED
    assert tally_run(fleet.store, run.id).succeeded == CALLS
    assert stored & {prompt for _, prompt in fleet.asked()[before:]} == set(), "a stored call was asked again"
    again = len(fleet.asked()) - CALLS
    assert again <= run.asked_again
    assert again <= run.concurrency


def test_a_run_whose_conductor_was_killed_is_taken_over_by_another(fleet: Fleet) -> None:
    run = fleet.begin("conductor")
    leader, other = fleet.crew(run)
    fleet.kill(leader)
    stored = answered(fleet, run)
    before = len(fleet.asked())
    silence = f"{STALE_AFTER.total_seconds() + 1} seconds"
    for table in ("job", "run"):  # as if it had passed
        fleet.ask(f"UPDATE {table} SET heartbeat_at = heartbeat_at - interval '{silence}' WHERE status = 'running'")
    run = fleet.end(run)
    assert run.status is Status.SUCCEEDED
    assert (run.owner or "").endswith(f":{other}")
    assert tally_run(fleet.store, run.id).succeeded == CALLS
    assert stored & {prompt for _, prompt in fleet.asked()[before:]} == set(), "a stored call was asked again"
    assert len(fleet.asked()) - CALLS <= run.asked_again
    assert fleet.chunks() == 0


def answered(fleet: Fleet, run: Run) -> set[str]:
    """The prompts of a run that have a stored answer."""
    samples = {key.sample_id for key in list_answered(fleet.store, run.id)}
    return {str(sample.request.messages[0]["content"]) for sample in load_samples(fleet.store, samples)}
