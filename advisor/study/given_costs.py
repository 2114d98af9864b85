"""The logged calls that cost what was given for their model, as in a contract, and not what a list says.

A cost that the log itself tells wins over both. What is stored stays as it is: a price that is given, changed or taken
back later holds for all calls of the log at once.
"""

from functools import partial

from advisor.catalog.given_prices import GIVEN, given_price
from advisor.catalog.identity import is_same_model
from advisor.catalog.prices import price_logged
from advisor.catalog.rates import Rates, flat_rates
from advisor.catalog.terms import KEPT_AN_HOUR, is_tier_price
from advisor.store import Store
from advisor.store.given_costs import GivenCost, StoredCost, list_logged_names, list_stored_costs
from advisor.store.models import list_models
from advisor.types import Model, Role, Study


def given_rates(store: Store, study: Study) -> dict[str, Rates]:
    """Model as the log names it -> its given prices, in dollars a token."""
    models = list_models(store, study.id)
    if all(_rates(model) is None for model in models):
        return {}
    named = {name: _registered(name, models) for name in list_logged_names(store, study.id)}
    return {name: rates for name, model in named.items() if model and (rates := _rates(model))}


def given_costs(store: Store, study: Study) -> tuple[GivenCost, ...]:
    """What answers in the log cost by the prices given for this study; empty where it has none for their models."""
    rates = given_rates(store, study)
    stored = list_stored_costs(store, study.id, rates) if rates else []
    return tuple(cost for one in stored if (cost := _given(one, rates[one.model])) is not None)


def _registered(logged: str, models: list[Model]) -> Model | None:
    """The registered model that a log names: a baseline before the others, which need a price to be meant."""
    same = [model for model in models if is_same_model(logged, model.plain_id) or _key(model.name) == _key(logged)]
    baselines = [model for model in same if model.role is Role.BASELINE]
    meant = baselines or [model for model in same if _rates(model)]
    return max(meant, key=lambda model: _key(logged) in (_key(model.plain_id), _key(model.name)), default=None)


def _key(name: str) -> str:
    return name.strip().lower().rpartition("/")[2]


def _rates(model: Model) -> Rates | None:
    return flat_rates(partial(given_price, model))


def _given(stored: StoredCost, rates: Rates) -> GivenCost | None:
    """What these answers cost instead; None: as stored, since nobody knows what their tier takes off the given price.

    A batch or another tier takes the same share off, or puts it on, as it does at list prices.
    """
    factor, source = 1.0, GIVEN
    if stored.source is not None and is_tier_price(stored.source):
        at_list = flat_rates(lambda usage: price_logged(stored.model, usage, stored.last_at))
        usd = at_list.cost_of(stored.usage) if at_list else 0.0
        if usd <= 0:
            return None
        factor = stored.usd / usd
        tier = stored.source.removesuffix(f", {KEPT_AN_HOUR}").rpartition(", ")[2]
        source = f"{GIVEN}, {tier}"
    each = (rates.input * factor, rates.cache_read * factor, rates.cache_write * factor, rates.output * factor)
    return GivenCost(stored.model, stored.source, each, source)
