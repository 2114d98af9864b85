"""Editing a registered model in a dialog."""

import json
from dataclasses import replace

import streamlit as st

from advisor.errors import AdvisorError, BadInput, UnconfirmedKey
from advisor.study.models import edit_model, in_dollars
from advisor.types import Json, Model, Role
from advisor.ui.components.model_fields import ask_key, ask_prices, read_key, read_prices, read_rate
from advisor.ui.components.text import inline
from advisor.ui.server import store
from advisor.ui.views.new_model import ROLE_WORDS


@st.dialog("Edit model", width="large")
def ask_changes(model: Model) -> None:
    """Everything about a model, to be changed and saved."""
    form = f"edit_{model.id}"
    left, right = st.columns(2)
    left.text_input("Name in this study", model.name, key=f"{form}_name")
    left.selectbox(
        "What it is for",
        [*ROLE_WORDS],
        index=[*ROLE_WORDS].index(model.role),
        format_func=lambda role: ROLE_WORDS[role],
        key=f"{form}_role",
        help="Can change as long as the model has no answers.",
    )
    left.text_input("Model id", model.litellm_id, key=f"{form}_litellm_id")
    left.text_input("API base, for a server of your own", model.api_base or "", key=f"{form}_api_base")
    left.text_area(
        "Parameters, as JSON", json.dumps(model.params) if model.params else "", key=f"{form}_params", height=68
    )
    left.text_input("Licence", model.licence or "", key=f"{form}_licence")
    ask_key(right, form, model)
    ask_prices(right, form, model)
    right.number_input(
        "Most samples of a run", 1, None, model.max_samples, key=f"{form}_max_samples", placeholder="all"
    )
    st.caption(
        "Another model id, API base or other parameters lead to new calls; earlier answers stay with their runs. New "
        "prices apply to stored answers too."
    )
    told = st.container()
    if st.button("Save changes", key=f"{form}_save", type="primary", icon=":material/save:"):
        with told:
            _save(form, model)
    elif (asked := st.session_state.get(f"{form}_unconfirmed")) is not None:
        with told:
            _ask_host(form, *asked)


def _save(form: str, model: Model) -> None:
    try:
        changed = in_dollars(_changed(form, model), read_rate(form))
        with st.spinner("Checking the model ..."):
            try:
                edit_model(store(), changed)
            except UnconfirmedKey as error:
                if not st.session_state.get(_box(form, error.variable, error.host)):
                    st.session_state[f"{form}_unconfirmed"] = (error.variable, error.host)
                    _ask_host(form, error.variable, error.host)
                    return
                edit_model(store(), changed, allow_key_host=True)
    except AdvisorError as error:
        st.error(inline(str(error)))
        return
    st.session_state.pop(f"{form}_unconfirmed", None)
    st.rerun()


def _ask_host(form: str, variable: str, host: str) -> None:
    st.warning(f"**{inline(host)}** isn't the provider of **{inline(variable)}**.", icon=":material/key:")
    st.checkbox(f"Send {inline(variable)} to {inline(host)} with every call", key=_box(form, variable, host))


def _box(form: str, variable: str, host: str) -> str:
    return f"{form}_send_{variable}_{host}"


def _changed(form: str, model: Model) -> Model:
    state = {name: st.session_state[f"{form}_{name}"] for name in ("name", "litellm_id", "api_base", "licence")}
    text = {name: value.strip() for name, value in state.items()}
    role: Role = st.session_state[f"{form}_role"]
    return replace(
        model,
        name=text["name"],
        litellm_id=text["litellm_id"],
        api_base=text["api_base"] or None,
        licence=text["licence"] or None,
        role=role,
        key_env=read_key(form),
        params=_params(st.session_state[f"{form}_params"]),
        max_samples=st.session_state[f"{form}_max_samples"],
        **read_prices(form),
    )


def _params(text: str) -> dict[str, Json]:
    try:
        params = json.loads(text.strip() or "{}")
    except ValueError:
        params = None
    if not isinstance(params, dict):
        raise BadInput('Parameters are a JSON object, such as {"temperature": 0}.')
    return params
