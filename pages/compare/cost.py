"""Cost: what do the calls cost, today and after a move?"""

import streamlit as st

from advisor.ui import queries_money
from advisor.ui.components.page import open_page
from advisor.ui.views import cost, cost_steps, hosting, projection, spend, stay, verdicts

study = open_page()
report = cost.decision_of(study)
if report is not None:
    cost.show_bill(report)
    cost_steps.show_bill_steps(report)

st.subheader("The month ahead")
projection.show(study, report)
checked = st.container()

if report is not None:
    spent = queries_money.spend(study.id, report)
    st.subheader("What a thousand calls cost")
    cost.show_rates(report, spent)
    cost_steps.show_rate_steps(report, spent)
    if spent is not None:
        st.subheader("Price and number of tokens")
        spend.show_effect(spent)
    st.subheader("Cost against quality")
    decision = verdicts.pick_use_case(report, key="cost_use_case_pick")
    cost.show_frontier(report, decision)
    cost_steps.show_frontier_steps(decision)
    if spent is not None:
        st.subheader("What the replay cost")
        spend.show_parts(report, spent)
    cost.show_sources(report)

st.subheader("On your own GPUs")
hosting.show(study)

st.subheader("Stay, but pay less")
stay.show(study)  # with the check the only parts that read every call of the log: nothing waits for them
with checked:
    projection.show_reconciliation(study)
