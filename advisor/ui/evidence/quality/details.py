"""What a statistician asks for, and how far the judges can be trusted: one click away."""

import pandas as pd
import streamlit as st

from advisor.judge.exam import result_of
from advisor.text import numbers
from advisor.text.advice.judges import CONTROLS, EXAM_NOTE, exam_badge, exam_words
from advisor.text.advice.obstacles import more_needed
from advisor.text.headline import quality_sentence
from advisor.text.names import (
    MEASURES,
    exclusion_words,
    method_words,
)
from advisor.text.numbers import probability
from advisor.text.results import compared_words, test_words
from advisor.text.scores import judge_words
from advisor.text.warnings import left_out, version, warning
from advisor.types import ControlKind, ExamResult, Recommendation, Report, Study, UseCaseDecision
from advisor.types.codes import JudgeState
from advisor.types.reports import judge_state
from advisor.ui.components import verdicts
from advisor.ui.components.table import show_list, show_table
from advisor.ui.components.text import inline

BADGES = {
    ExamResult.PASSED: ("green", "verified"),
    ExamResult.NOT_TAKEN: ("gray", "help"),
    ExamResult.PARTLY_TAKEN: ("gray", "help"),
}
"""Color and icon of a judge's exam; red where it failed."""
METHOD = """
- Each candidate answer is compared with the baseline's answer to the same sample, in pairs.
- A candidate is good enough when its whole confidence interval stays above the acceptable drop (non-inferiority).
- The lower end is corrected for all tests of the run (Holm), so several candidates don't win by luck.
"""


def show_opening(study: Study, report: Report) -> None:
    """What is good enough in a sentence; the judge's report card and the method, each one click away."""
    recommendation = report.recommendation
    verdicts.headline(quality_sentence(recommendation))
    with st.container(horizontal=True, key="badges"):
        if recommendation.judging.judges:
            _show_judges(recommendation)
        remarks = [recommendation.remarks.noise_floor, *recommendation.remarks.warnings]
        with st.popover(f"Keep in mind ({len(remarks)})", icon=":material/priority_high:", key="keep_in_mind"):
            show_list(map(warning, remarks))
        with st.popover("Method", icon=":material/info:", type="tertiary", key="method"):
            st.markdown(METHOD)
            st.caption(inline(compared_words(recommendation)))


def show_statistics(report: Report, decision: UseCaseDecision) -> None:
    """What a statistician asks for, one click away."""
    recommendation = report.recommendation
    with st.expander("Statistics", icon=":material/functions:", key="statistics"):
        show_table(
            statistic_rows(decision).set_index("Candidate").T.rename_axis("Statistic").reset_index(),
            key="quality_statistics",
            alt=f"p values, wins, ties and losses of every candidate in {decision.name}.",
        )
        st.caption(test_words(recommendation, strengths=_has_strengths(decision)))
        st.markdown(inline(warning(recommendation.remarks.noise_floor)))
        for each in recommendation.remarks.versions:
            st.caption(inline(version(each)))
        excluded = excluded_rows(recommendation, decision)
        if not excluded.empty:
            show_table(excluded, key="quality_excluded", alt="What is excluded and why.")


def statistic_rows(decision: UseCaseDecision) -> pd.DataFrame:
    """One row per candidate; wins, ties and losses where answers were compared two by two, strengths where known."""
    rows = pd.DataFrame(
        {
            "Candidate": a.model,
            "p": probability(a.difference.p_value),
            "p after correction": probability(a.difference.p_holm),
            "Won": a.quality.wins,
            "Tied": a.quality.ties,
            "Lost": a.quality.losses,
            "Answers": a.quality.n,
            "More needed": more_needed(a),
            "Measured by": MEASURES[a.quality.endpoint],
            "CI method": method_words(a) or None,
            "Reviewed": a.trust.reviews,
            "Position bias": numbers.percent(a.trust.judge_flip_rate),
            "Score at equal length": numbers.percent(a.trust.similar_length_score),
        }
        for a in decision.candidates
    ).astype({name: "Int64" for name in ("Won", "Tied", "Lost", "Answers", "More needed")})
    if _has_strengths(decision):
        rows["Strength"] = [
            numbers.UNKNOWN if a.quality.strength is None else f"{a.quality.strength:+.2f}" for a in decision.candidates
        ]
    return rows


def excluded_rows(recommendation: Recommendation, decision: UseCaseDecision) -> pd.DataFrame:
    """What is excluded: answers of this use case, then calls of the log."""
    rows = [
        {"What": f"Answers of {a.model}", "Why excluded": exclusion_words(each), "How many": each.n}
        for a in decision.candidates
        for each in a.quality.excluded
    ]
    rows += [
        {"What": "The whole study", "Why excluded": left_out(each), "How many": each.values["calls"]}
        for each in recommendation.remarks.excluded
    ]
    return pd.DataFrame(rows)


def _has_strengths(decision: UseCaseDecision) -> bool:
    return any(a.quality.strength is not None for a in decision.candidates)


def _show_judges(recommendation: Recommendation) -> None:
    """The exam, and for every judge its votes and its control pairs by kind."""
    exam = result_of(recommendation.judging.exam)
    has_failed = bool(exam.values.get("left_out"))
    doubted = (a.ruling.reason for case in recommendation.use_cases for a in case.candidates if not a.counts)
    is_biased = any(judge_state(reason) is JudgeState.BIASED for reason in doubted)
    color, icon = ("red", "gpp_bad") if has_failed else BADGES.get(ExamResult(exam.code), ("red", "gpp_bad"))
    color = "orange" if is_biased and color == "green" else color
    with st.popover(f":{color}[{exam_badge(exam, is_biased=is_biased)}]", icon=f":material/{icon}:", key="judges"):
        st.markdown(f"**{inline(exam_words(exam))}**", help=EXAM_NOTE)
        for judge in recommendation.judging.judges:
            st.markdown(f"**{inline(judge.judge)}** · {inline(judge_words(judge))}")
            for each in judge.warnings:
                st.warning(inline(warning(each)), icon=":material/warning:")
        controls = control_rows(recommendation)
        if not controls.empty:
            show_table(
                controls,
                key="controls",
                alt="Control pairs, by kind, in which each judge found the better answer in both orders",
            )
            st.caption("A control pair is an answer next to a spoiled copy. It never counts in a score.")


def control_rows(recommendation: Recommendation) -> pd.DataFrame:
    """One row per judge, one column per kind of control pair."""
    results = {judge.judge: judge.anchors for judge in recommendation.judging.judges}
    return pd.DataFrame(
        {"Judge": name}
        | {CONTROLS[ControlKind(kind)].capitalize(): f"{found} of {asked}" for kind, (found, asked) in controls.items()}
        for name, controls in results.items()
        if controls
    )
