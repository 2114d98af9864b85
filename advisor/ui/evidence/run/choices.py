"""The settings of a new run: how much to replay, and all others in a closed box."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from advisor.errors import AdvisorError
from advisor.jobs.sample import SAMPLE_SETUP
from advisor.measure.sample_needs import Sizes
from advisor.types import Lane, Planning, Repeats, Role, RunOptions, StoredModel, Study, UseCase
from advisor.ui import queries, state
from advisor.ui.evidence.run import queries as queries_plan

NOISE_SAMPLES = 50
"""Enough to notice an unreliable setup (METHOD 5)."""
LANES = {
    Lane.RECORDED: "Recorded answers",
    Lane.BASELINE: "Live baseline",
}
LANE_NOTES = (
    "Free. Quality, cost and latency of today's model are taken from the log.",
    "Fairest. Calls today's model again next to the candidates, at its usual price.",
)
QUICK, ENOUGH, EVERYTHING = "Quick", "Enough to decide", "Everything"


def choose(study: Study, slider: DeltaGenerator) -> RunOptions:
    """The settings of the run; the size is chosen in ``slider``, all others in a closed box.

    Every key names the study, so nothing that is set for one is taken along to another.
    """
    cases = [case for case in queries.use_cases(study.id) if not case.ignored]
    models = queries.models(study.id)
    has_judge = any(model.role is Role.JUDGE for model in models)
    with st.expander("More settings", icon=":material/tune:"):
        lane = _choose_lane(study, cases, models)
        with slider:
            size, most = _choose_size(study, cases, lane)
        first = st.columns(3, vertical_alignment="bottom")
        sample = first[0].number_input(
            f"Samples (of {most:,})",
            1,
            most,
            None,
            key=f"run_sample_{study.id}",
            placeholder=f"{size:,}",
            help="Sampled across all use cases, more where more evidence is needed. Each turn is replayed with its "
            "logged history.",
        )
        cap = first[1].number_input(
            "Budget ($)",
            0.0,
            None,
            None,
            key=f"run_budget_{study.id}",
            placeholder="no limit",
            help="The run stops before it spends more. You can resume it with a higher budget.",
        )
        judged = first[2].checkbox(
            "Use judges",
            has_judge,
            key=f"run_judged_{study.id}",
            disabled=not has_judge,
            help="For answers without a reference answer. Needs a judge; you can also review pairs yourself.",
        )
        columns = st.columns(4, vertical_alignment="bottom")
        seed = columns[0].number_input("Sampling seed", 0, 2**31, RunOptions.seed, key=f"run_seed_{study.id}")
        epochs = columns[1].number_input("Repeats per call", 1, 10, Repeats.epochs, key=f"run_epochs_{study.id}")
        concurrency = columns[2].number_input(
            "Concurrent calls per model", 1, 256, RunOptions.concurrency, key=f"run_concurrency_{study.id}"
        )
        stream = columns[3].checkbox(
            "Stream answers", RunOptions.stream, key=f"run_stream_{study.id}", help="Also measures time to first token."
        )
        last_turn = st.checkbox(
            "Only the last call of each conversation",
            Planning.last_turn_only,
            key=f"run_last_turn_{study.id}",
            help="Agents resend the whole conversation every turn, so the last call contains the others.",
        )
        repeated = Repeats.repeated
        if lane is Lane.BASELINE:
            repeated = st.number_input(
                "Calls the baseline answers twice",
                0,
                most,
                min(NOISE_SAMPLES, most),
                key=f"run_repeated_{study.id}",
                help="How often it disagrees with itself is the noise floor.",
            )
        early = st.checkbox(
            "Stop early once a result is clear",
            RunOptions.early_stop,
            key=f"run_early_{study.id}",
            help="Runs in rounds and stops calling a candidate once its result is clear. Close calls need "
            "slightly more samples.",
        )
        audited = st.number_input(
            "Answers per model to check for refusals and unsupported claims",
            0,
            most,
            min(RunOptions.audited, most),
            key=f"run_audited_{study.id}",
            disabled=not has_judge,
            help="A judge reads a random sample: does each answer do the task, and does the prompt support its claims?",
        )
        fresh = st.checkbox(
            "Ask everything again",
            study.is_sample,  # it comes with a run: this one is to be seen at work
            key=f"run_fresh_{study.id}",
            help="Off: reuse answers from earlier runs. They're free and keep their measured latency.",
        )
    return RunOptions(
        sample_size=sample or size,
        seed=seed,
        repeats=Repeats(epochs=epochs, repeated=repeated),
        baseline=lane,
        concurrency=concurrency,
        stream=stream,
        budget_usd=cap,
        judged=judged,
        planning=Planning(last_turn_only=last_turn),
        fresh=fresh,
        early_stop=early,
        audited=audited,
    )


def _choose_size(study: Study, cases: list[UseCase], lane: Lane) -> tuple[int, int]:
    """Ask how much to replay; returns the samples that were chosen, and the most there are."""
    try:
        found = queries_plan.sizes(study.id, lane)
    except AdvisorError:  # the quote says why nothing can be asked
        most = max(sum(_askable(case, lane) for case in cases), 1)
        found = Sizes(most, most, False)
    enough = min(SAMPLE_SETUP.sample_size if study.is_sample else found.enough, found.most)
    default = ENOUGH if enough < found.most else EVERYTHING
    sizes = {QUICK: min(RunOptions.sample_size, enough // 2), ENOUGH: enough, EVERYTHING: found.most}
    sizes = {name: size for name, size in sizes.items() if size and (name != ENOUGH or enough < found.most)}
    if len(sizes) == 1:
        return enough, found.most
    key = f"run_size_{study.id}"
    names = {ENOUGH: "Suggested"} if len(queries.unjudged_in(study, lane)) == len(cases) else {}
    if st.session_state.get(key) not in sizes:
        st.session_state[key] = default
    chosen = st.select_slider(
        "How much to replay",
        list(sizes),
        format_func=lambda name: f"{names.get(name, name)} · {sizes[name]:,}",
        key=key,
        label_visibility="collapsed",
        width=520,
    )
    return sizes[chosen], found.most


def _choose_lane(study: Study, cases: list[UseCase], models: list[StoredModel]) -> Lane:
    live = any(model.role is Role.BASELINE for model in models)
    recorded = any(case.calls.with_answer for case in cases)
    lane = st.radio(
        "Compare candidates with",
        list(LANES),
        index=1 if live or not recorded else 0,
        format_func=LANES.get,
        captions=LANE_NOTES,
        key=f"{state.LANE}{study.id}",
    )
    return Lane(lane or Lane.RECORDED)


def _askable(case: UseCase, lane: Lane) -> int:
    return case.calls.replayable if lane is Lane.BASELINE else min(case.calls.replayable, case.calls.with_answer)
