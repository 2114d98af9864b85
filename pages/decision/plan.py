"""Plan: what blocks the moves, when each step happens, and what would stop it."""

import streamlit as st

from advisor.ui.decision import plan, steps
from advisor.ui.page import open_page, require_report
from advisor.ui.retirements import show_retirements

study = open_page()
report = plan.advised(study, require_report(study))

schedule = steps.scheduled(study, report)

show_retirements(study)
plan.show_steps(study, report, schedule)

if any(move.phases for move in report.plan.moves):
    steps.show_steps(study, report, schedule.stints)
    st.header("Criteria for every step")
    plan.show_criteria(report)
steps.show_owners(study, report, schedule)

st.header("Use cases")
plan.show_use_cases(study, report)
