"""Who may send the server a request at all, before any page runs: by host name, by sign-in, by where it comes from."""

import base64
import hashlib
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from streamlit import cli_util
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret, get_url
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from advisor.errors import BadInput
from advisor.settings import PRIVATE, is_guarded_elsewhere
from advisor.types import LOOPBACK
from advisor.ui.auth import has_sign_in, refusal

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

GUARDED = ("/media/", "/_stcore/upload_file/")
"""What Streamlit serves by its address alone: reports and other downloads, and uploads."""
STREAMLITS_SCRIPT = "'sha256-THxz9J9+wf7rhwR2YkXJoSZ13UCmYyC+3lNDv2+8ugA='"
"""The one script in Streamlit's page."""
FOCUS_SCRIPT = (Path(__file__).parent / "focus.js").read_text(encoding="utf-8")
"""Ours. No other text in a page may run."""
_DIGEST = base64.b64encode(hashlib.sha256(FOCUS_SCRIPT.encode()).digest()).decode()
POLICY = (
    f"default-src 'self'; script-src 'self' {STREAMLITS_SCRIPT} 'sha256-{_DIGEST}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self' data: blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)


class Guard:
    """The outermost ASGI layer of the server."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 to a foreign host name and to a download or upload without sign-in, else pass the request on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *HEADERS]}
            await send(message)

        reason = _objection(HTTPConnection(scope))
        app: App = self._app if reason is None else PlainTextResponse(reason, status_code=403)
        await app(scope, receive, send_with_headers)


MIDDLEWARE = (Middleware(Guard),)


@asynccontextmanager
async def open_browser(_: st.App) -> AsyncIterator[None]:
    """Show the app to whoever started it at a desktop, which Streamlit leaves to us."""
    if not st.get_option("server.headless"):
        cli_util.open_browser(get_url("localhost"))
    yield


def check_start() -> None:
    """End the program where others could reach the app and nobody has to sign in; keep its files private."""
    os.umask(PRIVATE)
    try:
        is_closed = has_sign_in() or is_guarded_elsewhere()
    except BadInput as error:
        raise SystemExit(str(error)) from None
    address = st.get_option("server.address")
    if address not in LOOPBACK and not is_closed:
        raise SystemExit(
            f"Not started: others can reach {address or 'every address of this machine'} without signing in. Set up "
            "sign-in in secrets.toml. If a proxy or a private port decides who gets in, set ADVISOR_NO_SIGN_IN=yes."
        )


def is_local() -> bool:
    """Whether the visitor of this page sits at this machine beyond doubt, so its files are theirs anyway.

    Behind a proxy every visitor seems to come from this machine; what it adds to a request gives it away.
    """
    headers = st.context.headers
    names = {_name(f"//{headers.get('Host', 'localhost')}"), _name(headers.get("Origin", "//localhost"))}
    return (
        st.get_option("server.address") in LOOPBACK
        and not has_sign_in()
        and not is_guarded_elsewhere()
        and not any(_is_of_a_proxy(key.casefold()) for key in headers)
        and not isinstance(st.context.ip_address, str)  # a visitor on this machine has none
        and names <= LOOPBACK
    )


def _objection(request: HTTPConnection) -> str | None:
    host = request.headers.get("host")
    if _name(f"//{host}") not in LOOPBACK and not is_host_allowed(
        host
    ):  # a container checks its health by its own name
        return "This host name isn't allowed. Add it to server.allowedHosts in .streamlit/config.toml."
    path = request.scope["path"].removeprefix(f"/{st.get_option('server.baseUrlPath').strip('/')}".rstrip("/"))
    if path.startswith(GUARDED) and not _may_enter(request.cookies):
        return "Sign in first."
    return None


def _may_enter(cookies: Mapping[str, str]) -> bool:
    """Whether the cookies are of a visitor whom the gate lets in."""
    try:
        if not has_sign_in():
            return True
    except BadInput:
        return False

    def read(name: str) -> bytes | None:
        return decode_signed_value(get_cookie_secret(), name, cookies.get(name, ""))

    try:
        user = json.loads(get_cookie_with_chunks(read, USER_COOKIE_NAME) or b"{}")
    except ValueError:
        return False
    return user.get("is_logged_in") is True and refusal(user) is None


def _is_of_a_proxy(header: str) -> bool:
    return header in ("forwarded", "via", "x-real-ip") or header.startswith("x-forwarded-")


def _name(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
