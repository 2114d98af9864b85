"""axe-core on every page of a decided study: nothing serious or critical in what we draw, light and dark."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from advisor.jobs.sample import load_sample
from advisor.store import Store
from advisor.ui.navigation import PAGES
from tests.end_to_end.driving import SECONDS
from tests.served import ROOT, served

pytestmark = pytest.mark.slow

ADDRESSES = sorted(Path(page).stem for pages in PAGES.values() for page, *_ in pages)
STREAMLIT = "1.67.0"
"""The version of Streamlit that what follows was seen in."""
STREAMLITS_OWN = {
    "list": "the sidebar's list of pages holds other elements than list items",
    "listitem": "and its items lie outside a list",
    "scrollable-region-focusable": "a table's or a long code block's scroll area can't be reached by key",
}
"""Rules that Streamlit's own sidebar, tables and toolbar break, each with the reason."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    database = tmp_path_factory.mktemp("axe") / "advisor.db"
    with ThreadPoolExecutor(1) as apart:  # the browser's driver has a loop of its own in this thread
        apart.submit(_decided_sample, database).result()
    with served(database) as address:
        yield address


def _decided_sample(database: Path) -> None:
    store = Store(f"sqlite:///{database}")
    load_sample(store, ROOT / "data")
    store.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_shuts_anybody_out(browser: Browser, app: str, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 1800}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(60 * SECONDS)
    found: list[str] = []
    for address in ADDRESSES:
        page.goto(f"{app}/{'' if address == 'summary' else address}")
        expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible(timeout=60 * SECONDS)
        page.wait_for_timeout(SECONDS)
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in ("serious", "critical") and violation["id"] not in STREAMLITS_OWN:
                nodes = [
                    f"{node['html'][:160]} | {node.get('failureSummary', '')[:200]}" for node in violation["nodes"]
                ]
                found += [f"{address}: {violation['id']} x{len(nodes)}: {nodes[0]}"]
    context.close()
    assert found == [], json.dumps(found, indent=1)
