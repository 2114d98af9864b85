"""Prices given with a model are kept and changed with it."""

from dataclasses import replace

from advisor.store import Store
from advisor.store.models import add_model, list_models
from advisor.store.studies import create_study
from advisor.types import Model, StoredModel


def test_prices_of_cached_input_are_kept(any_store: Store) -> None:
    study = create_study(any_store, "s")
    given = Model(
        name="m",
        litellm_id="openai/m",
        input_price_usd_per_mtok=3.0,
        output_price_usd_per_mtok=9.0,
        cache_read_price_usd_per_mtok=0.3,
        cache_write_price_usd_per_mtok=3.75,
    )
    kept = add_model(any_store, study.id, given)
    assert kept == StoredModel(**vars(given), id=kept.id)
    assert list_models(any_store, study.id) == [kept]
    changed = add_model(any_store, study.id, replace(given, cache_read_price_usd_per_mtok=None))
    assert (changed.cache_read_price_usd_per_mtok, changed.cache_write_price_usd_per_mtok) == (None, 3.75)
