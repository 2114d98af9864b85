"""Adding a log: which study, which file, how it was understood, what happens to personal data, then the job."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from advisor.errors import AdvisorError
from advisor.study.imports import preview_log
from advisor.study.jobs import file_import
from advisor.types import Study
from advisor.ui import state, uploads
from advisor.ui.components.text import inline
from advisor.ui.server import store

SUFFIXES = ["jsonl", "json", "ndjson", "csv", "tsv", "txt", "gz", "log"]
NEW, CURRENT = "A new study", "This study"
UPLOAD, SERVER = "Upload files", "A file on the server"
REDACT, KEEP = "Replace personal data with placeholders", "Keep as is"
ALL, PART = "All of it", "A part of it"
NONE = "(not in this log)"
TABLE = "table"

ROLES = {
    "prompt": "Prompt",
    "messages": "Conversation (list of messages)",
    "answer": "Answer",
    "target": "Right answer",
    "use_case": "Use case",
    "system": "System prompt",
    "model": "Model",
    "time": "Time",
    "input_tokens": "Input tokens",
    "output_tokens": "Output tokens",
    "latency": "Latency",
    "cost": "Cost",
    "id": "Id of the call",
    "session": "Session",
    "params": "Parameters",
}
"""What a column can mean -> the words for it, the important ones first."""
FIRST_ROLES = ("prompt", "answer", "target", "use_case")

REDACT_NOTES = (
    "E-mail addresses, phone, card and account numbers and keys become placeholders such as `<EMAIL_1>` before "
    "anything is stored; a replay sends the placeholders. Names of people are not recognised and stay.",
    "Prompts are stored as logged. A replay sends them, with any personal data in them, to the hosts of the models you "
    "choose; the page Replay names these hosts before anything is sent.",
)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Files to import."""

    paths: tuple[Path, ...]
    uploaded: bool


def choose_target(study: Study | None) -> str:
    """The name of the study that the log goes into; empty as long as it is not given."""
    if study is not None and not study.is_sample:
        options = {CURRENT: f"{CURRENT}: {inline(study.name)}", NEW: NEW}
        place = st.radio("Add the log to", list(options), format_func=options.get, key="import_into", horizontal=True)
        if place == CURRENT:
            return study.name
    name = st.text_input("Name of the new study", key="import_name", placeholder="For example: Help desk 2026")
    return (name or "").strip()


def choose_source() -> Source | None:
    """Uploaded files or one on the server; None until there is one."""
    way = st.segmented_control("Where is the log?", [UPLOAD, SERVER], default=UPLOAD, required=True, key="import_way")
    try:
        if way == SERVER:
            text = st.text_input("Path on the server", key="import_path", placeholder="/data/logs/prompts.jsonl")
            return Source(paths=(uploads.find_on_server(text),), uploaded=False) if text else None
        files = st.file_uploader(
            "Log files, up to 200 MB each (JSON, JSON lines, CSV; also compressed)",
            type=SUFFIXES,
            accept_multiple_files=True,
            max_upload_size=200,
            key=f"import_files_{state.recall(state.IMPORT_JOB)}",
        )
        paths = tuple(uploads.keep_upload(file) for file in files or [])
        return Source(paths=paths, uploaded=True) if paths else None
    except AdvisorError as error:
        st.error(str(error))
        return None


def review_columns(source: Source) -> dict[str, str] | None:
    """Show how the first file was understood and let it be changed; the columns to import with, None if unusable."""
    path = source.paths[0]
    chosen = _chosen_columns(path)
    try:
        log = preview_log(path, columns=chosen or None)
    except AdvisorError as error:
        st.error(str(error))
        _name_columns(path)
        return None
    st.markdown(f"**{inline(path.name)}** was understood as: {_format_words(log.format)}.")
    if log.format == TABLE:
        _column_choices(path, log.headers, _guess(path) or log.columns)
    meaning = {column: f"{column} → {ROLES.get(role, role)}" for role, column in log.columns.items()}
    st.caption("The first three rows, as the file has them:")
    rows = pd.DataFrame(list(log.preview), columns=list(log.headers)).fillna("").astype(str)
    st.dataframe(
        rows, hide_index=True, key="import_rows", column_config=dict(meaning), alt="The first three rows of the file"
    )
    others = [problem for other in source.paths[1:] if (problem := _problem(other, chosen))]
    for problem in others:
        st.error(problem)
    return None if others else chosen


def choose_redaction() -> bool | None:
    """Whether personal data is replaced: chosen, never assumed; None until it is."""
    choice = st.radio(
        "Personal data in the log", [REDACT, KEEP], index=None, captions=REDACT_NOTES, key="import_redaction"
    )
    return None if choice is None else choice == REDACT


def choose_share(study: Study | None) -> float:
    """Which fraction of the real traffic the log holds."""
    known = study.traffic_share if study and st.session_state.get("import_into") == CURRENT else 1.0
    share = st.radio(
        "How much of the real traffic is in this log?",
        [ALL, PART],
        index=0 if known == 1 else 1,
        key="import_share",
        horizontal=True,
        help="Calls and dollars a month are projected from it.",
    )
    if share == ALL:
        return 1.0
    percent = st.number_input(
        "Share of the traffic in percent", 0.01, 100.0, min(known * 100, 100.0) if known < 1 else 10.0,
        key="import_percent", width=260,
    )  # fmt: skip
    return percent / 100


def start(name: str, source: Source, columns: dict[str, str], *, redact: bool | None, share: float) -> None:
    """The button that files the import, with what is still missing."""
    missing = [] if name else ["a name for the study"]
    missing += [] if redact is not None else ["a choice about personal data"]
    if missing:
        st.caption(f"Still needed: {' and '.join(missing)}.")
    label = "Import" if len(source.paths) == 1 else f"Import {len(source.paths)} files"
    pressed = st.button(label, key="import_start", type="primary", icon=":material/upload:", disabled=bool(missing))
    if pressed and redact is not None and name:
        try:
            job = file_import(
                store(),
                name,
                list(source.paths),
                redact=redact,
                columns=columns or None,
                traffic_share=share,
                labels={path: path.name for path in source.paths},
                delete_after=source.uploaded,
            )
        except AdvisorError as error:
            st.error(str(error))
            return
        state.remember(state.IMPORT_JOB, job.id)
        st.rerun()


def _format_words(name: str) -> str:
    return "a table, one call a row" if name == TABLE else f"{name.replace('_', ' ')} format"


def _problem(path: Path, columns: dict[str, str]) -> str | None:
    try:
        preview_log(path, columns=columns or None)
    except AdvisorError as error:
        return str(error)
    return None


def _guess(path: Path) -> dict[str, str]:
    """What the columns would mean without a person's choices; empty where nothing is recognised."""
    try:
        return preview_log(path).columns
    except AdvisorError:
        return {}


def _key(path: Path, role: str) -> str:
    return f"column_{path.parent.name}_{path.name}_{role}"


def _chosen_columns(path: Path) -> dict[str, str]:
    """What a person chose below; drawn after the preview, so read from the state."""
    names = {role: st.session_state.get(f"named_{_key(path, role)}") for role in ROLES}
    chosen = {role: st.session_state.get(_key(path, role)) or names[role] for role in ROLES}
    return {role: column for role, column in chosen.items() if column and column != NONE}


def _column_choices(path: Path, headers: tuple[str, ...], guess: dict[str, str]) -> None:
    st.caption("What the columns mean; change what was guessed wrong. A right answer for each call is the best proof.")
    for column, role in zip(st.columns(len(FIRST_ROLES)), FIRST_ROLES, strict=True):
        with column:
            _column_choice(path, role, headers, guess)
    with st.expander("More columns"):
        more = [role for role in ROLES if role not in FIRST_ROLES]
        for index, column in enumerate(st.columns(4)):
            with column:
                for role in more[index::4]:
                    _column_choice(path, role, headers, guess)


def _column_choice(path: Path, role: str, headers: tuple[str, ...], guess: dict[str, str]) -> None:
    options = [*headers] if role in guess else [NONE, *headers]
    index = options.index(guess[role]) if guess.get(role) in options else 0
    st.selectbox(ROLES[role], options, index=index, key=_key(path, role))


def _name_columns(path: Path) -> None:
    """For a file whose columns mean nothing to us: ask for their names, and look again."""
    prompt, answer = st.columns(2)
    prompt.text_input("Column with the prompt", key=f"named_{_key(path, 'prompt')}")
    answer.text_input("Column with the answer, if there is one", key=f"named_{_key(path, 'answer')}")
