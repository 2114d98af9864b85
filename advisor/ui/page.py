"""What every page opens with: the study and its state, or what to do where there is nothing yet."""

from threading import Lock
from typing import Any, NoReturn

import streamlit as st

from advisor.decide.freshness import basis_of
from advisor.errors import AdvisorError
from advisor.measure.registration import is_among, key_of, register_once
from advisor.store.jobs import DECIDE, file_job
from advisor.text.catalog import key_first, set_key
from advisor.text.progress import DECIDED_BEFORE, nothing_yet, partial_run
from advisor.types import Model, Report, Run, Status, Study
from advisor.types.studies import Stage
from advisor.ui import navigation, progress, queries, stage, state
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.components.verdicts import changes
from advisor.ui.server import store
from advisor.ui.stage import DONE, STEPS, Standing, test_of, tested_by

LARGE = 20_000
"""Answers of a run above which a worker decides: it takes longer than a page may."""


class PageEnds(Exception):
    """Nothing more to show. After st.stop the server sends nothing, not even that the skeleton goes."""


def open_page(*, tells_partial: bool = True) -> Study:
    """The study this page is about, with its state at the top; stops with what to do where there is none.

    ``tells_partial``: whether to say what the newest run lacks; the page Run does so itself.
    """
    study = state.current_study()
    if study is None:
        empty_state(
            "No study yet. Load the sample study or start with your own prompt log.",
            page=navigation.SUMMARY,
            action="Go to Summary",
        )
        raise PageEnds
    standing = stage.standing(study)
    header(study, standing)
    if tells_partial and standing.run is not None and queries.is_partial(standing.run):
        words = partial_run(standing.run, queries.tally(standing.run.id))
        st.warning(words, icon=":material/incomplete_circle:")
    return study


def header(study: Study, standing: Standing) -> None:
    """The study, how far it is, and the one next step where it is on another page; Summary has it as its button."""
    done = DONE[standing.stage] - standing.lacks_judge
    steps, icon = list(STEPS), "radio_button_checked"
    decided, total = standing.decided
    if decided < total or standing.steps:  # what has to be tested or reviewed first isn't decided
        done, icon = done - 1, "incomplete_circle"
    if decided < total:
        steps[done] += f": {decided} of {total}".replace(" ", "\u00a0")
    marks = [
        f":green[:material/check_circle:]\u00a0{step}"
        if place < done or (done == len(steps) - 1 and standing.is_shared)
        else f"**:material/{icon}:\u00a0{step}**"
        if place == done
        else f":gray[:material/radio_button_unchecked:\u00a0{step}]"
        for place, step in enumerate(steps)
    ]
    tag = " :gray-badge[Sample data]" if study.is_sample else ""
    with st.container(horizontal=True, vertical_alignment="center", key="spine"):
        st.markdown(f"**{inline(study.name)}**{tag} · {standing.words}", width="content")
        st.markdown("\u2003".join(marks), width="content")
        has_steps = state.is_open(navigation.SUMMARY) or (standing.steps and state.is_open(navigation.PLAN))
        if not has_steps:
            with st.container(width="content", key="next"):
                _show_next(study, standing)


def _show_next(study: Study, standing: Standing) -> None:
    """The way to the next step; that a test waits for its key also where the key is named."""
    model = tested_by(standing.steps[0], study) if standing.steps else None
    page, action = standing.next_step
    if model and not is_among(model, queries.models(study.id)):
        offer_test(study, model, key="next_test", before="Next: ", type="tertiary")
    elif not state.is_open(page) and not (page == navigation.CATALOG and state.is_open(navigation.CANDIDATES)):
        label, query = f"Next: {action}", standing.next_query
        st.page_link(page, label=label, icon=":material/arrow_forward:", width="content", query_params=query)
    elif model:
        st.markdown(f":material/arrow_forward: Next: {action}")


def empty_state(text: str, *, page: str, action: str) -> None:
    """What to do where there is nothing to show yet, with the link to it."""
    with st.container(border=True):
        st.markdown(text)
        st.page_link(page, label=action, icon=":material/arrow_forward:")


def require_report(study: Study) -> Report:
    """The decision of a study on the evidence of now; stops with what to do where there is none."""
    show_told()
    standing = stage.standing(study)
    match standing.stage:
        case Stage.NO_LOG | Stage.NO_CANDIDATE | Stage.NO_RUN | Stage.STOPPED:
            page, action = standing.next_step
            empty_state(nothing_yet(standing.stage), page=page, action=action)
            raise PageEnds
        case Stage.RUNNING:
            progress.watch_run(standing.run.id if standing.run else 0)
            st.page_link(navigation.RUN, label="Watch the replay", icon=":material/arrow_forward:")
            if standing.report is None:
                raise PageEnds
            st.caption(DECIDED_BEFORE)
        case Stage.ANSWERED | Stage.OUTDATED:
            _update(study)
    return standing.report or _update(study)


def _update(study: Study) -> NoReturn:
    try:
        update(study)
    except AdvisorError as error:
        st.error(inline(str(error)), icon=":material/error:")
        raise PageEnds from error
    st.rerun()


def show(name: str, page: st.Page) -> None:
    """Say that no study has this name, and offer to open the page with one that is there."""
    st.warning(
        f"Study **{inline(name)}** not found. It may have been deleted, or the link is wrong.",
        icon=":material/link_off:",
    )
    studies = queries.studies()
    for study in studies:
        if st.button(f"Open {inline(study.name)}", key=f"open_{study.id}", icon=":material/arrow_forward:"):
            state.select_study(study.name)
            st.switch_page(page, query_params={})
    if not studies and st.button("Start over", key="start_over"):
        state.leave_study()
        st.switch_page(page, query_params={})


def update(study: Study) -> None:
    """Decide on the evidence there is now, and keep to be told what that changed. Raises AdvisorError."""
    from advisor.decide.decisions import decide

    run = stage.answered_run(study.id)
    if run is not None and queries.tally(run.id).succeeded > LARGE:
        _have_decided(study, run)
    before = queries.report(study.id)
    with st.spinner("Updating the decision ..."), _lock(study.id):
        study, after = queries.study(study.id), queries.report(study.id)
        if after is None or stage.is_outdated(study, after):
            after = decide(store(), study)
    if before is not None and (changed := changes(before, after)):
        tell(f"Updated. {changed}")


def _have_decided(study: Study, run: Run) -> NoReturn:
    """A worker decides; this page ends with how far it is, or why it could not."""
    arguments = {"basis": basis_of(store(), study, run)}
    with _lock(study.id):
        job = next(iter(queries.jobs(study.id, DECIDE)), None)
        has_failed = job is not None and job.status is Status.FAILED and job.arguments == arguments
        if has_failed and job is not None:
            st.error(inline(job.error or ""), icon=":material/error:")
            has_failed = not st.button("Try again", key="decide_again", icon=":material/replay:")
        if not has_failed and (job is None or not job.status.is_active):
            job = file_job(store(), DECIDE, study.id, arguments)
    if job is None or has_failed:
        raise PageEnds
    progress.watch_job(job.id, "Updating the decision")
    st.caption("With this many answers it takes a few minutes. You can leave this page.")
    raise PageEnds


@st.cache_resource(show_spinner=False)
def _lock(study_id: int) -> Lock:
    """Of all visitors who open an outdated study, one decides; the others wait for it."""
    return Lock()


def tell(text: str, *, failed: bool = False) -> None:
    """Keep something to say until a page with a decision shows it."""
    state.remember(state.DECIDED, (text, failed))


def show_told() -> None:
    """What was kept to be told, once."""
    told = state.take(state.DECIDED)
    if isinstance(told, tuple):
        text, failed = told
        if failed:
            st.error(inline(text), icon=":material/error:")
        else:
            st.success(inline(text), icon=":material/published_with_changes:")


@say_errors()
def offer_test(study: Study, model: Model, *, key: str, before: str = "", **button: Any) -> None:
    """A button to run a model that nothing has tested; without its key, to where that is named."""
    needed, label = key_of(model), test_of(study, model)[1]
    missing = needed if needed and not needed.is_set else None
    note = inline(f"Adds it as a candidate. {set_key(missing.name)}") if missing else None
    if st.button(f"{before}{label}", key=key, icon=":material/play_circle:", help=note, **button):
        register_once(store(), study, model)
        if missing:
            tell(key_first(model.plain_id.rpartition("/")[2], missing.name))
        plan_run(study, first=navigation.CANDIDATES if missing else navigation.RUN)


def plan_run(study: Study, *, first: str = navigation.RUN) -> None:
    """Show the form of another run, next to one that has ended; on the way ``first`` another page."""
    if runs := queries.runs(study.id):
        state.remember(state.RUN_AGAIN, runs[0].id)
    navigation.go_to(first)
