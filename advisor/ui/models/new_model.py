"""Adding a model: its host, the model, its key and prices; everything else is folded away."""

import json
from dataclasses import replace

import streamlit as st

from advisor.errors import BadInput
from advisor.measure.registration import catalog_choices, is_priced, rates_of, register_and_probe
from advisor.measure.suggestions import hosts, models_at
from advisor.text import numbers
from advisor.text.catalog import ENTER_PRICE
from advisor.types import Json, Model, Role, Study
from advisor.ui import queries, state
from advisor.ui.components.confirm import checked_save
from advisor.ui.components.fields import LISTED, ask_key, ask_more_prices, ask_prices, clear, read_key, read_prices
from advisor.ui.components.text import inline
from advisor.ui.server import settings, store

OWN_SERVER, OTHER = "own", "other"
"""In the list of hosts."""
PLACES = {OWN_SERVER: "Your own server (OpenAI-compatible)", OTHER: "Another provider (LiteLLM ID)"}
ROLES = {Role.CANDIDATE: "Candidate", Role.JUDGE: "Judge", Role.BASELINE: "Today's model, replayed live"}
FORM = "model"
NONE = "none known"
ROLE, HOST, MODEL, NAME, BASE, LITELLM_ID, PARAMS, MOST = (
    f"{FORM}_{field}" for field in ("role", "host", "picked", "name", "api_base", "litellm_id", "params", "max_samples")
)
ADDED = "model_added"
COUNT = "models_added"
"""How many were added in this session: the host is asked in a field of its own each time, since a browser that watches
a test sends the old choice once more."""


def fill_in(host: str, model_id: str) -> None:
    """Begin the form with a host and a model, from another page."""
    st.session_state[_host_key()] = host
    st.session_state[MODEL] = model_id


def add_model(study: Study) -> None:
    """Choose, fill in, add."""
    if added := st.session_state.pop(ADDED, None):
        _forget()
        st.session_state[COUNT] = st.session_state.get(COUNT, 0) + 1
        st.success(f"Added {inline(added)}.", icon=":material/check_circle:")
    places = {OWN_SERVER: PLACES[OWN_SERVER]} | hosts(queries.served()) | PLACES
    with st.container(border=True, key="new_model"):
        left, right = st.columns(2)
        host = left.selectbox(
            "Host",
            list(places),
            index=None,
            format_func=places.__getitem__,
            key=_host_key(),
            placeholder="Who serves it?",
            on_change=_forget,
        )
        if not host:
            return
        with right:
            chosen = _ask_model(host)
        asked = Role.JUDGE if st.query_params.get(state.ROLE) == Role.JUDGE else Role.CANDIDATE
        st.segmented_control(
            "Use it as", list(ROLES), default=asked, format_func=ROLES.__getitem__, key=ROLE, required=True
        )
        left, right = st.columns(2)
        ask_key(left, FORM, replace(chosen, litellm_id=chosen.litellm_id or f"{host}/model"))
        rates = rates_of(chosen) if chosen.litellm_id else None
        listed = [f"{numbers.price(paid * 1e6)} (list)" for paid in (rates.input, rates.output)] if rates else []
        is_unpriced = bool(chosen.litellm_id) and not is_priced(chosen)
        ask_prices(right, FORM, listed=(listed[0], listed[1]) if listed else (NONE if is_unpriced else LISTED,) * 2)
        if is_unpriced:
            right.caption(f":orange[:material/sell:] {ENTER_PRICE}")
        with st.expander("Advanced", icon=":material/tune:", key="model_advanced"):
            left, right = st.columns(2)
            left.text_input("Name in this study", key=NAME, placeholder=chosen.name)
            left.text_area("Parameters (JSON)", key=PARAMS, height=68)
            right.number_input("Max samples per run", 1, None, None, key=MOST, placeholder="all")
            ask_more_prices(right, FORM)
        if st.button("Add model", key="add_model", type="primary", icon=":material/add:"):
            _add(study, chosen)


def _ask_model(host: str) -> Model:
    """The model at a host, with the name to give it and its license where it is picked from the catalog."""
    if host == OTHER:
        litellm_id = st.text_input("Model ID", key=LITELLM_ID, placeholder="provider/model").strip()
        provider, _, name = litellm_id.partition("/")
        return Model(name=f"{name.rpartition('/')[2]} at {provider}" if name else "", litellm_id=litellm_id)
    if host != OWN_SERVER:
        names = models_at(host, queries.served())
        picked = _pick(names, f"Not listed? Choose {PLACES[OTHER]} as the host.")
        return Model(name=f"{names[picked]} at {hosts(queries.served())[host]}" if picked else "", litellm_id=picked)
    catalog = {model.id: model for model in catalog_choices(settings().data_dir)}
    model = catalog.get(st.session_state.get(MODEL) or "")
    usual = (model.hf_repo or model.id) if model else ""
    base = st.text_input("API base", key=BASE, placeholder="http://127.0.0.1:8000/v1")
    served_as = st.text_input("Model name on the server", key=LITELLM_ID, placeholder=usual).strip() or usual
    note = "Tells its license and hardware. Not listed? Leave it empty."
    _pick({model.id: model.name for model in catalog.values()}, note, "Open model that it serves (optional)")
    return Model(
        name=f"{model.name if model else served_as} at own server" if served_as else "",
        litellm_id=f"openai/{served_as}" if served_as else "",
        api_base=base.strip() or None,
        licence=model.licence if model else None,
    )


def _pick(names: dict[str, str], note: str, label: str = "Model") -> str:
    return st.selectbox(label, list(names), index=None, format_func=names.__getitem__, key=MODEL, help=note) or ""


def _forget() -> None:
    """What was said of a model at another host."""
    st.session_state.update(dict.fromkeys((MODEL, MOST)) | dict.fromkeys((NAME, BASE, LITELLM_ID, PARAMS), ""))
    clear(FORM)


def _add(study: Study, chosen: Model) -> None:
    def add(allow_key_host: bool) -> None:
        if st.session_state[_host_key()] == OWN_SERVER and not chosen.api_base:
            raise BadInput("Give the API base of your server, such as http://127.0.0.1:8000/v1.")
        model = replace(
            chosen,
            name=_text(NAME) or chosen.name,
            role=st.session_state[ROLE],
            key_env=read_key(FORM),
            prices=read_prices(FORM),
            params=read_params(_text(PARAMS)),
            max_samples=st.session_state.get(MOST),
        )
        register_and_probe(store(), study, model, allow_key_host=allow_key_host)
        st.session_state[ADDED] = model.name

    checked_save(add)


def _host_key() -> str:
    added = st.session_state.get(COUNT)
    return f"{HOST}_{added}" if added else HOST


def _text(field: str) -> str:
    return (st.session_state.get(field) or "").strip()


def read_params(text: str) -> dict[str, Json]:
    """Parameters as a person types them. Raises BadInput."""
    try:
        params = json.loads(text.strip() or "{}")
    except ValueError:
        params = None
    if not isinstance(params, dict):
        raise BadInput('Parameters must be a JSON object, such as {"temperature": 0}.')
    return params
