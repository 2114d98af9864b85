"""What the watch reads: new open models, today's prices, and the price of a test; each looked up once a day."""

from datetime import UTC, datetime

import streamlit as st

from advisor.money.price_refresh import use_newest_lists
from advisor.store.engine import Change
from advisor.types import Run
from advisor.ui import queries
from advisor.ui.cache import cached
from advisor.ui.server import settings, store
from advisor.watch.new_models import NewModel, Trial, quote_trial
from advisor.watch.new_models import new_models as find_new_models
from advisor.watch.price_changes import PriceWatch, look_at_prices, watch_prices


def take_up_lists() -> None:
    """Use what was refreshed since this server looked last; whatever pages remember of prices is forgotten then."""
    if use_newest_lists():
        st.cache_data.clear()


def new_models(run: Run, since: datetime) -> tuple[NewModel, ...]:
    """Open models with a price that came out after a run. Raises BadInput when the catalogue is damaged."""
    return _new_models(run.study_id, since)


@cached(prices=True, most=32)
def price_moves(run: Run) -> PriceWatch:
    """The models whose price is another today, by some calls of each."""
    return look_at_prices(store(), queries.study(run.study_id), run, datetime.now(UTC))


@cached(prices=True, most=32, spinner="Deciding again at today's prices ...")
def prices(run: Run) -> PriceWatch:
    """What today's prices would change; of a large run that takes a while."""
    return watch_prices(store(), queries.study(run.study_id), run, datetime.now(UTC))


@cached(Change.ANSWERS, prices=True, most=32, spinner="Counting the calls ...")
def trial(run: Run, name: str, litellm_id: str) -> Trial:
    """What testing a new model on the same sample would cost. Raises BadInput when it cannot be done."""
    return quote_trial(store(), queries.study(run.study_id), run, name, litellm_id)


@cached(Change.SETUP, prices=True, most=32)
def _new_models(study_id: int, since: datetime) -> tuple[NewModel, ...]:
    return find_new_models(queries.models(study_id), since, settings().data_dir, datetime.now(UTC))
