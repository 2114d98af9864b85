"""Open models that came out after a study was measured, and testing one on its sample.

They come from the catalogue and, after a refresh, from models.dev; only those with a price at some host are shown. A
test makes the calls of the run again, with its seed and settings. The run's own answers are reused, so only the new
model's calls are paid.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from advisor.catalog.hosts import offers
from advisor.catalog.identity import canonical_name
from advisor.catalog.list_content import MODELS_DEV
from advisor.catalog.list_copies import LicenceChange, copies
from advisor.catalog.open_models import candidates_catalog, open_model
from advisor.catalog.prices import price_call
from advisor.catalog.rates import usd_per_mtok
from advisor.errors import BadInput
from advisor.measure.draft import Draft, draft_run
from advisor.measure.quoting import Quote, price_draft
from advisor.measure.registration import key_of, register_model
from advisor.measure.replay.plan import plan_calls
from advisor.measure.run_lifecycle import file_replay
from advisor.money.price_refresh import blocked
from advisor.store import Store
from advisor.store.models import list_models
from advisor.store.run.samples import list_run_samples
from advisor.types import Job, Lane, Model, Planning, PriceSource, Role, Run, RunOptions, StoredModel, Study

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


def new_models(registered: Iterable[Model], since: datetime, now: datetime) -> tuple[NewModel, ...]:
    """Open models with a price that came out after the day of ``since``, the newest first; registered ones left out.

    Raises BadInput when the catalogue is damaged.
    """
    models = list(registered)
    asked = {canonical_name(model.plain_id) for model in models}
    asked |= {known.id for model in models if (known := open_model(model.plain_id))}
    day = since.astimezone(UTC).date().isoformat()
    found = [*_in_catalogue(asked, day, now), *_in_models_dev(asked, day, now)]
    return tuple(sorted(found, key=lambda model: (model.released, model.name), reverse=True))


def _in_catalogue(asked: set[str], day: str, now: datetime) -> list[NewModel]:
    found = []
    for model in candidates_catalog():
        if model.id in asked or not model.release_date or model.release_date <= day:
            continue
        hosts = _priced((offer.litellm_id for offer in offers(model, now.date())), now)
        if hosts:
            found.append(_new(model.name, model.release_date, model.licence, None, hosts))
    return found


def _in_models_dev(asked: set[str], day: str, now: datetime) -> list[NewModel]:
    """One row for each name that the catalogue does not know; its licence is for a person to look up."""
    kept = copies().in_use.get(MODELS_DEV)
    by_name: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for provider, host in PROVIDERS.items():
        for name, told in (copies().models_dev.get(provider, {}).get("models") or {}).items():
            released = told.get("release_date") if isinstance(told, dict) and told.get("open_weights") is True else None
            if not isinstance(released, str) or not _is_day(released) or released <= day:
                continue
            litellm_id = f"{host}/{name}"
            if canonical_name(name) not in asked and open_model(litellm_id) is None:
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


_NEW = -1
"""Id of a model that is not registered yet."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A new model on the sample of a run, before anything is spent."""

    model: Model
    setup: RunOptions
    quote: Quote
    """Of what will be asked; what the run was answered costs nothing."""
    missing_key: str | None
    """The variable that should hold the provider's key and is not set here; None: one is, or none is needed."""


def same_setup(store: Store, study: Study, run: Run) -> RunOptions:
    """The settings of a run, with which the same sample is drawn again.

    Raises BadInput when the log or the use cases have changed so that another would be drawn.
    """
    sample = list_run_samples(store, run.id)
    for last_turn_only in (False, True):  # the one choice that a run does not keep; its sample tells
        # Unpriced models are allowed as in that run: the new model has a price.
        planning = Planning(last_turn_only=last_turn_only, allow_unpriced=True)
        setup = dataclasses.replace(run.options, fresh=False, planning=planning)
        if draft_run(store, study, setup).sample_ids == sample:
            return setup
    raise BadInput(
        f"The log or its use cases changed after run {run.number}, so its sample can't be drawn again. "
        "Register the model on the page Candidates and start a new replay."
    )


def quote_trial(store: Store, study: Study, run: Run, name: str, litellm_id: str) -> Trial:
    """What testing a model on the sample of a run would cost. Raises BadInput when it cannot be done."""
    model = Model(name=_free_name(store, study, name, litellm_id), litellm_id=litellm_id)
    change = blocked(model)
    if change:
        raise BadInput(f"The license of {model.name} changed to {change.after}. Review it on the page Settings first.")
    setup = same_setup(store, study, run)
    draft, added = draft_run(store, study, setup), StoredModel(**vars(model), id=_NEW)
    whole = price_draft(store, study, setup, _with(draft, [*draft.models, added], setup)).quote
    alone = price_draft(store, study, setup, _with(draft, [added], setup)).quote
    is_alone = whole.calls == alone.calls
    key = key_of(model)
    missing = key.name if key and not key.is_set else None
    return Trial(model=model, setup=setup, quote=alone if is_alone else whole, missing_key=missing)


def start_trial(store: Store, study: Study, trial: Trial) -> tuple[Run, Job]:
    """Register the model as a candidate and queue the replay. Raises BadInput when either cannot be done."""
    register_model(store, study, trial.model)
    return file_replay(store, study, trial.setup)


def _with(draft: Draft, models: list[StoredModel], setup: RunOptions) -> Draft:
    """The same draft, asked of these models."""
    lanes = [(Lane.BASELINE if model.role is Role.BASELINE else Lane.CANDIDATE, model) for model in models]
    keys = plan_calls(draft.use_cases, lanes, setup.repeats, setup.seed)
    return dataclasses.replace(draft, models=models, keys=keys)


def _free_name(store: Store, study: Study, name: str, litellm_id: str) -> str:
    """What to call it in the study: by its host too, as the page Candidates does."""
    wanted = f"{name} at {litellm_id.partition('/')[0]}"
    if any(model.litellm_id == litellm_id or model.name == wanted for model in list_models(store, study.id)):
        raise BadInput(f"{wanted} is already in this study. Start a replay on the Run page.")
    return wanted
