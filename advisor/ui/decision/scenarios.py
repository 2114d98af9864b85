"""What if: sliders that move verdicts and saving at once, and scenarios that are saved, compared and used."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from advisor.charts.rows import bill_rows
from advisor.charts.scenarios import frontier_steps
from advisor.decide.limits import planned_limits
from advisor.text import numbers
from advisor.text.advice.ending import last_words
from advisor.text.bill import is_advised
from advisor.text.business_case.case import NET
from advisor.text.names import SYMBOLS, candidate_words, decision_words, outcome, outcome_words
from advisor.text.plan import why
from advisor.text.scenarios import changed_words, frontier_title, scenario_sentence
from advisor.types import Recommendation, Report, Run, Study, UseCaseDecision
from advisor.types.business import BusinessCase
from advisor.types.scenarios import Assumptions, Limits, Scenario
from advisor.ui import address, page, queries
from advisor.ui.components import verdicts
from advisor.ui.components.chart import show
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.decision import saved_scenarios, sliders, what_if
from advisor.ui.retirements import leave_days


def explore(study: Study, report: Report) -> None:
    """Sliders, what they bring, and the scenarios of the study."""
    _explore(study, report, what_if.settled(study.id))


@st.fragment
def _explore(study: Study, report: Report, settled: object) -> None:
    if what_if.settled(study.id) != settled:
        st.rerun()  # the whole page, which decides again
    page.show_told()
    run = queries.run(report.recommendation.run.id)
    known = saved_scenarios.known_scenarios(study, run)
    left, right = st.columns([2, 3], gap="medium")
    with left, st.container(border=True, key="sliders"):
        limits, assumed = sliders.ask(study, saved_scenarios.start(study, known))
    recommendation = what_if.decision(run, limits, assumed)
    with right:
        case = what_if.case(run, report, limits, assumed)
        _show_result(recommendation, case)
        _show_verdicts(study, recommendation, case, report)
        saved_scenarios.act(study)
        _show_frontier(run, limits, assumed, recommendation, last_words(case))
        if used := report.scenario:
            changed = changed_words(used.limits, report.planned, sliders.usual_drop_of(study))
            st.caption(f"In the report: {inline(used.name)}{f'. {inline(changed)}' if changed else ''}")
    compared, by_use_case = address.tabs(["Compare", "By use case"])
    if compared.open:
        with compared:
            now = Scenario(name=saved_scenarios.NOW, limits=limits, assumed=assumed)
            saved_scenarios.compare(study, report, known, now)
    if by_use_case.open:
        with by_use_case:
            _show_use_cases(study, recommendation, pays=is_advised(recommendation, case))


def _show_result(recommendation: Recommendation, case: BusinessCase) -> None:
    """The sentence and the money."""
    monthly = recommendation.bill.monthly
    today = monthly.baseline_usd if monthly else None
    verdicts.headline(scenario_sentence(recommendation, case))
    verdicts.figures(
        {
            "Bill today, a month": numbers.dollars(today),
            f"With this scenario{last_words(case)}": numbers.less(today, monthly.savings_usd.point if monthly else 0.0),
            NET.format(12): numbers.dollars(case.net(12).point),
        }
    )


def _show_verdicts(study: Study, now: Recommendation, case: BusinessCase, report: Report) -> None:
    """The verdict on every use case, with the decision's where that is another."""
    was, pays = {each.name: each for each in report.recommendation.use_cases}, is_advised(now, case)
    paid_then = is_advised(report.recommendation, queries.case(study.id, report))
    days, days_then = (leave_days(study.id, of.use_cases) for of in (now, report.recommendation))
    with st.container(key="verdicts_now"):
        for each in _in_sight(now.use_cases, was):
            with st.container(border=True, gap="xxsmall"):
                st.markdown(inline(numbers.shorten(each.name, saved_scenarios.LONGEST_NAME)))
                st.markdown(
                    verdicts.tag(each, outcome_words(each, pays=pays, until=days[each.name])),
                    help=inline(why(each)),
                )
                if _is_changed(each, was):
                    before = was[each.name]
                    st.caption(f"was: {outcome_words(before, pays=paid_then, until=days_then[each.name])}")
    if (more := len(now.use_cases) - saved_scenarios.MOST_LISTED) > 0:
        st.caption(f"{more} more under By use case.")


def _in_sight(decisions: Sequence[UseCaseDecision], was: Mapping[str, UseCaseDecision]) -> Sequence[UseCaseDecision]:
    """All use cases; of many, those with another verdict than before first."""
    if len(decisions) <= saved_scenarios.MOST_LISTED:
        return decisions
    return sorted(decisions, key=lambda each: not _is_changed(each, was))[: saved_scenarios.MOST_LISTED]


def _is_changed(decision: UseCaseDecision, was: Mapping[str, UseCaseDecision]) -> bool:
    return decision.name in was and outcome(was[decision.name]) is not outcome(decision)


def _show_frontier(run: Run, limits: Limits, assumed: Assumptions, decided: Recommendation, last: str) -> None:
    moving, drops = sum(each.target is not None for each in decided.use_cases), {*map(_drop, decided.use_cases)}
    now = limits.margin or (drops.pop() if len(drops) == 1 else None)
    found = what_if.crossings(run, replace(limits, margin=None), assumed)
    planned = planned_limits(run)
    title = frontier_title(found, moving, last)
    show(frontier_steps(found, now, planned.margin if planned else None, title, last), key="frontier")
    st.caption(
        "A use case moves once its interval clears the drop and every guardrail passes. "
        "Sliders change nothing until you save and use them in the report."
    )


def _drop(decision: UseCaseDecision) -> float | None:
    return decision.candidates[0].difference.margin if decision.candidates else None


def _show_use_cases(study: Study, recommendation: Recommendation, *, pays: bool) -> None:
    days = leave_days(study.id, recommendation.use_cases)
    words = {each.name: decision_words(each, days[each.name]) for each in recommendation.use_cases}
    if not pays:
        words |= {each.name: candidate_words(each.target) for each in recommendation.use_cases if each.target}
    show_table(mix_rows(recommendation, words), key="mix", alt="The model of each use case and its bill.")
    with st.popover("Why", icon=":material/help:"):
        for each in recommendation.use_cases:
            st.markdown(f"- **{inline(each.name)}:** {inline(why(each))}")


def mix_rows(recommendation: Recommendation, words: Mapping[str, str]) -> pd.DataFrame:
    """One row per use case; ``words``: its verdict."""
    bills = {row.name: row for row in bill_rows(recommendation)[1:]}
    rows = []
    for decision in recommendation.use_cases:
        bill = bills.get(decision.name)
        rows.append(
            {
                "Use case": decision.name,
                "Decision": f"{SYMBOLS[outcome(decision)]} {words[decision.name]}",
                "Calls a month": numbers.projected(decision.monthly_calls),
                "Bill today": numbers.dollars(decision.monthly_baseline_usd),
                "Bill with this mix": numbers.dollars(bill.plan.point if bill else None),
                "Acceptable drop": verdicts.limit(decision),
                "Latency limits": verdicts.time_limits(decision.target) if decision.target else numbers.UNKNOWN,
            }
        )
    return pd.DataFrame(rows)
