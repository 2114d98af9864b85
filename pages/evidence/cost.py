"""Cost: what pays less than today, and what does each model cost?"""

from advisor.ui.evidence.cost import cost, scatter
from advisor.ui.page import open_page

study = open_page()
report = cost.decision_of(study)
cost.show_bridge(study, report)
scatter.show(study, report)
cost.show_tabs(study, report)
