"""Models of the log that no price list has, each with a box to map or price it, and the prices given so far."""

import streamlit as st

from advisor.collect.contract_prices import forget_price, price_as, price_at, prices_by_name, unpriced_models
from advisor.store.engine import Change
from advisor.text.catalog import name_price, unpriced_words
from advisor.types import Json, Prices, Study
from advisor.ui import queries
from advisor.ui.cache import cached
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.server import store

_LIKE, _PRICED = "Another model", "Prices"


def show_unpriced(study: Study) -> None:
    """The models and their calls; a person says which model each is, or what it costs, and takes it back."""
    found, given = _unpriced(study.id)
    if found:
        st.warning(inline(unpriced_words(found)), icon=":material/money_off:")
        _ask(study, list(found))
    if given:
        with st.expander("Prices you set", key=f"unpriced_given_{study.id}"):
            for name, price in given.items():
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.markdown(inline(name_price(name, price)), width="content")
                    key = f"unpriced_forget_{study.id}_{name}"
                    st.button("Remove", key=key, type="tertiary", on_click=_forget, args=(study, name))


def _ask(study: Study, names: list[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Model in the log", names, key=f"unpriced_model_{study.id}", width=260)
        key = f"{study.id}_{name}"
        way = st.segmented_control(
            "Price it like", [_LIKE, _PRICED], default=_LIKE, required=True, key=f"unpriced_way_{key}"
        )
        if way == _LIKE:
            st.text_input("Same model as", key=f"unpriced_as_{key}", placeholder="gpt-4o", width=220)
        else:
            st.number_input("Input, $ per 1M tokens", 0.0, value=None, key=f"unpriced_in_{key}", width=200)
            st.number_input("Output, $ per 1M tokens", 0.0, value=None, key=f"unpriced_out_{key}", width=200)
        st.button("Save price", key=f"unpriced_save_{key}", on_click=_save, args=(study, name))


@say_errors(st.toast)
def _save(study: Study, name: str) -> None:
    told = {what: st.session_state.get(f"unpriced_{what}_{study.id}_{name}") for what in ("way", "as", "in", "out")}
    if told["way"] == _LIKE:
        price_as(store(), study, name, told["as"] or "")
    else:
        price_at(store(), study, name, Prices(input=told["in"], output=told["out"]))


@say_errors(st.toast)
def _forget(study: Study, name: str) -> None:
    forget_price(store(), study, name)


@cached(Change.SETUP, prices=True)
def _unpriced(study_id: int) -> tuple[dict[str, int], dict[str, dict[str, Json]]]:
    """Of models without a price their calls, and the prices that were given by name."""
    study = queries.study(study_id)
    return unpriced_models(store(), study), prices_by_name(store(), study)
