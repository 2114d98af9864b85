"""Quality: are the candidates' answers good enough?"""

import streamlit as st

from advisor.ui import queries
from advisor.ui.decision import watch
from advisor.ui.evidence.quality import confusion, details, drawer, matrix, pairs
from advisor.ui.page import open_page, require_report

study = open_page()
report = require_report(study)

watch.show_stale(queries.run(report.recommendation.run.id))
details.show_opening(study, report)

cell = matrix.show_matrix(study, report)
if cell is not None:
    with st.container(border=True, gap="xsmall", key="drawer"):
        drawer.show_cell(study, report, cell)
        pairs.show_pairs(study, report, cell)
    confusion.show_confusion(study, report, cell.decision, cell.candidate)
    details.show_statistics(report, cell.decision)
