"""Scenarios: the limits, the model of each use case under them, and the bill."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from advisor.charts.cost import cost_figure
from advisor.charts.rows import bill_rows
from advisor.errors import AdvisorError
from advisor.judge.endpoints import usual_margin
from advisor.store.studies import get_study
from advisor.text import numbers
from advisor.text.names import MEASURES, decision_verdict
from advisor.text.numbers import UNKNOWN, before_after
from advisor.text.plan import mix_sentence, why
from advisor.types import Endpoint, Recommendation, Report, Study, UseCase
from advisor.ui import page, queries
from advisor.ui.components import verdicts
from advisor.ui.components.chart import show
from advisor.ui.components.fields import ask_limit
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.server import store

CONFIDENCES = (0.80, 0.90, 0.95, 0.99)
OWN_LIMIT = "Acceptable drop (pts)"
DEFAULTS = (
    f"{usual_margin(Endpoint.TARGET) * 100:.0f} with reference answers, "
    f"{usual_margin(Endpoint.PAIRWISE) * 100:.0f} with pairwise votes"
)


def show_mix(report: Report) -> None:
    """Which model serves what: sentence and figures."""
    recommendation = report.recommendation
    monthly = recommendation.bill.monthly
    moved = sum(decision.chosen is not None for decision in recommendation.use_cases)
    verdicts.headline(mix_sentence(recommendation))
    today, plan = before_after(monthly.baseline_usd, monthly.plan_usd) if monthly else (UNKNOWN, UNKNOWN)
    verdicts.figures(
        {
            "Use cases that move": verdicts.of_all(moved, recommendation),
            "Bill today, a month": today,
            "With this mix": plan,
            "Saved, a month": numbers.money_range(monthly.savings_usd if monthly else None),
        }
    )


def ask_limits(study: Study, report: Report) -> None:
    """The limits; each applies as soon as it is set."""
    use_cases = [use_case for use_case in queries.use_cases(study.id) if not use_case.ignored]
    names = tuple(use_case.name for use_case in use_cases)
    keep = partial(_keep_limits, study.id, names)
    with st.container(border=True, key=f"limits_{study.id}"):
        st.markdown("### Your limits")
        columns = st.columns(4, vertical_alignment="bottom")
        ask_limit(
            columns[0],
            OWN_LIMIT,
            None if study.margin is None else round(study.margin * 100, 4),
            key=_key(study, "margin"),
            min_value=0.5,
            max_value=99.0,
            step=1.0,
            format="%.1f",
            placeholder="default",
            on_change=keep,
            help=f"Largest quality drop you accept. Default: {DEFAULTS}.",
        )
        options = sorted({*CONFIDENCES, study.confidence})
        columns[1].selectbox(
            "Confidence",
            options,
            index=options.index(study.confidence),
            format_func=numbers.percent,
            key=_key(study, "confidence"),
            on_change=keep,
            help="Higher confidence needs more samples.",
        )
        ask_limit(
            columns[2],
            "TTFT limit, p95 (s)",
            study.max_ttft_p95_s,
            key=_key(study, "ttft"),
            min_value=0.01,
            step=0.5,
            placeholder="no limit",
            on_change=keep,
            help="Limit for p95 time to first token.",
        )
        ask_limit(
            columns[3],
            "Latency limit, p95 (s)",
            study.max_latency_p95_s,
            key=_key(study, "latency"),
            min_value=0.01,
            step=0.5,
            placeholder="no limit",
            on_change=keep,
            help="Limit for p95 latency of the whole answer.",
        )
        with st.expander("Override by use case", key=_key(study, "single")):
            st.data_editor(
                limit_rows(use_cases, report),
                hide_index=True,
                disabled=["Use case", "Measured by"],
                column_config={
                    OWN_LIMIT: st.column_config.NumberColumn(
                        min_value=0.5, max_value=99.0, step=0.5, help="Empty: the setting above."
                    )
                },
                placeholder="as above",
                key=_key(study, "margins"),
                on_change=keep,
                alt="Use cases with their own acceptable drop.",
            )


def show_bill(report: Report) -> None:
    """The mix by use case, with the bill."""
    recommendation = report.recommendation
    show_table(
        mix_rows(recommendation),
        key="routing_mix",
        alt="The model of each use case and its monthly bill.",
        pinned="Use case",
    )
    st.caption("Each use case goes to the cheapest model that passes, or stays. The bill is projected from the log.")
    with st.expander("Why", icon=":material/help:", key="routing_why"):
        for decision in recommendation.use_cases:
            st.markdown(f"- **{inline(decision.name)}:** {inline(why(decision))}")
    show(cost_figure(recommendation), key="routing_bill")


def mix_rows(recommendation: Recommendation) -> pd.DataFrame:
    """One row per use case."""
    bills = {row.name: row for row in bill_rows(recommendation)[1:]}
    rows = []
    for decision in recommendation.use_cases:
        bill = bills.get(decision.name)
        rows.append(
            {
                "Use case": decision.name,
                "Decision": decision_verdict(decision),
                "Calls a month": numbers.projected(decision.monthly_calls),
                "Bill today": numbers.dollars(decision.monthly_baseline_usd),
                "Bill with this mix": numbers.money_range(bill.plan if bill else None),
                "Acceptable drop": verdicts.limit(decision),
                "Latency limits": verdicts.time_limits(decision.target) if decision.target else numbers.UNKNOWN,
            }
        )
    return pd.DataFrame(rows)


def limit_rows(use_cases: Sequence[UseCase], report: Report) -> pd.DataFrame:
    """One row per use case for the editor."""
    endpoints = {decision.name: decision.endpoint for decision in report.recommendation.use_cases}
    margins = [None if use_case.margin is None else use_case.margin * 100 for use_case in use_cases]
    return pd.DataFrame(
        {
            "Use case": [use_case.name for use_case in use_cases],
            "Measured by": [MEASURES[endpoints[c.name]] if c.name in endpoints else numbers.UNKNOWN for c in use_cases],
            OWN_LIMIT: pd.Series(margins, dtype="float64"),
        }
    )


def own_margins(names: Sequence[str], edited: Mapping[int, Mapping[str, Any]]) -> dict[str, float | None]:
    """The edited acceptable drops by use case, as fractions; None: the general one."""
    return {
        names[row]: None if change[OWN_LIMIT] is None else float(change[OWN_LIMIT]) / 100
        for row, change in edited.items()
        if OWN_LIMIT in change
    }


def _keep_limits(study_id: int, names: Sequence[str]) -> None:
    """Save the limits; runs before the page is drawn again, which then finds the decision outdated."""
    from advisor.decide.limits import set_limits

    try:
        study = get_study(store(), study_id)
        margin = st.session_state[_key(study, "margin")]
        limited = replace(
            study,
            margin=None if margin is None else margin / 100,
            confidence=st.session_state[_key(study, "confidence")],
            max_latency_p95_s=st.session_state[_key(study, "latency")],
            max_ttft_p95_s=st.session_state[_key(study, "ttft")],
        )
        edited = st.session_state[_key(study, "margins")].get("edited_rows", {})
        set_limits(store(), limited, use_case_margins=own_margins(names, edited))
    except AdvisorError as error:
        page.tell(str(error), failed=True)


def _key(study: Study, name: str) -> str:
    return f"limit_{name}_{study.id}"
