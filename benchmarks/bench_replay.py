"""How much a replay adds to the latency it measures, and what it costs: against the truth, and against other clients.

The server keeps set times and runs in a process of its own. ``ADVISOR_BENCH_CALLS`` sets the size of the run whose
memory is measured.
"""

import asyncio
import multiprocessing
import os
import resource
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.llm import gateway
from advisor.llm.remote import RemoteClient
from advisor.measure.registration import register_model
from advisor.measure.replay.execution import execute_run
from advisor.measure.run_lifecycle import start_run
from advisor.measure.studies import find_study
from advisor.store import Store
from advisor.store.models import set_probe
from advisor.store.run.generations import load_generation_facts
from advisor.store.run.tallies import tally_run
from advisor.types import Model, Prices, Probe, RunOptions
from benchmarks.peers import PEERS, Peer, gather, run_promptfoo, through_aiohttp
from benchmarks.server import Timing, serving
from tests.made.log import call, write_log

MEMORY_CALLS = int(os.environ.get("ADVISOR_BENCH_CALLS", "10000"))
WHOLE = Timing(whole_s=0.2)
STREAM = Timing(first_s=0.1, chunks=20, chunk_s=0.1 / 19)
LONG_STREAM = Timing(first_s=0.1, chunks=200, chunk_s=0.01)
AT_ONCE = Timing()


@dataclass(frozen=True)
class Case:
    """Some calls to a server that keeps set times."""

    name: str
    bar: str
    timing: Timing
    calls: int
    in_flight: int
    stream: bool = False
    through_litellm: bool = False

    @property
    def truth_s(self) -> float:
        """Sent to last byte."""
        timing = self.timing
        return timing.first_s + (timing.chunks - 1) * timing.chunk_s if self.stream else timing.whole_s


@dataclass(frozen=True)
class Measured:
    """What a client needed and recorded; seconds."""

    wall_s: float
    cpu_s: float
    latencies_s: list[float]
    ttfts_s: list[float]


CASES = [
    Case("200 ms, 64 in flight", "wall 1.08, p50 3 %, p95 5 %, CPU 0.5 ms", WHOLE, 2000, 64),
    Case("200 ms, 256 in flight", "wall 1.20", WHOLE, 2000, 256),
    Case("20 chunks, 200 ms, 64 in flight", "wall 1.12, TTFT and p50 5 %", STREAM, 2000, 64, stream=True),
    Case("200 chunks, 100/s, 64 in flight", "p50 3 %", LONG_STREAM, 256, 64, stream=True),
    Case("no latency, 64 in flight", "3,000 calls/s, CPU 0.5 ms", AT_ONCE, 8000, 64),
    Case("no latency, 20 chunks, 64 in flight", "CPU 1.5 ms", AT_ONCE, 4000, 64, stream=True),
    Case("litellm client, 200 ms, 64 in flight", "wall 1.5", WHOLE, 2000, 64, through_litellm=True),
    Case("litellm client, 20 chunks, 64 in flight", "", STREAM, 500, 64, stream=True, through_litellm=True),
]
BARE_CASES = [replace(case, bar="") for case in CASES if not case.stream and not case.through_litellm]
PEER_CASES = [
    Case("200 ms, 64 in flight", "", WHOLE, 1000, 64),
    Case("20 chunks, 200 ms, 64 in flight", "", STREAM, 500, 64, stream=True),
]
HEAD = f"{'':44}{'wall/ideal':>11}{'p50/truth':>10}{'p95/truth':>10}{'TTFT/truth':>11}{'CPU ms':>8}{'load':>6}  bar"


@pytest.fixture(autouse=True)
def talkative(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    with capsys.disabled():
        yield


def test_the_table(tmp_path: Path) -> None:
    gateway.load()
    with serving(AT_ONCE) as (url, _):
        replay(
            replace(CASES[0], calls=100), url, tmp_path / "first"
        )  # loads modules first, so that no call's CPU time includes it
    print(f"\n\nReplays, everything stored\n{HEAD}")
    for number, case in enumerate(CASES):
        with serving(case.timing) as (url, _):
            tell(case, replay(case, url, tmp_path / str(number)))
    for name, peer, cases in [
        ("bare aiohttp", through_aiohttp, BARE_CASES),
        *((name, peer, PEER_CASES) for name, peer in PEERS.items()),
    ]:
        for case in cases:
            with serving(case.timing) as (url, _):
                tell(case, asyncio.run(ask_peer(peer, case, url)), who=name)
    if shutil.which("promptfoo"):
        case = PEER_CASES[0]
        with serving(case.timing) as (url, _):
            begin = cpu_s()
            wall_s, latencies_s = run_promptfoo(url, case.calls, case.in_flight, tmp_path)
            tell(case, Measured(wall_s, cpu_s() - begin, latencies_s, []), who="promptfoo")
    else:
        print("promptfoo: not installed")


def test_memory(tmp_path: Path) -> None:
    case = Case("", "", AT_ONCE, MEMORY_CALLS, 64)
    with serving(case.timing) as (url, _), ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        run_id = planned(case, url, tmp_path)
        before_mb, most_mb = process.submit(memory, tmp_path, run_id).result()
    print(
        f"\nMemory of a run of {case.calls:,} calls: {before_mb:.0f} MB before it, at most {most_mb:.0f} MB (bar 400)"
    )


def tell(case: Case, measured: Measured, who: str = "") -> None:
    """One line of the table."""
    truth_s, load = case.truth_s, os.getloadavg()[0]
    name = f"{who}: {case.name}" if who else case.name
    line = f"{name:44.44}"
    if truth_s:
        line += f"{measured.wall_s / (case.calls * truth_s / case.in_flight):11.3f}"
        line += "".join(f"{np.quantile(measured.latencies_s, q) / truth_s:10.3f}" for q in (0.5, 0.95))
        line += f"{np.median(measured.ttfts_s) / case.timing.first_s:11.3f}" if measured.ttfts_s else f"{'':11}"
    else:
        line += f"{case.calls / measured.wall_s:11,.0f} calls/s{'':23}"
    print(f"{line}{measured.cpu_s / case.calls * 1000:8.2f}{load:6.1f}  {case.bar}")


def planned(case: Case, url: str, folder: Path) -> int:
    """A run in a database in ``folder`` that only has to be made."""
    folder.mkdir(exist_ok=True)
    store = Store(f"sqlite:///{folder / 'advisor.db'}")
    import_logs(
        store, "S", [write_log(folder / "log.jsonl", [call(n) for n in range(case.calls)])], ImportOptions(redact=False)
    )
    study = find_study(store, "S")
    litellm_id = "litellm/openai/ok" if case.through_litellm else "openai/ok"
    priced = Model(name="ok", litellm_id=litellm_id, api_base=url, prices=Prices(input=1.0, output=1.0))
    model = register_model(store, study, priced)
    set_probe(store, model.id, Probe(reachable=True))
    run = start_run(store, study, RunOptions(sample_size=case.calls, concurrency=case.in_flight, stream=case.stream))
    store.close()
    return run.id


def execute(folder: Path, run_id: int) -> float:
    """Make the calls of a run without scoring them; wall time in seconds."""
    store = Store(f"sqlite:///{folder / 'advisor.db'}")
    run = execute_run(store, run_id, settle=list, score=lambda _: None)
    tally = tally_run(store, run_id)
    store.close()
    assert tally.succeeded == tally.planned, f"{tally.failed} calls failed"
    return run.state.wall_s or 0.0


def replay(case: Case, url: str, folder: Path) -> Measured:
    """The engine and its store, with the processes that ask for it."""
    run_id = planned(case, url, folder)
    starting_s = asyncio.run(start_and_end(url, case.in_flight)) if case.through_litellm else 0.0
    begin = cpu_s()
    wall_s = execute(folder, run_id)
    used_s = cpu_s() - begin - starting_s
    store = Store(f"sqlite:///{folder / 'advisor.db'}")
    facts = load_generation_facts(store, run_id)
    store.close()
    return Measured(wall_s, used_s, facts["latency_s"].tolist(), facts["ttft_s"].dropna().tolist())


async def ask_peer(peer: Peer, case: Case, url: str) -> Measured:
    """Another client, after a round that is not counted."""
    async with peer(url, case.stream) as ask:
        await gather(ask, case.in_flight, case.in_flight, case.stream)
        begin = cpu_s()
        wall_s, latencies_s, ttfts_s = await gather(ask, case.calls, case.in_flight, case.stream)
        return Measured(wall_s, cpu_s() - begin, latencies_s, ttfts_s)


async def start_and_end(url: str, in_flight: int) -> float:
    """CPU seconds to start the processes of the litellm client, which no call is to blame for."""
    begin = cpu_s()
    client = RemoteClient(Model(name="m", litellm_id="openai/ok", api_base=url), in_flight=in_flight)
    await client.open()
    await client.close()
    return cpu_s() - begin


def cpu_s() -> float:
    """Of this process and of those that it started and that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def memory(folder: Path, run_id: int) -> tuple[float, float]:
    """MB that this process took at most, before a run and in all."""
    gateway.load()
    before_mb = peak_mb()
    execute(folder, run_id)
    return before_mb, peak_mb()


def peak_mb() -> float:
    """As Linux tells it; getrusage would count what the parent took before this process was made."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
