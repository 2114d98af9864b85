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
from advisor.collect.redaction import Example, Scan
from advisor.collect.sources import is_database
from advisor.text.advice.obstacles import samples_wanted
from advisor.text.numbers import count, listing
from advisor.types import Study
from advisor.types.studies import UNTOLD, Hints
from advisor.ui import address, queries, state
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline, plain
from advisor.ui.log import billed, log_files, mapping, previews, understood
from advisor.ui.log.log_files import TABLE
from advisor.ui.log.log_source import Source
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


def is_wanted() -> bool:
    """Whether a visitor wants to add a log instead of seeing the traffic of the one there is."""
    parts = {"": "Traffic", state.ADD: "Add another log"}
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


def choose_target(study: Study | None, source: Source) -> str:
    """The study to import into; empty until there is one."""
    if study is not None and not study.is_sample:
        options = {CURRENT: f"{CURRENT}: {inline(study.name)}", NEW: NEW}
        place = st.radio("Add the log to", list(options), format_func=options.get, key="import_into", horizontal=True)
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
    is_export = bool(kept) and all(look.is_export for look in kept)
    found = Reviewed(source=replace(source, names=names), columns=columns, hints=hints, is_export=is_export)
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


def choose_share(study: Study | None) -> float | None:
    """The fraction of the real traffic in the log: a choice without a default until a log of the study has one."""
    has_log = study is not None and st.session_state.get("import_into") == CURRENT and bool(queries.logs(study.id))
    known = study.traffic_share if study is not None and has_log else None
    if study is not None and has_log and billed.billed(study.id):
        st.caption("The share of traffic follows from the provider's export. Change it later on Prompt log.")
        return known
    share = st.radio(
        "How much of your traffic is in this log?",
        [ALL, PART],
        index=None if known is None else int(known < 1),
        captions=_SHARES,
        key="import_share",
    )
    if share != PART:
        return 1.0 if share else None
    before = min(known * 100, 100.0) if known and known < 1 else None
    percent = st.number_input(
        "Share of traffic, %", min(0.0001, before or 1), 100.0, before, format="%g", key="import_percent",
        width=260, placeholder="For example: 10",
    )  # fmt: skip
    return None if percent is None else percent / 100


def start(name: str, reviewed: Reviewed, *, redact: bool | None, share: float | None) -> None:
    """The button that files the import, with what is still missing."""
    missing = [] if name else ["a study name"]
    missing += [] if redact is not None else ["a choice about personal data"]
    missing += [] if share is not None or reviewed.is_export else ["how much of your traffic this is"]
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


KINDS = {
    "ACCOUNT": "Bank account number",
    "ADDRESS": "Postal address",
    "BIRTH_DATE": "Date of birth",
    "CARD": "Card number",
    "CRYPTO": "Crypto wallet",
    "EMAIL": "Email address",
    "IBAN": "IBAN",
    "ID": "National or health number",
    "IP": "IP address",
    "LICENCE": "Driver's license",
    "MAC": "Hardware address",
    "PASSPORT": "Passport",
    "PERSON": "Name of a person",
    "PHONE": "Phone number",
    "SECRET": "Password, key or token",
    "SSN": "Social security number",
    "VEHICLE": "License plate or vehicle number",
}
"""The kinds of finds in words."""

_NAMES = "names of people"
_FOUND = "Email and postal addresses, phone, card, account and identity numbers, dates of birth, passwords and keys"
_REPLACED = "become placeholders such as `<EMAIL_1>` before anything is stored. Replays send the placeholders."
_KEPT = (
    "Prompts are stored as logged. Replays send them, personal data included, to the hosts of your models. "
    "The Run page lists these hosts before you start."
)


def redact_notes(names: bool) -> tuple[str, str]:
    """What each choice means; ``names``: whether names of people can be found."""
    if names:
        return f"{_FOUND}, and {_NAMES} as far as the language model sees them, {_REPLACED}", _KEPT
    return f"{_FOUND} {_REPLACED} Names of people stay: finding them needs a spaCy model; none is installed.", _KEPT


def show_scan(scan: Scan) -> None:
    """What would be replaced: counts by kind, then examples before and after. Nothing is stored yet."""
    looked = f"the first {count(scan.samples, 'call')}"
    if not scan.counts:
        but = "" if scan.names else " Names of people weren't checked."
        st.markdown(f"**No personal data** or secrets found in the prompts and answers of {looked}.{but}")
        return
    kinds = " · ".join(f"{KINDS[kind]} {count:,}" for kind, count in scan.counts.items())
    with st.expander(f"**Personal data** found in {looked}: {kinds}. See examples"):
        for number, example in enumerate(scan.examples):
            _show_example(number, example, is_first=not number or scan.examples[number - 1].kind != example.kind)


def _show_example(number: int, example: Example, *, is_first: bool) -> None:
    if is_first:
        st.caption(KINDS[example.kind])
    before, after = st.columns(2)
    with before:
        plain(example.before, key=f"scan_before_{number}")
    with after:
        plain(example.after, key=f"scan_after_{number}")
