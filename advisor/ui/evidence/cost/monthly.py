"""The monthly bill by use case."""

import pandas as pd
import streamlit as st

from advisor.money.projection import Line, Projection
from advisor.text import numbers
from advisor.text.advice.ending import last_words
from advisor.text.bill import AFTER, short_log, volume_words
from advisor.text.money import bill_gap, use_case
from advisor.types import Report, Study
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.evidence.cost import queries
from advisor.ui.queries import case


def show(study: Study, report: Report | None) -> None:
    """The month by use case."""
    found = queries.projection(study.id, report)
    total = found.total
    if total.today is None:
        st.caption(inline(f"The months ahead are unknown: {bill_gap(total.unknown)}."))
        return
    show_table(
        month_rows(found, last_words(case(study.id, report)) if report else ""),
        key="cost_projection",
        alt="Calls and dollars a month of every use case, today and after the move.",
    )
    told = [volume_words(report)] if report else []
    if found.is_short and found.covered is not None:
        told = [short_log(found.covered, total.calls)]
    elif found.days:
        sure = numbers.percent(found.confidence)
        told.append(f"Ranges: {sure} intervals from day-to-day variation and the uncertainty of the savings.")
        told += ["They don't add up: busy days of one use case offset quiet days of another."] * (len(found.lines) > 1)
    st.caption(inline(" ".join(told)))


def month_rows(found: Projection, last: str = "") -> pd.DataFrame:
    """One row per use case and one for all; ``last``: until when the moves save that."""
    decided = any(line.plan is not None for line in (found.total, *found.lines))

    def row(line: Line) -> dict[str, str]:
        today, plan = numbers.UNKNOWN, numbers.UNKNOWN
        if line.today:
            today = numbers.dollars(line.today.point)
            plan = numbers.dollars(line.plan.point if line.plan else None)
            if line is found.total and line.saved:
                plan = numbers.less(line.today.point, line.saved.point)
        why = bill_gap(line.unknown) or ("what the move saves" if decided and line.plan is None else "")
        return {
            "Use case": use_case(line.name),
            "Today": today,
            **({f"{AFTER}{last}": plan} if decided else {}),
            "Today, range": numbers.money_range(line.today),
            **({f"{AFTER}, range": numbers.money_range(line.plan, plan)} if decided else {}),
            "Calls a month": numbers.projected(line.monthly_calls),
            "A call, today": numbers.dollars(line.usd_per_call),
            **({"Unknown": why} if why else {}),
        }

    return pd.DataFrame(row(line) for line in (found.total, *found.lines)).fillna("")
