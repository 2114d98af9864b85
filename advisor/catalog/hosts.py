"""Who serves an open model, under which id, and where that host keeps what it is sent.

Ids join exactly: those written down for a model, and those of litellm's list whose name is the model's whole name on
Hugging Face, organisation included. A name that only looks alike may be another model, so it joins nothing.
"""

import functools
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from advisor.catalog.catalog_files import read_rows
from advisor.catalog.open_models import DATA, OpenModel
from advisor.catalog.refresh_kept import Kept
from advisor.catalog.refresh_lists import LITELLM
from advisor.catalog.refresh_used import in_use, listed_entry, listed_models

ROUTERS = frozenset({"openrouter", "vercel_ai_gateway"})
"""They pass calls on to a host of their choice, under names that move from one model to the next."""
TEXT = frozenset({"chat", "responses"})


@dataclass(frozen=True, kw_only=True)
class Host:
    """One row of hosts.csv. None: not known."""

    name: str
    regions: str | None
    retention: str | None
    """How long prompts and answers are kept."""
    trains_on_data: str | None
    source_url: str | None
    evidence: str | None
    checked_on: str | None


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A model at a host. None: the list does not tell."""

    litellm_id: str
    host: Host
    context_tokens: int | None
    tools: bool | None
    json_schema: bool | None
    ends_on: date | None
    """The day from which the host no longer serves it."""


def offers(model: OpenModel, on: date, data_dir: Path = DATA) -> tuple[Offer, ...]:
    """Where a model is served on a day, by the name of the host. Raises BadInput when the catalog is damaged."""
    ids = {litellm_id.lower(): litellm_id for litellm_id in model.litellm_ids}
    for litellm_id in _by_repo(in_use(LITELLM)).get((model.hf_repo or "").lower(), ()):
        ids.setdefault(litellm_id.lower(), litellm_id)
    served = [_offer(litellm_id, data_dir) for litellm_id in ids.values() if is_served(litellm_id, on)]
    return tuple(sorted(served, key=lambda offer: (offer.host.name.lower(), offer.litellm_id)))


def is_served(litellm_id: str, on: date) -> bool:
    """Whether an id is still sold on a day, as far as litellm's list tells."""
    ends_on = day_of((listed_entry(litellm_id) or {}).get("deprecation_date"))
    return ends_on is None or ends_on > on


def host_of(litellm_id: str, data_dir: Path = DATA) -> Host:
    """What is known of the host in an id; of a host that nobody wrote down only its name."""
    code = litellm_id.partition("/")[0]
    return _read(data_dir / "catalog" / "hosts.csv").get(code) or Host(
        name=code, regions=None, retention=None, trains_on_data=None, source_url=None, evidence=None, checked_on=None
    )


def _offer(litellm_id: str, data_dir: Path) -> Offer:
    entry = listed_entry(litellm_id) or {}
    tokens = entry.get("max_input_tokens")
    return Offer(
        litellm_id=litellm_id,
        host=host_of(litellm_id, data_dir),
        context_tokens=tokens if isinstance(tokens, int) else None,
        tools=entry.get("supports_function_calling"),
        json_schema=entry.get("supports_response_schema"),
        ends_on=day_of(entry.get("deprecation_date")),
    )


def day_of(value: Any) -> date | None:
    """A day as lists write it, 2026-11-26; None for anything else."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


@functools.lru_cache(maxsize=1)
def _by_repo(_copy: Kept | None) -> dict[str, tuple[str, ...]]:
    """Ids of litellm's list in use, which is this copy or the installed one, by the name behind the provider."""
    found: dict[str, list[str]] = {}
    for litellm_id, entry in listed_models().items():
        provider, _, name = litellm_id.partition("/")
        if "/" in name and provider not in ROUTERS and _is_text(entry):
            found.setdefault(name.lower(), []).append(litellm_id)
    return {name: tuple(ids) for name, ids in found.items()}


def _is_text(entry: dict[str, Any]) -> bool:
    return entry.get("mode") in TEXT


@functools.cache
def _read(path: Path) -> dict[str, Host]:
    return {code: host for codes, host in read_rows(path, _host) for code in codes}


def _host(row: dict[str, str]) -> tuple[tuple[str, ...], Host]:
    return tuple(row["host"].split("|")), Host(
        name=row["name"],
        regions=row["regions"] or None,
        retention=row["retention"] or None,
        trains_on_data=row["trains_on_data"] or None,
        source_url=row["source_url"] or None,
        evidence=row["evidence"] or None,
        checked_on=row["checked_on"] or None,
    )
