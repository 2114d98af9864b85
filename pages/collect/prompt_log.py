"""Prompt log: what the log tells of the traffic; drop files, see what was understood, decide about personal data."""

import streamlit as st

from advisor.ui import queries
from advisor.ui.components import page
from advisor.ui.views import import_job, log_import, log_source, prompt_log

study = page.open_page() if queries.studies() else None
has_log = study is not None and bool(queries.logs(study.id))
job = import_job.import_job(study)
import_job.show_job(job)

if job is not None and job.status.is_active:
    st.stop()
if study is not None and has_log and not log_import.is_wanted():
    prompt_log.show_log(study)
    st.stop()
if not has_log:
    st.subheader("Add a log")
source = log_source.choose_source()
if source is None:
    log_source.show_command("", None)
    st.caption("The formats of the usual tools are recognised: provider logs, gateways, tracing tools, CSV tables.")
    st.stop()

reviewed = log_import.review(source)
if reviewed is None:
    st.stop()
redact = log_import.choose_redaction(reviewed)
name = log_import.choose_target(study, source)
share = log_import.choose_share(study)
log_import.start(name, reviewed, redact=redact, share=share)
log_source.show_command(name, reviewed.source, reviewed.columns, redact=redact, share=share)
