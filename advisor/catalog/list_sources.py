"""Where newer lists come from, and getting one: within a time, and whole or not at all.

Only what the product reads is fetched: dated prices, the hosts' current prices, which open models are new, and the
licences that the repositories of the catalogue's models name.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from advisor.catalog.list_content import GENAI_PRICES, LICENCES, LITELLM, MODELS_DEV, Unusable, read_json
from advisor.errors import BadInput
from advisor.settings import secret

if TYPE_CHECKING:
    import aiohttp

VARIABLE = "ADVISOR_CATALOG_SOURCES"
OFF = "off"
CONNECT_S, WHOLE_S = 10.0, 60.0
LARGEST = 64 * 2**20
AT_A_TIME = 4
AGENT = {"User-Agent": "migration-advisor"}


@dataclass(frozen=True, kw_only=True)
class Source:
    """One list."""

    name: str
    url: str
    """With ``{repo}`` in it: asked once for every repository."""

    @property
    def host(self) -> str:
        """Who is asked: the name of the machine, and the port where one is given. Nothing else of the address."""
        parts = urlsplit(self.url)
        return f"{parts.hostname or ''}:{parts.port}" if parts.port else parts.hostname or ""


SOURCES = {
    GENAI_PRICES: "https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/data.json",
    LITELLM: "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json",
    MODELS_DEV: "https://models.dev/api.json",
    LICENCES: "https://huggingface.co/api/models/{repo}",
}


def configured_sources() -> tuple[Source, ...]:
    """The lists with the addresses that ``ADVISOR_CATALOG_SOURCES`` gives instead (``NAME=URL NAME=off``).

    Raises BadInput for a name that is none or an address that is none, or that has a user in it. No message repeats an
    address: it may hold a key.
    """
    urls = dict(SOURCES)
    for part in (secret(VARIABLE) or "").split():
        name, _, url = part.partition("=")
        if name not in urls:
            what = "an address without a name" if "/" in name else repr(name)
            raise BadInput(f"{VARIABLE} names {what}; there are {', '.join(urls)}.")
        if url != OFF:
            _check_address(name, url)
        urls[name] = url
    return tuple(Source(name=name, url=url) for name, url in urls.items() if url != OFF)


def fetch(url: str) -> bytes:
    """Get one list. Blocks. Raises Unusable."""

    async def get() -> bytes:
        async with _session() as session:
            return await _get(session, url)

    return asyncio.run(get())


def fetch_licences(url: str, repos: Sequence[str]) -> dict[str, str]:
    """The licence that each repository names, ``{repo}`` in ``url`` filled in; those that name none are left out.

    A repository that is gone or closed is left out too. Blocks. Raises Unusable when the host is.
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


def _check_address(name: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise BadInput(f"{VARIABLE} should give {name} an address that begins with https://, or {OFF!r}.")
    if "@" in parts.netloc:
        raise BadInput(
            f"{VARIABLE} gives {name} an address with a user name, which would be stored and shown. Leave the "
            "user name out; put credentials into ~/.netrc or your own proxy."
        )


async def _fetch_licences(url: str, repos: Sequence[str]) -> dict[str, str]:
    turn = asyncio.Semaphore(AT_A_TIME)

    async def ask(session: "aiohttp.ClientSession", repo: str) -> str | None:
        async with turn:
            return licence_named(read_json(await _get(session, url.replace("{repo}", quote(repo)), may_lack=True)))

    async with _session() as session:
        try:
            async with asyncio.TaskGroup() as group:  # the first that fails ends the others: the host is not there
                asked = {repo: group.create_task(ask(session, repo)) for repo in repos}
        except* Unusable as errors:
            raise Unusable(str(errors.exceptions[0])) from None
    return {repo: licence for repo, task in asked.items() if (licence := task.result()) is not None}


def _session() -> "aiohttp.ClientSession":
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=WHOLE_S, sock_connect=CONNECT_S)
    return aiohttp.ClientSession(timeout=timeout, headers=AGENT, trust_env=True)


async def _get(session: "aiohttp.ClientSession", url: str, *, may_lack: bool = False) -> bytes:
    """What is at an address; ``null`` where it may lack and does. Raises Unusable."""
    import aiohttp

    try:
        async with session.get(url) as response:
            if may_lack and response.status in (401, 403, 404):
                return b"null"
            if response.status != 200:
                raise Unusable(f"it answered with HTTP status {response.status}")
            body = bytearray()
            async for part in response.content.iter_any():
                body += part
                if len(body) > LARGEST:
                    raise Unusable(f"it is larger than {LARGEST >> 20} MiB")
            return bytes(body)
    except TimeoutError:
        raise Unusable("it did not answer in time") from None
    except (aiohttp.ClientConnectorError, aiohttp.ServerDisconnectedError):
        raise Unusable("it can't be reached; is this machine online?") from None
    except (aiohttp.ClientError, OSError) as error:
        raise Unusable(f"the connection broke ({type(error).__name__})") from None
