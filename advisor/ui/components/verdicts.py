"""A decision on the screen: words, symbols and pickers shared by Compare and Decide."""

import streamlit as st

from advisor.text import numbers
from advisor.text.gates import gate_words
from advisor.text.names import OUTCOMES, Outcome, decision_words, outcome
from advisor.text.numbers import pts
from advisor.types import (
    Assessment,
    GateName,
    Report,
    UseCaseDecision,
)
from advisor.ui.components.text import inline, unbroken

ALL = "All use cases"
MARKS = {
    Outcome.SWITCH: ("green", "check_circle"),
    Outcome.ROUTE: ("blue", "alt_route"),
    Outcome.KEEP: ("red", "cancel"),
    Outcome.NEED_MORE_DATA: ("gray", "help"),
    Outcome.NEEDS_REVIEW: ("orange", "rate_review"),
}
"""Color and icon of a verdict on the screen."""


def tag(of: Assessment | UseCaseDecision, words: str = "") -> str:
    """A verdict as Markdown: color, icon and ``words``, else its shortest."""
    color, icon = MARKS[outcome(of)]
    return f":{color}[:material/{icon}: **{inline(words or OUTCOMES[outcome(of)])}**]"


def headline(text: str) -> None:
    """The one sentence that answers the page."""
    st.markdown(f"## {unbroken(text)}")


def figures(values: dict[str, str]) -> None:
    """At most four numbers in a row: label -> value."""
    with st.container(horizontal=True):
        for label, value in values.items():
            st.metric(label, inline(value), border=True)


def time_limits(assessment: Assessment) -> str:
    """Whether a candidate keeps the latency limits, where any is set."""
    words = {GateName.TTFT: "TTFT", GateName.LATENCY: "latency"}
    kept = [f"{words[g.name]}: {gate_words(g)}" for g in assessment.gates if g.name in words and g.limit is not None]
    return "; ".join(kept) or "no limit set"


def limit(decision: UseCaseDecision) -> str:
    """The acceptable drop of a use case: "5 pts"."""
    return pts(decision.candidates[0].difference.margin) if decision.candidates else numbers.UNKNOWN


def changes(before: Report, after: Report) -> str:
    """Every use case with a new decision; empty where none has one. A model with a new name is still the same."""
    old = {d.name: d for d in before.recommendation.use_cases}
    names = {model.id: model.name for model in after.models}
    now: dict[str | None, str | None] = {model.name: names.get(model.id) for model in before.models}
    changed = [
        f"{d.name}: {decision_words(d)}{f' (was: {decision_words(old[d.name])})' if d.name in old else ''}"
        for d in after.recommendation.use_cases
        if d.name not in old or (now.get(old[d.name].chosen), old[d.name].verdict) != (d.chosen, d.verdict)
    ]
    return f"{'; '.join(changed)}." if changed else ""
