"""Latency: how long users wait for an answer, without our own queueing and retries."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from advisor.analysis.latency import MIN_N_P95, Summary
from advisor.charts.colours import candidates_of
from advisor.charts.latency import LatencyBox, latency_figure
from advisor.text import numbers
from advisor.text.names import candidate_name
from advisor.text.runs import busy_machine
from advisor.types import Recommendation, Report, Study, UseCaseDecision
from advisor.ui import queries
from advisor.ui.components.chart import show
from advisor.ui.queries_compare import Times
from advisor.ui.views import verdicts

ELSEWHERE = (
    "The baseline's times are as recorded in the log: measured elsewhere, at other times and under other load. Compare "
    "them with care, or replay the baseline live on the page Replay."
)


def show_times(study: Study, report: Report, measured: Sequence[Times]) -> None:
    """The waiting times as chart and table, with what they cannot say."""
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
    st.dataframe(
        time_rows(measured),
        hide_index=True,
        placeholder=numbers.UNKNOWN,
        column_config={"Model": st.column_config.Column(pinned=True)},
        key="latency_times",
        alt="Waiting times of every model with the number of timed answers, failed calls and our own waiting.",
    )
    st.caption(
        "First word and whole answer count from sending the call. Median: half of the answers are there by then; 19 of "
        "20: all but the slowest twentieth. Our own waiting (limits, back-off, retries) is not part of them and stands "
        f"apart. Below {MIN_N_P95} timed answers the 19-of-20 value is not sure."
    )


def show_busy(run_id: int) -> None:
    """A warning where this machine, and not only the models, was slow."""
    if busy := queries.busy_runs(queries.run(run_id)):
        st.warning(
            f"{busy_machine(busy)} Replay with fewer calls at a time, or on an idle machine.", icon=":material/speed:"
        )


def timed_elsewhere(measured: Sequence[Times]) -> bool:
    """Whether any of these times were not taken by us."""
    return any(times.is_recorded and times.latency is not None for times in measured)


def show_by_use_case(report: Report) -> None:
    """The stored decision's times by use case, as they stand in the report."""
    st.dataframe(
        use_case_rows(report.recommendation),
        hide_index=True,
        placeholder=numbers.UNKNOWN,
        column_config={"Use case": st.column_config.Column(pinned=True)},
        key="latency_use_cases",
        alt="Waiting times of the baseline and every candidate by use case.",
    )
    st.caption("Of the baseline neither failed calls nor the slowest first words are counted by use case.")


def sentence(measured: Sequence[Times]) -> str:
    """How long users wait, the quickest candidate first."""
    timed = [times for times in measured if times.latency is not None]
    candidates = sorted((t for t in timed if not t.is_baseline), key=lambda t: t.latency.p50 if t.latency else 0.0)
    if not candidates:
        return "No candidate was timed: written answers have no response times, and failed calls count for none."
    text = f"{candidates[0].model} gives half of its answers within {waits(candidates[0].latency)}"
    baseline = next((times for times in timed if times.is_baseline), None)
    if baseline is None:
        return f"{text}; the baseline's times are not known."
    recorded = ", measured elsewhere," if baseline.is_recorded else ""
    return f"{text}; {baseline.model}{recorded} within {waits(baseline.latency)}."


def time_rows(measured: Sequence[Times]) -> pd.DataFrame:
    """One row per model."""
    return pd.DataFrame(
        {
            "Model": times.model,
            "First word, median": numbers.seconds(times.ttft.p50 if times.ttft else None),
            "First word, 19 of 20": numbers.seconds(times.ttft.p95 if times.ttft else None),
            "Whole answer, median": numbers.seconds(times.latency.p50 if times.latency else None),
            "Whole answer, 19 of 20": numbers.seconds(times.latency.p95 if times.latency else None),
            "Timed answers": times.latency.n if times.latency else 0,
            "Measured": numbers.UNKNOWN if times.measured is None else numbers.period(times.measured),
            "Calls": times.asked,
            "Failed": numbers.whole(times.failed),
            "Timed out": numbers.whole(times.timed_out),
            "Note": note(times),
            "Our own waiting": waited_words(times),
        }
        for times in measured
    )


def waited_words(times: Times) -> str:
    """How long calls waited on our side, in the middle and at worst."""
    if times.waited is None:
        return numbers.UNKNOWN
    return f"half under {numbers.seconds(times.waited.p50)}, 19 of 20 under {numbers.seconds(times.waited.p95)}"


def note(times: Times) -> str:
    """What the times of a model cannot say."""
    if times.latency is None:
        if times.illustrative:
            return "not measured: its answers are written, not generated"
        return "the log has no response times" if times.is_recorded else "no answer was timed"
    notes = ["measured elsewhere"] if times.is_recorded else []
    if times.latency.n < MIN_N_P95:
        notes.append(f"19 of 20 is not sure: {times.latency.n} timed answers, {MIN_N_P95} needed")
    if times.ttft is None:
        notes.append("not streamed: the first word was not timed")
    return "; ".join(notes)


def use_case_rows(recommendation: Recommendation) -> pd.DataFrame:
    """One row per use case and model, the baseline first."""
    return pd.DataFrame([row for decision in recommendation.use_cases for row in _decision_rows(decision)])


def _decision_rows(decision: UseCaseDecision) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [
        {
            "Use case": decision.name,
            "Model": "Baseline",
            "First word, median": numbers.seconds(decision.baseline_ttft_p50_s),
            "First word, 19 of 20": numbers.UNKNOWN,
            "Whole answer, median": numbers.seconds(decision.baseline_latency_p50_s),
            "Whole answer, 19 of 20": numbers.seconds(decision.baseline_latency_p95_s),
            "Timed answers": decision.baseline_answered,
            "Failed calls": numbers.UNKNOWN,
            "Limits": numbers.UNKNOWN,
        }
    ]
    rows += [
        {
            "Use case": decision.name,
            "Model": candidate_name(a),
            "First word, median": numbers.seconds(a.ttft_p50_s),
            "First word, 19 of 20": numbers.seconds(a.ttft_p95_s),
            "Whole answer, median": numbers.seconds(a.latency_p50_s),
            "Whole answer, 19 of 20": numbers.seconds(a.latency_p95_s),
            "Timed answers": a.answered,
            "Failed calls": numbers.percent(a.error_rate),
            "Limits": verdicts.time_limits(a),
        }
        for a in decision.candidates
    ]
    return rows


def waits(spread: Summary | None) -> str:
    """How long half of the answers and 19 of 20 take, and whether the latter is sure."""
    if spread is None:
        return numbers.UNKNOWN
    doubt = f" (not sure: {numbers.count(spread.n, 'answer')})" if spread.n < MIN_N_P95 else ""
    return f"{numbers.seconds(spread.p50)} and 19 of 20 within {numbers.seconds(spread.p95)}{doubt}"
