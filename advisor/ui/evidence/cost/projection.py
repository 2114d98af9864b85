"""The month ahead: projected bill, twelve months of growth, and a check of logged costs."""

import math
from datetime import timedelta

import pandas as pd
import streamlit as st

from advisor.analysis.money.cost import DAYS_A_MONTH, LEAST_DAYS, MONTHS, months_ahead, summed
from advisor.charts.bills import projection_figure
from advisor.money.projection import Line, Projection, Reconciliation
from advisor.text import numbers
from advisor.text.money import bill_gap, price_source, use_case
from advisor.text.numbers import around, money_range, percent
from advisor.types import Money, Report, Study
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
    verdicts.headline(today_sentence(found.total))
    if found.is_short and found.total.today:
        st.caption(short_words(found))


def show(study: Study, report: Report | None) -> None:
    """The month and the year ahead, use case by use case."""
    found = queries_money.projection(study.id, report)
    total = found.total
    if total.today is None:
        st.caption(inline(year_sentence(total, 0.0)))
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
    today = months_ahead(total.today, rate)
    plan = months_ahead(total.plan, rate) if total.plan else None
    show_chart(projection_figure(today, plan), key="cost_months")
    days = " Ranges: day-to-day variation in the log." if found.days else ""
    st.caption(inline(f"{year_sentence(total, rate)}{days}"))
    if found.is_short:
        st.caption(short_words(found))
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
    st.markdown(inline(reconciled_sentence(found)))
    if found is None:
        return
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


def today_sentence(total: Line) -> str:
    """Today's bill, or why it is not known."""
    if total.today is None:
        return f"Today's monthly cost is unknown: {bill_gap(total.unknown)}."
    return f"Today's models cost about {_around(total.today)} a month."


def short_words(found: Projection) -> str:
    """What a log of less than a day is taken for."""
    covered = found.covered or timedelta()
    held = numbers.count(round(covered.total_seconds() / 60), "minute")
    if covered >= timedelta(hours=2):
        held = numbers.count(round(covered.total_seconds() / 3600), "hour")
    return (
        f"The log covers only {held}. We treat it as a typical day ({numbers.count(found.total.calls, 'call')}) "
        f"and multiply by {DAYS_A_MONTH:.2f}. That is too rough for a range."
    )


def year_sentence(total: Line, growth: float) -> str:
    """The twelve months in words."""
    if total.today is None:
        return f"The months ahead are unknown: {bill_gap(total.unknown)}."
    grows = f"with {growth * 100:g}% growth a month" if growth else "at today's volume"
    text = f"{MONTHS} months {grows}: {money_range(summed(months_ahead(total.today, growth)))} with today's models"
    if total.plan is None:
        return f"{text}."
    text += f", {money_range(summed(months_ahead(total.plan, growth)))} with the plan"
    if total.saved is None or total.saved.point == 0 or total.today.point == 0:
        return f"{text}."
    return f"{text}. The plan {_saved_share(total.saved, total.today.point)}."


def _saved_share(saved: Money, today_usd: float) -> str:
    """What a plan saves of the bill, which holds at any volume."""
    low, high = (saved.low / today_usd, saved.high / today_usd)
    if low < 0 < high:
        return f"may save up to {percent(high)} or cost up to {percent(-low)} more"
    ends = dict.fromkeys(map(percent, sorted((abs(low), abs(high)))))
    return f"{'saves' if high > 0 else 'costs'} {' to '.join(ends)} {'of the bill' if high > 0 else 'more'}"


def month_rows(found: Projection, growth: float) -> pd.DataFrame:
    """One row per use case and one for all."""
    decided = any(line.plan is not None for line in (found.total, *found.lines))

    def row(line: Line) -> dict[str, str]:
        last = {}
        if growth:
            last[f"Today's models, month {MONTHS}"] = _last(line.today, growth)
            if decided:
                last[f"With the plan, month {MONTHS}"] = _last(line.plan, growth)
        return {
            "Use case": use_case(line.name),
            "Calls a month": numbers.projected(line.monthly_calls),
            "A call, today": numbers.dollars(line.usd_per_call),
            "Today's models, a month": _around(line.today),
            **({"With the plan, a month": _around(line.plan)} if decided else {}),
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


def reconciled_sentence(found: Reconciliation | None) -> str:
    """The difference between what the log says and list prices."""
    if found is None:
        return "The log has no costs. Today's bill is tokens × list prices of the day, or your contract prices."
    free = numbers.count(found.free, "call")
    if not found.models and not found.left_out:
        return f"Logged as free: {free}. No list price matches, so this couldn't be checked."
    more = f" Excluded: {free} logged as free." if found.free else ""
    if not found.models:
        return (
            f"Costs are logged for {numbers.count(found.left_out, 'call')}, but tokens or list prices are missing, "
            f"so they couldn't be checked.{more}"
        )
    _, calls, logged, listed, _ = found.compared
    text = f"The log says that {numbers.count(calls, 'call')} cost {exact(logged)}"
    return f"{text}; their tokens at list prices come to {exact(listed)}: {difference(logged, listed)}.{more}"


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


def difference(logged: float, listed: float) -> str:
    """In dollars and as a share of the list price."""
    off = logged - listed
    if abs(off) < max(5e-7, 5e-5 * abs(listed)):
        return "no difference"
    share = f" ({numbers.percent(abs(off) / listed)} {'more' if off > 0 else 'less'})" if listed else ""
    return f"{'+' if off > 0 else '−'}{exact(abs(off))}{share}"


def exact(usd: float) -> str:
    """To the cent, a small amount to four digits: what is checked or computed with, not an estimate."""
    if usd == 0 or abs(usd) >= 1:
        text = f"{abs(usd):,.2f}"
    else:
        text = f"{abs(usd):.{3 - math.floor(math.log10(abs(usd)))}f}".rstrip("0")
    return f"{'-' if usd < 0 else ''}${text}"


def _around(money: Money | None) -> str:
    return numbers.UNKNOWN if money is None else around(numbers.dollars(money.point), money.low, money.high)


def _last(money: Money | None, growth: float) -> str:
    return numbers.UNKNOWN if money is None else _around(months_ahead(money, growth)[-1])


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
            else f"The log has fewer than {LEAST_DAYS} whole days, too few for a range of today's bill."
        )
        st.markdown(
            f"{days} Where a use case moves, the bootstrap interval of its savings is added as the root of the "
            "sum of squares."
        )
        st.markdown(
            f"Month n: the first month × (1 + {growth * 100:g}%)^(n − 1); {MONTHS} months: their sum. "
            "Ranges don't include uncertainty in growth."
        )
        show_list(projection_lines(found))
        if found.left_out:
            st.caption(inline(f"Not in the total (bill unknown): {', '.join(found.left_out)}."))
