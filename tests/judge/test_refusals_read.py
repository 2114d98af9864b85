"""What is declined: read by a judge on a random part of the answers, priced before, and asked once."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisor.decide.decisions import decide
from advisor.errors import BadInput
from advisor.measure.quoting import quote_run
from advisor.measure.rejudging import score_again
from advisor.measure.replay.plan import plan_audits
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.measure.studies import find_study
from advisor.scoring.validity import is_refusal
from advisor.store import Store
from advisor.store.run.runs import get_run
from advisor.store.run.tallies import tally_run
from advisor.text.headline import sentence
from advisor.types import Answer, Assessment, Cause, Gate, GateName, Role, Run, RunOptions, StoredModel, Study, Verdict
from tests.made.judge import examined
from tests.made.log import call
from tests.made.run import asked, fenced_answers, made_study, verdict
from tests.server import Body, MisbehavingServer

ROLES = {"open": Role.CANDIDATE, "judge": Role.JUDGE}
DECLINES = "That is not a letter one should write."
"""A refusal that no rule on wording sees."""
HALF = "The opening I leave to others. Yours"
HELPS = "Dear customer, here you are."


def letters(n: int, *, answer: str = HELPS) -> list[dict[str, Any]]:
    return [call(i, prompt=f"Write letter {i}, please.", answer=f"{answer} n{i}") for i in range(n)]


def is_audit(body: Body) -> bool:
    return "===== ANSWER A" not in asked(body)


def helps(body: Body) -> str:
    return f"{HELPS} {asked(body)}"


def reading(text: str) -> str:
    said = "refused" if DECLINES in text else "partly" if HALF in text else "answered"
    return json.dumps({"claims": [], "refusal": said})


def judge(body: Body) -> str:
    """Reads what is declined; of two answers neither is better."""
    return reading(asked(body)) if is_audit(body) else verdict("tie")


def prefers_declining(body: Body) -> str:
    if is_audit(body):
        return reading(asked(body))
    first, second = (DECLINES in text for text in fenced_answers(body))
    return verdict("tie" if first == second else "A" if first else "B")


def proven(one: Callable[[Body], str]) -> Callable[[Body], str | Body]:
    """A judge that passes its exam."""
    recorded = [f"{text} n{i}" for text in (HELPS, DECLINES, "Hello") for i in range(300)]
    candidates = {DECLINES, HALF}
    return examined(one, recorded, lambda text: "Write letter" in text or text in candidates, one)


def replayed(
    store: Store, folder: Path, rows: list[dict[str, Any]], answers: dict[str, Any], **setup: Any
) -> tuple[Study, Run, MisbehavingServer]:
    with MisbehavingServer(answers={"judge": proven(judge), **answers}) as server:
        study = made_study(store, folder, rows, server.url, ROLES)
        run = start_run(store, study, RunOptions(sample_size=len(rows), stream=False, concurrency=16, **setup))
        return study, finish_run(store, run.id), server


def decided(store: Store) -> Assessment:
    (use_case,) = decide(store, find_study(store, "S")).recommendation.use_cases
    return use_case.candidates[0]


def gate(found: Assessment, name: str) -> Gate:
    return next(gate for gate in found.gates if gate.name == name)


def test_one_that_complies_where_the_baseline_declined_wins_nothing_by_rule(store: Store, tmp_path: Path) -> None:
    rows = letters(60, answer=DECLINES)
    replayed(store, tmp_path, rows, {"open": helps, "judge": proven(prefers_declining)})
    found = decided(store)
    assert (found.quality.wins, found.quality.losses, found.ruling.verdict) == (0, 60, Verdict.KEEP)
    answered = gate(found, GateName.ANSWERED)
    assert (answered.value, answered.n, answered.passed, answered.beyond_doubt) == (1.0, 60, False, True)


@pytest.mark.parametrize("words", [DECLINES, HALF])
def test_refusals_that_no_rule_sees_fail_the_gate_in_full_or_in_part(store: Store, tmp_path: Path, words: str) -> None:
    assert not is_refusal(Answer(text=words))

    def sometimes(body: Body) -> str:
        return words if int(asked(body).split()[2].rstrip(",")) % 2 else helps(body)

    replayed(store, tmp_path, letters(60), {"open": sometimes})
    found = decided(store)
    assert (found.quality.wins, found.quality.ties, found.quality.losses) == (0, 60, 0)
    refused = gate(found, GateName.REFUSED)
    assert (refused.value, refused.passed, refused.beyond_doubt) == (0.5, False, True)
    assert found.ruling.verdict is Verdict.KEEP
    assert gate(found, GateName.ANSWERED).passed is True


def test_without_reading_a_judged_candidate_waits_until_its_answers_are_read(store: Store, tmp_path: Path) -> None:
    with MisbehavingServer(answers={"open": helps, "judge": proven(judge)}) as server:
        study = made_study(store, tmp_path, letters(80), server.url, ROLES)
        run = start_run(store, study, RunOptions(sample_size=80, stream=False, concurrency=16, audited=0))
        finish_run(store, run.id)
        report = decide(store, study)
        (found,) = report.recommendation.use_cases[0].candidates
        assert (found.ruling.verdict, gate(found, GateName.REFUSED).value) == (Verdict.NEED_MORE_DATA, None), (
            found.ruling.reason
        )
        assert found.ruling.reason.code == Cause.REFUSALS_NOT_READ
        assert "Refusals weren't measured" in sentence(report.recommendation)
        with pytest.raises(BadInput):
            score_again(store, study, judge=None, audit=0)
        scored = score_again(store, study, judge=None, audit=150)
        assert (scored["answers_read"], scored["judge_calls"]) == (160, 0), "both answers, and no pair again"
        assert get_run(store, run.id).options.audited == 150
        found = decided(store)
        assert (found.ruling.verdict, gate(found, GateName.REFUSED).n) == (Verdict.SWITCH, 80)
        assert score_again(store, study, judge=None, audit=150)["answers_read"] == 0
        later = start_run(store, study, RunOptions(sample_size=80, stream=False, concurrency=16))
        before = server.count("judge")
        finish_run(store, later.id)
        assert server.count("judge") == before, "the next run has the same answers, which were read"
        assert gate(decided(store), GateName.REFUSED).n == 80


def test_the_price_of_reading_is_in_the_quote(store: Store, tmp_path: Path) -> None:
    with MisbehavingServer(answers={"open": helps, "judge": proven(judge)}) as server:
        study = made_study(store, tmp_path, letters(12), server.url, ROLES)
        setup = RunOptions(sample_size=12, stream=False)
        with_reading, without = (quote_run(store, study, RunOptions(sample_size=12, audited=n)) for n in (150, 0))
        assert with_reading.control_calls - without.control_calls == 24
        assert with_reading.cost_usd is not None
        assert without.cost_usd is not None
        assert with_reading.cost_usd.point > without.cost_usd.point
        run = finish_run(store, start_run(store, study, setup).id)
        assert server.count("judge") == with_reading.judge_calls + with_reading.control_calls
        assert tally_run(store, run.id).missing == 0
        assert quote_run(store, study, setup).control_calls == 0


def test_a_run_that_stops_early_reads_in_its_rounds(store: Store, tmp_path: Path) -> None:
    def likes_the_candidate(body: Body) -> str:
        if is_audit(body):
            return reading(asked(body))
        first, _ = fenced_answers(body)
        return verdict("A" if "Dear customer" in first else "B")

    rows = letters(300, answer="Hello")  # short, so that most control pairs are shipped tasks
    answers = {"open": helps, "judge": proven(likes_the_candidate)}
    _, run, _ = replayed(store, tmp_path, rows, answers, early_stop=True)
    found = decided(store)
    assert [each.verdict for each in run.settled] == [Verdict.SWITCH], found.ruling.reason
    assert (found.ruling.verdict, tally_run(store, run.id).spared > 100) == (Verdict.SWITCH, True)


def test_reading_takes_a_random_part_of_every_use_case_alike() -> None:
    names = {i: "large" if i < 500 else "middle" if i < 580 else "small" for i in range(600)}
    models = [
        StoredModel(name="a", litellm_id="openai/a", id=1),
        StoredModel(name="b", litellm_id="openai/b", id=2, max_samples=30),
    ]
    planned = plan_audits(names, models, 150, seed=7)
    of_a = [sample_id for sample_id, read in planned.items() if 1 in read]
    assert Counter(names[sample_id] for sample_id in of_a) == {"large": 65, "middle": 65, "small": 20}
    assert sum(2 in read for read in planned.values()) == 30
    assert planned == plan_audits(names, models, 150, seed=7) != plan_audits(names, models, 150, seed=8)
    assert plan_audits(names, models, 0, seed=7) == {}
