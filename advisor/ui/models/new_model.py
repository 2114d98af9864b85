"""Adding a model: picked from the catalog and then edited, or entered by hand."""

import streamlit as st

from advisor.errors import AdvisorError, UnconfirmedKey
from advisor.measure.models import catalog_choices, in_dollars, register_model
from advisor.text import numbers
from advisor.types import Model, Role, Study
from advisor.ui.components.confirm_key import confirm_key
from advisor.ui.components.model_fields import ask_key, ask_prices, clear, read_key, read_prices, read_rate
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
CATALOG = "pages/measure/catalog.py"
TEXTS = (NAME, LITELLM_ID, BASE)


def offer_catalog() -> None:
    """The way to the page that compares open models."""
    st.page_link(
        CATALOG,
        label="Compare open models in the catalog",
        icon=":material/library_books:",
    )


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
        f"hosted for {numbers.price(choice.hosted.input_usd_per_mtok)} in and "
        f"{numbers.price(choice.hosted.output_usd_per_mtok)} out per million tokens "
        f"(median of {choice.hosted.hosts} hosts, {choice.remarks.checked_on or 'date unknown'})"
    ]
    facts += [f"own hardware: {numbers.count(choice.size.gpus_80gb, 'GPU')} of 80 GB"] if choice.size.gpus_80gb else []
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
        **read_prices(FORM),
    )

    def register(*, allow_key_host: bool) -> None:
        register_model(store(), study, in_dollars(model, read_rate(FORM)), allow_key_host=allow_key_host)
        st.session_state[ADDED] = model.name

    try:
        with st.spinner("Checking the model ID …"):
            register(allow_key_host=False)
    except UnconfirmedKey as error:
        confirm_key(error, lambda: register(allow_key_host=True))
        return
    except AdvisorError as error:
        st.error(inline(str(error)))
        return
    st.rerun()
