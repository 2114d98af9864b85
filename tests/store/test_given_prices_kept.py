"""Prices given with a model are kept and changed with it."""

from dataclasses import replace

from advisor.store import Store
from advisor.store.models import add_model, list_models
from advisor.store.studies import create_study
from advisor.types import Model, Prices, StoredModel


def test_prices_of_cached_input_are_kept(any_store: Store) -> None:
    study = create_study(any_store, "s")
    given = Model(
        name="m", litellm_id="openai/m", prices=Prices(input=3.0, output=9.0, cache_read=0.3, cache_write=3.75)
    )
    kept = add_model(any_store, study.id, given)
    assert kept == StoredModel(**vars(given), id=kept.id)
    assert list_models(any_store, study.id) == [kept]
    changed = add_model(any_store, study.id, replace(given, prices=replace(given.prices, cache_read=None)))
    assert (changed.prices.cache_read, changed.prices.cache_write) == (None, 3.75)
