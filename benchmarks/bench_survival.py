"""Kills runs at random moments and resumes them: what was kept, lost, asked again and counted.

``ADVISOR_BENCH_TRIALS`` says how many (50 unless set), ``ADVISOR_BENCH_SEED`` where to begin.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.measure.replay.killing import Survival, survive

TRIALS = int(os.environ.get("ADVISOR_BENCH_TRIALS", "50"))
FIRST = int(os.environ.get("ADVISOR_BENCH_SEED", "1"))
HEAD = (
    "seed  kills  slots  planned  stored at each kill  in flight  last 50 ms  older (oldest)  asked twice  counted  "
    "stored, asked again  spend - server's count"
)


def test_killed_at_random_moments(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs: list[Survival] = []
    with capsys.disabled(), ThreadPoolExecutor(2) as pool:
        print(f"\n{HEAD}")
        for run in pool.map(lambda seed: survive(tmp_path / str(seed), seed), range(FIRST, FIRST + TRIALS)):
            runs.append(run)
            print(_row(run), flush=True)
        print("\n".join(_sums(runs)))
    for run in runs:
        assert run.printed["planned"] == run.printed["succeeded"] == len(run.stored) == run.planned
        assert run.asked_although_stored == []
        assert run.printed["cost_usd"] == pytest.approx(run.stored_usd)


def _row(run: Survival) -> str:
    stored = " ".join(str(each.stored) for each in run.kills)
    in_flight, last, older = (sum(getattr(each, what) for each in run.kills) for what in ("in_flight", "last", "older"))
    oldest = max(each.oldest_s for each in run.kills)
    return (
        f"{run.seed:4}  {len(run.kills):5}  {run.slots:5}  {run.planned:7}  {stored:>19}  {in_flight:9}  {last:10}  "
        f"{older:5} ({1000 * oldest:3.0f} ms)  {run.asked_twice:11}  {run.printed['asked_again']:7}  "
        f"{len(run.asked_although_stored):19}  {run.printed['cost_usd'] - run.stored_usd:23.6f}"
    )


def _sums(runs: list[Survival]) -> Iterator[str]:
    kills = [each for run in runs for each in run.kills]
    yield (
        f"{len(runs)} runs, {len(kills)} kills: "
        f"finished + resumed = planned in {sum(len(run.stored) == run.planned for run in runs)}, "
        f"stored calls asked again {sum(len(run.asked_although_stored) for run in runs)}, "
        f"more in flight than slots in {sum(each.in_flight > run.slots for run in runs for each in run.kills)}, "
        f"answers older than 50 ms lost {sum(each.older for each in kills)} "
        f"(oldest {1000 * max(each.oldest_s for each in kills):.0f} ms)"
    )
    yield (
        f"asked twice {sum(run.asked_twice for run in runs)}, "
        f"counted {sum(run.printed['asked_again'] for run in runs)}; "
        f"counted too few in {sum(run.printed['asked_again'] < run.asked_twice for run in runs)} runs"
    )
