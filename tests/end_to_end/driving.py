"""What the tests in a browser do alike."""

from contextlib import suppress

from playwright.sync_api import Page, TimeoutError, expect

SECONDS = 1000


def open_page(page: Page, name: str) -> None:
    """Follow the link in the sidebar, again if a rerun of the page before swallowed the click."""
    heading = page.get_by_test_id("stMain").get_by_role("heading", name=name, exact=True).first
    for _ in range(4):
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
        with suppress(TimeoutError):
            heading.wait_for(timeout=15 * SECONDS)
            return
    expect(heading).to_be_visible()
