"""The evidence: charts over all use cases, each use case by itself, and examples side by side."""

from collections.abc import Callable, Iterator, Sequence

from advisor.charts.rows import Chart
from advisor.text.gates import caveat_words, detail_words, gate_limit, gate_value, gate_words, shown_gates
from advisor.text.names import (
    GATES,
    KINDS,
    MEASURES,
    candidate_verdict,
    decision_verdict,
    evidence_words,
    exclusion_words,
    method_words,
    short_name,
)
from advisor.text.numbers import UNKNOWN, count, dollars, percent, probability, projected, pts, shorten, to_the_cent
from advisor.text.obstacles import why_not
from advisor.text.reasons import in_context
from advisor.text.results import EXAMPLE_NOTES, NO_SPAN, between, cost, difference, notes, result, scores, waiting
from advisor.types import Assessment, DetailCode, Example, Gate, GateName, Json, Recommendation, UseCaseDecision

ROWS_A_PAGE = 42
"""Rows of a chart that fit on one page."""
COLUMNS = 4
"""Candidates side by side in the table of guardrails."""
MOST_PROMPT = 1_200
MOST_ANSWER = 1_500
MOST_LINES = 26
"""Of one text on paper."""


def charts(recommendation: Recommendation) -> list[Json]:
    """Title, SVG and text alternative of every chart, large ones in parts of a page."""
    from advisor.charts.print import cost_svg, latency_svg, quality_svg

    if not recommendation.use_cases:
        return []
    drawn = [*_in_parts(recommendation, quality_svg), cost_svg(recommendation), *_in_parts(recommendation, latency_svg)]
    return [{"title": chart.title, "svg": chart.figure, "alt": chart.alt} for chart in drawn if chart.figure]


def _in_parts(
    recommendation: Recommendation,
    draw: Callable[[Recommendation, Sequence[UseCaseDecision]], Chart[str]],
) -> Iterator[Chart[str]]:
    part: list[UseCaseDecision] = []
    rows = 0
    for decision in recommendation.use_cases:
        size = len(decision.candidates) + 2
        if part and rows + size > ROWS_A_PAGE:
            yield draw(recommendation, part)
            part, rows = [], 0
        part.append(decision)
        rows += size
    if part:
        yield draw(recommendation, part)


def use_case(decision: UseCaseDecision) -> Json:
    """All about one use case."""
    return {
        "name": shorten(decision.name),
        "verdict": decision_verdict(decision),
        "facts": _facts(decision),
        "rows": [_row(a) for a in decision.candidates],
        "details": [_detail(a, decision.baseline) for a in decision.candidates],
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
        "spread": difference(a) if a.difference.delta is not None else f"{UNKNOWN} no evidence yet",
        "limit": pts(a.difference.margin),
        "cost": cost(a),
        "wait": waiting(a.times.latency_p50_s, a.times.latency_p95_s, a.times.answered),
        "verdict": candidate_verdict(a),
    }


def _detail(a: Assessment, baseline: str) -> Json:
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
        agreed = f"{a.trust.orders_agreed:,} of the {a.trust.orders_decided:,} pairs in which either names one"
        parts.append(f"Both orders of the judge's votes name the same winner in {agreed}")
    if a.quality.excluded:
        parts.append("Excluded: " + ", ".join(f"{each.n:,} {exclusion_words(each)}" for each in a.quality.excluded))
    parts += [note.rstrip(".") for note in notes(a)]
    return {
        "name": shorten(a.model, 80),
        "reason": in_context(a),
        "why_not": [*why_not(a), *(caveat_words(caveat, baseline) for caveat in a.caveats if not caveat.holds)],
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
    limited = next((gate for gate in gates if gate is not None and gate.limit is not None), None)
    return {
        "name": GATES[name],
        "limit": gate_limit(limited) if limited is not None else "none",
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


def example(shown: Example, baseline: str) -> Json:
    """One pair."""
    return {
        "use_case": shorten(shown.use_case),
        "note": EXAMPLE_NOTES[shown.outcome],
        "prompt": cut(shown.prompt, MOST_PROMPT) or "(empty)",
        "baseline_name": f"{shorten(baseline, 60)} (baseline)",
        "baseline": cut(shown.baseline, MOST_ANSWER) or "(no answer)",
        "candidate_name": shorten(shown.model, 80),
        "candidate": cut(shown.candidate, MOST_ANSWER) or "(no answer)",
    }


def cut(text: str, most: int) -> str:
    """The first ``most`` characters, fewer where there are many lines, and how many are left out."""
    text = text.strip("\n")
    lines = text.split("\n")
    kept = "\n".join(lines[:MOST_LINES])[:most]
    left = len(text) - len(kept)
    return f"{kept.rstrip()}… ({left:,} more characters)" if left > 0 else text
