"""The judge's questions, version by version."""

from collections.abc import Sequence

import streamlit as st

from advisor.judge.endpoints import endpoint_of
from advisor.judge.rubrics import LONGEST_QUESTION, MOST_QUESTIONS, save_rubric, versions
from advisor.judge.scored_with import scored_with
from advisor.text import numbers
from advisor.text.imports import SCORED_BY
from advisor.types import Endpoint, Rubric, Study, UseCase
from advisor.ui import queries
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline, plain
from advisor.ui.log.use_cases import kind_words, scorable_run
from advisor.ui.server import store

_NOTES = (
    "The judge answers each question with yes or no, then votes. Three to five questions work best. Rescore to use "
    "a new version."
)


def show(study: Study, case: UseCase) -> None:
    """The questions in force, to be changed, and the versions before."""
    known = versions(store(), case)
    current, suggestion = known[0], known[-1]
    st.caption(_NOTES)
    endpoint = endpoint_of(case, queries.baseline_lane(study.id))
    if endpoint is not Endpoint.PAIRWISE:
        st.caption(f"This use case is scored by {SCORED_BY[endpoint]}; these questions apply only to judge votes.")
    with st.form(f"rubric_{case.id}"):
        text = st.text_area(
            f"Judge's questions, one per line: {_name(current, case)}",
            "\n".join(current.questions),
            height=180,
            max_chars=MOST_QUESTIONS * (LONGEST_QUESTION + 1),
            key=f"questions_{case.id}_{current.version}_{case.kind}",
        )
        if st.form_submit_button("Save", key=f"save_rubric_{case.id}", type="primary", icon=":material/save:"):
            _save(case, current, [line for line in text.splitlines() if line.strip()])
    if current.questions != suggestion.questions and st.button(
        "Restore suggestion", key=f"suggested_rubric_{case.id}", icon=":material/history:"
    ):
        _save(case, current, suggestion.questions)
    _warn_unjudged(study, case, current)
    for version in known[1:]:
        with st.expander(inline(_name(version, case))):
            plain("\n".join(version.questions), key=f"version_{case.id}_{version.version}")


def _warn_unjudged(study: Study, case: UseCase, current: Rubric) -> None:
    """Where votes were cast with other questions: how to repeat them with these."""
    run = scorable_run(study)
    kept = None if run is None else scored_with(run, case.id)
    if kept is None or kept.rubric in (None, current.version):
        return
    given = f"version {kept.rubric}" if kept.rubric else "the suggested questions"
    st.warning(
        f"Current votes used {given}. Rescore (above) to use these questions; candidates aren't called again.",
        icon=":material/update:",
    )


@say_errors()
def _save(case: UseCase, current: Rubric, questions: Sequence[str]) -> None:
    saved = save_rubric(store(), case, questions)
    if saved.version == current.version:
        st.info("No changes.", icon=":material/info:")
        return
    st.toast(f"Saved as version {saved.version}.", icon=":material/check:")
    st.rerun()


def _name(rubric: Rubric, case: UseCase) -> str:
    if rubric.created_at is None:
        return f"suggestion for {kind_words(case)}"
    return f"version {rubric.version}, saved {numbers.ago(rubric.created_at)}"
