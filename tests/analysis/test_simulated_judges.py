"""Bad judges move next to nothing, usable ones do: 200 studies a cell; many more by ``make simulate``."""

import numpy as np
import pytest

from advisor.types import Endpoint, Verdict
from tests.analysis.decisions import assess, judged_pairs
from tests.analysis.simulated_judges import BAD, USABLE, decides, judged

MOST_FALSE = 11
"""Of 200, at 2.5 %: a right test stays within it in 99 %."""


CELLS = [
    (name, control)
    for name, judge in BAD.items()
    for control in (judge.control, 0.9)
    if (name, control) != ("only ties", 0.9)  # can't be told from a judge of answers that are alike: it is reported
]


@pytest.mark.parametrize(("name", "control"), CELLS)
def test_a_bad_judge_moves_no_candidate_that_is_worse(name: str, control: float) -> None:
    judge = BAD[name]._replace(control=control)
    for ties in (0.0, 0.4):
        found = judged(judge, 200, seed=1, ties=ties, delta=-0.2)
        assert found.switched <= MOST_FALSE / 200, ties


def test_a_usable_judge_passes_and_moves_an_equal_candidate() -> None:
    close = judged(USABLE, 200, seed=1, ties=0.6, delta=0.0)
    assert close.passed >= 0.85
    assert close.switched >= 0.75
    alike = judged(USABLE, 200, seed=1, ties=0.95, delta=0.0)
    assert alike.passed >= 0.97
    assert alike.switched >= 0.8


def test_the_simulation_decides_as_the_decision_does() -> None:
    draw = np.random.default_rng(7)
    moved = 0
    for shares in ((0.3, 0.25, 0.3, 0.15), (0.1, 0.1, 0.05, 0.75), (0.2, 0.2, 0.1, 0.5)):
        for wins, losses, led, ties in draw.multinomial(150, shares, size=15).tolist():
            steady = judged_pairs(wins, 0, losses, decided=True, agreed=True)
            pairs = steady + judged_pairs(ties=led, decided=True) + judged_pairs(ties=ties, agreed=True)
            found = assess(pairs, endpoint=Endpoint.PAIRWISE)
            assert decides(wins, losses, led, 150)[1] is (found.ruling.verdict is Verdict.SWITCH), (
                wins,
                losses,
                led,
                ties,
            )
            moved += found.ruling.verdict is Verdict.SWITCH
    assert 5 < moved < 40
