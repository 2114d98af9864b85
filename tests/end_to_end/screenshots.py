"""A picture of each page with the sample study, for docs/screens/: `make screenshots`.

Pages with more than a screen are cut at its end.
"""

import base64
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, expect

from advisor.jobs.sample import load_sample
from advisor.store import Store
from advisor.ui.navigation import PAGES, SUMMARY
from tests.end_to_end.driving import SECONDS, chromium
from tests.served import ROOT, served

WIDTH, LEAST_HEIGHT, MOST_HEIGHT = 1200, 760, 1100
"""Pixels. The sidebar needs the least height."""
QUALITY = 60
"""Of WebP, which is a fifth of a PNG."""
MOST_BYTES = 80_000
FILES = tuple(path for path, _, _ in chain.from_iterable(PAGES.values()))


@contextmanager
def sample_app(database: Path) -> Iterator[str]:
    """The address of a dashboard with the decided sample study."""
    with ThreadPoolExecutor(1) as apart:  # Playwright has an event loop of its own in this thread
        apart.submit(_decided_sample, database).result()
    with served(database) as address:
        yield address


def _decided_sample(database: Path) -> None:
    store = Store(f"sqlite:///{database}")
    load_sample(store)
    store.close()


def pictures(browser: Browser, address: str, paths: Iterable[str] = FILES) -> Iterator[tuple[str, bytes]]:
    """(name of its file, WebP) of each page. Fails on a page with an exception."""
    for path in paths:
        name = Path(path).stem
        yield name, _picture(browser, f"{address}/{'' if path == SUMMARY else name}")


def _picture(browser: Browser, address: str) -> bytes:
    page = browser.new_page(viewport={"width": WIDTH, "height": MOST_HEIGHT}, color_scheme="light")
    page.goto(address)
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible(timeout=60 * SECONDS)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=60 * SECONDS)
    page.wait_for_timeout(2 * SECONDS)  # charts draw themselves after the page is there
    expect(page.get_by_test_id("stException")).to_have_count(0)
    content = page.get_by_test_id("stMainBlockContainer").bounding_box() or {"height": MOST_HEIGHT}
    height = min(max(content["height"], LEAST_HEIGHT), MOST_HEIGHT)
    taken = page.context.new_cdp_session(page).send(
        "Page.captureScreenshot",
        {
            "format": "webp",
            "quality": QUALITY,
            "clip": {"x": 0, "y": 0, "width": WIDTH, "height": height, "scale": 1},
        },
    )
    page.close()
    return base64.b64decode(taken["data"])


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screens"
    with TemporaryDirectory() as home, sample_app(Path(home) / "advisor.db") as address, chromium() as browser:
        for name, picture in pictures(browser, address):
            (folder / f"{name}.webp").write_bytes(picture)
