"""Scoring the stored answers of the newest run again, with a new judge or new labels; candidates are not asked."""

from dataclasses import replace
from pathlib import Path

from advisor.errors import BadInput, ModelUnavailable
from advisor.replay.execution import judge_run
from advisor.store import Store
from advisor.store.generations import tally_run
from advisor.store.runs import list_runs
from advisor.store.use_cases import list_use_cases
from advisor.study.endpoints import decided
from advisor.study.models import find_model
from advisor.study.scores import score_run
from advisor.types import Json, Role, Study


def score_again(store: Store, study: Study, *, judge: str | None, data_dir: Path) -> dict[str, Json]:
    """Score the newest run again; with ``judge`` that judge is asked about every pair it has not judged yet.

    Raises BadInput when there is no run or the name is not that of a judge.
    """
    runs = list_runs(store, study.id)
    if not runs:
        raise BadInput(f"Study {study.name!r} has no run yet; start one with `replay`.")
    run = runs[0]
    before = tally_run(store, run.id)
    if judge is not None:
        model = find_model(store, study, judge)
        if model.role is not Role.JUDGE:
            raise BadInput(f"{judge!r} is registered as a {model.role.value}; add it with --role judge.")
        judge_run(store, run, model, decided(list_use_cases(store, study.id), run.baseline_lane), data_dir=data_dir)
    scored = score_run(store, replace(run))
    after = tally_run(store, run.id)
    failed = after.judge_failed - before.judge_failed
    if judge is not None and failed > 0 and after.judge_succeeded == before.judge_succeeded:
        raise ModelUnavailable(
            f"The judge {judge!r} gave no answer to {failed} calls; probe it on the page Candidates."
        )
    return {
        "scored": scored.scores,
        "judge_calls": after.judge_succeeded + after.judge_failed - before.judge_succeeded - before.judge_failed,
        "judge_cost_usd": None
        if after.judge_cost_usd is None
        else after.judge_cost_usd - (before.judge_cost_usd or 0.0),
    }
