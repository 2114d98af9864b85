"""The traffic profile on the page Prompt log: calls, tokens and costs in the log."""

from collections.abc import Callable
from datetime import date
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from advisor.charts.traffic import NOUNS, traffic_figure, week_figure
from advisor.decide.limits import set_traffic_share
from advisor.money.estimate import Slice, shares_of_spend
from advisor.money.profile import Facts, Profile, load_facts, logged_latency, profile_of
from advisor.store.engine import Change
from advisor.text import numbers
from advisor.text.traffic import (
    FINDINGS,
    calls_in_log,
    chosen_days,
    cost_basis,
    finding_note,
    log_holds,
    saving_of,
    tokens_sentence,
    traffic_sentence,
)
from advisor.text.warnings import beside_text
from advisor.types import FindingName, Report, Study
from advisor.ui import queries
from advisor.ui.cache import cached
from advisor.ui.components import chart
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.server import store

Days = tuple[date | None, date | None]
NO_NAME = "(not named)"
COULD_SAVE, SAVING = "Open models could save", "Saving/month"
"""What one column is called before and after a decision."""
NOTES = {
    COULD_SAVE: "At list prices, before quality is tested",
    SAVING: "Measured where the use case moves. Unproven: open models at list prices, quality not proven",
}


def choose_profile(study: Study) -> Profile:
    """The range of days and the share of the traffic that the log is; the profile of them."""
    span = queries.traffic(study.id).span
    with st.container(horizontal=True, vertical_alignment="bottom"):
        start, end = _choose_days(study, span[0].date(), span[1].date()) if span else (None, None)
        _choose_share(study)
    return profile(study.id, start, end)


def headline(profile: Profile) -> str:
    """The traffic in one sentence, as safe Markdown."""
    share, undated = profile.traffic_share, profile.undated
    period, bill = profile.period, profile.bill
    if period.start is not None or period.end is not None:
        if not profile.calls:
            return "No calls on these days. Choose others."
        held, undated = chosen_days(profile.calls, (profile.rhythm.days[0], profile.rhythm.days[-1]), share), 0
    else:
        span = (period.first_at, period.last_at) if period.first_at and period.last_at else None
        held = log_holds(profile.calls, span, share)
    spend = None if bill.monthly_usd is None else numbers.dollars(bill.monthly_usd)
    return inline(traffic_sentence(held, profile.monthly_calls, spend, bill.left_out, undated))


def spend_words(profile: Profile) -> str:
    """From where the costs of the calls in the log are known; empty where none is, which the page says first."""
    bill = profile.bill
    if bill.cost_usd is None:
        return ""
    logged, listed = (
        (bill.logged, bill.logged_usd or 0.0),
        (bill.listed, bill.listed_usd or 0.0),
    )
    told = cost_basis(logged, listed, bill.given, profile.unpriced, bill.left_out)
    return " ".join(filter(None, [told, beside_text(bill.beside_text)]))


def _tokens(profile: Profile) -> str:
    usage = profile.tokens.usage
    if usage is None:
        return "The log doesn't have both input and output tokens."
    kinds = {
        "input": usage.input_tokens,
        "read from the cache": usage.cache_read_tokens,
        "written to the cache": usage.cache_write_tokens,
        "output": usage.output_tokens,
    }
    return tokens_sentence(profile.tokens.with_usage, kinds, profile.tokens.monthly_tokens)


def show_rhythm(profile: Profile) -> None:
    """Calls, tokens or dollars by day, and by weekday and hour."""
    if not profile.rhythm.days:
        st.markdown("The log has no times.")
        return
    priced = [name for name in NOUNS if sum(profile.rhythm.per_day[name]) > 0]
    measure = st.segmented_control(
        "Show", priced, default="calls", required=True, format_func=lambda name: NOUNS[name], key="traffic_measure",
        persist_state="session",
    )  # fmt: skip
    measure = measure if measure in priced else "calls"
    by_day, by_hour = st.columns(2)
    with by_day:
        chart.show(
            traffic_figure(profile.rhythm.days, np.array(profile.rhythm.per_day[measure]), measure), key="traffic_days"
        )
    with by_hour:
        averages = np.array(profile.rhythm.per_hour[measure], dtype=float)
        chart.show(week_figure(averages, measure), key="traffic_hours")
    counts = f" Excludes {numbers.count(profile.undated, 'call')} without a time." if profile.undated else ""
    st.caption(f"Days and hours are UTC.{counts}")


def show_use_cases(profile: Profile, report: Report | None) -> None:
    """Use cases, the most expensive first, with what moving saves: measured where there is a decision."""
    rows = _slice_rows(profile.use_cases, "Use case", profile)
    decided = {each.name: each for each in report.recommendation.use_cases} if report else {}
    savings = [saving_of(decided.get(found.name or ""), _could_save(found)) for found in profile.use_cases]
    rows.insert(3, SAVING if report else COULD_SAVE, savings)
    show_table(
        rows,
        key="traffic_use_cases",
        alt="Use cases with their cost, calls, failures, tokens and what open models could save at list prices.",
        notes=NOTES,
        shares={"Share of spend"},
    )
    if words := spend_words(profile):
        st.caption(inline(words))


def show_models(profile: Profile) -> None:
    """Models in the log, the most expensive first."""
    show_table(
        _slice_rows(profile.models, "Model in the log", profile),
        key="log_models",
        alt="Models that answered, with their calls, failures, tokens and cost.",
        shares={"Share of spend"},
    )
    st.caption(_tokens(profile))


def show_findings(profile: Profile) -> None:
    """Errors, load, repeats: what was found, with its basis."""
    rows = [
        (FINDINGS[name], _value(name, finding.value), numbers.whole(finding.n), finding_note(finding.note))
        for name, finding in profile.findings.items()
        if finding.value
    ]
    show_table(
        pd.DataFrame(rows, columns=["About", "Found", "Of calls", "Based on"]),
        key="log_findings",
        alt="What the log shows besides its cost, with the calls that each finding rests on.",
    )


def parts(profile: Profile, report: Report | None) -> dict[str, Callable[[], None]]:
    """What shows the details of a profile, by the name of their tab."""
    return {
        "Use cases": partial(show_use_cases, profile, report),
        "Models": partial(show_models, profile),
        "Days and hours": partial(show_rhythm, profile),
        "Findings": partial(show_findings, profile),
    }


def _choose_days(study: Study, first: date, last: date) -> Days:
    chosen = st.date_input(
        "Days, UTC",
        (first, last),
        min_value=first,
        max_value=last,
        format="YYYY-MM-DD",
        key=f"traffic_days_{study.id}_{first}_{last}",
        persist_state="session",
        width=260,
    )
    days = [day for day in chosen if day is not None] if isinstance(chosen, tuple) else [chosen]
    if not days or days == [first, last]:
        return None, None
    return (days[0], days[1]) if len(days) == 2 else (days[0], None)


def _choose_share(study: Study) -> None:
    key = f"traffic_share_{study.id}_{study.traffic_share}"  # a new box where the share was changed elsewhere
    percent = float(f"{min(study.traffic_share * 100, 100.0):.3g}")
    st.number_input(
        "Share of traffic in the log, %",
        min(0.0001, percent),
        100.0,
        percent,
        format="%g",
        key=key,
        on_change=_keep_share,
        args=(study, key),
        width=260,
        help="Used to project monthly calls and cost.",
    )


@say_errors(st.toast)
def _keep_share(study: Study, key: str) -> None:
    set_traffic_share(store(), study, float(st.session_state[key]) / 100)


def _slice_rows(slices: tuple[Slice, ...], title: str, profile: Profile) -> pd.DataFrame:
    monthly, spent = profile.monthly_calls is not None, shares_of_spend(slices)
    rows = [
        {
            title: found.name or NO_NAME,
            "Spend/month" if monthly else "Spend in the log": numbers.dollars(
                found.monthly_usd if monthly else found.cost_usd
            ),
            "Share of spend": spent.get(found.name),
            "Calls in the log": found.calls,
            "Failed": found.failed,
            **({"Calls/month": numbers.projected(found.monthly_calls)} if monthly else {}),
            "Input tokens/call": numbers.whole(found.tokens.input_tokens_per_call),
            "Output tokens/call": numbers.whole(found.tokens.output_tokens_per_call),
        }
        for found in slices
    ]
    return pd.DataFrame(rows)


def _could_save(found: Slice) -> str:
    if found.savings is None:
        return numbers.UNKNOWN
    money = found.savings.monthly or found.savings.in_log
    if money.high <= 0:
        return "nothing"
    if money.low < 0:
        return f"up to {numbers.dollars(money.high)}"
    return numbers.money_range(money)


def _value(name: FindingName, value: float | None) -> str:
    if name is FindingName.PEAK_IN_FLIGHT or value is None:
        return numbers.whole(value)
    if 0 < value < 0.0005:
        return "under 0.1%"
    return f"{min(value, 0.999):.1%}" if 0.99 < value < 1 else numbers.percent(value)


@cached(Change.SETUP, prices=True)
def in_log(study_id: int) -> str:
    """What becomes of all calls of a log."""
    sums = facts(study_id).traffic[["calls", "failed", "not_replayable"]].sum()
    return calls_in_log(*map(int, sums))


def profile(study_id: int, start: date | None = None, end: date | None = None) -> Profile:
    """The traffic of a study from one day to another, both within; None: from the first, to the last.

    Raises BadInput when the range is empty.
    """
    return profile_of(facts(study_id), queries.study(study_id).traffic_share, start, end)


@cached(Change.SETUP, prices=True)
def latency(study_id: int, start: date | None = None, end: date | None = None) -> tuple[float, float] | None:
    """Median and p95 of the log in seconds; None: the log has none."""
    return logged_latency(facts(study_id), start, end)


@cached(Change.SETUP, prices=True, shared=True, most=4)  # a log may hold a million calls: copies would take long
def facts(study_id: int) -> Facts:
    """Every call of the log of a study."""
    return load_facts(store(), queries.study(study_id))
