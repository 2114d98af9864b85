"""Scenarios: set the limits, see which model serves which use case, and the bill."""

import streamlit as st

from advisor.ui.decision import scenarios
from advisor.ui.page import open_page, require_report

study = open_page()
report = require_report(study)

scenarios.show_mix(report)
scenarios.ask_limits(study, report)

st.header("By use case")
scenarios.show_bill(report)
