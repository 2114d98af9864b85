"""Every page opens in every state, through the gate and without an exception."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from advisor.types import Study
from advisor.ui.navigation import PAGES

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("pages/*/*.py"))
TITLES = {path: title for pages in PAGES.values() for path, title, _ in pages}
NEEDS_NO_STUDY = {
    "pages/summary/summary.py",
    "pages/log/prompt_log.py",
    "pages/models/catalog.py",
    "pages/settings/settings.py",
}

Open = Callable[..., AppTest]


def test_the_sidebar_lists_every_page() -> None:
    assert sorted(TITLES) == FILES


def test_the_configuration_does_not_hide_the_sidebar() -> None:
    client = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["client"]
    assert client.get("showSidebarNavigation", True)


@pytest.mark.parametrize("page", FILES)
def test_opens_without_a_study(page: str, open_page: Open) -> None:
    app = open_page(page)
    assert app.title[0].value == TITLES[page]
    if page not in NEEDS_NO_STUDY:
        assert "No study yet" in app.markdown[0].value


@pytest.mark.slow
@pytest.mark.parametrize("page", FILES)
def test_opens_with_the_sample_study(page: str, open_page: Open, sample_study: Study) -> None:
    app = open_page(page)
    if page != "pages/settings/settings.py" and page != "pages/summary/summary.py":
        assert "not run yet" in app.markdown[0].value
        assert "Sample data" in app.markdown[0].value


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
    assert "text.db" in app.error[0].value


CLOSED = {"auth": {"client_id": "x"}}
ANNA = {"is_logged_in": True, "email": "anna@Example.com", "email_verified": True}


def open_signed_in(user: dict[str, object]) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.secrets.update(CLOSED)
    app.user = user
    return app.run()


def test_sign_in_is_asked_before_anything_is_shown(sample_study: Study) -> None:
    app = open_signed_in({"is_logged_in": False})
    assert [button.label for button in app.button] == ["Sign in"]
    assert not app.selectbox


@pytest.mark.parametrize(
    ("emails", "domains", "claims", "gets_in"),
    [
        ("", "", {}, False),
        ("", "example.com", {}, True),
        ("Anna@example.com, ben@example.com", "", {}, True),
        ("ben@example.com", "other.example", {}, False),
        ("", "example.com", {"email_verified": False}, False),
        ("", "example.com", {"email_verified": None}, False),
        ("", "example.com", {"email": "anna@evil-example.com"}, False),
        ("", "example.com", {"email": "anna@example.com@evil.example"}, False),
        ("", "example.com", {"email": None}, False),
    ],
)
def test_only_verified_addresses_on_the_list_get_in(
    emails: str,
    domains: str,
    claims: dict[str, object],
    gets_in: bool,
    monkeypatch: pytest.MonkeyPatch,
    sample_study: Study,
) -> None:
    monkeypatch.setenv("ADVISOR_ALLOWED_EMAILS", emails)
    monkeypatch.setenv("ADVISOR_ALLOWED_DOMAINS", domains)
    app = open_signed_in({**ANNA, **claims})
    assert bool(app.selectbox) == gets_in
    assert bool(app.error) != gets_in
    assert [button.label for button in app.sidebar.button] == ["Sign out"]
    if not emails and not domains:
        assert "ADVISOR_ALLOWED_EMAILS" in app.error[0].value


def test_broken_secrets_stop_the_app(open_page: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text("[auth")
    monkeypatch.setattr("streamlit.runtime.secrets.secrets_singleton._secrets", None)
    before = config.get_option("secrets.files")
    config.set_option("secrets.files", [str(secrets)])
    try:
        app = open_page()
    finally:
        config.set_option("secrets.files", before)
    assert "secrets.toml" in app.error[0].value
    assert not app.title
