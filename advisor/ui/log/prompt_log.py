"""Prompt log: the traffic in the study's log, and what happened to every row."""

from collections import Counter

import pandas as pd
import streamlit as st

from advisor.money.profile import Profile
from advisor.text import numbers
from advisor.types import Log, Study
from advisor.ui import queries
from advisor.ui.log import savings, traffic


def show_log(study: Study) -> None:
    """The first savings range and the traffic that it rests on, then what became of the rows."""
    logs = queries.logs(study.id)
    rows, rejected = sum(log.rows for log in logs), sum(log.rejected for log in logs)
    first = st.container()
    profile = traffic.choose_profile(study)
    with first:
        if profile.calls:
            savings.show(study, profile)
        st.markdown(traffic.headline(profile))
    if profile.calls:
        with st.container(horizontal=True):
            st.metric("Calls in the log", numbers.whole(profile.calls), border=True)
            st.metric("Calls a month", numbers.projected(profile.monthly_calls), border=True, help=_share_note(study))
            st.metric("Cost a month", numbers.dollars(profile.monthly_usd), border=True, help=_cost_note(profile))
            st.metric("Skipped rows", f"{rejected:,} of {rows:,}", border=True)
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
            "Cannot be replayed": [log.not_replayable for log in logs],
            "Personal data": ["replaced" if log.redacted else "kept" for log in logs],
            "Imported": [numbers.ago(log.imported_at) for log in logs],
        }
    )
    st.subheader("Files")
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="localized") for name in table.select_dtypes("number").columns
        },
        key="logs",
        alt="Imported files and what became of their rows",
    )


def _not_replayable(study: Study, count: int) -> None:
    if not count:
        return
    reasons = queries.not_replayable(study.id)
    with st.expander(f"{numbers.count(count, 'call')} can't be replayed; they still count for volume and cost"):
        table = pd.DataFrame(reasons.items(), columns=["Why", "Calls"])
        st.dataframe(table, hide_index=True, key="not_replayable", alt="Why calls cannot be replayed")


def _rejected(logs: list[Log]) -> None:
    if not logs:
        return
    with st.expander(f"{numbers.count(sum(log.rejected for log in logs), 'row')} skipped or rejected"):
        by_id = {log.id: log for log in logs}
        chosen = st.selectbox(
            "File", list(by_id), format_func=lambda log_id: by_id[log_id].name, key="rejected_log", width=400
        )
        rows = queries.rejections(chosen or logs[0].id)
        table = pd.DataFrame({"Row": [item.row for item in rows], "Why": [item.reason for item in rows]})
        st.dataframe(table, hide_index=True, key="rejected", alt="Rejected rows with the reason")


def _redactions(logs: list[Log]) -> None:
    kinds = sum((Counter(log.redactions) for log in logs), Counter[str]())
    if kinds:
        with st.expander(f"{numbers.count(sum(kinds.values()), 'piece')} of personal data replaced by placeholders"):
            table = pd.DataFrame(kinds.most_common(), columns=["Kind", "Replaced"])
            st.dataframe(table, hide_index=True, key="redactions", alt="Personal data replaced, by kind")


def _share_note(study: Study) -> str:
    return f"Projected from the days in the log, which has {numbers.percent(study.traffic_share)} of the traffic."


def _cost_note(profile: Profile) -> str:
    priced = f"{profile.priced:,} of {profile.calls:,} calls have a price"
    return f"As logged, otherwise at the list price on the day of the call; {priced}."
