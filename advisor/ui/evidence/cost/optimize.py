"""Other savings: options to pay less without moving, each with how it was computed."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from advisor.money.closed_models import Deadline
from advisor.money.optimize import Option
from advisor.text import numbers
from advisor.text.bill import best_option, conditional_option
from advisor.text.money import OPTIONS, end_words, option_step, switch_off_source, used_as
from advisor.types import Study
from advisor.ui import queries
from advisor.ui.components.table import show_list, show_table
from advisor.ui.components.text import inline
from advisor.ui.evidence.cost import queries as queries_money


def show(study: Study) -> None:
    """Sentence, table, how one of the options was computed, and the shutdown dates."""
    options = queries_money.stay(study.id)
    sure, if_good = sentences(options)
    st.markdown(f"**{inline(sure)}**")
    if if_good:
        st.markdown(inline(if_good))
    show_table(
        option_rows(options),
        key="stay_options",
        alt="Ways to pay less without moving, with dollars a month and the calls each rests on.",
    )
    names = [OPTIONS[option.kind][0] for option in options]
    shown = options[names.index(st.selectbox("How one option works", names, key="stay_option", width=420))]
    st.markdown(inline(OPTIONS[shown.kind][1]))
    show_list([*map(option_step, shown.how), *([f"Unknown: {_unknown(shown)}"] if shown.unknown else [])])
    _show_ends(queries.ends(study.id))


def sentences(options: Sequence[Option]) -> tuple[str, str]:
    """The largest saving at the same quality, and the one that depends on quality; empty where there is none."""
    saved, conditional = (
        [(option.kind, option.monthly) for option in options if option.is_saving is wanted] for wanted in (True, False)
    )
    if_good = conditional_option(conditional)
    return best_option(saved, others=bool(if_good)), if_good


def option_rows(options: tuple[Option, ...]) -> pd.DataFrame:
    """One row per option."""
    return pd.DataFrame(
        {
            "Option": OPTIONS[option.kind][0],
            "Saved, a month": numbers.money_range(option.monthly),
            "Condition": "none" if option.is_saving else "only if quality holds",
            "Rests on": f"{option.calls:,} of {option.of:,} calls",
            "Unknown": _unknown(option),
        }
        for option in options
    )


def _unknown(option: Option) -> str:
    return "; ".join(option_step(why) for why in option.unknown)


def _show_ends(found: tuple[Deadline, ...]) -> None:
    st.subheader("Shutdown dates")
    if not found:
        st.caption("Shutdown dates are unknown: the log doesn't name models.")
        return
    today = datetime.now(UTC).date()
    show_table(
        [
            {
                "Model": one.model,
                "Used as": used_as(one.role, one.name),
                "Calls in the log": numbers.whole(one.calls),
                "Shuts down": end_words(one.on, today),
                "Successor": one.successor or numbers.UNKNOWN,
                "Source": switch_off_source(one.provider),
            }
            for one in found
        ],
        key="model_ends_table",
        alt="The models of the log and of the candidates with the day they are switched off.",
    )
