"""The sample offered first is enough to decide; where the log holds too few, that is said before the start."""

from pathlib import Path

import pytest

from advisor.measure.sample_needs import plan_sizes, too_few_samples
from advisor.store import Store
from advisor.store.run.runs import change_run
from advisor.types import Lane, RunOptions, Status
from tests.made.pairs import drafts, paired_run

NEEDED = 159
"""Comparisons at a margin of 10 points, before anything is seen."""


@pytest.mark.parametrize(("calls", "enough", "decides"), [(300, NEEDED, True), (NEEDED, NEEDED, True), (40, 40, False)])
def test_the_first_sample_is_enough_or_all_there_is(
    store: Store, tmp_path: Path, calls: int, enough: int, decides: bool
) -> None:
    study, run, *_ = paired_run(store, tmp_path, drafts(calls), is_answered=False)
    change_run(store, run.id, status=Status.CANCELLED)
    setup = RunOptions(baseline=Lane.RECORDED, sample_size=enough)
    assert plan_sizes(store, study, setup) == (enough, calls, decides)
    assert bool(too_few_samples(store, study, setup)) is not decides
    fewer = too_few_samples(store, study, RunOptions(baseline=Lane.RECORDED, sample_size=enough - 1))
    assert fewer is not None
    assert [need[1:] for need in fewer.values["short"]] == [(enough - 1, NEEDED)]
