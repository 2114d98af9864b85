"""A judge's mean corrected by people's labels."""

from collections.abc import Callable

import numpy as np
import pytest

from advisor.analysis.statistics.intervals import mean_t
from advisor.analysis.statistics.ppi import ppi_mean

STUDIES = 2_000
TRUE_RATE = 0.5
Y = np.array([1.0, 0.0, 1.0, 1.0, 0.0, 0.5])
F = np.array([1.0, 0.0, 0.0, 1.0, 1.0, 0.5])


def verdicts(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """People's wins, ties and losses, and those of a judge who errs on one in four, in the candidate's favour."""
    rng = np.random.default_rng(seed)
    y = rng.choice((1.0, 0.5, 0.0), p=(0.4, 0.2, 0.4), size=n)
    return y, np.where(rng.random(n) < 0.25, 1.0, y)


@pytest.mark.slow
@pytest.mark.parametrize(("labelled", "unlabelled"), [(100, 400), (150, 5_000), (400, 100)])
@pytest.mark.parametrize("lam", [None, 1.0])
def test_the_interval_holds_what_people_would_say_of_all(
    labelled: int, unlabelled: int, lam: float | None, record_property: Callable[[str, object], None]
) -> None:
    y, f = verdicts(STUDIES * labelled, seed=1)
    _, rest = verdicts(STUDIES * unlabelled, seed=2)
    studies = zip(
        y.reshape(STUDIES, labelled), f.reshape(STUDIES, labelled), rest.reshape(STUDIES, unlabelled), strict=True
    )
    found = [ppi_mean(*study, lam=lam) for study in studies]
    holds = np.mean([one.low <= TRUE_RATE <= one.high for one in found])
    record_property("coverage", str(holds))
    assert 0.93 <= holds <= 0.97
    assert np.std([one.estimate for one in found]) == pytest.approx(np.mean([one.se for one in found]), rel=0.06)
    judge_alone = mean_t(rest[:unlabelled])
    assert judge_alone.low > TRUE_RATE, "the judge alone is wrong for sure"


def test_the_best_weight_is_never_worse_than_either_extreme() -> None:
    y, f = verdicts(200, seed=3)
    _, rest = verdicts(1_000, seed=4)
    best, plain, alone = (ppi_mean(y, f, rest, lam=lam) for lam in (None, 1.0, 0.0))
    assert 0 < best.lam < 1
    assert best.se < min(plain.se, alone.se)
    errors = [ppi_mean(y, f, rest, lam=lam).se for lam in np.linspace(0, 1, 201)]
    assert best.se == pytest.approx(min(errors), rel=1e-3)


def test_a_judge_that_knows_nothing_is_not_heard() -> None:
    rng = np.random.default_rng(5)
    y, f, rest = (rng.choice((0.0, 1.0), size=n) for n in (4_000, 4_000, 8_000))
    assert ppi_mean(y, f, rest).lam == pytest.approx(0, abs=0.05)
    always = ppi_mean(y, np.ones(4_000), np.ones(8_000))
    assert (always.lam, always.estimate) == (0, pytest.approx(y.mean()))


def test_a_judge_that_is_people_counts_as_many_labels() -> None:
    y, _ = verdicts(1_200, seed=6)
    found = ppi_mean(y[:200], y[:200], y[200:], lam=1.0)
    assert found.estimate == pytest.approx(y[200:].mean())
    assert found.se == pytest.approx(y[200:].std() / 1_000**0.5)


def test_without_unlabelled_items_the_labels_stand_alone() -> None:
    for lam in (None, 1.0):
        found = ppi_mean(Y, F, np.array([]), lam=lam)
        assert (found.estimate, found.lam, found.n, found.unlabelled) == (pytest.approx(Y.mean()), 0, 6, 0)
        assert found.se == pytest.approx(Y.std() / 6**0.5)


def test_a_wider_confidence_is_a_wider_interval() -> None:
    narrow, wide = (ppi_mean(Y, F, F, confidence=confidence) for confidence in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.estimate < narrow.high < wide.high
    assert narrow.high - narrow.low == pytest.approx(2 * 1.2815516 * narrow.se)


def test_one_label_is_too_few() -> None:
    with pytest.raises(ValueError, match="at least two labels"):
        ppi_mean(Y[:1], F[:1], F)
