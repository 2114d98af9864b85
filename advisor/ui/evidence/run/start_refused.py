"""Why a replay can't start, or not with all of its models."""

import streamlit as st

from advisor.measure.quoting import Quote, nobody_to_ask
from advisor.text import numbers
from advisor.types import Role, Study
from advisor.ui import queries, state
from advisor.ui.components.text import inline


def show_unaskable(study: Study, quote: Quote) -> None:
    """Which models can't be called, why, and what the run is without them."""
    models = queries.models(study.id)
    if nobody := nobody_to_ask(quote, models):
        st.error(inline(nobody), icon=":material/key_off:")
        return
    roles = {model.name: model.role for model in models}
    for name, why, calls in quote.unaskable:
        told = "Its votes will be missing" if roles.get(name) is Role.JUDGE else "The others still run"
        st.warning(
            f"{inline(name)} can't be called: {inline(why)}. {told}. Use *Resume* later to make its "
            f"{numbers.count(calls, 'call')}.",
            icon=":material/key_off:",
        )


def show_refused() -> None:
    """Why a start was refused, once; the page then shows the run in progress."""
    why = state.recall(state.REFUSED)
    if why is not None:
        st.error(inline(str(why)), icon=":material/block:")
        state.remember(state.REFUSED, None)
