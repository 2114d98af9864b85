"""Stay, but pay less: what the log says that today's models could cost, each option with how it was computed."""

from datetime import UTC, date, datetime

import pandas as pd
import streamlit as st

from advisor.study.closed_models import Deadline
from advisor.study.stay import Option
from advisor.text import numbers
from advisor.text.options import OPTIONS, option_step, switch_off_source, used_as
from advisor.types import Study
from advisor.ui import queries_money
from advisor.ui.components.text import inline

SOON_DAYS = 180


def show(study: Study) -> None:
    """The section: sentence, table, how each was computed, and the deadlines."""
    options = queries_money.stay(study.id)
    st.markdown(f"**{inline(sentence(options))}**")
    if_good = quality_sentence(options)
    if if_good:
        st.markdown(inline(if_good))
    st.dataframe(
        option_rows(options),
        hide_index=True,
        column_config={
            "Option": st.column_config.Column(pinned=True),
            "Not known": st.column_config.Column(width="large") if any(one.unknown for one in options) else None,
        },
        key="stay_options",
        alt="Ways to pay less without moving, with dollars a month and the calls each rests on.",
    )
    st.caption("The options overlap: do not add them up. A dash stands where something is not known; see why below.")
    for n, option in enumerate(options):
        name, what = OPTIONS[option.kind]
        with st.expander(f"{name}: how was this computed?", icon=":material/calculate:", key=f"stay_how_{n}"):
            st.markdown(inline(what))
            for step in option.how:
                st.markdown(f"- {inline(option_step(step))}")
            if option.unknown:
                st.markdown(f"Not known: {inline(_unknown(option))}")
    _show_ends(queries_money.ends(study.id))


def sentence(options: tuple[Option, ...]) -> str:
    """The largest saving that staying brings, or that there is none to be seen."""
    known = [option for option in options if option.is_saving and option.monthly is not None]
    best = max(known, key=lambda option: option.monthly.high if option.monthly else 0.0, default=None)
    if best is None or best.monthly is None:
        return "What staying could save is not known: the log has no times, no tokens or no prices."
    if best.monthly.high <= 0:
        seen = "Nothing to save by staying" if not quality_sentence(options) else "No saving at the same quality"
        return f"{seen} was seen in this log: no shared beginnings, no repeats, no bulk calls."
    usd = numbers.money_range(best.monthly)
    return f"{OPTIONS[best.kind][0]}: {usd} a month less, the largest saving that leaves today's models as they are."


def quality_sentence(options: tuple[Option, ...]) -> str:
    """The largest of what pays only if quality holds; nothing where none is known."""
    open_ones = [(option.monthly.high, option) for option in options if not option.is_saving and option.monthly]
    usd, best = max(open_ones, key=lambda one: one[0], default=(0.0, None))
    if best is None or usd <= 0:
        return ""
    name, what = OPTIONS[best.kind]
    return f"{name}: {numbers.money_range(best.monthly)} a month less, but only if quality holds. {what}"


def option_rows(options: tuple[Option, ...]) -> pd.DataFrame:
    """One row per option."""
    return pd.DataFrame(
        {
            "Option": OPTIONS[option.kind][0],
            "Saved, a month": numbers.money_range(option.monthly),
            "What kind": "saving" if option.is_saving else "only if quality holds",
            "Rests on": f"{option.calls:,} of {option.of:,} calls",
            "Not known": _unknown(option),
        }
        for option in options
    )


def _unknown(option: Option) -> str:
    return "; ".join(option_step(why) for why in option.unknown)


def end_words(deadline: Deadline, today: date) -> str:
    """When a model ends, in words."""
    if deadline.on is None:
        return "not known"
    days = (deadline.on - today).days
    if days < 0:
        return f"{numbers.day(deadline.on)}, {numbers.count(-days, 'day')} ago"
    return f"{numbers.day(deadline.on)}, in {numbers.count(days, 'day')}"


def _show_ends(found: tuple[Deadline, ...]) -> None:
    if not found:
        st.caption("When today's models are switched off is not known: no call of the log names its model.")
        return
    today = datetime.now(UTC).date()
    near = [one for one in found if one.on is not None and (one.on - today).days <= SOON_DAYS]
    for one in near:
        then = f" Its provider names {inline(one.successor)} as the next." if one.successor else ""
        used = inline(f"{one.model} ({used_as(one.role, one.name)})")
        st.warning(
            f"{used}: switched off on {end_words(one, today)}.{then}",
            icon=":material/event_busy:",
        )
    with st.expander("When models are switched off", icon=":material/event:", key="model_ends"):
        st.dataframe(
            [
                {
                    "Model": one.model,
                    "Used as": used_as(one.role, one.name),
                    "Calls in the log": numbers.whole(one.calls),
                    "Switched off": end_words(one, today),
                    "Next": one.successor or numbers.UNKNOWN,
                    "Source": switch_off_source(one.provider),
                }
                for one in found
            ],
            hide_index=True,
            key="model_ends_table",
            alt="The models of the log and of the candidates with the day they are switched off.",
        )
