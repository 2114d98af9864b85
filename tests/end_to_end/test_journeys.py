"""What a product manager does, in a real browser: from nothing to a verdict, a figure, a decision and the PDF."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pypdf import PdfReader

from tests.end_to_end.driving import SECONDS
from tests.made.judge import examined
from tests.made.log import desk_log
from tests.made.run import asked, fenced_answers, verdict
from tests.served import served
from tests.server import Body, MisbehavingServer

pytestmark = pytest.mark.slow

PROMISED_S = 10.0
BUSY = 12
"""So many times longer it may take next to other tests."""
KEY = "LARCH_API_KEY"


@contextmanager
def visited(browser: Browser, database: Path, **env: str) -> Iterator[Page]:
    """The first screen of a fresh installation."""
    with served(database, env=env) as address:
        context = browser.new_context(viewport={"width": 1440, "height": 1000}, accept_downloads=True)
        page = context.new_page()
        page.set_default_timeout(120 * SECONDS)
        expect.set_options(timeout=120 * SECONDS)
        page.goto(address)
        expect(page.get_by_role("button", name="Load the sample study")).to_be_visible()
        yield page
        context.close()


def kept_promise(what: str, since: float, promised_s: float = PROMISED_S) -> None:
    took_s = time.monotonic() - since
    print(f"{what}: {took_s:.1f} s")
    assert took_s < promised_s * BUSY


def title(page: Page) -> Locator:
    return page.get_by_test_id("stMain").get_by_role("heading", level=1)


def follow(page: Page, to: str) -> None:
    """Take the one next step in the header."""
    page.locator(".st-key-next a").click()
    expect(title(page)).to_have_text(to)
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible()


def upload(page: Page, log: Path) -> None:
    """Drop a log and import it."""
    page.locator("input[type=file]").set_input_files(log)
    page.get_by_text("Replace personal data with placeholders").click()
    page.get_by_text("All of it", exact=True).click()
    page.get_by_role("button", name="Import", exact=True).click()


def add_model(page: Page, base: str, name: str, role: str) -> None:
    """A model of a server of one's own, tested by itself."""
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible()  # the form is that of this model
    host = page.get_by_role("combobox", name="Host")
    host.evaluate("field => field.scrollIntoView({block: 'center'})")  # half in sight its list closes again
    host.fill("Your own server")
    page.get_by_role("option", name="Your own server").click()
    for label, text in {
        "API base": base,
        "Model name on the server": name,
        "Environment variable with the key": KEY,
        "Input price, $/M tokens": "0.1",
        "Output price, $/M tokens": "0.3",
    }.items():
        field = page.get_by_label(label, exact=True).first
        field.fill(text)
        field.press("Tab")
    page.get_by_role("radio", name=role, exact=True).click()
    page.get_by_role("button", name="Add model").click()
    card = page.locator("[class*=st-key-model_]").filter(has_text=f"{name} at own server")
    expect(card.get_by_text("Ready")).to_be_visible()


def test_an_own_log_becomes_a_decision_by_the_next_steps(browser: Browser, tmp_path: Path) -> None:
    log = desk_log(tmp_path / "desk.jsonl")
    rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    said = {
        row["request"]["messages"][-1]["content"]: row["response"]["choices"][0]["message"]["content"] for row in rows
    }

    def larch(body: Body) -> str:
        answer = said.get(asked(body), "Hello")
        return f"Dear customer. {answer}" if answer.startswith("Thanks") else answer

    def prefers(body: Body) -> str:
        first, second = fenced_answers(body)
        return verdict("tie" if first == second or len(first) % 3 else "A" if len(first) > len(second) else "B")

    judge = examined(prefers, said.values(), lambda text: text.startswith("Dear"))
    with (
        MisbehavingServer(answers={"larch-30b": larch, "judge-70b": judge}) as server,
        visited(browser, tmp_path / "advisor.db", **{KEY: "sk-of-the-test"}) as page,
    ):
        page.get_by_role("button", name="Start with your own prompt log").click()
        expect(title(page)).to_have_text("Prompt log")
        begin = time.monotonic()
        upload(page, log)
        figure = page.locator(".st-key-savings").get_by_role("heading")
        expect(figure).to_contain_text("$")
        kept_promise("drop to the first dollar figure", begin)
        begin = time.monotonic()
        page.get_by_role("tab", name="Models").click()
        expect(page.get_by_role("tabpanel").get_by_text("gpt-4o-mini").first).to_be_visible()
        follow(page, "Catalog")
        expect(page.locator("[class*=st-key-pick_]").filter(has_text="/month")).to_have_count(3)
        page.get_by_role("link", name="Add your own server or another host").click()
        add_model(page, server.url, "larch-30b", "Candidate")
        add_model(page, server.url, "judge-70b", "Judge")
        follow(page, "Run")
        page.get_by_role("button", name="Start replay").click()
        expect(page.get_by_test_id("stProgress")).to_be_visible()
        expect(title(page)).to_have_text("Quality", timeout=360 * SECONDS)
        expect(page.locator(".st-key-spine")).to_contain_text("updated")
        kept_promise("import to decision", begin, promised_s=60)
        expect(page.locator(".st-key-matrix").get_by_role("button")).to_have_count(4)
        page.get_by_test_id("stSidebarNav").get_by_role("link", name="Summary").click()
        expect(page.locator(".st-key-decision_card").get_by_role("heading")).to_contain_text(re.compile(r"\$|pay back"))


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has this name has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        label = page.evaluate("document.activeElement.closest('a, button')?.innerText") or ""
        if label.strip().rpartition("\n")[2] == name:  # above it is the icon's name
            return
    raise AssertionError(f"{name} can't be reached by Tab")


def press(page: Page, name: str, key: str = "Enter") -> None:
    tab_to(page, name)
    page.keyboard.press(key)


def visit(page: Page, name: str) -> None:
    press(page, name)
    expect(title(page)).to_have_text(name)
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible()


def has_focus(page: Page, place: str) -> None:
    """Once a rerun has ended the focus is on a control in ``place``."""
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible()
    page.wait_for_function("place => document.activeElement.matches(`:is(${place}) :is(a, button)`)", arg=place)


def test_the_sample_opens_decided_and_its_pdf_is_reached_by_keys_alone(browser: Browser, tmp_path: Path) -> None:
    with visited(browser, tmp_path / "advisor.db") as page:
        tab_to(page, "Load the sample study")
        begin = time.monotonic()
        page.keyboard.press("Enter")
        card = page.locator(".st-key-decision_card")
        expect(card.get_by_role("heading")).to_contain_text("$")
        kept_promise("sample to verdict", begin)
        assert re.search(r"\d of \d", card.get_by_role("heading").inner_text())
        expect(card.locator(".st-key-strip [data-testid=stPageLink]")).to_have_count(6)
        visit(page, "Scenarios")
        press(page, "Use in report")
        expect(page.locator(".st-key-undo")).to_be_visible()
        has_focus(page, "[class*=st-key-card_]")
        press(page, "Undo")
        expect(page.locator(".st-key-undo")).to_have_count(0)
        has_focus(page, ".st-key-reset")
        visit(page, "Cost")
        press(page, "Add gpt-6-luna (needs OPENAI_API_KEY)")
        expect(title(page)).to_have_text("Candidates")
        expect(title(page)).to_be_focused()
        visit(page, "Catalog")
        added = page.locator("[class*=st-key-pick_]").filter(has_text="Added")
        press(page, "Add")
        expect(added).to_have_count(1)
        has_focus(page, "[data-testid=stMain]")
        visit(page, "Report")
        expect(page.get_by_role("button", name="Download PDF")).to_be_enabled()
        tab_to(page, "Download PDF")
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        download.value.save_as(tmp_path / "report.pdf")
        assert len(PdfReader(tmp_path / "report.pdf").pages) >= 3
