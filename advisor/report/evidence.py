"""The evidence: charts over all use cases, each use case by itself, and examples side by side."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from advisor.analysis.verdict.exam import exam_result, grade
from advisor.charts.rows import Chart
from advisor.text.advice.judges import exam_words, judged_by
from advisor.text.advice.obstacles import why_not
from advisor.text.advice.reasons import in_context
from advisor.text.gates import caveat_words, detail_words, gate_limit, gate_value, gate_words, shown_gates
from advisor.text.names import (
    GATES,
    KINDS,
    MEASURES,
    candidate_verdict,
    evidence_words,
    exclusion_words,
    method_words,
    outcome,
    short_name,
)
from advisor.text.numbers import UNKNOWN, count, dollars, percent, probability, projected, pts, shorten, to_the_cent
from advisor.text.results import NO_SPAN, between, cost, difference, notes, result, scores, waiting
from advisor.text.warnings import warning
from advisor.types import Assessment, DetailCode, Exam, Gate, GateName, Json, Recommendation, UseCaseDecision

ROWS_A_PAGE = 46
"""Rows of a chart that fit on one page."""
ROWS_OF_BEST = 23
"""Those and headings next to the table of verdicts."""
MOST_CHARTED = 4 * ROWS_A_PAGE
"""More pages of a chart give no overview: the tables of the use cases have all candidates."""
COLUMNS = 4
"""Candidates side by side in the table of guardrails."""


def best_candidates(recommendation: Recommendation) -> Recommendation:
    """With as many candidates of each use case as a chart on one page has room for, the reported one first."""
    most = max(1, ROWS_OF_BEST // max(len(recommendation.use_cases), 1) - 1)
    best = (
        replace(case, candidates=tuple(sorted(case.candidates, key=lambda a: a is not case.shown)[:most]))
        for case in recommendation.use_cases
    )
    return replace(recommendation, use_cases=tuple(best))


def quality_charts(recommendation: Recommendation, whole: Recommendation | None = None) -> list[Json]:
    """Title, SVG and text alternative of the differences in quality, many of them in parts of a page.

    ``whole``: what the title counts, where only some of its use cases are drawn.
    """
    from advisor.charts.print import quality_svg

    parts = _in_parts(recommendation, lambda drawn, part: quality_svg(whole or drawn, part))
    return _shown(parts) if recommendation.use_cases else []


def more_charts(recommendation: Recommendation) -> list[Json]:
    """The same of bills and latency by use case, and of candidates that the first ones leave out."""
    from advisor.charts.print import cost_svg, latency_svg

    if not recommendation.use_cases:
        return []
    charted = charted_of(recommendation)
    rest = quality_charts(recommendation) if best_candidates(recommendation) != charted else []
    return rest + _shown([cost_svg(recommendation), *_in_parts(charted, latency_svg, 1)])


def charted_of(recommendation: Recommendation) -> Recommendation:
    """What the charts of an appendix show: all candidates, or the best if those are too many."""
    is_much = sum(len(case.candidates) + 2 for case in recommendation.use_cases) > MOST_CHARTED
    return best_candidates(recommendation) if is_much else recommendation


def _shown(drawn: Iterable[Chart[str]]) -> list[Json]:
    return [{"title": chart.title, "svg": chart.figure, "alt": chart.alt} for chart in drawn if chart.figure]


def _in_parts(
    recommendation: Recommendation,
    draw: Callable[[Recommendation, Sequence[UseCaseDecision]], Chart[str]],
    more: int = 0,
) -> Iterator[Chart[str]]:
    """With ``more`` rows of each use case besides its candidates."""
    part: list[UseCaseDecision] = []
    rows = 0.0
    for decision in recommendation.use_cases:
        size = len(decision.candidates) + more + 1.25  # with its name
        if part and rows + size > ROWS_A_PAGE:
            yield draw(recommendation, part)
            part, rows = [], 0
        part.append(decision)
        rows += size
    if part:
        yield draw(recommendation, part)


def use_case(decision: UseCaseDecision, verdict: str) -> Json:
    """All about one use case."""
    return {
        "name": shorten(decision.name),
        "verdict": verdict,
        "facts": _facts(decision),
        "rows": [_row(a) for a in decision.candidates],
        "details": _details(decision),
        "gates": list(_gate_tables(decision.candidates)),
        "unmeasured": _unmeasured(decision.candidates),
    }


def _facts(decision: UseCaseDecision) -> str:
    calls = (
        f"{projected(decision.monthly_calls)} calls a month"
        if decision.monthly_calls is not None
        else f"calls a month unknown ({NO_SPAN})"
    )
    bill = (
        f"{dollars(decision.monthly_baseline_usd)} a month today"
        if decision.monthly_baseline_usd is not None
        else "bill today unknown"
    )
    noise = decision.baseline_facts.noise
    floor = (
        f" Called twice, the baseline is itself {between(noise.low, noise.high)} ({count(noise.n, 'pair')})."
        if noise is not None
        else ""
    )
    times = decision.baseline_facts.times
    wait = waiting(times.latency_p50_s, times.latency_p95_s, times.answered)
    return (
        f"{KINDS[decision.kind].capitalize()}; {count(decision.samples, 'call')} in the log; {calls}; {bill}. "
        f"Decided by {MEASURES[decision.endpoint]}. {shorten(short_name(decision.baseline), 60)} latency "
        f"(median / p95): {wait}.{floor}"
    )


def _row(a: Assessment) -> Json:
    return {
        "name": shorten(a.model, 80),
        "n": f"{a.quality.n:,}",
        "score": scores(a),
        "spread": difference(a) if a.difference.delta is not None or not a.counts else f"{UNKNOWN} no evidence yet",
        "limit": pts(a.difference.margin),
        "cost": cost(a),
        "wait": waiting(a.times.latency_p50_s, a.times.latency_p95_s, a.times.answered),
        "verdict": candidate_verdict(a),
    }


def _details(decision: UseCaseDecision) -> list[Json]:
    """Of every candidate; what several have in common is said with the first."""
    found, said = list[Json](), set[str]()
    for a in decision.candidates:
        detail = _detail(a, decision.baseline)
        told = [words for words in detail["why_not"] if words not in said]
        said |= {*told}
        found.append(detail | {"why_not": told})
    return found


def _detail(a: Assessment, baseline: str) -> dict[str, Any]:
    """The verdict in words, then its evidence."""
    parts = (
        [f"Measured: {result(a)}", evidence_words(a).capitalize()] if a.quality.n else [evidence_words(a).capitalize()]
    )
    if a.difference.p_value is not None:
        parts.append(
            f"p {probability(a.difference.p_value)}, corrected over all tests {probability(a.difference.p_holm)}"
        )
    if a.costs.usd_per_1k_successes is not None:
        good = "good answers" if a.quality.wins is None else "wins and ties"
        parts.append(f"Cost per 1,000 {good}: {to_the_cent(a.costs.usd_per_1k_successes)}")
    if a.difference.method is not None:
        parts.append(f"CI and p: {method_words(a)}")
    if a.trust.similar_length_score is not None:
        parts.append(
            f"Score on {count(a.trust.similar_length_n, 'pair')} of similar length: "
            f"{percent(a.trust.similar_length_score)}"
        )
    if a.trust.orders_decided:
        agreed = f"{a.trust.orders_agreed:,} of {count(a.trust.orders_decided, 'pair')} with a winner"
        parts.append(f"The judge named the same winner in both orders in {agreed}")
    if a.quality.excluded:
        parts.append("Excluded: " + ", ".join(f"{each.n:,} {exclusion_words(each)}" for each in a.quality.excluded))
    parts += [note.rstrip(".") for note in notes(a)]
    reason, why = in_context(a), why_not(a)
    said = next((words for words in why if words.startswith(reason.removeprefix(f"{a.model}: ").rstrip("."))), None)
    if said:  # the first obstacle is the reason once more, with a remedy
        reason, why = f"{a.model}: {said}", [each for each in why if each != said]
    return {
        "name": shorten(a.model, 80),
        "reason": reason,
        "why_not": [*why, *(caveat_words(caveat, baseline) for caveat in a.caveats if not caveat.holds)],
        "more": ". ".join(parts) + ".",
    }


def _gate_tables(candidates: Sequence[Assessment]) -> Iterator[Json]:
    """Guardrails down, candidates across, COLUMNS per table."""
    for start in range(0, len(candidates), COLUMNS):
        some = candidates[start : start + COLUMNS]
        names = list(dict.fromkeys(gate.name for a in some for gate in shown_gates(a) if gate.value is not None))
        if names:
            yield {
                "candidates": [shorten(a.model, 60) for a in some],
                "rows": [_gate_row(name, some) for name in names],
            }


def _unmeasured(candidates: Sequence[Assessment]) -> str:
    """The guardrails without a measurement in any candidate."""
    measured = {gate.name for a in candidates for gate in shown_gates(a) if gate.value is not None}
    names = dict.fromkeys(gate.name for a in candidates for gate in shown_gates(a) if gate.name not in measured)
    reasons = {gate.name: detail_words(gate.detail) for a in candidates for gate in shown_gates(a)}
    words = [f"{GATES[name].lower()} ({reasons[name]})" for name in names]
    return f"{UNKNOWN} Not measured: {', '.join(words)}." if words else ""


def _gate_row(name: GateName, candidates: Sequence[Assessment]) -> Json:
    gates = [next((gate for gate in shown_gates(a) if gate.name == name), None) for a in candidates]
    known = [gate for gate in gates if gate is not None]
    limited = next((gate for gate in known if gate.limit is not None), known[0])
    return {
        "name": GATES[name],
        "limit": gate_limit(limited),
        "cells": [_gate_cell(gate) for gate in gates],
    }


def _gate_cell(gate: Gate | None) -> Json:
    if gate is None:
        return {"words": f"{UNKNOWN} Not measured", "value": "", "detail": "", "role": "unknown"}
    role = "unknown" if gate.passed is None else "pass" if gate.passed else "fail"
    value = gate_value(gate)
    return {
        "words": gate_words(gate),
        "value": value if value != UNKNOWN else "",
        "detail": ""
        if gate.detail is None or gate.detail.code == DetailCode.NOT_MEASURED
        else detail_words(gate.detail),
        "role": role,
    }


def keep_in_mind(recommendation: Recommendation) -> list[str]:
    """What limits the decision."""
    judging, remarks = recommendation.judging, recommendation.remarks
    is_doubtful = bool(judging.judges) and not grade(judging.exam).is_passed
    about_judge = [exam_words(exam_result(judging.exam))] if is_doubtful else []
    return [*about_judge, *(warning(each) for each in (remarks.noise_floor, *remarks.warnings))]


def summary_line(decision: UseCaseDecision, verdict: str, exam: Exam | None) -> Json:
    """A use case in one row: its verdict and what it rests on."""
    shown = decision.shown
    return {
        "name": shorten(decision.name, 60),
        "verdict": verdict,
        "role": outcome(decision).value,
        "why": f"{in_context(shown)} {judged_by(shown, exam)}".strip() if shown else _no_candidate(decision),
    }


def _no_candidate(decision: UseCaseDecision) -> str:
    return "No candidate has enough scored samples yet." if decision.candidates else "No candidate was tested."
