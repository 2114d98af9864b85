"""Candidates: the registered models, their abilities and prices, and probing or deleting them."""

import streamlit as st

from advisor.measure.registration import BUILTIN, file_probe, is_priced, key_of, needs_no_key, register_model
from advisor.store.models import delete_model
from advisor.text import numbers
from advisor.types import Job, Kind, Model, Probe, Role, StoredModel, Study
from advisor.ui import navigation, progress, queries
from advisor.ui.components.confirm import confirm_delete, delete_button, refuse_delete
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.evidence.cost import queries as queries_money
from advisor.ui.models.new_model import ask_changes
from advisor.ui.server import store

ROLES = {
    Role.CANDIDATE: "Candidates",
    Role.BASELINE: "Today's model, replayed live",
    Role.JUDGE: "Judges",
}
ROLE_NOTES = {
    Role.CANDIDATE: "Models that could take over.",
    Role.BASELINE: "Only needed if you don't want to compare against the recorded answers.",
    Role.JUDGE: "Compare two answers blind where no reference answer exists.",
}
BUILTIN_NOTE = "Free, runs on this machine without a key. Weak by design, for trying things out."


def headline(models: list[StoredModel]) -> None:
    """How many candidates there are and whether they were tried out."""
    candidates = [model for model in models if model.role is Role.CANDIDATE]
    if not candidates:
        st.markdown("No candidate yet. Add at least one model.")
        return
    answered = sum(model.probe is not None and model.probe.answered for model in candidates)
    st.markdown(
        f"{numbers.count(len(candidates), 'candidate')} registered; {answered} answered when probed. "
        "A probe is one short conversation that checks what a model can do."
    )
    st.page_link(navigation.RUN, label="See replay cost", icon=":material/arrow_forward:")


def show_models(study: Study, models: list[StoredModel]) -> None:
    """The models by what they are for."""
    active = {job.arguments.get("model"): job for job in queries.jobs(study.id, "probe") if job.status.is_active}
    for role, title in ROLES.items():
        of_role = [model for model in models if model.role is role]
        if of_role:
            st.header(title)
            st.caption(ROLE_NOTES[role])
        for model in of_role:
            _show(study, model, active.get(model.id))


def offer_builtin(study: Study, models: list[StoredModel]) -> None:
    """The built-in model by one click."""
    if any(model.litellm_id == BUILTIN.litellm_id for model in models):
        return
    _offer(study, BUILTIN, "Add the built-in model", BUILTIN_NOTE, key="builtin")


def offer_control(study: Study) -> None:
    """Add a cheaper closed model of the family in use with one click."""
    control = queries_money.control(study.id)
    if control is not None:
        note = (
            f"{inline(control.litellm_id)} is the next cheaper model of the family your log uses most. "
            "Test it to see if you can save without changing provider."
        )
        _offer(study, control, "Add the cheaper sibling", note, key="control")


def _offer(study: Study, model: Model, label: str, note: str, *, key: str) -> None:
    with st.container(border=True, key=key):
        if st.button(label, key=f"add_{key}", icon=":material/add:"):
            with say_errors():
                register_model(store(), study, model)
                st.rerun()
        st.caption(note)


def watch_probes(study: Study) -> None:
    """Rerun the page when a probe ends."""
    jobs = [job for job in queries.jobs(study.id, "probe") if job.status.is_active]
    if not jobs:
        return
    known = {job.id for job in jobs}

    def line() -> bool:
        active = [job for job in queries.jobs(study.id, "probe") if job.status.is_active]
        if {job.id for job in active} != known:
            return False
        progress.job_line(active[-1], f"Probing {numbers.count(len(active), 'model')}")
        return True

    progress.poll(line)


def probe_words(probe: Probe | None, *, needs_tools: bool) -> tuple[str, str]:
    """What a probe showed as (colour and icon, words)."""
    if probe is None:
        return "gray", "Not probed yet"
    if not probe.answered:
        return "red", probe.detail or "Doesn't answer"
    if lacks := probe.cannot(needs_tools=needs_tools):
        return "orange", f"Answers, but doesn't {' or '.join(lacks)}. {probe.detail}".strip()
    return "green", f"Passed all checks. {probe.detail}".strip()


def key_words(model: StoredModel) -> str:
    """Whether a model's key is there; never its value."""
    key = key_of(model)
    if key is not None:
        return f"key {inline(key.name)}: {'present' if key.is_set else 'MISSING'}"
    return "no key needed" if needs_no_key(model) else "key or credentials from its provider"


def _show(study: Study, model: StoredModel, probing: Job | None) -> None:
    needs_tools = any(case.kind is Kind.TOOL_USE and not case.ignored for case in queries.use_cases(study.id))
    colour, words = probe_words(model.probe, needs_tools=needs_tools)
    icon = {"green": "check_circle", "orange": "error", "red": "cancel", "gray": "help"}[colour]
    with st.container(border=True, key=f"model_{model.id}"):
        row = st.container(horizontal=True, vertical_alignment="center")
        facts = row.container(width="stretch")
        facts.markdown(f"**{inline(model.name)}**")
        facts.caption(" · ".join(_facts(model)))
        if not model.illustrative:
            facts.markdown(f":{colour}[:material/{icon}:] {inline(words)}")
            label = "Probing …" if probing else "Probe"
            if row.button(label, key=f"probe_{model.id}", icon=":material/network_check:", disabled=bool(probing)):
                _probe(study, model)
            if row.button("Edit", key=f"edit_model_{model.id}", icon=":material/edit:"):
                ask_changes(model)
        if delete_button(row, f"model:{model.id}", key=f"delete_model_{model.id}"):
            _confirm(study, model)


def _facts(model: StoredModel) -> list[str]:
    prices = (model.prices.input, model.prices.output)
    if prices[0] is not None:
        price = (
            f"{numbers.price(prices[0])} in, {numbers.price(prices[1])} out per million tokens{_cache_prices(model)}"
        )
    else:
        price = "price from the price list" if is_priced(model) else "no price known"
    if model.litellm_id == BUILTIN.litellm_id:
        price = "free"
    licence = f"license {inline(model.licence)}" if model.licence else "license unknown"
    where = [f"at {inline(model.api_base)}"] if model.api_base else []
    made = "pre-recorded answers" if model.illustrative else inline(model.litellm_id)
    most = [] if model.max_samples is None else [f"at most {numbers.count(model.max_samples, 'sample')}"]
    return [made, *most, *where, price, licence, *([] if model.illustrative else [key_words(model)])]


def _cache_prices(model: StoredModel) -> str:
    given = {
        "read from a cache": model.prices.cache_read,
        "written to one": model.prices.cache_write,
    }
    return "".join(f", {numbers.price(price)} {kind}" for kind, price in given.items() if price is not None)


@say_errors()
def _probe(study: Study, model: StoredModel) -> None:
    file_probe(store(), study, model)
    st.rerun()


def _confirm(study: Study, model: StoredModel) -> None:
    key = f"model_{model.id}"
    if any(run.state.status.is_active and model.id in run.plan.model_ids for run in queries.runs(study.id)):
        refuse_delete("A replay with this model is running. Cancel it on the Run page first.", key=key)
        return
    confirm_delete(
        f"Delete {inline(model.name)} and all its answers?",
        "Delete model and answers",
        lambda: delete_model(store(), model.id),
        key=key,
    )
