"""How long each model of a run took to answer, without our own queueing and retries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from advisor.analysis.latency import Summary, known, summary
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts
from advisor.store.models import list_models
from advisor.store.run.generations import load_generation_facts
from advisor.store.run.runs import get_run
from advisor.store.run.samples import list_run_samples
from advisor.types import FailureKind, Lane, Role


@dataclass(frozen=True, kw_only=True)
class Times:
    """What users of one model wait for, without our own queueing and retries."""

    model: str
    is_baseline: bool
    is_recorded: bool
    """Taken from the log: measured elsewhere, at another time and load."""
    illustrative: bool
    asked: int
    ttft: Summary | None
    latency: Summary | None
    failed: int | None
    """None for recorded answers: the log's failures are not part of a run."""
    timed_out: int | None
    waited: Summary | None
    """Our own limiter, back-off and retries, kept apart."""
    measured: tuple[datetime, datetime] | None = None
    """When the first and the last answer was timed, in whichever run; None for recorded answers."""


def load_times(store: Store, study_id: int, run_id: int, use_case: str | None) -> list[Times]:
    """Response times of the baseline and every candidate of a run, in one use case or in all of them."""
    run = get_run(store, run_id)
    logged = load_sample_facts(store, study_id, ("id", "use_case", "ttft_s", "latency_s"))
    logged = logged[logged["id"].isin(list_run_samples(store, run_id))]
    if use_case is not None:
        logged = logged[logged["use_case"] == use_case]
    made = load_generation_facts(
        store, run_id, ("sample_id", "model_id", "epoch", "failure", "latency_s", "ttft_s", "waited_s", "at")
    )
    made = made[(made["epoch"] == 1) & made["sample_id"].isin(logged["id"])]
    listed = []
    if run.baseline_lane is Lane.RECORDED:
        listed.append(
            Times(
                model=run.baseline,
                is_baseline=True,
                is_recorded=True,
                illustrative=False,
                asked=len(logged),
                ttft=summary(known(_present(logged["ttft_s"]))),
                latency=summary(known(_present(logged["latency_s"]))),
                failed=None,
                timed_out=None,
                waited=None,
            )
        )
    models = [model for model in list_models(store, study_id) if model.id in run.plan.model_ids]
    for model in sorted(models, key=lambda model: model.role is not Role.BASELINE):
        if model.role is Role.JUDGE:
            continue
        rows = made[made["model_id"] == model.id]
        answered = rows[rows["failure"].isna()]
        listed.append(
            Times(
                model=model.name,
                is_baseline=model.role is Role.BASELINE,
                is_recorded=False,
                illustrative=model.illustrative,
                asked=len(rows),
                ttft=summary(known(_present(answered["ttft_s"]))),
                latency=summary(known(_present(answered["latency_s"]))),
                failed=int(rows["failure"].notna().sum()),
                timed_out=int((rows["failure"] == FailureKind.TIMEOUT).sum()),
                waited=None if model.illustrative else summary(known(_present(rows["waited_s"]))),
                measured=_span(answered.loc[answered["latency_s"].notna(), "at"]),
            )
        )
    return listed


def _present(seconds: "pd.Series[Any]") -> Iterable[float]:
    return (float(value) for value in seconds.dropna())


def _span(moments: "pd.Series[Any]") -> tuple[datetime, datetime] | None:
    return None if moments.empty else (moments.min(), moments.max())
