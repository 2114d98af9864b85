"""Latency: median and p95 of every model, and load tests."""

import streamlit as st

from advisor.ui.components import verdicts
from advisor.ui.evidence.latency import latency, load_test
from advisor.ui.page import open_page, require_report

study = open_page()
report = require_report(study)
run = report.recommendation.run.id

verdicts.headline(latency.sentence(latency.times(study.id, run, None)))
use_case = verdicts.pick_use_case_or_all(report, key="latency_use_case_pick")
latency.show_times(study, report, latency.times(study.id, run, use_case))
latency.show_busy(run)

st.header("By use case")
latency.show_by_use_case(report)

st.header("Load test")
load_test.show(study, report)
