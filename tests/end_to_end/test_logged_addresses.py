"""Addresses in logged text, in a real browser: none becomes a link."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.end_to_end.driving import SECONDS
from tests.served import served

pytestmark = pytest.mark.slow

SCRIPT = """
import streamlit as st
from advisor.ui.components.text import inline, plain
logged = "https://evil.example/a?b=1 www.evil.example HTTP://EVIL.EXAMPLE/x someone@evil.example gpt\u202e4o"
plain(logged, key="plain")
for show in (st.markdown, st.caption, st.error, st.button, st.expander):
    show(inline(logged))
st.table({"reason": [inline(logged)]})
st.markdown("all shown")
"""


def test_no_address_in_logged_text_is_a_link(browser: Browser, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    with served(tmp_path / "advisor.db", script=script) as address:
        page = browser.new_page()
        page.goto(address)
        expect(page.get_by_text("all shown")).to_be_visible(timeout=60 * SECONDS)
        links = [link.get_attribute("href") or "" for link in page.locator("a").all()]
        assert not [link for link in links if "evil" in link.lower()]
        assert page.get_by_text("[U+202E]").count() >= 6
        page.close()
