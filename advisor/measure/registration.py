"""Registering models and finding out what they can do."""

import math
import re
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple

from advisor.catalog.identity import canonical_name
from advisor.catalog.licences import licence_of
from advisor.catalog.prices import price_call
from advisor.catalog.rates import Rates, check_given, flat_rates
from advisor.collect.use_cases import change
from advisor.errors import BadInput, ModelUnavailable
from advisor.judge.endpoints import endpoint_of, lane_of_baseline, margin, moved_by_baseline
from advisor.llm.builtin import BUILTIN_ID, builtin_server
from advisor.llm.hosts import host_of
from advisor.llm.keys import check_key, confirm_key, expected_names, key_value
from advisor.llm.opening import check_model
from advisor.measure.replay import probing
from advisor.store import Store
from advisor.store import models as store_models
from advisor.store.jobs import file_job
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import add_model, list_models
from advisor.types import AnyModel, Job, Json, Lane, Model, Prices, PriceSource, Probe, StoredModel, Study, Usage

BUILTIN = Model(name="SmolLM2 135M (built in)", litellm_id=BUILTIN_ID, licence="apache-2.0", max_samples=48)
"""Runs on this machine without a key. Weak by design: it shows the machinery for free. It is slow, so that it answers a
part of each sample only.
"""


def register_model(store: Store, study: Study, model: Model, *, allow_key_host: bool = False) -> StoredModel:
    """Register a model of a study, with its licence where the catalog knows it.

    ``allow_key_host`` is a person's word that the model's key may go to the model's host, whoever runs it.

    Raises BadInput for a name, an id, an address or a key variable that cannot be used, or a price that is not one;
    UnconfirmedKey for a key that would leave its provider without that word. The key itself is looked for only when
    the model is called.
    """
    model = _checked(model, allow_key_host)
    return add_model(store, study.id, model, partial(price_call, model))


def register_once(store: Store, study: Study, model: Model) -> None:
    """Register and probe a model unless the study has it, whatever it is called; raises as :func:`register_model`."""
    if not is_among(model, list_models(store, study.id)):
        register_and_probe(store, study, model)


class Rescored(NamedTuple):
    """What asking today's model live changes in how use cases are scored."""

    names: list[str]
    drops: frozenset[tuple[float, float]]
    """Acceptable drops now and then, as fractions."""


def rescored_live(store: Store, study: Study) -> Rescored | None:
    """None: nothing changes, or today's model is asked live already."""
    moved = moved_by_baseline(list_use_cases(store, study.id))
    if not moved or lane_of_baseline(list_models(store, study.id)) is Lane.BASELINE:
        return None
    drops = ((margin(study, case, Lane.RECORDED), margin(study, case, Lane.BASELINE)) for case in moved)
    return Rescored([case.name for case in moved], frozenset(drops))


def keep_scoring(store: Store, study: Study) -> None:
    """Choose for every use case how it is scored now, so that a live baseline doesn't change that."""
    for case in moved_by_baseline(list_use_cases(store, study.id)):
        change(store, case, endpoint=endpoint_of(case, Lane.RECORDED))


def is_among(model: Model, registered: Iterable[Model]) -> bool:
    """Whether a model is registered, whatever it is called."""
    wanted = canonical_name(model.plain_id)
    return any(canonical_name(each.plain_id) == wanted for each in registered)


def register_and_probe(store: Store, study: Study, model: Model, *, allow_key_host: bool = False) -> StoredModel:
    """Register a model and queue its probe, if it is due; raises as :func:`register_model`."""
    added = register_model(store, study, model, allow_key_host=allow_key_host)
    probe_if_due(store, study, added)
    return added


def probe_if_due(store: Store, study: Study, model: StoredModel) -> None:
    """Queue the probe of a model that wasn't probed yet, unless its key is missing."""
    if model.probe is None and not model.illustrative and why_not_asked(model) is None:
        file_probe(store, study, model)


def edit_model(store: Store, model: StoredModel, *, allow_key_host: bool = False) -> StoredModel:
    """Change a registered model, found by its id; its answers stay, and new prices hold for them too.

    Raises BadInput as :func:`register_model`, and when the model is gone, its name is taken, its role, id, address or
    parameters would change although it has answers, or a replay with it is queued or running.
    """
    model = _checked(model, allow_key_host)
    return store_models.edit_model(store, model, partial(price_call, model))


def with_changes(model: AnyModel, given: dict[str, Any]) -> AnyModel:
    """The model with the given fields; with another id but no licence, its licence is the catalog's."""
    if given.get("litellm_id", model.litellm_id) != model.litellm_id:
        given = {"licence": None, **given}
    return replace(model, **given)


def _checked(model: AnyModel, allow_key_host: bool) -> AnyModel:
    if allow_key_host:
        model = confirm_key(model)
    if not model.name.strip():
        raise BadInput("A model needs a name.")
    if model.key_env is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", model.key_env):
        raise BadInput("Give the *name* of the environment variable that holds the key, such as OPENAI_API_KEY.")
    if model.max_samples is not None and model.max_samples < 1:
        raise BadInput("The number of samples must be at least 1.")
    check_given(model)
    check_model(model)
    return replace(model, licence=model.licence or licence_of(model.litellm_id))


def describe_model(model: Model) -> dict[str, Json]:
    """A model as ``model add`` and ``model edit`` print it."""
    return {
        "name": model.name,
        "model": model.litellm_id,
        "role": model.role.value,
        "priced": is_priced(model),
        "licence": model.licence,
    }


def in_dollars(given: Prices, usd_per_unit: float) -> Prices:
    """Prices that were given in a currency of which one unit costs ``usd_per_unit``.

    Raises BadInput for a rate that is not above 0, and for one without a price.
    """
    if not (math.isfinite(usd_per_unit) and usd_per_unit > 0):
        raise BadInput("The exchange rate to dollars must be above 0, such as 1.09.")
    if usd_per_unit != 1 and given == Prices():
        raise BadInput("An exchange rate needs prices. Give both prices.")
    return Prices(**{kind: price and price * usd_per_unit for kind, price in vars(given).items()})


def find_model(store: Store, study: Study, name: str) -> StoredModel:
    """The model of a study called ``name``. Raises BadInput that lists what there is."""
    models = list_models(store, study.id)
    for model in models:
        if model.name == name:
            return model
    known = ", ".join(model.name for model in models) or "none yet"
    raise BadInput(f"Study {study.name!r} has no model {name!r}. Its models: {known}.")


def probe_model(store: Store, model: StoredModel) -> Probe:
    """Talk to a model shortly, keep and return what it can do. Never raises for a model that does not answer."""
    try:
        with builtin_server() if model.is_builtin else nullcontext() as base:
            return probing.probe_model(store, model, base)
    except ModelUnavailable as error:
        return Probe(reachable=False, detail=str(error))


def is_priced(model: Model) -> bool:
    """Whether a call of this model can be priced."""
    return source_of_price(model, datetime.now(UTC)) is not None


def is_free_here(model: Model) -> bool:
    """Whether it runs on this machine and nobody is paid: what has a price may pass its calls on for money."""
    if destination(model) != destination(BUILTIN):
        return False
    priced = price_call(model, Usage(input_tokens=1, output_tokens=1), datetime.now(UTC))
    return model.illustrative or priced is None or priced[0] == 0.0


def source_of_price(model: Model, at: datetime) -> PriceSource | None:
    """Where the price of a call of this model at ``at`` (aware) comes from; None: nobody has one."""
    priced = price_call(model, Usage(input_tokens=1, output_tokens=1), at)
    return priced and priced[1]


def rates_of(model: Model) -> Rates | None:
    """What a token of a model costs now, as given with it or by the lists; None: unpriced, or with steps."""
    return flat_rates(partial(price_call, model, at=datetime.now(UTC)))


class Readiness(StrEnum):
    """Whether a model can be asked, as far as is known."""

    READY = "ready"
    LACKS = "lacks"
    """It answers, but can't do something that the log needs."""
    BLOCKED = "blocked"
    """Its key is missing or may not be used."""
    UNTESTED = "untested"
    FAILED = "failed"


def readiness(model: Model, *, needs_tools: bool) -> tuple[Readiness, str]:
    """Whether a model can be asked, and why not in words for a person."""
    probe = model.probe
    if model.illustrative:
        return Readiness.READY, ""
    if blocked := why_not_asked(model):
        return Readiness.BLOCKED, blocked
    if probe is None:  # the built-in model comes with the app
        return Readiness.READY if model.is_builtin else Readiness.UNTESTED, ""
    if not probe.answered:
        return Readiness.FAILED, probe.detail
    if lacks := probe.cannot(needs_tools=needs_tools):
        return Readiness.LACKS, f"doesn't {' or '.join(lacks)}. {probe.detail}".strip()
    return Readiness.READY, probe.detail


class Key(NamedTuple):
    """The environment variable that a model takes its key from; never its value."""

    name: str
    is_set: bool


def key_of(model: Model) -> Key | None:
    """The variable that holds a model's key, or should; None: none is needed, or only a call can tell."""
    names = expected_names(model) or ()
    for name in names:
        if key_value(name):
            return Key(name, True)
    return Key(names[0], False) if names else None


def has_key(model: Model) -> bool:
    """Whether a model is known to have the key that it needs, or to need none."""
    key = key_of(model)
    return expected_names(model) == () if key is None else key.is_set


def why_not_asked(model: Model) -> str | None:
    """What is known to keep a model from being asked, in words for a person; None: nothing is known."""
    try:
        missing = missing_key(model)
    except BadInput as error:
        return str(error).rstrip(".")
    return f"{missing} isn't set" if missing else None


def missing_key(model: Model) -> str | None:
    """The variable that a model's key is missing from. Raises BadInput for one that may not be used, or even named."""
    check_key(model)
    key = key_of(model)
    return key.name if key and not key.is_set else None


def destination(model: Model) -> str:
    """Where a model's calls go, in words for a person: a host, ``this machine``, or the provider's name."""
    return host_of(model)


def file_probe(store: Store, study: Study, model: StoredModel) -> Job:
    """Queue a probe of one model."""
    return file_job(store, "probe", study.id, {"model": model.id})
