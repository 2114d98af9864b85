"""Load tests against a server that keeps set times: what is counted, when a step ends, what ends the climb."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from advisor.analysis.load_test import best_step, between, excess, ladder, measure
from advisor.collect.imports import ImportOptions, import_logs
from advisor.errors import BadInput
from advisor.jobs.sample import load_sample
from advisor.jobs.work import do_job, work
from advisor.measure.load_tests import (
    LoadSetup,
    describe_load_test,
    file_load_test,
    finish_load_test,
    quote_load_test,
    start_load_test,
    stop_load_test,
)
from advisor.measure.registration import register_model
from advisor.measure.replay import load_step, load_test_execution
from advisor.measure.replay.load_step import Step, count_calls
from advisor.measure.studies import find_study
from advisor.store import Store
from advisor.store.jobs import claim_job, get_job, list_jobs
from advisor.store.models import delete_model, list_models
from advisor.store.run.load_tests import change_load_test, claim_load_test, get_load_test, list_load_tests
from advisor.types import (
    FailureKind,
    Generation,
    JobPhase,
    LoadEnd,
    LoadLimits,
    LoadMeasure,
    LoadStep,
    LoadTest,
    Message,
    Model,
    Prices,
    Progress,
    Status,
    Study,
    Usage,
)
from tests.made.log import call, write_log
from tests.nested import changed
from tests.server import MisbehavingServer
from tests.waiting import wait_until


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of few calls, so that a climb takes no minutes."""
    for name, value in (("LEAST_CALLS", 4), ("LEAST_S", 0.0), ("MOST_CALLS", 20)):
        monkeypatch.setattr(load_step, name, value)
    monkeypatch.setattr(load_test_execution, "LISTEN_EVERY_S", 0.02)


class SlottedServer(MisbehavingServer):
    """Works on ``slots`` calls at a time for ``work_s`` each; the others wait in line, as at a model of one's own.

    ``most_at_once`` is how many it saw in flight.
    """

    def __init__(self, slots: int, work_s: float) -> None:
        super().__init__()
        self._slots, self._work_s = asyncio.Semaphore(slots), work_s
        self._at_once = self.most_at_once = 0

    async def _answer(self, request: Any) -> Any:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            async with self._slots:
                await asyncio.sleep(self._work_s)
                return await super()._answer(request)
        finally:
            self._at_once -= 1


def study_of(store: Store, tmp_path: Path, url: str, name: str = "ok", *, calls: int = 6, priced: bool = True) -> Study:
    """A study with a log of so many calls and one model."""
    import_logs(
        store, "S", [write_log(tmp_path / "log.jsonl", [call(n) for n in range(calls)])], ImportOptions(redact=False)
    )
    study = find_study(store, "S")
    prices: dict[str, Any] = {"prices": Prices(input=1000.0, output=1000.0)} if priced else {}
    register_model(store, study, Model(name=name, litellm_id=f"openai/{name}", api_base=url, **prices))
    return study


def climb(store: Store, study: Study, **setup: Any) -> LoadTest:
    """A load test from start to end."""
    chosen = replace(LoadSetup(model="ok", max_concurrency=4), **setup)
    test = start_load_test(store, study, chosen)
    return finish_load_test(store, test.id, max_concurrency=chosen.max_concurrency, seed=1, say=lambda _: None)


def answered(latency_s: float, ttft_s: float | None = None, tokens: int = 11) -> Generation:
    return Generation(latency_s=latency_s, ttft_s=ttft_s, usage=Usage(output_tokens=tokens))


def failed(kind: FailureKind = FailureKind.RATE_LIMIT) -> Generation:
    return Generation(failure=kind)


# What one step says


def test_a_step_is_measured_as_defined() -> None:
    answers = [answered(1.0 + n / 100, 0.5) for n in range(101)] + [failed()]
    step = measure(8, answers, wall_s=10.0, lags_s=[0.0] * 99 + [1.0], limits=LoadLimits(1.0, 1.5))
    assert (step.calls, step.failed) == (102, 1)
    assert step.requests_per_s == pytest.approx(10.1)
    assert step.goodput_per_s == pytest.approx(5.1), "1.00 to 1.50 s kept within the limit"
    assert step.output_tokens_per_s == pytest.approx(111.1)
    assert (step.times.ttft_p50_s, step.times.ttft_p95_s) == (0.5, 0.5)
    assert step.times.latency_p50_s == pytest.approx(1.5)
    assert step.times.latency_p95_s == pytest.approx(1.95)
    assert step.tpot_p50_s == pytest.approx((1.5 - 0.5) / 10)
    assert step.loop_lag_p99_s == pytest.approx(0.01, abs=0.001)
    assert not step.within_limits


def test_an_answer_of_one_token_has_no_time_per_token() -> None:
    step = measure(1, [answered(1.0, 0.5, tokens=1)], wall_s=1.0, lags_s=[], limits=LoadLimits())
    assert step.tpot_p50_s is None
    assert step.loop_lag_p99_s is None


STEP = measure(4, [answered(1.0, 0.4)] * 100, wall_s=10.0, lags_s=[0.001], limits=LoadLimits())


@pytest.mark.parametrize(
    ("step", "limits", "broken"),
    [
        (STEP, LoadLimits(), None),
        (STEP, LoadLimits(0.4, 1.0), None),
        (STEP, LoadLimits(0.39, 0.9), LoadMeasure.TTFT),
        (STEP, LoadLimits(None, 0.99), LoadMeasure.LATENCY),
        (changed(STEP, ttft_p95_s=None), LoadLimits(0.4, None), LoadMeasure.TTFT),
        (replace(STEP, failed=5), LoadLimits(), None),
        (replace(STEP, failed=6), LoadLimits(), LoadMeasure.FAILED),
    ],
)
def test_a_limit_is_broken_above_it(step: LoadStep, limits: LoadLimits, broken: LoadMeasure | None) -> None:
    found = excess(step, limits)
    assert (found and found.measure) == broken


def test_the_machine_was_the_limit_when_its_loop_lagged_by_a_twentieth_of_the_latency() -> None:
    assert not replace(STEP, loop_lag_p99_s=0.05).is_machine_bound
    assert replace(STEP, loop_lag_p99_s=0.0501).is_machine_bound


def test_the_best_step_is_the_one_with_most_goodput_within_the_limits() -> None:
    beyond = replace(STEP, concurrency=8, goodput_per_s=99.0, within_limits=False)
    best = replace(STEP, concurrency=2, goodput_per_s=12.0)
    assert best_step([replace(STEP, concurrency=1), best, STEP, beyond]) == best
    assert best_step([beyond]) is None


def test_steps_double_up_to_the_most_and_are_halved_once() -> None:
    assert ladder(1) == [1]
    assert ladder(64) == [1, 2, 4, 8, 16, 32, 64]
    assert ladder(48) == [1, 2, 4, 8, 16, 32, 48]
    assert [between(16, 32), between(1, 2), between(2, 4), between(0, 1)] == [24, None, 3, None]


# Which calls count, and when there are enough


def fed(step: Step, every_s: float, generation: Generation, most: int = 10_000) -> int:
    """How many answers a step hears before it is over, one every so many seconds."""
    for n in range(1, most):
        step.take(generation, n * every_s)
        if step.closed_at is not None:
            return n
    raise AssertionError("the step never ends")


@pytest.mark.parametrize(
    ("concurrency", "every_s", "counted", "why"),
    [
        (1, 0.17, 59, "a 95th percentile needs 59 calls, here after ten seconds"),
        (32, 0.2, 96, "three rounds"),
        (32, 0.05, 200, "ten seconds"),
        (1, 0.01, 200, "fast answers cost at most 200 calls"),
        (64, 0.001, 1280, "or twenty rounds"),
        (1, 10.0, 6, "a minute at most"),
        (32, 5.0, 32, "but one round at least"),
    ],
)
def test_a_step_ends_with_enough_calls(concurrency: int, every_s: float, counted: int, why: str) -> None:
    step = Step(concurrency)
    heard = fed(step, every_s, answered(1.0))
    assert heard - concurrency == pytest.approx(counted, abs=1), why
    assert len(step.answers) == heard - concurrency, "the first round is not counted"
    assert step.wall_s == pytest.approx((heard - concurrency) * every_s)


def test_what_comes_after_the_end_is_not_counted() -> None:
    step = Step(4)
    fed(step, 0.01, answered(1.0))
    before = (len(step.answers), step.wall_s)
    step.take(answered(1.0), 1000.0)
    assert (len(step.answers), step.wall_s) == before


def test_a_step_that_cannot_recover_ends_early() -> None:
    assert fed(Step(1), 0.001, failed()) == 1 + 11, "11 of at most 200 are more than 5 %"


def test_calls_that_a_model_refuses_without_load_are_left_out_and_still_end_a_step() -> None:
    step = Step(2)
    assert fed(step, 0.001, failed(FailureKind.CONTEXT_OVERFLOW)) == 2 + 200
    assert step.answers == []


def test_the_most_calls_of_a_quote_hold_every_step_and_the_one_between() -> None:
    assert count_calls(1) == (59 + 2, 200 + 2)
    assert count_calls(4) == (3 * 59 + 2 * 7, 4 * 200 + 2 * 10)


# A climb against a server


@pytest.fixture
def slotted(small: None) -> Iterator[SlottedServer]:
    server = SlottedServer(2, 0.1)
    with server:
        yield server


@pytest.mark.slow
def test_the_climb_finds_how_many_calls_a_server_takes(store: Store, tmp_path: Path, small: None) -> None:
    with SlottedServer(2, 0.2) as slotted:
        study = study_of(store, tmp_path, slotted.url)
        test = climb(store, study, max_concurrency=16, max_latency_p95_s=0.75)
    assert test.status is Status.SUCCEEDED
    assert [step.concurrency for step in test.steps] == [1, 2, 4, 6, 8], (
        "one step between the last good and the first bad"
    )
    assert [step.within_limits for step in test.steps] == [True, True, True, test.steps[3].within_limits, False]
    assert slotted.most_at_once == 8
    one, two, four = test.steps[:3]
    assert one.times.latency_p50_s is not None
    assert two.times.latency_p50_s is not None
    assert four.times.latency_p50_s is not None
    assert four.times.latency_p50_s > 0.39, "waiting in the model's own line is latency"
    assert two.times.latency_p50_s < 0.75 * four.times.latency_p50_s, "two slots are full"
    assert one.times.ttft_p50_s is not None
    assert 0.2 <= one.times.ttft_p50_s <= one.times.latency_p50_s
    assert test.ended_because is not None
    assert (test.ended_because.code, test.ended_because.values["concurrency"]) == (LoadEnd.BEYOND_LIMITS, 8)
    assert test.ended_because.values["measure"] == LoadMeasure.LATENCY
    assert list_load_tests(store, study.id) == [test]


def test_every_call_is_one_of_the_log_and_none_comes_twice_before_all_came(
    store: Store, tmp_path: Path, slotted: SlottedServer
) -> None:
    study = study_of(store, tmp_path, slotted.url, calls=30)
    test = climb(store, study, max_concurrency=1)
    asked = [body["messages"][0]["content"] for body in slotted.requests]
    assert len(set(asked[:30])) == min(len(asked), 30)
    assert set(asked) <= {f"Question {n}?" for n in range(30)}
    assert len(asked) == test.steps[0].calls + 1, "the first round is asked and not counted"
    assert all(body["stream"] for body in slotted.requests)


def test_a_load_test_leaves_no_trace_in_runs(store: Store, tmp_path: Path, slotted: SlottedServer) -> None:
    study = study_of(store, tmp_path, slotted.url)
    climb(store, study, max_concurrency=1)
    with store.read() as session:
        connection = session.connection()
        for table in ("run", "generation"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0


def test_without_a_limit_the_most_that_was_asked_for_ends_it(
    store: Store, tmp_path: Path, slotted: SlottedServer
) -> None:
    test = climb(store, study_of(store, tmp_path, slotted.url), max_concurrency=3, stream=False)
    assert [step.concurrency for step in test.steps] == [1, 2, 3]
    assert test.ended_because == Message.of(LoadEnd.WITHIN_LIMITS, concurrency=3)
    assert {step.times.ttft_p95_s for step in test.steps} == {None}
    assert not any(body.get("stream") for body in slotted.requests)


def test_failing_calls_end_it_and_say_why(store: Store, tmp_path: Path, small: None) -> None:
    with MisbehavingServer() as server:
        test = climb(store, study_of(store, tmp_path, server.url, "503"), model="503")
        assert server.count("503") < 20, "a server in trouble is not hammered"
    assert (test.status, len(test.steps), test.steps[0].within_limits) == (Status.SUCCEEDED, 1, False)
    assert test.ended_because is not None
    values = test.ended_because.values
    assert (values["concurrency"], values["measure"], values["value"]) == (1, LoadMeasure.FAILED, 1.0)
    assert "Overloaded" in values["error"]
    assert describe_load_test(store, test)["best_concurrency"] is None


@pytest.mark.parametrize(("name", "why"), [("401", "Incorrect API key"), ("404", "does not exist")])
def test_a_model_that_cannot_be_used_is_asked_once(
    store: Store, tmp_path: Path, small: None, name: str, why: str
) -> None:
    with MisbehavingServer() as server:
        test = climb(store, study_of(store, tmp_path, server.url, name), model=name)
        assert server.count(name) == 1
    assert (test.status, test.steps) == (Status.FAILED, ())
    assert test.ended_because is not None
    assert why in test.ended_because.values["error"]


def test_a_model_that_refuses_every_request_of_the_log_was_not_measured(
    store: Store, tmp_path: Path, small: None
) -> None:
    with MisbehavingServer() as server:
        test = climb(store, study_of(store, tmp_path, server.url, "context"), model="context")
    assert (test.status, test.steps) == (Status.FAILED, ())
    assert test.ended_because is not None
    assert "maximum context length" in test.ended_because.values["error"]


def test_a_missing_key_fails_the_test_before_any_call(store: Store, tmp_path: Path) -> None:
    study = study_of(store, tmp_path, "http://127.0.0.1:9/v1")
    register_model(store, study, Model(name="far", litellm_id="openai/gpt-4o", key_env="NO_SUCH_TEST_API_KEY"))
    with pytest.raises(BadInput, match="NO_SUCH_TEST_API_KEY"):
        climb(store, study, model="far")
    (test,) = list_load_tests(store, study.id)
    assert test.status is Status.FAILED
    assert test.ended_because is not None
    assert "NO_SUCH_TEST_API_KEY" in test.ended_because.values["error"]


def test_a_fault_of_the_program_ends_it_as_failed_and_shows_no_key(
    store: Store, tmp_path: Path, slotted: SlottedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "example-9f8Zq2Lx7Tb4"
    monkeypatch.setenv("GROQ_API_KEY", key)
    test = start_load_test(store, study_of(store, tmp_path, slotted.url), LoadSetup(model="ok"))
    (model,) = list_models(store, test.study_id)

    class Faulty(Sequence[int]):
        def __len__(self) -> int:
            return 1

        def __getitem__(self, at: Any) -> Any:
            raise ZeroDivisionError(f"oops {key}")

    claim_load_test(store, test.id)
    climb = load_test_execution.Climb(model, Faulty(), 1)
    with pytest.raises(ZeroDivisionError):
        load_test_execution.execute_load_test(store, test, climb, say=lambda _: None)
    ended = get_load_test(store, test.id)
    assert ended.status is Status.FAILED
    assert ended.ended_because == Message.of(LoadEnd.FAULT, error="ZeroDivisionError: oops [key]")


@pytest.mark.slow
def test_a_model_behind_litellm_is_measured_in_its_processes(
    store: Store, tmp_path: Path, slotted: SlottedServer
) -> None:
    study = study_of(store, tmp_path, slotted.url)
    register_model(store, study, Model(name="pinned", litellm_id="litellm/openai/ok", api_base=slotted.url))
    test = climb(store, study, model="pinned", max_concurrency=2)
    assert [(step.concurrency, step.failed) for step in test.steps] == [(1, 0), (2, 0)]
    assert all(step.times.latency_p50_s is not None and step.times.latency_p50_s >= 0.1 for step in test.steps)
    assert all(step.loop_lag_p99_s is not None for step in test.steps)


# Money


def test_the_budget_ends_it_and_is_kept(store: Store, tmp_path: Path, slotted: SlottedServer) -> None:
    study = study_of(store, tmp_path, slotted.url)
    test = climb(store, study, budget_usd=0.25)
    assert test.status is Status.BUDGET_EXCEEDED
    assert [step.concurrency for step in test.steps] == [1], "what was measured stays"
    assert test.ended_because == Message.of(LoadEnd.BUDGET_SPENT, concurrency=2)
    assert test.cost_usd == pytest.approx(0.025 * len(slotted.requests)), "every call is paid, counted or not"
    assert test.cost_usd is not None
    assert test.cost_usd <= 0.25


def test_an_unpriced_model_needs_consent_where_a_budget_is_set(
    store: Store, tmp_path: Path, slotted: SlottedServer
) -> None:
    study = study_of(store, tmp_path, slotted.url, priced=False)
    with pytest.raises(BadInput, match="--allow-unpriced"):
        climb(store, study, budget_usd=1.0)
    assert list_load_tests(store, study.id) == []
    test = climb(store, study, budget_usd=1.0, allow_unpriced=True, max_concurrency=1)
    assert (test.status, test.cost_usd) == (Status.SUCCEEDED, None), "unpriced is not free"
    assert quote_load_test(store, study, LoadSetup(model="ok")).cost_usd is None


def test_the_quote_is_known_before_and_holds(store: Store, tmp_path: Path, slotted: SlottedServer) -> None:
    study = study_of(store, tmp_path, slotted.url)
    quote = quote_load_test(store, study, LoadSetup(model="ok", max_concurrency=4))
    assert list_load_tests(store, study.id) == []
    assert slotted.requests == []
    assert quote.cost_usd is not None
    assert quote.cost_usd.low <= quote.cost_usd.point <= quote.cost_usd.high
    assert (quote.samples, quote.least_calls, quote.most_calls) == (6, *count_calls(4))
    climb(store, study, max_latency_p95_s=5.0)
    assert len(slotted.requests) <= quote.most_calls


# Stopping, and being left behind


def while_it_runs(store: Store, study: Study, act: Callable[[LoadTest], None]) -> threading.Thread:
    """Do something as soon as the first step of the first load test is kept."""

    def wait() -> None:
        wait_until(lambda: any(test.steps for test in list_load_tests(store, study.id)))
        act(list_load_tests(store, study.id)[0])

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


@pytest.mark.parametrize("by_worker", [True, False], ids=["worker", "command line"])
def test_a_cancelled_test_keeps_what_was_measured(
    store: Store, tmp_path: Path, slotted: SlottedServer, by_worker: bool
) -> None:
    study = study_of(store, tmp_path, slotted.url)
    thread = while_it_runs(store, study, lambda test: stop_load_test(store, test))
    if by_worker:
        test, job = file_load_test(store, study, LoadSetup(model="ok", max_concurrency=256))
        work(store, once=True)
        done = get_job(store, job.id)
        assert done is not None
        assert done.status is Status.CANCELLED
    else:
        test = climb(store, study, max_concurrency=256)
    thread.join()
    test = get_load_test(store, test.id)
    assert (test.status, test.wanted) == (Status.CANCELLED, None)
    assert test.finished_at is not None
    assert 1 <= len(test.steps) < 8
    assert test.ended_because is not None
    assert test.ended_because.code == LoadEnd.CANCELLED
    assert test.cost_usd == pytest.approx(0.025 * len(slotted.requests)), "calls on their way were awaited"


def test_one_that_waits_is_cancelled_at_once(store: Store, tmp_path: Path, slotted: SlottedServer) -> None:
    study = study_of(store, tmp_path, slotted.url)
    test, _ = file_load_test(store, study, LoadSetup(model="ok"))
    stop_load_test(store, test)
    assert get_load_test(store, test.id).status is Status.CANCELLED
    work(store, once=True)
    assert slotted.requests == []
    assert get_load_test(store, test.id).status is Status.CANCELLED


def test_a_job_does_it_and_says_how_far_it_is(store: Store, tmp_path: Path, slotted: SlottedServer) -> None:
    study = study_of(store, tmp_path, slotted.url)
    test, _ = file_load_test(store, study, LoadSetup(model="ok", max_concurrency=2, max_latency_p95_s=2.0))
    said: list[Progress] = []
    assert claim_load_test(store, test.id)
    change_load_test(store, test.id, status=Status.QUEUED)
    finish_load_test(store, test.id, max_concurrency=2, seed=1, say=said.append)
    assert any(now.phase is JobPhase.MEASURING and now.subject == "2" and now.done for now in said)
    work(store, once=True)
    (job,) = list_jobs(store, study.id, kind="load_test")
    assert (job.status, job.result) == (Status.SUCCEEDED, {"load_test": test.id})


def test_one_that_lost_its_worker_is_not_paid_again(store: Store, tmp_path: Path, slotted: SlottedServer) -> None:
    study = study_of(store, tmp_path, slotted.url)
    test, _ = file_load_test(store, study, LoadSetup(model="ok"))
    job = claim_job(store, "elsewhere:1")
    assert job is not None
    claim_load_test(store, test.id)
    do_job(store, job)
    after = get_load_test(store, test.id)
    assert after.status is Status.FAILED
    assert after.ended_because == Message.of(LoadEnd.DIED)
    assert slotted.requests == []


def test_a_deleted_model_takes_its_load_tests_along(any_store: Store, tmp_path: Path, slotted: SlottedServer) -> None:
    study = study_of(any_store, tmp_path, slotted.url)
    test = climb(any_store, study, max_concurrency=2)
    assert [step.concurrency for step in test.steps] == [1, 2]
    (model,) = list_models(any_store, study.id)
    delete_model(any_store, model.id)
    assert list_load_tests(any_store, study.id) == []
    with pytest.raises(BadInput, match="deleted"):
        get_load_test(any_store, test.id)


@pytest.mark.parametrize(
    ("setup", "why"),
    [
        ({"model": "Nobody"}, "has no model"),
        ({"max_concurrency": 0}, "--max-concurrency"),
        ({"max_concurrency": 100_000}, "--max-concurrency"),
        ({"max_latency_p95_s": 0.0}, "more than 0"),
        ({"max_ttft_p95_s": float("nan")}, "more than 0"),
        ({"max_ttft_p95_s": 1.0, "stream": False}, "--no-stream"),
        ({"budget_usd": -1.0}, "budget"),
    ],
)
def test_what_makes_no_sense_is_refused(store: Store, tmp_path: Path, setup: dict[str, Any], why: str) -> None:
    study = study_of(store, tmp_path, "http://127.0.0.1:9/v1")
    with pytest.raises(BadInput, match=why):
        climb(store, study, **setup)
    assert list_load_tests(store, study.id) == []


def test_written_answers_take_no_load(store: Store) -> None:
    study = load_sample(store, with_run=False)
    written = next(model for model in list_models(store, study.id) if model.illustrative)
    with pytest.raises(BadInput, match="pre-recorded"):
        quote_load_test(store, study, LoadSetup(model=written.name))
