"""Where newer lists come from, and what each must look like to be taken.

Only what the product reads is fetched: dated prices, the hosts' current prices, which open models are new, and the
licences that the repositories of the catalogue's models name.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import urlsplit

from advisor.catalog.list_content import Entries, Unreadable, prices_of_listed, prices_of_providers, read_json
from advisor.errors import BadInput
from advisor.settings import secret

VARIABLE = "ADVISOR_CATALOG_SOURCES"
OFF = "off"
_NO_ADDRESS = r"(?!)"
"""What no address matches."""
GENAI_PRICES, LITELLM, MODELS_DEV, LICENCES = "genai-prices", "litellm", "models.dev", "huggingface"


@dataclass(frozen=True, kw_only=True)
class Source:
    """One list."""

    name: str
    what: str
    """What is read from it, in words for a person."""
    url: str
    """With ``{repo}`` in it: asked once for every repository."""

    @property
    def host(self) -> str:
        """Who is asked: the name of the machine, and the port where one is given. Nothing else of the address."""
        parts = urlsplit(self.url)
        return f"{parts.hostname or ''}:{parts.port}" if parts.port else parts.hostname or ""


SOURCES = (
    Source(
        name=GENAI_PRICES,
        what="prices with the days from which they hold",
        url="https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/data.json",
    ),
    Source(
        name=LITELLM,
        what="current prices of hosts that the first list lacks",
        url="https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json",
    ),
    Source(name=MODELS_DEV, what="open models that are new", url="https://models.dev/api.json"),
    Source(
        name=LICENCES,
        what="the licence that each open model of the catalog names",
        url="https://huggingface.co/api/models/{repo}",
    ),
)


def configured_sources() -> tuple[Source, ...]:
    """The lists with the addresses that ``ADVISOR_CATALOG_SOURCES`` gives instead (``NAME=URL NAME=off``).

    Raises BadInput for a name that is none or an address that is none, or that has a user in it. No message repeats an
    address: it may hold a key.
    """
    urls = {source.name: source.url for source in SOURCES}
    for part in (secret(VARIABLE) or "").split():
        name, _, url = part.partition("=")
        if name not in urls:
            what = "an address without a name" if "/" in name else repr(name)
            raise BadInput(f"{VARIABLE} names {what}; there are {', '.join(urls)}.")
        if url != OFF:
            _check_address(name, url)
        urls[name] = url
    return tuple(
        Source(name=source.name, what=source.what, url=urls[source.name])
        for source in SOURCES
        if urls[source.name] != OFF
    )


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


def read_entries(name: str, body: bytes, on: datetime) -> Entries:
    """What a list holds, with its standard prices on the day of ``on``. Raises Unreadable."""
    content = read_json(body)
    noon = datetime.combine(on.astimezone(UTC).date(), time(12), UTC)  # no price changes with the hour of the refresh
    try:
        entries = _READERS[name](content, noon)
    except (TypeError, ValueError, AttributeError, LookupError, RecursionError) as error:
        raise Unreadable(f"it does not have the form that this program reads ({error!r})") from None
    if not entries:
        raise Unreadable("nothing in it has the form that this program reads")
    return entries


def read_providers(content: Any) -> list[Any]:
    """genai-prices' own values from its list, but at the addresses of the installed one. Raises Unreadable.

    A fetched address could say that any server is a provider's: calls to a server of one's own would get its prices.
    """
    from genai_prices.data import providers as installed
    from genai_prices.types import _providers_from_raw
    from pydantic import ValidationError

    if not isinstance(content, list):
        raise Unreadable("it isn't a list of providers")
    try:
        found = list(_providers_from_raw(content))
        for provider in found:
            for clause in (provider.model_match, provider.provider_match, *(model.match for model in provider.models)):
                _compile_rules(clause)
    except (ValidationError, re.error, ValueError, TypeError, RecursionError) as error:
        first = str(error).splitlines()
        raise Unreadable(f"genai-prices cannot read it: {' '.join(first[:3])}") from None
    addresses = {provider.id: provider.api_pattern for provider in installed}
    return [replace(provider, api_pattern=addresses.get(provider.id, _NO_ADDRESS)) for provider in found]


def _compile_rules(clause: Any) -> None:
    """Raises re.error for a rule that would fail when a name is looked up."""
    if (pattern := getattr(clause, "regex", None)) is not None:
        re.compile(pattern)
    for part in (*getattr(clause, "or_", ()), *getattr(clause, "and_", ())):
        _compile_rules(part)


def _genai_prices(content: Any, at: datetime) -> Entries:
    return prices_of_providers(read_providers(content), at)


def _litellm(content: Any, _at: datetime) -> Entries:
    return prices_of_listed(content)


def _models_dev(content: Any, _at: datetime) -> Entries:
    if not isinstance(content, dict):
        raise Unreadable("it isn't a table of providers")
    entries: Entries = {}
    for provider, told in content.items():
        models = told.get("models") if isinstance(told, dict) else None
        if not isinstance(models, dict):
            raise Unreadable(f"the provider {provider!r} has no models in it")
        for name, model in models.items():
            if isinstance(model, dict) and model.get("open_weights") is True:
                entries[f"{provider}/{name}"] = None
    return entries


def _licences(content: Any, _at: datetime) -> Entries:
    if not isinstance(content, dict) or not all(isinstance(licence, str) for licence in content.values()):
        raise Unreadable("it isn't a table of licenses")
    return dict.fromkeys(content)


_READERS: dict[str, Callable[[Any, datetime], Entries]] = {
    GENAI_PRICES: _genai_prices,
    LITELLM: _litellm,
    MODELS_DEV: _models_dev,
    LICENCES: _licences,
}
