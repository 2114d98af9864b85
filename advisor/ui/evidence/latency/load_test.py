"""How much load a model can handle: the newest load test of each, and starting, watching and cancelling one."""

import streamlit as st

from advisor.analysis.latency import MIN_N_P95
from advisor.analysis.load_test import best_step, excess, is_machine_bound
from advisor.charts.colours import candidates_of
from advisor.charts.latency import LoadPoint, load_figure
from advisor.measure.load_tests import stop_load_test
from advisor.text import numbers
from advisor.text.runs import load_end
from advisor.types import LoadMeasure, LoadStep, LoadTest, Report, Role, Status, StoredModel, Study
from advisor.ui import progress, queries
from advisor.ui.components.chart import show as show_chart
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.evidence.latency import new_load_test
from advisor.ui.evidence.latency import queries as queries_load
from advisor.ui.server import store

SAME = 0.97
"""Steps whose goodput is this near to the best one's do the same work."""


def show(study: Study, report: Report) -> None:
    """The section: one model's newest load test, and a new one unless one is running."""
    models = [m for m in queries.models(study.id) if m.role is not Role.JUDGE and not m.illustrative]
    if not models:
        st.markdown("Only pre-recorded answers here, so there's nothing to load test.")
        return
    tests = queries_load.tests(study.id)
    names = [model.name for model in models]
    newest = next((model.name for test in tests for model in models if model.id == test.model_id), names[0])
    name = st.selectbox("Model", names, names.index(newest), key="load_model", width=320)
    model = next(model for model in models if model.name == name)
    ended = next((t for t in tests if t.model_id == model.id and not t.status.is_active), None)
    if ended is None:
        st.markdown(f"**{inline(model.name)} has no load test yet.**")
    else:
        _show_ended(ended, model, report)
    active = next((test for test in tests if test.status.is_active), None)
    if active is not None:
        _watch(active, {model.id: model.name for model in models})
    else:
        with st.expander(
            "Run another load test" if ended else "Run a load test", expanded=ended is None, icon=":material/speed:"
        ):
            new_load_test.choose_and_start(study, model)


def sentence(name: str, test: LoadTest) -> str:
    """Concurrency and throughput within the limits, and what broke them."""
    best = best_step(test.steps)
    if best is None:
        return f"{name} never stayed within the limits. {load_end(test.ended_because)}".strip()
    kept = max((step for step in test.steps if step.within_limits), key=lambda step: step.concurrency)
    text = f"{name} handles {_at_a_time(kept)}, {_rate(kept.goodput_per_s)}/s"
    broken = next((step for step in test.steps if step.concurrency > kept.concurrency), None)
    if broken is not None and (over := excess(broken, test.limits)) is not None:
        text += {
            LoadMeasure.FAILED: f", before more than {numbers.percent(over.limit)} of the calls failed",
            LoadMeasure.TTFT: f", before p95 time to first token exceeded {over.limit:g} s",
            LoadMeasure.LATENCY: f", before p95 latency exceeded {over.limit:g} s",
        }[over.measure]
        text += ". This machine was the bottleneck" if is_machine_bound(broken) else ""
    else:
        text += " within the limits; more wasn't tested"
    enough = next(step for step in test.steps if step.within_limits and step.goodput_per_s >= SAME * best.goodput_per_s)
    if enough.concurrency < kept.concurrency:
        text += f". Beyond {enough.concurrency:,} throughput no longer grows"
    return f"{text}."


def note(step: LoadStep) -> str:
    """Caveats of a step."""
    notes = ["this machine was the bottleneck"] if is_machine_bound(step) else []
    answered = step.calls - step.failed
    if answered < MIN_N_P95:
        notes.append(f"p95 uncertain: {numbers.count(answered, 'answer')}, {MIN_N_P95} needed")
    return "; ".join(notes)


def _show_ended(test: LoadTest, model: StoredModel, report: Report) -> None:
    st.markdown(f"**{inline(sentence(model.name, test))}**")
    if test.status is not Status.SUCCEEDED:
        kind = st.error if test.status is Status.FAILED else st.warning
        kind(f"The load test {progress.WORDS[test.status]}. {inline(load_end(test.ended_because))}")
    for measure, limit_s, needed in (
        ("latency", test.limits.latency_p95_s, test.limits.ttft_p95_s is None or test.limits.latency_p95_s is not None),
        ("ttft", test.limits.ttft_p95_s, test.limits.ttft_p95_s is not None),
    ):
        if needed and test.steps:
            chart = load_figure(
                model.name,
                _points(test.steps, measure),
                candidates_of(report.recommendation),
                measure=measure,
                limit_s=limit_s,
                is_baseline=model.role is Role.BASELINE,
            )
            show_chart(chart, key=f"load_{measure}")
    _table(test.steps, key="load_steps")
    if test.steps:
        st.caption(
            "In time: answers per second within the limits. Warm-up calls don't count; failed calls aren't retried."
        )
    how = "streamed" if test.stream else "not streamed"
    ended = inline(load_end(test.ended_because)) if test.status is Status.SUCCEEDED else ""
    st.caption(
        " · ".join(filter(None, [ended, how, f"cost {numbers.dollars(test.cost_usd)}", numbers.ago(test.finished_at)]))
    )


def _watch(test: LoadTest, names: dict[int | None, str]) -> None:
    """How far the running load test is, and the button that ends it."""
    what = f"Load test of {inline(names.get(test.model_id, 'a model'))}"

    def draw() -> bool:
        now, job = queries_load.test(test.id), queries_load.job_of(test)
        if job is not None:
            progress.job_line(job, what)
        else:
            st.status(f"{what}: {progress.WORDS[now.status]}, started from a command line", state="running")
        if now.wanted is not None:
            st.caption("Stopping once running calls finish.")
        _table(now.steps, key="load_steps_so_far")
        return now.status.is_active

    progress.poll(draw)
    if st.button("Cancel", key="load_cancel", icon=":material/stop:", disabled=test.wanted is not None):
        with say_errors():
            stop_load_test(store(), test)
            st.rerun()
    st.caption("Finished steps are kept.")


def _table(steps: tuple[LoadStep, ...], *, key: str) -> None:
    if not steps:
        return
    show_table(
        [
            {
                "Concurrent calls": step.concurrency,
                "Limits": "✓ within" if step.within_limits else "✗ exceeded",
                "Answers/s": _rate(step.requests_per_s),
                "In time/s": _rate(step.goodput_per_s),
                "Tokens/s": numbers.whole(step.output_tokens_per_s),
                "TTFT, median": numbers.seconds(step.times.ttft_p50_s),
                "TTFT, p95": numbers.seconds(step.times.ttft_p95_s),
                "Time per output token": numbers.seconds(step.tpot_p50_s),
                "Latency, median": numbers.seconds(step.times.latency_p50_s),
                "Latency, p95": numbers.seconds(step.times.latency_p95_s),
                "Calls": step.calls,
                "Failed": step.failed,
                "Note": note(step),
            }
            for step in steps
        ],
        key=key,
        alt="Every step of the load test with its throughput, latency and failed calls.",
        pinned="Concurrent calls",
    )


def _points(steps: tuple[LoadStep, ...], measure: str) -> list[LoadPoint]:
    points = []
    for step in steps:
        p50, p95 = getattr(step.times, f"{measure}_p50_s"), getattr(step.times, f"{measure}_p95_s")
        if p50 is not None and p95 is not None:
            points.append(
                LoadPoint(
                    concurrency=step.concurrency,
                    p50_s=p50,
                    p95_s=p95,
                    within_limits=step.within_limits,
                    machine_bound=is_machine_bound(step),
                )
            )
    return points


def _at_a_time(step: LoadStep) -> str:
    return numbers.count(step.concurrency, "concurrent call")


def _rate(per_s: float) -> str:
    return f"{per_s:,.0f}" if per_s >= 9.95 else f"{per_s:.2g}"
