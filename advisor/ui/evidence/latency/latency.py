"""Latency: how long users wait for an answer, without our own queueing and retries."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from advisor.charts.colours import candidates_of
from advisor.charts.latency import LatencyBox, latency_figure
from advisor.decide.response_times import Times, load_times
from advisor.store.engine import Change
from advisor.text import numbers
from advisor.text.runs import busy_machine, few_timed, latency_sentence, median_and_p95
from advisor.types import Recommendation, Report, Study, UseCaseDecision
from advisor.types.assessments import MIN_N_P95
from advisor.ui import queries
from advisor.ui.cache import cached
from advisor.ui.components import verdicts
from advisor.ui.components.chart import show
from advisor.ui.components.table import show_table
from advisor.ui.server import store

ELSEWHERE = (
    "The baseline's latency is from the log: measured elsewhere, under other load. For a fair comparison, replay the "
    "live baseline."
)


def show_times(study: Study, report: Report, measured: Sequence[Times]) -> None:
    """Latency as chart and table, with its caveats."""
    boxes = [
        LatencyBox(
            model=times.model,
            p5=times.latency.p5,
            p25=times.latency.p25,
            p50=times.latency.p50,
            p75=times.latency.p75,
            p95=times.latency.p95,
            n=times.latency.n,
            is_baseline=times.is_baseline,
        )
        for times in measured
        if times.latency is not None
    ]
    order = candidates_of(report.recommendation)
    show(latency_figure(boxes, order, limit_s=study.max_latency_p95_s), key="latency_boxes")
    if timed_elsewhere(measured):
        st.info(ELSEWHERE, icon=":material/info:")
    show_table(
        time_rows(measured),
        key="latency_times",
        alt="Latency of every model with timed answers, failed calls and queueing.",
        pinned="Model",
    )
    st.caption(f"Without our queueing and retries. A p95 from fewer than {MIN_N_P95} timed answers is uncertain.")


def show_busy(run_id: int) -> None:
    """A warning where this machine, and not only the models, was slow."""
    if busy := queries.busy_runs(queries.run(run_id)):
        st.warning(
            f"{busy_machine(busy)} Replay with fewer concurrent calls, or on an idle machine.", icon=":material/speed:"
        )


def timed_elsewhere(measured: Sequence[Times]) -> bool:
    """Whether any of these times come from the log."""
    return any(times.is_recorded and times.latency is not None for times in measured)


def show_by_use_case(report: Report) -> None:
    """The stored decision's latency by use case, as in the report."""
    show_table(
        use_case_rows(report.recommendation),
        key="latency_use_cases",
        alt="Latency of the baseline and every candidate by use case.",
        pinned="Use case",
    )


def sentence(measured: Sequence[Times]) -> str:
    """Median and p95 of the fastest candidate and the baseline."""
    timed = sorted(
        ((times, times.latency) for times in measured if times.latency is not None), key=lambda one: one[1].p50
    )
    fastest, baseline = (
        next(((one, (one.model, t.p50, t.p95, t.n)) for one, t in timed if one.is_baseline is wanted), None)
        for wanted in (False, True)
    )
    recorded = baseline is not None and baseline[0].is_recorded
    return latency_sentence(fastest and fastest[1], baseline and baseline[1], recorded=recorded)


def time_rows(measured: Sequence[Times]) -> pd.DataFrame:
    """One row per model."""
    return pd.DataFrame(
        {
            "Model": times.model,
            "TTFT, median": numbers.seconds(times.ttft.p50 if times.ttft else None),
            "TTFT, p95": numbers.seconds(times.ttft.p95 if times.ttft else None),
            "Latency, median": numbers.seconds(times.latency.p50 if times.latency else None),
            "Latency, p95": numbers.seconds(times.latency.p95 if times.latency else None),
            "Timed answers": times.latency.n if times.latency else 0,
            "Measured": numbers.UNKNOWN if times.measured is None else numbers.period(times.measured),
            "Calls": times.asked,
            "Failed": numbers.whole(times.failed),
            "Timed out": numbers.whole(times.timed_out),
            "Note": note(times),
            "Queueing": waited_words(times),
        }
        for times in measured
    )


def waited_words(times: Times) -> str:
    """How long calls waited on our side: median and p95."""
    if times.waited is None:
        return numbers.UNKNOWN
    return median_and_p95(times.waited.p50, times.waited.p95, MIN_N_P95)


def note(times: Times) -> str:
    """Caveats of a model's latency."""
    if times.latency is None:
        if times.illustrative:
            return "not measured: pre-recorded answers"
        return "no latency in the log" if times.is_recorded else "no answer was timed"
    notes = (
        "measured elsewhere" if times.is_recorded else "",
        few_timed(times.latency.n, "timed answer"),
        "not streamed, so no TTFT" if times.ttft is None else "",
    )
    return "; ".join(filter(None, notes))


def use_case_rows(recommendation: Recommendation) -> pd.DataFrame:
    """One row per use case and model, the baseline first."""
    return pd.DataFrame([row for decision in recommendation.use_cases for row in _decision_rows(decision)])


def _decision_rows(decision: UseCaseDecision) -> list[dict[str, object]]:
    baseline = ("Baseline", decision.baseline_facts.times, numbers.UNKNOWN, numbers.UNKNOWN)
    candidates = (
        (a.model, a.times, numbers.percent(a.times.error_rate), verdicts.time_limits(a)) for a in decision.candidates
    )
    return [
        {
            "Use case": decision.name,
            "Model": model,
            "TTFT, median": numbers.seconds(times.ttft_p50_s),
            "TTFT, p95": numbers.seconds(times.ttft_p95_s),
            "Latency, median": numbers.seconds(times.latency_p50_s),
            "Latency, p95": numbers.seconds(times.latency_p95_s),
            "Timed answers": times.answered,
            "Failed calls": failed,
            "Limits": limits,
        }
        for model, times, failed, limits in (baseline, *candidates)
    ]


@cached(Change.ANSWERS)
def times(study_id: int, run_id: int, use_case: str | None) -> list[Times]:
    """Response times of the baseline and every candidate of a run, in one use case or in all of them."""
    return load_times(store(), study_id, run_id, use_case)
