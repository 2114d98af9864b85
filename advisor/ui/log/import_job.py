"""A running import: its progress, cancelling it, and resuming an interrupted one."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from advisor.collect.accounting import is_loud
from advisor.collect.import_jobs import Left, delete_uploads, discard_import, import_again, is_silent, what_is_left
from advisor.collect.sources import VARIABLE, is_database
from advisor.store.jobs import stop_job
from advisor.text import numbers
from advisor.text.import_findings import import_finding
from advisor.text.imports import import_outcome, not_replayable
from advisor.text.progress import progress_words, share_done
from advisor.text.warnings import beside_text, data_replaced
from advisor.types import Job, Json, Message, RejectionCode, Status, Study
from advisor.types.codes import FindingCode
from advisor.ui import progress, queries, state
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.server import ensure_worker, store

_LEFT_OUT = (FindingCode.STAFF_ANSWERS, FindingCode.LEFT_OUT)
_POLL = "1s"
"""A small log takes only a few seconds."""


def import_job(study: Study | None) -> Job | None:
    """The import to show: this visitor's own, otherwise the study's newest. Opens the study of an own one once."""
    filed = state.recall(state.IMPORT_JOB)
    own = queries.job(filed) if isinstance(filed, int) else None
    if own is not None and own.status is Status.SUCCEEDED and state.recall(state.IMPORT_SHOWN) != own.id:
        state.remember(state.IMPORT_SHOWN, own.id)
        if study is None or not _is_into(own, study):
            state.select_study(str(own.arguments["study"]))
            st.rerun()
    if own is not None and (own.status is not Status.SUCCEEDED or study is None or _is_into(own, study)):
        return own
    jobs = queries.jobs(None, "import") if study else []
    return next((job for job in jobs if study and _is_into(job, study)), None)


def show_job(job: Job | None) -> None:
    """Progress of an import until it ends, then its outcome."""
    if job is None:
        return
    is_own = state.recall(state.IMPORT_JOB) == job.id
    if job.status.is_active:
        _watch(job.id)
        _offer_cancel(job)
    elif job.status is Status.FAILED:
        _show_failure(job)
    elif job.status is Status.CANCELLED and is_own:
        st.info(f"The import of {_files(job)} was cancelled. Nothing was kept.", icon=":material/cancel:")
        if not what_is_left(store(), job).missing:
            _offer_again(job)
    elif job.status is Status.SUCCEEDED and is_own and isinstance(job.result, dict):
        if state.recall(state.IMPORT_TOLD) == job.id:
            return  # it was told before the page was left
        is_useful = job.result.get("not_replayable", 0) < job.result.get("accepted", 0) or not job.result.get("rows")
        show, icon = (st.success, "check_circle") if is_useful else (st.warning, "warning")
        show(outcome(job.result), icon=f":material/{icon}:")
        if missing := [inline(f"{file}: {message}") for file, message in _missing(job.result)]:
            st.error(
                "\n".join(missing if len(missing) == 1 else [f"- {line}" for line in missing]), icon=":material/error:"
            )
        for file, row, reason in broken_off(job.result):
            st.warning(
                f"**{inline(file)}** could be read only up to row {row:,}: {inline(reason)}. "
                "The rows before it were imported. Import the complete file to add the rest.",
                icon=":material/content_cut:",
            )


def outcome(result: Mapping[str, Any]) -> str:
    """What happened to the rows, as safe Markdown."""
    names = ("rows", "accepted", "rejected", "duplicates", "joined")
    counts = {name: int(result.get(name) or 0) for name in names}
    told, understood = _rejections(result), list(result.get("understood") or ())
    turns = [each.get("turns") for each in understood]
    counts["turns"] = sum(turns) if all(turns) else 0
    counts |= {"named": len(told), "no_calls": sum(each["reason_code"] == RejectionCode.NOT_A_CALL for each in told)}
    repeated = [inline(str(name)) for name in result.get("repeated") or ()]
    skipped = [inline(str(each["file"])) for each in result.get("passed_over") or ()]
    parts = (
        import_outcome(inline(str(result["study"])), counts, repeated, skipped),
        beside_text(int(result.get("billed_beside_text") or 0)),
        *(inline(each["message"]) for one in understood for each in one["findings"] if each["code"] in _LEFT_OUT),
        not_replayable(int(result.get("not_replayable") or 0), counts["accepted"]),
        data_replaced(sum((result.get("redactions") or {}).values())),
    )
    return " ".join(filter(None, parts))


def _missing(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(file, words) of what no call of a file has, although an import is worth little without it."""
    told = [
        (str(each["file"]), Message(code=found["code"], values=found))
        for each in result.get("understood") or ()
        for found in each["findings"]
    ]
    return [(file, import_finding(message)) for file, message in told if is_loud(message)]


def broken_off(result: Mapping[str, object]) -> list[tuple[str, int, str]]:
    """(file, row, reason) of files that were cut off at this row."""
    cut_off = (each for each in _rejections(result) if each["reason_code"] == RejectionCode.CUT_OFF)
    return [(each["file"], each["row"], each["reason"]) for each in cut_off]


def _rejections(result: Mapping[str, object]) -> list[dict[str, Json]]:
    """The rejected rows that the report names."""
    told = result.get("rejections")
    return told if isinstance(told, list) else []


def _is_into(job: Job, study: Study) -> bool:
    return bool(job.arguments.get("study") == study.name)


def _watch(job_id: int) -> None:
    def line() -> bool:
        ensure_worker()  # only this fragment reruns, and a dead worker would leave the job waiting
        job = queries.job(job_id)
        if job is None or not job.status.is_active:
            return False
        _show_progress(job)
        return True

    progress.poll(line, every=_POLL)


def _show_progress(job: Job) -> None:
    what = f"Importing {_files(job)}"
    share = share_done(job.progress)
    if job.wanted is Status.CANCELLED:
        st.status(f"{what}: cancelling and removing its data", state="running")
    elif is_silent(job):
        st.warning(
            f"{what} seems stuck: last progress {numbers.ago(job.heartbeat_at)}. It usually resumes by itself "
            "within a minute. Cancel to discard it.",
            icon=":material/hourglass_top:",
        )
    elif job.progress and share is not None:
        st.progress(share, text=inline(progress_words(job.progress)))
    else:
        progress.job_line(job, what)


def _offer_cancel(job: Job) -> None:
    """Outside the fragment: a button inside it would wait for the next rerun."""
    st.button(
        "Cancel import",
        key="cancel_import",
        icon=":material/cancel:",
        on_click=_try,
        args=(lambda: _cancel(job),),
        disabled=job.wanted is Status.CANCELLED,
        help="Discards imported calls and deletes uploaded files.",
    )


def _cancel(job: Job) -> None:
    state.remember(state.IMPORT_JOB, job.id)
    stop_job(store(), job.id)
    now = queries.job(job.id)
    if now is not None and now.status is Status.CANCELLED:  # never started, so no worker cleans up
        delete_uploads(now)


def _show_failure(job: Job) -> None:
    left = what_is_left(store(), job)
    if left.calls is None:
        st.error(
            f"Couldn't import {_files(job)}. {inline(job.error or '')} Nothing was stored.",
            icon=":material/error:",
        )
    else:
        st.warning(
            f"The import of {_files(job)} was interrupted. {inline(job.error or '')} "
            f"{numbers.count(left.calls, 'call')} stored so far and not shown yet. "
            "Try again to resume, or discard them.",
            icon=":material/restart_alt:",
        )
    _say_what_is_missing(job, left)
    with st.container(horizontal=True):
        if not left.missing:
            _offer_again(job)
        st.button(
            "Dismiss" if left.calls is None else "Discard",
            key="import_discard",
            icon=":material/delete:",
            on_click=_try,
            args=(lambda: _discard(job),),
        )


def _offer_again(job: Job) -> None:
    st.button(
        "Try again" if job.status is Status.FAILED else "Import again",
        key="import_again",
        type="primary",
        icon=":material/refresh:",
        on_click=_try,
        args=(lambda: state.remember(state.IMPORT_JOB, import_again(store(), job).id),),
    )


def _say_what_is_missing(job: Job, left: Left) -> None:
    if not left.missing:
        return
    names = ", ".join(inline(name) for name in left.missing)
    if job.arguments.get("delete_after"):
        goes_on = "" if left.calls is None else "; the same file and choices resume the import"
        st.caption(f"The upload was deleted ({names}). Upload it again{goes_on}.")
    else:
        st.caption(
            f"File not found: {names}. Put it back and reload, or dismiss this and add the log from its new place."
        )


def _discard(job: Job) -> None:
    discard_import(store(), job)
    state.leave_study()
    delete_uploads(job)
    state.remember(state.IMPORT_JOB, None)


@say_errors(st.toast)
def _try(act: Callable[[], None]) -> None:
    act()


def _files(job: Job) -> str:
    """The names of what is imported; of a database only that of the variable."""
    names = job.arguments.get("names", {})
    told = [
        f"the database of {path.removeprefix(VARIABLE)}" if is_database(path) else path.rpartition("/")[2]
        for path in job.arguments["paths"]
    ]
    shown = [inline(str(names.get(path) or name)) for path, name in zip(job.arguments["paths"], told, strict=True)]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5:,} more" if len(shown) > 5 else "")
