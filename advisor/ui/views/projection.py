"""The month ahead: the bill as projected from the log, twelve months of growth, and the log's own costs beside it."""

import math
from datetime import timedelta

import pandas as pd
import streamlit as st

from advisor.analysis.cost import DAYS_A_MONTH
from advisor.analysis.projection import LEAST_DAYS, MONTHS, months_ahead, summed
from advisor.charts.projection import projection_figure
from advisor.study.projection import Line, Projection, Reconciliation
from advisor.text import numbers
from advisor.text.bill import bill_gap, use_case
from advisor.text.numbers import around, saving
from advisor.text.prices import price_source
from advisor.types import Money, Report, Study
from advisor.ui import queries_money
from advisor.ui.components.chart import show as show_chart
from advisor.ui.components.text import inline
from advisor.ui.views import verdicts

FREE = "not compared: from a cache, or failed"
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
        "Growth of the traffic, % a month",
        -50.0,
        100.0,
        0.0,
        1.0,
        format="%g",
        key="cost_growth",
        persist_state="session",
        width=260,
        help="Yours to say: from a few weeks nobody can tell growth from chance.",
    )
    rate = growth / 100
    today = months_ahead(total.today, rate)
    plan = months_ahead(total.plan, rate) if total.plan else None
    show_chart(projection_figure(today, plan), key="cost_months")
    st.caption(inline(year_sentence(total, rate)))
    if found.is_short:
        st.caption(short_words(found))
    if found.days:
        st.caption(
            "These ranges take in how the days of the log differ; those of a saving rest on pairs of calls alone."
        )
    st.dataframe(
        month_rows(found, rate),
        hide_index=True,
        column_config={"Use case": st.column_config.Column(pinned=True)},
        key="cost_projection",
        alt="Calls and dollars a month of every use case, today and with the plan, now and after a year of growth.",
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
    with st.expander("Today's bill: how was this checked?", icon=":material/calculate:", key="reconciled_how"):
        st.markdown(
            "Every call for which the log tells cost, model and tokens is priced anew: its tokens at the list price "
            "of its day, without the discount of a batch or another tier, and what is written to a cache as if it was "
            "kept for five minutes. Calls that cost nothing, as answers from a cache and failed ones do, are left out: "
            "no list has that price. The bill goes by what the log says."
        )
        st.dataframe(
            reconciled_rows(found),
            hide_index=True,
            key="cost_reconciled",
            alt="What the log says its calls cost beside their tokens at list prices, by model.",
        )


def today_sentence(total: Line) -> str:
    """Today's bill, or why it is not known."""
    if total.today is None:
        return f"What today's models cost a month is unknown: {bill_gap(total.unknown)}."
    return f"Today's models cost about {_around(total.today)} a month."


def short_words(found: Projection) -> str:
    """What a log of less than a day is taken for."""
    covered = found.covered or timedelta()
    held = numbers.count(round(covered.total_seconds() / 60), "minute")
    if covered >= timedelta(hours=2):
        held = numbers.count(round(covered.total_seconds() / 3600), "hour")
    return (
        f"The log covers {held} and is taken for a whole day: a month is {DAYS_A_MONTH:.2f} days with its "
        f"{numbers.count(found.total.calls, 'call')} each. How far that is off nobody can tell, so that no range is "
        "shown."
    )


def year_sentence(total: Line, growth: float) -> str:
    """The twelve months in words."""
    if total.today is None:
        return f"The months ahead are unknown: {bill_gap(total.unknown)}."
    grows = f"with {growth * 100:g}% growth a month" if growth else "at today's volume"
    text = f"{MONTHS} months {grows}: {_around(summed(months_ahead(total.today, growth)))} with today's models"
    if total.plan is None:
        return f"{text}."
    text += f", {_around(summed(months_ahead(total.plan, growth)))} with the plan"
    if total.saved is None or total.saved.point == 0:
        return f"{text}."
    year = summed(months_ahead(total.saved, growth))
    words = saving(year).replace(" a month", "")
    return f"{text}. You would {words} over the {MONTHS} months."


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
            "Not known": bill_gap(line.unknown) or ("what the move saves" if decided and line.plan is None else ""),
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
        spread = "how days differ is not known" if line.spread is None else f"days: ± {numbers.percent(line.spread)}"
        moved = f"; moves to {line.to}, saves {numbers.money_range(line.saved)}" if line.to else ""
        lines.append(f"{text}; {spread}{moved}")
    return lines


def reconciled_sentence(found: Reconciliation | None) -> str:
    """The difference between what the log says and list prices."""
    if found is None:
        return (
            "The log has no cost field of its own: today's bill is its tokens at the list prices of their days, or at "
            "the prices given for this study."
        )
    free = numbers.count(found.free, "call")
    if not found.models and not found.left_out:
        return f"The log says that {free} cost nothing: no list has that price, so that it cannot be checked."
    more = f" Not among them: {free} that cost nothing." if found.free else ""
    if not found.models:
        return (
            f"The log says what {numbers.count(found.left_out, 'call')} cost; without their tokens or a list price of "
            f"their models that cannot be checked.{more}"
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
    return numbers.UNKNOWN if money is None else around(money.point, money.low, money.high)


def _last(money: Money | None, growth: float) -> str:
    return numbers.UNKNOWN if money is None else _around(months_ahead(money, growth)[-1])


def _show_steps(found: Projection, growth: float) -> None:
    with st.expander("The month ahead: how was this computed?", icon=":material/calculate:", key="projection_how"):
        st.markdown(
            "A month: calls of the log ÷ its days (at least one) × 30.44 ÷ the share of the traffic that it is, × what "
            "a call costs on average. Calls that failed count, but cost nothing unless the log says so; those that "
            "succeeded without a price are taken to cost as much as the others. With the plan: a use case that moves "
            "costs less by its saving."
        )
        sure = numbers.percent(found.confidence)
        days = (
            f"The {found.days} whole days of the log (UTC) differ; a month made of days like them lies in this range "
            f"with {sure} (prediction interval: t × standard deviation ÷ mean × √(1/30.44 + 1/{found.days})). Weekends "
            "and a log that is a part of the traffic make it wider than the truth."
            if found.days
            else f"The log holds fewer than {LEAST_DAYS} whole days: how far a month may be off is not known, and no "
            "range is shown for today's bill."
        )
        st.markdown(
            f"{days} Where a use case moves, the range of its saving (pairs drawn again and again) is joined to it by "
            "the root of the sum of squares. All use cases together are judged by their days together."
        )
        st.markdown(
            f"Month n: the first month × (1 + {growth * 100:g}%)^(n − 1); {MONTHS} months: all of them added up. That "
            "the growth itself is not known is not in the range."
        )
        for line in projection_lines(found):
            st.markdown(f"- {inline(line)}")
        if found.left_out:
            st.caption(inline(f"Not in the total, since their bill is not known: {', '.join(found.left_out)}."))
