"""A quote holds before anything is asked, is made again from what was measured, and leaves out what is stored."""

import json
import random
import statistics
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from advisor.measure.quoting import quote_run
from advisor.measure.registration import probe_model
from advisor.measure.replay.forecast import forecast_run, planned_s
from advisor.measure.replay.planned_cost import ENOUGH, Quote
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts, load_samples
from advisor.store.models import list_models, set_probe
from advisor.store.run.generations import IS_BESIDES
from advisor.store.run.runs import change_run, get_run
from advisor.store.run.tallies import spent_usd
from advisor.store.tables import GenerationRow
from advisor.types import Lane, Probe, Repeats, Role, Run, RunOptions, Status, Study
from tests.made.log import call
from tests.made.run import asked, made_study, verdict
from tests.server import Body, MisbehavingServer, completion

SIZE = 45
RUNS = 10
LOGS = ("arena_hard_v01_gpt-4-0613", "tau_bench_airline_gpt-4o.calls", "wire_openai_chat", "wire_anthropic_messages")
WORDS = ["the", "order", "was", "sent", "on", "Monday", "and", "will", "be", "with", "you", "before", "next", "weekend"]
WORD = 4.8
"""Characters of one of them, with a space."""


def text(rng: random.Random, words: float) -> str:
    return " ".join(rng.choices(WORDS, k=max(round(words), 1))).capitalize() + "."


def tokens(written: str) -> int:
    return len(written) // 4 + 1


def answered(body: Body, written: str, thought: int = 0) -> Body:
    """A completion that is billed by its length and by tokens of reasoning."""
    read = [str(message.get("content") or message.get("tool_calls")) for message in body["messages"]]
    told = [json.dumps(tool) for tool in body.get("tools", [])]
    usage: Body = {"prompt_tokens": sum(map(tokens, read + told)), "completion_tokens": tokens(written) + thought}
    usage["completion_tokens_details"] = {"reasoning_tokens": thought}
    return completion(written, usage=usage)


def a_log(rng: random.Random, *, with_usage: bool) -> list[dict[str, Any]]:
    """Mails of very different lengths."""
    rows, long = [], rng.choice([20, 60, 150])
    for n in range(SIZE):
        prompt = f"Write a friendly mail to customer {n}. {text(rng, rng.lognormvariate(4, 1))}"
        mail = text(rng, long * rng.lognormvariate(0, 0.5))
        row = call(n, prompt, mail, metadata={"use_case": "Mails"})
        del row["request"]["max_tokens"]
        used = {"prompt_tokens": tokens(prompt), "completion_tokens": tokens(mail)}
        row["response"]["usage"] = used if with_usage else None
        rows.append(row)
    return rows


class Scene:
    """A study with a model that is as wordy, and a judge that reasons as long, as the seed says."""

    def __init__(
        self, store: Store, folder: Path, seed: int, log: Path | None = None, *, name: str = "open", thought: int = 0
    ) -> None:
        rng = random.Random(seed)
        self._rows = log or a_log(rng, with_usage=seed % 3 > 0)
        self._lengths: dict[str, float] = {}
        wordy, reasons = rng.choice([0.5, 1, 1.8]), rng.choice([3, 25, 80])

        def write(body: Body) -> Body:
            words = self._lengths.get(asked(body), 2) * wordy * rng.lognormvariate(0, 0.4)
            return answered(body, text(rng, words), thought and round(thought * rng.lognormvariate(0, 0.4)))

        def judge(body: Body) -> Body:
            if "===== ANSWER A" not in asked(body):
                claims = [{"claim": text(rng, 5), "supported": True} for _ in range(rng.randint(1, 5))]
                return answered(body, json.dumps({"claims": claims, "refusal": "answered"}), thought)
            return answered(body, verdict("tie").replace("as the test has it", text(rng, reasons)), thought)

        self.store, self.folder = store, folder
        self._roles = {name: Role.CANDIDATE, "judge": Role.JUDGE}
        self.server = MisbehavingServer(answers={name: write, "judge": judge})

    def study(self, name: str = "S") -> Study:
        study = made_study(self.store, self.folder, self._rows, self.server.url, self._roles, name)
        for sample in load_samples(self.store, list(load_sample_facts(self.store, study.id)["id"])):
            if sample.answer is not None:
                said = sample.answer.text or str(sample.answer.tool_calls)
                self._lengths[str(sample.request.messages[-1]["content"])] = len(said) / WORD
        return study

    def replay(self, study: Study, size: int = SIZE, **more: Any) -> Run:
        setup = RunOptions(sample_size=size, stream=False, concurrency=16, **{"audited": 0, **more})
        return finish_run(self.store, start_run(self.store, study, setup).id)


@pytest.fixture(scope="module", params=["made", pytest.param("real", marks=pytest.mark.shared)])
def runs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[tuple[Store, Quote, Run]]]:
    """Runs of studies that have little in common, each with its quote: of made logs, and of real ones."""
    made = []
    for seed in range(RUNS):
        log = (
            request.getfixturevalue("shared") / "logs" / f"{LOGS[seed % len(LOGS)]}.jsonl"
            if request.param == "real"
            else None
        )
        folder = tmp_path_factory.mktemp(f"{request.param}{seed}")
        scene = Scene(Store(f"sqlite:///{folder / 'advisor.db'}"), folder, seed, log)
        with scene.server:
            study = scene.study()
            quote = quote_run(scene.store, study, RunOptions(sample_size=SIZE, audited=0))
            made.append((scene.store, quote, scene.replay(study)))
    yield made
    for store, *_ in made:
        store.close()


@pytest.mark.slow
def test_the_range_holds_the_final_spend_in_nine_of_ten_runs(runs: list[tuple[Store, Quote, Run]]) -> None:
    held = near = 0
    for store, quote, run in runs:
        assert run.state.status is Status.SUCCEEDED
        assert quote.cost_usd is not None
        spent = spent_usd(store, run.id)
        held += quote.cost_usd.low <= spent <= quote.cost_usd.high
        near += quote.cost_usd.point / 1.5 <= spent <= quote.cost_usd.point * 1.5
        assert quote.cost_usd.high < 6 * quote.cost_usd.low, "a range that says something"
    assert held >= 0.9 * len(runs)
    assert near >= 0.8 * len(runs)


@pytest.mark.slow
def test_the_first_quote_is_neither_high_nor_low_over_many_runs(runs: list[tuple[Store, Quote, Run]]) -> None:
    shares = [spent_usd(store, run.id) / quote.cost_usd.point for store, quote, run in runs if quote.cost_usd]
    assert 0.7 <= statistics.geometric_mean(shares) <= 1.4, shares


def test_after_twenty_answers_of_each_model_the_total_is_known(runs: list[tuple[Store, Quote, Run]]) -> None:
    for store, _, run in runs:
        spent = spent_usd(store, run.id)
        whole = forecast_run(store, run)
        assert whole.cost_usd is not None
        assert whole.cost_usd.point == pytest.approx(spent)
        begin_again(store, run)
        found = forecast_run(store, get_run(store, run.id))
        assert found.is_measured
        assert found.cost_usd is not None
        assert spent / 1.5 <= found.cost_usd.point <= spent * 1.5


def begin_again(store: Store, run: Run) -> None:
    """As the run was after its first answers of each model."""
    rows = GenerationRow.run_id == run.id
    with store.write(None) as session:
        kept: list[int] = []
        for lane in (Lane.CANDIDATE, Lane.JUDGE):
            first = select(GenerationRow.id).where(rows, GenerationRow.lane == lane)
            kept += session.scalars(first.where(~IS_BESIDES).order_by(GenerationRow.at).limit(ENOUGH))
        session.execute(delete(GenerationRow).where(rows, GenerationRow.id.not_in(kept)))
    change_run(store, run.id, status=Status.RUNNING, heartbeat_at=datetime.now(UTC))


def test_what_is_stored_is_not_quoted_again(store: Store, tmp_path: Path) -> None:
    scene = Scene(store, tmp_path, 1)
    with scene.server:
        study = scene.study()
        scene.replay(study, 30)
        again = quote_run(store, study, RunOptions(sample_size=30, audited=0))
        assert (again.calls, again.judge_calls, again.control_calls) == (0, 0, 0)
        assert again.cost_usd is not None
        assert again.cost_usd.high == 0
        more = quote_run(store, study, RunOptions(sample_size=SIZE, audited=0))
        assert (more.calls, more.judge_calls) == (SIZE - 30, 2 * (SIZE - 30))
        before = scene.server.count("judge")
        run = scene.replay(study)
        made = scene.server.count("judge") - before
    assert made == more.judge_calls + more.control_calls
    assert more.cost_usd is not None
    assert more.cost_usd.low <= spent_usd(store, run.id) <= more.cost_usd.high
    assert more.cost_usd.high < 2 * more.cost_usd.low, "lengths are measured by now"


def test_a_quote_counts_reasoning_repeats_and_answers_that_a_judge_reads(store: Store, tmp_path: Path) -> None:
    """The first calls fail and are made again. Thinking takes more than any answer, as the first run shows."""
    scene = Scene(store, tmp_path, 4, name="flaky-2", thought=200)
    wanted: dict[str, Any] = {"audited": 40, "repeats": Repeats(epochs=2)}
    with scene.server:
        study = scene.study()
        first = scene.replay(study, 24, audited=40)
        assert first.state.status is Status.SUCCEEDED
        assert scene.server.count("flaky-2") == 24 + 2, "what failed cost nothing"
        quote = quote_run(store, study, RunOptions(sample_size=SIZE, **wanted))
        assert (quote.reused, quote.calls) == (24, 2 * SIZE - 24)
        second = scene.replay(study, **wanted)
    assert quote.cost_usd is not None
    spent = spent_usd(store, second.id)
    assert spent / 1.5 <= quote.cost_usd.point <= spent * 1.5
    assert quote.cost_usd.low <= spent <= quote.cost_usd.high


def test_a_first_quote_counts_the_answers_that_a_judge_reads(store: Store, tmp_path: Path) -> None:
    scene = Scene(store, tmp_path, 4)
    with scene.server:
        study = scene.study()
        quote = quote_run(store, study, RunOptions(sample_size=SIZE, audited=SIZE))
        run = scene.replay(study, audited=SIZE)
    assert quote.cost_usd is not None
    spent = spent_usd(store, run.id)
    assert spent / 1.5 <= quote.cost_usd.point <= spent * 1.5


def test_a_first_quote_knows_from_the_connection_test_how_long_models_think(store: Store, tmp_path: Path) -> None:
    scene, setup = Scene(store, tmp_path, 4, thought=200), RunOptions(sample_size=SIZE, audited=SIZE)
    with scene.server:
        study = scene.study()
        for model in list_models(store, study.id):
            probe_model(store, model)
        quote = quote_run(store, study, setup).cost_usd
        run = scene.replay(study, audited=SIZE)
    spent = spent_usd(store, run.id)
    assert quote is not None
    assert spent / 1.5 <= quote.point <= spent * 1.5
    assert quote.low <= spent <= quote.high
    early = quote_run(store, study, replace(setup, early_stop=True, fresh=True)).cost_usd
    whole = quote_run(store, study, replace(setup, fresh=True)).cost_usd
    assert early is not None
    assert whole is not None
    assert early.low < early.point < whole.point
    assert early.high == whole.high, "it may not stop early at all"


def test_what_a_model_took_in_another_study_counts_in_a_first_quote(store: Store, tmp_path: Path) -> None:
    scene, setup = Scene(store, tmp_path, 4, thought=200), RunOptions(sample_size=SIZE, audited=0)
    with scene.server:
        spent = spent_usd(store, scene.replay(scene.study()).id)
        quote = quote_run(store, scene.study("T"), setup).cost_usd
    assert quote is not None
    assert spent / 1.5 <= quote.point <= spent * 1.5


def test_the_time_of_a_first_run_follows_the_connection_test(store: Store, tmp_path: Path) -> None:
    study = made_study(store, tmp_path, a_log(random.Random(1), with_usage=True), "http://x", {"open": Role.CANDIDATE})
    setup = RunOptions(sample_size=SIZE)

    def planned() -> float:
        return planned_s(store, study, setup, quote_run(store, study, setup).lanes) or 0.0

    (model,) = list_models(store, study.id)
    usual_s = planned()
    set_probe(store, model.id, Probe(reachable=True, ttft_s=0.01, token_s=0.001))
    assert 0 < planned() < usual_s / 5
    set_probe(store, model.id, Probe(reachable=True, ttft_s=3.0, token_s=0.1))
    assert planned() > 2 * usual_s
