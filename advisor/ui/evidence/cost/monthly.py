"""The monthly bill by use case."""

import pandas as pd
import streamlit as st

from advisor.money.projection import Line, Projection
from advisor.text import numbers
from advisor.text.bill import short_log, volume_words
from advisor.text.money import bill_gap, use_case
from advisor.types import Money, Report, Study
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.evidence.cost import queries


def show(study: Study, report: Report | None) -> None:
    """The month by use case."""
    found = queries.projection(study.id, report)
    total = found.total
    if total.today is None:
        st.caption(inline(f"The months ahead are unknown: {bill_gap(total.unknown)}."))
        return
    show_table(
        month_rows(found),
        key="cost_projection",
        alt="Calls and dollars a month of every use case, today and with the plan.",
    )
    told = [volume_words(report)] if report else []
    if found.is_short and found.covered is not None:
        told = [short_log(found.covered, total.calls)]
    elif found.days:
        sure = numbers.percent(found.confidence)
        told.append(f"Ranges: {sure} intervals from day-to-day variation and the uncertainty of the savings.")
    st.caption(inline(" ".join(told)))


def month_rows(found: Projection) -> pd.DataFrame:
    """One row per use case and one for all."""
    decided = any(line.plan is not None for line in (found.total, *found.lines))

    def row(line: Line) -> dict[str, str]:
        today, plan = numbers.UNKNOWN, numbers.UNKNOWN
        if line.today:
            today, plan = numbers.dollars(line.today.point), numbers.dollars(line.plan.point if line.plan else None)
        if line is found.total and line.today and line.plan:
            today, plan = numbers.before_after(line.today.point, line.plan.point)  # as the headline has it
        why = bill_gap(line.unknown) or ("what the move saves" if decided and line.plan is None else "")
        return {
            "Use case": use_case(line.name),
            "Today": today,
            **({"With the plan": plan} if decided else {}),
            "Today, range": _range(line.today, today),
            **({"With the plan, range": _range(line.plan, plan)} if decided else {}),
            "Calls a month": numbers.projected(line.monthly_calls),
            "A call, today": numbers.dollars(line.usd_per_call),
            **({"Unknown": why} if why else {}),
        }

    return pd.DataFrame(row(line) for line in (found.total, *found.lines)).fillna("")


def _range(amount: Money | None, shown: str) -> str:
    """``shown``: the amount as the row has it."""
    return numbers.money_range(amount, lambda usd: shown if amount and usd == amount.point else numbers.dollars(usd))
