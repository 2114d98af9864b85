"""How a decision reads on the screen: the words, symbols and choices that Compare and Decide share."""

import streamlit as st

from advisor.analysis.gates import LATENCY, TTFT
from advisor.analysis.wording import points
from advisor.charts.labels import difference
from advisor.types import Assessment, Endpoint, Gate, Move, Recommendation, Report, UseCaseDecision, Verdict
from advisor.ui import format
from advisor.ui.components.text import inline

MEASURES = {
    Endpoint.TARGET: "right answers in the log",
    Endpoint.AGREEMENT: "agreement with the live baseline",
    Endpoint.PAIRWISE: "which of two answers is better",
}
EVIDENCE = {
    "target": "right answers in the log",
    "agreement": "agreement with the live baseline",
    "judge": "a judge compared both answers",
    "reviews": "people compared both answers",
    "none": "nothing yet",
}
ALL = "All use cases"
STAYS = "stays"


def evidence_words(assessment: Assessment) -> str:
    """What a score rests on; some reviews of the sample study were written, as the answers were."""
    written, reviews = assessment.written_reviews, assessment.reviews
    if assessment.evidence != "reviews" or not written:
        return EVIDENCE[assessment.evidence]
    of = "" if written == reviews else f"{written:,} of {reviews:,} "
    return f"{of}reviews written for the sample"


def headline(text: str) -> None:
    """The one sentence that answers the page."""
    st.markdown(f"#### {inline(text)}")


def figures(values: dict[str, str]) -> None:
    """At most four numbers in a row: label -> value."""
    with st.container(horizontal=True):
        for label, value in values.items():
            st.metric(label, value, border=True)


def verdict_words(assessment: Assessment) -> str:
    """The verdict on a candidate as symbol and words."""
    return f"{assessment.verdict.symbol} {assessment.words}"


def decision_words(decision: UseCaseDecision | Move) -> str:
    """The verdict on a use case as symbol and words."""
    return f"{decision.verdict.symbol} {decision.words}"


def model_name(assessment: Assessment) -> str:
    """A candidate's name, marked where its answers are written for the sample study."""
    return assessment.name


def spread(assessment: Assessment) -> str:
    """The difference from the baseline with its range: "−2 points (−5 to +1)"."""
    return difference(assessment)


def tallied(recommendation: Recommendation) -> dict[Verdict, int]:
    """How many use cases have each verdict."""
    verdicts = [decision.verdict for decision in recommendation.use_cases]
    return {verdict: verdicts.count(verdict) for verdict in Verdict}


def of_all(part: int, recommendation: Recommendation) -> str:
    """Use cases out of all: "2 of 6"."""
    return f"{part} of {len(recommendation.use_cases)}"


def pick_use_case(report: Report, *, key: str) -> UseCaseDecision:
    """Ask for one use case of the decision."""
    decisions = report.recommendation.use_cases
    index = st.selectbox("Use case", range(len(decisions)), format_func=lambda i: decisions[i].name, key=key)
    return decisions[index or 0]


def pick_use_case_or_all(report: Report, *, key: str) -> UseCaseDecision | None:
    """Ask for one use case of the decision; None stands for all of them."""
    decisions = report.recommendation.use_cases
    index = st.selectbox(
        "Use case",
        [-1, *range(len(decisions))],
        format_func=lambda i: ALL if i < 0 else decisions[i].name,
        key=key,
    )
    return None if index is None or index < 0 else decisions[index]


def pick_candidate(decision: UseCaseDecision, *, key: str) -> Assessment | None:
    """Ask for one candidate of a use case, first the one it is reported by; None where there is none."""
    candidates = decision.candidates
    if not candidates:
        st.info("No candidate was tried for this use case.", icon=":material/info:")
        return None
    index = st.selectbox(
        "Candidate",
        range(len(candidates)),
        index=candidates.index(decision.shown) if decision.shown else 0,
        format_func=lambda i: model_name(candidates[i]),
        key=f"{key}_{decision.name}",
    )
    return candidates[index or 0]


def keep_in_mind(report: Report) -> None:
    """What limits the decision, one click away."""
    warnings = [report.recommendation.noise_floor, *report.recommendation.warnings]
    with st.expander(f"Keep in mind ({len(warnings)})", icon=":material/info:", key="keep_in_mind"):
        for warning in warnings:
            st.markdown(f"- {inline(warning)}")


def check_words(gate: Gate) -> str:
    """A gate as symbol and word."""
    if gate.passed is None:
        return "– Not measured" if gate.value is None else "– No limit set"
    if gate.passed:
        return "✓ Within"
    return "✗ Outside" if gate.beyond_doubt else "? Outside, not sure yet"


def time_limits(assessment: Assessment) -> str:
    """Whether a candidate keeps to the limits on waiting, where any is set."""
    words = {TTFT: "first word", LATENCY: "whole answer"}
    kept = [f"{words[g.name]}: {check_words(g)}" for g in assessment.gates if g.name in words and g.limit is not None]
    return "; ".join(kept) or "no limit set"


def limit(decision: UseCaseDecision) -> str:
    """The limit of a use case: "5 points"."""
    return points(decision.candidates[0].margin) if decision.candidates else format.UNKNOWN


def changes(before: Recommendation, after: Recommendation) -> str:
    """Every use case that is decided otherwise than before; empty where none is."""
    old = {d.name: d for d in before.use_cases}
    changed = [
        f"{d.name}: {d.words}{f' (was: {old[d.name].words})' if d.name in old else ''}"
        for d in after.use_cases
        if d.name not in old or (old[d.name].chosen, old[d.name].verdict) != (d.chosen, d.verdict)
    ]
    return f"{'; '.join(changed)}." if changed else ""
