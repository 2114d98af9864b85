"""How much a replay adds to the latency it measures: wall time against the ideal, recorded latency against the truth.

The server runs in a process of its own, since it would otherwise compete with the engine for the interpreter.
"""

import multiprocessing
import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from advisor.store import Store
from advisor.store.generations import load_generation_facts
from advisor.study.imports import import_logs
from advisor.study.models import register_model
from advisor.study.replays import Setup, finish_run, start_run
from advisor.study.studies import find_study
from advisor.types import Model
from tests.server import MisbehavingServer
from tests.study.made_log import call, write_log

CALLS, DELAY_S = 1000, 0.2


def serve(pipe: Connection) -> None:
    """Serve until told to stop."""
    with MisbehavingServer(delay_s=DELAY_S) as server:
        pipe.send(server.url)
        pipe.recv()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("concurrency", [64])
def test_wall_over_ideal(tmp_path: Path, capsys: pytest.CaptureFixture[str], stream: bool, concurrency: int) -> None:
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    url = ours.recv()
    store = Store(f"sqlite:///{tmp_path / 'advisor.db'}")
    import_logs(store, "S", [write_log(tmp_path / "log.jsonl", [call(n) for n in range(CALLS)])], redact=False)
    study = find_study(store, "S")
    register_model(store, study, Model(name="ok", litellm_id="openai/ok", api_base=url))
    run = start_run(store, study, Setup(sample_size=CALLS, concurrency=concurrency, stream=stream))
    begin = time.process_time()
    run = finish_run(store, run.id, tmp_path)
    cpu = time.process_time() - begin
    latency = load_generation_facts(store, run.id)["latency_s"].to_numpy()
    assert run.wall_s is not None
    with capsys.disabled():
        print(
            f"\n{CALLS} calls, {concurrency} in flight, stream={stream}: wall/ideal "
            f"{run.wall_s / (CALLS * DELAY_S / concurrency):.2f}, p50/truth {np.median(latency) / DELAY_S:.3f}, "
            f"{cpu / CALLS * 1000:.2f} ms CPU a call with scoring"
        )
    ours.send("stop")
    process.join(10)
    store.close()
