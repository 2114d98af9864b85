"""Quality: are the candidates' answers good enough, seen use case by use case, down to the worst answers."""

from collections import Counter

import pandas as pd
import streamlit as st

from advisor.charts.colours import candidates_of
from advisor.charts.quality import overview_figure, quality_figure
from advisor.judge.exam import result_of
from advisor.text import numbers
from advisor.text.gates import caveat_words, detail_words, gate_limit, gate_value, gate_words, shown_gates
from advisor.text.headline import headline
from advisor.text.names import (
    GATES,
    MEASURES,
    baselines_of,
    candidate_verdict,
    evidence_words,
    exclusion_words,
    method_words,
    short_name,
)
from advisor.text.numbers import points, probability
from advisor.text.obstacles import more_needed, why_not
from advisor.text.reasons import reason, verdict_and_reason
from advisor.text.results import compared_words, difference, notes, result, test_words
from advisor.text.scores import CONTROLS, exam_words, judge_words
from advisor.text.warnings import left_out, version, warning
from advisor.types import Assessment, ControlKind, Recommendation, Report, UseCaseDecision, Verdict
from advisor.ui.components import verdicts
from advisor.ui.components.chart import show
from advisor.ui.components.table import show_list, show_table
from advisor.ui.components.text import inline

TWO_LINES = 76
"""Pixels of a row in which a sentence of the usual length is seen whole."""


def show_overview(report: Report) -> None:
    """The decision over all use cases: sentence, figures, chart and table."""
    recommendation = report.recommendation
    counts = Counter(decision.verdict for decision in recommendation.use_cases)
    moved = sum(decision.chosen is not None for decision in recommendation.use_cases)
    verdicts.headline(headline(recommendation))
    verdicts.figures(
        {
            "Move": verdicts.of_all(moved, recommendation),
            "Stay": verdicts.of_all(counts[Verdict.KEEP], recommendation),
            "Need more data": verdicts.of_all(counts[Verdict.NEED_MORE_DATA], recommendation),
            "Answers compared": numbers.whole(sum(a.quality.n for d in recommendation.use_cases for a in d.candidates)),
        }
    )
    st.caption(inline(compared_words(recommendation)))
    show(overview_figure(recommendation), key="quality_overview")
    show_table(
        candidate_rows(recommendation),
        key="quality_rows",
        alt="Every candidate in every use case with its score, its difference from the baseline and the verdict.",
        pinned="Use case",
        columns={"Why": st.column_config.TextColumn(width=380)},
        row_height=TWO_LINES,
    )
    st.caption(
        f"Difference from {inline(short_name(baselines_of(recommendation)))} with its confidence interval, corrected "
        "for all tests of the run."
    )
    verdicts.keep_in_mind(report)


def show_use_case(report: Report, decision: UseCaseDecision) -> None:
    """One use case: the chart, and every candidate's verdict with its reason."""
    show(quality_figure(decision, candidates_of(report.recommendation)), key="quality_use_case")
    for number, a in enumerate(decision.candidates):
        with st.container(border=True, key=f"verdict_{number}"):
            name = inline(a.model)
            st.markdown(f"**{name}** · {inline(verdict_and_reason(a))}")
            if obstacles := why_not(a):
                show_list(obstacles)
            for caveat in a.caveats:
                if not caveat.holds:  # the others are among the obstacles above
                    st.markdown(f":material/warning: {inline(caveat_words(caveat, decision.baseline))}")
            st.caption(inline(". ".join([f"Measured: {result(a)}", *(note.rstrip(".") for note in notes(a))]) + "."))


def show_checks(candidate: Assessment) -> None:
    """The gates: what must hold besides quality, for one candidate."""
    st.markdown(f"### Guardrails: {inline(candidate.model)}")
    show_table(
        check_rows(candidate),
        key="quality_checks",
        alt=f"Guardrails of {candidate.model}, each with its value, limit and result.",
        pinned="Guardrail",
        height="content",
    )


def show_statistics(report: Report, decision: UseCaseDecision) -> None:
    """What a statistician asks for, one click away."""
    recommendation = report.recommendation
    with st.expander("Statistics", icon=":material/functions:", key="statistics"):
        show_table(
            statistic_rows(decision),
            key="quality_statistics",
            alt=f"p values, wins, ties and losses of every candidate in {decision.name}.",
            pinned="Candidate",
        )
        st.caption(test_words(recommendation, strengths=_has_strengths(decision)))
        st.markdown(inline(warning(recommendation.remarks.noise_floor)))
        excluded = excluded_rows(recommendation, decision)
        if not excluded.empty:
            show_table(excluded, key="quality_excluded", alt="What is excluded and why.")


def candidate_rows(recommendation: Recommendation) -> pd.DataFrame:
    """One row per use case and candidate."""
    rows = []
    for decision in recommendation.use_cases:
        rows += [
            {
                "Use case": decision.name,
                "Candidate": a.model,
                "Verdict": candidate_verdict(a),
                "Why": reason(a),
                "Score": numbers.percent(a.quality.score),
                "Baseline": numbers.percent(a.quality.baseline_score),
                "Difference": difference(a),
                "Acceptable drop": points(a.difference.margin),
                "Answers": a.quality.n,
                "Evidence": evidence_words(a),
            }
            for a in decision.candidates
        ]
    return pd.DataFrame(rows)


def check_rows(candidate: Assessment) -> pd.DataFrame:
    """One row per gate."""
    return pd.DataFrame(
        {
            "Guardrail": GATES[gate.name],
            "Result": gate_words(gate),
            "Measured": gate_value(gate),
            "Limit": gate_limit(gate),
            "Details": detail_words(gate.detail),
        }
        for gate in shown_gates(candidate)
    )


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


def show_judges(recommendation: Recommendation) -> None:
    """The report card: the exam, and for every judge its votes and its control pairs by kind."""
    if not recommendation.judging.judges:
        return
    with st.expander("Judge reliability", icon=":material/balance:", key="judges"):
        st.markdown(f"**{inline(exam_words(result_of(recommendation.judging.exam)))}**")
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


def show_versions(recommendation: Recommendation) -> None:
    """What the scores were made with, where a person chose it."""
    for each in recommendation.remarks.versions:
        st.caption(inline(version(each)))


def control_rows(recommendation: Recommendation) -> pd.DataFrame:
    """One row per judge, one column per kind of control pair."""
    results = {judge.judge: judge.anchors for judge in recommendation.judging.judges}
    return pd.DataFrame(
        {"Judge": name}
        | {CONTROLS[ControlKind(kind)].capitalize(): f"{found} of {asked}" for kind, (found, asked) in controls.items()}
        for name, controls in results.items()
        if controls
    )
