"""The failure gallery: a candidate's worst answers next to the baseline's, by kind of failure.

One answer at a time, so a key refers to the answer shown. Agreeing or disagreeing is kept as a review of a picked
pair: it labels the failure and never moves an estimate.
"""

import html
from dataclasses import dataclass

import streamlit as st

from advisor.collect.readable import split_prompt
from advisor.decide.failures import Regression, tally_kinds, top_details
from advisor.decide.word_diff import Side, word_diff
from advisor.errors import AdvisorError
from advisor.judge.pairs import SideBySide, load_texts
from advisor.judge.reviews import save_word
from advisor.store.run.reviews import Review
from advisor.text import numbers
from advisor.text.scores import FAILURE_KINDS
from advisor.types import Assessment, Preference, Report, Run, Study, UseCaseDecision
from advisor.ui import queries
from advisor.ui.cache import cached
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import opened
from advisor.ui.components.text import inline, plain
from advisor.ui.evidence.review import queries as queries_review
from advisor.ui.evidence.review.review import ask_reviewer, is_looked_at, keep_in_sight, show_told, tell
from advisor.ui.server import store

TALL = 700
"""Characters from which a text scrolls in its own box."""
LONGEST = 20_000
"""Characters of an answer that are shown."""
LEAST_COMMON = 0.6
"""Texts that share less get no marks: with only single words in common they would be unreadable."""
WORDS = {
    Preference.BASELINE: "You agree: the candidate's answer is worse.",
    Preference.CANDIDATE: "You said the candidate's answer is better.",
    Preference.TIE: "You disagree: it's equally good.",
}
_BOX = "white-space:pre-wrap;overflow-wrap:anywhere;max-height:26rem;overflow-y:auto"
_MARK = "background-color:color-mix(in srgb,currentColor 14%,transparent)"
"""Of the text's own colour, so that it stands out in both themes; the line through or under it does so too."""


@dataclass(frozen=True, kw_only=True)
class _Looked:
    """What the gallery is about."""

    study: Study
    run: Run
    baseline: str
    candidate: str
    found: tuple[Regression, ...]
    key: str
    """Of the widgets: another use case or candidate starts on page one."""


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Which of the answers is looked at."""

    book: str
    """Key of the number in the session's state."""
    number: int
    """From 1."""
    most: int
    turns: int
    """How often it was turned by key."""


@say_errors()
def show_regressions(study: Study, report: Report, decision: UseCaseDecision, candidate: Assessment) -> None:
    """The answers that were worse than the baseline's, side by side, loaded when they are asked for."""
    box = opened("Worst regressions", icon="compare", key="regressions")
    if box is None:
        return
    with box:
        name = candidate.model
        found = regressions(study.id, report, decision.name, candidate.model)
        if found is None:
            st.markdown("The use case changed after this decision. Decide again to see its answers.")
            return
        if not found:
            st.markdown(f"{inline(name)} has no worse answers here.")
            return
        _browse(
            _Looked(
                study=study,
                run=queries.run(report.recommendation.run.id),
                baseline=report.recommendation.run.baseline,
                candidate=name,
                found=found,
                key=f"{decision.name}_{candidate.model}",
            )
        )


@st.fragment
@say_errors()
def _browse(looked: _Looked) -> None:
    queries.study(looked.run.study_id)  # refuses where it was deleted meanwhile
    counts = tally_kinds(looked.found)
    st.markdown(f"{numbers.count(len(looked.found), 'answer')} worse than the baseline's, the worst first.")
    kind = st.pills(
        "Kind of failure",
        list(counts),
        format_func=lambda kind: f"{FAILURE_KINDS[kind]} ({counts[kind]:,})",
        key=f"regressions_kind_{looked.key}",
        help="Click to filter; click again to show all.",
    )
    chosen = [regression for regression in looked.found if kind in (None, regression.kind)]
    details = top_details(chosen)
    if details:
        st.caption(f"Most often: {inline('; '.join(f'{detail} ({number})' for detail, number in details))}.")
    reviewer = ask_reviewer()
    place = _turn(f"regressions_page_{looked.key}_{kind}", len(chosen))
    regression = chosen[place.number - 1]
    said = queries_review.words_of(looked.run.id, reviewer) if reviewer else {}
    review = said.get(regression.key)
    texts = load_texts(store(), looked.run, [regression.key])
    with st.container(border=True, key="regression"):
        st.caption(f"Answer {place.number} of {len(chosen)} · {FAILURE_KINDS[regression.kind]}")
        if regression.key in texts:  # not where the sample was deleted meanwhile
            _show(looked, regression, texts[regression.key])
        if review is not None:
            st.markdown(WORDS[review.preference] + ("" if review.picked else " You reviewed it blind."))
        _ask(looked.run, regression, reviewer, place, can_say=bool(reviewer) and not _is_blind(review))
        show_told()
    labelled = sum(each.key in said for each in chosen)
    st.caption(
        f"{labelled:,} of {len(chosen):,} reviewed by you." if reviewer else "Enter your name to agree or disagree."
    )
    keep_in_sight(_sight(looked.run, regression))


def _turn(book: str, most: int) -> _Place:
    """Which answer is looked at, from 1, chosen by number or by key."""
    turned_to, turns = st.session_state.get(book, (1, 0))
    page = st.pagination(most, default=turned_to, key=f"{book}_{turns}") if most > 1 else 1
    return _Place(book=book, number=min(page, most), most=most, turns=turns)


def _show(looked: _Looked, regression: Regression, text: SideBySide) -> None:
    before, prompt = split_prompt(text.sample.request.messages)
    if before and st.toggle("Conversation so far", key="regression_before"):
        _text(before, "regression_before_text")
    _text(prompt, "regression_prompt")
    left, right = marked(text.baseline, text.candidate)
    ours = (regression.baseline_cost_usd, regression.baseline_latency_s)
    theirs = (regression.candidate_cost_usd, regression.candidate_latency_s)
    sides = (("Baseline", looked.baseline, left, ours), ("Candidate", looked.candidate, right, theirs))
    for column, (role, name, body, figures) in zip(st.columns(2), sides, strict=True):
        with column:
            st.caption(f"{role}: {inline(name)} · {inline(cost_and_time(*figures))}")
            st.html(body)
    if regression.reason:
        st.caption(f"Why it's worse: {inline(regression.reason)}")


def _ask(run: Run, regression: Regression, reviewer: str, place: _Place, *, can_say: bool) -> None:
    with st.container(horizontal=True):
        for label, key, preference in (
            ("Agree, it is worse", "A", Preference.BASELINE),
            ("Disagree", "D", Preference.TIE),
        ):
            st.button(
                label,
                key=f"regression_{label.partition(',')[0].lower()}",
                type="primary",
                shortcut=key,
                disabled=not can_say,
                on_click=_save,
                args=(run, regression, preference, reviewer, place),
            )
        for label, key, step in (("Previous", "P", -1), ("Next", "N", 1)):
            st.button(
                label,
                key=f"regression_{label.lower()}",
                shortcut=key,
                disabled=not 1 <= place.number + step <= place.most,
                on_click=_turn_to,
                args=(place, place.number + step),
            )


def marked(left: str, right: str) -> tuple[str, str]:
    """Two texts as HTML in which nothing of them is markup.

    What only the left one has is struck through, what only the right one has is underlined, unless they have little in
    common. Of long texts the end is not compared, and of very long ones it is not shown; both is said.
    """
    found = word_diff(left[:LONGEST], right[:LONGEST])
    lengths = [len(segment.text) * (1 + (segment.side is Side.SAME)) for segment in found.segments]
    common = [len(segment.text) * 2 for segment in found.segments if segment.side is Side.SAME]
    is_alike = sum(common) >= LEAST_COMMON * sum(lengths)
    columns = []
    for side, tag, rest, text in (
        (Side.LEFT, "del", found.left_rest, left),
        (Side.RIGHT, "ins", found.right_rest, right),
    ):
        parts = [
            html.escape(segment.text)
            if segment.side is Side.SAME or not is_alike
            else f'<{tag} style="{_MARK}">{html.escape(segment.text)}</{tag}>'
            for segment in found.seen_on(side)
        ]
        notes = "<br><em>Not compared from here:</em><br>" + html.escape(rest) if rest else ""
        more = f"<br><em>{len(text) - LONGEST:,} more characters</em>" if len(text) > LONGEST else ""
        body = "".join(parts) + notes + more if text else "<em>(no answer)</em>"
        columns.append(f'<div style="{_BOX}" tabindex="0">{body}</div>')
    return columns[0], columns[1]


def cost_and_time(cost_usd: float | None, latency_s: float | None) -> str:
    """Cost and latency of one answer."""
    cost = "cost unknown" if cost_usd is None else f"{numbers.dollars(cost_usd * 1000)} per 1,000"
    return f"{cost}, {'latency not measured' if latency_s is None else numbers.seconds(latency_s)}"


def _is_blind(review: Review | None) -> bool:
    """Whether the pair was judged in the random subset, which a look at the gallery must not change."""
    return review is not None and not review.picked


def _sight(run: Run, regression: Regression) -> tuple[object, ...]:
    """What is looked at."""
    return (run.id, "lost", regression.key)


def _save(run: Run, regression: Regression, preference: Preference, reviewer: str, place: _Place) -> None:
    if not is_looked_at(_sight(run, regression)):
        return
    try:
        save_word(store(), run, regression.key, preference, reviewer=reviewer, picked=True)
    except AdvisorError as error:
        tell(inline(str(error)))
        return
    _turn_to(place, min(place.number + 1, place.most))


def _turn_to(place: _Place, number: int) -> None:
    """Restart the pagination from this number: a widget with a value of its own can't be set."""
    st.session_state[place.book] = (number, place.turns + 1)


def _text(text: str, key: str) -> None:
    plain(text or "(no answer)", height=260 if len(text) > TALL else None, key=key)


@cached(shared=True, most=16, spinner="Looking for the answers that were worse ...")  # nobody changes them
def regressions(study_id: int, report: Report, use_case: str, model: str) -> tuple[Regression, ...] | None:
    """Where the candidate did worse than the baseline, the worst first; None: the decision is older than the use case.

    Raises AdvisorError.
    """
    from advisor.decide.losses import list_regressions

    run = queries.run(report.recommendation.run.id)
    return list_regressions(store(), queries.study(study_id), run, use_case, model)
