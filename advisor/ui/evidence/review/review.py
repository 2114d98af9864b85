"""Blind review: two answers side by side, judged by keys or by mouse.

The judging is a fragment: after a key only it runs again, so that the next pair is there at once.
"""

import time
from dataclasses import replace
from datetime import datetime
from typing import cast

import streamlit as st

from advisor.collect.readable import both_ends
from advisor.errors import AdvisorError
from advisor.judge.agreement import PairKey
from advisor.judge.reviews import BlindPair, Queue, Reviewing, save_review, undo_review
from advisor.text.numbers import count
from advisor.types import Run, Study
from advisor.ui import address, queries, stage, state
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import opened
from advisor.ui.components.text import inline, plain
from advisor.ui.components.verdicts import ALL
from advisor.ui.components.word_marks import marked
from advisor.ui.evidence.review import queries as queries_review
from advisor.ui.evidence.review import reveal as review_reveal
from advisor.ui.evidence.review import standing
from advisor.ui.evidence.review.standing import Purpose
from advisor.ui.server import store
from advisor.ui.state import USE_CASE

CHOICES = (
    ("first", "First is better", "1"),
    ("second", "Second is better", "2"),
    ("tie", "Equally good", "3"),
)
OTHER_KEYS = (
    ("first", "First", "Left"),
    ("second", "Second", "Right"),
    ("tie", "Equally good", "Down"),
    ("tie", "Equally good", "0"),
)
"""A button takes one key only: these are the same choices for another hand. The theme hides them."""
KEYS = "Keys: **1** or **←** first · **2** or **→** second · **3** or **↓** tie · **S** skip · **D** diff · **U** undo"
WORDS = {"first": "You preferred the first answer", "second": "You preferred the second answer", "tie": "A tie"}
EVERY = "all"
"""What the address says for all use cases."""
ON_JUDGE = "All that rest on the judge"
QUEUES = {Queue.RANDOM: "Random", Queue.TELLING: "Most informative"}
QUICKEST_S = 0.5
"""A key that comes sooner after a pair is shown was held down, or pressed before it: nobody has looked at that pair."""
NOT_TAKEN = "Too quick to count. Read both answers, then press again."
ANSWER_HEIGHT = 240
"""Pixels from which a text scrolls: a pair and its buttons fit on one screen."""
LONG_PROMPT, LONG_ANSWER = 600, 500
"""Characters that may need more room than that; of a longer prompt both ends are shown."""


def choose_use_case(study: Study, names: list[str]) -> str | None:
    """One use case to judge, at first the one that needs reviews most; None for all that rest on the judge, or all."""
    ids, report = queries.case_ids(study.id), queries.report(study.id)
    by_id = {ids[name]: name for name in names if name in ids}
    needs = [(ids[name], need) for name, need in stage.review_needs(report).items() if ids.get(name) in by_id]
    first = needs[0][0] if needs and not needs[0][1].checks else EVERY
    every = ON_JUDGE if standing.on_judge(report, names) else ALL
    return by_id.get(address.pick(USE_CASE, "Use case", {EVERY: every, **by_id}, default=first, width=290))


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
        help="Random: an unbiased sample, used for agreement figures. Most informative: disputed pairs, used to find "
        "out why judges disagree.",
    )
    return Queue(chosen or Queue.RANDOM)


def judge_pairs(purpose: Purpose, reviewer: str, kind: Queue) -> None:
    """One pair after the other."""
    study, run = purpose.study, purpose.run
    of = Reviewing(reviewer=reviewer, use_cases=purpose.use_cases, model_id=purpose.model_id, queue=kind)
    listed = queries_review.queue(study.id, run.id, of)
    if not listed and kind is Queue.TELLING:
        st.info("No disputed pairs. Either no judge has voted yet, or every vote is clear.")
        return
    if not listed:
        st.info("No pairs to review: no sample has an answer from both models.")
        return
    _judge(purpose, reviewer, kind, listed)


@st.fragment
@say_errors()
def _judge(purpose: Purpose, reviewer: str, kind: Queue, listed: tuple[PairKey, ...]) -> None:
    purpose = replace(purpose)  # a fragment gets the one of the page's last run, which has read earlier reviews
    study, run = purpose.study, purpose.run
    if shown := review_reveal.revealed(run, purpose.use_case):
        review_reveal.show(study, run, shown)
        return
    pair = queries_review.next_pair(
        study.id, run, Reviewing(reviewer=reviewer, queue=kind), listed=listed, skipped=_skipped(run)
    )
    if pair is None:
        standing.show_end(purpose, listed)
    else:
        _show_pair(pair, *_progress(purpose, pair, reviewer))
        _ask(run, pair, reviewer)
    show_told()
    _show_last(purpose, reviewer, sight=_sight(run, pair))
    keep_in_sight(_sight(run, pair))  # once all is drawn: a key that came meanwhile is handled right after this


def _sight(run: Run, pair: BlindPair | None) -> tuple[object, ...]:
    """What is looked at."""
    return (run.id, pair.key if pair else None)


def _progress(purpose: Purpose, pair: BlindPair, reviewer: str) -> tuple[float, str]:
    """How far reviews are, 0 to 1, and in words."""
    out = pair.done + pair.left
    if pair.queue is Queue.TELLING:
        return pair.done / out, f"{pair.done:,} of {count(out, 'disputed pair')}"
    share = purpose.made / max(out if purpose.need is None else purpose.need.of, 1)
    return share, f"{purpose.words} · {purpose.made_by(reviewer):,} by you"


def _show_pair(pair: BlindPair, share: float, words: str) -> None:
    st.progress(min(share, 1.0), text=words)
    st.caption(
        f"{inline(pair.use_case)} · Which answer is better? Models stay hidden until you choose Finish and reveal."
    )
    if pair.before:
        _offer_text("Conversation so far", pair.before, key="pair_before")
    if len(pair.prompt) > LONG_PROMPT:
        _offer_text("Full prompt", pair.prompt, key="pair_whole")
    plain(both_ends(pair.prompt, LONG_PROMPT), key="pair_prompt")
    height = ANSWER_HEIGHT if max(len(pair.first), len(pair.second)) > LONG_ANSWER else None
    differences = marked(pair.first, pair.second) if state.recall(state.DIFFERENCES) else ("", "")
    answers = (("First", pair.first), ("Second", pair.second))
    for column, (title, text), difference in zip(st.columns(2), answers, differences, strict=True):
        with column:
            st.markdown(f"**{title} answer**")
            if difference:
                st.html(difference)
            else:
                plain(text, height=height, key=f"pair_{title.lower()}")


def _offer_text(title: str, text: str, *, key: str) -> None:
    if box := opened(title, icon="notes", key=key):
        with box:
            plain(text, height=ANSWER_HEIGHT, key=f"{key}_text")


def _ask(run: Run, pair: BlindPair, reviewer: str) -> None:
    with st.container(horizontal=True):
        for choice, label, shortcut in CHOICES:
            args = (run, pair, choice, reviewer)
            st.button(label, key=f"review_{choice}", shortcut=shortcut, on_click=_save, args=args)
        st.button(
            "Skip",
            key="review_skip",
            shortcut="S",
            help="Skipped pairs come back at the end.",
            on_click=_skip,
            args=(run, pair),
        )
        shown = bool(state.recall(state.DIFFERENCES))
        st.button(
            "Hide differences" if shown else "Show differences",
            key="review_differences",
            shortcut="D",
            on_click=state.remember,
            args=(state.DIFFERENCES, not shown),
        )
    st.caption(KEYS)
    with st.container(key="more_keys"):
        for choice, label, shortcut in OTHER_KEYS:
            key, args = f"review_{choice}_{shortcut.lower()}", (run, pair, choice, reviewer)
            st.button(label, key=key, type="tertiary", shortcut=shortcut, on_click=_save, args=args)


def _show_last(purpose: Purpose, reviewer: str, *, sight: tuple[object, ...]) -> None:
    """What was saved last, to take back; and the end, at which the models are named."""
    run = purpose.run
    said = review_reveal.history(run)
    if not said:
        return
    st.info(f"Saved. {WORDS[said[-1].choice]}.", icon=":material/check:")
    with st.container(horizontal=True):
        st.button(
            "Undo",
            key="review_undo",
            icon=":material/undo:",
            shortcut="U",
            help="Removes your last review and shows the pair again.",
            disabled=said[-1].saved.reviewer != reviewer,
            on_click=_undo,
            args=(run, sight),
        )
        st.button(
            "Finish and reveal",
            key="review_reveal",
            type="primary" if purpose.is_reached else "secondary",
            icon=":material/visibility:",
            help="Shows which model wrote which answer. You can't undo reviews after that.",
            on_click=_reveal,
            args=(run, purpose.use_case),
        )


def _reveal(run: Run, use_case: str | None) -> None:
    """Finish; the address keeps the use case, as after these reviews another one may come first."""
    address.say({USE_CASE: queries.case_ids(run.study_id)[use_case] if use_case else EVERY})
    review_reveal.reveal(run, use_case)


def tell(what: str) -> None:
    """Say something when the fragment is drawn next: its callbacks may draw nothing themselves."""
    state.remember(state.TOLD, what)


def show_told() -> None:
    """What a callback had to say, once: beside the keys, where a reviewer looks."""
    if told := state.take(state.TOLD):
        st.warning(str(told), icon=":material/keyboard:")


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
    review_reveal.add(run, pair, choice, saved)


def _undo(run: Run, sight: tuple[object, ...]) -> None:
    """The newest choice of this visitor in this study."""
    if not is_looked_at(sight):
        return
    last = review_reveal.history(run)[-1]
    try:
        undo_review(store(), queries.run(last.run_id), last.saved)
    except AdvisorError as error:
        tell(inline(str(error)))
        return
    review_reveal.drop(last)


def _skip(run: Run, pair: BlindPair) -> None:
    if is_looked_at(_sight(run, pair)):
        state.remember(state.SKIPPED, [*_all_skipped(), (run.id, run.state.created_at, pair.key)])


def _skipped(run: Run) -> list[PairKey]:
    return [pair for *of, pair in _all_skipped() if of == [run.id, run.state.created_at]]


def _all_skipped() -> list[tuple[int, datetime, PairKey]]:
    """With the run's id and the time it was made: SQLite gives the id of a deleted run to the next one."""
    return cast(list[tuple[int, datetime, PairKey]], state.recall(state.SKIPPED) or [])
