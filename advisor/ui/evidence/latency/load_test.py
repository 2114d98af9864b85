"""How much load a model can handle: the newest load test of each, and starting, watching and cancelling one."""

import streamlit as st

from advisor.charts.colours import candidates_of
from advisor.charts.latency import load_figure
from advisor.measure.load_tests import capacity_of, stop_load_test
from advisor.store.run.load_tests import get_load_test, list_load_tests
from advisor.text import numbers
from advisor.text.progress import STATES
from advisor.text.runs import capacity, load_end, load_note, rate
from advisor.types import Job, LoadStep, LoadTest, Report, Role, Status, StoredModel, Study
from advisor.ui import progress, queries
from advisor.ui.components.chart import show as show_chart
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.evidence.latency import new_load_test
from advisor.ui.server import store


def show(study: Study, report: Report) -> None:
    """The section: one model's newest load test, and a new one unless one is running."""
    models = [m for m in queries.models(study.id) if m.role is not Role.JUDGE and not m.illustrative]
    if not models:
        st.markdown("Only pre-recorded answers here, so there's nothing to load test.")
        return
    tests = list_load_tests(store(), study.id)
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
    found = capacity_of(test)
    if found is None:
        return f"{name} never stayed within the limits. {load_end(test.ended_because)}".strip()
    over = found.excess and (found.excess.measure, found.excess.limit)
    return capacity(name, found.kept, found.enough, found.broken, over)


def _show_ended(test: LoadTest, model: StoredModel, report: Report) -> None:
    st.markdown(f"**{inline(sentence(model.name, test))}**")
    if test.status is not Status.SUCCEEDED:
        kind = st.error if test.status is Status.FAILED else st.warning
        kind(f"The load test {STATES[test.status]}. {inline(load_end(test.ended_because))}")
    for measure, limit_s, needed in (
        ("latency", test.limits.latency_p95_s, test.limits.ttft_p95_s is None or test.limits.latency_p95_s is not None),
        ("ttft", test.limits.ttft_p95_s, test.limits.ttft_p95_s is not None),
    ):
        if needed and test.steps:
            chart = load_figure(
                model.name,
                test.steps,
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
        now, job = get_load_test(store(), test.id), _job_of(test)
        if job is not None:
            progress.job_line(job, what)
        else:
            st.status(f"{what}: {STATES[now.status]}, started from a command line", state="running")
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


def _job_of(test: LoadTest) -> Job | None:
    """None where a command line does it."""
    jobs = queries.jobs(test.study_id, "load_test")
    return next((job for job in jobs if job.arguments["load_test"] == test.id), None)


def _table(steps: tuple[LoadStep, ...], *, key: str) -> None:
    if not steps:
        return
    show_table(
        [
            {
                "Concurrent calls": step.concurrency,
                "Limits": "✓ within" if step.within_limits else "✗ exceeded",
                "Answers/s": rate(step.requests_per_s),
                "In time/s": rate(step.goodput_per_s),
                "Tokens/s": numbers.whole(step.output_tokens_per_s),
                "TTFT, median": numbers.seconds(step.times.ttft_p50_s),
                "TTFT, p95": numbers.seconds(step.times.ttft_p95_s),
                "Time per output token": numbers.seconds(step.tpot_p50_s),
                "Latency, median": numbers.seconds(step.times.latency_p50_s),
                "Latency, p95": numbers.seconds(step.times.latency_p95_s),
                "Calls": step.calls,
                "Failed": step.failed,
                "Note": load_note(step),
            }
            for step in steps
        ],
        key=key,
        alt="Every step of the load test with its throughput, latency and failed calls.",
    )
