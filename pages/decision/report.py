"""Report: the PDF that a manager can forward, its first page, and the other files."""

from advisor.ui.decision import report as view
from advisor.ui.page import open_page, require_report

study = open_page()
report = require_report(study)
view.show(study, report)
