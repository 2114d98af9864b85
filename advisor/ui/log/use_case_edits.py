"""Correcting the grouping: rename, judge differently, ignore, merge, split, and undo."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from advisor.collect import use_cases
from advisor.collect.use_cases import MOST_PARTS, SplitPart
from advisor.errors import AdvisorError
from advisor.judge.endpoints import endpoint_of, margin
from advisor.store.log.edits import Edit, undo_edit
from advisor.text import numbers
from advisor.text.imports import SCORED_BY
from advisor.types import Endpoint, Kind, Study, UseCase
from advisor.ui import address, queries
from advisor.ui.components.errors import say_errors
from advisor.ui.components.fields import ask_limit
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.log import use_case_queries as remembered
from advisor.ui.log.use_cases import label_of, scrolled
from advisor.ui.server import store
from advisor.ui.state import USE_CASE

SCORING_NOTES = (
    "**Reference answers**: the strongest evidence. **Agreement with the live baseline**: for labels, fields and "
    "tool calls. **Judge or reviews**: a judge or people compare both answers blind."
)
AUTOMATIC = "automatic"
CHANGE, MERGE, SPLIT = "Change", "Merge", "Split"
BY_LOG, BY_WORDS = "the log itself", "their words"
BY_NOTES = "**The log itself**: labels, system prompts or tools. **Their words**: clusters by topic."
TOPIC_NOTE = "Makes each topic a use case that is decided by itself. You can undo this."
_EXCERPT = 100
"""Characters of an example."""
_HEIGHT = 420
"""Pixels for the parts of a split: what to do with them stays in sight."""


def offer_undo(study: Study) -> None:
    """The last change, and taking it back."""
    edit = use_cases.last_edit(store(), study)
    if edit is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="last_change"):
        st.markdown(f"**Last change**, {numbers.ago(edit.at)}: {inline(edit.what)}", width="stretch")
        # A callback: it undoes the edit shown on the button, not a newer one by someone else.
        st.button(
            "Undo",
            key="undo",
            icon=":material/undo:",
            help=f"Undo: {inline(edit.what)}",
            on_click=_undo,
            args=(study, edit),
        )


def offer_topics(study: Study, cases: list[UseCase]) -> None:
    """What the largest use case is about where it holds assorted questions, and a use case for each topic."""
    case = max((case for case in cases if not case.ignored), key=lambda case: case.calls.total, default=None)
    parts = remembered.topics(study, case) if case else []
    if not case or not parts:
        return
    with st.container(border=True, key="topics"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Topics within **{inline(case.name)}**", width="stretch")
            is_wanted = st.button(
                "Split by topic", key="split_topics", type="primary", icon=":material/call_split:", help=TOPIC_NOTE
            )
        total = sum(part.calls for part in parts)
        show_table(
            [
                {
                    "Topic": part.name,
                    "Share of calls": round(part.calls / total, 2),
                    "Calls": part.calls,
                    "Example": " ".join(part.examples[0].split())[:_EXCERPT] if part.examples else "",
                }
                for part in parts
            ],
            key="topics_table",
            alt="Topics within the use case, with their share of its calls and an example",
            shares={"Share of calls"},
        )
    if is_wanted:
        with st.spinner("Splitting …"):
            _do(study, lambda: use_cases.split_by_topics(store(), study, case), show=case.id)


def mend(study: Study, case: UseCase, cases: list[UseCase]) -> None:
    """Change, merge or split one use case."""
    wanted = st.segmented_control(
        "What to do", [CHANGE, MERGE, SPLIT], default=CHANGE, required=True, key="mend", label_visibility="collapsed"
    )
    if wanted == MERGE:
        _merge(study, case, cases)
    elif wanted == SPLIT:
        _split(study, case)
    else:
        _change(study, case)


@say_errors(st.toast)
def _undo(study: Study, edit: Edit) -> None:
    undo_edit(store(), study.id, edit.id)
    st.toast(f"Undone: {inline(edit.what)}", icon=":material/undo:")


def _change(study: Study, case: UseCase) -> None:
    lane = queries.baseline_lane(study.id)
    automatic = replace(case, endpoint=None, margin=None)
    options = [AUTOMATIC, *SCORED_BY]
    limit = None if case.margin is None else round(100 * case.margin, 4)
    usual = "default" if study.margin is None else "your default"

    def key(field: str) -> str:  # a new box where the value was changed elsewhere or taken back
        return f"{field}_{case.id}_{getattr(case, field)}"

    with st.form(f"change_{case.id}"):
        name = st.text_input("Name", case.name, max_chars=use_cases.LONGEST_NAME, key=key("name"))
        kind = st.selectbox(
            "Kind", list(Kind), list(Kind).index(case.kind), lambda kind: kind.replace("_", " "), key=key("kind")
        )
        endpoint = st.selectbox(
            "Scored by",
            options,
            options.index(case.endpoint or AUTOMATIC),
            lambda way: (
                f"automatic: {SCORED_BY[endpoint_of(automatic, lane)]}"
                if way == AUTOMATIC
                else SCORED_BY[Endpoint(way)]
            ),
            key=key("endpoint"),
            help=SCORING_NOTES,
        )
        points = ask_limit(
            st,
            "Acceptable drop, pts",
            limit,
            key=key("margin"),
            min_value=min(0.1, limit or 0.1),
            max_value=99.0,
            step=0.5,
            placeholder=f"{100 * margin(study, automatic, lane):g} ({usual})",
            help="Leave empty for the default.",
        )
        ignored = st.checkbox("Ignore this use case", case.ignored, key=key("ignored"))
        if st.form_submit_button("Save", key=f"save_{case.id}", type="primary", icon=":material/save:"):
            values = {
                "name": name,
                "kind": kind,
                "endpoint": None if endpoint == AUTOMATIC else Endpoint(endpoint),
                "margin": case.margin if points == limit else points and round(points / 100, 6),
                "ignored": ignored,
            }
            _do(study, lambda: use_cases.change(store(), case, **values), show=case.id)


def _merge(study: Study, case: UseCase, cases: list[UseCase]) -> None:
    others = {other.id: other for other in cases if other.id != case.id}
    if not others:
        st.caption("No other use case to merge into.")
        return
    with st.form(f"merge_{case.id}"):
        into = st.selectbox(
            "Merge into", list(others), format_func=lambda other: label_of(others[other]), key=f"into_{case.id}"
        )
        st.caption(
            f"All {numbers.count(case.calls.total, 'call')} and future ones move there and are judged "
            "the same way. You can undo this."
        )
        merged = st.form_submit_button("Merge", key=f"merge_now_{case.id}", type="primary", icon=":material/merge:")
        if merged and into is not None:
            _do(study, lambda: use_cases.merge(store(), case, others[into]), show=into)


def _split(study: Study, case: UseCase) -> None:
    parts = remembered.parts(study, case)
    by = BY_WORDS
    if len(parts) > 1:
        by = st.radio("Split by", [BY_LOG, BY_WORDS], key=f"split_by_{case.id}", horizontal=True, help=BY_NOTES)
    else:
        st.caption("No labels, system prompts or tools to split by, so this splits by topic.")
    if by == BY_LOG:
        _split_by_log(study, case, parts)
    else:
        _split_by_words(study, case)


def _split_by_log(study: Study, case: UseCase, parts: list[SplitPart]) -> None:
    with st.form(f"split_{case.id}"):
        st.markdown("Choose what to move to a new use case. The rest stays.")
        with st.container(height=_HEIGHT if len(parts) > 2 else "content", border=False):
            chosen = [part for part in parts if _choose(case, part)]
        name = st.text_input(
            "New use case",
            max_chars=use_cases.LONGEST_NAME,
            placeholder="like the first part chosen",
            key=f"split_name_{case.id}",
        )
        if st.form_submit_button("Split", key=f"split_now_{case.id}", type="primary", icon=":material/call_split:"):
            new = name if name.strip() or not chosen else chosen[0].name
            _do(study, lambda: use_cases.split_by_groups(store(), study, case, chosen, new), show=case.id)


def _choose(case: UseCase, part: SplitPart) -> bool:
    key = f"{case.id}_{part.group_ids[0]}"
    title = f"**{inline(part.name)}** · {numbers.count(part.calls, 'call')}"
    chosen = st.checkbox(title, key=f"part_{key}")
    _excerpts(part, key=f"part_examples_{key}")
    return chosen


def _split_by_words(study: Study, case: UseCase) -> None:
    count = st.number_input("Number of parts", 2, MOST_PARTS, 2, key=f"split_count_{case.id}", width=200)
    try:
        parts = remembered.preview(study, case, count)
    except AdvisorError as error:
        st.info(inline(str(error)), icon=":material/info:")
        return
    if len(parts) < count:
        st.caption(f"Only {len(parts)} distinct parts found.")
    with st.container(height=_HEIGHT if len(parts) > 2 else "content", border=False):
        for index, part in enumerate(parts):
            with st.container(border=True, key=f"preview_{case.id}_{index}"):
                title = (
                    f"new: **{inline(part.name)}**" if index else f"**{inline(case.name)}** keeps *{inline(part.name)}*"
                )
                st.markdown(f"{title} · about {numbers.count(part.calls, 'call')}")
                _excerpts(part, key=f"preview_examples_{case.id}_{index}")
    if st.button(
        f"Split into {len(parts)}", key=f"split_words_{case.id}", type="primary", icon=":material/call_split:"
    ):
        with st.spinner("Splitting …"):
            _do(study, lambda: use_cases.split_by_words(store(), study, case, count), show=case.id)


def _excerpts(part: SplitPart, *, key: str) -> None:
    """The beginnings of a part's examples, one below the other."""
    lines = dict.fromkeys(" ".join(text.split()) for text in part.examples)
    shown = [line if len(line) <= _EXCERPT else f"{line[:_EXCERPT]} …" for line in lines if line]
    if shown:
        scrolled("\n".join(f"• {line}" for line in shown), height=210, key=key)


@say_errors()
def _do(study: Study, act: Callable[[], object], *, show: int) -> None:
    """Make a change, confirm it and rerun the page with the use case ``show`` selected."""
    before = use_cases.last_edit(store(), study)
    act()
    edit = use_cases.last_edit(store(), study)
    if edit is None or edit == before:
        st.info("No changes to save.", icon=":material/info:")
        return
    st.toast(inline(edit.what), icon=":material/check:")
    address.say({USE_CASE: str(show)})
    st.rerun()
