"""Which data of a replay goes to which host, and the price."""

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from advisor.measure.quoting import ENOUGH, Quote
from advisor.measure.registration import BUILTIN, destination, is_free_here
from advisor.text import numbers
from advisor.text.catalog import (
    free_run,
    line_price,
    no_price,
    quoted_price,
    unpriced_consent,
    what_is_sent,
    where_sent,
)
from advisor.types import Role, Run, StoredModel, Study
from advisor.ui import queries
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline

THIS_MACHINE = destination(BUILTIN)


def asked_in(run: Run) -> list[StoredModel]:
    """The models of a run that are still there."""
    return [model for model in queries.models(run.study_id) if model.id in run.plan.model_ids]


def is_unpaid(run: Run) -> bool:
    """Whether all models of a run are free on this machine."""
    asked = asked_in(run)
    return bool(asked) and all(map(is_free_here, asked))


def is_free(study: Study, quote: Quote) -> bool:
    """Whether the run is free."""
    return all(map(is_free_here, _asked(study, quote)))


def say_where(study: Study, models: Iterable[StoredModel]) -> None:
    """To which hosts these models send prompts, and in which state; that all stay here, as far as that can be known."""
    models = list(models)
    hosts = sorted({destination(model) for model in models} - {THIS_MACHINE})
    own = [model.name for model in models if not model.illustrative and model.litellm_id != BUILTIN.litellm_id]
    logs = queries.logs(study.id)
    redacted, names = all(log.redacted for log in logs), all(log.names_redacted for log in logs)
    words = where_sent([*map(inline, hosts)], redacted=redacted, names_redacted=names, own=[*map(inline, own)])
    st.markdown(f":material/{'outbound' if hosts else 'lock'}: {words}")


def allow_unpriced(names: Iterable[str], *, key: str) -> bool:
    """Ask whether to start although these models have no known price."""
    return st.checkbox(unpriced_consent([*map(inline, names)]), key=key)


def show_destinations(study: Study, quote: Quote) -> None:
    """Which data goes to which host."""
    models = {model.name: model for model in queries.models(study.id)}
    rows = [
        {
            "Model": name,
            "Where the data goes": destination(models[name]),
            "What is sent": what_is_sent(
                illustrative=models[name].illustrative, is_judge=models[name].role is Role.JUDGE
            ),
            "Calls": calls,
            "Price": line_price(dollars, illustrative=models[name].illustrative),
        }
        for name, calls, dollars in quote.by_model
        if name in models
    ]
    if rows:
        show_table(pd.DataFrame(rows), key="destinations", alt="Which data goes where, and its price")


PRICE_UNKNOWN = "unknown"


def price_words(study: Study, quote: Quote) -> str:
    """What a planned run costs."""
    if is_free(study, quote):
        return "free"
    if quote.cost_usd is None:
        return PRICE_UNKNOWN
    return numbers.quoted(quote.cost_usd)


def price_note(study: Study, quote: Quote) -> str:
    """What that price is and what it depends on."""
    if is_free(study, quote):
        return free_run(is_sample=study.is_sample)
    if quote.cost_usd is None:
        return no_price([*map(inline, quote.unpriced)])
    return quoted_price(ENOUGH)


def _asked(study: Study, quote: Quote) -> list[StoredModel]:
    names = {name for name, *_ in quote.by_model}
    return [model for model in queries.models(study.id) if model.name in names]
