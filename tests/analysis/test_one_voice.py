"""What is said of one candidate never contradicts itself: verdict, sentence, obstacles and their numbers agree."""

import random
import re
from itertools import cycle, islice

import pytest
from decisions import assess

from advisor.analysis.recommend import Pair
from advisor.types import Assessment, Endpoint, Verdict

WITHIN, OUTSIDE = "The range is within the limit", "The range ends at"
BEYOND = r"(?:may still be|at least|so far it is|So far it is) ([\d.]+) points? worse"
"""What is worse than the limit, to whatever digits that takes."""
KEPT = r"(?:sure it is|it seems) at most ([\d.]+) points? worse"


def made(draw: random.Random) -> tuple[list[Pair], Endpoint]:
    """Answers with whole or fractional scores, or comparisons: mostly alike, so that few of them decide."""
    n, rate = draw.choice((12, 40, 55, 60, 90, 160, 300)), draw.choice((0.0, 0.01, 0.03, 0.08, 0.2))
    kind = draw.choice(("whole", "fractional", "fractional", "judged"))
    shift = draw.choice((-1, -1, 1))
    pairs = []
    for i in range(n):
        moved = shift * draw.choice((0.05, 0.2, 0.5)) if draw.random() < rate else 0.0
        if kind == "judged":
            y, baseline = (0.5 if not moved else 0.5 + 0.5 * shift), None
        elif kind == "whole":
            y, baseline = (1.0 if shift > 0 or not moved else 0.0), (0.0 if shift > 0 and moved else 1.0)
        else:
            baseline = draw.choice((0.6, 0.8))
            y = min(max(baseline + moved, 0.0), 1.0)
        pairs.append(Pair(sample_id=i, use_case="u", candidate_y=y, baseline_y=baseline))
    return pairs, Endpoint.PAIRWISE if kind == "judged" else Endpoint.TARGET


def numbers(pattern: str, text: str) -> list[float]:
    return [float(found) for found in re.findall(pattern, text)]


def check(found: Assessment) -> None:
    """Every number stands on the side of the limit that its sentence says."""
    limit, text = 100 * found.margin, " ".join((found.reason, *found.why_not))
    assert not (WITHIN in text and OUTSIDE in text), text
    assert all(worse >= limit for worse in numbers(BEYOND, text)), text
    assert all(end > limit for end in numbers(rf"{OUTSIDE} −([\d.]+)", text)), text
    if "but not after the correction" not in text:
        assert all(worse < limit for worse in numbers(KEPT, text)), text
    if WITHIN in text:
        assert "cannot make that sure" in found.reason, text
        assert "may still be" not in text, text
        assert found.ci_low is not None
        assert found.ci_low > -found.margin
    if found.verdict is Verdict.SWITCH:
        assert found.why_not == (), text
        assert "cannot" not in text, text
    else:
        assert found.why_not, text


@pytest.mark.parametrize("seed", range(4))
def test_no_sentence_says_what_another_denies(seed: int) -> None:
    draw = random.Random(seed)
    seen = []
    for margin in islice(cycle((0.02, 0.05, 0.1)), 60):
        pairs, endpoint = made(draw)
        found = assess(pairs, endpoint=endpoint, margin=margin)
        check(found)
        seen.append(" ".join(found.why_not))
    assert any(WITHIN in words for words in seen), "the case of few answers whose range is within the limit is made"
    assert any(OUTSIDE in words for words in seen)
