"""Adding a model, picked from the catalog or entered by hand, and editing one."""

import json
from dataclasses import replace
from typing import Any

import streamlit as st

from advisor.errors import AdvisorError, BadInput, UnconfirmedKey
from advisor.measure.registration import catalog_choices, edit_model, register_model, with_changes
from advisor.store.models import has_answers
from advisor.text import numbers
from advisor.types import Json, Model, Role, StoredModel, Study
from advisor.ui import navigation
from advisor.ui.components.confirm import checked_save
from advisor.ui.components.errors import say_errors
from advisor.ui.components.fields import ask_key, ask_prices, clear, read_key, read_prices
from advisor.ui.components.text import inline
from advisor.ui.server import settings, store

OWN = "Another model"
OWN_SERVER = "your own server (OpenAI-compatible)"
ROLE_WORDS = {
    Role.CANDIDATE: "Candidate: could take over",
    Role.BASELINE: "Baseline: today's closed model, replayed live",
    Role.JUDGE: "Judge: compares answers",
}
FORM = "model"
NAME, LITELLM_ID, BASE, ROLE = "model_name", "model_litellm_id", "model_api_base", "model_role"
PICKED, HOST = "model_picked", "model_host"
ADDED = "model_added"
TEXTS = (NAME, LITELLM_ID, BASE)


def offer_catalog() -> None:
    """The way to the page that compares open models."""
    st.page_link(navigation.CATALOG, label="Compare open models in the catalog", icon=":material/library_books:")


def add_model(study: Study) -> None:
    """Pick, fill in, add."""
    added = st.session_state.pop(ADDED, None)
    if added:
        _clear()
        st.session_state[PICKED] = OWN
        st.success(f"Added {inline(added)}. Probe it to see what it can do.", icon=":material/check_circle:")
    _pick()
    left, right = st.columns(2)
    left.text_input("Name in this study", key=NAME, placeholder="For example: Qwen3 32B at Groq")
    left.text_input(
        "Model ID",
        key=LITELLM_ID,
        placeholder="provider/model",
        help="In LiteLLM notation: `openai/gpt-4o-mini`, `groq/openai/gpt-oss-20b`; `openai/NAME` with an API base "
        "for any OpenAI-compatible server.",
    )
    left.selectbox("Role", [*ROLE_WORDS], format_func=lambda role: ROLE_WORDS[role], key=ROLE)
    right.text_input(
        "API base, if self-hosted",
        key=BASE,
        placeholder="http://127.0.0.1:8000/v1",
        help="Leave empty for the provider's own address.",
    )
    ask_key(right, FORM)
    ask_prices(right, FORM)
    if st.button("Add model", key="add_model", type="primary", icon=":material/add:"):
        _add(study)


def _pick() -> None:
    try:
        choices = {choice.id: choice for choice in catalog_choices(settings().data_dir)}
    except AdvisorError as error:
        st.warning(str(error))
        choices = {}

    def words(choice_id: str) -> str:
        choice = choices.get(choice_id)
        return choice_id if choice is None else f"{choice.name} · {choice.developer}"

    picked = st.selectbox("Pick from the catalog", [OWN, *choices], format_func=words, key=PICKED, on_change=_clear)
    choice = choices.get(picked or OWN)
    if choice is None:
        return
    hosts = [*choice.litellm_ids, OWN_SERVER]
    st.selectbox(
        "Where it is served",
        hosts,
        index=None,
        key=HOST,
        placeholder="Choose a host",
        on_change=_fill,
        args=(choice.name, choice.hf_repo),
    )
    facts = [f"license {choice.licence or 'unknown'}"]
    facts += [f"{choice.size.total_b:g} B parameters"] if choice.size.total_b else []
    facts += [f"context {choice.can.context_tokens:,} tokens"] if choice.can.context_tokens else []
    facts += [
        f"{numbers.price(choice.hosted.input_usd_per_mtok)} in, {numbers.price(choice.hosted.output_usd_per_mtok)} out "
        f"per million tokens (median of {numbers.count(choice.hosted.hosts or 0, 'host')}, "
        f"{choice.remarks.checked_on or 'date unknown'})"
    ]
    facts += [f"self-host on {numbers.count(choice.size.gpus_80gb, '80 GB GPU')}"] if choice.size.gpus_80gb else []
    st.caption(" · ".join(inline(fact) for fact in facts))


def _clear() -> None:
    st.session_state.update(dict.fromkeys(TEXTS, ""))
    clear(FORM)
    st.session_state.pop(HOST, None)


def _fill(name: str, repo: str | None) -> None:
    host = st.session_state.get(HOST)
    if not host:
        return
    own = host == OWN_SERVER
    st.session_state[NAME] = f"{name} (own server)" if own else f"{name} at {host.partition('/')[0]}"
    st.session_state[LITELLM_ID] = f"openai/{repo or name}" if own else host


def _add(study: Study) -> None:
    fields = {field: (st.session_state.get(field) or "").strip() for field in TEXTS}
    model = Model(
        name=fields[NAME],
        litellm_id=fields[LITELLM_ID],
        role=st.session_state[ROLE],
        api_base=fields[BASE] or None,
        key_env=read_key(FORM),
    )

    def register(allow_key_host: bool) -> None:
        register_model(store(), study, replace(model, prices=read_prices(FORM)), allow_key_host=allow_key_host)
        st.session_state[ADDED] = model.name

    checked_save(register)


def ask_changes(model: StoredModel) -> None:
    """Open a dialog to edit a model."""
    st.session_state.pop(f"edit_{model.id}_unconfirmed", None)
    _ask(model)


@st.dialog("Edit model", width="large")
def _ask(model: StoredModel) -> None:
    form = f"edit_{model.id}"
    fixed = has_answers(store(), model.id)
    left, right = st.columns(2)
    left.text_input("Name in this study", model.name, key=f"{form}_name")
    left.selectbox(
        "Role",
        [*ROLE_WORDS],
        index=[*ROLE_WORDS].index(model.role),
        format_func=lambda role: ROLE_WORDS[role],
        key=f"{form}_role",
        help="Fixed once the model has answers.",
    )
    left.text_input("Model ID", model.litellm_id, key=f"{form}_litellm_id", disabled=fixed)
    left.text_input("API base, if self-hosted", model.api_base or "", key=f"{form}_api_base", disabled=fixed)
    params = json.dumps(model.params) if model.params else ""
    left.text_area("Parameters (JSON)", params, key=f"{form}_params", height=68, disabled=fixed)
    left.text_input("License", model.licence or "", key=f"{form}_licence")
    ask_key(right, form, model)
    ask_prices(right, form, model)
    right.number_input("Max samples per run", 1, None, model.max_samples, key=f"{form}_max_samples", placeholder="all")
    if fixed:
        st.caption("ID, address and parameters are fixed because this model has answers. New prices apply to them too.")
    told = st.container()
    if st.button("Save changes", key=f"{form}_save", type="primary", icon=":material/save:"):
        with told:
            _save(form, model)
    elif (asked := st.session_state.get(f"{form}_unconfirmed")) is not None:
        with told:
            _ask_host(form, *asked)


@say_errors()
def _save(form: str, model: StoredModel) -> None:
    changed = with_changes(model, _given(form, model))
    with st.spinner("Checking the model …"):
        try:
            edit_model(store(), changed)
        except UnconfirmedKey as error:
            if not st.session_state.get(_box(form, error.variable, error.host)):
                st.session_state[f"{form}_unconfirmed"] = (error.variable, error.host)
                _ask_host(form, error.variable, error.host)
                return
            edit_model(store(), changed, allow_key_host=True)
    st.session_state.pop(f"{form}_unconfirmed", None)
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
        "params": _params(st.session_state[f"{form}_params"]),
        "max_samples": st.session_state[f"{form}_max_samples"],
        **({"licence": licence} if licence != model.licence else {}),
        "prices": read_prices(form, model.prices),
    }


def _params(text: str) -> dict[str, Json]:
    try:
        params = json.loads(text.strip() or "{}")
    except ValueError:
        params = None
    if not isinstance(params, dict):
        raise BadInput('Parameters must be a JSON object, such as {"temperature": 0}.')
    return params
