"""How the figures of the decision on the page Cost were computed: the bill, a thousand calls, cost against quality."""

import streamlit as st

from advisor.analysis.money.cost import usd_today
from advisor.money.spend import Rate, Spend
from advisor.text import numbers
from advisor.text.names import MEASURES
from advisor.text.results import NO_TIMES
from advisor.types import Report, UseCaseDecision
from advisor.ui.components.table import computed, show_list
from advisor.ui.evidence.cost.projection import exact

PRICED = "Costs come from the log, otherwise from tokens at the list price of the day or your contract price."


def show_bill_steps(report: Report) -> None:
    """The bill today and with the plan, by use case."""
    with computed("The bill", key="bill_how"):
        st.markdown(
            "Today: monthly calls × average cost per call in the log. Failed calls are free unless logged otherwise. "
            "Savings = (baseline cost − candidate cost) ÷ baseline cost, over samples with both costs known, "
            "applied to today's bill. Ranges are bootstrap intervals."
        )
        show_list(bill_lines(report))
        st.caption(PRICED)


def show_rate_steps(report: Report, spend: Spend | None) -> None:
    """What a thousand calls cost, by use case and candidate."""
    with computed("Cost per 1,000 calls", key="rates_how"):
        st.markdown(
            "1,000 calls: average cost over samples with both costs known, × 1,000. 1,000 good answers: candidate cost "
            "÷ its good answers, × 1,000. Good: right or, where answers are compared, won or tied. Saved: average "
            "paired difference × 1,000, with a bootstrap interval of 4,000 resamples. A month: today's bill minus the "
            "savings."
        )
        show_list(line for decision in report.recommendation.use_cases for line in rate_lines(decision, spend))
        st.caption(PRICED)


def show_frontier_steps(decision: UseCaseDecision) -> None:
    """The points of the chart of one use case."""
    with computed("Cost against quality", key="frontier_how"):
        measure = MEASURES[decision.endpoint]
        st.markdown(
            f"X axis: dollars per 1,000 calls, as in the table above. Y axis: {measure}, as on the Quality page."
        )
        show_list(rate_lines(decision))


def bill_lines(report: Report) -> list[str]:
    """How the bill of each use case comes about."""
    lines = []
    for decision in report.recommendation.use_cases:
        calls, usd = decision.monthly_calls, usd_today(decision)
        chosen = decision.target
        if usd is None:
            today = f"unknown: {NO_TIMES}" if calls is None else "unknown: no answer has a price"
        else:
            today = f"{calls:,.0f} calls × {exact(usd)} = {numbers.dollars(decision.monthly_baseline_usd)} a month"
        move = "stays"
        if chosen is not None:
            move = f"moves to {chosen.model}, saves {numbers.money_range(chosen.costs.savings_usd)}"
        lines.append(f"{decision.name}: {today}; {move}")
    return lines


def rate_lines(decision: UseCaseDecision, spend: Spend | None = None) -> list[str]:
    """What the rates of each candidate rest on."""
    rates = {rate.model: rate for rate in spend.rates if rate.use_case == decision.name} if spend else {}
    return [
        f"{decision.name}, {a.model}: {numbers.count(a.times.answered, 'answer')} with a time, "
        f"{numbers.count(a.quality.n, 'pair')} that count; "
        f"baseline {numbers.to_the_cent(a.costs.baseline_usd_per_1k)}, "
        f"candidate {numbers.to_the_cent(a.costs.usd_per_1k)} per 1,000; "
        f"score {numbers.percent(a.quality.score)}, baseline "
        f"{numbers.percent(a.quality.baseline_score)}{_paired(rates.get(a.model))}"
        for a in decision.candidates
    ]


def _paired(rate: Rate | None) -> str:
    if rate is None or rate.less_usd is None:
        return ""
    return f"; {numbers.count(rate.n, 'pair')} with both costs: a call costs {exact(rate.less_usd)} less on average"
