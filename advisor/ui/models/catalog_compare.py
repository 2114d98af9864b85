"""Catalog: up to three models side by side, who serves them, and where those hosts keep what they are sent."""

import pandas as pd
import streamlit as st

from advisor.measure.open_models import Found, Row, Served, licence
from advisor.text import numbers
from advisor.text.catalog import permission_words
from advisor.text.money import price_source
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.models.catalog import FITS, known, standing_words
from advisor.ui.server import settings

MOST = 3
UNKNOWN = "unknown"
_NOTHING = "none found"


def choose(found: Found) -> list[Row]:
    """Which models are compared."""
    st.header("Side by side")
    names = {row.model.id: row.model.name for row in found.rows}
    names |= {row.model.id: f"{row.model.name} (left out above)" for row in found.others}
    chosen = st.multiselect(
        "Compare up to three",
        list(names),
        format_func=names.__getitem__,
        max_selections=MOST,
        key="catalog_compared",
        placeholder="Choose models",
        select_all=False,
    )
    rows = {row.model.id: row for row in (*found.rows, *found.others)}
    return [rows[model_id] for model_id in chosen]


def show(rows: list[Row]) -> None:
    """The chosen models, then their hosts."""
    if not rows:
        st.caption("Choose models to compare them with their hosts.")
        return
    st.table(comparison(rows).map(inline).set_index("Fact"))  # unlike st.dataframe it shows long reasons in full
    _show_hosts(rows)


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
    st.markdown("**Who serves them, and where they keep data**")
    without = [row.model.name for row in rows if not row.served]
    if without:
        st.caption(inline(f"No known provider hosts {', '.join(without)}; you would have to self-host."))
    if len(without) == len(rows):
        return
    show_table(
        hosts_table(rows),
        key="catalog_hosts",
        alt="Every host of these models with its price, and where it keeps data, for how long and whether it trains.",
        columns={
            "Model": st.column_config.Column(pinned=True),
            "Host": st.column_config.Column(pinned=True),
            "Says so": st.column_config.LinkColumn(display_text="page"),
        },
    )
    st.caption("Data handling as documented by each host on the date shown; your contract decides.")


def _facts(row: Row) -> dict[str, str]:
    model, price = row.model, row.middle_price
    terms = licence(model.licence, settings().data_dir) if model.licence else None
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
        "Checked on": model.remarks.checked_on or numbers.UNKNOWN,
    }


def _schema_hosts(entries: str | None) -> str:
    """Entries of the price list, of which one host may have several, so that they are not counted as hosts."""
    return f" (said by {entries.replace('/', ' of ')} entries in a price list)" if entries else ""


def _host_row(row: Row, served: Served) -> dict[str, object]:
    offer, host = served.offer, served.offer.host
    return {
        "Model": row.model.name,
        "Host": host.name,
        "In, $/M tokens": numbers.price(served.input_usd_per_mtok),
        "Out, $/M tokens": numbers.price(served.output_usd_per_mtok),
        "Data is kept in": host.regions or UNKNOWN,
        "Kept for": host.retention or UNKNOWN,
        "Trains on it": host.trains_on_data or UNKNOWN,
        "Says so": host.source_url,
        "How it was read": host.evidence or UNKNOWN,
        "Read on": host.checked_on or UNKNOWN,
        "Context": numbers.whole(offer.context_tokens),
        "Tools": known(offer.tools),
        "JSON schema": known(offer.json_schema),
        "Ends on": str(offer.ends_on) if offer.ends_on else numbers.UNKNOWN,
        "Price from": price_source(served.price_source) if served.price_source else UNKNOWN,
        "Id": offer.litellm_id,
    }
