"""What the plan advises where a use case needs more data can be done, and would tell more."""

from dataclasses import replace
from typing import Any

import pytest
from decisions import decide, target_pairs, use_case

from advisor.analysis.plan import plan
from advisor.types import Exclusion, ExclusionCode, Recommendation


def steps_of(**changes: Any) -> list[str]:
    """Of one use case with 500 samples that needs more data, its candidate changed so."""
    found: Recommendation = decide(use_case(target_pairs(both=20), name="triage"))
    (decision,) = found.use_cases
    (candidate,) = decision.candidates
    decision = replace(decision, candidates=(replace(candidate, **changes),))
    return list(plan(replace(found, use_cases=(decision,)), {}, {}).next_steps)


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({"n_needed": 300}, "Replay about 300 samples of triage with open."),
        (
            {"n_needed": 1674},
            "Import at least 1,174 more samples of triage (the log has 500), then replay about 1,674 with open.",
        ),
        (
            {"n_needed": 13_700},
            "Choose another limit for triage, or try another candidate: open is so close to the limit that more "
            "answers will hardly tell.",
        ),
        (
            {"n_needed": 13_700, "evidence": "reviews", "excluded": (Exclusion(code=ExclusionCode.NOT_JUDGED, n=40),)},
            "Review the 40 pairs of triage with open that nobody has judged yet: the answers are there.",
        ),
    ],
)
def test_the_step_to_more_data_is_one_that_can_be_done(changes: dict[str, Any], step: str) -> None:
    assert steps_of(**changes) == [step]
