"""An import from the button to its end: how far it is, cancelling it, going on with one that was interrupted."""

from collections.abc import Callable, Mapping

import streamlit as st

from advisor.errors import AdvisorError
from advisor.store.jobs import stop_job
from advisor.study.interrupted import Left, discard_import, import_again, is_silent, what_is_left
from advisor.study.jobs import delete_uploads
from advisor.study.sources import VARIABLE, is_database
from advisor.text import numbers
from advisor.text.progress import progress_words, share_done
from advisor.text.warnings import beside_text
from advisor.types import Job, Json, RejectionCode, Status, Study
from advisor.ui import queries, state
from advisor.ui.components import progress
from advisor.ui.components.text import inline
from advisor.ui.server import ensure_worker, store
from advisor.ui.views import log_files

_POLL = "1s"
"""A small log takes only a few seconds."""


def import_job(study: Study | None) -> Job | None:
    """The import to show: the one this visitor filed, else the newest of the study."""
    filed = state.recall(state.IMPORT_JOB)
    own = queries.job(filed) if isinstance(filed, int) else None
    if own is not None and (own.status is not Status.SUCCEEDED or study is None or _is_into(own, study)):
        return own
    jobs = queries.jobs(None, "import") if study else []
    return next((job for job in jobs if study and _is_into(job, study)), None)


def show_job(job: Job | None) -> None:
    """How an import goes, looked at again and again until it ends; then how it ended."""
    if job is None:
        return
    is_own = state.recall(state.IMPORT_JOB) == job.id
    if job.status.is_active:
        _watch(job.id)
        _offer_cancel(job)
    elif job.status is Status.FAILED:
        _show_failure(job)
    elif job.status is Status.CANCELLED and is_own:
        st.info(f"The import of {_files(job)} was cancelled; nothing of it is kept.", icon=":material/cancel:")
        if not what_is_left(store(), job).missing:
            _offer_again(job)
    elif job.status is Status.SUCCEEDED and is_own and isinstance(job.result, dict):
        st.success(outcome(job.result), icon=":material/check_circle:")
        for file, row, reason in broken_off(job.result):
            st.warning(
                f"**{inline(file)}** was read only up to row {row:,}: {inline(reason)}. What stands before it is "
                "taken. Get the whole file and import it into the same study: only what is missing is added.",
                icon=":material/content_cut:",
            )


def outcome(result: Mapping[str, object]) -> str:
    """What became of the rows, in a few sentences of safe Markdown."""
    rows, accepted, rejected, duplicates, joined, kept_only = (
        int(str(result.get(name) or 0))
        for name in ("rows", "accepted", "rejected", "duplicates", "joined", "not_replayable")
    )
    told = (
        f"Taken into {inline(str(result['study']))}: {accepted:,} of {numbers.count(rows, 'row')} "
        f"(rejected: {rejected:,}, duplicates: {duplicates:,})."
    )
    told += _told_of_no_calls(result, rejected)
    if joined:
        further = f"{numbers.count(joined, 'further row')} {'was' if joined == 1 else 'were'}"
        told += f" {further} joined with these: parts of the same calls."
    repeated = result.get("repeated")
    if isinstance(repeated, list) and repeated:
        told += f" Named more than once and read once: {', '.join(inline(str(name)) for name in repeated[:5])}."
    passed_over = result.get("passed_over")
    if isinstance(passed_over, list) and passed_over:
        names = ", ".join(inline(str(each["file"])) for each in passed_over[:5])
        more = f" and {len(passed_over) - 5} more" if len(passed_over) > 5 else ""
        told += f" **Not taken**, in no format that is known: {names}{more}; import such a file by itself."
    told = " ".join(filter(None, [told, beside_text(int(str(result.get("billed_beside_text") or 0)))]))
    if kept_only and kept_only == accepted:
        return f"{told} None of the calls can be replayed: they are good for volume, cost and latency."
    if kept_only:
        told += f" {numbers.count(kept_only, 'call')} cannot be replayed and count for volume and cost."
    return told


def broken_off(result: Mapping[str, object]) -> list[tuple[str, int, str]]:
    """(file, row, reason) of the files that could be read up to this row only: a success that lacks calls."""
    cut_off = (each for each in _rejections(result) if each["reason_code"] == RejectionCode.CUT_OFF)
    return [(each["file"], each["row"], each["reason"]) for each in cut_off]


def _rejections(result: Mapping[str, object]) -> list[dict[str, Json]]:
    """The rejected rows that the report names."""
    told = result.get("rejections")
    return told if isinstance(told, list) else []


def _told_of_no_calls(result: Mapping[str, object], rejected: int) -> str:
    """What an export of traces holds beside its calls alarms nobody, though it counts as rejected."""
    told = _rejections(result)
    count = sum(each["reason_code"] == RejectionCode.NOT_A_CALL for each in told)
    if not count:
        return ""
    which = "the rejected rows" if len(told) == rejected else f"the first {len(told):,} rejected rows"
    is_one = count == 1
    return (
        f" Of {which}, {count:,} {'is no call' if is_one else 'are no calls'} of a model but "
        f"{log_files.OTHER}: passed over, and nothing is lost by it."
    )


def _is_into(job: Job, study: Study) -> bool:
    return bool(job.arguments.get("study") == study.name)


def _watch(job_id: int) -> None:
    def line() -> bool:
        ensure_worker()  # only this part of the page is drawn again, and one that died takes nothing up
        job = queries.job(job_id)
        if job is None or not job.status.is_active:
            if job is not None and job.status is Status.SUCCEEDED:
                state.select_study(str(job.arguments["study"]))
            return False
        _show_progress(job)
        return True

    progress.poll(line, every=_POLL)


def _show_progress(job: Job) -> None:
    what = f"Importing {_files(job)}"
    share = share_done(job.progress)
    if job.wanted is Status.CANCELLED:
        st.status(f"{what}: stopping; what was stored of it is removed", state="running")
    elif is_silent(job):
        st.warning(
            f"{what} stands still; its last sign of life came {numbers.ago(job.heartbeat_at)}. Either the process that "
            "did it is gone, or another program holds the database. It goes on by itself where it stopped, as a rule "
            "within a minute; you need do nothing. Cancel to discard it.",
            icon=":material/hourglass_top:",
        )
    elif job.progress and share is not None:
        st.progress(share, text=inline(progress_words(job.progress)))
    else:
        progress.job_line(job, what, waits_long=queries.is_waiting_long(job))


def _offer_cancel(job: Job) -> None:
    """Beside the part that draws itself again: a button in there would wait."""
    st.button(
        "Cancel the import",
        key="cancel_import",
        icon=":material/cancel:",
        on_click=_try,
        args=(lambda: _cancel(job),),
        disabled=job.wanted is Status.CANCELLED,
        help="Nothing of it is kept, and an uploaded file is deleted.",
    )


def _cancel(job: Job) -> None:
    state.remember(state.IMPORT_JOB, job.id)
    stop_job(store(), job.id)
    now = queries.job(job.id)
    if now is not None and now.status is Status.CANCELLED:  # nobody had begun: nobody else cleans up
        delete_uploads(now)


def _show_failure(job: Job) -> None:
    left = what_is_left(store(), job)
    if left.calls is None:
        st.error(
            f"The import of {_files(job)} was not done. {inline(job.error or '')} Nothing of it was stored.",
            icon=":material/error:",
        )
    else:
        st.warning(
            f"The import of {_files(job)} was interrupted. {inline(job.error or '')} "
            f"{numbers.count(left.calls, 'call')} are stored already and not shown yet. Try again to go on from "
            "there, or discard them.",
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
        "Try again" if job.status is Status.FAILED else "Import it after all",
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
        goes_on = "" if left.calls is None else "; with the same file and choices the import goes on where it stopped"
        st.caption(f"The upload is deleted ({names}). Upload it again{goes_on}.")
    else:
        st.caption(
            f"No longer there: {names}. Put it back and load this page again, or dismiss this and add the log from "
            "where it lies now."
        )


def _discard(job: Job) -> None:
    discard_import(store(), job)
    state.leave_study(str(job.arguments["study"]))
    delete_uploads(job)
    state.remember(state.IMPORT_JOB, None)


def _try(act: Callable[[], None]) -> None:
    try:
        act()
    except AdvisorError as error:
        st.toast(str(error), icon=":material/error:")


def _files(job: Job) -> str:
    """The names of what is imported; of a database only that of the variable."""
    names = job.arguments.get("names", {})
    told = [
        f"the database of {path.removeprefix(VARIABLE)}" if is_database(path) else path.rpartition("/")[2]
        for path in job.arguments["paths"]
    ]
    shown = [inline(str(names.get(path) or name)) for path, name in zip(job.arguments["paths"], told, strict=True)]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5:,} more" if len(shown) > 5 else "")
