"""Which data of a replay goes to which host, and the price."""

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from advisor.measure.quoting import ENOUGH, Quote
from advisor.measure.registration import BUILTIN, destination, is_free_here
from advisor.text import numbers
from advisor.text.numbers import listing
from advisor.text.runs import quoted_price
from advisor.types import Role, Run, StoredModel, Study
from advisor.ui import queries
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline

THIS_MACHINE = destination(BUILTIN)


def is_unpaid(run: Run) -> bool:
    """Whether all models of a run are free on this machine."""
    asked = [model for model in queries.models(run.study_id) if model.id in run.plan.model_ids]
    return bool(asked) and all(map(is_free_here, asked))


def is_free(study: Study, quote: Quote) -> bool:
    """Whether the run is free."""
    return all(map(is_free_here, _asked(study, quote)))


def say_where(study: Study, models: Iterable[StoredModel]) -> None:
    """To which hosts these models send prompts, and in which state; that all stay here, as far as that can be known."""
    models = list(models)
    if hosts := sorted({destination(model) for model in models} - {THIS_MACHINE}):
        redacted = all(log.redacted for log in queries.logs(study.id))
        state = "with personal data replaced by placeholders" if redacted else "**as logged, personal data included**"
        st.markdown(f":material/outbound: Prompts leave this machine {state}, to: {inline(', '.join(hosts))}.")
        return
    own = [model.name for model in models if not model.illustrative and model.litellm_id != BUILTIN.litellm_id]
    unless = f", unless the server of {inline(listing(own))} passes it on" if own else ""
    st.markdown(f":material/lock: Nothing leaves this machine{unless}.")


def allow_unpriced(names: Iterable[str], *, key: str) -> bool:
    """Ask whether to start although these models have no known price."""
    told = inline(", ".join(names))
    return st.checkbox(f"Start without a known price for {told}. The cost can't be shown or capped.", key=key)


def show_destinations(study: Study, quote: Quote) -> None:
    """Which data goes to which host."""
    models = {model.name: model for model in queries.models(study.id)}
    rows = [
        {
            "Model": name,
            "Where the data goes": destination(models[name]),
            "What is sent": _what(models[name]),
            "Calls": calls,
            "Price": _line_price(models[name], dollars),
        }
        for name, calls, dollars in quote.by_model
        if name in models
    ]
    if rows:
        show_table(pd.DataFrame(rows), key="destinations", alt="Which data goes where, and its price")


def price_words(study: Study, quote: Quote) -> str:
    """What a planned run costs."""
    if is_free(study, quote):
        return "free"
    return "unknown" if quote.cost_usd is None else numbers.money_range(quote.cost_usd)


def price_note(study: Study, quote: Quote) -> str:
    """What that price is and what it depends on."""
    if is_free(study, quote):
        written = " Pre-recorded answers count at an illustrative price." if study.is_sample else ""
        return f"No provider is called.{written}"
    if quote.cost_usd is None:
        return f"No known price for {inline(', '.join(quote.unpriced))}."
    return quoted_price(quote.cost_usd.point, ENOUGH)


def _asked(study: Study, quote: Quote) -> list[StoredModel]:
    names = {name for name, *_ in quote.by_model}
    return [model for model in queries.models(study.id) if model.name in names]


def _line_price(model: StoredModel, dollars: float | None) -> str:
    if model.illustrative:
        return f"free (list price {numbers.dollars(dollars)})"
    return "free" if dollars == 0 else numbers.dollars(dollars)


def _what(model: StoredModel) -> str:
    if model.illustrative:
        return "nothing (pre-recorded answers)"
    if model.role is Role.JUDGE:
        return "prompts with both answers"
    return "prompts"
