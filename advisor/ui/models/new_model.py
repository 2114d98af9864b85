"""Adding a model: its host, the model, its key and prices; everything else is folded away."""

import json
from dataclasses import replace

import streamlit as st

from advisor.errors import BadInput
from advisor.measure.open_models import candidates_catalog
from advisor.measure.registration import is_priced, keep_scoring, rates_of, register_and_probe, rescored_live
from advisor.measure.suggestions import hosts, models_at
from advisor.text import numbers
from advisor.text.catalog import ENTER_PRICE
from advisor.text.scenarios import baseline_note
from advisor.types import Json, Model, Role, Study
from advisor.ui import queries, state
from advisor.ui.components.confirm import checked_save
from advisor.ui.components.fields import LISTED, ask_key, ask_more_prices, ask_prices, clear, read_key, read_prices
from advisor.ui.components.text import inline
from advisor.ui.server import store

OWN_SERVER, OTHER = "own", "other"
"""In the list of hosts."""
PLACES = {OWN_SERVER: "Your own server (OpenAI-compatible)", OTHER: "Another provider (LiteLLM ID)"}
ROLES = {Role.CANDIDATE: "Candidate", Role.JUDGE: "Judge", Role.BASELINE: "Today's model, replayed live"}
FORM = "model"
NONE = "none known"
ROLE, HOST, MODEL, NAME, BASE, LITELLM_ID, PARAMS, MOST = (
    f"{FORM}_{field}" for field in ("role", "host", "picked", "name", "api_base", "litellm_id", "params", "max_samples")
)
ADDED, KEEP = "model_added", "model_keeps_scoring"
COUNT = "models_added"
"""How many were added in this session: the host is asked in a field of its own each time, since a browser that watches
a test sends the old choice once more."""


def fill_in(host: str, model_id: str) -> None:
    """Begin the form with a host and a model, from another page."""
    st.session_state[_host_key()] = host
    st.session_state[MODEL] = model_id


def add_model(study: Study) -> None:
    """Choose, fill in, add."""
    note = st.container()  # stays where its words go: a form that moves up is drawn again, under a hand that types
    if added := st.session_state.pop(ADDED, None):
        _forget(study)
        st.session_state[COUNT] = st.session_state.get(COUNT, 0) + 1
        note.success(f"Added {inline(added)}.", icon=":material/check_circle:")
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
            args=(study,),
        )
        if not host:
            return
        with right:
            chosen = _ask_model(host)
        asked = Role.JUDGE if st.query_params.get(state.ROLE) == Role.JUDGE else Role.CANDIDATE
        role = st.segmented_control(
            "Use it as", list(ROLES), default=asked, format_func=ROLES.__getitem__, key=ROLE, required=True
        )
        with st.container():
            keeps = role is Role.BASELINE and _ask_scoring(study)
        left, right = st.columns(2)
        ask_key(left, FORM, replace(chosen, litellm_id=chosen.litellm_id or f"{host}/model"))
        rates = rates_of(chosen) if chosen.litellm_id else None
        listed = [f"{numbers.price(paid * 1e6)} (list)" for paid in (rates.input, rates.output)] if rates else []
        is_unpriced = bool(chosen.litellm_id) and not is_priced(chosen)
        ask_prices(right, FORM, listed=(listed[0], listed[1]) if listed else (NONE if is_unpriced else LISTED,) * 2)
        has_prices = all(st.session_state.get(f"{FORM}_{kind}_price") is not None for kind in ("input", "output"))
        if is_unpriced and not has_prices:
            right.caption(f":orange[:material/sell:] {ENTER_PRICE}")
        with st.expander("Advanced", icon=":material/tune:", key="model_advanced"):
            left, right = st.columns(2)
            left.text_input("Name in this study", key=NAME, placeholder=chosen.name)
            left.text_area("Parameters (JSON)", key=PARAMS, height=68)
            right.number_input("Max samples per run", 1, None, None, key=MOST, placeholder="all")
            ask_more_prices(right, FORM)
        if st.button("Add model", key="add_model", type="primary", icon=":material/add:"):
            _add(study, chosen, keeps=keeps)


def _ask_scoring(study: Study) -> bool:
    """Whether a live baseline leaves the scoring alone, as it does once there are results."""
    rescored = rescored_live(store(), study)
    if rescored is None:
        return False
    note = inline(baseline_note(*rescored))
    keeps = st.toggle("Keep the scoring as it is", bool(queries.runs(study.id)), key=KEEP, help=note)
    if not keeps:
        st.markdown(f":material/rule: {note}")
    return keeps


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
    catalog = {model.id: model for model in candidates_catalog()}
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


def _forget(study: Study) -> None:
    """What was said of a model at another host; a server of one's own is likely the one of the last model."""
    bases = [model.api_base for model in queries.models(study.id) if model.api_base]
    st.session_state.update(dict.fromkeys((MODEL, MOST)) | dict.fromkeys((NAME, LITELLM_ID, PARAMS), ""))
    st.session_state[BASE] = bases[-1] if bases else ""
    clear(FORM)


def _add(study: Study, chosen: Model, *, keeps: bool) -> None:
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
        if keeps:
            keep_scoring(store(), study)
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
