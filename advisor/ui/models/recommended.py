"""Catalog: what open models would cost on this log's traffic, the three to try first, and adding one."""

from typing import NamedTuple

import streamlit as st

from advisor.measure.open_models import Found, Row, Wanted, browse, licence
from advisor.measure.recommended import Choice, Needs, PickKind, choose_hosts, needs_of, recommend_models
from advisor.measure.registration import register_and_probe
from advisor.money.price_refresh import blocking_changes
from advisor.store.engine import Change
from advisor.text import numbers
from advisor.text.catalog import FITTING, on_your_traffic, strength_words
from advisor.types import Model, Role, Study
from advisor.types.licences import Fit
from advisor.ui import navigation, queries
from advisor.ui.cache import cached
from advisor.ui.components.confirm import checked_save
from advisor.ui.components.text import inline
from advisor.ui.log.traffic import profile
from advisor.ui.models.company import answers
from advisor.ui.retirements import show_retirements
from advisor.ui.server import store
from advisor.ui.state import ROLE

ADDED = "catalog_added"
"""The name of the model that was added last, told once."""
PICKS = {
    PickKind.CHEAPEST: "Cheapest for your calls",
    PickKind.BALANCED: "Balanced",
    PickKind.STRONGEST: "Strongest",
}
FITS = {
    Fit.ALLOWED: "✓ allowed",
    Fit.CONDITIONS: "! with conditions",
    Fit.NEEDS_REVIEW: "? legal review",
    Fit.NOT_ALLOWED: "✗ not allowed",
}
BADGES = {Fit.ALLOWED: "green", Fit.CONDITIONS: "orange", Fit.NEEDS_REVIEW: "gray", Fit.NOT_ALLOWED: "red"}


class Market(NamedTuple):
    """The open models, with what they cost a study."""

    found: Found
    """All of them, whatever the filters say."""
    needs: Needs
    choices: dict[str, Choice]
    today_usd: float | None
    """Of a month."""

    def monthly_usd(self, model_id: str) -> float | None:
        """Dollars of a month on the traffic of the study."""
        choice = self.choices.get(model_id)
        return choice.usd if choice and self.needs.monthly else None


def look(study: Study | None) -> Market:
    """The open models on the traffic of a study. Raises BadInput when the catalog is damaged."""
    needs, today_usd = _traffic(study.id) if study and queries.logs(study.id) else (Needs(), None)
    found = browse(Wanted(company=answers()), queries.served(), changes=blocking_changes())
    return Market(found, needs, choose_hosts((*found.rows, *found.others), needs), today_usd)


def show(study: Study | None, market: Market) -> None:
    """Three cards."""
    picks = recommend_models(market.found.rows, market.choices, market.needs)
    st.header("Recommended for your log" if market.needs.monthly else "Recommended")
    tell_added()
    if study is not None:
        show_retirements(study)
    for column, pick in zip(st.columns(3), picks, strict=False):
        model_id = pick.row.model.id
        with column.container(border=True, key=f"pick_{pick.kind}"):
            usd = market.monthly_usd(model_id)
            price = pick.choice.served.usd_per_mtok or (None, None)
            listed = f"{numbers.price(price[0])} in, {numbers.price(price[1])} out per M tokens"
            st.metric(
                f"{PICKS[pick.kind]}: {pick.row.model.name}",
                inline(numbers.price(price[0]) if usd is None else f"{numbers.dollars(usd)}/month"),
                numbers.percent(usd / market.today_usd) + " of today's bill" if usd and market.today_usd else None,
                delta_color="off",
                delta_arrow="off",
                help=inline(f"{listed}. {FITTING}"),
            )
            st.markdown(f"{licence_badge(pick.row)}  \n{inline(_hosts(pick.row, pick.choice))}")
            offer_adding(study, pick.row, pick.choice.served.offer.litellm_id, key=pick.kind)
    told = [on_your_traffic(numbers.dollars(market.today_usd), is_known=market.needs.monthly is not None)]
    told += [strength_words(pick.edition) for pick in picks[:1]]
    st.caption(inline(" ".join(told)))
    label, icon, form = "Add your own server or another host", ":material/memory:", {ROLE: Role.CANDIDATE.value}
    st.page_link(navigation.CANDIDATES, label=label, icon=icon, query_params=form)


def licence_badge(row: Row) -> str:
    """What the license says to this company, as safe Markdown."""
    terms = licence(row.model.licence) if row.model.licence else None
    name = terms.name if terms else row.model.licence or "license unknown"
    return f":{BADGES[row.permission.fit]}-badge[{FITS[row.permission.fit]}] {inline(name)}"


def offer_adding(study: Study | None, row: Row, litellm_id: str, *, key: str) -> None:
    """A button that adds a model at one of its hosts, unless it is there."""
    if study is None:
        st.page_link(navigation.SUMMARY, label="Create a study to add it", icon=":material/arrow_forward:")
        return
    is_added = any(model.litellm_id == litellm_id for model in queries.models(study.id))
    label, icon = ("Added", ":material/check:") if is_added else ("Add", ":material/add:")
    if st.button(label, key=f"add_{key}", icon=icon, disabled=is_added):
        host = next(one.offer.host.name for one in row.served if one.offer.litellm_id == litellm_id)
        model = Model(name=f"{row.model.name} at {host}", litellm_id=litellm_id, licence=row.model.licence)

        def add(allow_key_host: bool) -> None:
            st.session_state[ADDED] = register_and_probe(store(), study, model, allow_key_host=allow_key_host).name

        checked_save(add)


def tell_added() -> None:
    """That a model was added, once, with the way to it."""
    if added := st.session_state.pop(ADDED, None):
        st.success(f"Added {inline(added)}.", icon=":material/check_circle:")
        st.page_link(navigation.CANDIDATES, label="See candidates", icon=":material/arrow_forward:")


def _hosts(row: Row, choice: Choice) -> str:
    more = row.hosts - 1
    others = f" and {numbers.count(more, 'other host')}" if more else ""
    return f"{choice.served.offer.host.name}{' (key set)' if choice.has_key else ''}{others}"


@cached(Change.SETUP, prices=True, most=16)
def _traffic(study_id: int) -> tuple[Needs, float | None]:
    found = profile(study_id)
    return needs_of(found, queries.use_cases(study_id)), found.bill.monthly_usd
