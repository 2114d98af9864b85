"""Catalog: adding a model to the study as a candidate, hosted or self-hosted."""

from dataclasses import replace

import streamlit as st

from advisor.measure.open_models import Row, add_candidate
from advisor.text import numbers
from advisor.types import Model, Study
from advisor.ui import navigation
from advisor.ui.components.confirm import checked_save
from advisor.ui.components.fields import ask_key, ask_prices, clear, read_key, read_prices
from advisor.ui.components.text import inline
from advisor.ui.models.new_model import OWN_SERVER
from advisor.ui.server import store

ADDED = "catalog_added"
"""The name of the candidate that was added last, told once."""
FORM = "catalog_add"
BASE = "catalog_add_base"


def offer_adding(study: Study | None, rows: list[Row]) -> None:
    """Choose the model and where it is served, then add it."""
    if st.session_state.get(ADDED):
        _clear(rows)
    if not rows:
        _tell_added()
        return
    st.header("Add as candidate")
    if study is None:
        st.markdown("No study yet. Create one to add a candidate.")
        st.page_link(navigation.SUMMARY, label="Go to Summary", icon=":material/arrow_forward:")
        return
    names = {row.model.id: row for row in rows}
    left, right = st.columns(2)
    model_id = left.selectbox(
        "Model", list(names), format_func=lambda one: names[one].model.name, key="catalog_add_model"
    )
    row = names[model_id]
    prices = {served.offer.litellm_id: _words(row, served.offer.litellm_id) for served in row.served}
    where = right.selectbox(
        "Where it is served",
        [*prices, OWN_SERVER],
        index=None,
        format_func=lambda one: prices.get(one, OWN_SERVER),
        key=f"catalog_add_host_{model_id}",
        placeholder="Choose a host",
    )
    _tell_added()
    if where is not None:
        _fill_in(study, row, where)


def _clear(rows: list[Row]) -> None:
    st.session_state.update({f"catalog_add_host_{row.model.id}": None for row in rows} | {BASE: ""})
    clear(FORM)


def _tell_added() -> None:
    added = st.session_state.pop(ADDED, None)
    if added:
        st.success(f"Added {inline(added)}. Probe it on the Candidates page.", icon=":material/check_circle:")
        st.page_link(navigation.CANDIDATES, label="Go to Candidates", icon=":material/arrow_forward:")


def _fill_in(study: Study, row: Row, where: str) -> None:
    own = where == OWN_SERVER
    host = "own server" if own else next(s.offer.host.name for s in row.served if s.offer.litellm_id == where)
    left, right = st.columns(2)
    name = left.text_input(
        "Name in this study", f"{row.model.name} at {host}", key=f"catalog_add_name_{row.model.id}_{where}"
    )
    api_base = served_as = ""
    if own:
        api_base = right.text_input("API base", key=BASE, placeholder="http://127.0.0.1:8000/v1")
        served_as = right.text_input(
            "Model name on the server", row.model.hf_repo or "", key=f"catalog_add_served_{row.model.id}"
        )
        ask_key(left, FORM)
        ask_prices(left, FORM)
    given = Model(name=name.strip(), litellm_id="" if own else where, api_base=api_base.strip() or None)
    if own:
        given = replace(given, key_env=read_key(FORM))

    def add(allow_key_host: bool) -> None:
        priced = replace(given, prices=read_prices(FORM)) if own else given
        added = add_candidate(store(), study, row, priced, served_as=served_as.strip(), allow_key_host=allow_key_host)
        st.session_state[ADDED] = added.name

    if st.button("Add as candidate", key="catalog_add", type="primary", icon=":material/add:"):
        checked_save(add)


def _words(row: Row, litellm_id: str) -> str:
    served = next(served for served in row.served if served.offer.litellm_id == litellm_id)
    price = f"{numbers.price(served.input_usd_per_mtok)} in, {numbers.price(served.output_usd_per_mtok)} out"
    return f"{served.offer.host.name}: {litellm_id} ({price})"
