"""Scenarios: what other limits, traffic and prices would mean; save, compare, and choose one for the report."""

from advisor.ui.decision import scenarios
from advisor.ui.page import open_page, require_report

study = open_page()
report = require_report(study)

scenarios.explore(study, report)
