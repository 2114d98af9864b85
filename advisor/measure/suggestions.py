"""What is offered when a model is added: hosts, the models they serve, and a judge."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from operator import attrgetter
from typing import NamedTuple

from advisor.catalog.hosts import host_of
from advisor.catalog.identity import canonical_name
from advisor.catalog.list_copies import copies
from advisor.catalog.open_models import candidates_catalog
from advisor.catalog.prices import price_call
from advisor.measure.open_models import ServedModels
from advisor.measure.registration import Key, has_key, key_of
from advisor.types import Model, Role, Usage

CLOSED = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "gemini": "Google Gemini",
    "mistral": "Mistral",
    "xai": "xAI",
}
"""Providers of closed models -> what people call them."""
JUDGES = (
    "openai/gpt-5.4-mini",
    "anthropic/claude-haiku-4-5",
    "gemini/gemini-3.8-flash",
    "mistral/mistral-large-latest",
    "xai/grok-4.20",
)
"""Closed models that can judge; smaller ones fail the exam too often."""
LEAST_B = 100.0
"""Billions of parameters from which an open model of the catalog's core is taken for a judge."""
JUDGED = Usage(input_tokens=2_000, output_tokens=300)
"""A typical judge call."""


class JudgeOffer(NamedTuple):
    """The cheapest judge whose key is set; else the variables of which one has to be set."""

    model: Model | None
    variables: tuple[str, ...]
    usd_per_1k: float | None = None
    """Dollars for a thousand typical votes."""


def hosts(served: ServedModels) -> dict[str, str]:
    """Provider as litellm spells it -> its name, the closed ones first; of several with one name the first."""
    offers = (one.offer for found in served.values() for one in found)
    named = {
        offer.host.name: offer.litellm_id.partition("/")[0]
        for offer in sorted(offers, key=attrgetter("litellm_id"), reverse=True)
    }
    open_hosts = {provider: name for name, provider in named.items()}
    return CLOSED | dict(sorted((o for o in open_hosts.items() if o[0] not in CLOSED), key=lambda o: o[1].lower()))


def models_at(provider: str, served: ServedModels) -> dict[str, str]:
    """Id of a model at a host -> its name, the open ones of the catalog first."""
    names = {model.id: model.name for model in candidates_catalog()}
    found = {
        one.offer.litellm_id: names[model_id]
        for model_id, offers in served.items()
        for one in offers
        if one.offer.litellm_id.startswith(f"{provider}/") or one.offer.host.name == host_of(provider).name
    }
    if provider in CLOSED:
        for name, entry in copies().litellm.items():
            if entry.get("litellm_provider") == provider and entry.get("mode") == "chat" and ":" not in name:
                plain = name.removeprefix(f"{provider}/")
                found.setdefault(f"{provider}/{plain}", plain)
    return dict(sorted(found.items(), key=lambda item: item[1].lower()))


def offer_judge(
    models: Iterable[Model], logged: Iterable[str], served: ServedModels, *, another: bool = False
) -> JudgeOffer | None:
    """A judge other than the models of the study and of the log; None: there is one, and not ``another`` is wanted."""
    models = list(models)
    if not another and any(model.role is Role.JUDGE for model in models):
        return None
    used = {canonical_name(name) for name in (*logged, *(model.plain_id for model in models))}
    choices = {name: model for name, model in _judges(served).items() if canonical_name(name) not in used}
    priced = {name: usd for name, model in choices.items() if (usd := _usd(model)) is not None}
    ready = [name for name in priced if has_key(choices[name])]
    if not ready:
        missing = (key_of(choices[name]) for name in JUDGES if name in choices)
        return JudgeOffer(None, tuple(key.name for key in missing if isinstance(key, Key)))
    best = min(ready, key=priced.__getitem__)
    return JudgeOffer(choices[best], (), priced[best] * 1_000)


def _judges(served: ServedModels) -> Mapping[str, Model]:
    names = {name: f"{name.partition('/')[2]} (judge)" for name in JUDGES}
    for model in candidates_catalog():
        if model.is_core and (model.size.total_b or 0.0) >= LEAST_B:
            names |= {
                one.offer.litellm_id: f"{model.name} at {one.offer.host.name} (judge)"
                for one in served.get(model.id, ())
                if one.offer.ends_on is None
            }
    return {litellm_id: Model(name=name, litellm_id=litellm_id, role=Role.JUDGE) for litellm_id, name in names.items()}


def _usd(model: Model) -> float | None:
    priced = price_call(model, JUDGED, datetime.now(UTC))
    return priced[0] if priced else None
