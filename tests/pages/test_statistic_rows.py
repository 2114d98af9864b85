"""The table for a statistician."""

import pytest

from advisor.types import Assessment, Cause, Endpoint, Evidence, Kind, Message, UseCaseDecision, Verdict
from advisor.ui.evidence.quality.quality import statistic_rows


def compared(*strengths: float | None) -> UseCaseDecision:
    candidates = tuple(
        Assessment(
            model=f"m{i}",
            endpoint=Endpoint.PAIRWISE,
            evidence=Evidence.JUDGE,
            n=10,
            answered=10,
            margin=0.1,
            verdict=Verdict.NEED_MORE_DATA,
            reason=Message(code=Cause.NO_EVIDENCE),
            strength=strength,
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
