"""Who reaches the app: by host name, by address and by sign-in, on a real server."""

import base64
import hashlib
import http.client
import json
import re
from collections.abc import Iterator
from contextlib import closing
from email.message import Message
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
import streamlit
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from advisor.ui.access import STREAMLITS_SCRIPT
from tests.served import served, start

COOKIE_SECRET = "a long text that nobody guesses"
SIGN_IN = f'[auth]\nredirect_uri = "http://localhost/oauth2callback"\ncookie_secret = "{COOKIE_SECRET}"\n'
ANNA = {"is_logged_in": True, "email": "Anna@example.com", "email_verified": True}
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Open to whoever sits at this machine."""
    with served(tmp_path_factory.mktemp("app") / "advisor.db") as address:
        yield address


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """With sign-in set up in the home folder's secrets, which only Streamlit reads."""
    home = tmp_path_factory.mktemp("home")
    (home / ".streamlit").mkdir()
    (home / ".streamlit" / "secrets.toml").write_text(SIGN_IN)
    env = {"HOME": str(home), "ADVISOR_ALLOWED_EMAILS": "anna@example.com"}
    with served(home / "advisor.db", "--server.address", "0.0.0.0", env=env) as address:
        yield address


class Reply(NamedTuple):
    status: int
    headers: Message
    body: bytes


def ask(address: str, path: str, method: str = "GET", **headers: str) -> Reply:
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)) as connection:
        connection.request(method, path, headers=headers)
        reply = connection.getresponse()
        with closing(reply):
            return Reply(reply.status, reply.headers, b"" if reply.status == 101 else reply.read())


def cookie(user: dict[str, object], secret: str = COOKIE_SECRET) -> str:
    return f"{USER_COOKIE_NAME}={create_signed_value(secret, USER_COOKIE_NAME, json.dumps(user)).decode()}"


@pytest.mark.parametrize(
    ("host", "status"),
    [("evil.example", 403), ("localhost.evil.example:80", 403), ("localhost:8501", 200), ("[::1]:8501", 200)],
)
def test_a_foreign_host_name_is_refused(app: str, host: str, status: int) -> None:
    assert ask(app, "/", Host=host).status == status
    assert ask(app, "/media/x.pdf", Host=host).status == (403 if status == 403 else 404)
    stream = ask(app, "/_stcore/stream", Host=host, **UPGRADE)
    assert stream.status == (403 if status == 403 else 101)


def test_no_other_site_may_frame_the_app_and_no_other_script_run(app: str) -> None:
    for path in ("/", "/media/x.pdf", "/_stcore/health"):
        headers = ask(app, path).headers
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"'sha256-{digest}'" == STREAMLITS_SCRIPT


@pytest.mark.parametrize(("path", "method"), [("/media/x.pdf", "GET"), ("/_stcore/upload_file/s/f", "PUT")])
def test_downloads_and_uploads_need_the_sign_in(closed: str, path: str, method: str) -> None:
    unknown = {**ANNA, "email": "eve@evil.example"}
    for sent in (
        {},
        {"Cookie": cookie(unknown)},
        {"Cookie": cookie({**ANNA, "email_verified": False})},
        {"Cookie": cookie({**ANNA, "is_logged_in": False})},
        {"Cookie": cookie(ANNA, "another secret")},
        {"Cookie": f"{USER_COOKIE_NAME}=rubbish"},
    ):
        refused = ask(closed, path, method, **sent)
        assert (refused.status, refused.body) == (403, b"Sign in first.")
    allowed = ask(closed, path, method, Cookie=cookie(ANNA))
    assert b"Sign in first." not in allowed.body
    served_by_streamlit = Path(streamlit.__file__).parent / "static"
    font = next(served_by_streamlit.rglob("media/*.woff2")).relative_to(served_by_streamlit).as_posix()
    for asset in ("/", f"/{font}"):
        assert ask(closed, asset).status == 200


@pytest.mark.slow
def test_open_to_others_without_sign_in_it_does_not_start(tmp_path: Path) -> None:
    process, _ = start(tmp_path / "advisor.db", "--server.address", "0.0.0.0")
    _, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "ADVISOR_NO_SIGN_IN=yes" in said
    assert "Traceback" not in said
    env = {"ADVISOR_NO_SIGN_IN": "yes"}
    with served(tmp_path / "advisor.db", "--server.address", "0.0.0.0", env=env) as address:
        assert ask(address, "/").status == 200
