"""Catalog: the company, the filters, and the matching open models."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from advisor.measure.open_models import (
    TRAINING_DATA,
    Accelerator,
    Edition,
    Fit,
    Found,
    Row,
    ServedModels,
    Standing,
    Wanted,
    accelerators,
    editions,
    served_models,
)
from advisor.measure.open_models import browse as browse_models
from advisor.money.price_refresh import blocking_changes, lists_version
from advisor.text import numbers
from advisor.text.catalog import edition_words, permission_words, usable_models
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.models.company import answers, ask_company
from advisor.ui.server import settings

FITS = {
    Fit.ALLOWED: "✓ allowed",
    Fit.CONDITIONS: "! with conditions",
    Fit.NEEDS_REVIEW: "? needs review",
    Fit.NOT_ALLOWED: "✗ not allowed",
}
ANY = "any"
CONTEXTS = (0, 32_000, 64_000, 128_000, 250_000, 1_000_000)
TOOLS, JSON, IMAGES, HOSTED = "calls tools", "follows a JSON schema", "reads images", "hosted"
FEW_ROWS = 12
"""Rows shown without scrolling."""
SHORT = {"arena": "Arena", "aa": "AA"}
"""Boards in a narrow column."""


def ask() -> Wanted:
    """The questions about the company, then the filters."""
    with st.container(border=True, key="catalog_questions"):
        st.markdown("**Your company**, for license checks")
        ask_company()
    first = st.columns(4)
    fits = first[0].multiselect(
        "License says", list(Fit), format_func=FITS.__getitem__, key="catalog_fits", placeholder=ANY, select_all=False
    )
    context = first[1].selectbox(
        "Context, tokens",
        CONTEXTS,
        format_func=lambda size: f"{size:,} or more" if size else ANY,
        key="catalog_context",
    )
    needs = first[2].multiselect(
        "It must", [TOOLS, JSON, IMAGES, HOSTED], key="catalog_needs", placeholder=ANY, select_all=False
    )
    training = first[3].multiselect(
        "Training data", TRAINING_DATA, key="catalog_training", placeholder=ANY, select_all=False
    )
    second = st.columns(4)
    accelerator, number = _ask_hardware(second[0], second[1])
    edition, at_least = _ask_standing(second[2], second[3])
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


def headline(found: Found) -> None:
    """The sentence that answers, and what is still to be said."""
    st.markdown(inline(sentence(found)))
    if found.unanswered:
        models = numbers.count(found.unanswered, "model")
        st.info(
            f"For {models} the answer depends on the unanswered questions below.",
            icon=":material/help:",
        )


def sentence(found: Found) -> str:
    """How many models the company may use without legal review, and how many pass the filters."""
    rest = (found.by_fit[fit] for fit in (Fit.CONDITIONS, Fit.NEEDS_REVIEW, Fit.NOT_ALLOWED))
    return usable_models(found.by_fit[Fit.ALLOWED], *rest, models=found.models, passing=len(found.rows))


def show_models(found: Found, edition: Edition | None) -> None:
    """The models that suit, and why others are missing."""
    if found.not_known:
        names = ", ".join(f"{name} ({numbers.count(n, 'model')})" for name, n in found.not_known.items())
        st.caption(inline(f"Excluded because unknown: {names}."))
    if not found.rows:
        st.info("No matching model. Remove a filter.", icon=":material/filter_alt_off:")
        return
    show_table(
        table(found, edition),
        key="catalog_table",
        alt="The open matching open models with license, context, tools, memory, hosts, prices and standings.",
        pinned="Model",
        columns={
            "Context": st.column_config.NumberColumn(format="localized"),
            "Memory, GB": st.column_config.NumberColumn(format="localized"),
            "Why": st.column_config.Column(width=290),
        },
        height="content" if len(found.rows) <= FEW_ROWS else 460,
    )
    checked = sorted({row.model.remarks.checked_on or "an unknown day" for row in found.rows})
    st.caption(
        "Double-click a shortened reason to read it in full. Prices: median list price in dollars per million tokens. "
        f"Checked on {inline(' and '.join(checked))}. Not legal advice; hosts have their own terms."
    )


def table(found: Found, edition: Edition | None) -> pd.DataFrame:
    """One row per model."""
    rows = []
    for row in found.rows:
        model, price = row.model, row.middle_price
        permission = row.permission
        shown: dict[str, object] = {
            "Model": model.name,
            "License says": FITS[permission.fit],
            "Why": permission_words(permission.reasons),
        }
        if edition is not None:
            shown[edition_words(*edition)] = row.standing.value if row.standing else None
        shown |= {
            "In, $/M tokens": numbers.price(price[0] if price else None),
            "Out, $/M tokens": numbers.price(price[1] if price else None),
            "Hosts": row.hosts,
            "Memory, GB": model.size.vram_gb,
            "Context": model.can.context_tokens,
            "Tools": known(model.can.tools),
            "JSON schema": known(model.can.json_schema),
            "Released": model.release_date or numbers.UNKNOWN,
            "Standings": standing_words(row),
            "Training data": model.remarks.training_data,
            "License": model.licence or numbers.UNKNOWN,
        }
        rows.append(shown)
    return pd.DataFrame(rows)


def known(answer: bool | None) -> str:
    """Yes or no, or that it is not known."""
    return numbers.UNKNOWN if answer is None else "✓ yes" if answer else "✗ no"


def standing_words(row: Row) -> str:
    """Every standing of a model, each with its edition."""
    return "; ".join(_one_standing(standing) for standing in row.standings) or numbers.UNKNOWN


def _one_standing(standing: Standing) -> str:
    edition = standing.edition
    told = ", ".join(filter(None, (edition.version, edition.as_of, standing.not_of_this_model)))
    return f"{SHORT[edition.board]} {standing.value:g} ({told})"


def _ask_hardware(left: DeltaGenerator, right: DeltaGenerator) -> tuple[str | None, int]:
    names = {one.id: _with_memory(one) for one in accelerators(settings().data_dir)}
    chosen = left.selectbox(
        "Your hardware",
        [ANY, *names],
        format_func=lambda one: names.get(one, ANY),
        key="catalog_accelerator",
        help="Shows models that fit into its memory, without room for long contexts.",
    )
    number = right.number_input("Number of GPUs", 1, 128, 1, key="catalog_accelerators", disabled=chosen == ANY)
    return (None if chosen == ANY else chosen), number


def _ask_standing(left: DeltaGenerator, right: DeltaGenerator) -> tuple[Edition | None, float | None]:
    chosen = left.selectbox(
        "Leaderboard",
        [ANY, *editions(settings().data_dir)],
        format_func=lambda edition: edition_words(*edition) if isinstance(edition, Edition) else edition,
        key="catalog_edition",
        help="Keeps the models that have a value in this edition: values of other dates or versions say nothing "
        "about it.",
    )
    lowest = right.number_input(
        "At least", 0.0, None, None, key="catalog_at_least", placeholder="any value", disabled=chosen == ANY
    )
    return (chosen, lowest) if isinstance(chosen, Edition) else (None, None)


def _with_memory(one: Accelerator) -> str:
    return one.name if "GB" in one.name else f"{one.name}, {one.memory_gb:g} GB"


def browse(wanted: Wanted) -> Found:
    """The models that suit. Raises BadInput when the catalog is damaged."""
    served = _served(settings().data_dir, (datetime.now(UTC).date(), lists_version()))
    return browse_models(wanted, served, settings().data_dir, changes=blocking_changes())


@st.cache_data(max_entries=2, show_spinner="Looking up today's prices ...")
def _served(data_dir: Path, lists: tuple[object, ...]) -> ServedModels:
    return served_models(datetime.now(UTC), data_dir)
