"""Simulated judges: how often a use case moves by one that can't tell, and by one that can (METHOD 1.9)."""

from functools import cache
from typing import NamedTuple

import numpy as np

from advisor.analysis.statistics.intervals import exact_bounds, tango, wilson
from advisor.analysis.verdict.exam import CONTENT, LEAST_AGREED, LEAST_FOUND
from advisor.judge.exam import EACH

MARGIN = 0.2
"""Of wins minus losses: 10 points of win rate."""
CANDIDATE, TIE, BASELINE = 1, 0, -1


class Judge(NamedTuple):
    """How a judge votes on a pair with a true winner; on a true tie its votes are a coin or ties alike."""

    right: float
    """Both orders name the true winner."""
    wrong: float
    """Both name the other one."""
    led: float
    """They name different ones, by the position."""
    control: float
    """Control pairs found in both orders."""
    content: float | None = None
    """Of those with wrong numbers, names or claims; None: as of the others."""


def coin(ties: float, control: float) -> Judge:
    """Each order for itself: a tie, else one side or the other; one tie and one winner count as led."""
    named = (1 - ties) ** 2
    return Judge(named / 4, named / 4, 1 - named / 2 - ties**2, control)


RIGHT_IN_32 = 0.32**0.5
"""Of single votes, so that both orders are right in 32 % of the pairs."""
BAD = {
    "only ties": Judge(0.0, 0.0, 0.0, 0.0),
    "coin": coin(0.0, 0.25),
    "coin, 50% ties": coin(0.5, 0.0625),
    "right in 32%": Judge(0.32, (1 - RIGHT_IN_32) ** 2, 2 * RIGHT_IN_32 * (1 - RIGHT_IN_32), 0.32),
    "48% led by position": Judge(0.312, 0.208, 0.48, 0.312),
}
FORM = Judge(0.5, 0.5, 0.0, 1.0, 0.5)
"""It judges form alone, and is a coin on what the answers say, the same one in both orders."""
USABLE = Judge(0.63, 0.07, 0.30, 0.85)
"""70 % consistent on the pairs it decides, and right in nine of ten of those."""


class Found(NamedTuple):
    """Shares of simulated studies."""

    switched: float
    passed: float
    """The exam, and the orders or that they can't matter."""


def judged(judge: Judge, studies: int, seed: int, *, n: int = 300, ties: float, delta: float) -> Found:
    """Studies of ``n`` pairs, ``ties`` of them true ties; ``delta``: true wins minus losses, a share of all pairs."""
    draw = np.random.default_rng(seed)
    content = judge.control if judge.content is None else judge.content
    rates = [content if kind in CONTENT else judge.control for kind in EACH]
    found = draw.binomial(list(EACH.values()), rates, size=(studies, len(EACH)))
    of_content = found[:, [kind in CONTENT for kind in EACH]].sum(axis=1)
    examined = np.array([_is_over_half(k, sum(EACH.values())) for k in found.sum(axis=1).tolist()])
    examined &= np.array([_is_over_half(k, sum(EACH[kind] for kind in CONTENT)) for k in of_content.tolist()])
    examined &= (found > 0).all(axis=1)
    won, lost = (1 - ties + delta) / 2, (1 - ties - delta) / 2
    fair = (judge.right + judge.wrong) / 2
    rest = max(1 - judge.right - judge.wrong - judge.led, 0.0)
    # A true tie is called one, but by a judge that decides nearly everything.
    on_tie = (0.0, 0.0, 0.0) if ties and judge is USABLE else (fair, fair, judge.led)
    shares = np.array(
        [
            won * judge.right + lost * judge.wrong + ties * on_tie[0],
            lost * judge.right + won * judge.wrong + ties * on_tie[1],
            (won + lost) * judge.led + ties * on_tie[2],
            (won + lost) * rest + ties * max(1 - sum(on_tie), 0.0),
        ]
    )
    switched = passed = 0
    for (wins, losses, led, _), is_examined in zip(
        draw.multinomial(n, shares / shares.sum(), size=studies).tolist(), examined.tolist(), strict=True
    ):
        if not is_examined:
            continue
        is_proven, moves = decides(wins, losses, led, n)
        passed += is_proven
        switched += moves
    return Found(switched / studies, passed / studies)


def decides(wins: int, losses: int, led: int, n: int) -> tuple[bool, bool]:
    """(whether the orders prove the judge or can't matter, whether the candidate moves)."""
    decided, agreed = wins + losses + led, wins + losses
    agrees = decided > 0 and wilson(agreed, decided)[0] > LEAST_AGREED
    is_proven = agrees or tango(wins, losses + led, n)[0] > -MARGIN
    return is_proven, is_proven and tango(wins, losses, n)[0] > -MARGIN


@cache
def _is_over_half(found: int, asked: int) -> bool:
    return exact_bounds(found, asked)[0] > LEAST_FOUND
