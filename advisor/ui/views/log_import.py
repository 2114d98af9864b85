"""Adding a log: which study, how the files were understood, what happens to personal data, then the job."""

from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from advisor.errors import AdvisorError
from advisor.study.jobs import file_import
from advisor.study.mapping import guess_paths
from advisor.study.presets import preset_for
from advisor.study.previews import Look, Looks
from advisor.types import Study
from advisor.ui import previews, state
from advisor.ui.components.text import inline
from advisor.ui.log_formats import PAIR, TABLE
from advisor.ui.server import store
from advisor.ui.views import log_files, mapping
from advisor.ui.views.log_source import Source
from advisor.ui.views.redaction import redact_notes, show_scan

NEW, CURRENT = "A new study", "This study"
REDACT, KEEP = "Replace personal data with placeholders", "Keep as is"
ALL, PART = "All of it", "A part of it"


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """Files as they are to be imported."""

    source: Source
    columns: dict[str, str] | None
    """None: as each file is understood by itself."""


def choose_target(study: Study | None) -> str:
    """The name of the study that the log goes into; empty as long as it is not given."""
    if study is not None and not study.is_sample:
        options = {CURRENT: f"{CURRENT}: {inline(study.name)}", NEW: NEW}
        place = st.radio("Add the log to", list(options), format_func=options.get, key="import_into", horizontal=True)
        if place == CURRENT:
            return study.name
    name = st.text_input("Name of the new study", key="import_name", placeholder="For example: Help desk 2026")
    return (name or "").strip()


def review(source: Source) -> Reviewed | None:
    """Show how the files were understood and let it be changed; None as long as one of them cannot be imported."""
    top = st.container()
    looks = previews.looks(source.names)
    mapped = _to_map(looks)
    columns = mapping.choose_columns(mapped) if mapped else None
    if columns is not None and not mapping.has_prompt(columns):
        return None
    understood = looks if columns is None else previews.looks(source.names, columns)
    with top:
        log_files.show_files(understood)
    left_out, is_ready = log_files.choose_left_out(understood, source.names)
    if columns is not None and not is_ready:
        st.caption("The columns chosen above hold for every file of an import; import files of another kind later.")
    if mapped is None and len(understood.files) == 1:
        log_files.show_calls(understood.files[0], expanded=understood.files[0].format == PAIR)
    names = tuple(name for name in source.names if name not in left_out)
    return Reviewed(source=replace(source, names=names), columns=columns) if is_ready else None


def _to_map(looks: Looks) -> Look | None:
    """The file whose columns a person is asked about: one that was understood by guess or not at all."""
    unknown = [look for look in looks.files if not look.format and look.records]
    known = [look for look in looks.files if look.format]
    if known:
        unknown = [look for look in unknown if not look.is_found]  # else it is passed over
    asked = {frozenset(look.headers): look for look in reversed(unknown + [k for k in known if k.format == TABLE])}
    kinds = list(reversed(asked.values()))
    if not kinds:
        return _to_map_anyway(looks)
    look = kinds[0]
    if len(kinds) > 1:
        by_label = {look.label: look for look in kinds}
        look = by_label[
            st.selectbox("Show the columns of", list(by_label), key="import_columns_of", width=400) or look.label
        ]
    return look


def _to_map_anyway(looks: Looks) -> Look | None:
    """A file that was recognised, where a person says otherwise now or saved a preset for it."""
    look = next((look for look in looks.files if look.format and look.records), None)
    if look is None or len(looks.files) > 1:
        return None
    has_preset = preset_for(store(), look.headers) is not None
    label = "This is not right: I will say what the columns mean"
    if not st.checkbox(label, value=has_preset, key=f"import_as_table_{look.label}"):
        return None
    return replace(look, format=None, columns=guess_paths(look.records))


def choose_redaction(reviewed: Reviewed) -> bool | None:
    """Whether personal data is replaced: chosen, never assumed, with what would be replaced in sight."""
    try:
        found = previews.scan(reviewed.source.names, reviewed.columns)
    except AdvisorError as error:
        st.error(inline(str(error)))
        return None
    choice = st.radio(
        "Personal data in the log",
        [REDACT, KEEP],
        index=None,
        captions=redact_notes(found.names),
        key="import_redaction",
    )
    show_scan(found)
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


def start(name: str, reviewed: Reviewed, *, redact: bool | None, share: float) -> None:
    """The button that files the import, with what is still missing."""
    missing = [] if name else ["a name for the study"]
    missing += [] if redact is not None else ["a choice about personal data"]
    if missing:
        st.caption(f"Still needed: {' and '.join(missing)}.")
    source = reviewed.source
    label = "Import" if len(source.names) == 1 else f"Import {len(source.names)} files"
    pressed = st.button(label, key="import_start", type="primary", icon=":material/upload:", disabled=bool(missing))
    if pressed and redact is not None and name:
        try:
            job = file_import(
                store(),
                name,
                list(source.names),
                redact=redact,
                columns=reviewed.columns,
                traffic_share=share,
                labels={Path(path): Path(path).name for path in source.names} if source.is_uploaded else None,
                delete_after=source.is_uploaded,
            )
        except AdvisorError as error:
            st.error(str(error))
            return
        state.remember(state.IMPORT_JOB, job.id)
        st.rerun()
