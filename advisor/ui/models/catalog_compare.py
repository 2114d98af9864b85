"""Catalog: up to three models side by side, who serves them and where those hosts keep data, and adding one."""

import pandas as pd
import streamlit as st

from advisor.measure.open_models import Row, Served, licence
from advisor.text import numbers
from advisor.text.catalog import permission_words
from advisor.text.money import price_source
from advisor.types import Study
from advisor.ui import address, navigation
from advisor.ui.components.table import opened, show_table
from advisor.ui.components.text import inline
from advisor.ui.models import new_model
from advisor.ui.models.catalog import known, standing_words
from advisor.ui.models.recommended import FITS, Market, licence_badge, offer_adding

UNKNOWN = "unknown"
_NOTHING = "none found"
FACTS, HOSTS = "Facts", "Hosts and data"


def show(study: Study | None, rows: list[Row], market: Market) -> None:
    """The drawer: each model with its cost and a way to add it, then all facts, or its hosts."""
    if not rows:
        return
    with st.container(border=True, key="compared"):
        for column, row in zip(st.columns(len(rows)), rows, strict=True):
            with column:
                usd = market.monthly_usd(row.model.id)
                cost = f"  \n{inline(numbers.dollars(usd))}/month" if usd is not None else ""
                st.markdown(f"**{inline(row.model.name)}**{cost}  \n{licence_badge(row)}")
                _offer_hosts(study, row)
        facts, hosts = address.tabs([FACTS, HOSTS])
        if hosts.open:
            with hosts:
                _show_hosts(rows)
        else:
            with facts:
                show_table(comparison(rows), key="catalog_facts", alt="The facts of these models side by side.")


def _offer_hosts(study: Study | None, row: Row) -> None:
    places = {one.offer.litellm_id: _place(one) for one in row.served} | {new_model.OWN_SERVER: "Your own server"}
    where = st.selectbox(
        f"Add {row.model.name} at",
        list(places),
        index=None,
        format_func=places.__getitem__,
        key=f"host_{row.model.id}",
        placeholder="Choose a host",
    )
    if where is not None and where != new_model.OWN_SERVER:
        offer_adding(study, row, where, key=f"compared_{row.model.id}")
    elif where is not None and st.button("Set up", key=f"set_up_{row.model.id}", icon=":material/dns:"):
        new_model.fill_in(new_model.OWN_SERVER, row.model.id)
        navigation.go_to(navigation.CANDIDATES)


def _place(served: Served) -> str:
    paid = served.usd_per_mtok or (None, None)
    return f"{served.offer.host.name}: {numbers.price(paid[0])} in, {numbers.price(paid[1])} out"


def comparison(rows: list[Row]) -> pd.DataFrame:
    """One row per fact, one column per model."""
    columns = [_facts(row) for row in rows]
    table: dict[str, list[str]] = {"Fact": list(columns[0])}
    for row, facts in zip(rows, columns, strict=True):
        table[row.model.name] = list(facts.values())
    return pd.DataFrame(table)


def hosts_table(rows: list[Row]) -> pd.DataFrame:
    """One row per model and host."""
    return pd.DataFrame(_host_row(row, served) for row in rows for served in row.served)


def _show_hosts(rows: list[Row]) -> None:
    without = [row.model.name for row in rows if not row.served]
    if without:
        st.markdown(inline(f"No known provider hosts {', '.join(without)}; you would have to self-host."))
    if len(without) == len(rows):
        return
    table = hosts_table(rows)
    names = ["Model", "Host"] if len(rows) > 1 else ["Host"]
    show_table(
        table[[*names, "Data is kept in", "Kept for", "Trains on it"]].drop_duplicates(),
        key="catalog_data_handling",
        alt="Where each host keeps data, for how long, and whether it trains on it.",
    )
    if box := opened("Prices, sources and abilities", icon="table", key="catalog_more"):
        with box:
            st.dataframe(
                table,
                hide_index=True,
                key="catalog_hosts",
                alt="Every host of these models with its price, where it keeps data, for how long, and its sources.",
                column_config={
                    "Model": st.column_config.Column(pinned=True),
                    "Host": st.column_config.Column(pinned=True),
                    "Says so": st.column_config.LinkColumn(display_text="page"),
                },
            )
    st.caption("Data handling as documented by each host; your contract decides.")


def _facts(row: Row) -> dict[str, str]:
    model, price = row.model, row.middle_price
    terms = licence(model.licence) if model.licence else None
    size = f"{model.size.total_b:g} billion" if model.size.total_b else numbers.UNKNOWN
    active = f", {model.size.active_b:g} active" if model.size.active_b != model.size.total_b else ""
    gpus = f", {numbers.count(model.size.gpus_80gb, 'GPU')} of 80 GB" if model.size.gpus_80gb else ""
    memory = "" if model.size.vram_gb is None else f"{model.size.vram_gb:g} GB ({model.size.precision}){gpus}"
    cost = f"{numbers.price(price[0])} in, {numbers.price(price[1])} out" if price else numbers.UNKNOWN
    return {
        "License says": FITS[row.permission.fit],
        "Why": permission_words(row.permission.reasons),
        "License": terms.name if terms else model.licence or numbers.UNKNOWN,
        "License source": f"{model.remarks.licence_evidence}; the text: {terms.evidence if terms else UNKNOWN}",
        "Limits on answers": (terms.output_restrictions if terms else None) or _NOTHING,
        "Maker": model.developer,
        "Released": model.release_date or numbers.UNKNOWN,
        "Parameters": f"{size}{active if model.size.active_b else ''}",
        "Context": numbers.whole(model.can.context_tokens),
        "Reads images": known(model.can.images),
        "Calls tools": known(model.can.tools),
        "Follows a JSON schema": f"{known(model.can.json_schema)} {_schema_hosts(model.can.json_schema_hosts)}",
        "Memory to serve it": memory or numbers.UNKNOWN,
        "Hosts": numbers.whole(row.hosts),
        "Median price per million tokens": cost,
        "Standings": standing_words(row),
        "Training data": " – ".join(filter(None, (model.remarks.training_data, model.remarks.training_data_note))),
        "Unknown": model.remarks.unknowns or "nothing noted",
        "Note": model.remarks.note or numbers.UNKNOWN,
        "Checked on": numbers.day_of(model.remarks.checked_on or UNKNOWN),
    }


def _schema_hosts(entries: str | None) -> str:
    """Entries of the price list, of which one host may have several, so that they are not counted as hosts."""
    return f" (said by {entries.replace('/', ' of ')} entries in a price list)" if entries else ""


def _host_row(row: Row, served: Served) -> dict[str, object]:
    offer, host, paid = served.offer, served.offer.host, served.usd_per_mtok or (None, None)
    return {
        "Model": row.model.name,
        "Host": host.name,
        "In, $/M tokens": numbers.price(paid[0]),
        "Out, $/M tokens": numbers.price(paid[1]),
        "Data is kept in": host.regions or UNKNOWN,
        "Kept for": host.retention or UNKNOWN,
        "Trains on it": host.trains_on_data or UNKNOWN,
        "Says so": host.source_url,
        "How it was read": host.evidence or UNKNOWN,
        "Read on": numbers.day_of(host.checked_on or UNKNOWN),
        "Context": numbers.whole(offer.context_tokens),
        "Tools": known(offer.tools),
        "JSON schema": known(offer.json_schema),
        "Ends on": numbers.day(offer.ends_on) if offer.ends_on else UNKNOWN,
        "Price from": price_source(served.rates.source) if served.rates else UNKNOWN,
        "Id": offer.litellm_id,
    }
