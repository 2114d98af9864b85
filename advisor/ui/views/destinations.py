"""Which data of a replay goes to which host, and what each is paid."""

import pandas as pd
import streamlit as st

from advisor.study.models import BUILTIN, destination
from advisor.study.quoting import Quote
from advisor.types import Model, Role, Run, Study
from advisor.ui import format, queries

THIS_MACHINE = destination(BUILTIN)


def is_unpaid(run: Run) -> bool:
    """Whether no model of a run is outside this machine: its answers are counted at a price and paid to nobody."""
    asked = [model for model in queries.models(run.study_id) if model.id in run.model_ids]
    return bool(asked) and all(destination(model) == THIS_MACHINE for model in asked)


def outside(study: Study, quote: Quote) -> list[str]:
    """The hosts outside this machine that the run would call."""
    asked = {name for name, *_ in quote.by_model}
    hosts = {destination(model) for model in queries.models(study.id) if model.name in asked}
    return sorted(hosts - {THIS_MACHINE})


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
    logs = queries.logs(study.id)
    redacted = all(log.redacted for log in logs)
    hosts = outside(study, quote)
    if not hosts:
        st.markdown(":material/lock: Nothing leaves this machine.")
    else:
        state = "with personal data replaced by placeholders" if redacted else "**as logged, personal data included**"
        st.markdown(f":material/outbound: Prompts leave this machine {state}, to: {', '.join(hosts)}.")
    if rows:
        st.dataframe(
            pd.DataFrame(rows), hide_index=True, key="destinations", alt="Which data goes where, and its price"
        )


def _line_price(model: Model, dollars: float | None) -> str:
    if model.illustrative:
        return f"nothing to pay (counted as {format.money(dollars)})"
    return "free" if dollars == 0 else format.money(dollars)


def _what(model: Model) -> str:
    if model.illustrative:
        return "nothing; its answers are read from a file"
    if model.role is Role.JUDGE:
        return "prompts with both answers"
    return "prompts"
