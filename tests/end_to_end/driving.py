"""What the tests in a browser do alike."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, Page, TimeoutError, expect, sync_playwright

SECONDS = 1000
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield browser
        browser.close()


def open_page(page: Page, name: str) -> None:
    """Follow the link in the sidebar, again if a rerun of the page before swallowed the click."""
    heading = page.get_by_test_id("stMain").get_by_role("heading", name=name, exact=True).first
    for _ in range(4):
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
        with suppress(TimeoutError):
            heading.wait_for(timeout=15 * SECONDS)
            return
    expect(heading).to_be_visible()
