"""The sliders of the page Scenarios: limits and assumptions as fields, kept in the address."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from advisor.judge.endpoints import endpoint_of
from advisor.text.scenarios import DEFAULT, usual_drop
from advisor.types import Endpoint, Study, UseCase
from advisor.types.scenarios import Assumptions, Limits, Scenario
from advisor.ui import queries
from advisor.ui.components.fields import ask_limit
from advisor.ui.components.text import inline

NO_LIMIT = "none"
DROPS = (DEFAULT, *map(str, (*range(1, 11), 12, 15, 20, 25, 30)))
CONFIDENCES = ("80", "90", "95", "99")
SECONDS = ("0.5", "1", "1.5", "2", "3", "4", "5", "8", "10", "15", "20", "30", "60", NO_LIMIT)
TRAFFIC = ("0.5", "1", "1.5", "2", "3", "5", "10")
DEFAULTS = (
    f"{Endpoint.TARGET.usual_margin * 100:.0f} with reference answers, "
    f"{Endpoint.PAIRWISE.usual_margin * 100:.0f} with pairwise votes"
)
FIELDS = (
    (
        "Acceptable drop, pts",
        "drop",
        DROPS,
        f"Largest quality drop you accept, in percentage points (pts). Default: {DEFAULTS}.",
    ),
    ("Confidence, %", "confidence", CONFIDENCES, "Higher confidence needs more samples."),
    ("p95 latency limit, s", "p95", SECONDS, "For the whole answer."),
    ("p95 TTFT limit, s", "ttft", SECONDS, "Time to first token."),
    ("Traffic, times the log's", "traffic", TRAFFIC, "Scales the bill."),
)
"""Label, key in the session and the address, options, help."""


def is_set() -> bool:
    """Whether the fields hold values already."""
    return "drop" in st.session_state


def load(limits: Limits, assumed: Assumptions, use_cases: list[UseCase]) -> None:
    """Set all fields; before they are drawn, or in a callback."""
    own = {own_key(case): _points(limits.use_cases.get(case.id)) for case in use_cases}
    st.session_state.update(_values(limits, assumed) | own)


def ask(study: Study, begin: Scenario) -> tuple[Limits, Assumptions]:
    """Show the fields; the address leaves out what is as in the scenario that it names."""
    usual, drop = _values(begin.limits, begin.assumed), usual_drop_of(study)

    def words(option: str) -> str:
        return f"{drop} (default)" if option == DEFAULT != drop else option

    for label, key, options, note in FIELDS:
        every = sorted({*options, usual[key], st.session_state.get(key, usual[key])}, key=partial(_order, drop))
        st.select_slider(label, every, usual[key], words, key=key, help=note, bind="query-params")
    st.slider(
        "Change of candidate prices, %",
        -80,
        200,
        usual["price"],
        step=10,
        key="price",
        bind="query-params",
        help="What candidates cost. A candidate that costs more than today's model doesn't move.",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            "One-off cost, $ (0: business case)",
            min_value=0.0,
            value=usual["oneoff"],
            step=1000.0,
            format="%.0f",
            key="oneoff",
            bind="query-params",
            help="What the migration costs once. At 0, the payback counts the sum on Business case.",
        )
        with st.popover("Per use case", icon=":material/tune:"):
            for case in open_cases(study):
                _ask_own(case)
    return chosen(study)


def chosen(study: Study) -> tuple[Limits, Assumptions]:
    """What the fields say, once they are set."""
    given = st.session_state
    own = {case.id: given.get(own_key(case)) for case in open_cases(study)}
    limits = Limits(
        margin=None if given["drop"] == DEFAULT else round(float(given["drop"]) / 100, 6),
        confidence=round(float(given["confidence"]) / 100, 6),
        max_latency_p95_s=_seconds(given["p95"]),
        max_ttft_p95_s=_seconds(given["ttft"]),
        use_cases={case_id: round(points / 100, 6) for case_id, points in own.items() if points is not None},
    )
    return limits, Assumptions(
        traffic=float(given["traffic"]), price=1 + given["price"] / 100, one_off_usd=given["oneoff"]
    )


def usual_drop_of(study: Study) -> str:
    """The drop that its use cases have where none is chosen, in points."""
    lane = queries.baseline_lane(study.id)
    return usual_drop(endpoint_of(case, lane) for case in open_cases(study))


def open_cases(study: Study) -> list[UseCase]:
    """The use cases that are decided on."""
    return [case for case in queries.use_cases(study.id) if not case.ignored]


def own_key(case: UseCase) -> str:
    """Of the field for a use case's own drop."""
    return f"own_drop_{case.id}"


def _ask_own(case: UseCase) -> None:
    limits: Mapping[str, Any] = {"min_value": 0.5, "max_value": 99.0, "step": 1.0}
    note = "Acceptable drop of this use case alone."
    ask_limit(
        st, inline(case.name), None, key=own_key(case), placeholder="as above", help=note, bind="query-params", **limits
    )


def _values(limits: Limits, assumed: Assumptions) -> dict[str, Any]:
    return {
        "drop": DEFAULT if limits.margin is None else f"{limits.margin * 100:g}",
        "confidence": f"{limits.confidence * 100:g}",
        "p95": NO_LIMIT if limits.max_latency_p95_s is None else f"{limits.max_latency_p95_s:g}",
        "ttft": NO_LIMIT if limits.max_ttft_p95_s is None else f"{limits.max_ttft_p95_s:g}",
        "traffic": f"{assumed.traffic:g}",
        "price": round((assumed.price - 1) * 100),
        "oneoff": assumed.one_off_usd,
    }


def _points(margin: float | None) -> float | None:
    return None if margin is None else round(margin * 100, 4)


def _seconds(value: str) -> float | None:
    return None if value == NO_LIMIT else float(value)


def _order(drop: str, option: str) -> float:
    """The default after the smaller of its numbers, no limit after all."""
    return {DEFAULT: float(drop.split()[0]) + 0.5, NO_LIMIT: float("inf")}.get(option) or float(option)
