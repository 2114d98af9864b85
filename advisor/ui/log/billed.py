"""Exports of usage and cost on the page Prompt log: what providers counted and billed, next to the log."""

import pandas as pd
import streamlit as st

from advisor.collect.billed import billed_of
from advisor.store.engine import Change
from advisor.text import numbers
from advisor.text.traffic import billed_words, export_name
from advisor.types import Study
from advisor.types.prices import Billed
from advisor.ui import queries
from advisor.ui.cache import cached
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.server import store


def show_billed(found: Billed) -> None:
    """What providers counted and billed, by model."""
    rows = pd.DataFrame(
        {
            "Model": [each.model or "Not split by model" for each in found.models],
            "Requests": [numbers.whole(each.requests) for each in found.models],
            "Input tokens": [numbers.whole(each.input_tokens) for each in found.models],
            "Output tokens": [numbers.whole(each.output_tokens) for each in found.models],
            "Billed": [numbers.to_the_cent(each.billed_usd) for each in found.models],
        }
    )
    if found.has_log:
        rows["In the log"] = ["yes" if each.in_log else "no" for each in found.models]
    show_table(rows, key="billed", alt="Requests, tokens and cost by model, as the providers' exports have them.")
    names = numbers.listing([export_name(each) for each in found.sources])
    st.caption(f"{names[:1].upper()}{names[1:]}, {numbers.days(found.days)}, UTC.")


def show_only_export(study: Study) -> None:
    """An export of a study without a log, and what to do next."""
    if found := billed(study.id):
        st.info(inline(" ".join(billed_words(found))), icon=":material/receipt_long:")
        show_billed(found)


@cached(Change.SETUP, prices=True)
def billed(study_id: int) -> Billed | None:
    """What exports of usage and cost tell; None: there are none."""
    return billed_of(store(), queries.study(study_id))
