"""The whole way in a real browser: load the sample, replay it, watch it, open every page, download the PDF.

And what only a browser can click: the dialog about a key that would go to another host.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from advisor.measure.studies import create_study
from advisor.store import Store
from advisor.store.models import list_models
from tests.end_to_end.driving import SECONDS, open_page
from tests.served import served

pytestmark = pytest.mark.slow

PAGES = (
    *("Prompt log", "Use cases", "Catalog", "Candidates", "Run"),
    *("Quality", "Cost", "Latency", "Review", "Scenarios", "Business case", "Plan", "Report", "Files", "Settings"),
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("app") / "advisor.db"


@pytest.fixture(scope="module")
def app(database: Path) -> Iterator[str]:
    """The dashboard on an empty database, as `make run` starts it."""
    with served(database) as address:
        yield address


@pytest.fixture
def page(browser: Browser, app: str) -> Iterator[Page]:
    """A fresh browser on the first screen."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(60 * SECONDS)
    expect.set_options(timeout=60 * SECONDS)  # the machine may have other tests to do
    page.goto(app)
    yield page
    context.close()


def must_be_well(page: Page) -> None:
    """All of the page is there, and no exception on it."""
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert "Traceback" not in page.inner_text("body")


def test_from_the_first_screen_to_the_pdf(page: Page, tmp_path: Path) -> None:
    page.get_by_role("button", name="Load the sample study").click()
    expect(page.get_by_role("heading", name="Studies")).to_be_visible()
    open_page(page, "Run")
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_role("button", name="Start replay")).to_be_visible()
    must_be_well(page)
    page.get_by_text("More settings").click()
    size = page.get_by_role("spinbutton", name="Samples (of", exact=False)
    size.fill("6")
    size.press("Enter")
    expect(page.get_by_text("Replay 6 samples")).to_be_visible()
    expect(page.get_by_text("Nothing leaves this machine.")).to_be_visible()
    page.get_by_role("button", name="Start replay").click()
    result = page.get_by_role("heading", name="Quality", level=1)
    expect(page.get_by_test_id("stProgress").or_(result).first).to_be_visible()
    expect(result).to_be_visible(timeout=240 * SECONDS)
    for name in PAGES:
        open_page(page, name)
        must_be_well(page)
    open_page(page, "Report")
    with page.expect_download(timeout=60 * SECONDS) as download:
        page.get_by_role("button", name="Download PDF").click()
    path = tmp_path / "report.pdf"
    download.value.save_as(path)
    reader = PdfReader(path)
    assert len(reader.pages) >= 3
    text = "".join(pdf_page.extract_text() for pdf_page in reader.pages)
    assert "Sample data" in text
    assert "(illustrative)" in text
    open_page(page, "Quality")
    sentence = page.get_by_test_id("stMain").get_by_text("Sample study: ", exact=False).first.inner_text()
    assert "nothing can move yet" in sentence
    assert "Nothing to approve yet" in text, "the PDF decides as the screen does"


def test_a_key_goes_to_another_host_only_when_a_person_confirms_it(page: Page, app: str, database: Path) -> None:
    store = Store(f"sqlite:///{database}")
    study = create_study(store, "Keys")
    page.goto(f"{app}/candidates?study=Keys")
    host = page.get_by_role("combobox", name="Host")
    host.fill("Your own server")  # the list is long: only what is in sight can be clicked
    host.press("Enter")
    page.get_by_text("Advanced").click()
    for label, text in {
        "API base": "https://llm.example.com/v1",
        "Model name on the server": "ours",
        "Environment variable with the key": "OPENAI_API_KEY",
        "Name in this study": "Ours",
    }.items():
        field = page.get_by_role("textbox", name=label)
        field.fill(text)
        field.press("Tab")
    add, dialog = page.get_by_role("button", name="Add model"), page.get_by_role("dialog")
    add.click()
    expect(dialog).to_contain_text("llm.example.com would get the value of OPENAI_API_KEY")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    assert list_models(store, study.id) == []
    add.click()
    dialog.get_by_role("button", name="Send the key").click()
    expect(page.get_by_text("Added Ours")).to_be_visible()
    expect(dialog).to_have_count(0)
    (model,) = list_models(store, study.id)
    assert (model.key_env, model.confirmed_key) == ("OPENAI_API_KEY", "OPENAI_API_KEY at llm.example.com")
    store.close()
