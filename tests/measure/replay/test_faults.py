"""Replays against a server that misbehaves: the run ends, each failed call has its reason, good calls are kept."""

import threading
from pathlib import Path
from typing import Any

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.errors import BadInput
from advisor.jobs.work import fault_words
from advisor.measure.registration import register_model
from advisor.measure.replay import breaker, engine, pace
from advisor.measure.replay import timing as warming
from advisor.measure.replay.execution import execute_run
from advisor.measure.replay.writer import Writer
from advisor.measure.run_lifecycle import finish_run, requeue_run, start_run
from advisor.measure.studies import find_study
from advisor.store import Store
from advisor.store.models import list_models, set_probe
from advisor.store.run.generations import CallKey, StoredGeneration, load_generations
from advisor.store.run.runs import change_run, get_run
from advisor.store.run.tallies import count_failures, tally_run
from advisor.types import (
    Answer,
    Clock,
    FailureKind,
    Generation,
    Lane,
    Model,
    Prices,
    Probe,
    Role,
    Run,
    RunOptions,
    Settled,
    Status,
)
from tests.made.log import call, write_log
from tests.made.run import Answers, replayed, verdict
from tests.nested import nested
from tests.server import MisbehavingServer
from tests.waiting import wait_until


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses and time-outs, so that faults do not take minutes."""
    monkeypatch.setattr(engine, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(pace, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(pace, "LONGEST_HOLD_S", 0.05)
    monkeypatch.setattr(warming, "TIMEOUT_S", 0.5)
    monkeypatch.setattr(breaker, "FIRST_TRY_S", 0.01)
    monkeypatch.setattr(breaker, "DEAD_S", 0.3)
    monkeypatch.setattr(breaker, "OUTAGE_S", 0.3)
    monkeypatch.setattr(breaker, "STARVED_S", 0.3)
    monkeypatch.setattr(breaker, "NEVER_FED_S", 0.3)
    monkeypatch.setattr("advisor.measure.replay.track.TIMEOUT_S", 1.0)


def replay(
    store: Store, tmp_path: Path, server: MisbehavingServer, names: list[str], calls: int = 4, **setup: object
) -> Run:
    import_logs(
        store, "S", [write_log(tmp_path / "log.jsonl", [call(n) for n in range(calls)])], ImportOptions(redact=False)
    )
    study = find_study(store, "S")
    for name in names:
        model = register_model(
            store,
            study,
            Model(
                name=name, litellm_id=f"openai/{name}", api_base=server.url, prices=Prices(input=1000.0, output=1000.0)
            ),
        )
        set_probe(store, model.id, Probe(reachable=True))  # so that only the run's own calls are counted
    return finish_run(store, start_run(store, study, nested(RunOptions, setup)).id)


FAULTS = {
    "429": FailureKind.RATE_LIMIT,
    "500": FailureKind.SERVER,
    "hang": FailureKind.TIMEOUT,
    "cut": FailureKind.INVALID_RESPONSE,
    "invalid_json": FailureKind.INVALID_RESPONSE,
    "empty_choices": FailureKind.INVALID_RESPONSE,
    "html": FailureKind.INVALID_RESPONSE,
    "401": FailureKind.AUTH,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_has_its_reason_and_a_good_model_beside_it_is_untouched(
    store: Store, tmp_path: Path, fault: str
) -> None:
    with MisbehavingServer() as server:
        run = replay(store, tmp_path, server, [fault, "ok"])
    assert run.state.status is Status.SUCCEEDED
    tally = tally_run(store, run.id)
    assert (tally.planned, tally.succeeded, tally.failed, tally.skipped) == (8, 4, 4, 0)
    for _, _, kind, message, _ in count_failures(store, run.id):
        assert kind is FAULTS[fault]
        assert message


def test_a_passing_trouble_is_tried_again_and_not_counted_as_latency(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "FIRST_PAUSE_S", 0.5)
    with MisbehavingServer() as server:
        run = replay(store, tmp_path, server, ["flaky-3"], concurrency=1)
        assert server.count("flaky-3") == 7, "the first failure is that of the call that warms up"
    generations = [generation for _, generation in load_generations(store, run.id, lanes=[Lane.CANDIDATE])]
    assert max(generation.sending.attempts for generation in generations) == 3
    patient = max(generations, key=lambda generation: generation.sending.attempts)
    assert patient.latency_s is not None
    assert patient.latency_s < patient.sending.waited_s


def test_every_model_is_probed_once_before_a_run(store: Store, tmp_path: Path) -> None:
    with MisbehavingServer() as server:
        import_logs(
            store, "S", [write_log(tmp_path / "log.jsonl", [call(n) for n in range(3)])], ImportOptions(redact=False)
        )
        study = find_study(store, "S")
        for name in ("ok", "404"):
            register_model(store, study, Model(name=name, litellm_id=f"openai/{name}", api_base=server.url))
        finish_run(store, start_run(store, study, RunOptions()).id)
        asked = len(server.requests)
        finish_run(store, start_run(store, study, RunOptions()).id)
        assert len(server.requests) == asked + 4, "the second run asks what failed, after one call that is not counted"
    ok, missing = list_models(store, study.id)
    assert ok.probe is not None
    assert ok.probe.streams
    assert ok.probe.tools
    assert missing.probe is not None
    assert "It offers: echo, ok" in missing.probe.detail


def test_a_run_where_nothing_answers_has_failed(store: Store, tmp_path: Path) -> None:
    with MisbehavingServer() as server:
        run = replay(store, tmp_path, server, ["500"], calls=20)
    assert run.state.status is Status.FAILED
    assert "given up" in (run.state.error or "")
    assert tally_run(store, run.id).failed == 20


def test_the_budget_is_a_hard_stop_and_resume_pays_nothing_twice(store: Store, tmp_path: Path) -> None:
    with MisbehavingServer() as server:
        run = replay(store, tmp_path, server, ["ok"], calls=20, budget_usd=0.3, concurrency=2)
        assert run.state.status is Status.BUDGET_EXCEEDED
        stored = tally_run(store, run.id)
        assert 0 < stored.succeeded < 20
        assert stored.cost_usd is not None
        assert stored.cost_usd <= 0.3
        requeue_run(store, run, budget_usd=100.0)
        run = finish_run(store, run.id)
        assert run.state.status is Status.SUCCEEDED
        assert server.count("ok") == 20 + 1, "the first start warms the model up with one call"
    assert tally_run(store, run.id).succeeded == 20


def test_a_pause_is_obeyed_and_resumed(store: Store, tmp_path: Path) -> None:
    with MisbehavingServer(delay_s=0.3) as server:

        def pause() -> None:
            wait_until(lambda: len(server.requests) > 0)
            change_run(store, 1, wanted=Status.PAUSED)

        thread = threading.Thread(target=pause)
        thread.start()
        run = replay(store, tmp_path, server, ["ok"], calls=30, concurrency=1)
        thread.join()
        assert run.state.status is Status.PAUSED
        done = tally_run(store, run.id).succeeded
        assert 0 < done < 30
        server.delay_s = 0.0
        requeue_run(store, run)
        assert finish_run(store, run.id).state.status is Status.SUCCEEDED
        assert server.count("ok") == 30 + 1, "the first start warms the model up with one call"


def test_judges_are_asked_in_both_orders_once(store: Store, tmp_path: Path) -> None:
    with MisbehavingServer() as server:
        import_logs(
            store, "S", [write_log(tmp_path / "log.jsonl", [call(n) for n in range(5)])], ImportOptions(redact=False)
        )
        study = find_study(store, "S")
        prices: dict[str, Any] = {"prices": Prices(input=1.0, output=1.0)}
        candidate = Model(name="c", litellm_id="openai/ok", api_base=server.url, **prices)
        judge = Model(name="j", litellm_id="openai/judge", api_base=server.url, role=Role.JUDGE, **prices)
        for model in (candidate, judge):
            set_probe(store, register_model(store, study, model).id, Probe(reachable=True))
        run = finish_run(store, start_run(store, study, RunOptions(audited=0)).id)
        assert server.count("judge") == 10
        assert run.machine.clocks == {Clock.SOCKET: [candidate.name]}
        requeue_run(store, run)
        finish_run(store, run.id)
        assert server.count("judge") == 10, "a stored judgement is never asked again"
        prompts = [str(body["messages"]) for body in server.requests if body["model"] == "judge"]
        assert all("The answer is 42." in prompt and "billing" in prompt for prompt in prompts)
    assert tally_run(store, run.id).judge.succeeded == 10
    assert get_run(store, run.id).plan.planned_judge == 10


def test_a_key_is_never_stored(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "sk-" + "test" * 8
    monkeypatch.setenv("TEST_MODEL_API_KEY", key)
    with MisbehavingServer() as server:
        import_logs(
            store, "S", [write_log(tmp_path / "log.jsonl", [call(n) for n in range(3)])], ImportOptions(redact=False)
        )
        study = find_study(store, "S")
        for name in ("leak", "parrot", "ok"):
            model = Model(name=name, litellm_id=f"openai/{name}", api_base=server.url, key_env="TEST_MODEL_API_KEY")
            register_model(store, study, model)
        finish_run(store, start_run(store, study, RunOptions()).id)
        assert any(key in headers.get("Authorization", "") for headers in server.headers)
    store.close()
    for path in tmp_path.iterdir():
        assert key.encode() not in path.read_bytes(), path.name


@pytest.mark.slow
def test_the_engine_stands_still_for_nobody(store: Store, tmp_path: Path) -> None:
    """A hanging model keeps its own slots only."""
    with MisbehavingServer() as server:
        run = replay(store, tmp_path, server, ["hang", "ok"], calls=6, concurrency=2)
    at = {key.model_id: generation.at for key, generation in load_generations(store, run.id, lanes=[Lane.CANDIDATE])}
    assert len(at) == 2
    assert tally_run(store, run.id).succeeded == 6


def test_a_short_outage_does_not_end_a_model(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaker, "DEAD_S", 60.0)
    monkeypatch.setattr(breaker, "LAST_TRY_S", 0.05)
    with MisbehavingServer() as server:
        run = replay(store, tmp_path, server, ["flaky-60"], calls=40)
        tries = [
            generation.sending.attempts for _, generation in load_generations(store, run.id, lanes=[Lane.CANDIDATE])
        ]
        assert server.count("flaky-60") == 40 + 60
    assert tally_run(store, run.id).succeeded == 40, "no call is lost to 60 failures in a row"
    assert max(tries) > 4, "calls are not blamed for an outage"


def test_a_cancelled_run_is_not_claimed(store: Store, tmp_path: Path) -> None:
    with MisbehavingServer() as server:
        run = replay(store, tmp_path, server, ["ok"], calls=3)
        change_run(store, run.id, status=Status.CANCELLED)
        with pytest.raises(BadInput, match="cancelled"):
            finish_run(store, run.id)
        assert get_run(store, run.id).state.status is Status.CANCELLED


def test_what_no_database_takes_is_left_out_of_an_answer(any_store: Store) -> None:
    from tests.store.fill import fill

    _, model, run = fill(any_store)
    key = CallKey(1, Lane.CANDIDATE, model.id, 1)
    strange = StoredGeneration(key=key, generation=Generation(answer=Answer(text="a\x00b \ud83d c")))
    with Writer(any_store, run) as writer:
        writer.put(strange)
    assert writer.error is None
    ((_, stored),) = load_generations(any_store, run.id, lanes=[Lane.CANDIDATE])
    assert stored.answer is not None
    assert stored.answer.text == "ab \ufffd c"


def test_a_model_that_asks_for_too_long_a_wait_is_given_up_by_all_its_slots_at_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "LONGEST_HOLD_S", pace.LONGEST_HOLD_S)
    with MisbehavingServer() as server:
        run = replay(store, tmp_path, server, ["wait-1000", "ok"], calls=12, concurrency=4)
    assert "wait-1000 was given up" in (run.state.error or "")
    assert run.state.wall_s is not None
    assert run.state.wall_s < 100, "nobody waits for it"
    assert (tally_run(store, run.id).succeeded, tally_run(store, run.id).failed) == (12, 12)
    ((_, _, kind, _, count),) = count_failures(store, run.id)
    assert (kind, count) == (FailureKind.RATE_LIMIT, 12)


def test_answers_without_usage_count_against_the_budget_also_after_a_resume(store: Store, tmp_path: Path) -> None:
    with MisbehavingServer() as server:
        run = replay(store, tmp_path, server, ["no_usage"], calls=20, budget_usd=0.3, concurrency=1)
        assert run.state.status is Status.BUDGET_EXCEEDED
        stored = tally_run(store, run.id)
        assert 0 < stored.succeeded < 20
        assert stored.cost_usd is None, "what is not known is not told"
        requeue_run(store, run, budget_usd=0.31)
        run = finish_run(store, run.id)
        assert run.state.status is Status.BUDGET_EXCEEDED
        assert tally_run(store, run.id).succeeded <= stored.succeeded + 1


def test_a_model_that_answers_nonsense_is_not_paid_for_as_long_as_others_answer(store: Store, tmp_path: Path) -> None:
    with MisbehavingServer() as server:
        run = replay(store, tmp_path, server, ["empty_choices", "slow-0.03"], calls=6, concurrency=1)
        asked = [body["model"] for body in server.requests]
    assert "empty_choices was given up" in (run.state.error or "")
    assert max(n for n, name in enumerate(asked) if name == "empty_choices") < asked.index("slow-0.03") + 20


def test_a_fault_of_the_program_ends_a_run_as_failed_and_shows_no_key(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "example-9f8Zq2Lx7Tb4"
    monkeypatch.setenv("GROQ_API_KEY", key)

    def faulty() -> list[Settled]:
        raise ZeroDivisionError(f"oops {key}")

    with MisbehavingServer() as server:
        run = replay(store, tmp_path, server, ["ok"], early_stop=True, budget_usd=0.000001)
        requeue_run(store, run, budget_usd=100.0)
        with pytest.raises(ZeroDivisionError):
            execute_run(store, run.id, settle=faulty, score=lambda _: None)
    ended = get_run(store, run.id)
    assert ended.state.status is Status.FAILED
    for said in (ended.state.error, fault_words(ZeroDivisionError(f"oops {key}"), "Try again.")):
        assert "fault of the program" in (said or "")
        assert key not in (said or "")


def test_a_model_that_refuses_every_call_as_one_too_many_is_not_waited_for_without_end(
    store: Store, tmp_path: Path
) -> None:
    with MisbehavingServer() as server:
        run = replay(store, tmp_path, server, ["429"], calls=8, concurrency=1)
        asked = len(server.requests)
    assert "429 was given up: rate limit" in (run.state.error or "")
    assert asked < 8 * engine.ATTEMPTS[FailureKind.RATE_LIMIT] // 2


def test_a_model_that_only_refuses_holds_back_no_judge(store: Store, tmp_path: Path) -> None:
    roles = {"429": Role.CANDIDATE, "open": Role.CANDIDATE, "judge": Role.JUDGE}
    answers: Answers = {"open": lambda _: "An answer.", "judge": lambda _: verdict("tie")}
    _, run, server = replayed(store, tmp_path, [call(n) for n in range(6)], roles, answers)
    assert (run.state.status, run.state.error is not None) == (Status.SUCCEEDED, True)
    assert (run.state.error or "").startswith("429 was given up: rate limit")
    tally = tally_run(store, run.id)
    assert (tally.succeeded, tally.failed, tally.judge.succeeded, tally.judge.planned) == (6, 6, 12, 12)
    assert server.count("open") == 6 + 1, "one call is for warming up"
