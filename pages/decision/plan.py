"""Plan: what moves where, in which steps, and what would stop it."""

import streamlit as st

from advisor.ui.decision import plan
from advisor.ui.page import open_page, require_report

study = open_page()
report = require_report(study)

plan.show_plan(report)

st.header("Next steps")
plan.show_next_steps(report)

st.header("Rollout")
plan.show_moves(report)
plan.show_staying(report)
