"""Cost: what would the move save?"""

import streamlit as st

from advisor.ui.components.page import open_page, require_report
from advisor.ui.views import cost, cost_steps, hosting, stay, verdicts

study = open_page()
report = require_report(study)

cost.show_bill(report)
cost_steps.show_bill_steps(report)

st.subheader("What a thousand calls cost")
cost.show_rates(report)
cost_steps.show_rate_steps(report)

st.subheader("Cost against quality")
decision = verdicts.pick_use_case(report, key="cost_use_case_pick")
cost.show_frontier(report, decision)
cost_steps.show_frontier_steps(decision)
cost.show_sources(report)

st.subheader("Stay, but pay less")
stay.show(study)

st.subheader("On your own GPUs")
hosting.show(study)
