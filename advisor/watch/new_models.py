"""Open models that came out after a study was measured.

They come from the catalogue and, after a refresh, from models.dev; only those with a price at some host are told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from advisor.catalog.hosts import offers
from advisor.catalog.identity import canonical_name
from advisor.catalog.list_content import MODELS_DEV
from advisor.catalog.list_copies import LicenceChange, copies
from advisor.catalog.open_models import candidates_catalog, open_model
from advisor.catalog.prices import price_call
from advisor.catalog.rates import usd_per_mtok
from advisor.money.price_refresh import blocked
from advisor.types import Model, PriceSource, Run

PROVIDERS = {
    "baseten": "baseten",
    "cerebras": "cerebras",
    "deepinfra": "deepinfra",
    "deepseek": "deepseek",
    "fireworks-ai": "fireworks_ai",
    "groq": "groq",
    "mistral": "mistral",
    "moonshotai": "moonshot",
    "nebius": "nebius",
    "novita-ai": "novita",
    "openrouter": "openrouter",
    "togetherai": "together_ai",
    "zai": "zai",
}
"""models.dev's names of hosts -> litellm's."""


@dataclass(frozen=True, kw_only=True)
class HostedAt:
    """Where a new model can be asked, at which price of today."""

    litellm_id: str
    input_usd_per_mtok: float
    output_usd_per_mtok: float
    source: PriceSource


@dataclass(frozen=True, kw_only=True)
class NewModel:
    """An open model that came out after a run was measured."""

    name: str
    released: str
    """The day, or the month where only that is known."""
    licence: str | None
    snapshot: str | None
    """Of models.dev; None: the catalog has it."""
    hosts: tuple[HostedAt, ...]
    """The cheapest first."""
    blocked: LicenceChange | None
    """Its licence changed and nobody has reviewed it."""


def measured_at(run: Run) -> datetime | None:
    """When the answers of a run were given."""
    return run.state.finished_at or run.state.started_at


def new_models(registered: Iterable[Model], since: datetime, data_dir: Path, now: datetime) -> tuple[NewModel, ...]:
    """Open models with a price that came out after the day of ``since``, the newest first; registered ones left out.

    Raises BadInput when the catalogue is damaged.
    """
    models = list(registered)
    asked = {canonical_name(model.plain_id) for model in models}
    asked |= {known.id for model in models if (known := open_model(model.plain_id, data_dir))}
    day = since.astimezone(UTC).date().isoformat()
    found = [*_in_catalogue(asked, day, data_dir, now), *_in_models_dev(asked, day, data_dir, now)]
    return tuple(sorted(found, key=lambda model: (model.released, model.name), reverse=True))


def _in_catalogue(asked: set[str], day: str, data_dir: Path, now: datetime) -> list[NewModel]:
    found = []
    for model in candidates_catalog(data_dir):
        if model.id in asked or not model.release_date or model.release_date <= day:
            continue
        hosts = _priced((offer.litellm_id for offer in offers(model, now.date(), data_dir)), now)
        if hosts:
            found.append(_new(model.name, model.release_date, model.licence, None, hosts))
    return found


def _in_models_dev(asked: set[str], day: str, data_dir: Path, now: datetime) -> list[NewModel]:
    """One row for each name that the catalogue does not know; its licence is for a person to look up."""
    kept = copies().in_use.get(MODELS_DEV)
    by_name: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for provider, host in PROVIDERS.items():
        for name, told in (copies().models_dev.get(provider, {}).get("models") or {}).items():
            released = told.get("release_date") if isinstance(told, dict) and told.get("open_weights") is True else None
            if not isinstance(released, str) or not _is_day(released) or released <= day:
                continue
            litellm_id = f"{host}/{name}"
            if canonical_name(name) not in asked and open_model(litellm_id, data_dir) is None:
                by_name.setdefault(canonical_name(name), []).append((litellm_id, told))
    found = []
    for spellings in by_name.values():
        hosts = _priced((litellm_id for litellm_id, _ in spellings), now)
        told = spellings[0][1]
        if hosts and kept:
            name = str(told.get("name") or hosts[0].litellm_id.rpartition("/")[2])
            found.append(_new(name, told["release_date"], None, kept.label, hosts))
    return found


def _new(name: str, released: str, licence: str | None, snapshot: str | None, hosts: tuple[HostedAt, ...]) -> NewModel:
    change = blocked(Model(name=name, litellm_id=hosts[0].litellm_id))
    return NewModel(name=name, released=released, licence=licence, snapshot=snapshot, hosts=hosts, blocked=change)


def _priced(litellm_ids: Iterable[str], now: datetime) -> tuple[HostedAt, ...]:
    found = []
    for litellm_id in litellm_ids:
        model = Model(name=litellm_id, litellm_id=litellm_id)
        into, out = (usd_per_mtok(partial(price_call, model, at=now), kind) for kind in ("input", "output"))
        if into and out:
            found.append(
                HostedAt(
                    litellm_id=litellm_id,
                    input_usd_per_mtok=into[0],
                    output_usd_per_mtok=out[0],
                    source=out[1],
                )
            )
    return tuple(sorted(found, key=lambda at: (3 * at.input_usd_per_mtok + at.output_usd_per_mtok, at.litellm_id)))


def _is_day(text: str) -> bool:
    """A day or a month, as models.dev writes them."""
    try:
        date.fromisoformat(text if len(text) != len("2026-11") else f"{text}-01")
    except ValueError:
        return False
    return True
