"""Fields that several forms share: the key and the prices of a model, and optional numbers."""

from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from advisor.measure.registration import destination, in_dollars, key_of
from advisor.text.catalog import key_request
from advisor.types import Model, Prices

KEY = "key_env"
RATE = "usd_per_unit"
LISTED = "list price"
PRICES = {f"{kind}_price": kind for kind in Prices.__dataclass_fields__}
"""Field of a form -> field of a model's prices."""


def ask_key(box: DeltaGenerator, form: str, model: Model) -> None:
    """Ask for the name of the variable; ``form`` begins the keys of all fields of a form."""
    st.session_state.setdefault(f"{form}_{KEY}", model.key_env or "")
    key = key_of(replace(model, key_env=None))
    box.text_input(
        "Environment variable with the key",
        key=f"{form}_{KEY}",
        placeholder=f"{key.name} ({'set' if key.is_set else 'not set'})" if key else "none needed",
        help="The name only, never the key. Empty: the provider's usual variable.",
    )


def show_key_request(model: Model, name: str) -> None:
    """A line to copy and send to whoever can set a missing key."""
    st.code(key_request(name, model.name, destination(model)), language=None, wrap_lines=True)


def ask_prices(
    box: DeltaGenerator,
    form: str,
    model: Model | None = None,
    *,
    listed: tuple[str, str] = ("list price", "list price"),
) -> None:
    """Ask for the prices of input and output; ``listed``: those that hold where none is given."""
    labels = ("Input price, $/M tokens", "Output price, $/M tokens")
    note = "Dollars per million tokens. Empty: list price."
    _ask_prices(box, form, model, dict(zip(("input", "output"), zip(labels, listed, strict=True), strict=True)), note)


def ask_more_prices(box: DeltaGenerator, form: str, model: Model | None = None) -> None:
    """Ask for the prices of cached input, and for the currency of all prices."""
    note = "Dollars per million tokens. Empty: the input price."
    labels = {"cache_read": ("Cache read price", "as input"), "cache_write": ("Cache write price", "as input")}
    _ask_prices(box, form, model, labels, note)
    box.number_input(
        "Exchange rate to USD",
        0.0,
        None,
        1.0,  # not only in the state: the browser falls back to the field's own where a person types before it is drawn
        key=f"{form}_{RATE}",
        format="%.4f",
        help="For example 1.09 for prices in euros. Prices are stored in dollars.",
    )


def _ask_prices(
    box: DeltaGenerator, form: str, model: Model | None, labels: dict[str, tuple[str, str]], note: str
) -> None:
    for column, (kind, (label, placeholder)) in zip(box.columns(len(labels)), labels.items(), strict=True):
        key = f"{form}_{kind}_price"
        st.session_state.setdefault(key, getattr(model.prices, kind) if model else None)
        column.number_input(label, 0.0, None, None, key=key, placeholder=placeholder, help=note)


def read_key(form: str) -> str | None:
    """The name of the variable; None where none is given."""
    return (st.session_state.get(f"{form}_{KEY}") or "").strip() or None


def read_prices(form: str, before: Prices | None = None) -> Prices:
    """The prices in dollars; those of ``before`` that nobody changed are so already. Raises BadInput for no rate."""
    given = {kind: st.session_state.get(f"{form}_{field}") for field, kind in PRICES.items()}
    kept = {kind: price for kind, price in vars(before or Prices()).items() if price == given[kind]}
    typed = Prices(**{kind: price for kind, price in given.items() if kind not in kept})
    return replace(in_dollars(typed, float(st.session_state.get(f"{form}_{RATE}") or 0.0)), **kept)


def clear(form: str) -> None:
    """Empty all of them.

    Given values, since the browser keeps what was typed into a field whose value is only forgotten.
    """
    emptied = {f"{form}_{KEY}": "", f"{form}_{RATE}": 1.0} | {f"{form}_{field}": None for field in PRICES}
    st.session_state.update(emptied)


def ask_limit(place: Any, label: str, kept: float | None, *, key: str, **options: Any) -> float | None:
    """Ask for a limit in ``place``, a column or ``st``; ``kept`` stands there first and can be cleared.

    A box with a default of its own falls back to it when it is emptied, and shows no cross to empty it.
    """
    st.session_state.setdefault(key, kept)
    value: float | None = place.number_input(label, value=None, key=key, **options)
    return value
