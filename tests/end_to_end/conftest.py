"""The browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.end_to_end.driving import CHROMIUM, chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Its absence is a visible skip."""
    if not CHROMIUM.is_file():
        pytest.skip(f"Chromium is missing at {CHROMIUM}; set CHROMIUM or install it")
    with chromium() as browser:
        yield browser
