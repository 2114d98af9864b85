"""Where newer lists come from, and what each must look like to be taken.

Only what the product reads is fetched: dated prices, the hosts' current prices, which open models are new, and the
licences that the repositories of the catalogue's models name.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from advisor.errors import BadInput
from advisor.settings import secret

VARIABLE = "ADVISOR_CATALOG_SOURCES"
OFF = "off"
GENAI_PRICES, LITELLM, MODELS_DEV, LICENCES = "genai-prices", "litellm", "models.dev", "huggingface"


class Rates(NamedTuple):
    """Dollars per million tokens; None: not listed."""

    input: float | None
    cache_read: float | None
    output: float | None


Entries = dict[str, Rates | None]
"""What a list holds, by its own name; None: no price is read from it."""


class Unreadable(Exception):
    """A list does not have the form that this program reads; the message says what is wrong."""


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
        """Who is asked."""
        return urlsplit(self.url).netloc


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
        what="the licence that each open model of the catalogue names",
        url="https://huggingface.co/api/models/{repo}",
    ),
)


def configured_sources() -> tuple[Source, ...]:
    """The lists with the addresses that ``ADVISOR_CATALOG_SOURCES`` gives instead (``NAME=URL NAME=off``).

    Raises BadInput for a name that is none or an address that is none.
    """
    urls = {source.name: source.url for source in SOURCES}
    for part in (secret(VARIABLE) or "").split():
        name, _, url = part.partition("=")
        if name not in urls:
            raise BadInput(f"{VARIABLE} names {name!r}; there are {', '.join(urls)}.")
        if url != OFF and urlsplit(url).scheme not in ("http", "https"):
            raise BadInput(f"{VARIABLE} should give {name} an address that begins with https://, or {OFF!r}.")
        urls[name] = url
    return tuple(
        Source(name=source.name, what=source.what, url=urls[source.name])
        for source in SOURCES
        if urls[source.name] != OFF
    )


def read_entries(name: str, body: bytes, on: datetime) -> Entries:
    """What a list holds, with its standard prices on the day of ``on``. Raises Unreadable."""
    try:
        content = json.loads(body)
    except ValueError as error:
        raise Unreadable(f"it is not whole JSON ({error})") from None
    noon = datetime.combine(on.astimezone(UTC).date(), time(12), UTC)  # no price changes with the hour of the refresh
    try:
        entries = _READERS[name](content, noon)
    except (TypeError, ValueError, AttributeError, LookupError) as error:
        raise Unreadable(f"it does not have the form that this program reads ({error!r})") from None
    if not entries:
        raise Unreadable("nothing in it has the form that this program reads")
    return entries


def read_providers(content: Any) -> list[Any]:
    """genai-prices' own values from its list. Raises Unreadable."""
    from genai_prices.types import _providers_from_raw
    from pydantic import ValidationError

    if not isinstance(content, list):
        raise Unreadable("it is no list of providers")
    try:
        return list(_providers_from_raw(content))
    except (ValidationError, ValueError, TypeError) as error:
        first = str(error).splitlines()
        raise Unreadable(f"genai-prices cannot read it: {' '.join(first[:3])}") from None


def rates_of_providers(providers: list[Any], at: datetime) -> Entries:
    """``provider/model`` -> what it costs at ``at``."""
    return {
        f"{provider.id}/{model.id}": _rates_of_model(model, at) for provider in providers for model in provider.models
    }


def rates_of_listed(content: Mapping[str, Any]) -> Entries:
    """Litellm's id -> what it costs now."""
    entries: Entries = {}
    for name, entry in content.items():
        if isinstance(entry, dict) and entry.get("litellm_provider") and name != "sample_spec":
            keys = ("input_cost_per_token", "cache_read_input_token_cost", "output_cost_per_token")
            entries[name] = Rates(*(_per_million(entry.get(key)) for key in keys))
    return entries


def _rates_of_model(model: Any, at: datetime) -> Rates | None:
    if isinstance(model.prices, list) and not model.prices:
        return None
    price = model.get_prices(at)
    return Rates(*(_base(getattr(price, f"{kind}_mtok", None)) for kind in Rates._fields))


def _base(price: Any) -> float | None:
    """The price of a short prompt, where it has steps."""
    return None if price is None else float(getattr(price, "base", price))


def _per_million(price: Any) -> float | None:
    is_price = isinstance(price, int | float) and not isinstance(price, bool)
    return round(price * 1e6, 9) if is_price else None


def _genai_prices(content: Any, at: datetime) -> Entries:
    return rates_of_providers(read_providers(content), at)


def _litellm(content: Any, _at: datetime) -> Entries:
    if not isinstance(content, dict):
        raise Unreadable("it is no table of models")
    return rates_of_listed(content)


def _models_dev(content: Any, _at: datetime) -> Entries:
    if not isinstance(content, dict):
        raise Unreadable("it is no table of providers")
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
        raise Unreadable("it is no table of licences")
    return dict.fromkeys(content)


_READERS: dict[str, Callable[[Any, datetime], Entries]] = {
    GENAI_PRICES: _genai_prices,
    LITELLM: _litellm,
    MODELS_DEV: _models_dev,
    LICENCES: _licences,
}
