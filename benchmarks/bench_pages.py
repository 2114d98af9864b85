"""How long each page's script takes, and how much it sends: on the sample study, and on 100,000 samples x 5 candidates.

The bars: 150 ms of processor on the sample, 500 ms and 2 MB on the large study, both after the first load, which has
10 s. ``ADVISOR_BENCH_SAMPLES`` sets the samples of the large study; 100,000 take about ten minutes.
"""

import gc
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from advisor.collect.imports import ImportOptions, import_logs
from advisor.decide.decisions import decide
from advisor.jobs.sample import load_sample
from advisor.judge.scores import score_run
from advisor.measure.registration import register_model
from advisor.measure.run_lifecycle import start_run
from advisor.measure.studies import find_study
from advisor.store import Store
from advisor.store.run.generations import CallKey, StoredGeneration, save_generations
from advisor.store.run.runs import change_run
from advisor.store.run.samples import list_run_samples
from advisor.types import Answer, Generation, Lane, Model, Prices, RunOptions, Status, Usage
from advisor.ui import navigation
from advisor.ui.navigation import PAGES
from advisor.ui.server import Worker
from tests.made.log import call, write_log

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = int(os.environ.get("ADVISOR_BENCH_SAMPLES", "100000"))
CANDIDATES = 5
LABELS = ("billing", "bug", "sales", "refund")
BATCH = 20_000
FIRST_S = 10.0


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Worker, "ensure", lambda worker: None)
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


def test_the_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = _store(tmp_path, monkeypatch)
    load_sample(store)
    _measure(monkeypatch, "sample", bar_s=0.15)


def test_many_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = _store(tmp_path, monkeypatch)
    rows = [
        call(n, prompt=f"Which team answers ticket {n}?", answer=LABELS[n % 4], expected=LABELS[n % 4], latency_ms=400)
        for n in range(SAMPLES)
    ]
    import_logs(store, "Large", [write_log(tmp_path / "large.jsonl", rows)], ImportOptions(redact=False))
    study = find_study(store, "Large")
    at: dict[str, Any] = {"api_base": "http://127.0.0.1:9/v1", "prices": Prices(input=0.1, output=0.2)}
    models = [
        register_model(store, study, Model(name=f"M{n}", litellm_id=f"openai/m{n}", **at)) for n in range(CANDIDATES)
    ]
    run = start_run(store, study, RunOptions(sample_size=SAMPLES, baseline=Lane.RECORDED))
    ids = list_run_samples(store, run.id)
    usage = Usage(input_tokens=100, output_tokens=5)
    for place, model in enumerate(models):
        for begin in range(0, len(ids), BATCH):
            save_generations(
                store,
                run,
                [
                    StoredGeneration(
                        key=CallKey(id_, Lane.CANDIDATE, model.id, 1),
                        generation=Generation(
                            answer=Answer(text=LABELS[(id_ + (id_ % (9 + place) == 0)) % 4]), usage=usage, latency_s=0.5
                        ),
                    )
                    for id_ in ids[begin : begin + BATCH]
                ],
            )
    change_run(store, run.id, status=Status.SUCCEEDED, finished_at=datetime.now(UTC))
    for what, work in (("scored", lambda: score_run(store, run)), ("decided", lambda: decide(store, study))):
        begun = time.process_time()
        work()
        print(f"\n{what} in {time.process_time() - begun:.0f} s of processor", end="")
    _measure(monkeypatch, f"{SAMPLES:,} samples x {CANDIDATES}", bar_s=0.5, bar_bytes=2_000_000)


def _store(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    url = f"sqlite:///{folder / 'advisor.db'}"
    monkeypatch.setenv("ADVISOR_DATABASE_URL", url)
    return Store(url)


def _measure(monkeypatch: pytest.MonkeyPatch, what: str, *, bar_s: float, bar_bytes: int | None = None) -> None:
    """Opens each page twice in its first state, then does what a visitor does next.

    The bars are on processor time, which other programs do not lengthen.
    """
    sent: list[int] = []
    messages = LocalScriptRunner.forward_msgs

    def counted(runner: LocalScriptRunner) -> list[ForwardMsg]:
        found = messages(runner)
        sent.append(sum(message.ByteSize() for message in found))
        return found

    monkeypatch.setattr(LocalScriptRunner, "forward_msgs", counted)
    gc.collect()
    gc.freeze()  # what import and scoring left behind: a worker's, and no page of the dashboard has to look through it
    print(f"\n{what}: ms of processor, ms of wall, kB sent")
    slow = []
    for page in (page for pages in PAGES.values() for page, *_ in pages):
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=600)
        app.run()
        app.switch_page(page)
        for name, act in (("first", _again), ("again", _again), *STATES.get(page, ())):
            act(app)
            wall, cpu = time.perf_counter(), time.process_time()
            app.run()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            assert not app.exception, app.exception[0].message
            print(f"{page:32} {name:22} {cpu * 1000:7.0f} {wall * 1000:7.0f} {sent[-1] / 1000:7.0f}", flush=True)
            bar = FIRST_S if name.endswith("first") else bar_s
            if cpu > bar or (bar_bytes and sent[-1] > bar_bytes):
                slow.append((page, name))
    assert slow == []


def _again(_app: AppTest) -> None:
    """The page as it is."""


def _say(name: str, value: str) -> Callable[[AppTest], None]:
    """With this in the address."""

    def act(app: AppTest) -> None:
        app.query_params[name] = value

    return act


def _press(key: str) -> Callable[[AppTest], None]:
    def act(app: AppTest) -> None:
        app.button(key=key).click()

    return act


def _slide(key: str, value: str) -> Callable[[AppTest], None]:
    def act(app: AppTest) -> None:
        app.select_slider(key=key).set_value(value)

    return act


def _tabs(*names: str) -> list[tuple[str, Callable[[AppTest], None]]]:
    """Each tab at first, which reads what it shows, and again."""
    states = ([(f"{name}: first", _say("tab", name)), (name, _again)] for name in names)
    return [each for both in states for each in both]


STATES: dict[str, list[tuple[str, Callable[[AppTest], None]]]] = {
    navigation.QUALITY: [
        ("next pair", _press("gallery_next")),
        ("a difference", _say("delta", "0.5")),
        ("better answers", _say("show", "better")),
    ],
    navigation.COST: _tabs("Other savings", "Self-hosting", "Unit economics", "Sources"),
    navigation.LATENCY: _tabs("By use case", "Load test"),
    navigation.REVIEW: _tabs("Agreement", "Files"),
    navigation.SCENARIOS: [
        ("a drop", _slide("drop", "3")),
        ("another drop", _slide("drop", "1")),
        ("traffic", _slide("traffic", "2")),
    ],
    navigation.BUSINESS_CASE: _tabs("Sensitivity", "One-off cost", "Inputs"),
}
"""By page what a visitor does next."""
