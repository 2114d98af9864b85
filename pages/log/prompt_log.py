"""Prompt log: traffic in the log; add files, check the detected format, choose about personal data."""

import streamlit as st

from advisor.types import Study
from advisor.ui import page, queries
from advisor.ui.log import billed, import_job, log_import, log_source, prompt_log


def _show(study: Study | None) -> None:
    """One thing at a time: the running import, the traffic, or a log to add."""
    job = import_job.import_job(study)
    import_job.show_job(job)
    if job is not None and job.status.is_active:
        return
    has_log = study is not None and bool(queries.logs(study.id))
    if study is not None and has_log and not log_import.is_wanted():
        prompt_log.show_log(study)
        return
    if not has_log:
        if study is not None:
            billed.show_only_export(study)
        st.header("Add a log")
    elif study is not None:
        log_import.show_wanted(study)
    _add(study)


def _add(study: Study | None) -> None:
    source = log_source.choose_source()
    if source is None:
        log_source.show_command("", None)
        st.caption("Detects provider logs, gateways, tracing tools and CSV tables.")
        return
    log_import.forget_choices(study, source)
    understood, asked, details = st.container(), st.container(), st.container()
    with understood:
        reviewed = log_import.review(source, details)
    if reviewed is None:
        return
    with asked:
        found = st.container()
        left, right = st.columns(2)
        with left:
            redact = log_import.choose_redaction(reviewed, found)
        name = log_import.choose_target(study, source)
        with right:
            share, is_known = log_import.choose_share(study, name, reviewed)
        log_import.start(name, reviewed, redact=redact, share=share, is_known=is_known)
    with details:
        log_source.show_command(
            name, reviewed.source, reviewed.columns, reviewed.hints, redact=redact, share=share or 1.0
        )


# Never st.stop here: after it the server keeps what was chosen in a form that the browser has cleared.
_show(page.open_page() if queries.studies() else None)
