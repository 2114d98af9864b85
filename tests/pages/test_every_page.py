"""Every page opens in every state, through the gate and without an exception."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from advisor.types import Study
from advisor.ui.navigation import PAGES

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("pages/*/*.py"))
NEEDS_NO_STUDY = {
    "pages/start/overview.py",
    "pages/collect/prompt_log.py",
    "pages/measure/catalog.py",
    "pages/setup/settings.py",
}

Open = Callable[..., AppTest]


def test_the_sidebar_lists_every_page() -> None:
    assert sorted(f"pages/{file}" for pages in PAGES.values() for file, *_ in pages) == FILES


def test_the_configuration_does_not_hide_the_sidebar() -> None:
    client = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["client"]
    assert client.get("showSidebarNavigation", True)


@pytest.mark.parametrize("page", FILES)
def test_opens_without_a_study(page: str, open_page: Open) -> None:
    app = open_page(page)
    assert app.title[0].value
    if page not in NEEDS_NO_STUDY:
        assert "There is no study yet" in app.markdown[0].value


@pytest.mark.parametrize("page", FILES)
def test_opens_with_the_sample_study(page: str, open_page: Open, sample_study: Study) -> None:
    app = open_page(page)
    if page != "pages/setup/settings.py" and page != "pages/start/overview.py":
        assert "ready for a replay" in app.caption[0].value
        assert any("Sample data" in note.value for note in app.info)


@pytest.mark.parametrize("page", FILES)
def test_opens_after_a_run(page: str, open_page: Open, replayed_study: Study) -> None:
    app = open_page(page)
    assert not app.error


def test_a_broken_database_is_said_and_not_thrown(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "text.db").write_text("this is no database, however long it is " * 50)
    monkeypatch.setenv("ADVISOR_DATABASE_URL", f"sqlite:///{tmp_path / 'text.db'}")
    app = open_page()
    assert "ADVISOR_DATABASE_URL" in app.error[0].value


def test_sign_in_is_asked_before_anything_is_shown(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sample_study: Study
) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text('[auth]\nclient_id = "x"\n')
    monkeypatch.setattr("advisor.settings.SECRETS", secrets)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    app.run()
    assert [button.label for button in app.button] == ["Sign in"]
    assert not app.selectbox


def test_broken_secrets_stop_the_app(open_page: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text("[auth")
    monkeypatch.setattr("advisor.settings.SECRETS", secrets)
    app = open_page()
    assert "secrets.toml" in app.error[0].value
    assert not app.title
