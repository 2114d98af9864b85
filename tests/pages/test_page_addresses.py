"""An address means the same on every page; where it names what isn't there, a line says so."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.store import Store
from advisor.ui import queries
from advisor.ui.navigation import (
    BUSINESS_CASE,
    CATALOG,
    COST,
    LATENCY,
    PAGES,
    PROMPT_LOG,
    QUALITY,
    REPORT,
    REVIEW,
    SCENARIOS,
    USE_CASES,
)
from advisor.ui.state import CANDIDATE, CLUSTER, COMPARED, LEAST, SAMPLE, SCENARIO, SHOW, TAB, USE_CASE
from tests.pages.decided_study import APP, sample_database

READ: dict[str, tuple[str, ...]] = {
    QUALITY: (USE_CASE, CANDIDATE, SAMPLE, SHOW, CLUSTER),
    PROMPT_LOG: (TAB,),
    USE_CASES: (USE_CASE,),
    COST: (USE_CASE, TAB),
    LATENCY: (USE_CASE, TAB),
    REVIEW: (USE_CASE, TAB),
    SCENARIOS: (SCENARIO, TAB),
    BUSINESS_CASE: (TAB,),
    REPORT: (TAB,),
    CATALOG: (COMPARED,),
}
EVERY = {name for names in READ.values() for name in names} | {LEAST}
BAD = ("", "-1", "9" * 40, "1e400", "nan", "FOREIGN", "TWICE")
OTHERS = (
    *("drop", "confidence", "p95", "ttft", "traffic", "price", "oneoff", "start", "context", "gpu", "gpus"),
    *("board", "at_least", "needs", "license", "training"),
)
FOREIGN = "Foreign"


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The decided sample study, and a newer one with a use case of its own."""
    path = tmp_path_factory.mktemp("addresses") / "advisor.db"
    sample_database(path)
    log = path.with_suffix(".csv")
    log.write_text("prompt,answer,use_case\n" + "".join(f"Ask {n},Yes {n},Foreign case\n" for n in range(3)))
    store = Store(f"sqlite:///{path}")
    import_logs(store, FOREIGN, [log], ImportOptions(redact=False))
    store.close()
    return path


@pytest.fixture(autouse=True)
def _database(decided: Path, tmp_path: Path) -> None:
    shutil.copy(decided, tmp_path / "advisor.db")


def at(page: str, **address: Any) -> AppTest:
    """A page of the sample study."""
    app = AppTest.from_file(APP, default_timeout=120)
    app.switch_page(page).query_params.update(study="1", **address)
    return app.run()


def not_found(app: AppTest) -> list[str]:
    return [each.value for each in app.caption if "link_off" in each.value]


@pytest.mark.parametrize("page", [page for pages in PAGES.values() for page, *_ in pages])
def test_bad_addresses_show_the_first_and_say_so(page: str) -> None:
    foreign = next(iter(queries.case_ids(2).values()))
    usual = at(page)
    assert not_found(usual) == []
    names = READ.get(page, ())
    for bad in BAD:
        value = {"FOREIGN": foreign, "TWICE": ["1", "2"]}.get(bad, bad)
        app = at(page, **dict.fromkeys(EVERY if bad == "TWICE" else (*EVERY, *OTHERS), value))
        assert [each.message for each in app.exception] == [], bad
        assert len(not_found(app)) == len(names), (bad, not_found(app))
        assert [box.value for box in app.selectbox] == [box.value for box in usual.selectbox], bad
        assert "Foreign case" not in str([box.options for box in app.selectbox if box.key == USE_CASE])


def test_what_belongs_to_a_use_case_is_looked_for_once_one_is_chosen() -> None:
    case_id = next(iter(queries.case_ids(1).values()))
    app = at(USE_CASES, use_case=case_id, sample="-1", tab="-1")
    assert [each.message for each in app.exception] == []
    assert app.selectbox(key=USE_CASE).value == case_id
    assert len(not_found(app)) == 2
