"""Report: the PDF that a manager can forward, and the other files."""

import streamlit as st

from advisor.ui.decision import report as view
from advisor.ui.page import open_page, require_report

study = open_page()
report = require_report(study)

view.show_contents(report)
view.offer_files(study, report)

st.header("Preview")
view.show_preview(study, report)
