"""Routing: set the limits, see which model serves which use case, and the bill."""

import streamlit as st

from advisor.ui.components.page import open_page, require_report
from advisor.ui.views import routing

study = open_page()
report = require_report(study)

routing.show_mix(report)
routing.ask_limits(study, report)

st.subheader("By use case")
routing.show_bill(report)
