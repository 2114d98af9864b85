"""Review: two answers side by side without telling whose they are."""

import streamlit as st

from advisor.errors import AdvisorError
from advisor.study.decisions import decide
from advisor.study.endpoints import endpoint_of
from advisor.study.reviews import BlindPair, save_review
from advisor.types import Endpoint, Run, Study
from advisor.ui import format, queries, stage, state
from advisor.ui.components.text import inline, plain
from advisor.ui.server import store

CHOICES = (
    ("first", "First is better", "arrow_back"),
    ("second", "Second is better", "arrow_forward"),
    ("tie", "As good", "drag_handle"),
)
WORDS = {"first": "You preferred the first answer", "second": "You preferred the second answer", "tie": "A tie"}


def judged_by_people(study: Study, run: Run) -> list[str]:
    """The use cases in which people compare answers."""
    cases = queries.use_cases(study.id)
    return [
        case.name for case in cases if endpoint_of(case, run.baseline_lane) is Endpoint.PAIRWISE and not case.ignored
    ]


def ask_reviewer() -> str:
    """Who judges; reviews are kept under this name."""
    known = st.user.get("name") or st.user.get("email") or ""
    name = st.text_input(
        "Your name", str(known), key=state.REVIEWER, persist_state="session", width=320, help="Kept with each review."
    )
    return (name or "").strip()


def choose_use_case(names: list[str]) -> str | None:
    """One use case to judge, or None for all."""
    every = "All use cases"
    chosen = st.selectbox("Use case", [every, *names], key="review_use_case", width=420)
    return None if chosen == every else chosen


def next_pair(study: Study, run: Run, reviewer: str, use_case: str | None) -> BlindPair | None:
    """The pair to show: of the use case that was skipped to as long as it has one, else of any."""
    skipped_to = state.recall(state.SKIPPED)
    if use_case is None and isinstance(skipped_to, str):
        pair = queries.next_pair(study.id, run.id, reviewer=reviewer, use_case=skipped_to)
        if pair is not None:
            return pair
    return queries.next_pair(study.id, run.id, reviewer=reviewer, use_case=use_case)


def show_last() -> None:
    """What was saved last; only now is told who had written which answer."""
    last = state.recall(state.REVIEWED)
    if isinstance(last, str):
        st.info(last, icon=":material/visibility:")


def judge(run: Run, pair: BlindPair, reviewer: str, names: list[str]) -> None:
    """Prompt, two answers and the buttons."""
    total = pair.done + pair.left
    st.progress(pair.done / total, text=f"{pair.done:,} of {format.counted(total, 'pair')} judged by you")
    st.caption(f"Use case: {inline(pair.use_case)}")
    plain(pair.prompt, height=160, key="pair_prompt")
    first, second = st.columns(2)
    with first:
        st.markdown("**First answer**")
        plain(pair.first, height=260, key="pair_first")
    with second:
        st.markdown("**Second answer**")
        plain(pair.second, height=260, key="pair_second")
    with st.container(horizontal=True):
        for choice, label, icon in CHOICES:
            st.button(
                label,
                key=f"review_{choice}",
                icon=f":material/{icon}:",
                type="primary",
                on_click=_save,
                args=(run, pair, choice, reviewer),
            )
        others = [name for name in names if name != pair.use_case]
        st.button(
            "Skip",
            key="review_skip",
            icon=":material/skip_next:",
            disabled=not others,
            help="Goes on with another use case; the pair comes back later.",
            on_click=_skip,
            args=(names, pair.use_case),
        )


def offer_decision(study: Study) -> None:
    """Decide again with the reviews."""
    if not isinstance(state.recall(state.REVIEWED), str):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Decide again with the reviews", key="review_decide", icon=":material/refresh:"):
            try:
                with st.spinner("Weighing the answers ..."):
                    decide(store(), study)
            except AdvisorError as error:
                st.error(str(error))
                return
            state.remember(state.REVIEWED, None)
            st.switch_page(stage.QUALITY)


def _save(run: Run, pair: BlindPair, choice: str, reviewer: str) -> None:
    try:
        save_review(store(), run, pair, choice, reviewer=reviewer)
    except AdvisorError as error:
        st.toast(str(error), icon=":material/error:")
        return
    names = {model.id: model.name for model in queries.models(run.study_id)}
    candidate = inline(names.get(pair.model_id, "the candidate"))
    written = (candidate, inline(run.baseline)) if pair.candidate_first else (inline(run.baseline), candidate)
    state.remember(
        state.REVIEWED, f"Saved. {WORDS[choice]}; the first was by {written[0]}, the second by {written[1]}."
    )


def _skip(names: list[str], use_case: str) -> None:
    state.remember(state.SKIPPED, names[(names.index(use_case) + 1) % len(names)] if use_case in names else names[0])
