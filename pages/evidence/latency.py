"""Latency: median, p95 and time to first token of every model against the limit; load tests."""

import streamlit as st

from advisor.ui.evidence.latency import latency, load_test
from advisor.ui.page import open_page, require_report

study = open_page()
report = require_report(study)

latency.show_headline(study, report)
names = ("Models", "By use case", "Load test")
models, by_use_case, load = st.tabs(names, key="tab", on_change="rerun", bind="query-params")
if models.open:
    with models:
        latency.show_models(study, report)
if by_use_case.open:
    with by_use_case:
        latency.show_by_use_case(report)
if load.open:
    with load:
        load_test.show(study, report)
