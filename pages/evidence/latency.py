"""Latency: median, p95 and time to first token of every model against the limit; load tests."""

from advisor.ui import address
from advisor.ui.evidence.latency import latency, load_test
from advisor.ui.page import open_page, require_report

study = open_page()
report = require_report(study)

latency.show_headline(study, report)
names = ("Models", "By use case", "Load test")
models, by_use_case, load = address.tabs(names)
if models.open:
    with models:
        latency.show_models(study, report)
if by_use_case.open:
    with by_use_case:
        latency.show_by_use_case(report)
if load.open:
    with load:
        load_test.show(study, report)
