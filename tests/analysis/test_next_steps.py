"""What the plan advises where a use case needs more data can be done, and would tell more."""

from dataclasses import replace
from typing import Any

import pytest

from advisor.analysis.migration_plan import plan
from advisor.types import Exclusion, ExclusionCode, Message, Recommendation, Step
from tests.analysis.decisions import decide, target_pairs, use_case
from tests.nested import changed


def steps_of(**changes: Any) -> list[Message]:
    """Of one use case with 500 samples that needs more data, its candidate changed so."""
    found: Recommendation = decide(use_case(target_pairs(both=20), name="triage"))
    (decision,) = found.use_cases
    (candidate,) = decision.candidates
    decision = replace(decision, candidates=(changed(candidate, **changes),))
    steps = plan(replace(found, use_cases=(decision,)), {}, {}).next_steps
    return [step for step in steps if step.code != Step.FINE_TUNE]


UNREVIEWED = (Exclusion(code=ExclusionCode.NOT_JUDGED, n=40),)
OPEN = {"use_case": "triage", "model": "open"}


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({"n_needed": 300}, Message.of(Step.REPLAY, **OPEN, n=300, reviews=None)),
        ({"n_needed": 1674}, Message.of(Step.IMPORT, **OPEN, samples=500, more=1174, n=1674, reviews=None)),
        ({"n_needed": 13_700}, Message.of(Step.OTHER_LIMIT, use_cases=["triage"], model="open")),
        (
            {"n_needed": 13_700, "evidence": "reviews", "reviews": 40, "excluded": UNREVIEWED},
            Message.of(Step.OTHER_LIMIT, use_cases=["triage"], model="open"),
        ),
        (
            {"n_needed": 45, "evidence": "reviews", "reviews": 200, "excluded": UNREVIEWED},
            Message.of(Step.REVIEW_PAIRS, **OPEN, pairs=25),
        ),
        (
            {"n_needed": 13_700, "evidence": "reviews", "reviews": 12, "excluded": UNREVIEWED},
            Message.of(Step.REVIEW_PAIRS, **OPEN, pairs=18),
        ),
    ],
)
def test_the_step_to_more_data_is_one_that_can_be_done(changes: dict[str, Any], step: Message) -> None:
    assert steps_of(**changes) == [step]
