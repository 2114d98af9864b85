"""Prompt log: the traffic in the study's log, and what happened to every row."""

from collections import Counter

import pandas as pd
import streamlit as st

from advisor.money.estimate import TOKENS_MORE, Estimate, is_worth, savings_message
from advisor.money.profile import Profile
from advisor.store.log.logs import list_not_replayable, list_rejections
from advisor.text import numbers
from advisor.text.headline import headline
from advisor.text.money import price_source
from advisor.text.traffic import assumed, compared_calls, savings_words, share_note
from advisor.types import Log, Message, Study
from advisor.ui import queries, stage
from advisor.ui.components.table import computed, show_table
from advisor.ui.components.text import inline
from advisor.ui.log import traffic
from advisor.ui.server import store


def show_log(study: Study) -> None:
    """The first savings range and the traffic that it rests on, then what became of the rows."""
    logs = queries.logs(study.id)
    rows, rejected, doubles = (sum(getattr(log, name) for log in logs) for name in ("rows", "rejected", "duplicates"))
    first = st.container()
    profile = traffic.choose_profile(study)
    with first:
        if profile.calls:
            show_savings(study, profile)
        st.markdown(traffic.headline(profile))
    if profile.calls:
        with st.container(horizontal=True):
            st.metric("Calls in the log", numbers.whole(profile.calls), border=True)
            st.metric(
                "Calls a month",
                numbers.projected(profile.monthly_calls),
                border=True,
                help=share_note(study.traffic_share),
            )
            st.metric("Cost a month", numbers.dollars(profile.bill.monthly_usd), border=True, help=_cost_note(profile))
            skipped = f"{numbers.count(doubles, 'duplicate')}, {numbers.count(rejected, 'unusable row')}."
            st.metric("Skipped rows", f"{rejected + doubles:,} of {rows:,}", border=True, help=skipped)
        traffic.show_rhythm(profile)
        traffic.show_breakdown(profile)
        traffic.show_findings(profile)
    _logs(logs)
    _not_replayable(study, sum(log.not_replayable for log in logs))
    _rejected([log for log in logs if log.rejected])
    _redactions(logs)


def _logs(logs: list[Log]) -> None:
    table = pd.DataFrame(
        {
            "File": [log.name for log in logs],
            "Format": [log.format for log in logs],
            "Rows": [log.rows for log in logs],
            "Accepted": [log.accepted for log in logs],
            "Rejected": [log.rejected for log in logs],
            "Duplicates": [log.duplicates for log in logs],
            "Can't be replayed": [log.not_replayable for log in logs],
            "Personal data": ["replaced" if log.redacted else "kept" for log in logs],
            "Imported": [numbers.ago(log.imported_at) for log in logs],
        }
    )
    st.header("Files")
    show_table(
        table,
        key="logs",
        alt="Imported files and what became of their rows",
        columns={
            name: st.column_config.NumberColumn(format="localized") for name in table.select_dtypes("number").columns
        },
    )


def _not_replayable(study: Study, count: int) -> None:
    if not count:
        return
    reasons = list_not_replayable(store(), study.id)
    with st.expander(f"{numbers.count(count, 'call')} can't be replayed; they still count for volume and cost"):
        table = pd.DataFrame(reasons.items(), columns=["Why", "Calls"])
        show_table(table, key="not_replayable", alt="Why calls can't be replayed")


def _rejected(logs: list[Log]) -> None:
    if not logs:
        return
    with st.expander(f"{numbers.count(sum(log.rejected for log in logs), 'unusable row')}"):
        by_id = {log.id: log for log in logs}
        chosen = st.selectbox(
            "File", list(by_id), format_func=lambda log_id: by_id[log_id].name, key="rejected_log", width=400
        )
        rows = list_rejections(store(), chosen or logs[0].id, limit=100_000)
        table = pd.DataFrame({"Row": [item.row for item in rows], "Why": [item.reason for item in rows]})
        show_table(table, key="rejected", alt="Rejected rows with the reason")


def _redactions(logs: list[Log]) -> None:
    kinds = sum((Counter(log.redactions) for log in logs), Counter[str]())
    if kinds:
        with st.expander(f"{numbers.count(sum(kinds.values()), 'piece')} of personal data replaced by placeholders"):
            table = pd.DataFrame(kinds.most_common(), columns=["Kind", "Replaced"])
            show_table(table, key="redactions", alt="Personal data replaced, by kind")


def _cost_note(profile: Profile) -> str:
    priced = f"{profile.bill.priced:,} of {profile.calls:,} calls have a price"
    return f"As logged, otherwise at the list price on the day of the call; {priced}."


def show_savings(study: Study, profile: Profile) -> None:
    """The decision, once there is one; before it the first savings range and how it was made. Then the next step."""
    standing = stage.standing(study)
    estimate = profile.savings if isinstance(profile.savings, Estimate) else None
    page, action = standing.next_step
    is_range = standing.report is None and estimate is not None and is_worth(estimate) is not False
    with st.container(border=True, key="savings"):
        if standing.report is not None:
            st.markdown(f"## {inline(headline(standing.report.recommendation))}")
        elif isinstance(profile.savings, Message):
            st.markdown(f"Can't estimate the cost with open models: {savings_words(profile.savings)}.")
        elif estimate is not None:
            st.markdown(f"## {inline(savings_words(savings_message(estimate, profile.bill.monthly_usd)))}")
        if estimate is not None and is_range:
            st.caption(inline(_compared(estimate)))
            if standing.stage is stage.Stage.NO_CANDIDATE:
                action = "Choose candidates to measure it"
        st.page_link(page, label=action, icon=":material/arrow_forward:")
        if estimate is not None and is_range:
            with computed("Savings", key="savings_made"):
                st.markdown(inline(assumed(TOKENS_MORE - 1)))
                show_table(
                    _price_rows(estimate),
                    key="list_prices",
                    alt="The open models of the range with their list prices and what the compared calls would cost.",
                )


def _compared(estimate: Estimate) -> str:
    today = f"{numbers.dollars(estimate.today_usd)} for these calls"
    if estimate.monthly_today_usd is not None:
        today = f"{numbers.dollars(estimate.monthly_today_usd)} a month today"
    return compared_calls(estimate.calls, today, estimate.left_out)


def _price_rows(estimate: Estimate) -> pd.DataFrame:
    monthly = estimate.monthly is not None
    return pd.DataFrame(
        {
            "Open model": cost.price.name,
            "Class": cost.price.size,
            "Host": cost.price.host,
            "Input, per million tokens": numbers.price(1e6 * cost.price.rates.input),
            "From cache": numbers.price(1e6 * cost.price.rates.cache_read),
            "Output": numbers.price(1e6 * cost.price.rates.output),
            "A month" if monthly else "The calls in the log": numbers.dollars(
                cost.monthly_usd if monthly else cost.usd
            ),
            "License": cost.price.licence or numbers.UNKNOWN,
            "Sold by": numbers.count(cost.price.hosts, "host"),
            "Price": f"{price_source(cost.price.rates.source)}, {numbers.day(cost.price.as_of)}",
        }
        for cost in estimate.models
    )
