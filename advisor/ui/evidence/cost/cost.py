"""Cost: the bill today and with the plan, and what a thousand calls cost."""

from collections.abc import Iterable
from datetime import datetime

import pandas as pd
import streamlit as st

from advisor.charts.colours import candidates_of
from advisor.charts.cost import cost_figure, frontier_figure
from advisor.measure.registration import source_of_price
from advisor.money.spend import Rate, Spend
from advisor.text import numbers
from advisor.text.bill import bill_sentence, exact, volume_words, why_cost_unknown
from advisor.text.money import price_source
from advisor.text.names import MEASURES, candidate_verdict
from advisor.text.numbers import UNKNOWN, before_after, listing
from advisor.text.results import NO_TIMES
from advisor.types import Model, Recommendation, Report, Role, Study, UseCaseDecision
from advisor.ui import progress, stage
from advisor.ui.components import verdicts
from advisor.ui.components.chart import show
from advisor.ui.components.table import computed, show_list, show_table
from advisor.ui.components.text import inline
from advisor.ui.evidence.cost import projection
from advisor.ui.page import empty_state, require_report
from advisor.ui.stage import Stage

GOOD = "Candidate, 1,000 good answers"
PRICED = "Costs come from the log, otherwise from tokens at the list price of the day or your contract price."


def decision_of(study: Study) -> Report | None:
    """The decision of a study; None with the next step if undecided. Stops without a log."""
    standing = stage.standing(study)
    if standing.report is not None or standing.stage is Stage.ANSWERED:
        return require_report(study)
    page, action = standing.next_step
    if standing.stage is Stage.NO_LOG:
        empty_state(f"Nothing to show yet: {standing.stage.value}.", page=page, action=action)
        st.stop()
    projection.show_today(study)
    if standing.run is not None and standing.stage is Stage.RUNNING:
        progress.watch_run(standing.run.id)
    empty_state(f"Savings aren't known yet: {standing.stage.value}.", page=page, action=action)
    return None


def show_bill(report: Report) -> None:
    """The monthly bill: sentence, figures and chart."""
    recommendation = report.recommendation
    monthly = recommendation.bill.monthly
    verdicts.headline(bill_sentence(recommendation))
    today, plan = before_after(monthly.baseline_usd, monthly.plan_usd) if monthly else (UNKNOWN, UNKNOWN)
    verdicts.figures(
        {
            "Bill today, a month": today,
            "With the plan": plan,
            "Saved, a month": verdicts.saved_a_month(recommendation),
            "Calls a month": numbers.projected(recommendation.monthly_calls),
        }
    )
    if lacking := recommendation.bill.left_out:
        st.caption(inline(f"Not included (cost or savings unknown): {listing(lacking)}."))
    st.caption(inline(volume_words(report)))
    show(cost_figure(recommendation), key="cost_bill")
    with computed("The bill", key="bill_how"):
        st.markdown(
            "Today: monthly calls × average cost per call in the log. Failed calls are free unless logged otherwise. "
            "Savings = (baseline cost − candidate cost) ÷ baseline cost, over samples with both costs known, "
            "applied to today's bill. Ranges are bootstrap intervals."
        )
        show_list(bill_lines(report))
        st.caption(PRICED)


def show_rates(report: Report, spend: Spend | None) -> None:
    """What a thousand calls cost, by use case and candidate."""
    show_table(
        rate_rows(report.recommendation, spend),
        key="cost_rates",
        alt="Dollars per 1,000 calls of the baseline and every candidate by use case, and what a move would save.",
        pinned="Use case",
        columns={
            GOOD: st.column_config.TextColumn(help="Right answers or, where answers are compared, wins and ties.")
        },
    )
    st.caption("Ranges are bootstrap intervals. “–” means unknown; the last column says why.")
    with computed("Cost per 1,000 calls", key="rates_how"):
        st.markdown(
            "1,000 calls: average cost over samples with both costs known, × 1,000. 1,000 good answers: candidate cost "
            "÷ its good answers, × 1,000. Good: right or, where answers are compared, won or tied. Saved: average "
            "paired difference × 1,000, with a bootstrap interval of 4,000 resamples. A month: today's bill minus the "
            "savings."
        )
        show_list(line for decision in report.recommendation.use_cases for line in rate_lines(decision, spend))
        st.caption(PRICED)


def show_frontier(report: Report, decision: UseCaseDecision) -> None:
    """Cost against quality in one use case."""
    show(frontier_figure(decision, candidates_of(report.recommendation)), key="cost_frontier")
    with computed("Cost against quality", key="frontier_how"):
        measure = MEASURES[decision.endpoint]
        st.markdown(
            f"X axis: dollars per 1,000 calls, as in the table above. Y axis: {measure}, as on the Quality page."
        )
        show_list(rate_lines(decision))


def show_sources(report: Report) -> None:
    """Where the prices come from."""
    with st.expander("Where the prices come from", icon=":material/sell:", key="price_sources"):
        if report.price_sources:
            show_list(map(price_source, report.price_sources))
        else:
            st.markdown("No call has a price. Add prices on the Candidates page.")
        show_table(
            price_rows(report.models, report.recommendation.created_at),
            key="cost_prices",
            alt="The registered models with the prices given for them.",
        )


def rate_rows(recommendation: Recommendation, spend: Spend | None = None) -> pd.DataFrame:
    """One row per use case and candidate, with the reason where something is missing."""
    rates = {(rate.use_case, rate.model): rate for rate in spend.rates} if spend else {}
    return pd.DataFrame(
        {
            "Use case": decision.name,
            "Candidate": a.model,
            "Baseline, 1,000 calls": numbers.to_the_cent(a.costs.baseline_usd_per_1k),
            "Candidate, 1,000 calls": numbers.to_the_cent(a.costs.usd_per_1k),
            "Saved, 1,000 calls": numbers.cent_range(rate.saved_per_1k if rate else None),
            GOOD: numbers.to_the_cent(a.costs.usd_per_1k_successes),
            "Candidate, a call": numbers.dollars(a.costs.usd_a_call),
            "Candidate, a month": numbers.dollars(decision.usd_a_month(a)),
            "A move would save, a month": numbers.money_range(a.costs.savings_usd),
            "Verdict": candidate_verdict(a),
            "Unknown": why_cost_unknown(decision, a, rate.saving_lacks_pairs if rate else None),
        }
        for decision in recommendation.use_cases
        for a in decision.candidates
        for rate in [rates.get((decision.name, a.model))]
    )


def price_rows(models: Iterable[Model], at: datetime) -> pd.DataFrame:
    """One row per registered model, with where its price at ``at`` (aware) comes from."""
    return pd.DataFrame(
        {
            "Model": model.name,
            "Role": {Role.BASELINE: "baseline", Role.CANDIDATE: "candidate", Role.JUDGE: "judge"}[model.role],
            "Input, per million tokens": numbers.price(model.prices.input),
            "Output, per million tokens": numbers.price(model.prices.output),
            "Cached input": numbers.price(model.prices.cache_read),
            "Price": price_source(source) if (source := source_of_price(model, at)) else "no price known",
        }
        for model in models
    )


def bill_lines(report: Report) -> list[str]:
    """How the bill of each use case comes about."""
    lines = []
    for decision in report.recommendation.use_cases:
        calls, usd = decision.monthly_calls, decision.usd_a_call
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
