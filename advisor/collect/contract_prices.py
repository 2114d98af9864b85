"""The logged calls that cost what was given for their model, as in a contract, and not what a list says.

A cost that the log itself tells wins over both. What is stored stays as it is: a price that is given, changed or taken
back later holds for all calls of the log at once.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from operator import attrgetter

from advisor.catalog.dated_prices import calculated
from advisor.catalog.identity import is_same_model
from advisor.catalog.prices import place_of, place_of_logged, price_logged
from advisor.catalog.rates import FEW_TOKENS, STANDARD, Rates, Terms, contract_rates, flat_rates
from advisor.errors import BadInput
from advisor.store import Store
from advisor.store.log.costs import GivenCost, StoredCost, count_long, list_logged_names, list_stored_costs
from advisor.store.log.logs import list_logs
from advisor.store.log.traffic import sum_by_model
from advisor.store.models import list_models
from advisor.store.studies import list_name_prices, set_name_price
from advisor.types import AS_LOGGED, AT_CONTRACT, Json, Prices, Role, StoredModel, Study, Usage

_FEW = Usage(input_tokens=1000, output_tokens=1000)
LONG_TOKENS = 200_000
"""From about here on lists ask more for every token of a call, where they do."""


def given_rates(store: Store, study: Study) -> dict[str, Rates]:
    """Model as the log names it -> its given prices, in dollars a token; those of a registered model win."""
    told = {name: rates for name, price in list_name_prices(store, study.id).items() if (rates := _told_rates(price))}
    return told | _registered_rates(store, study)


def _registered_rates(store: Store, study: Study) -> dict[str, Rates]:
    models = list_models(store, study.id)
    if all(contract_rates(model.prices) is None for model in models):
        return {}
    named = {name: _registered(name, models) for name in list_logged_names(store, study.id)}
    return {name: rates for name, model in named.items() if model and (rates := contract_rates(model.prices))}


def unpriced_models(store: Store, study: Study) -> dict[str, int]:
    """Model as the log names it -> its answered calls that neither the log, a list nor a person has a price for."""
    priced = given_rates(store, study)
    log_ids = [log.id for log in list_logs(store, study.id)]
    return {
        name: sums.unpriced_answers
        for name, sums in sum_by_model(store, log_ids).items()
        if name not in priced and sums.unpriced_answers and price_logged(name, _FEW, sums.last_at) is None
    }


def prices_by_name(store: Store, study: Study) -> dict[str, dict[str, Json]]:
    """Model as the log names it -> what a person gave: ``same_as``, or ``input`` and ``output`` per million tokens."""
    return list_name_prices(store, study.id)


def price_as(store: Store, study: Study, name: str, same_as: str) -> None:
    """Price a model of the log as another one, such as a deployment as its model. Raises BadInput without a price."""
    same_as = same_as.strip()
    if not same_as or price_logged(same_as, _FEW, None) is None:
        raise BadInput(f"No price list has {same_as!r}. Enter a name such as gpt-4o, or the prices.")
    _check_name(store, study, name)
    set_name_price(store, study.id, name, {"same_as": same_as})


def price_at(store: Store, study: Study, name: str, prices: Prices) -> None:
    """Price a model of the log at what a person gives. Raises BadInput for a price that is none."""
    if not all(price is not None and math.isfinite(price) and price >= 0 for price in (prices.input, prices.output)):
        raise BadInput("Give both prices, for input and for output, in dollars per million tokens.")
    _check_name(store, study, name)
    set_name_price(store, study.id, name, {"input": prices.input, "output": prices.output})


def forget_price(store: Store, study: Study, name: str) -> None:
    """Take back what was given for a model of the log. Raises BadInput where nothing was."""
    if name not in list_name_prices(store, study.id):
        raise BadInput(f"No price is set for {name!r}.")
    set_name_price(store, study.id, name, None)


def _check_name(store: Store, study: Study, name: str) -> None:
    names = list_logged_names(store, study.id)
    if name not in names:
        raise BadInput(f"No call in the log is by {name!r}. Its models: {', '.join(names) or 'none'}.")
    if name in _registered_rates(store, study):
        raise BadInput(f"{name} is a model of this study with contract prices. Change them on the page Candidates.")


def _told_rates(price: dict[str, Json]) -> Rates | None:
    if "same_as" not in price:
        return contract_rates(Prices(input=price["input"], output=price["output"]))
    found = [price_logged(price["same_as"], Usage(**{kind: FEW_TOKENS}), None) for kind in Usage.BILLED]
    paid_in, read, write, out = (None if priced is None else priced[0] / FEW_TOKENS for priced in found)
    source = replace(AT_CONTRACT, note=price["same_as"])
    return None if paid_in is None or out is None else Rates.filled(paid_in, read, write, out, source)


def given_costs(store: Store, study: Study) -> tuple[GivenCost, ...]:
    """What answers in the log cost by the prices given for this study; empty where it has none for their models."""
    rates = given_rates(store, study)
    found: list[GivenCost] = []
    for model, some in groupby(list_stored_costs(store, study.id, rates) if rates else (), key=attrgetter("model")):
        stored = list(some)
        costs = [cost for one in stored if (cost := _given(one, rates[model])) is not None]
        is_whole = len(costs) == len(stored) and len({cost.usd_per_token for cost in costs}) == 1
        found += [cost._replace(is_whole=is_whole) for cost in costs]
    return tuple(found)


def count_costlier_at_list(store: Store, study: Study, given: Sequence[GivenCost]) -> int:
    """How many calls at given prices are so long that the list would ask more for each of their tokens."""
    models = set()
    for model in {cost.model for cost in given}:
        long, short = (price_logged(model, Usage(input_tokens=n), None) for n in (5 * LONG_TOKENS, FEW_TOKENS))
        if long and short and long[0] / (5 * LONG_TOKENS) > short[0] / FEW_TOKENS * 1.01:
            models.add(model)
    return count_long(store, study.id, models, LONG_TOKENS) if models else 0


def _registered(logged: str, models: list[StoredModel]) -> StoredModel | None:
    """The registered model that a log names: a baseline before the others, which need a price to be meant.

    A candidate at another host is none that is paid today: the same model may be cheaper there.
    """
    same = [model for model in models if is_named(model, logged)]
    baselines = [model for model in same if model.role is Role.BASELINE]
    meant = baselines or [model for model in same if contract_rates(model.prices) and _is_sold_there(model, logged)]
    return max(meant, key=lambda model: _key(logged) in (_key(model.plain_id), _key(model.name)), default=None)


def is_named(model: StoredModel, logged: str) -> bool:
    """Whether a log may mean this registered model by a name."""
    return is_same_model(logged, model.plain_id) or _key(model.name) == _key(logged)


def _is_sold_there(model: StoredModel, logged: str) -> bool:
    """Whether a registered model may be sold where the calls of a log went: a bare name at who the list has it from."""
    called, here = place_of_logged(logged), place_of(model)
    provider = called and called.provider
    if called and provider is None:
        listed = calculated(called, Usage(input_tokens=1), datetime.now(UTC))
        provider = listed.provider.id if listed else None
    return provider is None or (here is not None and here.provider == provider)


def _key(name: str) -> str:
    return name.strip().lower().rpartition("/")[2]


def _given(stored: StoredCost, rates: Rates) -> GivenCost | None:
    """What these answers cost instead; None: as stored, for the log tells it or nobody knows what their tier takes off.

    A batch or another tier takes the same share off, or puts it on, as it does at list prices.
    """
    source = stored.source or AT_CONTRACT
    if source == AS_LOGGED:
        return None
    factor, write = 1.0, rates.cache_write
    if not source.is_standard or source.cache_1h:
        at_list = _at_list(stored, STANDARD)
        at_tier = _at_list(stored, Terms(tier=source.tier, geography=source.geography))
        if at_list is None or at_tier is None or not at_list.cost_of(stored.usage):
            return None
        factor = at_tier.cost_of(stored.usage) / at_list.cost_of(stored.usage)
        if source.cache_1h:
            write *= _costlier_to_keep(stored, at_list, factor)
    each = (rates.input * factor, rates.cache_read * factor, write * factor, rates.output * factor)
    given = replace(rates.source, tier=source.tier, geography=source.geography, text_only=source.text_only)
    return GivenCost(stored.model, stored.source, each, given)


def _at_list(stored: StoredCost, terms: Terms) -> Rates | None:
    return flat_rates(partial(price_logged, stored.model, at=stored.last_at, terms=terms))


def _costlier_to_keep(stored: StoredCost, at_list: Rates, factor: float) -> float:
    """How many times the list price of a cache write was paid, since some are kept for an hour.

    How many are is stored nowhere but in what the calls cost.
    """
    tokens = stored.usage.cache_write_tokens
    if not tokens or not at_list.cache_write:
        return 1.0
    without = at_list.cost_of(replace(stored.usage, cache_write_tokens=0))
    return max((stored.usd / factor - without) / (tokens * at_list.cache_write), 1.0)
