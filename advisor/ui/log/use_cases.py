"""Use cases: the groups of calls in the log and how each is scored."""

from dataclasses import replace

import streamlit as st

from advisor.collect.use_cases import takes_labels
from advisor.judge.endpoints import STRUCTURED, endpoint_of, margin
from advisor.measure.rejudging import changed_since_scored, file_score, new_judges
from advisor.store.log.use_cases import adopt_answers
from advisor.text import numbers
from advisor.text.imports import (
    ADD_REFERENCES,
    CASE_NOTES,
    IGNORED_NOTE,
    NEEDS_JUDGE,
    SCORED_BY,
    give_labels,
    rescoring_words,
    scoring_failed,
    unscored_words,
    use_case_description,
    use_case_facts,
    use_cases_words,
)
from advisor.text.scenarios import labels_note, labels_taken
from advisor.types import Endpoint, Role, Run, Status, Study, UseCase
from advisor.ui import address, navigation, page, progress, queries, stage
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline, plain
from advisor.ui.log import use_case_queries as remembered
from advisor.ui.server import store
from advisor.ui.state import MORE, PART, SAMPLE, USE_CASE

IGNORED = "✕ ignored"
EXAMPLES = 10
_LINE = 44
"""Characters on a line of half the page."""
_SPARE = 44
"""Pixels: two extra lines don't need scrolling."""


def headline(study: Study, cases: list[UseCase]) -> None:
    """How many there are and how many have reference answers; what to do after a change of the scoring."""
    used = [case for case in cases if not case.ignored]
    proven = sum(case.calls.with_target * 2 >= case.calls.total for case in used)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"## {use_cases_words(len(used), proven, ignored=len(cases) - len(used))}")
        if scorable_run(study) is not None:
            with st.popover("Rescore", icon=":material/grading:"):
                offer_scoring(study)
    if used and not proven:
        st.markdown(ADD_REFERENCES)
        links = [("Add a log with reference answers", navigation.PROMPT_LOG, {PART: MORE}, "upload")]
        if any(case.kind in STRUCTURED for case in used):
            links.append(("Add today's model", navigation.CANDIDATES, {}, "memory"))
        with st.container(horizontal=True):
            for label, target, query, icon in links:
                st.page_link(target, label=label, icon=f":material/{icon}:", query_params=query, width="content")
    offer_labels(study, used)


def offer_labels(study: Study, cases: list[UseCase]) -> None:
    """To score labels by those in the log, until answers are in: afterwards it would change what was measured."""
    page.show_told()
    found = [case for case in cases if takes_labels(case)]
    if not found or stage.answered_run(study.id) is not None:
        return
    names, lane = [case.name for case in found], queries.baseline_lane(study.id)
    drops = {
        (margin(study, case, lane), margin(study, replace(case, endpoint=Endpoint.TARGET), lane)) for case in found
    }
    with st.container(horizontal=True, vertical_alignment="center", key="labels"):
        st.markdown(inline(give_labels(names)), width="content")
        if st.button("Take today's labels as right", key="take_labels", icon=":material/check:"):
            with say_errors():
                for case in found:
                    adopt_answers(store(), case.id)
                page.tell(labels_taken(names, {then for _, then in drops}))
                st.rerun()
    st.caption(labels_note(drops))


def show_cases(study: Study, cases: list[UseCase]) -> None:
    """All use cases, the most expensive first, those that are ignored last."""
    costs = {name: round(share, 2) for name, share in remembered.cost_shares(study).items()}
    cases = sorted(cases, key=lambda case: (case.ignored, -costs.get(case.name, 0.0)))
    lane = queries.baseline_lane(study.id)
    has_judge = any(model.role is Role.JUDGE for model in queries.models(study.id))
    show_table(
        [
            {
                "Use case": case.name,
                "Share of spend": None if case.ignored else costs.get(case.name),
                "Scored by": IGNORED if case.ignored else SCORED_BY[endpoint_of(case, lane)],
                "Needs": ""
                if case.ignored or has_judge or endpoint_of(case, lane) is not Endpoint.PAIRWISE
                else NEEDS_JUDGE,
                "Calls": case.calls.total,
                "Reference answers": case.calls.with_target,
                "Acceptable drop, pts": None if case.ignored else f"{100 * margin(study, case, lane):g}",
                "Replayable": case.calls.replayable,
                "Calls/month": numbers.projected(case.calls.monthly),
            }
            for case in cases
        ],
        key="use_cases",
        alt="Use cases with their share of the cost, how they are scored, and their calls",
        shares={"Share of spend"},
        notes=CASE_NOTES,
    )


def pick(cases: list[UseCase]) -> UseCase | None:
    """The use case to look at; None until one is chosen."""
    by_id = {str(case.id): case for case in cases}
    labels = {case_id: label_of(case) for case_id, case in by_id.items()}
    hint = "Choose one to see an example and change it"
    return by_id.get(address.pick(USE_CASE, "Use case", labels, default="", index=None, placeholder=hint, width=500))


def describe(study: Study, case: UseCase) -> None:
    """What a use case is, in a sentence and a few numbers."""
    lane = queries.baseline_lane(study.id)
    st.markdown(inline(use_case_description(case.description)))
    st.caption(inline(use_case_facts(case, endpoint_of(case, lane), margin(study, case, lane))))
    if case.ignored:
        st.info(IGNORED_NOTE, icon=":material/visibility_off:")


def show_example(study: Study, case: UseCase) -> None:
    """One call of a use case as plain text, and the way to the next."""
    found = {str(call.sample_id): call for call in remembered.examples(study, case, EXAMPLES)}
    if not found:
        return
    labels = {sample_id: f"{number} of {len(found)}" for number, sample_id in enumerate(found, 1)}
    example = found[address.pick(SAMPLE, "Example", labels, width=200)]
    parts = (
        ("System prompt", "system", example.system or None, 110),
        ("Prompt", "prompt", example.prompt, 150),
        ("Answer in the log", "answer", example.answer, 110),
        ("Reference answer", "target", example.target, 150),
    )
    for title, name, text, height in parts:
        if text is not None:
            scrolled(text, title=title, height=height, key=f"{name}_{example.sample_id}")


def scrolled(text: str, *, height: int, key: str, title: str = "") -> None:
    """Logged text as plain text, as high as it is but at most ``height`` pixels; then it says that there is more."""
    lines = sum(1 + len(line) // _LINE for line in text.splitlines())
    is_cut = lines * 22 + 30 > height + _SPARE
    words = [*([title] if title else []), *([f"about {lines} lines, scroll for more"] if is_cut else [])]
    if words:
        st.caption(" · ".join(words))
    plain(text, height=height if is_cut else None, key=key)


def offer_scoring(study: Study) -> None:
    """Where answers are in: score them again after a change of how they are judged."""
    run = scorable_run(study)
    if run is None:
        return
    job = next((job for job in queries.jobs(study.id, "score") if job.status.is_active), None)
    if job is not None:
        progress.watch_job(job.id, "Rescoring the answers")
        return
    _tell_failed(study)
    st.caption(rescoring_words(*_who_is_asked(study, run)))
    new = new_judges(store(), study, run)
    judge = None
    if new:
        judge = st.selectbox("Add another judge", new, index=None, width=420)
    _score_button(study, run, key="score_again", judge=judge)


def _tell_failed(study: Study) -> None:
    """Why the last scoring failed; what one that did not changes is on the pages with the decision."""
    job = next(iter(queries.jobs(study.id, "score")), None)
    if job is not None and job.status is Status.FAILED:
        st.error(inline(scoring_failed(job.error)), icon=":material/error:")


def warn_unscored(study: Study) -> None:
    """Where a change came after the answers were scored: say so, with the button beside it."""
    run = scorable_run(study)
    if run is None or not changed_since_scored(store(), study, run):
        return
    if any(job.status.is_active for job in queries.jobs(study.id, "score")):
        return
    st.warning(unscored_words(*_who_is_asked(study, run)), icon=":material/update:")
    _score_button(study, run, key="score_again_here")


def scorable_run(study: Study) -> Run | None:
    """The newest run with answers, unless it is still at work."""
    run = stage.answered_run(study.id)
    return None if run is None or run.state.status.is_active else run


def _who_is_asked(study: Study, run: Run) -> tuple[int, list[str]]:
    """How many calls to which judges."""
    due = remembered.judging_due(study, run)
    return due.calls, [inline(judge.name) for judge in due.judges]


def _score_button(study: Study, run: Run, *, key: str, judge: str | None = None) -> None:
    if st.button("Rescore", key=key, icon=":material/grading:"):
        with say_errors():
            file_score(store(), study, run, judge=judge)
            st.rerun()


def label_of(case: UseCase) -> str:
    """The name in a list to choose from, marked where it is ignored."""
    return f"{case.name} (ignored)" if case.ignored else case.name


def kind_words(case: UseCase) -> str:
    """The kind as a person reads it."""
    return case.kind.replace("_", " ")
