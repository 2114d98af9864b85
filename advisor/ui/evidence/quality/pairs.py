"""Pairs of answers: where the candidate did worse or better than the baseline, with what was wrong.

One pair at a time, so a key refers to the pair shown. Agreeing or disagreeing is kept as a review of a picked pair: it
labels the pair and never moves an estimate. What is looked at is in the address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from advisor.collect.readable import both_ends, reference_text, split_prompt
from advisor.decide.pairs import Pairs, Row
from advisor.errors import AdvisorError
from advisor.judge.agreement import PairKey
from advisor.judge.pairs import SideBySide, load_texts
from advisor.judge.reviews import save_word
from advisor.store.run.reviews import Review
from advisor.text.names import FAILURE_KINDS, GAIN_KINDS
from advisor.text.results import cost_and_time, pair_words, review_words
from advisor.types import Endpoint, Evidence, FailureKindName, Preference, Report, Run, Study
from advisor.ui import address, queries
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline, plain
from advisor.ui.components.word_marks import against, marked, unmarked
from advisor.ui.evidence.quality.matrix import Cell
from advisor.ui.evidence.quality.notes import ask_note, show_notes
from advisor.ui.evidence.quality.queries import (
    BETTER,
    EVEN,
    WORSE,
    Asked,
    details_of,
    kinds_of,
    pairs_of,
    rows_shown,
    searched,
    uneven,
)
from advisor.ui.evidence.review import queries as queries_review
from advisor.ui.evidence.review.review import is_looked_at, keep_in_sight, show_told, tell
from advisor.ui.evidence.review.reviewer import ask_reviewer
from advisor.ui.server import store
from advisor.ui.state import CLUSTER, DETAIL, FIND, LEAST, SAMPLE, SHOW

TALL = 480
"""Characters of a prompt that are in sight: its beginning and its end, where the question is."""
SHOWN = {WORSE: "Regressions", BETTER: "Improvements", EVEN: "Ties"}
STEPS = {"0": "Any", "0.25": "25 pts", "0.5": "50 pts"}
"""How much better one answer is at least."""
BARE: Mapping[str, Any] = {"label_visibility": "collapsed", "wrap": True}


@dataclass(frozen=True, kw_only=True)
class _Looked:
    """What the pairs are about."""

    run: Run
    baseline: str
    model_id: int
    asked: Asked
    pairs: Pairs
    address: Mapping[str, str]
    """Of the cell."""
    endpoint: Endpoint


@say_errors()
def show_pairs(study: Study, report: Report, cell: Cell) -> None:
    """The pairs of a cell, one by one."""
    run, candidate = queries.run(report.recommendation.run.id), cell.candidate.model
    asked = Asked(report, cell.decision.name, candidate, queries_review.words_of_others(run.id, reviewer=""))
    found = pairs_of(study.id, asked)
    if found is None:
        st.markdown("The use case changed just now. Reload the page to update the decision.")
        return
    if not (found.worse or found.better or found.even):
        st.markdown("No answers are compared yet.")
        return
    _browse(
        _Looked(
            run=run,
            baseline=report.recommendation.run.baseline,
            model_id=next(model.id for model in report.models if model.name == candidate),
            asked=asked,
            pairs=found,
            address=cell.address,
            endpoint=cell.decision.endpoint,
        )
    )


@st.fragment
@say_errors()
def _browse(looked: _Looked) -> None:
    queries.study(looked.run.study_id)  # refuses where it was deleted meanwhile
    study_id, pairs, words = looked.run.study_id, looked.pairs, address.words(FIND)
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        found = searched(study_id, looked.asked, words) or pairs
        lists = {
            WORSE: (pairs.worse, found.worse),
            BETTER: (pairs.better, found.better),
            EVEN: (pairs.even, found.even),
        }
        labels = {name: f"{SHOWN[name]} ({len(of):,})" for name, (every, of) in lists.items() if every}
        show = address.pick(SHOW, "Answers", labels, widget=st.segmented_control, required=True, **BARE)
        differing = uneven(pairs, show)
        least = "0"
        if show != EVEN and len({each.by for each in differing}) > 1:
            least = address.pick(
                LEAST, "Difference of at least", STEPS, widget=st.segmented_control, required=True, **BARE
            )
        address.ask(FIND, "Search prompts", icon=":material/search:")
    if looked.asked.evidence is Evidence.REVIEWS:
        st.caption("Only pairs that people compared: a judge's votes don't count here.")
    clusters: tuple[str, ...] = ()
    if show != EVEN:
        with st.container(horizontal=True, vertical_alignment="center", key="clusters"):
            clusters = _ask_clusters(study_id, looked.asked, words, show, float(least))
    rows = rows_shown(study_id, looked.asked, words, show, float(least), clusters)
    if not rows:
        st.markdown("No prompt in this list contains that." if words else "No pair differs by that much.")
        return
    _show_row(looked, rows, is_better=show == BETTER)


def _ask_clusters(study_id: int, asked: Asked, words: str, show: str, least: float) -> tuple[str, ...]:
    """The kind of pairs and what exactly was wrong, as far as they're chosen."""
    kinds = kinds_of(study_id, asked, words, show, least)
    what = "Why it's better" if show == BETTER else "What went wrong"
    kind = address.pick(CLUSTER, what, kinds, default="", widget=st.pills, **BARE)
    chosen: tuple[str, ...] = (kind,) if kind else ()
    if details := details_of(study_id, asked, words, show, least, chosen):
        st.caption("Details", width="content")
        detail = address.pick(DETAIL, "Details", details, default="", widget=st.pills, **BARE)
        chosen += (detail,) if detail else ()
    return chosen


def _show_row(looked: _Looked, rows: list[Row], *, is_better: bool) -> None:
    ids = [str(row.sample_id) for row in rows]
    place = ids.index(address.read(SAMPLE, ids, instead=f"sample {ids[0]}") or ids[0])
    row = rows[place]
    pair = (row.sample_id, looked.model_id)
    text = load_texts(store(), looked.run, [pair]).get(pair)
    if text is None:
        st.markdown("This sample was deleted.")
        return
    keys = st.container(horizontal=True, vertical_alignment="center", key="pair_keys")
    with keys:
        for label, key, to in (("Previous", "Left", place - 1), ("Next", "Right", place + 1)):
            there = {**looked.address, SAMPLE: ids[to % len(rows)]}  # around: a disabled button would lose the focus
            st.button(
                label,
                key=f"gallery_{label.lower()}",
                shortcut=key,
                disabled=len(rows) == 1,
                on_click=address.say,
                args=(there,),
            )
        _head(rows, place, looked.endpoint, is_better=is_better)
    _show(looked, row, text, keys)
    better = Preference.CANDIDATE if is_better else Preference.BASELINE
    counted = better if row.uneven else Preference.TIE
    with st.container(horizontal=True, vertical_alignment="bottom", key="pair_words"):
        reviewer = ask_reviewer(looked.run.study_id)
        review = queries_review.words_of(looked.run.id, reviewer).get(pair) if reviewer else None
        if row.uneven is not None:
            following = rows[min(place + 1, len(rows) - 1)].sample_id
            can_say = bool(reviewer) and not _is_blind(review)
            _ask(looked, pair, reviewer, following, counted, can_say=can_say)
        ask_note(pair, reviewer)
    if review is not None:
        st.markdown(review_words(review.preference, counted, picked=review.picked))
    show_told()
    show_notes(pair, reviewer)
    keep_in_sight(_sight(looked.run, pair))


def _head(rows: list[Row], place: int, endpoint: Endpoint, *, is_better: bool) -> None:
    row, samples = rows[place], sum(row.times for row in rows)
    repeated = f" · {samples:,} samples, repeats listed once" if samples > len(rows) else ""
    of = f"**{place + 1:,} of {len(rows):,}**{repeated}"
    by = None if row.uneven is None else row.uneven.by if is_better else -row.uneven.by
    kinds = GAIN_KINDS if is_better else FAILURE_KINDS
    kind = f"{kinds[row.uneven.kind]} · " if row.uneven else ""
    if row.uneven and row.uneven.kind is FailureKindName.JUDGED_WORSE:
        kind = ""  # how the pair went says so
    words = f"{of} · {kind}{pair_words(by, row.times, endpoint)} · sample {row.sample_id}"
    st.markdown(words, width="content")


def _show(looked: _Looked, row: Row, text: SideBySide, place: DeltaGenerator) -> None:
    """``place``: for the full prompt."""
    before, prompt = split_prompt(text.sample.request.messages)
    if before or len(prompt) > TALL:
        with place.popover("Full prompt", type="tertiary", key="gallery_before"):
            plain("\n\n".join(part for part in (before, prompt) if part), key="gallery_before_text")
    plain(both_ends(prompt, TALL) or "(empty)", key="gallery_prompt")
    reference = None if text.sample.reference is None else reference_text(text.sample.reference.value)
    if reference:
        left, right = against(reference, text.baseline), against(reference, text.candidate)
    else:
        left, right = marked(text.baseline, text.candidate)
    costs, latencies = (row.uneven.costs_usd, row.uneven.latencies_s) if row.uneven else ((None, None), (None, None))
    candidate = f"Candidate: {inline(looked.asked.model)}"
    sides = [
        (f"Baseline: {inline(looked.baseline)}", left, cost_and_time(costs[0], latencies[0])),
        (candidate, right, cost_and_time(costs[1], latencies[1])),
    ]
    if reference is not None:
        sides.insert(0, ("Reference answer", unmarked(reference or "(no tool call)"), ""))
    for column, (title, body, figures) in zip(st.columns(len(sides)), sides, strict=True):
        with column:
            st.markdown(f"**{title}**")
            st.html(body)
            if figures and row.uneven:
                why = f"  \nWhy: {inline(row.uneven.reason)}" if row.uneven.reason and title == candidate else ""
                st.caption(f"{inline(figures)}{why}")


def _ask(looked: _Looked, pair: PairKey, reviewer: str, following: int, counted: Preference, *, can_say: bool) -> None:
    for label, key, preference in (("Agree", "A", counted), ("Disagree", "D", Preference.TIE)):
        st.button(
            label,
            key=f"gallery_{label.lower()}",
            shortcut=key,
            disabled=not can_say,
            help=None if reviewer else "Enter your name first",
            on_click=_save,
            args=(looked, pair, preference, reviewer, following),
        )


def _is_blind(review: Review | None) -> bool:
    """Whether the pair was judged in the random subset, which a look at the pairs must not change."""
    return review is not None and not review.picked


def _sight(run: Run, pair: PairKey) -> tuple[object, ...]:
    """What is looked at."""
    return (run.id, "lost", pair)


def _save(looked: _Looked, pair: PairKey, preference: Preference, reviewer: str, following: int) -> None:
    if not is_looked_at(_sight(looked.run, pair)):
        return
    try:
        save_word(store(), looked.run, pair, preference, reviewer=reviewer, picked=True)
    except AdvisorError as error:
        tell(inline(str(error)))
        return
    address.say({**looked.address, SAMPLE: str(following)})
