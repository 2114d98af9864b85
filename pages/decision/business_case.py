"""Business case: what the migration costs once, when that is saved, and what else could be done."""

import streamlit as st

from advisor.ui.decision import business_case
from advisor.ui.page import open_page, require_report

study = open_page()
report = require_report(study)

case = business_case.show_case(study, report)
business_case.show_outcomes(report, case)
st.header("Options side by side")
business_case.show_options(case)
business_case.show_details(study, report, case)
