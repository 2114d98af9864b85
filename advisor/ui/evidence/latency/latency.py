"""Latency: how long users wait for an answer, without our own queueing and retries."""

from collections.abc import Collection, Sequence

import pandas as pd
import streamlit as st

from advisor.charts.colours import candidates_of
from advisor.charts.latency import LatencyBox, latency_figure
from advisor.decide.response_times import Times, load_times
from advisor.measure.registration import keep_scoring, missing_key, register_and_probe
from advisor.money.closed_models import LiveBaseline, live_baseline
from advisor.store.engine import Change
from advisor.text import numbers
from advisor.text.catalog import with_key
from advisor.text.runs import (
    busy_advice,
    latency_sentence,
    limit_words,
    median_and_p95,
    not_timed,
    not_timed_here,
    time_note,
)
from advisor.types import Lane, Recommendation, Report, Role, Study, UseCaseDecision
from advisor.types.assessments import MIN_N_P95
from advisor.ui import address, navigation, page, queries, state
from advisor.ui.cache import cached
from advisor.ui.components import verdicts
from advisor.ui.components.chart import show
from advisor.ui.components.errors import say_errors
from advisor.ui.components.fields import show_key_request
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.server import store
from advisor.ui.state import USE_CASE


def show_headline(study: Study, report: Report) -> None:
    """The chosen candidate's latency and the baseline's, with the limit and the way to change it."""
    recommendation = report.recommendation
    verdicts.headline(sentence(times(study.id, recommendation.run.id, None), chosen_of(recommendation)))
    limits = limit_words(study.max_latency_p95_s, study.max_ttft_p95_s)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(limits, width="content")
        st.page_link(navigation.SCENARIOS, label="Change the limit", icon=":material/tune:", width="content")


def show_models(study: Study, report: Report) -> None:
    """Every model's latency in one use case or all, against the limits, and what makes the comparison unfair."""
    run_id = report.recommendation.run.id
    measured = times(study.id, run_id, _pick_use_case(study, report))
    show_table(
        limit_rows(measured, study),
        key="latency_limits",
        alt="Median and p95 latency and time to first token of every model, against the limits.",
    )
    if untimed := [f"{times.model}: {note(times)}" for times in measured if times.latency is None]:
        st.caption(inline(f"Not timed: {'; '.join(untimed)}."))
    _offer_live(study, report, measured)
    show_busy(run_id)
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
    with st.popover("Calls and method", icon=":material/info:"):
        show_table(
            time_rows(measured),
            key="latency_times",
            alt="Timed, failed and queued calls of every model.",
        )
        st.caption(f"Without our queueing and retries. A p95 from fewer than {MIN_N_P95} timed answers is uncertain.")


def limit_rows(measured: Sequence[Times], study: Study) -> pd.DataFrame:
    """One row per timed model, each p95 marked against its limit."""
    return pd.DataFrame(
        {
            "Model": times.model,
            "p50": _seconds(times.latency.p50, None),
            "p95": _seconds(times.latency.p95, study.max_latency_p95_s),
            "TTFT p50": _seconds(times.ttft and times.ttft.p50, None),
            "TTFT p95": _seconds(times.ttft and times.ttft.p95, study.max_ttft_p95_s),
            "Note": note(times),
        }
        for times in measured
        if times.latency is not None
    )


def _seconds(value: float | None, limit: float | None) -> str:
    text = numbers.seconds(value)
    if value is None or limit is None:
        return text
    return f"{'✓' if value <= limit else '✗'} {text}"


def _pick_use_case(study: Study, report: Report) -> str | None:
    ids = queries.case_ids(study.id)
    names = {ids[each.name]: each.name for each in report.recommendation.use_cases if each.name in ids}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = address.pick(USE_CASE, "Use case", {"": verdicts.ALL, **names}, width=320)
        address.link(navigation.QUALITY, "See the quality", icon="balance", use_case=chosen)
    return names.get(chosen)


@say_errors()
def _offer_live(study: Study, report: Report, measured: Sequence[Times]) -> None:
    """Where the baseline wasn't timed here, the way to time it, with about what it costs."""
    baseline = next((times for times in measured if times.is_baseline), None)
    if baseline is None or not (baseline.is_recorded or baseline.latency is None):
        return
    registered = next((model for model in queries.models(study.id) if model.role is Role.BASELINE), None)
    live = _live(study.id, report.recommendation.run.id)
    model = registered or (live.model if live else None)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/info: {not_timed_here(is_logged=timed_elsewhere(measured))}", width="content")
        price = f" (about {numbers.dollars(live.usd)})" if live and live.usd else ""
        label = f"Measure {model.name} too" if model else "Add the live baseline"
        missing = missing_key(model) if model else None
        if model and missing:
            with st.popover(inline(with_key(label, missing)), icon=":material/timer:"):
                st.markdown("Send this to whoever runs this app:")
                show_key_request(model, missing)
        elif st.button(inline(f"{label}{price}"), key="measure_baseline", icon=":material/timer:"):
            if model and not registered:
                register_and_probe(store(), study, model)
                keep_scoring(store(), study)
            state.remember(f"{state.LANE}{study.id}", Lane.BASELINE)
            page.plan_run(study, first=navigation.RUN if model else navigation.CANDIDATES)


def show_busy(run_id: int) -> None:
    """A warning where this machine, and not only the models, was slow."""
    if busy := queries.busy_runs(queries.run(run_id)):
        st.warning(busy_advice(busy), icon=":material/speed:")


def timed_elsewhere(measured: Sequence[Times]) -> bool:
    """Whether any of these times come from the log."""
    return any(times.is_recorded and times.latency is not None for times in measured)


def show_by_use_case(report: Report) -> None:
    """The stored decision's latency by use case, as in the report."""
    rows = use_case_rows(report.recommendation)
    if rows.empty:
        st.markdown("No model has been timed yet.")
        return
    show_table(
        rows,
        key="latency_use_cases",
        alt="Latency of the baseline and every candidate by use case.",
    )


def sentence(measured: Sequence[Times], chosen: Collection[str] = ()) -> str:
    """Median and p95 of the fastest candidate, of those that are chosen if any is, and of the baseline."""
    timed = sorted(
        (
            (times, times.latency)
            for times in measured
            if times.latency is not None and (times.is_baseline or not chosen or times.model in chosen)
        ),
        key=lambda one: one[1].p50,
    )
    fastest, baseline = (
        next(((one, (one.model, t.p50, t.p95, t.n)) for one, t in timed if one.is_baseline is wanted), None)
        for wanted in (False, True)
    )
    recorded = baseline is not None and baseline[0].is_recorded
    return latency_sentence(fastest and fastest[1], baseline and baseline[1], recorded=recorded, chosen=bool(chosen))


def chosen_of(recommendation: Recommendation) -> set[str]:
    """The candidates that use cases move to."""
    return {decision.chosen for decision in recommendation.use_cases if decision.chosen is not None}


def time_rows(measured: Sequence[Times]) -> pd.DataFrame:
    """One row per model."""
    return pd.DataFrame(
        {
            "Model": times.model,
            "Timed answers": times.latency.n if times.latency else 0,
            "Measured": numbers.UNKNOWN if times.measured is None else numbers.period(times.measured),
            "Calls": times.asked,
            "Failed": numbers.whole(times.failed),
            "Timed out": numbers.whole(times.timed_out),
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
        return not_timed(illustrative=times.illustrative, is_logged=times.is_recorded)
    return time_note(times.latency.n, is_logged=times.is_recorded, has_ttft=times.ttft is not None)


def use_case_rows(recommendation: Recommendation) -> pd.DataFrame:
    """One row per use case and timed model, the baseline first."""
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
            "TTFT p50": numbers.seconds(times.ttft_p50_s),
            "TTFT p95": numbers.seconds(times.ttft_p95_s),
            "p50": numbers.seconds(times.latency_p50_s),
            "p95": numbers.seconds(times.latency_p95_s),
            "Timed answers": times.answered,
            "Failed calls": failed,
            "Limits": limits,
        }
        for model, times, failed, limits in (baseline, *candidates)
        if times.latency_p50_s is not None
    ]


@cached(Change.ANSWERS, prices=True)
def _live(study_id: int, run_id: int) -> LiveBaseline | None:
    return live_baseline(store(), queries.study(study_id), run_id)


@cached(Change.ANSWERS)
def times(study_id: int, run_id: int, use_case: str | None) -> list[Times]:
    """Response times of the baseline and every candidate of a run, in one use case or in all of them."""
    return load_times(store(), study_id, run_id, use_case)
