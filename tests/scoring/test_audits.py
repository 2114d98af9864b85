"""What a judge says of one answer, as a class and as a score, also one that an earlier version stored."""

import json

import pytest

from advisor.scoring.audit import parse_audit, refusal_of, score_audit
from advisor.types import Refusal, Score


@pytest.mark.parametrize(
    ("word", "refusal", "passed"),
    [("answered", Refusal.NONE, True), ("partly", Refusal.PARTIAL, False), ("Refused", Refusal.FULL, False)],
)
def test_a_partial_refusal_is_a_refusal(word: str, refusal: Refusal, passed: bool) -> None:
    audit = parse_audit(json.dumps({"claims": [], "refusal": word}))
    assert audit is not None
    _, score = score_audit(audit)
    assert (audit.refusal, refusal_of(score), score.passed) == (refusal, refusal, passed)


def test_an_older_score_of_a_partial_refusal_is_read_as_one() -> None:
    assert refusal_of(Score(scorer="refusal", value=0.5, passed=True)) is Refusal.PARTIAL


def test_another_word_is_not_read() -> None:
    assert parse_audit('{"claims": [], "refusal": "perhaps"}') is None
