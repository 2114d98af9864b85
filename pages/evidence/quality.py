"""Quality: are the candidates' answers good enough?"""

import streamlit as st

from advisor.ui import queries
from advisor.ui.components import verdicts
from advisor.ui.decision import watch
from advisor.ui.evidence.quality import confusion, failures, quality
from advisor.ui.page import open_page, require_report

study = open_page()
report = require_report(study)

watch.show_stale(queries.run(report.recommendation.run.id))
quality.show_overview(report)

st.header("By use case")
left, right = st.columns(2)
with left:
    decision = verdicts.pick_use_case(report, key="quality_use_case_pick")
with right:
    candidate = verdicts.pick_candidate(decision, key="quality_candidate_pick")

quality.show_use_case(report, decision)
if candidate is not None:
    quality.show_checks(candidate)
    confusion.show_confusion(study, report, decision, candidate)
    failures.show_regressions(study, report, decision, candidate)
quality.show_statistics(report, decision)
quality.show_judges(report.recommendation)
quality.show_versions(report.recommendation)
