"""Every page of a decided study: axe-core finds nothing serious, headings are in order, nothing moves or is cut.

And pictures of pages can be taken.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from advisor.ui.navigation import PAGES
from tests.end_to_end.driving import SECONDS
from tests.end_to_end.screenshots import MOST_BYTES, pictures, sample_app

pytestmark = pytest.mark.slow

ADDRESSES = sorted(Path(page).stem for pages in PAGES.values() for page, *_ in pages)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
STREAMLIT = "1.67.0"
"""The version of Streamlit that what follows was seen in."""
STREAMLITS_OWN = {
    "list": "the sidebar's list of pages holds other elements than list items",
    "listitem": "and its items lie outside a list",
    "scrollable-region-focusable": "a table's or a long code block's scroll area can't be reached by key",
}
"""Rules that Streamlit's own sidebar, tables and toolbar break, each with the reason."""

OF_COLOURS = ("color-contrast", "link-in-text-block")
"""Rules that another colour scheme can break; all others read the same elements again."""
WIDTHS = (1440, 1280, 390)
OUTLINE = """() => {
  const levels = [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
    .filter(each => each.checkVisibility()).map(each => Number(each.tagName[1]));
  const found = levels.filter(level => level === 1).length === 1 ? [] : [`h1 in ${levels}`];
  if (levels.some((level, n) => level > (levels[n - 1] ?? 0) + 1)) found.push(`a level is skipped: ${levels}`);
  return found;
}"""
"""Faults of the headings."""
MOTION = """() => [...document.querySelectorAll('body, body *')].flatMap(each => {
  const style = getComputedStyle(each);
  const times = [style.transitionDuration, ...(style.animationName === 'none' ? [] : [style.animationDuration])];
  const moves = times.join().split(',').some(time => parseFloat(time) > 0.001);
  return moves ? [`moves: ${each.outerHTML.slice(0, 120)}`] : [];
})"""
"""What moves, whoever asked for less of that."""
CUT = """() => {
  const wide = (each, what) => each.scrollWidth > each.clientWidth + 1 ? [`${what} ${each.scrollWidth} px: ` +
    each.textContent.slice(0, 60)] : [];
  const body = [document.scrollingElement, document.querySelector('[data-testid=stMain]')];
  const cells = [...document.querySelectorAll('.advisor-table :is(th, td, span)')].filter(each => {
    const style = getComputedStyle(each);
    return style.overflowX !== 'visible' && style.textOverflow !== 'ellipsis' && !each.title;
  });
  return [...body.flatMap(each => wide(each, 'page')), ...cells.flatMap(each => wide(each, 'cell')),
    ...[...document.querySelectorAll('.advisor-table')].flatMap(each => wide(each, 'table'))];
}"""
"""What is wider than its place."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with sample_app(tmp_path_factory.mktemp("axe") / "advisor.db") as address:
        yield address


def test_no_page_shuts_anybody_out(browser: Browser, app: str) -> None:
    context = browser.new_context(viewport={"width": WIDTHS[0], "height": 1800}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(60 * SECONDS)
    found: list[str] = []
    for address in ADDRESSES:
        page.goto(f"{app}/{'' if address == 'summary' else address}")
        expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible(timeout=60 * SECONDS)
        page.wait_for_timeout(SECONDS)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", scheme, timeout=60 * SECONDS)
            page.wait_for_timeout(SECONDS / 2)
            rules = OF_COLOURS if scheme == "dark" else None
            found += [f"{address}, {scheme}: {fault}" for fault in _violations(page, rules)]
        found += [f"{address}: {fault}" for fault in (*page.evaluate(OUTLINE), *page.evaluate(MOTION)[:3])]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 1800})
            page.wait_for_timeout(SECONDS / 4)
            for _ in range(12):  # charts and the sidebar follow the new width
                if not (cut := page.evaluate(CUT)):
                    break
                page.wait_for_timeout(SECONDS / 4)
            found += [f"{address} at {width}: {fault}" for fault in cut]
        page.set_viewport_size({"width": WIDTHS[0], "height": 1800})
    context.close()
    assert found == [], json.dumps(found, indent=1)


def test_pictures_of_pages_can_be_taken(browser: Browser, app: str) -> None:
    """Of two: the test above opens the others."""
    taken = pictures(browser, app, ["pages/summary/summary.py", "pages/evidence/quality.py"])
    sizes = {name: len(picture) for name, picture in taken}
    assert sizes.keys() == {"summary", "quality"}
    assert {name: size for name, size in sizes.items() if not 8_000 < size < MOST_BYTES} == {}


def _violations(page: Page, rules: Sequence[str] | None) -> list[str]:
    """What is serious or critical, and ours, by some rules or by all."""
    found = []
    only = {"runOnly": {"type": "rule", "values": [*rules]}} if rules else {}
    for violation in Axe().run(page, options={"resultTypes": ["violations"], **only}).response["violations"]:
        if violation["impact"] in ("serious", "critical") and violation["id"] not in STREAMLITS_OWN:
            nodes = [f"{node['html'][:160]} | {node.get('failureSummary', '')[:200]}" for node in violation["nodes"]]
            found.append(f"{violation['id']} x{len(nodes)}: {nodes[0]}")
    return found
