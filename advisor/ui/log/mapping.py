"""Column mapping: guessed, edited with the values in view, saved as a preset."""

import hashlib
from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from advisor.collect.mapping import (
    BOT,
    CONVERSATION,
    exactly,
    guess_paths,
    is_absent,
    make_preset,
    paths_of,
    preset_for,
    problems_of,
    values_of,
)
from advisor.collect.previews import Look
from advisor.store.log.presets import Preset, delete_preset, find_presets, list_presets
from advisor.text import numbers
from advisor.types import Json
from advisor.ui.components.confirm import confirm_delete, delete_button
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.server import store

NONE = "(none)"
GUESS = "No preset (auto-detected)"
AS_GUESSED = "(auto-detected)"
ROLES = {
    "prompt": "Prompt",
    "messages": "Conversation (list of messages)",
    "answer": "Answer",
    "target": "Reference answer",
    "any_of": "Reference answers (any of)",
    "use_case": "Use case",
    "system": "System prompt",
    "model": "Model",
    "time": "Time",
    "input_tokens": "Input tokens",
    "output_tokens": "Output tokens",
    "cache_read_tokens": "Cache read tokens",
    "cache_write_tokens": "Cache write tokens",
    "reasoning_tokens": "Reasoning tokens",
    "latency": "Latency",
    "ttft": "Time to first token",
    "cost": "Cost",
    "id": "Call ID",
    "session": "Session",
    "speaker": "Speaker (one row per turn)",
    "params": "Parameters",
}
"""Role of a column -> its label, the important ones first."""
FIRST_ROLES = ("prompt", "answer", "target", "use_case")
OF_CHATS = ("messages", "answer", "target", "use_case")
"""The important ones where one row is a conversation."""
OF_TURNS = ("prompt", "speaker", "session", "time")
"""The same where one row is one turn."""
_SHOWN_ROWS = 3
_NARROWEST, _LETTER = 120, 9
"""Pixels of a column, and of a letter of its head: none is cut off."""
_VALUES = 5


def choose_columns(look: Look, place: DeltaGenerator, *, is_alone: bool) -> dict[str, str] | None:
    """Show what the columns mean and let it be changed; returns the columns to import with, None if the guess stands.

    A file that doesn't look like a log is told in ``place``.

    A file of no known format is never left to the guess. Of one that ``is_alone`` more is guessed, by its values: what
    is chosen here would hold for other files of the same import too.
    """
    key = _key(look.headers)
    preset = _choose_preset(look, key)
    if look.problem and preset is None:
        _say_unknown(look, place)
    start = {role: column for role, column in look.columns.items() if not is_absent(column)}
    if is_alone:
        more = guess_paths(look.records).items()
        start |= {role: path for role, path in more if role not in start and path not in start.values()}
    if preset is not None:
        taken = set(preset.columns.values())
        start = {role: column for role, column in start.items() if column not in taken} | preset.columns
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Check the mapping. Reference answers, if you have them, give the strongest evidence.")
        to_save = st.container(width="content")
    fields = f"{key}_{preset.name if preset else ''}"
    chosen = _choices(look, start, fields)
    bot = _choose_bot(look, chosen.get("speaker"), key)
    _show_problems(look.records, chosen)
    with st.expander("Preview rows and values", expanded=look.format is None):
        _show_rows(look, chosen)
        _show_values(look, chosen, key)
    columns = exactly(chosen, look.headers)
    if preset is None or preset.columns != columns:
        with to_save:
            _save(look, columns, key, fields)
    is_guessed = chosen == look.columns and preset is None and look.format is not None
    return None if is_guessed and not bot else columns | bot


def wrong_key(look: Look) -> str:
    """Of the checkbox by which a person maps the columns of a recognized file."""
    return f"import_as_table_{look.label}"


def use(look: Look, column: str, role: str) -> None:
    """Give a column a meaning, as if it had been chosen below; for a callback."""
    st.session_state[wrong_key(look)] = True
    key = _key(look.headers)
    preset = st.session_state.get(f"preset_{key}")
    name = preset if isinstance(preset, str) and preset != GUESS else ""
    st.session_state[f"column_{key}_{name}_{role}"] = column


def preset_of(columns: dict[str, str]) -> str | None:
    """The name of a preset with just these columns."""
    return next((preset.name for preset in list_presets(store()) if preset.columns == columns), None)


def has_prompt(columns: dict[str, str]) -> bool:
    """Whether a choice of columns says where the prompt is."""
    return bool({"prompt", "messages"} & {role for role, column in columns.items() if not is_absent(column)})


def _choose_preset(look: Look, key: str) -> Preset | None:
    offered = {preset.name: preset for preset in find_presets(store(), look.headers)}
    if not offered:
        return None
    fitting = preset_for(store(), look.headers)
    options = [GUESS, *offered]
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        chosen = st.selectbox(
            "Preset", options, index=options.index(fitting.name) if fitting else 0, key=f"preset_{key}", width=400
        )
        if chosen == GUESS:
            return None
        preset = offered[chosen]
        is_doomed = delete_button(row, f"preset:{preset.name}", key="delete_preset", label="Delete preset")
    if fitting is not None and preset.name == fitting.name:
        st.caption("Chosen because it was saved for a file with these columns.")
    if is_doomed:
        confirm_delete(
            f"Delete the preset {inline(preset.name)}? Logs imported with it stay.",
            "Delete preset",
            lambda: delete_preset(store(), preset.name),
            key="preset",
        )
    return preset


def _choices(look: Look, start: dict[str, str], key: str) -> dict[str, str]:
    options = [NONE, *dict.fromkeys([*_options(look), *(c for c in start.values() if not is_absent(c))])]

    def choose(role: str) -> None:
        index = options.index(start[role]) if start.get(role) in options else 0
        st.selectbox(ROLES[role], options, index=index, format_func=_named, key=f"column_{key}_{role}")

    first = OF_TURNS if "speaker" in start else OF_CHATS if "messages" in start else FIRST_ROLES
    for place, role in zip(st.columns(len(first)), first, strict=True):
        with place:
            choose(role)
    with st.expander("More columns: model, time, tokens, latency, cost"):
        more = [role for role in ROLES if role not in first]
        for index, place in enumerate(st.columns(4)):
            with place:
                for role in more[index::4]:
                    choose(role)
    return _chosen(key)


def _named(column: str) -> str:
    return "each list" if column == CONVERSATION else column


def _choose_bot(look: Look, speaker: str | None, key: str) -> dict[str, str]:
    """Whose answers are the model's, where a column says who speaks; others are users, or staff beside users."""
    if speaker is None:
        return {}
    names = dict.fromkeys(value.logged for value in values_of(look.records, speaker, {}))
    bot = st.selectbox("Bot", [AS_GUESSED, *names], key=f"bot_{key}_{speaker}", width=400)
    return {} if bot == AS_GUESSED else {BOT: bot}


def _chosen(key: str) -> dict[str, str]:
    """What the fields say."""
    named = {role: st.session_state[f"column_{key}_{role}"] for role in ROLES}
    return {role: column for role, column in named.items() if column and column != NONE}


def _options(look: Look) -> list[str]:
    """Columns with values of their own, then the objects around them."""
    paths = paths_of(look.records)
    around = {path.rpartition(".")[0] for path in paths}
    return sorted(paths, key=lambda path: path in around)


def _show_problems(records: Sequence[dict[str, Json]], chosen: dict[str, str]) -> None:
    show = st.warning if has_prompt(chosen) else st.error
    for problem in problems_of(records, chosen):
        show(inline(problem), icon=":material/warning:")


def _show_rows(look: Look, chosen: dict[str, str]) -> None:
    """Three real rows, the columns that mean something first."""
    meaning = {column: f"{column} → {ROLES[role]}" for role, column in chosen.items()}
    names = [name for name in dict.fromkeys([*meaning, *look.headers]) if name != CONVERSATION]
    rows = look.records[:_SHOWN_ROWS]
    values = {name: [value.logged for value in values_of(rows, name, {})] for name in names}
    st.caption("First three rows of the file")
    st.dataframe(pd.DataFrame(values), hide_index=True, alt="The first three rows of the file", column_config={
            column: st.column_config.Column(label, width=max(_NARROWEST, _LETTER * len(label)))
            for column, label in meaning.items()
        })  # fmt: skip


def _show_values(look: Look, chosen: dict[str, str], key: str) -> None:
    """The first values of one column, as logged and as they would be read."""
    meaning = {column: f"{column} → {ROLES[role]}" for role, column in chosen.items()}
    names = [*meaning, *(name for name in _options(look) if name not in meaning)]
    column = st.selectbox(
        "Column", names, format_func=lambda name: meaning.get(name, name), key=f"look_at_{key}", width=400
    )
    if column is None:
        return
    values = values_of(look.records[:_VALUES], column, chosen)
    table = pd.DataFrame({"As logged": [value.logged for value in values]})
    if column in meaning:
        table["As imported"] = [value.read or "(nothing)" for value in values]
    show_table(table, key="import_values", alt="The first values of the column")


def _say_unknown(look: Look, place: DeltaGenerator) -> None:
    """Say that the format is unknown, and how many rows are unreadable."""
    with place.container():
        if rejected := look.rows.rejected:
            why, _ = rejected.most_common(1)[0][0]
            st.error(
                f"{rejected.total():,} of the first {numbers.count(rejected.total() + len(look.records), 'row')} of "
                f"**{inline(look.label)}** can't be read with any mapping. "
                f"Most common reason: {inline(why)}.",
                icon=":material/broken_image:",
            )
        best = f" Best guess: {inline(look.guess.replace('`', ''))}." if look.guess else ""
        st.warning(
            f"**{inline(look.label)}** doesn't look like a prompt log: no column clearly holds prompts.{best} "
            "Check the columns below.",
            icon=":material/help:",
        )


def _save(look: Look, columns: dict[str, str], key: str, fields: str) -> None:
    with st.popover("Save as preset", icon=":material/bookmark_add:", disabled=not has_prompt(columns)):
        st.caption("Applies to the next file with the same columns, and as `--preset NAME`.")
        st.text_input("Preset name", key=f"preset_name_{key}", placeholder="For example: Our gateway")
        st.button("Save", key="save_preset", type="primary", on_click=_keep, args=(look.headers, key, fields))


@say_errors(st.toast)
def _keep(headers: tuple[str, ...], key: str, fields: str) -> None:
    columns = exactly(_chosen(fields), headers)
    preset = make_preset(store(), st.session_state[f"preset_name_{key}"] or "", headers, columns)
    st.session_state[f"preset_{key}"] = preset.name
    st.toast(f"Saved preset {preset.name}.", icon=":material/bookmark_added:")


def _key(headers: tuple[str, ...]) -> str:
    """One for files with the same headers."""
    return hashlib.blake2b("\0".join(sorted(headers)).encode(), digest_size=6).hexdigest()
