"""The month ahead: projected bill, twelve months of growth, and a check of logged costs."""

import pandas as pd
import streamlit as st

from advisor.charts.bills import projection_figure
from advisor.money.projection import Line, Projection, Reconciliation, year_ahead
from advisor.text import numbers
from advisor.text.bill import difference, exact, reconciled_sentence, short_log, today_sentence, year_sentence
from advisor.text.money import bill_gap, price_source, use_case
from advisor.types import Report, Study
from advisor.ui.components import verdicts
from advisor.ui.components.chart import show as show_chart
from advisor.ui.components.table import computed, show_list, show_table
from advisor.ui.components.text import inline
from advisor.ui.evidence.cost import queries as queries_money

FREE = "not compared (cached or failed)"
"""What a logged cost of nothing means."""


def show_today(study: Study) -> None:
    """Where nothing is decided yet: the bill as it is, in one sentence."""
    found = queries_money.projection(study.id, None)
    verdicts.headline(today_sentence(found.total.today, found.total.unknown))
    if found.total.today:
        _say_short(found)


def show(study: Study, report: Report | None) -> None:
    """The month and the year ahead, use case by use case."""
    found = queries_money.projection(study.id, report)
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
    year = year_ahead(total, rate)
    show_chart(projection_figure(year.today, year.plan or None), key="cost_months")
    days = " Ranges: day-to-day variation in the log." if found.days else ""
    st.caption(inline(f"{year_sentence(rate, *year.sums)}{days}"))
    _say_short(found)
    show_table(
        month_rows(found, rate),
        key="cost_projection",
        alt="Calls and dollars a month of every use case, today and with the plan, now and after a year of growth.",
        pinned="Use case",
    )
    _show_steps(found, rate)


def show_reconciliation(study: Study) -> None:
    """The log's own costs beside its tokens at list prices."""
    found = queries_money.reconciliation(study.id)
    if found is None and queries_money.projection(study.id, None).total.today is None:
        return
    if found is None:
        st.markdown("The log has no costs. Today's bill is tokens × list prices of the day, or your contract prices.")
        return
    compared = found.compared[1:4] if found.models else None
    st.markdown(inline(reconciled_sentence(compared, found.left_out, found.free)))
    with st.expander("Logged costs: how were they checked?", icon=":material/calculate:", key="reconciled_how"):
        st.markdown(
            "Each call with logged cost, model and tokens is priced again at the list price of its day, without batch "
            "or tier discounts. Free calls (cached or failed) are excluded. The bill uses the logged costs."
        )
        show_table(
            reconciled_rows(found),
            key="cost_reconciled",
            alt="What the log says its calls cost beside their tokens at list prices, by model.",
        )


def _say_short(found: Projection) -> None:
    if found.is_short and found.covered is not None:
        st.caption(short_log(found.covered, found.total.calls))


def month_rows(found: Projection, growth: float) -> pd.DataFrame:
    """One row per use case and one for all."""
    decided = any(line.plan is not None for line in (found.total, *found.lines))

    def row(line: Line) -> dict[str, str]:
        last = {}
        if growth:
            year = year_ahead(line, growth)
            last["Today's models, month 12"] = numbers.around(year.today[-1] if year.today else None)
            if decided:
                last["With the plan, month 12"] = numbers.around(year.plan[-1] if year.plan else None)
        return {
            "Use case": use_case(line.name),
            "Calls a month": numbers.projected(line.monthly_calls),
            "A call, today": numbers.dollars(line.usd_per_call),
            "Today's models, a month": numbers.around(line.today),
            **({"With the plan, a month": numbers.around(line.plan)} if decided else {}),
            **last,
            "Unknown": bill_gap(line.unknown) or ("what the move saves" if decided and line.plan is None else ""),
        }

    return pd.DataFrame(row(line) for line in (found.total, *found.lines))


def projection_lines(found: Projection) -> list[str]:
    """How the month of each use case comes about."""
    lines = []
    for line in (*found.lines, found.total):
        if line.today is None:
            lines.append(f"{use_case(line.name)}: unknown, {bill_gap(line.unknown)}")
            continue
        product = f"{line.monthly_calls or 0:,.0f} calls × {exact(line.usd_per_call or 0.0)} = "
        text = (
            f"{use_case(line.name)}: {'' if line is found.total else product}"
            f"{numbers.dollars(line.today.point)} a month ({line.priced:,} of {line.calls:,} calls have a price"
            f"{f', {line.failed:,} failed' if line.failed else ''})"
        )
        spread = "day-to-day variation unknown" if line.spread is None else f"days: ± {numbers.percent(line.spread)}"
        moved = f"; moves to {line.to}, saves {numbers.money_range(line.saved)}" if line.to else ""
        lines.append(f"{text}; {spread}{moved}")
    return lines


def reconciled_rows(found: Reconciliation) -> pd.DataFrame:
    """One row per model, and one for each kind of calls that cannot be compared."""
    rows = [
        {
            "Model in the log": one.model,
            "Calls": numbers.whole(one.calls),
            "The log says": exact(one.logged_usd),
            "Tokens at list prices": exact(one.listed_usd),
            "Difference": difference(one.logged_usd, one.listed_usd),
            "List": price_source(one.source) if one.source else "",
        }
        for one in found.models
    ]
    others = ((found.left_out, numbers.UNKNOWN, "no tokens, or no list price"), (found.free, exact(0.0), FREE))
    for calls, usd, why in others:
        if calls:
            told = {"The log says": usd, "Tokens at list prices": numbers.UNKNOWN, "Difference": why}
            rows.append({"Model in the log": "(others)", "Calls": numbers.whole(calls), **told})
    return pd.DataFrame(rows).fillna("")


def _show_steps(found: Projection, growth: float) -> None:
    with computed("Monthly bill", key="projection_how"):
        st.markdown(
            "A month: calls ÷ days in the log (at least one) × 30.44 ÷ share of traffic × average cost per call. "
            "Failed calls are free unless logged otherwise. Calls without a price get their use case's average. "
            "With the plan: minus the savings of each use case that moves."
        )
        sure = numbers.percent(found.confidence)
        days = (
            f"Today's bill has a {sure} prediction interval from the log's {found.days} whole days (UTC): "
            f"t × standard deviation ÷ mean × √(1/30.44 + 1/{found.days})."
            if found.days
            else "The log has fewer than 3 whole days, too few for a range of today's bill."
        )
        st.markdown(
            f"{days} Where a use case moves, the bootstrap interval of its savings is added as the root of the "
            "sum of squares."
        )
        st.markdown(
            f"Month n: the first month × (1 + {growth * 100:g}%)^(n − 1); 12 months: their sum. "
            "Ranges don't include uncertainty in growth."
        )
        show_list(projection_lines(found))
        if found.left_out:
            st.caption(inline(f"Not in the total (bill unknown): {', '.join(found.left_out)}."))
