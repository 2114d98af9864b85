"""Cost: what do the calls cost, today and after a move?"""

import streamlit as st

from advisor.ui.components import verdicts
from advisor.ui.evidence.cost import cost, hosting, optimize, projection, queries, spend
from advisor.ui.page import open_page

study = open_page()
report = cost.decision_of(study)
if report is not None:
    cost.show_bill(report)

st.header("Monthly bill")
projection.show(study, report)
checked = st.container()

if report is not None:
    spent = queries.spend(study.id, report)
    st.header("Cost per 1,000 calls")
    cost.show_rates(report, spent)
    if spent is not None:
        st.header("Price and token count")
        spend.show_effect(spent)
    st.header("Cost against quality")
    decision = verdicts.pick_use_case(report, key="cost_use_case_pick")
    cost.show_frontier(report, decision)
    if spent is not None:
        st.header("Cost of the replay")
        spend.show_parts(report, spent)
    cost.show_sources(report)

st.header("Self-hosting")
hosting.show(study)

st.header("Optimize the current model")
optimize.show(study)  # with the check the only parts that read every call of the log: nothing waits for them
with checked:
    projection.show_reconciliation(study)
