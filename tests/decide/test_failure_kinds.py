"""The failure gallery: what counts as worse, what kind of failure it was, the worst first; and where words differ."""

import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from advisor.analysis.quality.evidence import Pair
from advisor.collect.readable import split_prompt
from advisor.decide.failures import Uneven, kind_of_failure, loss, tally_kinds, top_details
from advisor.decide.pairs import compare_pairs
from advisor.judge.scores import score_run
from advisor.judge.word_diff import MOST_WORDS, Side, word_diff
from advisor.scoring.target import score_target
from advisor.scoring.validity import validity
from advisor.store import Store
from advisor.store.run.generations import CallKey, StoredGeneration, save_generations
from advisor.store.run.reviews import add_reviews
from advisor.store.run.samples import list_run_samples
from advisor.types import (
    Answer,
    Endpoint,
    FailureKind,
    FailureKindName,
    Generation,
    Json,
    Kind,
    Lane,
    Match,
    Matching,
    Refusal,
    Request,
    Run,
    Score,
    Study,
    ToolCall,
)
from tests.made.log import call
from tests.made.pairs import BETTER, TIE, WORSE, answer, drafts, judge, paired_run
from tests.made_input import made_pair

KINDS = FailureKindName
TOOL = {
    "type": "function",
    "function": {
        "name": "refund",
        "parameters": {
            "type": "object",
            "properties": {"order": {"type": "string"}, "usd": {"type": "number"}},
            "required": ["order"],
        },
    },
}
CALL = {"name": "refund", "arguments": {"order": "A1", "usd": 5}}


def pair(**facts: Any) -> Pair:
    return made_pair(sample_id=1, **facts)


def losses_of(store: Store, study: Study, run: Run) -> tuple[Uneven, ...]:
    found = compare_pairs(store, study, run, "Triage", "Larch")
    assert found is not None
    return found.worse


def calls(*given: tuple[str, str]) -> Answer:
    return Answer(tool_calls=tuple(ToolCall(name=name, arguments=arguments) for name, arguments in given))


@pytest.mark.parametrize(
    ("kind", "right", "given", "expected"),
    [
        (Kind.CLASSIFICATION, "billing", Answer(text="bug"), KINDS.WRONG_LABEL),
        (Kind.CLASSIFICATION, {"label": "billing"}, Answer(text="I called bug, not billing"), KINDS.WRONG_LABEL),
        (Kind.CLASSIFICATION, "4", Answer(text="5"), KINDS.WRONG_LABEL),
        (Kind.EXTRACTION, {"total": 5}, Answer(text='{"total": 6}'), KINDS.WRONG_FIELDS),
        (Kind.EXTRACTION, {"total": 5}, Answer(text="five"), KINDS.INVALID_FORM),
        (Kind.QUESTION_ANSWERING, 5, Answer(text="It is 6."), KINDS.NUMBER_DIFFERS),
        (Kind.QUESTION_ANSWERING, "5", Answer(text="6"), KINDS.NUMBER_DIFFERS),
        (Kind.QUESTION_ANSWERING, "Paris", Answer(text="Rome"), KINDS.OTHER_TEXT),
        (Kind.TOOL_USE, CALL, Answer(text="Done."), KINDS.MISSING_CALL),
        (Kind.TOOL_USE, [CALL, CALL], calls(("refund", '{"order": "A1", "usd": 5}')), KINDS.MISSING_CALL),
        (Kind.TOOL_USE, None, calls(("refund", '{"order": "A1"}')), KINDS.NEEDLESS_CALL),
        (Kind.TOOL_USE, CALL, calls(*[("refund", '{"order": "A1"}')] * 2), KINDS.NEEDLESS_CALL),
        (Kind.TOOL_USE, CALL, calls(("cancel", '{"order": "A1"}')), KINDS.WRONG_TOOL),
        (Kind.TOOL_USE, CALL, calls(("refund", '{"order": "A2", "usd": 5}')), KINDS.WRONG_ARGUMENT),
        (Kind.TOOL_USE, CALL, calls(("refund", '{"usd": 5}')), KINDS.WRONG_ARGUMENT),
        (Kind.TOOL_USE, CALL, calls(("refund", "not JSON")), KINDS.WRONG_ARGUMENT),
        (Kind.TOOL_USE, CALL, calls(("refund", '{"order": "A1", "why": "x"}')), KINDS.WRONG_ARGUMENT),
    ],
)
def test_the_kind_is_what_the_scorer_found(kind: Kind, right: Json, given: Answer, expected: FailureKindName) -> None:
    params = {"tools": [TOOL]} if kind is Kind.TOOL_USE else {}
    request = Request(messages=[{"role": "user", "content": "?"}], params=params)
    scored, form = score_target(kind, request, right, given), validity(request, given)
    assert scored.value == 0.0
    found = kind_of_failure(pair(candidate_valid=form.passed), kind, "target", scored=scored, form=form, right=right)
    assert found is expected


@pytest.mark.parametrize(
    ("how", "right", "given", "expected"),
    [
        (Matching.NUMERIC, 5, "six or 6", KINDS.NUMBER_DIFFERS),
        (Matching.NUMERIC, "5", "none", KINDS.NUMBER_DIFFERS),
        (Matching.FIELDS, {"a": 1, "b": 2}, '{"a": 1, "c": 2}', KINDS.WRONG_FIELDS),
        (Matching.EXACT, "Paris", "paris", KINDS.OTHER_TEXT),
    ],
)
def test_a_chosen_way_of_comparing_has_its_kinds_too(
    how: Matching, right: Json, given: str, expected: FailureKindName
) -> None:
    request = Request(messages=[{"role": "user", "content": "?"}])
    scored = score_target(Kind.QUESTION_ANSWERING, request, right, Answer(text=given), Match(how=how))
    assert scored.value is not None
    assert scored.value < 1
    found = kind_of_failure(pair(), Kind.QUESTION_ANSWERING, "target", scored=scored, right=right)
    assert found is expected


@pytest.mark.parametrize(
    ("facts", "source", "expected"),
    [
        ({"candidate_failure": FailureKind.CONTEXT_OVERFLOW, "candidate_truncated": True}, "judge", KINDS.NO_ANSWER),
        ({"candidate_truncated": True, "candidate_valid": False}, "judge", KINDS.CUT_OFF),
        ({"candidate_refusal": Refusal.PARTIAL}, "judge", KINDS.REFUSED),
        ({"candidate_valid": False}, "judge", KINDS.INVALID_FORM),
        ({"candidate_checked": False, "baseline_checked": True}, "judge", KINDS.FAILED_CHECK),
        ({"candidate_checked": False, "baseline_checked": False}, "judge", KINDS.JUDGED_WORSE),
        ({}, "judge", KINDS.JUDGED_WORSE),
        ({}, "reviews", KINDS.REVIEWED_WORSE),
    ],
)
def test_facts_go_before_what_a_judge_wrote(facts: dict[str, Any], source: str, expected: FailureKindName) -> None:
    said = Score(scorer="pairwise", value=0.0, reason="called refund, not cancel")  # a judge may use our words
    assert kind_of_failure(pair(**facts), Kind.DRAFTING, source, scored=said) is expected


@pytest.mark.parametrize(
    ("facts", "endpoint", "expected"),
    [
        ({"candidate_y": 0.0}, Endpoint.PAIRWISE, 0.0),
        ({"candidate_y": 1 / 3}, Endpoint.PAIRWISE, 1 / 3),
        ({"candidate_y": 0.5}, Endpoint.PAIRWISE, None),
        ({"candidate_y": 1.0, "candidate_refusal": Refusal.FULL}, Endpoint.PAIRWISE, None),
        ({"candidate_y": 0.0, "baseline_refusal": Refusal.FULL}, Endpoint.PAIRWISE, 0.0),
        ({"candidate_y": 0.0, "missing": True}, Endpoint.PAIRWISE, None),
        ({"candidate_failure": FailureKind.RATE_LIMIT}, Endpoint.PAIRWISE, None),
        ({"candidate_failure": FailureKind.CONTENT_FILTER}, Endpoint.PAIRWISE, 0.0),
        ({"candidate_failure": FailureKind.CONTENT_FILTER, "baseline_refusal": Refusal.FULL}, Endpoint.PAIRWISE, None),
        ({"candidate_y": 0.0, "baseline_y": 1.0}, Endpoint.TARGET, 0.0),
        ({"candidate_y": 0.8, "baseline_y": 1.0}, Endpoint.TARGET, 0.8),
        ({"candidate_y": 0.0, "baseline_y": 0.0}, Endpoint.TARGET, None),
        ({"candidate_truncated": True, "baseline_y": 1.0}, Endpoint.TARGET, 0.0),
        ({"candidate_failure": FailureKind.CONTEXT_OVERFLOW, "baseline_y": 1.0}, Endpoint.TARGET, 0.0),
        ({"candidate_y": 0.0}, Endpoint.TARGET, None),
        ({"candidate_y": 0.0, "baseline_failure": FailureKind.SERVER}, Endpoint.TARGET, None),
    ],
)
def test_worse_is_what_the_decision_counts_as_worse(
    facts: dict[str, Any], endpoint: Endpoint, expected: float | None
) -> None:
    assert loss(pair(**facts), endpoint) == expected


def test_the_worst_come_first_then_the_shortest_prompt(store: Store, tmp_path: Path) -> None:
    rows = [call(n, prompt=f"Write{' at length' * n}, please.", answer="Dear customer.") for n in range(5)]
    study, run, candidate, (one, two) = paired_run(store, tmp_path, rows, judges=2)
    long, panel, short, draw, won = reversed(list_run_samples(store, run.id))
    against, split = {one: (WORSE, WORSE), two: (WORSE, WORSE)}, {one: (WORSE, WORSE), two: (TIE, TIE)}
    judge(
        store,
        run,
        candidate,
        {
            long: against,
            short: against,
            panel: split,
            draw: {one: (WORSE, BETTER), two: (TIE, TIE)},
            won: {one: (BETTER, BETTER)},
        },
    )
    found = losses_of(store, study, run)
    assert [(r.sample_id, r.score) for r in found] == [(short, 0.0), (long, 0.0), (panel, 0.25)]
    assert {r.kind for r in found} == {KINDS.JUDGED_WORSE}
    assert all("Because." in r.reason for r in found)
    assert all(r.costs_usd[1] is None and r.latencies_s[0] is not None for r in found)


def labelled(store: Store, folder: Path) -> tuple[Study, Run]:
    """A classification with right answers: three bugs taken for billing, one for other, one call that failed."""
    rows = [call(n, prompt=f"Ticket {n}: it crashed.", answer="bug", target="bug") for n in range(40)]
    study, run, candidate, _ = paired_run(store, folder, rows, is_answered=False)
    samples = list_run_samples(store, run.id)
    given = ["billing"] * 3 + ["other"] + ["bug"] * 35
    answer(store, run, candidate, dict(zip(samples, given, strict=False)))
    failed = Generation(failure=FailureKind.CONTEXT_OVERFLOW, error="too long")
    key = CallKey(samples[-1], Lane.CANDIDATE, candidate, 1)
    save_generations(store, run, [StoredGeneration(key=key, generation=failed)])
    score_run(store, run)
    return study, run


def test_failures_are_counted_by_kind_and_by_what_was_taken_for_what(store: Store, tmp_path: Path) -> None:
    study, run = labelled(store, tmp_path)
    found = losses_of(store, study, run)
    assert tally_kinds(found) == {KINDS.WRONG_LABEL: 4, KINDS.NO_ANSWER: 1}
    wrong = [regression for regression in found if regression.kind is KINDS.WRONG_LABEL]
    assert top_details(wrong) == [("billing instead of bug", 3), ("other instead of bug", 1)]
    (failed,) = [regression for regression in found if regression.kind is KINDS.NO_ANSWER]
    assert (failed.details, failed.reason) == (("prompt too long",), "too long")


def test_where_people_decide_their_word_is_what_counts_and_picked_pairs_do_not(store: Store, tmp_path: Path) -> None:
    study, run, candidate, _ = paired_run(store, tmp_path, drafts(3))
    first, second, third = list_run_samples(store, run.id)
    add_reviews(store, run.id, [(first, candidate, WORSE), (second, candidate, TIE)], reviewer="Ann")
    add_reviews(store, run.id, [(third, candidate, WORSE)], reviewer="Ann", picked=True)
    (found,) = losses_of(store, study, run)
    assert (found.sample_id, found.kind) == (first, KINDS.REVIEWED_WORSE)


def test_a_prompt_is_what_was_asked_last_and_what_came_before() -> None:
    told = {"role": "system", "content": "Be kind."}
    first, second = {"role": "user", "content": "Hi"}, {"role": "user", "content": "And now?"}
    between = {"role": "assistant", "content": "Hello"}
    assert split_prompt([told, first]) == ("system: Be kind.", "Hi")
    assert split_prompt([told, first, between, second]) == (
        "system: Be kind.\n\nuser: Hi\n\nassistant: Hello",
        "And now?",
    )
    assert split_prompt([told]) == ("", "Be kind.")
    looked_up = {"role": "tool", "content": "42"}
    assert split_prompt([first, between, looked_up])[1] == "user: Hi\n\nassistant: Hello\n\ntool: 42"


def test_each_side_of_a_word_diff_is_its_text() -> None:
    chance = random.Random(7)
    alphabet = ["the", "refund", "takes", "5", "days", ",", ".", " ", "\n\n", "<b>", "&amp;", "don't", "日本"]
    for size in [*range(12), 3 * MOST_WORDS]:
        left, right = ("".join(chance.choices(alphabet, k=size)) for _ in range(2))
        found = word_diff(left, right)
        for side, text, rest in ((Side.LEFT, left, found.left_rest), (Side.RIGHT, right, found.right_rest)):
            assert "".join(segment.text for segment in found.seen_on(side)) + rest == text
        sides = [segment.side for segment in found.segments]
        assert all(one is not other for one, other in pairwise(sides))
    assert found.left_rest


def test_a_word_diff_marks_words_and_not_the_blanks_between_them() -> None:
    found = word_diff("The refund takes five days.", "The refund will take three days.")
    assert [(segment.side, segment.text) for segment in found.segments] == [
        (Side.SAME, "The refund "),
        (Side.LEFT, "takes five"),
        (Side.RIGHT, "will take three"),
        (Side.SAME, " days."),
    ]
