"""What the page Catalog reads: the open models that suit, and who serves them at what price today."""

from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from advisor.measure import open_models as catalog
from advisor.measure.open_models import Accelerator, Edition, Found, Licence, ServedModels, Wanted
from advisor.money.price_refresh import blocking_changes, lists_version
from advisor.ui.server import settings


def browse(wanted: Wanted) -> Found:
    """The models that suit. Raises BadInput when the catalog is damaged."""
    served = _served(_folder(), (datetime.now(UTC).date(), lists_version()))
    return catalog.browse(wanted, served, _folder(), changes=blocking_changes())


def accelerators() -> tuple[Accelerator, ...]:
    """Hardware that a team may have. Raises BadInput when the catalog is damaged."""
    return catalog.accelerators(_folder())


def editions() -> tuple[Edition, ...]:
    """The states of leaderboards in which models can be compared. Raises BadInput when the catalog is damaged."""
    return catalog.editions(_folder())


def licence(licence_id: str | None) -> Licence | None:
    """What is known about a licence; None: the catalog does not hold it."""
    return catalog.licence(licence_id, _folder()) if licence_id else None


def _folder() -> Path:
    return settings().data_dir


@st.cache_data(max_entries=2, show_spinner="Looking up today's prices ...")
def _served(data_dir: Path, lists: tuple[object, ...]) -> ServedModels:
    return catalog.served_models(datetime.now(UTC), data_dir)
