"""The table for a statistician."""

import pytest

from advisor.types import BaselineFacts, Endpoint, Evidence, Kind, UseCaseDecision, Verdict
from advisor.ui.evidence.quality.details import statistic_rows
from tests.made_input import made_assessment


def compared(*strengths: float | None) -> UseCaseDecision:
    candidates = tuple(
        made_assessment(
            model=f"m{i}", endpoint=Endpoint.PAIRWISE, evidence=Evidence.JUDGE, n=10, margin=0.1, strength=strength
        )
        for i, strength in enumerate(strengths)
    )
    return UseCaseDecision(
        name="u",
        kind=Kind.CHAT,
        endpoint=Endpoint.PAIRWISE,
        samples=10,
        monthly_calls=None,
        monthly_baseline_usd=None,
        baseline="closed",
        baseline_facts=BaselineFacts(model="closed"),
        candidates=candidates,
        verdict=Verdict.NEED_MORE_DATA,
        chosen=None,
    )


@pytest.mark.parametrize("unknown", [(None,), (None, None)])
def test_strengths_stand_in_the_table_only_where_one_is_known(unknown: tuple[None, ...]) -> None:
    assert "Strength" not in statistic_rows(compared(*unknown))
    shown = statistic_rows(compared(0.846, -0.2, *unknown))["Strength"].tolist()
    assert shown[:2] == ["+0.85", "-0.20"]
    assert not any(character.isdigit() for text in shown[2:] for character in text)
