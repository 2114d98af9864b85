"""Several workers share a run on PostgreSQL: each call is made once, limits hold for all, any of them may die."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from aiohttp import web
from sqlalchemy.engine import make_url

from advisor.collect.imports import ImportOptions, import_logs
from advisor.collect.use_cases import change
from advisor.measure.registration import register_model
from advisor.measure.replay.budget import LeasedBudget
from advisor.measure.replay.execution import help_run
from advisor.measure.run_lifecycle import ask_run, file_replay, file_resume, finish_run, start_run
from advisor.measure.studies import find_study
from advisor.store import Store
from advisor.store.jobs import STALE_AFTER
from advisor.store.log.logs import load_samples
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import set_probe
from advisor.store.run.chunks import Chunks
from advisor.store.run.generations import CallKey, list_answered, load_generations
from advisor.store.run.runs import change_run, get_run, list_runs
from advisor.store.run.tallies import tally_run
from advisor.store.run.workers import News, beat_worker, leave_run, queue_url
from advisor.types import Endpoint, Kind, Lane, Model, Prices, Probe, Run, RunOptions, Status
from tests import server as misbehaviour
from tests.made.drafts import ROLES, drafting, same, writer
from tests.made.log import call, write_log
from tests.made.run import asked, made_study
from tests.nested import nested
from tests.server import MisbehavingServer
from tests.store.fill import fill
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
CALLS = 400
SLOW_S, QUICK_S = 2.0, 0.05
"""What an answer takes: while the second worker starts, and afterwards."""
RETRY_AFTER_S = 9
CALL_USD = 0.025
"""At 1,000 dollars a million tokens."""
TOLD_S = 6.0
"""In which every worker has heard of something, on a busy machine too; two beats do where it's idle."""


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
            env = {**os.environ, "ADVISOR_DATABASE_URL": self.url, "TEST_WORKER_API_KEY": f"key-{uuid4().hex}"}
            with (self.folder / f"{uuid4().hex}.err").open("wb") as err:
                command = [sys.executable, "-m", "advisor", "work"]
                process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=err, stderr=err)
            self.processes[process.pid] = process

    def kill(self, pid: int) -> None:
        """As a power cut does."""
        process = self.processes.pop(pid)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def begin(self, name: str, model: str = "ok", *, then_s: float = QUICK_S, **setup: Any) -> Run:
        """A run of a new study that two workers share by now; an answer takes ``then_s`` from here on."""
        self.server.delay_s = SLOW_S
        self.server.requests.clear()
        self.server.headers.clear()
        log = write_log(self.folder / f"{name}.jsonl", [call(n) for n in range(CALLS)])
        import_logs(self.store, name, [log], ImportOptions(redact=False))
        study = find_study(self.store, name)
        candidate = Model(
            name=model,
            litellm_id=f"openai/{model}",
            api_base=self.server.url,
            key_env="TEST_WORKER_API_KEY",
            prices=Prices(input=1000.0, output=1000.0),
        )
        set_probe(self.store, register_model(self.store, study, candidate).id, Probe(reachable=True))
        self.man()
        file_replay(self.store, study, nested(RunOptions, {"sample_size": CALLS, "concurrency": 6, **setup}))
        (run,) = list_runs(self.store, study.id)
        wait_until(lambda: len({key for key, _ in self.asked()}) == 2)
        self.server.delay_s = then_s
        return get_run(self.store, run.id)

    def crew(self, run: Run) -> list[int]:
        """Process ids of the workers that make calls of a run, whoever conducts it first."""
        leader = get_run(self.store, run.id).state.owner
        owners = [owner for (owner,) in self.ask(f"SELECT owner FROM worker WHERE run_id = {run.id}")]
        return [int(owner.rpartition(":")[2]) for owner in sorted(owners, key=lambda owner: owner != leader)]

    def end(self, run: Run) -> Run:
        """The run when nobody works on it any more."""
        wait_until(lambda: not get_run(self.store, run.id).state.status.is_active)
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


def new_database(postgres_url: str) -> str:
    """The address of an empty database."""
    name = f"t{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return make_url(postgres_url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def fleet(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Workers that stay for all tests, since starting one takes seconds."""
    with MisbehavingServer() as server:
        fleet = Fleet(new_database(postgres_url), tmp_path_factory.mktemp("fleet"), server)
        try:
            fleet.man()
            yield fleet
        finally:
            for pid in list(fleet.processes):
                fleet.kill(pid)
            fleet.store.close()


@pytest.mark.slow
def test_two_workers_share_a_run_and_make_each_call_once(fleet: Fleet) -> None:
    run = fleet.end(fleet.begin("shared"))
    assert run.state.status is Status.SUCCEEDED
    assert tally_run(fleet.store, run.id).succeeded == CALLS
    asked = fleet.asked()
    assert len(asked) == len({prompt for _, prompt in asked}) == CALLS
    shares = Counter(key for key, _ in asked)
    assert len(shares) == 2
    assert min(shares.values()) > CALLS / 10
    assert run.machine.asked_again == 0
    assert fleet.chunks() == 0


@pytest.mark.slow
def test_a_pause_reaches_both_and_the_run_goes_on_later(fleet: Fleet) -> None:
    run = fleet.begin("paused", then_s=SLOW_S)
    ask_run(fleet.store, run, Status.PAUSED)
    assert fleet.end(run).state.status is Status.PAUSED
    count = len(fleet.asked())
    fleet.server.delay_s = QUICK_S
    time.sleep(1.0)
    assert len(fleet.asked()) == count < CALLS
    assert tally_run(fleet.store, run.id).succeeded == count
    assert fleet.chunks() == 0
    file_resume(fleet.store, find_study(fleet.store, "paused"), run)
    assert fleet.end(run).state.status is Status.SUCCEEDED
    assert len(fleet.asked()) == CALLS


@pytest.mark.slow
def test_a_cancelled_run_leaves_nothing_behind(fleet: Fleet) -> None:
    run = fleet.begin("cancelled", then_s=SLOW_S)
    ask_run(fleet.store, run, Status.CANCELLED)
    assert fleet.end(run).state.status is Status.CANCELLED
    assert fleet.chunks() == 0
    assert len(fleet.asked()) < CALLS


@pytest.mark.slow
def test_the_budget_holds_across_workers(fleet: Fleet) -> None:
    cap_usd = 200 * CALL_USD
    run = fleet.end(fleet.begin("budget", budget_usd=cap_usd))
    assert run.state.status is Status.BUDGET_EXCEEDED
    stored = tally_run(fleet.store, run.id)
    assert stored.cost_usd is not None
    assert 0.75 * cap_usd < stored.cost_usd <= cap_usd
    assert len(fleet.asked()) == stored.succeeded, "nothing was paid that is not stored"
    assert len({key for key, _ in fleet.asked()}) == 2
    assert fleet.chunks() == 0


@pytest.mark.slow
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
    run = fleet.begin("held", model="refuses", then_s=2 * QUICK_S)
    armed.append(True)
    assert fleet.end(run).state.status is Status.SUCCEEDED
    assert tally_run(fleet.store, run.id).succeeded == CALLS
    ((at, _),) = refusals
    begin, end = at + TOLD_S, at + RETRY_AFTER_S
    assert [key for when, key in calls if begin < when < end] == []
    assert len({key for when, key in calls if when < begin}) == 2
    assert [key for when, key in calls if when >= end]


@pytest.mark.slow
def test_the_chunks_of_a_killed_worker_are_taken_over(fleet: Fleet) -> None:
    run = fleet.begin("helper")
    _, helper = fleet.crew(run)
    wait_until(lambda: len(fleet.asked()) > CALLS / 4)
    fleet.kill(helper)
    fleet.man()
    stored = answered(fleet, run)
    before = len(fleet.asked())
    run = fleet.end(run)
    assert run.state.status is Status.SUCCEEDED
    assert tally_run(fleet.store, run.id).succeeded == CALLS
    assert stored & {prompt for _, prompt in fleet.asked()[before:]} == set(), "a stored call was asked again"
    assert len(fleet.asked()) - CALLS <= run.machine.asked_again < CALLS / 4


@pytest.mark.slow
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
    assert run.state.status is Status.SUCCEEDED
    assert (run.state.owner or "").endswith(f":{other}")
    assert tally_run(fleet.store, run.id).succeeded == CALLS
    assert stored & {prompt for _, prompt in fleet.asked()[before:]} == set(), "a stored call was asked again"
    assert len(fleet.asked()) - CALLS <= run.machine.asked_again
    assert fleet.chunks() == 0


@pytest.fixture
def shared_run(postgres_url: str) -> Iterator[tuple[Store, Run]]:
    """A run of five calls that somebody conducts, with a budget of a dollar."""
    store = Store(new_database(postgres_url))
    _, _, run = fill(store)
    change_run(store, run.id, budget_usd=1.0, status=Status.RUNNING, heartbeat_at=datetime.now(UTC))
    yield store, get_run(store, run.id)
    store.close()


def beat(store: Store, run: Run, owner: str, *, used_usd: float = 0.0, needed_usd: float = 0.0) -> News:
    return beat_worker(store, run.id, owner, held_s={}, used_usd=used_usd, needed_usd=needed_usd)


def test_leases_never_exceed_the_budget(shared_run: tuple[Store, Run]) -> None:
    store, run = shared_run
    leases: dict[str, float] = {}
    for owner in ("a", "b", "c", "a", "b", "c", "a"):
        leases[owner] = beat(store, run, owner).lease_usd or 0.0
        assert sum(leases.values()) <= 1.0
    assert min(leases.values()) > 0.05


def test_the_last_dollars_go_to_a_call_that_needs_them_or_to_nobody(shared_run: tuple[Store, Run]) -> None:
    store, run = shared_run
    assert beat(store, run, "a", used_usd=0.8).lease_usd == pytest.approx(0.2)
    refused = beat(store, run, "b", needed_usd=0.1)
    assert (refused.lease_usd, refused.is_last_word) == (0.0, False)
    assert beat(store, run, "a", used_usd=0.8, needed_usd=0.3).lease_usd == 0.0
    assert beat(store, run, "b", needed_usd=0.15).lease_usd == pytest.approx(0.15)
    leave_run(store, "a")
    leave_run(store, "b")
    last = beat(store, run, "c", needed_usd=1.5)
    assert (last.lease_usd, last.is_last_word) == (0.0, True)


def test_nothing_is_spent_between_asking_for_a_lease_and_its_grant() -> None:
    beats: list[bool] = []
    budget = LeasedBudget(lambda: beats.append(True))
    budget.open_lease()
    budget.grant(0.5, is_last_word=False)
    assert budget.reserve(0.2)
    assert budget.open_lease() == (0.2, 0.0)
    assert not budget.reserve(0.1)
    assert beats == [True], "a refused call asks for a beat"
    budget.grant(0.1, is_last_word=False)
    assert budget.reserve(0.1)
    assert not budget.reserve(0.1)
    budget.settle(0.2, 0.3)
    budget.settle(0.1, 0.0)
    assert budget.open_lease() == (0.3, 0.1)
    assert not budget.is_used_up, "others may give something back"
    budget.grant(0.0, is_last_word=True)
    assert budget.is_used_up


def test_a_silent_worker_has_no_share(shared_run: tuple[Store, Run]) -> None:
    store, run = shared_run
    beat(store, run, "a", used_usd=0.9)
    assert beat(store, run, "b").workers == 2
    with psycopg.connect(queue_url(store)) as connection:
        connection.execute("UPDATE worker SET beat_at = beat_at - interval '1 minute' WHERE owner = 'a'")
    news = beat(store, run, "b")
    assert (news.workers, news.lease_usd) == (1, 1.0)


def test_calls_that_wait_are_not_cut_again_and_a_chunk_given_back_is_taken_again(shared_run: tuple[Store, Run]) -> None:
    store, run = shared_run
    keys = [CallKey(n, Lane.CANDIDATE, 1, 1) for n in range(10)]
    with Chunks(store) as chunks:
        chunks.cut(run.id, keys[:6], slots=3)
        chunks.cut(run.id, keys, slots=3)
        assert chunks.count_left(run.id, [1]) == (4, 0)
        assert chunks.list_waiting() == {run.id: {1}}
        first = chunks.take(run.id, 1)
        assert first == (keys[:3], False, False)
        chunks.give_all_back()
        assert chunks.take(run.id, 1) == (keys[:3], True, False)
        rest = [chunks.take(run.id, 1) for _ in range(4)]
        assert [key for chunk in rest[:3] if chunk for key in chunk.keys] == keys[3:]
        assert rest[3] is None
        chunks.finish()
        assert chunks.count_left(run.id, [1]) == (0, 0)


@pytest.mark.slow
def test_the_chunks_of_a_worker_that_left_without_a_word_wait_again(shared_run: tuple[Store, Run]) -> None:
    store, run = shared_run
    with Chunks(store) as ours:
        ours.cut(run.id, [CallKey(1, Lane.CANDIDATE, 1, 1)], slots=1)
        with Chunks(store) as theirs:
            theirs.take(run.id, 1)
            ours.revive(run.id)
            assert ours.take(run.id, 1) is None, "its worker lives"
        ours.revive(run.id)
        taken = ours.take(run.id, 1)
        assert taken is not None
        assert taken.was_lost
        ours.drop(run.id)
        assert ours.count_left(run.id, [1]) == (0, 0)


def answered(fleet: Fleet, run: Run) -> set[str]:
    """The prompts of a run that have a stored answer."""
    samples = {key.sample_id for key in list_answered(fleet.store, run.id)}
    return {str(sample.request.messages[0]["content"]) for sample in load_samples(fleet.store, samples)}


def test_a_helper_shows_the_judge_what_the_run_was_planned_with(postgres_url: str, tmp_path: Path) -> None:
    store = Store(new_database(postgres_url))
    rows = drafting(2, target=["spring", "autumn"])
    with MisbehavingServer(answers={"open": writer, "judge": same}) as server:
        study = made_study(store, tmp_path, rows, server.url, ROLES)
        (case,) = list_use_cases(store, study.id)
        change(store, case, endpoint=Endpoint.PAIRWISE)
        setup = RunOptions(sample_size=2, stream=False, audited=0)
        run = finish_run(store, start_run(store, study, setup).id)
        judged = [key for key, _ in load_generations(store, run.id, lanes=[Lane.JUDGE])]
        before = len(server.requests)
        change(store, case, kind=Kind.EXTRACTION)
        change_run(store, run.id, status=Status.RUNNING, heartbeat_at=datetime.now(UTC))
        with Chunks(store) as chunks:
            chunks.cut(run.id, judged, slots=1)
            assert help_run(store, run.id, {judged[0].model_id}, chunks) == {}
    by_us, by_helper = (
        [shown for body in bodies if "RIGHT ANSWER" in (shown := asked(body))]
        for bodies in (server.requests[:before], server.requests[before:])
    )
    assert len(by_us) == len(by_helper) == len(judged) == 4
    assert all("- spring\n- autumn" in shown for shown in [*by_us, *by_helper])
    store.close()
