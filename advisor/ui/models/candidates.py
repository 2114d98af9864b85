"""Candidates: the registered models, whether they are ready, and adding what is missing in one click."""

from contextlib import suppress

import streamlit as st

from advisor.decide.flags import constant, failed_judges
from advisor.errors import BadInput
from advisor.measure.open_models import host_of, permission_of
from advisor.measure.recommended import monthly_usage
from advisor.measure.registration import (
    BUILTIN,
    Readiness,
    destination,
    file_probe,
    is_among,
    is_priced,
    key_of,
    missing_key,
    rates_of,
    readiness,
    register_and_probe,
)
from advisor.measure.suggestions import JudgeOffer, offer_judge
from advisor.money.closed_models import PROVIDERS
from advisor.store.models import delete_model
from advisor.text import numbers
from advisor.text.advice.flags import one_answer
from advisor.text.advice.judges import last_run_words
from advisor.text.catalog import (
    BUILTIN_NOTE,
    JUDGE_NEEDS_JSON,
    NO_CANDIDATE,
    NO_PRICE,
    candidates_ready,
    judge_note,
    judge_wanted,
    set_key,
    sibling_note,
    successor_note,
    with_key,
)
from advisor.types import Kind, Model, Role, StoredModel, Study
from advisor.ui import navigation, page, progress, queries, stage
from advisor.ui.components.confirm import confirm_delete, delete_button, refuse_delete
from advisor.ui.components.errors import say_errors
from advisor.ui.components.fields import show_key_request
from advisor.ui.components.text import inline
from advisor.ui.evidence.cost import queries as queries_money
from advisor.ui.log.traffic import profile
from advisor.ui.log.use_cases import offer_labels
from advisor.ui.models.company import answers
from advisor.ui.models.edit_model import ask_changes
from advisor.ui.models.recommended import BADGES, FITS
from advisor.ui.retirements import show_retirements
from advisor.ui.server import store
from advisor.ui.stage import FOR_A_JUDGE
from advisor.ui.steps import logged_models

ROLES = {
    Role.CANDIDATE: "Candidates",
    Role.BASELINE: "Today's model, replayed live",
    Role.JUDGE: "Judges",
}
STATES = {
    Readiness.READY: (":green[:material/check_circle:]", "Ready"),
    Readiness.LACKS: (":orange[:material/error:]", "Ready, but"),
    Readiness.BLOCKED: (":orange[:material/key_off:]", "Key missing:"),
    Readiness.UNTESTED: (":gray[:material/help:]", "Connection not checked"),
    Readiness.FAILED: (":red[:material/cancel:]", "Failed:"),
}
COLUMNS = 2


def headline(study: Study, models: list[StoredModel]) -> None:
    """How many candidates there are and how many of them can be asked."""
    page.show_told()
    show_retirements(study)
    candidates = [model for model in models if model.role is Role.CANDIDATE]
    if not candidates:
        st.markdown(NO_CANDIDATE)
        st.page_link(navigation.CATALOG, label="See recommended models", icon=":material/library_books:")
        return
    ready = sum(_state(study, model)[0] in (Readiness.READY, Readiness.LACKS) for model in candidates)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(candidates_ready(ready, len(candidates)), width="content")
        st.page_link(navigation.CATALOG, label="Compare open models", icon=":material/library_books:", width="content")


def ask_for_judge(study: Study, models: list[StoredModel]) -> None:
    """That use cases need a judge where there is none: to add one, or to go on without."""
    unjudged = queries.unjudged_in(study, queries.baseline_lane(study.id)) if queries.logs(study.id) else []
    if not unjudged:
        offer_labels(study, queries.use_cases(study.id))
        return
    offer = offer_judge(models, logged_models(study.id), queries.served())
    with st.container(border=True, key="judge_wanted"):
        st.markdown(f":orange[:material/gavel:] {inline(judge_wanted(unjudged))}")
        with st.container(horizontal=True, vertical_alignment="center"):
            if offer is not None and offer.model is not None:
                _offer_judge(study, offer.model, offer.usd_per_1k)
            elif offer is not None:
                _tell_judge_keys(offer)
            label, icon = "Start without, review pairs yourself", ":material/rate_review:"
            st.page_link(navigation.RUN, label=label, icon=icon, width="content")
        offer_labels(study, queries.use_cases(study.id))


def _offer_judge(study: Study, judge: Model, usd_per_1k: float | None) -> None:
    name, note = judge.name.removesuffix(" (judge)"), judge_note(judge.litellm_id, usd_per_1k)
    _offer(study, judge, f"Add {name} as judge", note, key="judge")


def _tell_judge_keys(offer: JudgeOffer) -> None:
    variables = ", ".join(f"`{name}`" for name in offer.variables)
    st.caption(f"To add a judge in one click, set one of these keys and restart: {variables}. Or add one below.")


def show_models(study: Study, models: list[StoredModel]) -> None:
    """A card for each model, by what it is for."""
    probing = {job.arguments.get("model") for job in queries.jobs(study.id, "probe") if job.status.is_active}
    for role, title in ROLES.items():
        of_role = [model for model in models if model.role is role]
        if of_role:
            st.header(title)
        for start in range(0, len(of_role), COLUMNS):
            for column, model in zip(st.columns(COLUMNS), of_role[start : start + COLUMNS], strict=False):
                with column:
                    _show(study, model, is_probing=model.id in probing)


def offer_missing(study: Study, models: list[StoredModel]) -> None:
    """What most studies need and this one lacks, each by one click."""
    st.header("Add a model")
    control = queries_money.control(study.id)
    wanted = bool(queries.logs(study.id) and queries.unjudged_in(study, queries.baseline_lane(study.id)))
    standing = stage.standing(study)
    another = any(step.code in FOR_A_JUDGE for step in standing.steps)
    judge = None  # or it is offered at the top
    if not wanted:
        judge = offer_judge(models, logged_models(study.id), queries.served(), another=another)
    replacing = queries.successors(study.id)
    offered = [*models, *filter(None, [control])]
    successors = [one for one in replacing if not is_among(one, offered)]
    with st.container(horizontal=True):
        if control is not None:
            what = "successor" if is_among(control, replacing) else "model"
            label = f"Add {control.plain_id.rpartition('/')[2]}, the provider's cheaper {what}"
            _offer(study, control, label, sibling_note(control.plain_id), key="control")
        for one in successors:
            short = one.plain_id.rpartition("/")[2]
            _offer(study, one, f"Add {short}, the successor", successor_note(short), key=f"successor_{short}")
        if judge is not None and judge.model is not None:
            _offer_judge(study, judge.model, judge.usd_per_1k)
        if not any(model.is_builtin for model in models):
            _offer(study, BUILTIN, "Add the built-in model", BUILTIN_NOTE, key="builtin")
    keys = filter(None, (key_of(model) for model in (control, *successors) if model is not None))
    if lacking := sorted({key.name for key in keys if not key.is_set}):
        st.caption(inline(set_key(numbers.listing(lacking))))
    if judge is not None and judge.model is None:
        _tell_judge_keys(judge)


def _offer(study: Study, model: Model, label: str, note: str, *, key: str) -> None:
    needed = key_of(model)
    if needed and not needed.is_set:
        label = with_key(label, needed.name)
    if st.button(inline(label), key=f"add_{key}", icon=":material/add:", help=inline(note)):
        with say_errors():
            register_and_probe(store(), study, model)
            st.rerun()


def watch_probes(study: Study, shown: list[StoredModel]) -> None:
    """Rerun the page when a probe ends, or has ended since the models that it shows were read."""
    jobs = [job for job in queries.jobs(study.id, "probe") if job.status.is_active]
    if not jobs:
        if queries.models(study.id) != shown:
            st.rerun()
        return
    known = {job.id for job in jobs}

    def line() -> bool:
        active = [job for job in queries.jobs(study.id, "probe") if job.status.is_active]
        if {job.id for job in active} != known:
            return False
        progress.job_line(active[-1], f"Testing {numbers.count(len(active), 'model')}")
        return True

    progress.poll(line)


def _show(study: Study, model: StoredModel, *, is_probing: bool) -> None:
    state, why = _state(study, model)
    icon, words = STATES[state]
    missing = None
    with suppress(BadInput):  # says in `why` what is wrong with its variable
        missing = None if model.illustrative else missing_key(model)
    if missing:
        why = f"{why}. Send this to whoever runs this app:"
    if found := _found_wrong(study, model):
        icon, words, why = STATES[Readiness.FAILED][0], found, ""
    elif model.role is Role.JUDGE and model.probe is not None and model.probe.json_mode is False:
        why = f"{why} {JUDGE_NEEDS_JSON}"
    if is_probing:
        icon, words, why = ":blue[:material/pending:]", "Testing …", ""
    with st.container(border=True, key=f"model_{model.id}"):
        st.markdown(f"{icon} **{inline(model.name)}**  \n{inline(f'{words} {why}'.strip())}")
        if missing:
            show_key_request(model, missing)
        st.caption(" · ".join(_facts(study, model)))
        row = st.container(horizontal=True)
        if not model.illustrative:
            if row.button("Test", key=f"probe_{model.id}", icon=":material/network_check:", disabled=is_probing):
                _probe(study, model)
            label = "Edit" if model.is_builtin or is_priced(model) else "Enter price"
            if row.button(label, key=f"edit_model_{model.id}", icon=":material/edit:"):
                ask_changes(study, model)
        if delete_button(row, f"model:{model.id}", key=f"delete_model_{model.id}"):
            _confirm(study, model)


def _found_wrong(study: Study, model: StoredModel) -> str:
    """Why the answers or votes of the last run are of no use; empty where they are."""
    report = queries.report(study.id)
    if report is None:
        return ""
    judging = report.recommendation.judging
    if model.role is Role.JUDGE and model.name in failed_judges(report.recommendation):
        return last_run_words(next((each for each in judging.judges if each.judge == model.name), None))
    same = (each for each in constant(report.recommendation) if each.values["model"] == model.name)
    return next((f"Failed the last run: {one_answer(each.values['prompts'])}" for each in same), "")


def _state(study: Study, model: StoredModel) -> tuple[Readiness, str]:
    needs_tools = any(case.kind is Kind.TOOL_USE and not case.ignored for case in queries.use_cases(study.id))
    return readiness(model, needs_tools=needs_tools)


def _facts(study: Study, model: StoredModel) -> list[str]:
    made = inline(model.litellm_id.removeprefix("openai/") if model.api_base else model.litellm_id)
    if model.illustrative:
        made = "pre-recorded votes, none for other use cases" if model.role is Role.JUDGE else "pre-recorded answers"
    most = [] if model.max_samples is None else [f"at most {numbers.count(model.max_samples, 'sample')}"]
    return [made, *_price(study, model), *most, *_licence(model), inline(_where(model))]


def _price(study: Study, model: StoredModel) -> list[str]:
    rates = rates_of(model)
    if model.is_builtin or (rates is not None and rates.input == rates.output == 0.0):
        return ["free"]
    if rates is None:
        return [f":orange[{NO_PRICE}]"]
    given = {"read from a cache": model.prices.cache_read, "written to one": model.prices.cache_write}
    cached_too = "".join(f", {numbers.price(price)} {kind}" for kind, price in given.items() if price is not None)
    paid = [numbers.price(round(price * 1e6, 9)) for price in (rates.input, rates.output)]
    listed = "" if model.prices.input is not None else " (list)"
    monthly = monthly_usage(profile(study.id)) if model.role is Role.CANDIDATE and queries.logs(study.id) else None
    month = [f"**{inline(numbers.dollars(rates.cost_of(monthly)))}/month** on your traffic"] if monthly else []
    return [*month, inline(f"{paid[0]} in, {paid[1]} out per M tokens{cached_too}{listed}")]


def _licence(model: StoredModel) -> list[str]:
    """What it says to this company; it matters of a candidate only, and a closed model has none."""
    if not model.licence:
        is_closed = not model.api_base and model.litellm_id.partition("/")[0] in PROVIDERS.values()
        return ["license unknown"] if model.role is Role.CANDIDATE and not is_closed else []
    permission = permission_of(answers(), model.litellm_id, model.licence)
    fit = f" :{BADGES[permission.fit]}-badge[{FITS[permission.fit]}]" if permission else ""
    return [f"license {inline(model.licence)}{fit}"]


def _where(model: StoredModel) -> str:
    regions = None if model.api_base or model.is_local else host_of(model.litellm_id).regions
    return f"{destination(model)}: {regions}" if regions else destination(model)


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
