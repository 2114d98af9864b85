"""Cost: the bill today and with the plan, and what a thousand calls cost."""

from collections.abc import Iterable
from datetime import datetime

import pandas as pd
import streamlit as st

from advisor.analysis.money.cost import (
    calls_a_month,
    usd_a_call,
    usd_a_month,
)
from advisor.analysis.money.spend import LEAST_PAIRS
from advisor.charts.colours import candidates_of
from advisor.charts.cost import cost_figure, frontier_figure
from advisor.measure.registration import source_of_price
from advisor.money.spend import Rate, Spend
from advisor.text import numbers
from advisor.text.headline import not_worth
from advisor.text.money import price_source
from advisor.text.names import candidate_verdict
from advisor.text.numbers import UNKNOWN, before_after, listing, saving
from advisor.text.results import NO_TIMES, share_of_traffic
from advisor.types import Assessment, Model, Recommendation, Report, Role, Study, UseCaseDecision
from advisor.ui import progress, stage
from advisor.ui.components import verdicts
from advisor.ui.components.chart import show
from advisor.ui.components.table import show_list, show_table
from advisor.ui.components.text import inline
from advisor.ui.evidence.cost import projection
from advisor.ui.page import empty_state, require_report
from advisor.ui.stage import Stage

GOOD = "Candidate, 1,000 good answers"


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
            "Saved, a month": saved_a_month(recommendation),
            "Calls a month": numbers.projected(calls_a_month(recommendation)),
        }
    )
    if lacking := recommendation.bill.left_out:
        st.caption(inline(f"Not included (cost or savings unknown): {listing(lacking)}."))
    st.caption(inline(volume_words(report)))
    show(cost_figure(recommendation), key="cost_bill")


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


def show_frontier(report: Report, decision: UseCaseDecision) -> None:
    """Cost against quality in one use case."""
    show(frontier_figure(decision, candidates_of(report.recommendation)), key="cost_frontier")


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


def bill_sentence(recommendation: Recommendation) -> str:
    """What the plan does to the bill, or why that is not known."""
    monthly = recommendation.bill.monthly
    if monthly is not None and recommendation.bill.worth is False:
        return f"{not_worth(monthly.baseline_usd)}."
    moves = any(decision.chosen for decision in recommendation.use_cases)
    if monthly is None:
        return f"Monthly cost is unknown: {why_no_bill(recommendation)}."
    lacking = recommendation.bill.left_out
    without = f" (not counting {listing(lacking)})" if lacking else ""
    today = f"The bill is about {before_after(monthly.baseline_usd, monthly.plan_usd)[0]} a month today{without}"
    if not moves:
        return f"{today}. No use case moves yet."
    illustrative = any(d.target and d.target.illustrative for d in recommendation.use_cases)
    note = " (illustrative price)" if illustrative else ""
    return f"{today}; with the plan you {saving(monthly.savings_usd)}{note}."


def saved_a_month(recommendation: Recommendation) -> str:
    """The saving as a range; not known, or too small to matter: a dash."""
    monthly = recommendation.bill.monthly
    return numbers.money_range(monthly.savings_usd if monthly and recommendation.bill.worth is not False else None)


def why_no_bill(recommendation: Recommendation) -> str:
    """The first reason why no monthly figure can be given."""
    decisions = recommendation.use_cases
    if not decisions:
        return "the study has no use cases"
    if all(decision.monthly_calls is None for decision in decisions):
        return f"{NO_TIMES}, so the month is unknown"
    if all(decision.monthly_baseline_usd is None for decision in decisions):
        return "the log has neither costs nor tokens of a model with a price"
    return "the cost of the chosen models is unknown"


def volume_words(report: Report) -> str:
    """From which traffic a month is projected."""
    log = report.log
    calls = numbers.count(int(log.get("accepted") or 0), "call")
    ends = [log.get("first_at"), log.get("last_at")]
    if None in ends or ends[0] == ends[1]:
        return f"{calls} in the log; {NO_TIMES}."
    first, last = (numbers.day(datetime.fromisoformat(str(end))) for end in ends)
    return f"Projected from {calls} logged between {first} and {last}, assumed to be {share_of_traffic(log)}."


def rate_rows(recommendation: Recommendation, spend: Spend | None = None) -> pd.DataFrame:
    """One row per use case and candidate, with the reason where something is missing."""
    rates = {(rate.use_case, rate.model): rate for rate in spend.rates} if spend else {}
    return pd.DataFrame(
        {
            "Use case": decision.name,
            "Candidate": a.model,
            "Baseline, 1,000 calls": numbers.to_the_cent(a.costs.baseline_usd_per_1k),
            "Candidate, 1,000 calls": numbers.to_the_cent(a.costs.usd_per_1k),
            "Saved, 1,000 calls": saved_words(rates.get((decision.name, a.model))),
            GOOD: numbers.to_the_cent(a.costs.usd_per_1k_successes),
            "Candidate, a call": numbers.dollars(usd_a_call(a)),
            "Candidate, a month": numbers.dollars(usd_a_month(decision, a)),
            "A move would save, a month": numbers.money_range(a.costs.savings_usd),
            "Verdict": candidate_verdict(a),
            "Unknown": why_missing(decision, a, rates.get((decision.name, a.model))),
        }
        for decision in recommendation.use_cases
        for a in decision.candidates
    )


def saved_words(rate: Rate | None) -> str:
    """Savings per 1,000 calls, as a range."""
    if rate is None or rate.saved_per_1k is None:
        return numbers.UNKNOWN
    ends = [numbers.to_the_cent(usd) for usd in (rate.saved_per_1k.low, rate.saved_per_1k.high)]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def why_missing(decision: UseCaseDecision, a: Assessment, rate: Rate | None = None) -> str:
    """Which costs of a candidate are unknown; empty if all are known."""
    reasons = []
    if a.costs.usd_per_1k is None:
        reasons.append("the candidate has no price or reports no tokens")
    elif a.costs.usd_per_1k_successes is None:
        reasons.append("no good answers" if a.quality.n else "no answers scored")
    if a.costs.baseline_usd_per_1k is None:
        reasons.append("the baseline's calls have no price")
    if decision.monthly_calls is None:
        reasons.append(NO_TIMES)
    if rate is not None and rate.saved_per_1k is None and 0 < rate.n < LEAST_PAIRS:
        reasons.append(f"a range needs {LEAST_PAIRS} pairs")
    return "; ".join(reasons)


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
