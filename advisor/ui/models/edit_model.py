"""Editing a model in a dialog."""

import json
from typing import Any

import streamlit as st

from advisor.errors import UnconfirmedKey
from advisor.measure.registration import edit_model, probe_if_due, rescored_live, with_changes
from advisor.store.models import has_answers
from advisor.text.scenarios import baseline_note
from advisor.types import Role, StoredModel, Study
from advisor.ui.components.errors import say_errors
from advisor.ui.components.fields import ask_key, ask_more_prices, ask_prices, read_key, read_prices
from advisor.ui.components.text import inline
from advisor.ui.models.new_model import ROLES, read_params
from advisor.ui.server import store


def ask_changes(study: Study, model: StoredModel) -> None:
    """Open a dialog to edit a model."""
    st.session_state.pop(f"edit_{model.id}_unconfirmed", None)
    _ask(study, model)


@st.dialog("Edit model", width="large")
def _ask(study: Study, model: StoredModel) -> None:
    form = f"edit_{model.id}"
    fixed = has_answers(store(), model.id)
    left, right = st.columns(2)
    left.text_input("Name in this study", model.name, key=f"{form}_name")
    role = left.selectbox(
        "Role",
        [*ROLES],
        index=[*ROLES].index(model.role),
        format_func=ROLES.__getitem__,
        key=f"{form}_role",
        help="Fixed once the model has answers.",
    )
    rescored = rescored_live(store(), study) if role is Role.BASELINE else None
    if rescored:
        left.caption(inline(baseline_note(*rescored)))
    served = "On your server: openai/ and the model name there." if model.api_base else None
    left.text_input("Model ID", model.litellm_id, key=f"{form}_litellm_id", disabled=fixed, help=served)
    left.text_input("API base, if self-hosted", model.api_base or "", key=f"{form}_api_base", disabled=fixed)
    params = json.dumps(model.params) if model.params else ""
    left.text_area("Parameters (JSON)", params, key=f"{form}_params", height=68, disabled=fixed)
    left.text_input("License", model.licence or "", key=f"{form}_licence")
    ask_key(right, form, model)
    ask_prices(right, form, model)
    ask_more_prices(right, form, model)
    right.number_input("Max samples per run", 1, None, model.max_samples, key=f"{form}_max_samples", placeholder="all")
    if fixed:
        st.caption("ID, address and parameters are fixed because this model has answers. New prices apply to them too.")
    told = st.container()
    if st.button("Save changes", key=f"{form}_save", type="primary", icon=":material/save:"):
        with told:
            _save(form, study, model)
    elif (asked := st.session_state.get(f"{form}_unconfirmed")) is not None:
        with told:
            _ask_host(form, *asked)


@say_errors()
def _save(form: str, study: Study, model: StoredModel) -> None:
    changed = with_changes(model, _given(form, model))
    with st.spinner("Checking the model …"):
        try:
            edited = edit_model(store(), changed)
        except UnconfirmedKey as error:
            if not st.session_state.get(_box(form, error.variable, error.host)):
                st.session_state[f"{form}_unconfirmed"] = (error.variable, error.host)
                _ask_host(form, error.variable, error.host)
                return
            edited = edit_model(store(), changed, allow_key_host=True)
    st.session_state.pop(f"{form}_unconfirmed", None)
    probe_if_due(store(), study, edited)
    st.rerun()


def _ask_host(form: str, variable: str, host: str) -> None:
    st.warning(f"**{inline(host)}** isn't the provider of **{inline(variable)}**.", icon=":material/key:")
    st.checkbox(f"Send {inline(variable)} to {inline(host)} with every call", key=_box(form, variable, host))


def _box(form: str, variable: str, host: str) -> str:
    return f"{form}_send_{variable}_{host}"


def _given(form: str, model: StoredModel) -> dict[str, Any]:
    state = {name: st.session_state[f"{form}_{name}"] for name in ("name", "litellm_id", "api_base", "licence")}
    text = {name: value.strip() for name, value in state.items()}
    licence = text["licence"] or None
    return {
        "name": text["name"],
        "litellm_id": text["litellm_id"],
        "api_base": text["api_base"] or None,
        "role": st.session_state[f"{form}_role"],
        "key_env": read_key(form),
        "params": read_params(st.session_state[f"{form}_params"]),
        "max_samples": st.session_state[f"{form}_max_samples"],
        **({"licence": licence} if licence != model.licence else {}),
        "prices": read_prices(form, model.prices),
    }
