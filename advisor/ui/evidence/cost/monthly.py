"""The monthly bill by use case, and a year of growth where some is expected."""

import pandas as pd
import streamlit as st

from advisor.charts.bills import projection_figure
from advisor.money.projection import Line, Projection, year_ahead
from advisor.text import numbers
from advisor.text.bill import short_log, volume_words, year_sentence
from advisor.text.money import bill_gap, use_case
from advisor.types import Report, Study
from advisor.ui.components.chart import show as show_chart
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.evidence.cost import queries


def show(study: Study, report: Report | None) -> None:
    """The month by use case; with growth also the year."""
    found = queries.projection(study.id, report)
    total = found.total
    if total.today is None:
        st.caption(inline(f"The months ahead are unknown: {bill_gap(total.unknown)}."))
        return
    growth = st.number_input(
        "Traffic growth, % a month",
        -50.0,
        100.0,
        0.0,
        1.0,
        format="%g",
        key="cost_growth",
        persist_state="session",
        width=260,
        help="Your assumption: a short log can't show growth.",
    )
    rate = growth / 100
    if rate:
        year = year_ahead(total, rate)
        show_chart(projection_figure(year.today, year.plan or None), key="cost_months")
        st.caption(inline(year_sentence(rate, *year.sums)))
    show_table(
        month_rows(found, rate),
        key="cost_projection",
        alt="Calls and dollars a month of every use case, today and with the plan, now and after a year of growth.",
    )
    told = [volume_words(report)] if report else []
    if found.is_short and found.covered is not None:
        told = [short_log(found.covered, total.calls)]
    elif found.days:
        sure = numbers.percent(found.confidence)
        told.append(f"Ranges: {sure} intervals from day-to-day variation and the uncertainty of the savings.")
    st.caption(inline(" ".join(told)))


def month_rows(found: Projection, growth: float) -> pd.DataFrame:
    """One row per use case and one for all."""
    decided = any(line.plan is not None for line in (found.total, *found.lines))

    def row(line: Line) -> dict[str, str]:
        today, plan, last = numbers.UNKNOWN, numbers.UNKNOWN, {}
        if line.today:
            today, plan = numbers.dollars(line.today.point), numbers.dollars(line.plan.point if line.plan else None)
        if line is found.total and line.today and line.plan:
            today, plan = numbers.before_after(line.today.point, line.plan.point)  # as the headline has it
        if growth:
            year = year_ahead(line, growth)
            last["Today, month 12"] = numbers.around(year.today[-1] if year.today else None)
            if decided:
                last["With the plan, month 12"] = numbers.around(year.plan[-1] if year.plan else None)
        why = bill_gap(line.unknown) or ("what the move saves" if decided and line.plan is None else "")
        return {
            "Use case": use_case(line.name),
            "Today": today,
            **({"With the plan": plan} if decided else {}),
            **last,
            "Today, range": numbers.money_range(line.today),
            **({"With the plan, range": numbers.money_range(line.plan)} if decided else {}),
            "Calls a month": numbers.projected(line.monthly_calls),
            "A call, today": numbers.dollars(line.usd_per_call),
            **({"Unknown": why} if why else {}),
        }

    return pd.DataFrame(row(line) for line in (found.total, *found.lines)).fillna("")
