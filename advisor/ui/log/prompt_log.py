"""Prompt log: the traffic in the study's log, and what happened to every row."""

from collections import Counter
from functools import partial

import pandas as pd
import streamlit as st

from advisor.money.estimate import TOKENS_MORE, Estimate, is_worth, savings_message
from advisor.money.profile import Profile
from advisor.store.log.logs import list_not_replayable, list_rejections
from advisor.text import numbers
from advisor.text.headline import measured
from advisor.text.money import price_source
from advisor.text.traffic import (
    assumed,
    billed_words,
    compared_calls,
    finding_note,
    share_note,
    spend_and_cut,
    spend_without_cut,
)
from advisor.types import FindingName, FindingNote, Log, Study
from advisor.ui import address, navigation, queries, stage
from advisor.ui.components import verdicts
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.log import billed, traffic, unpriced
from advisor.ui.log import use_case_queries as remembered
from advisor.ui.log.log_files import words_for
from advisor.ui.retirements import show_retirements
from advisor.ui.server import store


def show_log(study: Study) -> None:
    """What the log costs and could save, four figures, and the details behind tabs."""
    logs = queries.logs(study.id)
    first, figures, row = st.container(), st.container(horizontal=True), st.container(horizontal=True)
    with row.popover("Days and share of traffic", icon=":material/tune:"):
        profile = traffic.choose_profile(study)
    with first:
        show_savings(study, profile)
        unpriced.show_unpriced(study)
        _lead_to_topics(study)
    if profile.calls:
        with figures:
            _figures(study, profile)
    parts = traffic.parts(profile, queries.report(study.id)) if profile.calls else {}
    if exports := billed.billed(study.id):
        parts["Provider's bill"] = partial(billed.show_billed, exports)
    parts["Files"] = partial(_files, study, logs)
    for draw, tab in zip(parts.values(), address.tabs(list(parts)), strict=True):
        if tab.open:
            with tab:
                draw()


def _lead_to_topics(study: Study) -> None:
    """From a log that is one use case of assorted questions to where it's split."""
    used = [case for case in queries.use_cases(study.id) if not case.ignored]
    topics = remembered.topics(study, used[0]) if len(used) == 1 else []
    if topics:
        label = f"Split into {len(topics)} topics"
        st.page_link(navigation.USE_CASES, label=label, icon=":material/call_split:", width="content")


def _figures(study: Study, profile: Profile) -> None:
    median, p95 = traffic.latency(study.id, profile.period.start, profile.period.end) or (None, None)
    failed = profile.findings[FindingName.ERROR_RATE]
    is_marked = failed.note.code != FindingNote.NONE_MARKED
    in_log = numbers.count(profile.calls, "call")
    st.metric(
        "Calls/month",
        numbers.projected(profile.monthly_calls),
        border=True,
        help=f"{traffic.in_log(study.id)} {share_note(study.traffic_share)}",
    )
    st.metric("Spend/month", numbers.dollars(profile.bill.monthly_usd), border=True, help=_cost_note(profile))
    st.metric(
        "Latency p50 / p95",
        " / ".join(map(numbers.seconds, (median, p95))) if median else numbers.UNKNOWN,
        border=True,
        help="As logged. p50: half of the calls are faster. p95: 95% are.",
    )
    st.metric(
        "Failed calls",
        numbers.percent(failed.value) if is_marked else "none marked",
        border=True,
        help=f"Of {in_log}, as marked in the log." if is_marked else finding_note(failed.note),
    )


def _files(study: Study, logs: list[Log]) -> None:
    _logs(logs)
    _not_replayable(study, sum(log.not_replayable for log in logs))
    _rejected([log for log in logs if log.rejected])
    _redactions(logs)


def _logs(logs: list[Log]) -> None:
    table = pd.DataFrame(
        {
            "File": [log.name for log in logs],
            "Format": [words_for(log.format) for log in logs],
            "Records": [log.rows for log in logs],
            "Accepted": [log.accepted for log in logs],
            "Rejected": [log.rejected for log in logs],
            "Duplicates": [log.duplicates for log in logs],
            "Can't be replayed": [log.not_replayable for log in logs],
            "Personal data": ["replaced" if log.redacted else "kept" for log in logs],
            "Imported": [numbers.ago(log.imported_at) for log in logs],
        }
    )
    show_table(
        table,
        key="logs",
        alt="Imported files and what became of their rows",
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
    """The spend and the measured saving; before there is a decision the first range, and how it was made."""
    report = stage.standing(study).report
    found, spend = profile.savings, profile.bill.monthly_usd
    with st.container(border=True, key="savings"):
        if report is not None:
            verdicts.headline(measured(report.recommendation, queries.case(study.id, report)))
        elif isinstance(found, Estimate):
            verdicts.headline(spend_and_cut(savings_message(found, spend), spend, found.today_usd))
        elif profile.calls:
            verdicts.headline(spend_without_cut(found, spend))
        st.markdown(traffic.headline(profile))
        if exports := billed.billed(study.id):
            st.markdown(inline(" ".join(billed_words(exports))))
        show_retirements(study)
        if report is None and isinstance(found, Estimate) and is_worth(found) is not False:
            with st.popover("Method", icon=":material/calculate:", key="savings_made"):
                st.markdown(inline(f"{_compared(found)} {assumed(TOKENS_MORE - 1)}"))
                show_table(
                    _price_rows(found),
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
            "Host in the middle": cost.price.host,
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
