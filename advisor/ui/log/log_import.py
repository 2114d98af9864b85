"""Adding a log: the study, the detected formats, personal data, then the job."""

import itertools
import re
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from advisor.collect.import_jobs import file_import
from advisor.collect.imports import ImportOptions
from advisor.collect.mapping import guess_paths, preset_for
from advisor.collect.previews import Look, Looks
from advisor.collect.sources import is_database
from advisor.text.advice.obstacles import samples_wanted
from advisor.text.numbers import listing
from advisor.types import Study
from advisor.types.studies import UNTOLD, Hints
from advisor.ui import address, queries, state
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.log import billed, log_files, mapping, previews, understood
from advisor.ui.log.log_files import TABLE
from advisor.ui.log.log_source import Source
from advisor.ui.log.redaction import redact_notes, show_scan
from advisor.ui.server import store

NEW, CURRENT = "A new study", "This study"
REDACT, KEEP = "Replace personal data with placeholders", "Keep as is"
ALL, PART = "All of it", "Part of it"
_SHARES = (
    "Every call your app made on these days.",
    "A sample, or one of several servers. Every call and dollar is scaled up by the share you enter.",
)


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """Files as they are to be imported."""

    source: Source
    columns: dict[str, str] | None
    """None: as each file is understood by itself."""
    hints: Hints = UNTOLD
    is_export: bool = False
    """Whether there are only totals of providers: no texts, and no calls."""
    has_export: bool = False


def is_wanted() -> bool:
    """Whether a visitor wants to add a log instead of seeing the traffic of the one there is."""
    add = state.MORE if st.query_params.get(state.PART) == state.MORE else state.ADD
    parts = {"": "Traffic", add: "Add another log"}
    return bool(address.pick(state.PART, "Show", parts, widget=_choose_part))


def _choose_part(label: str, options: list[str], **more: Any) -> str:
    chosen: str = st.segmented_control(label, options, required=True, label_visibility="collapsed", **more)
    return chosen


def show_wanted(study: Study) -> None:
    """What the log of a decided study lacks."""
    report = queries.report(study.id)
    if report is not None and (wanted := samples_wanted(report)):
        more = " The sample study can't grow: your log makes a new study." if study.is_sample else ""
        st.info(inline(f"{wanted}{more}"), icon=":material/playlist_add:")


def forget_choices(study: Study | None, source: Source) -> None:
    """Ask about personal data and the share of traffic once more for other files, or another study."""
    asked = (source.names, study and study.id, state.recall(state.IMPORT_JOB))
    if state.recall(state.CHOSEN_FOR) != asked:
        st.session_state.update(dict.fromkeys(("import_redaction", "import_share", "import_percent")))
        state.remember(state.CHOSEN_FOR, asked)


def choose_target(study: Study | None, source: Source) -> str:
    """The study to import into; empty until there is one."""
    if study is not None and not study.is_sample:
        options = {CURRENT: f"{CURRENT}: {inline(study.name)}", NEW: NEW}
        is_more = st.query_params.get(state.PART) == state.MORE or not queries.logs(study.id)
        place = st.radio(
            "Add the log to",
            list(options),
            index=0 if is_more else 1,
            format_func=options.get,
            key=f"import_into_{study.id}",
            horizontal=True,
        )
        if place == CURRENT:
            return study.name
    studies = {each.name: each for each in queries.studies()}
    _suggest_name(source, set(studies))
    name = st.text_input("Study name", key="import_name", placeholder="For example: Help desk 2026", width=400).strip()
    there = studies.get(name)
    if there is not None and there.is_sample:
        st.error("You can't add a log to the sample study. Choose another name.")
        return ""
    if there is not None:
        st.caption(f"{inline(name)} already exists; the log is added to it.")
    return name


def _suggest_name(source: Source, taken: set[str]) -> None:
    """Suggest an unused name from the first file, unless someone typed one."""
    stem = "" if is_database(source.names[0]) else Path(source.names[0]).name.partition(".")[0]
    words = " ".join(re.split(r"[\W_]+", stem)).strip()
    first = words[:1].upper() + words[1:]
    free = (name for n in itertools.count(1) if (name := f"{first} {n}" if n > 1 else first) not in taken)
    suggestion = next(free)
    if st.session_state.get("import_name") in (None, state.recall(state.SUGGESTED_NAME)):
        st.session_state["import_name"] = suggestion
    state.remember(state.SUGGESTED_NAME, suggestion)


def review(source: Source, details: DeltaGenerator) -> Reviewed | None:
    """Show the detected formats and allow changes, the first calls in ``details``; None: a file can't be imported."""
    first, top = st.container(), st.container()
    looks = previews.looks(source.names)
    mapped = _to_map(looks)
    columns = mapping.choose_columns(mapped, first, is_alone=len(looks.files) == 1) if mapped else None
    if columns is not None and not mapping.has_prompt(columns):
        if len(source.names) == 1:
            return None
        columns = None  # the file asked about may also be left out
    read = looks if columns is None else previews.looks(source.names, columns)
    with top:
        hints = understood.choose_hints(read)
        read = read if hints == UNTOLD else previews.looks(source.names, columns, hints)
        log_files.show_files(read, is_told=mapped is None or bool(mapped.format))
        understood.show_understood(read)
    shown = next((look for look in read.files if look.first), None)
    with details:
        if shown is not None:
            understood.show_sent(shown)
        if len(read.accounts) == 1 and shown is not None:
            understood.show_unused(read.accounts[0], partial(mapping.use, shown))
    left_out, is_ready = log_files.choose_left_out(read, source.names)
    if columns is not None and not is_ready:
        st.caption("These columns apply to every file of this import. Import other kinds of files separately.")
    names = tuple(name for name in source.names if name not in left_out)
    kept = [look for look in read.files if look.format and look.name in names]
    exports = [bool(look.totals) for look in kept]
    found = Reviewed(
        source=replace(source, names=names),
        columns=columns,
        hints=hints,
        is_export=bool(exports) and all(exports),
        has_export=any(exports),
    )
    return found if is_ready else None


def _to_map(looks: Looks) -> Look | None:
    """The file whose columns a person is asked about: what is chosen holds for every file, so all must be tables."""
    known = [look for look in looks.files if look.format]
    tables = [look for look in known if look.format == TABLE]
    unknown = [look for look in looks.files if not look.format and look.records]
    if len(tables) < len(known):
        if tables:
            st.caption("Import a table separately to map its columns.")
        return _to_map_anyway(looks)
    if known:
        unknown = [look for look in unknown if not look.is_found]  # others are skipped
    kinds = list({frozenset(look.headers): look for look in reversed(tables + unknown)}.values())[::-1]
    if len(kinds) < 2:
        return kinds[0] if kinds else None
    by_label = {look.label: look for look in kinds}
    chosen = st.selectbox("Show the columns of", list(by_label), key="import_columns_of", width=400)
    return by_label.get(chosen or "", kinds[0])


def _to_map_anyway(looks: Looks) -> Look | None:
    """A recognized file that a person maps by hand, now or with a saved preset."""
    look = next((look for look in looks.files if look.format and look.records), None)
    if look is None or len(looks.files) > 1:
        return None
    is_wrong = preset_for(store(), look.headers) is not None
    if not st.checkbox("This is wrong: map the columns myself", value=is_wrong, key=mapping.wrong_key(look)):
        return None
    return replace(look, format=None, columns=guess_paths(look.records))


@say_errors()
def choose_redaction(reviewed: Reviewed, examples: DeltaGenerator) -> bool | None:
    """Whether to replace personal data: a choice without a default, with examples in view; totals have no texts."""
    if reviewed.is_export:
        return True
    found = previews.scan(reviewed.source.names, reviewed.columns)
    with examples:
        show_scan(found)
    choice = st.radio(
        "Personal data",
        [REDACT, KEEP],
        index=None,
        captions=redact_notes(found.names),
        key="import_redaction",
    )
    return None if choice is None else choice == REDACT


def choose_share(study: Study | None, name: str, reviewed: Reviewed) -> tuple[float | None, bool]:
    """The fraction of the real traffic in the log, and whether it's known: without an export only a person knows it."""
    if reviewed.is_export:
        return None, True
    if reviewed.has_export or (study is not None and study.name == name and billed.billed(study.id)):
        st.caption("The export sets the share of traffic. Change it later on Prompt log.")
        return None, True
    label = "How much of your traffic is in this log?"
    share = st.radio(label, [ALL, PART], index=None, captions=_SHARES, key="import_share")
    if share != PART:
        return (1.0, True) if share else (None, False)
    percent = st.number_input(
        "Share of traffic, %", 0.0001, 100.0, None, format="%g", key="import_percent", width=260,
        placeholder="For example: 10",
    )  # fmt: skip
    return (None, False) if percent is None else (percent / 100, True)


def start(name: str, reviewed: Reviewed, *, redact: bool | None, share: float | None, is_known: bool) -> None:
    """The button that files the import, with what is still missing."""
    missing = [] if name else ["a study name"]
    missing += [] if redact is not None else ["a choice about personal data"]
    missing += [] if is_known else ["how much of your traffic this is"]
    source = reviewed.source
    label = "Import" if len(source.names) == 1 else f"Import {len(source.names)} files"
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(label, key="import_start", type="primary", icon=":material/upload:", disabled=bool(missing))
        if missing:
            st.caption(f"Still needed: {listing(missing)}.", width="content")
    if pressed and not missing and redact is not None:
        with say_errors():
            with st.spinner("Starting the import …"):  # half a minute where another program holds the database
                job = file_import(
                    store(),
                    name,
                    list(source.names),
                    ImportOptions(
                        redact=redact,
                        columns=reviewed.columns,
                        hints=reviewed.hints,
                        traffic_share=share,
                        labels={str(path): Path(path).name for path in source.names} if source.is_uploaded else {},
                    ),
                    delete_after=source.is_uploaded,
                )
            state.remember(state.IMPORT_JOB, job.id)
            address.say({state.PART: ""})  # back to the traffic once the import has ended
            st.rerun()
