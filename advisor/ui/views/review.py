"""Review: two answers side by side without telling whose they are, judged by keys or by mouse.

The judging is a fragment: after a key only it runs again, so that the next pair is there at once.
"""

import time
from typing import cast

import streamlit as st

from advisor.analysis.judging import MIN_CORRECTED, MIN_REVIEWS
from advisor.errors import AdvisorError
from advisor.study.agreement import PairKey
from advisor.study.endpoints import endpoint_of
from advisor.study.reviews import BlindPair, Queue, Saved, save_review, undo_review
from advisor.types import Endpoint, Run, Study
from advisor.ui import deciding, format, navigation, queries, queries_review, stage, state
from advisor.ui.components.text import inline, plain
from advisor.ui.server import store

CHOICES = (
    ("first", "First is better", "1"),
    ("second", "Second is better", "2"),
    ("tie", "As good", "3"),
)
OTHER_KEYS = (
    ("first", "First", "Left"),
    ("second", "Second", "Right"),
    ("tie", "As good", "Down"),
    ("tie", "As good", "0"),
)
"""A button takes one key only: these are the same choices for another hand."""
WORDS = {"first": "You preferred the first answer", "second": "You preferred the second answer", "tie": "A tie"}
QUEUES = {Queue.RANDOM: "At random", Queue.TELLING: "Most informative"}
QUICKEST_S = 0.5
"""A key that comes sooner after a pair is shown was held down, or pressed before it: nobody has looked at that pair."""
NOT_TAKEN = (
    "Your last key was not taken: it came before this could have been looked at. Look at it, then press the key again."
)
PROMPT_HEIGHT, ANSWER_HEIGHT = 220, 240
"""Pixels from which a text scrolls: a pair and its buttons fit on one screen."""
LONG_PROMPT, LONG_ANSWER = 500, 500
"""Characters that may need more than that."""


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
        "Your name", str(known), key=state.REVIEWER, persist_state="session", width=220, help="Kept with each review."
    )
    return (name or "").strip()


def choose_use_case(names: list[str]) -> str | None:
    """One use case to judge, or None for all."""
    every = "All use cases"
    chosen = st.selectbox("Use case", [every, *names], key="review_use_case", persist_state="session", width=290)
    return None if chosen == every else chosen


def choose_queue() -> Queue:
    """Which pairs to offer."""
    chosen = st.segmented_control(
        "Pairs",
        list(QUEUES),
        default=Queue.RANDOM,
        required=True,
        format_func=lambda queue: QUEUES[queue],
        key="review_queue",
        persist_state="session",
        help="At random: a random part of all pairs, the only one that numbers can rest on. Most informative: pairs on "
        "which judges contradict themselves, one another or a person; for finding out why, not for numbers.",
    )
    return Queue(chosen or Queue.RANDOM)


def judge_pairs(study: Study, run: Run, reviewer: str, use_case: str | None, kind: Queue) -> None:
    """One pair after the other."""
    listed = queries_review.queue(study.id, run.id, reviewer=reviewer, use_case=use_case, kind=kind)
    if not listed and kind is Queue.TELLING:
        st.info("No pair stands out: no judge has read these answers, or it is sure of every one.")
        return
    checks_judge = queries.tally(run.id).judge_succeeded > 0
    _judge(study, run, reviewer, kind, listed, checks_judge)


@st.fragment
def _judge(study: Study, run: Run, reviewer: str, kind: Queue, listed: tuple[PairKey, ...], checks_judge: bool) -> None:
    pair = queries_review.next_pair(study.id, run, reviewer=reviewer, kind=kind, listed=listed, skipped=_skipped(run))
    if pair is None:
        st.success("You have judged every pair there is here.", icon=":material/done_all:")
    else:
        _show_pair(pair, checks_judge=checks_judge)
        _ask(run, pair, reviewer)
    show_told()
    _show_last(study, run, reviewer, sight=_sight(run, pair))
    keep_in_sight(_sight(run, pair))  # once all is drawn: a key that came meanwhile is handled right after this


def _sight(run: Run, pair: BlindPair | None) -> tuple[object, ...]:
    """What is looked at."""
    return (run.id, pair.key if pair else None)


def _show_pair(pair: BlindPair, *, checks_judge: bool) -> None:
    share, words = milestone(pair, checks_judge=checks_judge)
    st.progress(min(share, 1.0), text=words)
    st.caption(
        f"Use case: {inline(pair.use_case)} · Which answer would you rather send? Whose they are is told afterwards."
    )
    if pair.before:
        box = st.expander("What came before", icon=":material/notes:", key="pair_before", on_change="rerun")
        if box.open:
            with box:
                plain(pair.before, height=ANSWER_HEIGHT, key="pair_before_text")
    plain(pair.prompt, height=PROMPT_HEIGHT if len(pair.prompt) > LONG_PROMPT else None, key="pair_prompt")
    height = ANSWER_HEIGHT if max(len(pair.first), len(pair.second)) > LONG_ANSWER else None
    for column, title, text in zip(st.columns(2), ("First", "Second"), (pair.first, pair.second), strict=True):
        with column:
            st.markdown(f"**{title} answer**")
            plain(text, height=height, key=f"pair_{title.lower()}")


def _ask(run: Run, pair: BlindPair, reviewer: str) -> None:
    with st.container(horizontal=True):
        for choice, label, key in CHOICES:
            st.button(
                label,
                key=f"review_{choice}",
                type="primary",
                shortcut=key,
                on_click=_save,
                args=(run, pair, choice, reviewer),
            )
        st.button(
            "Skip",
            key="review_skip",
            shortcut="S",
            help="The pair comes back after all the others.",
            on_click=_skip,
            args=(run, pair),
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Or by these keys:", width="content")
        for choice, label, key in OTHER_KEYS:
            st.button(
                label,
                key=f"review_{choice}_{key.lower()}",
                type="tertiary",
                shortcut=key,
                on_click=_save,
                args=(run, pair, choice, reviewer),
            )


def _show_last(study: Study, run: Run, reviewer: str, *, sight: tuple[object, ...]) -> None:
    """What was saved last; only now is told who had written which answer."""
    saved = [entry for entry in _history() if entry[0] == run.id]
    if not saved:
        return
    st.info(saved[-1][2], icon=":material/visibility:")
    with st.container(horizontal=True):
        st.button(
            "Undo",
            key="review_undo",
            icon=":material/undo:",
            shortcut="U",
            help="Takes your last choice back and shows the pair again.",
            disabled=saved[-1][1].reviewer != reviewer,
            on_click=_undo,
            args=(run, sight),
        )
        pressed = st.button("Decide again with the reviews", key="review_decide", icon=":material/refresh:")
        if pressed:
            if deciding.decide_again(study, given="these reviews"):
                state.remember(state.REVIEWED, None)
                navigation.go_to(stage.QUALITY)
            deciding.show_decided()


def milestone(pair: BlindPair, *, checks_judge: bool) -> tuple[float, str]:
    """How far the reviews of a queue are, 0 to 1, and what the next number of them is good for."""
    n, total = pair.by_anyone, pair.done + pair.left
    mine = f"{pair.done:,} by you"
    if pair.queue is Queue.TELLING:
        return (
            pair.done / total,
            f"{pair.done:,} of {format.counted(total, 'pair')} that {'stands' if total == 1 else 'stand'} out",
        )
    if not checks_judge:
        return n / total, f"{n:,} of {format.counted(total, 'pair')} judged, {mine}"
    steps = ((MIN_REVIEWS, "check the judge"), (MIN_CORRECTED, "correct the judge's numbers"))
    for enough, what in steps:
        if n < enough <= total:
            return n / enough, f"{n:,} of {enough} (enough to {what}) · {mine}"
    reached = [what for enough, what in steps if n >= enough]
    return n / total, f"{n:,} of {format.counted(total, 'pair')} judged" + (
        f" (enough to {reached[-1]}) · {mine}" if reached else f" · {mine}"
    )


def tell(what: str) -> None:
    """Say something when the fragment is drawn next: its callbacks may draw nothing themselves."""
    state.remember(state.TOLD, what)


def show_told() -> None:
    """What a callback had to say, once: beside the keys, where a reviewer looks."""
    told = state.recall(state.TOLD)
    if isinstance(told, str):
        st.warning(told, icon=":material/keyboard:")
        state.remember(state.TOLD, None)


def keep_in_sight(sight: tuple[object, ...]) -> None:
    """Say what is shown. What stays in sight while the page is drawn again was looked at all the time."""
    kept = state.recall(state.IN_SIGHT)
    if not isinstance(kept, tuple) or kept[0] != sight:
        state.remember(state.IN_SIGHT, (sight, time.monotonic()))


def is_looked_at(sight: tuple[object, ...]) -> bool:
    """Whether a choice may count: what it is about was in sight for long enough, and nothing was said of it since.

    Otherwise says so. Two keys may arrive before the next pair is drawn: the second was pressed for none.
    """
    kept = state.recall(state.IN_SIGHT)
    if isinstance(kept, tuple) and kept[0] == sight and time.monotonic() - kept[1] >= QUICKEST_S:
        state.remember(state.IN_SIGHT, None)
        return True
    tell(NOT_TAKEN)
    return False


def _save(run: Run, pair: BlindPair, choice: str, reviewer: str) -> None:
    if not is_looked_at(_sight(run, pair)):
        return
    try:
        saved = save_review(store(), run, pair, choice, reviewer=reviewer)
    except AdvisorError as error:
        tell(inline(str(error)))
        return
    names = {model.id: model.name for model in queries.models(run.study_id)}
    candidate = inline(names.get(pair.model_id, "the candidate"))
    written = (candidate, inline(run.baseline)) if pair.candidate_first else (inline(run.baseline), candidate)
    told = f"Saved. {WORDS[choice]}; the first was by {written[0]}, the second by {written[1]}."
    state.remember(state.REVIEWED, [*_history(), (run.id, saved, told)])


def _undo(run: Run, sight: tuple[object, ...]) -> None:
    """The newest choice of this visitor in this run."""
    if not is_looked_at(sight):
        return
    history = _history()
    place = max(n for n, entry in enumerate(history) if entry[0] == run.id)
    try:
        undo_review(store(), run, history[place][1])
    except AdvisorError as error:
        tell(inline(str(error)))
        return
    state.remember(state.REVIEWED, history[:place] + history[place + 1 :])


def _skip(run: Run, pair: BlindPair) -> None:
    if is_looked_at(_sight(run, pair)):
        state.remember(state.SKIPPED, [*_all_skipped(), (run.id, pair.key)])


def _skipped(run: Run) -> list[PairKey]:
    return [pair for run_id, pair in _all_skipped() if run_id == run.id]


def _all_skipped() -> list[tuple[int, PairKey]]:
    return cast(list[tuple[int, PairKey]], state.recall(state.SKIPPED) or [])


def _history() -> list[tuple[int, Saved, str]]:
    """What this visitor said, the newest last: run, what can be taken back, what was told."""
    return cast(list[tuple[int, Saved, str]], state.recall(state.REVIEWED) or [])
