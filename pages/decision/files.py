"""Files: what an engineer runs after the decision."""

from advisor.ui.decision import files as view
from advisor.ui.page import open_page, require_report

study = open_page()
report = require_report(study)
view.show(study, report)
