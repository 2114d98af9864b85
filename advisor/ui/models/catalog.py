"""Catalog: the filters, and the matching open models with their cost on this log's traffic."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from advisor.measure.open_models import (
    TRAINING_DATA,
    Accelerator,
    Edition,
    Found,
    Row,
    Standing,
    Wanted,
    accelerators,
    editions,
)
from advisor.measure.open_models import browse as browse_models
from advisor.money.price_refresh import blocking_changes
from advisor.text import numbers
from advisor.text.catalog import edition_words, permission_words, usable_models
from advisor.types.licences import Fit
from advisor.ui import address, queries
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.models.company import answers, ask_company
from advisor.ui.models.recommended import FITS, Market
from advisor.ui.state import COMPARED

ANY = "any"
GPUS = (1, 2, 4, 8, 16, 32, 64, 128)
CONTEXTS = (0, 32_000, 64_000, 128_000, 250_000, 1_000_000)
TOOLS, JSON, IMAGES, HOSTED = "calls tools", "follows a JSON schema", "reads images", "hosted"
FEW_ROWS, HEIGHT = 18, 630
"""Rows shown without scrolling; pixels of a table with more, so that no row is cut."""
COST = "Your cost/month"
ORDERS = {COST: COST, "License": None, "Newest": "Released", "Context": "Context", "Memory": "Memory, GB"}
"""How the table is sorted at first -> the column; by license is as the catalog has them. Its headings sort too."""
LARGEST_FIRST = ("Newest", "Context")
SHORT = {"arena": "Arena", "aa": "AA"}
"""Boards in a narrow column."""
CARDS = 12
"""Models that a phone lists, in the order asked for: filters and the box above find the others."""
FOLDED = frozenset({"Released", "Standings", "Training data", "License", "Why"})
"""Columns that are shown on demand, by the table's menu; the comparison has them too."""
TABLE = "catalog_table"
MOST = 3
"""Models that are compared."""


def ask(bar: DeltaGenerator) -> Wanted:
    """The filters and the questions about the company, each behind a button."""
    with bar:
        with st.popover("Filters", icon=":material/filter_alt:", key="catalog_filters"):
            wanted = _ask_filters()
        with st.popover("Your company", icon=":material/apartment:", key="catalog_company"):
            ask_company()
    return wanted


def _ask_filters() -> Wanted:
    fits = st.multiselect(
        "License says",
        list(Fit),
        format_func=FITS.__getitem__,
        key="license",
        placeholder=ANY,
        select_all=False,
        bind="query-params",
    )
    needs = st.multiselect(
        "It must",
        [TOOLS, JSON, IMAGES, HOSTED],
        key="needs",
        placeholder=ANY,
        select_all=False,
        bind="query-params",
    )
    left, right = st.columns(2)
    context = left.selectbox(
        "Context, tokens",
        CONTEXTS,
        format_func=lambda size: f"{size:,} or more" if size else ANY,
        key="context",
        bind="query-params",
    )
    training = right.multiselect(
        "Training data", TRAINING_DATA, key="training", placeholder=ANY, select_all=False, bind="query-params"
    )
    left, right = st.columns(2)
    accelerator, number = _ask_hardware(left, right)
    edition, at_least = _ask_standing(left, right)
    return Wanted(
        company=answers(),
        fits=frozenset(fits or Fit),
        context_tokens=context,
        tools=TOOLS in needs,
        json_schema=JSON in needs,
        images=IMAGES in needs,
        hosted=HOSTED in needs,
        accelerator=accelerator,
        accelerators=number,
        edition=edition,
        at_least=at_least,
        training_data=frozenset(training or TRAINING_DATA),
    )


def browse(wanted: Wanted) -> Found:
    """The models that suit. Raises BadInput when the catalog is damaged."""
    return browse_models(wanted, queries.served(), changes=blocking_changes())


def choose(bar: DeltaGenerator, found: Found) -> list[Row]:
    """Which models are compared: by name here, or by the boxes of the table."""
    rows = {row.model.id: row for row in (*found.rows, *found.others)}
    names = {id_: row.model.name for id_, row in rows.items()}
    chosen = address.pick_some(COMPARED, "Compare up to three", names, most=MOST, place=bar)
    return [rows[model_id] for model_id in chosen]


def ask_order(bar: DeltaGenerator, market: Market, edition: Edition | None) -> str | None:
    """How the table is sorted; None: by standing, where a leaderboard was asked for."""
    if edition is not None:
        return None
    orders = [name for name in ORDERS if name != COST or market.needs.monthly]
    return bar.selectbox("Sort by", orders, key="sort", width=200, bind="query-params")


def show_models(found: Found, market: Market, edition: Edition | None, order: str | None) -> None:
    """The models that suit, and why others are missing."""
    told = [sentence(found)]
    if found.unanswered:
        told.append(
            f"Answer the questions under Your company to settle {numbers.count(found.unanswered, 'more model')}."
        )
    if found.not_known:
        names = ", ".join(f"{name} ({numbers.count(n, 'model')})" for name, n in found.not_known.items())
        told.append(f"Excluded because unknown: {names}.")
    st.markdown(inline(" ".join(told)))
    if not found.rows:
        st.info("No matching model. Remove a filter.", icon=":material/filter_alt_off:")
        return
    rows = table(found, market, edition)
    usd = rows.get(COST, pd.Series(dtype=float)).dropna()
    if order is not None and (column := ORDERS[order]) is not None:
        rows = rows.sort_values(column, ascending=order not in LARGEST_FIRST, kind="stable", na_position="last")
    ids = [found.rows[place].model.id for place in rows.index]
    key = f"{TABLE}_{hash(tuple(ids))}"  # ticks are by place: other rows are another table
    compared = st.session_state[COMPARED]
    st.container(key="catalog_table").dataframe(
        rows,
        hide_index=True,
        placeholder=numbers.UNKNOWN,
        key=key,
        alt="The matching open models with license, monthly cost, context, tools, memory, hosts and standings.",
        column_config={
            "Model": st.column_config.Column(width=205),
            COST: st.column_config.NumberColumn(
                format="$%,d" if (usd % 1 == 0).all() else "dollar",
                help="At a host you have a key for, else at the cheapest, on your traffic.",
            ),
            "Context": st.column_config.NumberColumn(format="localized"),
            "Memory, GB": st.column_config.NumberColumn(format="localized"),
        },
        height="content" if len(found.rows) <= FEW_ROWS else HEIGHT,
        column_order=[name for name in map(str, rows) if name not in FOLDED],
        on_select=lambda: _take_up(key, ids),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(one) for one in compared if one in ids]}},
    )
    with st.container(key="catalog_cards"):  # on a phone, where the table would be cut
        few = rows.drop(columns=list(FOLDED)).head(CARDS)
        few = few.assign(**{COST: few[COST].map(numbers.dollars)}) if COST in few else few
        show_table(few, key="catalog_list", alt="The matching open models, one card each.")
        if len(rows) > CARDS:
            st.caption(f"{CARDS} of {len(rows)}. Sort or filter for others.")
    checked = sorted({numbers.day_of(row.model.remarks.checked_on or "an unknown day") for row in found.rows})
    more = f"Scroll for all {len(ids)}; click a heading to sort. " if len(ids) > FEW_ROWS else ""
    st.caption(f"{more}Checked on {inline(' and '.join(checked))}. Not legal advice; hosts have their own terms.")


def _take_up(key: str, ids: list[str]) -> None:
    """Compare the models whose boxes are ticked, after those of other filters."""
    ticked = [ids[row] for row in st.session_state[key].selection.rows]
    chosen = [one for one in st.session_state[COMPARED] if one in ticked or one not in ids]
    chosen += [one for one in ticked if one not in chosen]
    if len(chosen) > MOST:
        st.toast(f"Up to {MOST} models can be compared.")
    address.say({COMPARED: chosen[:MOST]})


def sentence(found: Found) -> str:
    """How many models the company may use without legal review, and how many pass the filters."""
    rest = (found.by_fit[fit] for fit in (Fit.CONDITIONS, Fit.NEEDS_REVIEW, Fit.NOT_ALLOWED))
    return usable_models(found.by_fit[Fit.ALLOWED], *rest, models=found.models, passing=len(found.rows))


def table(found: Found, market: Market, edition: Edition | None) -> pd.DataFrame:
    """One row per model."""
    rows = []
    for row in found.rows:
        model, price = row.model, row.middle_price or (None, None)
        shown: dict[str, object] = {"Model": model.name}
        if market.needs.monthly:
            shown[COST] = numbers.rounded_dollars(market.monthly_usd(model.id))
        else:
            shown |= {"In, $/M tokens": numbers.price(price[0]), "Out, $/M tokens": numbers.price(price[1])}
        shown["License says"] = FITS[row.permission.fit]
        if edition is not None:
            shown[edition_words(*edition)] = row.standing.value if row.standing else None
        shown |= {
            "Hosts": row.hosts,
            "Context": model.can.context_tokens,
            "Tools": known(model.can.tools),
            "JSON schema": known(model.can.json_schema),
            "Memory, GB": model.size.vram_gb,
            "Released": model.release_date,
            "Standings": standing_words(row),
            "Training data": model.remarks.training_data,
            "License": model.licence or numbers.UNKNOWN,
            "Why": permission_words(row.permission.reasons),
        }
        rows.append(shown)
    return pd.DataFrame(rows).replace(numbers.UNKNOWN, None)  # shown in gray


def known(answer: bool | None) -> str:
    """Yes or no, or that it is not known."""
    return numbers.UNKNOWN if answer is None else "✓ yes" if answer else "✗ no"


def standing_words(row: Row) -> str:
    """Every standing of a model, each with its edition."""
    return "; ".join(_one_standing(standing) for standing in row.standings) or numbers.UNKNOWN


def _one_standing(standing: Standing) -> str:
    edition = standing.edition
    told = ", ".join(filter(None, (edition.version, numbers.day_of(edition.as_of), standing.not_of_this_model)))
    return f"{SHORT[edition.board]} {standing.value:g} ({told})"


def _ask_hardware(left: DeltaGenerator, right: DeltaGenerator) -> tuple[str | None, int]:
    names = {one.id: _with_memory(one) for one in accelerators()}
    chosen = left.selectbox(
        "Your hardware",
        [ANY, *names],
        format_func=lambda one: names.get(one, ANY),
        key="gpu",
        bind="query-params",
        help="Shows models that fit into its memory, without room for long contexts.",
    )
    number = right.selectbox("Number of GPUs", GPUS, key="gpus", disabled=chosen == ANY, bind="query-params")
    return (None if chosen == ANY else chosen), number


def _ask_standing(left: DeltaGenerator, right: DeltaGenerator) -> tuple[Edition | None, float | None]:
    chosen = left.selectbox(
        "Leaderboard",
        [ANY, *editions()],
        format_func=lambda edition: edition_words(*edition) if isinstance(edition, Edition) else edition,
        key="board",
        bind="query-params",
        help="Keeps the models that have a value in this edition: values of other dates or versions say nothing "
        "about it.",
    )
    lowest = right.number_input(
        "At least",
        0.0,
        None,
        None,
        key="at_least",
        placeholder="any value",
        disabled=chosen == ANY,
        bind="query-params",
    )
    return (chosen, lowest) if isinstance(chosen, Edition) else (None, None)


def _with_memory(one: Accelerator) -> str:
    return one.name if "GB" in one.name else f"{one.name}, {one.memory_gb:g} GB"
