"""What Compare and Decide read beyond the stored decision: losses, response times, files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import streamlit as st

from advisor.analysis.latency import Summary, known, summary
from advisor.store.generations import load_generation_facts
from advisor.store.logs import load_sample_facts
from advisor.store.models import list_models
from advisor.store.runs import get_run, list_run_samples
from advisor.store.studies import get_study
from advisor.study.agreement import PairKey
from advisor.study.examples import SideBySide, load_texts
from advisor.study.gallery import Regression
from advisor.types import FailureKind, Lane, Report, Role
from advisor.ui import queries
from advisor.ui.queries import Revision
from advisor.ui.queries_review import choices, scored, words
from advisor.ui.server import store


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


def regressions(study_id: int, report: Report, use_case: str, model: str) -> tuple[Regression, ...] | None:
    """Where the candidate did worse than the baseline, the worst first; None: the decision is older than the use case.

    Raises AdvisorError.
    """
    decision = report.recommendation
    revision = (decision.created_at, scored(decision.run), choices(study_id), words(decision.run))
    return _regressions(study_id, decision.run, use_case, model, revision)


def texts(run_id: int, pairs: Sequence[PairKey]) -> dict[PairKey, SideBySide]:
    """The texts of a few pairs of a run."""
    return load_texts(store(), get_run(store(), run_id), pairs)


def times(study_id: int, run_id: int, use_case: str | None) -> list[Times]:
    """Response times of the baseline and every candidate of a run, in one use case or in all of them."""
    return _times(study_id, run_id, use_case, (queries.run_revision(run_id), queries.log_revision(study_id)))


def pdf(study_id: int, decided_at: datetime) -> bytes:
    """The report as a PDF, made once per decision. Raises AdvisorError."""
    return _pdf(study_id, decided_at)


def export(study_id: int, what: str) -> bytes:
    """The content of a file to download: ``results`` or ``study``. Raises AdvisorError."""
    from advisor.study.reports import export as write

    with TemporaryDirectory() as folder:
        path = Path(folder) / what
        write(store(), get_study(store(), study_id), what, path)
        return path.read_bytes()


@st.cache_resource(max_entries=16, show_spinner="Looking for the answers that were worse ...")  # nobody changes them
def _regressions(
    study_id: int, run_id: int, use_case: str, model: str, revision: Revision
) -> tuple[Regression, ...] | None:
    from advisor.study.losses import list_regressions

    return list_regressions(store(), get_study(store(), study_id), get_run(store(), run_id), use_case, model)


@st.cache_data(max_entries=8, show_spinner="Setting the report ...")
def _pdf(study_id: int, decided_at: datetime) -> bytes:
    from advisor.study.reports import make_pdf

    return make_pdf(store(), get_study(store(), study_id))


@st.cache_data(max_entries=64, show_spinner=False)
def _times(study_id: int, run_id: int, use_case: str | None, revision: Revision) -> list[Times]:
    run = get_run(store(), run_id)
    logged = load_sample_facts(store(), study_id, ("id", "use_case", "ttft_s", "latency_s"))
    logged = logged[logged["id"].isin(list_run_samples(store(), run_id))]
    if use_case is not None:
        logged = logged[logged["use_case"] == use_case]
    made = load_generation_facts(
        store(), run_id, ("sample_id", "model_id", "epoch", "failure", "latency_s", "ttft_s", "waited_s", "at")
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
    models = [model for model in list_models(store(), study_id) if model.id in run.model_ids]
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
