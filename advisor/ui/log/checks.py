"""How answers are matched with reference answers, and which checks they must pass; tried on real answers first."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from advisor.judge.checks import NEVER_LOOSE, Preview, Share, check_problem, set_checks, set_match
from advisor.judge.endpoints import endpoint_of
from advisor.text.imports import SCORED_BY
from advisor.text.scores import check_words
from advisor.text.warnings import WAYS, match_words
from advisor.types import Check, CheckKind, Endpoint, Match, Matching, Study, UseCase
from advisor.ui import address, queries
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.log import use_case_queries as remembered
from advisor.ui.server import store

OVERVIEW, RIGHT, OWN, QUESTIONS = "Overview", "Reference answers", "Checks", "Judge's questions"
AUTOMATIC = "automatic"
NEW = -1
"""A check that is still to be added."""
KINDS = {
    CheckKind.CONTAINS: "contains these words",
    CheckKind.CONTAINS_ANY: "contains one of these",
    CheckKind.LACKS: "never contains these words",
    CheckKind.REGEX: "matches this pattern",
    CheckKind.MOST_WORDS: "has at most this many words",
    CheckKind.LEAST_WORDS: "has at least this many words",
    CheckKind.MOST_CHARACTERS: "has at most this many characters",
    CheckKind.JSON: "is valid JSON",
    CheckKind.EXPRESSION: "meets this condition",
}
_HINTS = {
    CheckKind.CONTAINS: "Case and extra spaces don't count.",
    CheckKind.CONTAINS_ANY: "Separate them by |, such as `refund | money back`. Case doesn't count.",
    CheckKind.LACKS: "Case and extra spaces don't count.",
    CheckKind.REGEX: "A regular expression to find in the answer, such as `^\\d{4}-\\d{2}-\\d{2}$`.",
    CheckKind.EXPRESSION: (
        "Such as `words <= 80 and contains(text, 'regards')` or `json['total'] > 0`. Available: `text`, `words`, "
        "`characters`, `json` (the decoded answer), `prompt` (the last message of the user), `tool_calls` (names), and "
        "`len(x)`, `lower(text)`, `contains(text, part)`, `matches(text, r'pattern')`, `number(text)`."
    ),
}


def parts_of(case: UseCase) -> dict[str, Any]:
    """The tabs of a use case; reference answers only where the log has some."""
    names = [OVERVIEW, *([RIGHT] if case.calls.with_target else ()), OWN, QUESTIONS]
    return dict(zip(names, address.tabs(names, known=[RIGHT]), strict=True))


def show_matching(study: Study, case: UseCase) -> None:
    """How answers are matched with reference answers, with the result on real answers."""
    endpoint = endpoint_of(case, queries.baseline_lane(study.id))
    if endpoint is not Endpoint.TARGET:
        st.caption(
            f"This use case is scored by {SCORED_BY[endpoint]}; choose “{SCORED_BY[Endpoint.TARGET]}” in the tab "
            f"{OVERVIEW} to use this."
        )
    suggested = remembered.suggested_match(study, case)
    if suggested is not None and suggested != case.match:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"The reference answers in the log suggest: **{match_words(suggested)}**.", width="content")
            if st.button("Use it", key=f"suggested_match_{case.id}", icon=":material/add:"):
                _save(lambda: set_match(store(), case, suggested))
    match = _ask_match(case)
    found = remembered.judged(study, case, (), match)
    _show_rows(found, own=False, key=f"matched_{case.id}")
    if st.button("Save", key=f"save_match_{case.id}", type="primary", icon=":material/save:"):
        _save(lambda: set_match(store(), case, match), changes=match != case.match)


def show_checks(study: Study, case: UseCase) -> None:
    """The team's checks, those that the log suggests, and one to add or change, tried on real answers."""
    if case.checks:
        found = remembered.judged(study, case, case.checks, case.match)
        _list_checks(case, found)
    else:
        st.caption("No checks yet. A check is a condition every answer must meet.")
    _suggest(study, case)
    slot, draft = _ask_check(case)
    others = tuple(check for at, check in enumerate(case.checks) if at != slot)
    problem = check_problem(draft)
    is_blank = draft.kind is not CheckKind.JSON and not draft.value.strip()
    if problem and not is_blank:
        st.error(inline(f"This check can't be used: {problem}."), icon=":material/error:")
    with st.container(horizontal=True):
        label, icon = ("Add", ":material/add:") if slot == NEW else ("Save", ":material/save:")
        if st.button(label, key=f"save_check_{case.id}", type="primary", icon=icon, disabled=problem is not None):
            changed = (*others[:slot], draft, *others[slot:]) if slot != NEW else (*others, draft)
            _save(lambda: set_checks(store(), case, changed), changes=changed != case.checks)
        if slot != NEW and st.button("Remove", key=f"remove_check_{case.id}", icon=":material/delete:"):
            _save(lambda: set_checks(store(), case, others))
    if problem is None:
        tried = remembered.judged(study, case, (draft,), case.match)
        _show_rows(tried, own=True, key=f"checked_{case.id}")


def _ask_match(case: UseCase) -> Match | None:
    current = case.match
    saved = f"{case.id}_{current and (current.how, current.tolerance, current.loose)}"
    options = [AUTOMATIC, *WAYS]
    how = st.selectbox(
        "How answers are matched with the reference answer",
        options,
        options.index(current.how if current and current.how else AUTOMATIC),
        lambda way: match_words(None if way == AUTOMATIC else Match(how=Matching(way))),
        key=f"match_{saved}",
        width=600,
    )
    percent = 0.0
    if how == Matching.NUMERIC:
        percent = st.number_input(
            "Tolerance (% of the reference number)",
            0.0,
            100.0,
            100 * current.tolerance if current else 0.0,
            0.5,
            key=f"tolerance_{saved}",
            width=600,
        )
    chosen = None if how == AUTOMATIC else Matching(how)
    loose = chosen not in NEVER_LOOSE and st.checkbox(
        "Ignore punctuation and date formats",
        current is not None and current.loose,
        key=f"loose_{saved}",
        help="“New-York” equals “new york”, and “May 3, 2025” equals “2025-05-03”, also in tool arguments.",
    )
    return None if chosen is None and not loose else Match(how=chosen, tolerance=round(percent / 100, 6), loose=loose)


def _list_checks(case: UseCase, found: Preview) -> None:
    table = pd.DataFrame(
        {
            "An answer": [check_words(check) for check in case.checks],
            "Passes": [f"{passing} of {len(found.rows)}" for passing in found.passing],
        }
    )
    show_table(
        table,
        key=f"checks_{case.id}",
        alt="The team's checks with their pass counts on real answers",
        notes={"Passes": "Of some recorded and replayed answers"},
    )


def _suggest(study: Study, case: UseCase) -> None:
    suggested = remembered.suggested_checks(study, case)
    if not suggested:
        return
    st.caption("At least 98% of the answers in the log pass these. Click to add:")
    with st.container(horizontal=True, key=f"suggestions_{case.id}"):
        for at, check in enumerate(suggested):
            if st.button(inline(check_words(check)), key=f"suggested_check_{case.id}_{at}", icon=":material/add:"):
                _save(lambda check=check: set_checks(store(), case, (*case.checks, check)))  # type: ignore[misc]


def _ask_check(case: UseCase) -> tuple[int, Check]:
    """Which check is changed (NEW: none) and what it would be."""
    slots = [NEW, *range(len(case.checks))]
    saved = f"{case.id}_{hash(case.checks)}"
    slot = st.selectbox(
        "Add or change a check",
        slots,
        format_func=lambda at: "a new check" if at == NEW else check_words(case.checks[at]),
        key=f"check_{saved}",
        width=600,
    )
    current = Check(kind=CheckKind.CONTAINS) if slot == NEW else case.checks[slot]
    kind = st.selectbox(
        "An answer",
        list(KINDS),
        list(KINDS).index(current.kind),
        lambda kind: KINDS[kind],
        key=f"check_kind_{saved}_{slot}",
        width=600,
    )
    if kind is CheckKind.JSON:
        return slot, Check(kind=kind)
    value = st.text_input(
        "Which",
        current.value,
        max_chars=500,
        key=f"check_value_{saved}_{slot}_{kind}",
        help=_HINTS.get(kind),
        width=600,
    )
    return slot, Check(kind=kind, value=value.strip() if kind is not CheckKind.REGEX else value)


def _show_rows(found: Preview, *, own: bool, key: str) -> None:
    """Real answers and how each would be judged, those that fail first; ``own``: by checks, not by right answers."""
    if not found.rows:
        st.caption("No answers to try this on yet.")
        return
    st.markdown(f"**On real answers**: {'; '.join(_share_words(share, own=own) for share in found.shares)}.")
    if not found.complete:
        st.warning("This took too long, so only some answers were tried.", icon=":material/timer:")
    rows = sorted(found.rows, key=lambda row: not row.fails(own=own))
    table = pd.DataFrame(
        {
            "Whose": [row.whose for row in rows],
            "Result": [(row.checked_words if own else row.compared_words) or None for row in rows],
            "Answer": [row.answer for row in rows],
            "Reference answer": [row.right for row in rows],
            "Prompt": [row.prompt for row in rows],
        }
    )
    if not any(row.right for row in rows):
        table = table.drop(columns="Reference answer")
    wide = st.column_config.TextColumn(width=300)
    st.dataframe(
        table,
        hide_index=True,
        key=key,
        alt="Real answers with their result",
        column_config={
            "Result": wide,
            "Answer": wide,
            "Reference answer": wide,
            "Prompt": wide,
        },
        height=280,
    )


def _share_words(share: Share, *, own: bool) -> str:
    """How many answers of one model are fine, as safe Markdown."""
    done, of, word = (share.passing, share.checked, "pass") if own else (share.right, share.compared, "are right")
    return f"{inline(share.whose)}: {f'{done} of {of} {word}' if of else 'not applicable'}"


@say_errors()
def _save(act: Callable[[], None], *, changes: bool = True) -> None:
    """Make a change and redraw; it can be undone next to the use case."""
    if not changes:
        st.info("No changes.", icon=":material/info:")
        return
    act()
    st.toast("Saved. You can undo it above.", icon=":material/check:")
    st.rerun()
