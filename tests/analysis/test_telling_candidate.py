"""Which candidate a use case is explained by where none moves: the one whose evidence tells most."""

from typing import Any

from advisor.analysis.migration_plan import plan
from advisor.text.advice.reasons import in_context, reason
from advisor.text.plan import why
from advisor.types import Cause, Condition, Endpoint, Message, Obstacle, Verdict
from tests.analysis.decisions import decide, judged_pairs, target_pairs, use_case

NOBODY_COMPARED = Message(code=Obstacle.NO_EVIDENCE, values={"baseline": "closed"})


def test_one_that_surely_fails_on_many_says_more_than_one_still_open_on_few() -> None:
    pairs = {"many": target_pairs(both=50, worse=26, better=2), "few": target_pairs(both=1, worse=2)}
    (decision,) = decide(use_case(pairs, margin=0.1)).use_cases
    assert [a.ruling.verdict for a in decision.candidates] == [Verdict.KEEP, Verdict.NEED_MORE_DATA]
    shown = decision.shown
    assert shown is not None
    assert shown.model == "many"
    assert decision.verdict is shown.ruling.verdict
    assert shown.ruling.reason.code == Cause.WORSE
    assert why(decision) == f"{in_context(shown)} Still open: few."


def test_one_that_may_still_pass_says_more_than_one_that_surely_fails() -> None:
    pairs = {"failing": target_pairs(both=50, worse=24), "open": target_pairs(both=60, worse=3, better=2)}
    (decision,) = decide(use_case(pairs)).use_cases
    shown = decision.shown
    assert shown is not None
    assert shown.model == "open"


def test_where_nobody_compared_the_answers_the_one_still_open_is_told_of() -> None:
    cut = judged_pairs(ties=40, candidate_truncated=True)
    pairs = {"cut off": cut, "open": judged_pairs(ties=40)}
    nothing: dict[str, Any] = {"evidence": dict.fromkeys(pairs, "none"), "endpoint": Endpoint.PAIRWISE}
    (decision,) = decide(use_case(pairs, **nothing)).use_cases
    failing, waiting = decision.candidates
    assert [failing.ruling.verdict, waiting.ruling.verdict] == [Verdict.KEEP, Verdict.NEED_MORE_DATA]
    assert decision.shown is None
    assert decision.verdict is Verdict.NEED_MORE_DATA
    assert failing.ruling.why_not[0].code == waiting.ruling.why_not[0].code == Obstacle.NO_EVIDENCE


def test_what_is_true_of_every_candidate_is_told_of_none() -> None:
    nothing: dict[str, Any] = {"evidence": {"one": "none", "two": "none"}}
    (decision,) = decide(use_case({"one": [], "two": []}, **nothing)).use_cases
    assert why(decision) == reason(decision.candidates[0])
    assert not any(a.model in why(decision) for a in decision.candidates)


def test_every_step_tells_one_limit_by_one_number() -> None:
    pairs = judged_pairs(wins=60, ties=200, losses=40)
    decided = decide(use_case(pairs, endpoint=Endpoint.PAIRWISE, margin=0.07))
    assert decided.use_cases[0].chosen == "open"
    (move,) = plan(decided, {}, {}).moves
    for phase in move.phases:
        assert (phase.exit[0].code, phase.exit[0].values["margin"]) == (Condition.WIN_RATE, 0.07)
        assert phase.traffic_share == 0 or phase.rollback.values["margin"] == 0.07
