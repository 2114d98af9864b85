"""A run that stops early: what was lost in one round is asked again in the next, once, and nothing is paid twice."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from advisor.analysis.verdict import stopping
from advisor.measure.replay import breaker, engine
from advisor.measure.replay.plan import FIRST
from advisor.measure.replay.timing import HELLO
from advisor.measure.run_lifecycle import finish_run, requeue_run, start_run
from advisor.store import Store
from advisor.store.run.runs import get_run
from advisor.store.run.tallies import count_failures, tally_run
from advisor.types import FailureKind, Role, RunOptions, Status, Verdict
from tests.made.log import call
from tests.made.run import Answers, asked, fenced_answers, made_study, replayed, verdict
from tests.server import Body, MisbehavingServer

ROUNDS = 30
"""Calls of a run of two rounds."""
THREE_ROUNDS = 60
"""Too few calls to settle anything, as long as both models are right."""
WARM_UP = HELLO.messages[0]["content"]
TRIES = engine.ATTEMPTS[FailureKind.SERVER]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(breaker, "OPENS_AT", 1000)  # faults are those of single calls


class Losing:
    """Answers every question, but for some of the first the provider has a fault, as often as a call is tried."""

    def __init__(self, answer: Callable[[Body], str], lost: range, tries: int = TRIES) -> None:
        self._answer, self._lost, self._tries = answer, lost, tries
        self.order: dict[str, int] = {}
        self._tried: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()

    def __call__(self, body: Body) -> str:
        question = asked(body)
        if question == WARM_UP:
            return "ok"
        if self.order.setdefault(question, len(self.order)) in self._lost:
            self._tried[question] += 1
            if self._tried[question] <= self._tries:
                raise web.HTTPServiceUnavailable
        self.answered[question] += 1
        return self._answer(body)


def letters(n: int) -> list[dict[str, Any]]:
    use_case = {"metadata": {"use_case": "Newsletter drafts"}}
    return [
        call(i, f"Write a friendly newsletter paragraph about topic {i}.", f"Dear all, topic {i}.", **use_case)
        for i in range(n)
    ]


def test_calls_and_judgements_that_were_lost_are_asked_again_in_the_next_round(store: Store, tmp_path: Path) -> None:
    open_ = Losing(lambda body: f"Hello, {asked(body)[-9:]}", range(2))
    judge = Losing(lambda _: verdict("tie"), range(1))
    roles = {"open": Role.CANDIDATE, "judge": Role.JUDGE}
    _, run, _ = replayed(store, tmp_path, letters(ROUNDS), roles, {"open": open_, "judge": judge}, early_stop=True)
    tally = tally_run(store, run.id)
    assert (tally.succeeded, tally.failed, tally.missing) == (ROUNDS, 0, 0)
    assert (tally.judge.planned, tally.judge.succeeded, tally.judge.failed) == (2 * ROUNDS, 2 * ROUNDS, 0)
    words = [n for question, n in judge.answered.items() if "Hello, " in question]  # the others are control pairs
    assert [*open_.answered.values(), *words] == [1] * 3 * ROUNDS, "no answer is paid twice"


def test_a_judgement_that_comes_a_round_late_counts_when_it_is_looked_at_again(store: Store, tmp_path: Path) -> None:
    """Nothing is decided early as long as many pairs are not judged."""
    judge = Losing(lambda body: verdict("A" if "Dear all" in fenced_answers(body)[0] else "B"), range(0, 50, 5))
    answers: Answers = {"open": lambda body: f"Hello, {asked(body)[-9:]}", "judge": judge}
    roles = {"open": Role.CANDIDATE, "judge": Role.JUDGE}
    _, run, _ = replayed(store, tmp_path, letters(60), roles, answers, early_stop=True)
    ((_, _, settled, n),) = run.settled
    assert (settled, n, tally_run(store, run.id).spared) == (Verdict.KEEP, 50, 10)


def test_a_lost_call_is_asked_again_in_one_round_and_one_that_is_refused_in_none(store: Store, tmp_path: Path) -> None:
    losing = Losing(lambda _: "billing", range(1), tries=100)
    refused: Counter[str] = Counter()

    def refuses(body: Body) -> str | Body:
        if asked(body) != WARM_UP and (not refused or asked(body) in refused):
            refused[asked(body)] += 1
            return {"error": {"message": "This request is not taken.", "type": "invalid_request_error"}}
        return "billing"

    rows = [call(n, target="billing") for n in range(THREE_ROUNDS)]
    roles = dict.fromkeys(("losing", "refusing"), Role.CANDIDATE)
    _, run, server = replayed(store, tmp_path, rows, roles, {"losing": losing, "refusing": refuses}, early_stop=True)
    assert not run.settled
    assert (server.count("losing"), server.count("refusing")) == (1 + THREE_ROUNDS - 1 + 2 * TRIES, 1 + THREE_ROUNDS)
    kinds = {kind: count for _, _, kind, _, count in count_failures(store, run.id)}
    assert kinds == {FailureKind.SERVER: 1, FailureKind.BAD_REQUEST: 1}


def test_a_lost_word_is_asked_for_once_more_also_on_an_answer_that_came_late(store: Store, tmp_path: Path) -> None:
    """The first answer comes in the second round, the words on it in the third; another word never comes."""
    open_ = Losing(lambda body: f"Hello, {asked(body)[-9:]}", range(1))
    tries: Counter[str] = Counter()

    def judge(body: Body) -> str:
        question, (first, _) = asked(body), fenced_answers(body)
        if "Hello, " in question:  # the others are control pairs
            is_late = next(iter(open_.order)) in question
            if is_late or not tries or question in tries:
                tries[question] += 1
                if not is_late or tries[question] <= TRIES:
                    raise web.HTTPServiceUnavailable
        wins = int(re.findall(r"topic (\d+)", question)[0]) % 2 == 0  # half of them: nothing is settled
        return verdict("A" if wins == first.startswith("Hello") else "B")

    roles = {"open": Role.CANDIDATE, "judge": Role.JUDGE}
    answers: Answers = {"open": open_, "judge": judge}
    _, run, _ = replayed(store, tmp_path, letters(THREE_ROUNDS), roles, answers, early_stop=True)
    assert not run.settled
    assert sorted(tries.values()) == [TRIES + 1, TRIES + 1, 2 * TRIES]
    tally = tally_run(store, run.id)
    assert (tally.judge.planned, tally.judge.succeeded, tally.missing) == (2 * THREE_ROUNDS, 2 * THREE_ROUNDS - 1, 1)


@pytest.mark.slow
def test_a_lost_word_on_a_settled_candidate_is_not_asked_for_again(store: Store, tmp_path: Path) -> None:
    lost: Counter[str] = Counter()

    def judge(body: Body) -> str:
        worse = ["WORSE" in text for text in fenced_answers(body)]
        if any(worse) and (not lost or asked(body) in lost):
            lost[asked(body)] += 1
            raise web.HTTPServiceUnavailable
        return verdict("tie" if not any(worse) else "B" if worse[0] else "A")

    roles = {"bad": Role.CANDIDATE, "good": Role.CANDIDATE, "judge": Role.JUDGE}
    answers: Answers = {
        "bad": lambda body: f"WORSE {asked(body)[-9:]}",
        "good": lambda body: f"Hello, {asked(body)[-9:]}",
    }
    with MisbehavingServer(answers={**answers, "judge": judge}) as server:
        study = made_study(store, tmp_path, letters(ROUNDS), server.url, roles)
        setup = RunOptions(sample_size=ROUNDS, stream=False, concurrency=16, early_stop=True)
        run = finish_run(store, start_run(store, study, setup).id)
        tally = tally_run(store, run.id)
        requeue_run(store, run)
        again = finish_run(store, run.id)
    words = 2 * ROUNDS + 2 * FIRST - 1
    assert [(each.verdict, each.n) for each in run.settled] == [(Verdict.KEEP, FIRST)]
    assert (tally.judge.planned, tally.judge.succeeded, tally.missing) == (words, words, 0)
    assert lost.total() == TRIES, "neither in the next round nor when the run is taken up again"
    assert (again.settled, tally_run(store, run.id)) == (run.settled, tally)


def test_no_late_answer_of_the_baseline_adds_a_pair_to_what_is_settled(store: Store, tmp_path: Path) -> None:
    """Neither in the next round nor when the run is taken up again; what was not asked yet is."""
    closed = Losing(lambda _: "billing", range(1))
    roles = {"bad": Role.CANDIDATE, "good": Role.CANDIDATE, "closed": Role.BASELINE}
    answers: Answers = {"bad": lambda _: "bug", "good": lambda _: "billing", "closed": closed}
    with MisbehavingServer(answers=answers) as server:
        rows = [call(n, target="billing") for n in range(ROUNDS)]
        study = made_study(store, tmp_path, rows, server.url, roles)
        setup = RunOptions(sample_size=ROUNDS, stream=False, concurrency=16, early_stop=True)
        run = finish_run(store, start_run(store, study, setup).id)
        assert [(each.verdict, each.n) for each in run.settled] == [(Verdict.KEEP, FIRST)]
        assert (sum(closed.answered.values()), len(closed.order)) == (ROUNDS - 1, ROUNDS)
        requeue_run(store, run)
        again = finish_run(store, run.id)
    assert sum(closed.answered.values()) == ROUNDS - 1
    assert again.settled == run.settled


def test_a_judge_given_up_over_planted_pairs_alone_is_asked_about_the_pairs(store: Store, tmp_path: Path) -> None:
    """The candidate says nothing in the first round, so there are no pairs by then."""
    said: list[str] = []

    def late(body: Body) -> str:
        said.append(asked(body))
        return f"Hello, {asked(body)[-9:]}" if len(said) > 1 + FIRST else ""

    def judge(body: Body) -> str:
        if "Hello, " not in asked(body):
            raise web.HTTPUnauthorized
        return verdict("tie")

    roles = {"late": Role.CANDIDATE, "judge": Role.JUDGE}
    _, run, _ = replayed(store, tmp_path, letters(ROUNDS), roles, {"late": late, "judge": judge}, early_stop=True)
    assert tally_run(store, run.id).judge.succeeded == 2 * (ROUNDS - FIRST)


@pytest.mark.parametrize(("at", "is_told"), [(10, False), (ROUNDS, True)])
def test_a_model_that_was_given_up_is_asked_in_the_next_round_and_the_note_goes_with_its_losses(
    store: Store, tmp_path: Path, *, at: int, is_told: bool
) -> None:
    """The key is refused once: of the calls that follow in this round none is made."""
    given = Counter[str]()
    refusals: list[str] = []

    def answer(body: Body) -> str:
        if asked(body) == WARM_UP:
            return "ok"
        if given.total() + 1 >= at and not refusals:
            refusals.append(asked(body))
            raise web.HTTPUnauthorized
        given[asked(body)] += 1
        return "billing"

    rows = [call(n, target="billing") for n in range(ROUNDS)]
    roles = {"open": Role.CANDIDATE}
    _, run, _ = replayed(store, tmp_path, rows, roles, {"open": answer}, early_stop=True, concurrency=1)
    assert run.state.status is Status.SUCCEEDED
    assert ("open was given up" in (run.state.error or "")) == is_told
    assert tally_run(store, run.id).failed == is_told
    assert given.total() == len(given) == ROUNDS - is_told


def test_who_goes_on_looks_at_what_an_earlier_process_was_told(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ended when the first round was answered, before it had looked."""

    def stop_here(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    rows = [call(n, target="billing") for n in range(ROUNDS)]
    setup = RunOptions(sample_size=ROUNDS, stream=False, early_stop=True)
    with MisbehavingServer(answers={"open": lambda _: "bug"}) as server:
        study = made_study(store, tmp_path, rows, server.url, {"open": Role.CANDIDATE})
        run = start_run(store, study, setup)
        with monkeypatch.context() as patch:
            patch.setattr(stopping, "settled", stop_here)
            with pytest.raises(KeyboardInterrupt):
                finish_run(store, run.id)
        ended = get_run(store, run.id)
        assert (ended.settled, tally_run(store, run.id).succeeded) == ((), FIRST)
        requeue_run(store, ended)
        run = finish_run(store, run.id)
    assert [(each.verdict, each.n) for each in run.settled] == [(Verdict.KEEP, FIRST)]
    assert tally_run(store, run.id).succeeded == FIRST, "the second round is spared"
