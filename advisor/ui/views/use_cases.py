"""Use cases: what the log is made of, how each part is judged, and mending what the grouping got wrong."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from advisor.analysis.evidence import DEFAULT_MARGINS
from advisor.errors import AdvisorError
from advisor.store.use_cases import change_use_case, merge_use_cases
from advisor.study.endpoints import endpoint_of
from advisor.study.jobs import file_score
from advisor.types import Endpoint, Kind, Lane, Role, Study, UseCase
from advisor.ui import format, queries, stage
from advisor.ui.components import progress
from advisor.ui.components.text import inline, plain
from advisor.ui.server import store

JUDGED = {
    Endpoint.TARGET: "against right answers",
    Endpoint.AGREEMENT: "same as today's answer",
    Endpoint.PAIRWISE: "which answer is better",
}
JUDGED_NOTES = (
    "**Against right answers**: the log says what is right; the best proof. **Same as today's answer**: for labels, "
    "fields and tool calls; needs today's model replayed live. **Which answer is better**: a judge or people compare "
    "the two answers without knowing which is which."
)
AUTOMATIC = "automatic"
EXAMPLES = 3


def headline(cases: list[UseCase]) -> None:
    """How many there are and how many already come with proof."""
    used = [case for case in cases if not case.ignored]
    proven = sum(case.with_target * 2 >= case.samples for case in used)
    st.markdown(
        f"The log holds {format.counted(len(used), 'use case')}; "
        f"{proven} of them {'comes' if proven == 1 else 'come'} with right answers to judge by."
    )


def show_table(study: Study, cases: list[UseCase]) -> None:
    """All use cases, the largest first."""
    total = sum(case.samples for case in cases if not case.ignored)
    lane = _lane(study)
    table = pd.DataFrame(
        {
            "Use case": [case.name for case in cases],
            "Calls": [case.samples for case in cases],
            "A month": [case.monthly_calls for case in cases],
            "Share": [None if case.ignored else 100 * case.samples / total for case in cases],
            "Kind": [case.kind.replace("_", " ") for case in cases],
            "How it is judged": ["ignored" if case.ignored else JUDGED[endpoint_of(case, lane)] for case in cases],
            "Limit": [100 * _limit(study, case, lane) for case in cases],
            "Right answers": [case.with_target for case in cases],
            "Replayable": [case.replayable for case in cases],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        key="use_cases",
        alt="Use cases with their calls and how they are judged",
        column_config={
            "Use case": st.column_config.TextColumn(pinned=True),
            "A month": st.column_config.NumberColumn(format="%,.0f", help="Calls a month, where the log has times"),
            "Share": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100, width=130),
            "Limit": st.column_config.NumberColumn(
                format="%.1f", help="How many points worse than today's answers is still acceptable"
            ),
        },
    )


def pick(cases: list[UseCase]) -> UseCase:
    """The use case to look at."""
    by_id = {case.id: case for case in cases}
    chosen = st.selectbox(
        "Use case", list(by_id), format_func=lambda case_id: by_id[case_id].name, key="use_case", width=500
    )
    return by_id.get(chosen or 0, cases[0])


def change(study: Study, case: UseCase) -> None:
    """Rename, judge otherwise, set the limit, ignore."""
    lane = _lane(study)
    automatic = endpoint_of(_without_choice(case), lane)
    options = [AUTOMATIC, *JUDGED]
    with st.form(f"change_{case.id}"):
        name = st.text_input("Name", case.name, max_chars=200, key=f"name_{case.id}")
        kind = st.selectbox(
            "Kind", list(Kind), list(Kind).index(case.kind), lambda kind: kind.replace("_", " "), key=f"kind_{case.id}"
        )
        endpoint = st.selectbox(
            "How it is judged",
            options,
            options.index(case.endpoint or AUTOMATIC),
            lambda way: f"automatic: {JUDGED[automatic]}" if way == AUTOMATIC else JUDGED[Endpoint(way)],
            key=f"endpoint_{case.id}",
            help=JUDGED_NOTES,
        )
        limit = st.number_input(
            "Limit: how many points worse is still acceptable",
            0.1,
            99.0,
            100 * case.margin if case.margin is not None else None,
            0.5,
            key=f"limit_{case.id}",
            placeholder=f"{100 * _limit(study, _without_choice(case), lane):.1f} (the default)",
        )
        ignored = st.checkbox("Ignore this use case in everything", case.ignored, key=f"ignored_{case.id}")
        if st.form_submit_button("Save", key=f"save_{case.id}", type="primary", icon=":material/save:"):
            _save(
                case,
                name=name.strip(),
                kind=kind,
                endpoint=None if endpoint == AUTOMATIC else Endpoint(endpoint),
                margin=None if limit is None else limit / 100,
                ignored=ignored,
            )


def merge(case: UseCase, cases: list[UseCase]) -> None:
    """Move all calls of this use case into another one."""
    others = {other.id: other.name for other in cases if other.id != case.id}
    if not others:
        return
    with st.form(f"merge_{case.id}"):
        into = st.selectbox(
            "Merge it into", list(others), format_func=lambda other: others[other], key=f"into_{case.id}"
        )
        st.caption(f"All {format.counted(case.samples, 'call')} move there; this cannot be undone.")
        if st.form_submit_button("Merge", key=f"merge_now_{case.id}", icon=":material/merge:") and into is not None:
            try:
                merge_use_cases(store(), case.id, into)
            except AdvisorError as error:
                st.error(str(error))
                return
            st.session_state.pop("use_case", None)
            st.rerun()


def show_examples(study: Study, case: UseCase) -> None:
    """Some calls of a use case as plain text."""
    for index, example in enumerate(queries.examples(study.id, case.name, EXAMPLES), start=1):
        with st.container(border=True, key=f"example_{case.id}_{index}"):
            st.caption(f"Example {index}")
            plain(example.prompt, height=170, key=f"prompt_{case.id}_{index}")
            if example.answer is not None:
                st.caption("Answer in the log")
                plain(example.answer, height=110, key=f"answer_{case.id}_{index}")
            if example.target is not None:
                st.caption("Right answer")
                plain(example.target, key=f"target_{case.id}_{index}")


def offer_scoring(study: Study) -> None:
    """Where answers are in: score them again after a change of how they are judged."""
    run = stage.answered_run(study.id)
    if run is None or run.status.is_active:
        return
    job = next((job for job in queries.jobs(study.id, "score") if job.status.is_active), None)
    if job is not None:
        _watch(job.id)
        return
    st.caption("Answers are in. After a change of how a use case is judged, score them again; no call is made.")
    if st.button("Score the answers again", key="score_again", icon=":material/grading:"):
        try:
            file_score(store(), study, run)
        except AdvisorError as error:
            st.error(str(error))
            return
        st.rerun()


def _watch(job_id: int) -> None:
    def line() -> bool:
        job = queries.job(job_id)
        if job is None or not job.status.is_active:
            return False
        progress.job_line(job, "Scoring the answers again", waits_long=queries.is_waiting_long(job))
        return True

    progress.poll(line)


def _save(case: UseCase, **values: object) -> None:
    if not values["name"]:
        st.error("A use case needs a name.")
        return
    try:
        change_use_case(store(), case.id, **values)
    except AdvisorError as error:
        st.error(str(error))
        return
    st.toast(f"Saved {inline(case.name)}.", icon=":material/check:")
    st.rerun()


def _lane(study: Study) -> Lane:
    live = any(model.role is Role.BASELINE for model in queries.models(study.id))
    return Lane.BASELINE if live else Lane.RECORDED


def _limit(study: Study, case: UseCase, lane: Lane) -> float:
    chosen = case.margin if case.margin is not None else study.margin
    return chosen if chosen is not None else DEFAULT_MARGINS[endpoint_of(case, lane)]


def _without_choice(case: UseCase) -> UseCase:
    return replace(case, endpoint=None, margin=None)
