"""Pages are opened through app.py, on a database of their own and without a worker process."""

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from advisor.jobs.sample import SAMPLE_STUDY, load_sample
from advisor.jobs.work import work
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.settings import database_url
from advisor.store import Store
from advisor.store.models import delete_model, list_models
from advisor.store.studies import find_study
from advisor.types import Role, RunOptions, Study
from advisor.ui.server import Worker
from advisor.ui.state import PICKED

ROOT = Path(__file__).resolve().parents[2]

Open = Callable[..., AppTest]


def picked(app: AppTest) -> str | None:
    """The name of the study that the picker shows."""
    picker = app.selectbox(key=PICKED) if app.sidebar.selectbox else None
    return None if picker is None or picker.index is None else picker.options[picker.index]


@pytest.fixture(scope="session", autouse=True)
def _packages_read_once() -> Iterator[None]:
    """Each AppTest reads the metadata of all installed packages, for a tenth of a second; they stay the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A database for this test only; jobs are done by the test itself, so that nothing runs beside it."""
    monkeypatch.setenv("ADVISOR_DATABASE_URL", f"sqlite:///{tmp_path / 'advisor.db'}")
    monkeypatch.setattr(Worker, "ensure", lambda worker: None)
    st.cache_resource.clear()
    st.cache_data.clear()
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main  # AppTest puts its script there, and a process started later would run that
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def store(empty: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(empty, tmp_path / "advisor.db")
    opened = Store(database_url())
    yield opened
    opened.close()


@pytest.fixture
def open_page() -> Open:
    """Opens a page file through the entrypoint; a run that raises fails the test."""

    def open_it(
        page: str | None = None, address: Mapping[str, str | list[str]] | None = None, **state: object
    ) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        for key, value in state.items():
            app.session_state[key] = value
        if page is not None:
            app.switch_page(page).query_params.update(address or {})
        app.run()
        assert not app.exception, app.exception[0].message
        return app

    return open_it


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the sample study, without its run and its judges."""
    path = tmp_path_factory.mktemp("loaded") / "advisor.db"
    opened = Store(f"sqlite:///{path}")
    study = load_sample(opened, with_run=False)
    for model in list_models(opened, study.id):
        if model.role is Role.JUDGE:
            delete_model(opened, model.id)
    opened.close()
    return path


@pytest.fixture(scope="session")
def replayed(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample study with a replay of the written answers only: no model runs."""
    path = tmp_path_factory.mktemp("replayed") / "advisor.db"
    _copy(loaded, path)
    opened = Store(f"sqlite:///{path}")
    study = find_study(opened, SAMPLE_STUDY)
    for model in list_models(opened, study.id):
        if not model.illustrative:
            delete_model(opened, model.id)
    finish_run(opened, start_run(opened, study, RunOptions(sample_size=120)).id)
    opened.close()
    return path


@pytest.fixture
def sample_study(store: Store, loaded: Path, tmp_path: Path) -> Study:
    """The sample study, imported and not replayed."""
    _copy(loaded, tmp_path / "advisor.db")
    return find_study(store, SAMPLE_STUDY)


@pytest.fixture
def replayed_study(store: Store, replayed: Path, tmp_path: Path) -> Study:
    """The sample study after a small replay, not decided yet."""
    _copy(replayed, tmp_path / "advisor.db")
    return find_study(store, SAMPLE_STUDY)


@pytest.fixture
def do_jobs(store: Store) -> Callable[[], None]:
    """Does every job in the queue, as the worker would."""
    return lambda: work(store, once=True)


def _copy(source: Path, target: Path) -> None:
    """Into a database that may be open."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
