"""What the watch reads: new open models, today's prices, and the price of a test; each looked up once a day."""

from datetime import UTC, datetime

import streamlit as st

from advisor.money.price_refresh import lists_version, use_newest_lists
from advisor.types import Run
from advisor.ui import queries
from advisor.ui.queries import Revision
from advisor.ui.server import settings, store
from advisor.watch.new_models import NewModel
from advisor.watch.new_models import new_models as find_new_models
from advisor.watch.price_changes import PriceWatch, look_at_prices, watch_prices
from advisor.watch.trial import Trial, quote_trial


def take_up_lists() -> None:
    """Use what was refreshed since this server looked last; whatever pages remember of prices is forgotten then."""
    if use_newest_lists():
        st.cache_data.clear()


def new_models(run: Run, since: datetime) -> tuple[NewModel, ...]:
    """Open models with a price that came out after a run. Raises BadInput when the catalogue is damaged."""
    return _new_models(run.study_id, since, (lists(), repr(queries.models(run.study_id))))


def price_moves(run: Run) -> PriceWatch:
    """The models whose price is another today, by some calls of each."""
    return _price_moves(run.id, _of_run(run))


def prices(run: Run) -> PriceWatch:
    """What today's prices would change; of a large run that takes a while."""
    return _prices(run.id, _of_run(run))


def trial(run: Run, name: str, litellm_id: str) -> Trial:
    """What testing a new model on the same sample would cost. Raises BadInput when it cannot be done."""
    made = [(each.id, each.status, each.finished_at) for each in queries.runs(run.study_id)]
    revision = (lists(), queries.log_revision(run.study_id), repr(queries.models(run.study_id)), repr(made))
    return _trial(run.id, name, litellm_id, revision)


def _of_run(run: Run) -> Revision:
    study = queries.study(run.study_id)
    models = repr(queries.models(study.id))
    return (lists(), queries.run_revision(run.id), repr(study), models, queries.log_revision(study.id))


def lists() -> Revision:
    """List prices change with the day, and with every refresh."""
    return (datetime.now(UTC).date(), lists_version())


@st.cache_data(max_entries=32, show_spinner=False)
def _new_models(study_id: int, since: datetime, revision: Revision) -> tuple[NewModel, ...]:
    return find_new_models(queries.models(study_id), since, settings().data_dir, datetime.now(UTC))


@st.cache_data(max_entries=32, show_spinner=False)
def _price_moves(run_id: int, revision: Revision) -> PriceWatch:
    run = queries.run(run_id)
    return look_at_prices(store(), queries.study(run.study_id), run, datetime.now(UTC))


@st.cache_data(max_entries=32, show_spinner="Deciding again at today's prices ...")
def _prices(run_id: int, revision: Revision) -> PriceWatch:
    run = queries.run(run_id)
    return watch_prices(store(), queries.study(run.study_id), run, datetime.now(UTC))


@st.cache_data(max_entries=32, show_spinner="Counting the calls ...")
def _trial(run_id: int, name: str, litellm_id: str, revision: Revision) -> Trial:
    run = queries.run(run_id)
    return quote_trial(store(), queries.study(run.study_id), run, name, litellm_id)
