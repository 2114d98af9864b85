"""Repeats of a request weigh what they weigh in the traffic: each draw is asked, and has an answer of its own."""

from collections import Counter
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import pytest

from advisor.collect.documents import shared_texts
from advisor.collect.use_cases import change
from advisor.decide.decision_json import describe_decision
from advisor.decide.decisions import decide, latest_report
from advisor.measure.quoting import quote_run
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.store import Store
from advisor.store.log.use_cases import list_use_cases
from advisor.store.run.generations import load_generation_facts
from advisor.types import Endpoint, GateName, Lane, Request, Role, Run, RunOptions, StoredSample, Study, Verdict
from tests.made.log import call
from tests.made.run import asked, made_study, replayed, verdict
from tests.nested import nested
from tests.server import Body, MisbehavingServer

POPULAR, RARE = "Where is my parcel?", "Who was the founder of shop {}?"
PASSAGE = "Our return policy is long and has many parts that nobody reads. " * 6
CALLS = 12
OPEN = {"open": Role.CANDIDATE}


def parcels(count: int, *, popular: int) -> list[dict[str, Any]]:
    """Calls of which the first ones are the same request."""
    return [
        call(n, POPULAR if n < popular else RARE.format(n), "It comes tomorrow.", metadata={"use_case": "Help"})
        for n in range(count)
    ]


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    count = iter(range(1000))
    with MisbehavingServer(answers={"open": lambda _: f"It comes in {next(count)} days."}) as server:
        yield server


def calls_to(server: MisbehavingServer, model: str = "open") -> list[Body]:
    """What the server was asked, but greetings before a run."""
    return [body for body in server.requests if body["model"] == model and body.get("max_tokens") != 1]


def replay(store: Store, study: Study, **setup: Any) -> Run:
    return finish_run(store, start_run(store, study, nested(RunOptions, {"stream": False, **setup})).id)


def test_every_draw_is_asked_and_requests_with_other_tools_are_others(
    store: Store, tmp_path: Path, server: MisbehavingServer
) -> None:
    rows = parcels(CALLS, popular=4)
    tools = [{"type": "function", "function": {"name": "track", "parameters": {"type": "object", "properties": {}}}}]
    for row in rows[:2]:
        row["request"]["tools"] = tools
    study = made_study(store, tmp_path, rows, server.url, OPEN)
    assert quote_run(store, study, RunOptions(sample_size=CALLS)).calls == CALLS
    replay(store, study, sample_size=CALLS)
    popular = [body for body in calls_to(server) if asked(body) == POPULAR]
    assert sorted("tools" in body for body in popular) == [False, False, True, True]
    assert len(calls_to(server)) == CALLS


def taken_over(store: Store, run: Run) -> list[tuple[int, Any]]:
    """(sample, time of its answer) of the reused answers."""
    facts = load_generation_facts(store, run.id, ("sample_id", "lane", "at", "reused"))
    reused = facts[facts["reused"].eq(True)]
    return list(zip(reused["sample_id"].tolist(), reused["at"], strict=True))


@pytest.mark.parametrize("early_stop", [False, True])
def test_no_stored_answer_serves_two_draws(
    any_store: Store, tmp_path: Path, server: MisbehavingServer, early_stop: bool
) -> None:
    study = made_study(any_store, tmp_path, parcels(CALLS, popular=9), server.url, OPEN)
    first = replay(any_store, study, sample_size=5, early_stop=early_stop)
    assert len(calls_to(server)) == 5
    asked_of = {body_of["sample_id"]: body_of["at"] for body_of in times(any_store, first)}
    for size, seed in ((CALLS, 1), (6, 2), (CALLS, 3)):
        before = len(calls_to(server))
        quote = quote_run(any_store, study, RunOptions(sample_size=size, seed=seed))
        run = replay(any_store, study, sample_size=size, seed=seed, early_stop=early_stop)
        reused = taken_over(any_store, run)
        assert len({at for _, at in reused}) == len(reused) == quote.reused, "an answer each"
        assert len(calls_to(server)) - before == quote.calls == size - quote.reused
        own = [at == asked_of[sample_id] for sample_id, at in reused if sample_id in asked_of]
        assert all(own), "a draw has its own answer"
        if size == CALLS and seed == 1:
            assert (quote.reused, quote.calls) == (5, CALLS - 5)


def times(store: Store, run: Run) -> list[dict[Hashable, Any]]:
    return load_generation_facts(store, run.id, ("sample_id", "lane", "at")).to_dict("records")


def test_another_draw_of_the_request_takes_what_is_left_over(
    store: Store, tmp_path: Path, server: MisbehavingServer
) -> None:
    study = made_study(store, tmp_path, parcels(CALLS, popular=CALLS), server.url, OPEN)
    draws = [replay(store, study, sample_size=4, seed=seed) for seed in (1, 2, 3)]
    assert len({frozenset(row["sample_id"] for row in times(store, run)) for run in draws}) == 3
    assert len(calls_to(server)) == 4
    replay(store, study, sample_size=4, seed=2, fresh=True)
    assert len(calls_to(server)) == 8


def test_a_judge_is_asked_once_about_equal_pairs(store: Store, tmp_path: Path) -> None:
    rows = parcels(CALLS, popular=8)
    roles = OPEN | {"judge": Role.JUDGE}
    readable = f'{verdict("tie")[:-1]}, "claims": [], "refusal": "answered"}}'
    with MisbehavingServer(answers={"open": lambda _: "It comes today.", "judge": lambda _: readable}) as server:
        study = made_study(store, tmp_path, rows, server.url, roles)
        change(store, list_use_cases(store, study.id)[0], endpoint=Endpoint.PAIRWISE)
        for fresh in (False, True):
            server.requests.clear()
            run = replay(store, study, sample_size=CALLS, baseline=Lane.RECORDED, fresh=fresh)
            words = Counter(map(asked, calls_to(server, "judge")))
            assert set(words.values()) == {1}
            pairs = [word for word in words if "===== ANSWER B" in word]
            assert len(pairs) == 2 * (1 + CALLS - 8), "both orders of each pair"
            (assessment,) = decide(store, study, run=run).recommendation.use_cases[0].candidates
            assert (assessment.quality.n, assessment.quality.ties) == (CALLS, CALLS)
        again = quote_run(store, study, RunOptions(sample_size=CALLS, baseline=Lane.RECORDED))
        assert (again.calls, again.judge_calls, again.control_calls) == (0, 0, 0)


def test_a_candidate_that_fails_what_is_asked_most_takes_nothing_over(store: Store, tmp_path: Path) -> None:
    rows = [
        call(n, f"Sort: {'late' if n < 108 else n}", "billing", expected="billing", metadata={"use_case": "Sort"})
        for n in range(240)
    ]
    answers = {"open": lambda body: "other" if "late" in asked(body) else "billing"}
    study, run, server = replayed(store, tmp_path, rows, OPEN, answers)
    assert len(calls_to(server)) == 240
    (decision,) = decide(store, study, run=run).recommendation.use_cases
    (assessment,) = decision.candidates
    assert (assessment.quality.n, assessment.ruling.verdict) == (240, Verdict.KEEP)
    assert assessment.quality.score == pytest.approx(132 / 240)


def test_a_request_that_holds_much_of_the_traffic_is_named_with_its_own_result(store: Store, tmp_path: Path) -> None:
    rows = [
        call(n, f"Sort: {'late' if n < 60 else n % 20}", "billing", expected="billing", metadata={"use_case": "Sort"})
        for n in range(150)
    ]
    answers = {"open": lambda body: "other" if "late" in asked(body) else "billing"}
    study, run, _ = replayed(store, tmp_path, rows, OPEN, answers)
    (decision,) = decide(store, study, run=run).recommendation.use_cases
    (assessment,) = decision.candidates
    (one,) = assessment.quality.repeated_requests
    assert (one.prompt, one.draws, one.of, one.score, one.baseline_score) == ("Sort: late", 60, 150, 0.0, 1.0)
    assert assessment.quality.distinct_requests == 21
    report = latest_report(store, study)
    assert report is not None
    told = describe_decision(report.recommendation)["use_cases"][0]["candidates"][0]
    assert (told["distinct_requests"], told["repeated_requests"][0]["draws"]) == (21, 60)
    assert [note for note in told["notes"] if "Sort: late" in note or "21 distinct" in note] == told["notes"][:2]


def test_equal_answers_to_one_request_are_no_constant_answer(store: Store, tmp_path: Path) -> None:
    """A model that is always sure of itself says the same to the same request; the baseline did not."""
    rows = [call(n, POPULAR, f"It comes on day {n}.", metadata={"use_case": "Help"}) for n in range(60)]
    answers = {"open": lambda _: "It comes tomorrow.", "judge": lambda _: verdict("tie")}
    study, run, _ = replayed(store, tmp_path, rows, OPEN | {"judge": Role.JUDGE}, answers)
    change(store, list_use_cases(store, study.id)[0], endpoint=Endpoint.PAIRWISE)
    (decision,) = decide(store, study, run=run).recommendation.use_cases
    gate = next(gate for gate in decision.candidates[0].gates if gate.name == GateName.IDENTICAL)
    assert gate.value == 0.0


@pytest.mark.parametrize("others", [0, 2])
def test_repeats_are_no_group_of_samples_that_share_a_text(others: int) -> None:
    """Each draw is an independent look, whatever else is asked about the same text."""
    prompts = [f"{PASSAGE}\n\nWho may return it?"] * 10 + [f"{PASSAGE}\n\nQuestion {n}?" for n in range(others)]
    prompts += [f"Question {n}?" for n in range(30)]
    samples = [
        StoredSample(id=n, request=Request(messages=[{"role": "user", "content": prompt}]))
        for n, prompt in enumerate(prompts)
    ]
    assert len(shared_texts(samples)) == (1 + others if others else 0)
