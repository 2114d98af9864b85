"""Addresses in a real browser: each names its study, and a dead one shows no other."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect

from advisor.jobs.sample import SAMPLE_STUDY
from advisor.measure.studies import create_study
from advisor.store import Store
from advisor.store.deletion import delete_study
from advisor.store.log.use_cases import list_use_cases
from advisor.store.run.runs import change_run
from advisor.store.studies import find_study
from advisor.types import Status, Study
from advisor.ui.state import address_of
from tests.end_to_end.driving import SECONDS, open_page
from tests.made.pairs import drafts, paired_run
from tests.pages.decided_study import sample_database
from tests.served import served

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each test adds studies of its own, under other names."""
    return tmp_path_factory.mktemp("addresses") / "advisor.db"


@pytest.fixture(scope="module")
def address(database: Path) -> Iterator[str]:
    with served(database) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(60 * SECONDS)
    expect.set_options(timeout=60 * SECONDS)
    yield page
    page.close()


def shows(page: Page, study: Study, path: str) -> None:
    """The page is about this study, and the address says so."""
    expect(page.get_by_test_id("stMain").get_by_text(study.name, exact=False).first).to_be_visible()
    page.wait_for_url(f"**{path}?study={address_of(study)}")


def pick(page: Page, study: str) -> None:
    """Choose a study in the sidebar, again if a rerun of the page before closed the list."""
    for _ in range(4):
        page.get_by_role("combobox", name="Study").press("ArrowDown")
        with suppress(TimeoutError):
            page.get_by_role("option", name=study).click(timeout=15 * SECONDS)
            return


def test_an_address_shows_its_study_and_no_other(page: Page, address: str, database: Path) -> None:
    store = Store(f"sqlite:///{database}")
    first, second = (create_study(store, name) for name in ("First", "Second"))
    store.close()
    page.goto(f"{address}/candidates?study=First")
    shows(page, first, "/candidates")
    expect(page.get_by_text("Page not found")).to_have_count(0)
    open_page(page, "Run")
    shows(page, first, "/run")
    page.go_back()
    shows(page, first, "/candidates")
    page.goto(address)
    shows(page, second, "/")
    page.goto(f"{address}/candidates?study=")
    shows(page, second, "/candidates")
    pick(page, "First")
    shows(page, first, "/candidates")
    pick(page, "Second")
    shows(page, second, "/candidates")
    page.go_back()
    shows(page, first, "/candidates")
    open_page(page, "Run")
    shows(page, first, "/run")

    page.goto(f"{address}/quality?study=Nobody")
    gone = page.get_by_text("not found", exact=False)
    expect(gone).to_be_visible()
    open_page(page, "Candidates")
    expect(gone).to_be_visible()
    page.reload()
    expect(gone).to_be_visible()
    page.get_by_role("button", name="Open First").click()
    shows(page, first, "/candidates")

    store = Store(f"sqlite:///{database}")
    delete_study(store, first.id)
    again = create_study(store, "First")
    store.close()
    open_page(page, "Run")
    expect(gone).to_be_visible()
    page.reload()
    expect(gone).to_be_visible()
    expect(page.get_by_text("Second · ", exact=False)).to_have_count(0)
    page.get_by_role("button", name="Open First").click()
    shows(page, again, "/run")


def test_who_watches_a_replay_is_told_that_its_study_was_deleted(
    page: Page, address: str, database: Path, tmp_path: Path
) -> None:
    store = Store(f"sqlite:///{database}")
    study, run, *_ = paired_run(store, tmp_path, drafts(12), name="Watched", is_answered=False)
    later = datetime.now(UTC) + timedelta(hours=1)
    change_run(store, run.id, status=Status.RUNNING, owner="elsewhere:1", heartbeat_at=later)
    create_study(store, "Other")
    page.goto(f"{address}/run?study=Watched")
    expect(page.get_by_text("0 of 12 calls done")).to_be_visible()
    delete_study(store, study.id)
    expect(page.get_by_text("not found", exact=False)).to_be_visible()
    expect(page.get_by_text("calls done")).to_have_count(0)
    store.close()


def test_back_and_forward_go_from_view_to_view(page: Page, address: str, database: Path) -> None:
    with ThreadPoolExecutor() as other:  # this thread's event loop is Playwright's
        decisions = other.submit(sample_database, database).result().recommendation.use_cases
    store = Store(f"sqlite:///{database}")
    study = find_study(store, SAMPLE_STUDY)
    ids = {case.name: case.id for case in list_use_cases(store, study.id)}
    store.close()
    first, second, third = (decision.name for decision in decisions[:3])

    def is_about(use_case: str) -> None:
        expect(page.get_by_test_id("stMain").get_by_role("heading", name=f"{use_case} ·", exact=False)).to_be_visible()

    page.goto(f"{address}/quality?study={study.id}&use_case={ids[first]}")
    is_about(first)
    for place, use_case in ((1, second), (2, third)):
        page.locator(f".st-key-matrix_{place}_0 button").click()
        is_about(use_case)
        page.wait_for_url(f"**use_case={ids[use_case]}&candidate=*")
    page.go_back()
    is_about(second)
    page.go_back()
    is_about(first)
    page.go_forward()
    is_about(second)
    page.reload()
    is_about(second)
    page.get_by_test_id("stMain").get_by_role("link", name="Cost").click()
    page.wait_for_url(f"**/cost?**use_case={ids[second]}**")
    expect(page.get_by_role("combobox", name="Use case")).to_have_value(second)
    page.go_back()
    is_about(second)
