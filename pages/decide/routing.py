"""Routing: set the limits, see which model serves which use case, and the bill."""

import streamlit as st

from advisor.ui.decision import routing
from advisor.ui.page import open_page, require_report

study = open_page()
report = require_report(study)

routing.show_mix(report)
routing.ask_limits(study, report)

st.subheader("By use case")
routing.show_bill(report)
