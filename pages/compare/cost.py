"""Cost: what would the move save?"""

import streamlit as st

from advisor.ui.components.page import open_page, require_report
from advisor.ui.views import cost, verdicts

study = open_page()
report = require_report(study)

cost.show_bill(report)

st.subheader("What a thousand calls cost")
cost.show_rates(report)

st.subheader("Cost against quality")
decision = verdicts.pick_use_case(report, key="cost_use_case_pick")
cost.show_frontier(report, decision)
cost.show_sources(report)
