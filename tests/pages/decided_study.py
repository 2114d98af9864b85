"""Makes databases with a decided study for the tests of the pages: the sample study, and one from a hostile log."""

import csv
from pathlib import Path

from streamlit.testing.v1 import AppTest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.decide.decisions import decide
from advisor.jobs.sample import ILLUSTRATIVE, LOG, SAMPLE_STUDY
from advisor.measure.registration import register_model
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.settings import ROOT
from advisor.store import Store
from advisor.store.studies import find_study
from advisor.types import Lane, Model, Planning, Report, RunOptions
from tests.server import MisbehavingServer

DATA = ROOT / "data"
APP = str(ROOT / "app.py")
COMPARE = ("pages/evidence/quality.py", "pages/evidence/cost.py", "pages/evidence/latency.py")
DECIDE = ("pages/decision/scenarios.py", "pages/decision/plan.py", "pages/decision/report.py")

HOSTILE = "![pixel](http://127.0.0.1:9/pixel.png) <img src='http://127.0.0.1:9/'> **bold** $x$"
HOSTILE_CASE = "**Loud** ![case](http://127.0.0.1:9/case.png) $y$"
QUICK, FAILING = "Quick *model*", "Failing model"


def sample_database(path: Path, traffic_share: float = 0.002) -> Report:
    """The sample study, replayed through the illustrative candidate and decided."""
    store = Store(f"sqlite:///{path}")
    import_logs(
        store,
        SAMPLE_STUDY,
        [DATA / "sample" / LOG],
        ImportOptions(redact=False, traffic_share=traffic_share, is_sample=True),
    )
    register_model(store, find_study(store, SAMPLE_STUDY), ILLUSTRATIVE)
    report = _decide(store, SAMPLE_STUDY, RunOptions(sample_size=400, baseline=Lane.RECORDED))
    store.close()
    return report


def hostile_database(path: Path) -> Report:
    """A log full of markup, without times; one candidate answers wrongly and has no price, the other only fails."""
    log = path.with_suffix(".csv")
    with log.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["prompt", "answer", "expected", "use_case", "latency_s"])
        for n in range(30):
            rows.writerow([f"{HOSTILE} {n}", "billing", "billing", HOSTILE_CASE, f"{0.5 + n / 100}"])
    store = Store(f"sqlite:///{path}")
    import_logs(store, "Hostile", [log], ImportOptions(redact=False))
    study = find_study(store, "Hostile")
    with MisbehavingServer() as server:
        for name, behaviour in ((QUICK, "ok"), (FAILING, "404")):
            register_model(store, study, Model(name=name, litellm_id=f"openai/{behaviour}", api_base=server.url))
        report = _decide(
            store, "Hostile", RunOptions(sample_size=30, baseline=Lane.RECORDED, planning=Planning(allow_unpriced=True))
        )
    store.close()
    return report


def _decide(store: Store, name: str, setup: RunOptions) -> Report:
    study = find_study(store, name)
    run = finish_run(store, start_run(store, study, setup).id)
    return decide(store, study, run=run)


def open_page(page: str, **state: object) -> AppTest:
    """A page of the app as a visitor sees it who has chosen ``state``."""
    app = AppTest.from_file(APP, default_timeout=120)
    for key, value in state.items():
        app.session_state[key] = value
    return app.switch_page(page).run()


def assert_calm(at: AppTest) -> None:
    """No traceback and no error on the page."""
    assert [exception.message for exception in at.exception] == []
    assert [error.value for error in at.error] == []


def said(at: AppTest) -> str:
    """All Markdown on a page, without the backslashes of escaped text and the marks of unbroken names in headlines."""
    texts = [element.value for kind in (at.markdown, at.caption, at.info, at.warning, at.success) for element in kind]
    plain = (text.replace("**", "") if text.startswith("## ") else text for text in texts)
    return "\n".join(plain).replace("\\", "")
