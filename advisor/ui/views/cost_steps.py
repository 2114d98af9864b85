"""How the figures of the decision on the page Cost were computed: the bill, a thousand calls, cost against quality."""

from collections.abc import Iterable

import streamlit as st

from advisor.analysis.bill import usd_today
from advisor.study.spend import Rate, Spend
from advisor.text import numbers
from advisor.text.names import MEASURES
from advisor.text.results import NO_TIMES
from advisor.types import Report, UseCaseDecision
from advisor.ui.components.text import inline
from advisor.ui.views.projection import exact

PRICED = "A call costs what the log itself says, else its tokens at the dated list price or the one you gave."


def show_bill_steps(report: Report) -> None:
    """The bill today and with the plan, by use case."""
    with st.expander("The bill: how was this computed?", icon=":material/calculate:", key="bill_how"):
        st.markdown(
            "Today: calls a month of a use case × what one of them costs on average in the log; failed ones cost "
            "nothing unless the log says so. With the plan: a use case that moves costs less by its saving, the others "
            "stay as they are. The saving is a share of today's bill: what the pairs of calls that both models have a "
            "cost for cost less in all, ÷ what the baseline's calls among them cost. So both costs are scaled alike to "
            "what is paid today, since the sample may cost more or less than the log. Its range comes from drawing "
            "such pairs again and again, with the share computed anew each time."
        )
        _list(bill_lines(report))
        st.caption(PRICED)


def show_rate_steps(report: Report, spend: Spend | None) -> None:
    """What a thousand calls cost, by use case and candidate."""
    with st.expander("A thousand calls: how was this computed?", icon=":material/calculate:", key="rates_how"):
        st.markdown(
            "1,000 calls: the average cost of the calls that both models have a cost for, × 1,000. 1,000 good answers: "
            "all that the candidate cost on the pairs that count, ÷ its good answers among them, × 1,000. Saved: the "
            "average difference of the two costs of a pair, × 1,000; its range is that of 4,000 drawings of as many "
            "pairs with replacement. These are calls of the sample as they are. A month: today's bill of the use case "
            "less what a move would save, which scales both models to that bill."
        )
        _list(line for decision in report.recommendation.use_cases for line in rate_lines(decision, spend))
        st.caption(PRICED)


def show_frontier_steps(decision: UseCaseDecision) -> None:
    """The points of the chart of one use case."""
    with st.expander("The chart: how was this computed?", icon=":material/calculate:", key="frontier_how"):
        measure = MEASURES[decision.endpoint]
        st.markdown(
            f"Across: dollars per 1,000 calls, as in the table above. Upwards: {measure}, as on the page Quality."
        )
        _list(rate_lines(decision))


def bill_lines(report: Report) -> list[str]:
    """How the bill of each use case comes about."""
    lines = []
    for decision in report.recommendation.use_cases:
        calls, usd = decision.monthly_calls, usd_today(decision)
        chosen = decision.target
        if usd is None:
            today = f"not known: {NO_TIMES}" if calls is None else "not known: no answer has a price"
        else:
            today = f"{calls:,.0f} calls × {exact(usd)} = {numbers.dollars(decision.monthly_baseline_usd)} a month"
        move = "stays"
        if chosen is not None:
            move = f"moves to {chosen.model}, saves {numbers.money_range(chosen.savings_usd)}"
        lines.append(f"{decision.name}: {today}; {move}")
    return lines


def rate_lines(decision: UseCaseDecision, spend: Spend | None = None) -> list[str]:
    """What the rates of each candidate rest on."""
    rates = {rate.model: rate for rate in spend.rates if rate.use_case == decision.name} if spend else {}
    return [
        f"{decision.name}, {a.model}: {numbers.count(a.answered, 'answer')} with a time, "
        f"{numbers.count(a.n, 'pair')} that count; baseline {numbers.to_the_cent(a.baseline_cost_usd_per_1k)}, "
        f"candidate {numbers.to_the_cent(a.cost_usd_per_1k)} per 1,000; score {numbers.percent(a.score)}, baseline "
        f"{numbers.percent(a.baseline_score)}{_paired(rates.get(a.model))}"
        for a in decision.candidates
    ]


def _paired(rate: Rate | None) -> str:
    if rate is None or rate.less_usd is None:
        return ""
    return f"; {numbers.count(rate.n, 'pair')} with both costs: a call costs {exact(rate.less_usd)} less on average"


def _list(lines: Iterable[str]) -> None:
    for line in lines:
        st.markdown(f"- {inline(line)}")
