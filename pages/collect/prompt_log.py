"""Prompt log: drop a file, see what was understood and every rejected row; choose what happens to personal data."""

import streamlit as st

from advisor.ui import queries
from advisor.ui.components import page
from advisor.ui.views import log_import, prompt_log

study = page.open_page() if queries.studies() else None
has_log = study is not None and bool(queries.logs(study.id))
job = prompt_log.import_job(study)
prompt_log.show_job(job)

if job is not None and job.status.is_active:
    st.stop()
if study is not None and has_log:
    prompt_log.show_log(study)

st.subheader("Add another log" if has_log else "Add a log")
name = log_import.choose_target(study)
source = log_import.choose_source()
if source is None:
    st.caption("The formats of the usual tools are recognised: provider logs, gateways, tracing tools, CSV tables.")
    st.stop()

columns = log_import.review_columns(source)
if columns is None:
    st.stop()
redact = log_import.choose_redaction()
share = log_import.choose_share(study)
log_import.start(name, source, columns, redact=redact, share=share)
