"""Models of the log that no price list has, listed once, each with a box to map or price it."""

import streamlit as st

from advisor.collect.contract_prices import price_as, price_at, unpriced_models
from advisor.store.engine import Change
from advisor.text.traffic import unpriced_words
from advisor.types import Prices, Study
from advisor.ui import queries
from advisor.ui.cache import cached
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.server import store

_LIKE, _PRICED = "Another model", "Prices"


def show_unpriced(study: Study) -> None:
    """The models and their calls; a person says which model each is, or what it costs."""
    found = _unpriced(study.id)
    if not found:
        return
    st.warning(inline(unpriced_words(found)), icon=":material/money_off:")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Model in the log", list(found), key="unpriced_model", width=260)
        way = st.segmented_control("Price it like", [_LIKE, _PRICED], default=_LIKE, required=True, key="unpriced_way")
        if way == _LIKE:
            st.text_input("Same model as", key="unpriced_as", placeholder="gpt-4o", width=220)
        else:
            st.number_input("Input, $ per 1M tokens", 0.0, value=None, key="unpriced_in", width=200)
            st.number_input("Output, $ per 1M tokens", 0.0, value=None, key="unpriced_out", width=200)
        st.button("Save price", key="unpriced_save", on_click=_save, args=(study, name, way))


@say_errors(st.toast)
def _save(study: Study, name: str, way: str) -> None:
    if way == _LIKE:
        price_as(store(), study, name, str(st.session_state.get("unpriced_as") or ""))
    else:
        prices = Prices(input=st.session_state.get("unpriced_in"), output=st.session_state.get("unpriced_out"))
        price_at(store(), study, name, prices)


@cached(Change.SETUP, prices=True)
def _unpriced(study_id: int) -> dict[str, int]:
    return unpriced_models(store(), queries.study(study_id))
