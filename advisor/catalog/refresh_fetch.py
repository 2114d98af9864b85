"""Getting a list: asked with the mark of the copy that is there, within a time, and whole or not at all."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from advisor.catalog.list_content import Unreadable, read_json

if TYPE_CHECKING:
    import aiohttp

CONNECT_S, WHOLE_S = 10.0, 60.0
LARGEST = 64 * 2**20
AT_A_TIME = 4
AGENT = {"User-Agent": "migration-advisor"}


class Unreachable(Exception):
    """A list could not be fetched; the message says why, without the address."""


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What came back."""

    body: bytes | None
    """None: the copy that is there is still the newest."""
    etag: str | None


def fetch(url: str, etag: str | None) -> Fetched:
    """Get one list, unless it is still the one with this mark. Blocks. Raises Unreachable."""
    return asyncio.run(_fetch(url, etag))


def fetch_licences(url: str, repos: Sequence[str]) -> dict[str, str]:
    """The licence that each repository names, ``{repo}`` in ``url`` filled in; those that name none are left out.

    A repository that is gone or closed is left out too. Blocks. Raises Unreachable when the host is.
    """
    return asyncio.run(_fetch_licences(url, repos))


def licence_named(content: object) -> str | None:
    """The licence in what the hub tells about a repository: ``apache-2.0``, or ``other (kimi-k3)``."""
    if not isinstance(content, dict):
        return None
    card = content.get("cardData")
    card = card if isinstance(card, dict) else {}
    tags = content.get("tags")
    tagged = [str(tag)[8:] for tag in tags if str(tag).startswith("license:")] if isinstance(tags, list) else []
    licence = card.get("license") or next(iter(tagged), None)
    licence = licence[0] if isinstance(licence, list) and licence else licence
    if not isinstance(licence, str) or not licence.strip():
        return None
    name = card.get("license_name")
    return f"{licence} ({name})" if licence == "other" and isinstance(name, str) else licence


async def _fetch(url: str, etag: str | None) -> Fetched:
    async with _session() as session:
        return await _get(session, url, {"If-None-Match": etag} if etag else {})


async def _fetch_licences(url: str, repos: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    turn = asyncio.Semaphore(AT_A_TIME)

    async def ask(session: "aiohttp.ClientSession", repo: str) -> None:
        async with turn:
            fetched = await _get(session, url.replace("{repo}", quote(repo)), {}, may_lack=True)
        try:
            licence = licence_named(read_json(fetched.body or b"null"))
        except Unreadable as error:
            raise Unreachable(f"an answer cannot be read: {error}") from None
        if licence is not None:
            found[repo] = licence

    async with _session() as session:
        try:
            async with asyncio.TaskGroup() as group:  # the first that fails ends the others: the host is not there
                for repo in repos:
                    group.create_task(ask(session, repo))
        except* Unreachable as errors:
            raise Unreachable(str(errors.exceptions[0])) from None
    return found


def _session() -> "aiohttp.ClientSession":
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=WHOLE_S, sock_connect=CONNECT_S)
    return aiohttp.ClientSession(timeout=timeout, headers=AGENT, trust_env=True)


async def _get(
    session: "aiohttp.ClientSession", url: str, headers: Mapping[str, str], *, may_lack: bool = False
) -> Fetched:
    import aiohttp

    try:
        async with session.get(url, headers=headers) as response:
            if response.status == 304 and headers:
                return Fetched(body=None, etag=headers["If-None-Match"])
            if may_lack and response.status in (401, 403, 404):
                return Fetched(body=None, etag=None)
            if response.status != 200:
                raise Unreachable(f"it answered with HTTP status {response.status}")
            body = bytearray()
            async for part in response.content.iter_any():
                body += part
                if len(body) > LARGEST:
                    raise Unreachable(f"it is larger than {LARGEST >> 20} MiB")
            etag = response.headers.get("ETag")
            return Fetched(body=bytes(body), etag=etag if etag and etag.isascii() else None)
    except TimeoutError:
        raise Unreachable("it did not answer in time") from None
    except (aiohttp.ClientConnectorError, aiohttp.ServerDisconnectedError):
        raise Unreachable("it cannot be reached; is this machine online?") from None
    except (aiohttp.ClientError, OSError) as error:
        raise Unreachable(f"the connection broke ({type(error).__name__})") from None
