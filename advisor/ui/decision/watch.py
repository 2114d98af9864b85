"""Changes since a study was measured: old evidence, new prices, new open models."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from advisor.errors import AdvisorError
from advisor.measure.registration import destination
from advisor.money.price_refresh import use_newest_lists
from advisor.store.engine import Change
from advisor.text import numbers
from advisor.text.catalog import set_key
from advisor.text.money import price_source
from advisor.text.numbers import listing
from advisor.text.scenarios import found_in, licence_change, new_costs, predicate
from advisor.text.warnings import warning
from advisor.types import Run, Study
from advisor.ui import navigation, queries, stage, state
from advisor.ui.cache import cached
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.server import store
from advisor.watch.new_models import HostedAt, NewModel, Trial, measured_at, quote_trial, start_trial
from advisor.watch.new_models import new_models as find_new_models
from advisor.watch.price_changes import PriceMove, PriceWatch, look_at_prices, watch_prices

TRIAL = "watch_trial"
"""Name and id of the model whose test a visitor looks at."""
PRICED_AGAIN = "priced_again"
"""Id of the large run that a visitor wants decided again at today's prices."""
AT_ONCE = 5_000
"""Planned calls up to which that is done without being asked for."""


def show_stale(run: Run) -> None:
    """That the answers of a run are old; nothing while they are fresh."""
    old = queries.stale_answers(run)
    if old:
        st.warning(inline(warning(old)), icon=":material/event_busy:")


def show_watch(study: Study) -> None:
    """What changed since the decision was measured; nothing where nothing did."""
    run = stage.answered_run(study.id)
    since = measured_at(run) if run else None
    if run is None or since is None or run.state.status.is_active:
        return
    try:
        is_large = run.plan.planned > AT_ONCE and state.recall(PRICED_AGAIN) != run.id
        found, prices_now = _new_models(run.study_id, since), price_moves(run) if is_large else prices(run)
    except AdvisorError as error:
        st.caption(inline(str(error)))
        return
    if prices_now.moves or found:
        st.header(f"Since run {run.number}")
    if prices_now.moves:
        _show_prices(run, prices_now, is_large=is_large)
    if found:
        newer = "open model" if len(found) == 1 else "open models"
        label = f"{len(found)} new {newer} with a known price"
        with st.expander(label, icon=":material/new_releases:", key="new_models"):
            for model in found:
                _offer(study, run, model)


def _show_prices(run: Run, watch: PriceWatch, *, is_large: bool) -> None:
    if is_large:
        names = inline(listing([move.model for move in watch.moves]))
        words = f"Prices changed for {names}."
        st.info(words, icon=":material/price_change:")
        st.button(
            "See what that changes",
            key="price_again",
            icon=":material/calculate:",
            on_click=state.remember,
            args=(PRICED_AGAIN, run.id),
            help=f"Prices all {numbers.count(run.plan.planned, 'call')} again, which takes a while.",
        )
        return
    words = _move_words(run, watch.moves)
    if watch.savings_before and watch.savings_now and watch.savings_before != watch.savings_now:
        before, now = numbers.money_range(watch.savings_before), numbers.money_range(watch.savings_now)
        words += f" Saved a month: {inline(now)} instead of {inline(before)}."
    if not watch.turns:
        st.info(f"{words} All verdicts stay the same.", icon=":material/price_change:")
        return
    st.warning(f"{words} This changes the decision:", icon=":material/price_change:")
    for turn in watch.turns:
        st.markdown(
            f"- **{inline(turn.now.name)}** {inline(predicate(turn.before))}; at today's prices it "
            f"{inline(predicate(turn.now))}. {inline(new_costs(turn.before, turn.now))}"
        )
    st.caption("The stored decision keeps its prices. A new replay uses today's.")


def _move_words(run: Run, moves: Sequence[PriceMove]) -> str:
    moved = ", ".join(
        f"{inline(move.model)} {numbers.percent(abs(move.change))} {'more' if move.change > 0 else 'less'}"
        for move in moves
    )
    return f"Run {run.number} would cost a different amount at today's prices: {moved}."


def _offer(study: Study, run: Run, model: NewModel) -> None:
    key = model.hosts[0].litellm_id
    with st.container(border=True, key=f"new_{key}"):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.container(width="stretch").markdown(f"**{inline(model.name)}**")
        host = model.hosts[0]
        if len(model.hosts) > 1:
            host = row.selectbox(
                "Host", model.hosts, format_func=_host, key=f"new_host_{key}", label_visibility="collapsed", width=280
            )
        st.caption(" · ".join(_facts(model, host)))
        if model.blocked:
            why = licence_change(model.blocked.before, model.blocked.after)
            st.warning(
                f"Can't be tested yet: {inline(why)}. Review it on the Settings page.",
                icon=":material/gavel:",
            )
            return
        row.button(
            "Test on the same sample",
            key=f"new_test_{key}",
            icon=":material/science:",
            on_click=st.session_state.__setitem__,
            args=(TRIAL, (model.name, host.litellm_id)),
        )
        if st.session_state.get(TRIAL) == (model.name, host.litellm_id):
            _confirm(study, run, model, host)


@say_errors()
def _confirm(study: Study, run: Run, model: NewModel, host: HostedAt) -> None:
    quoted = trial(run, model.name, host.litellm_id)
    quote = quoted.quote
    price = numbers.money_range(quote.cost_usd) if quote.cost_usd else "an unknown amount"
    judged = quote.judge_calls + quote.control_calls
    asked = f"{numbers.count(quote.calls, 'call')}"
    asked += f" and {numbers.count(judged, 'call')} to judges" if judged else ""
    st.markdown(
        f"The sample, seed and settings of run {run.number}: {asked}, for {inline(price)}. "
        f"Existing answers are reused. The prompts go to **{inline(destination(quoted.model))}**."
    )
    if quoted.missing_key:
        st.warning(
            inline(f"Its key is missing. {set_key(quoted.missing_key)}"),
            icon=":material/key_off:",
        )
    with st.container(horizontal=True):
        start = st.button(
            f"Start for {inline(price)}",
            key="new_start",
            type="primary",
            icon=":material/play_arrow:",
            disabled=quoted.missing_key is not None,
        )
        if start:
            _start(study, quoted)
        st.button("Not now", key="new_cancel", on_click=st.session_state.pop, args=(TRIAL, None))


@say_errors()
def _start(study: Study, trial: Trial) -> None:
    with st.spinner("Checking the model ID …"):
        start_trial(store(), study, trial)
    st.session_state.pop(TRIAL, None)
    navigation.go_to(navigation.RUN)


def _host(host: HostedAt) -> str:
    prices = f"{numbers.price(host.input_usd_per_mtok)} in, {numbers.price(host.output_usd_per_mtok)} out"
    return f"{host.litellm_id.partition('/')[0]}: {prices}"


def _facts(model: NewModel, host: HostedAt) -> list[str]:
    licence = "license unknown" if model.licence in (None, "unknown") else f"license {model.licence}"
    facts = (
        f"released {model.released}",
        licence,
        f"{_host(host)} per million tokens",
        price_source(host.source),
        f"from {found_in(model.snapshot)}",
    )
    return [inline(fact) for fact in facts]


def take_up_lists() -> None:
    """Use what was refreshed since this server looked last; whatever pages remember of prices is forgotten then."""
    if use_newest_lists():
        st.cache_data.clear()


@cached(prices=True, most=32)
def price_moves(run: Run) -> PriceWatch:
    """The models whose price is another today, by some calls of each."""
    return look_at_prices(store(), queries.study(run.study_id), run, datetime.now(UTC))


@cached(prices=True, most=32, spinner="Deciding again at today's prices ...")
def prices(run: Run) -> PriceWatch:
    """What today's prices would change; of a large run that takes a while."""
    return watch_prices(store(), queries.study(run.study_id), run, datetime.now(UTC))


@cached(Change.ANSWERS, prices=True, most=32, spinner="Counting the calls ...")
def trial(run: Run, name: str, litellm_id: str) -> Trial:
    """What testing a new model on the same sample would cost. Raises BadInput when it cannot be done."""
    return quote_trial(store(), queries.study(run.study_id), run, name, litellm_id)


@cached(Change.SETUP, prices=True, most=32)
def _new_models(study_id: int, since: datetime) -> tuple[NewModel, ...]:
    return find_new_models(queries.models(study_id), since, datetime.now(UTC))
