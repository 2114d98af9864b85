"""A decision in the shape that the command line prints."""

from dataclasses import asdict
from operator import attrgetter

from advisor.analysis.verdict.exam import grade
from advisor.text.advice.obstacles import why_not
from advisor.text.advice.reasons import reason
from advisor.text.gates import caveat_words, detail_words
from advisor.text.names import exclusion_words, method_words
from advisor.text.results import notes
from advisor.text.warnings import left_out, version, warning
from advisor.types import Assessment, Caveat, Exam, Gate, Json, JudgeFacts, Recommendation, UseCaseDecision

ASSESSMENT = {
    "model": "model",
    "n": "quality.n",
    "answered": "times.answered",
    "endpoint": "quality.endpoint",
    "evidence": "quality.evidence",
    "score": "quality.score",
    "baseline_score": "quality.baseline_score",
    "delta": "difference.delta",
    "ci_low": "difference.ci_low",
    "ci_high": "difference.ci_high",
    "bound": "difference.bound",
    "margin": "difference.margin",
    "p_value": "difference.p_value",
    "p_holm": "difference.p_holm",
    "verdict": "ruling.verdict",
    "n_needed": "ruling.n_needed",
    "wins": "quality.wins",
    "ties": "quality.ties",
    "losses": "quality.losses",
    "cost_usd_per_1k": "costs.usd_per_1k",
    "baseline_cost_usd_per_1k": "costs.baseline_usd_per_1k",
    "ttft_p50_s": "times.ttft_p50_s",
    "ttft_p95_s": "times.ttft_p95_s",
    "latency_p50_s": "times.latency_p50_s",
    "latency_p95_s": "times.latency_p95_s",
    "error_rate": "times.error_rate",
    "illustrative": "illustrative",
    "licence": "licence",
    "reviews": "trust.reviews",
    "written_reviews": "trust.written_reviews",
    "judge_flip_rate": "trust.judge_flip_rate",
    "similar_length_score": "trust.similar_length_score",
    "similar_length_n": "trust.similar_length_n",
    "distinct_requests": "quality.distinct_requests",
    "provisional": "ruling.provisional",
    "orders_decided": "trust.orders_decided",
    "orders_agreed": "trust.orders_agreed",
}
"""Key -> where an Assessment has it."""


def describe_decision(recommendation: Recommendation, sentence: str = "") -> dict[str, Json]:
    """A recommendation as one JSON object, with its headline."""
    monthly = recommendation.bill.monthly
    return {
        "study": recommendation.study,
        "run": recommendation.run.id,
        "baseline": recommendation.run.baseline,
        "confidence": recommendation.confidence,
        "partial": recommendation.run.partial,
        "use_cases": [_use_case(decision) for decision in recommendation.use_cases],
        "monthly": asdict(monthly) if monthly else None,
        "verdict": recommendation.verdict.value,
        "worth": recommendation.bill.worth,
        "sentence": sentence,
        "noise_floor": warning(recommendation.remarks.noise_floor),
        "warnings": [warning(each) for each in recommendation.remarks.warnings],
        "judges": [_judge(facts) for facts in recommendation.judging.judges],
        "exam": _exam(recommendation.judging.exam),
        "versions": [version(each) for each in recommendation.remarks.versions],
        "excluded": {left_out(each): each.values["calls"] for each in recommendation.remarks.excluded},
        "sample_data": recommendation.is_sample_study,
    }


def _use_case(decision: UseCaseDecision) -> dict[str, Json]:
    return {
        "name": decision.name,
        "kind": decision.kind.value,
        "samples": decision.samples,
        "monthly_calls": decision.monthly_calls,
        "verdict": decision.verdict.value,
        "provisional": decision.provisional,
        "chosen": decision.chosen,
        "reported": decision.reported,
        "baseline": decision.baseline,
        "noise": asdict(decision.baseline_facts.noise) if decision.baseline_facts.noise else None,
        "candidates": [_assessment(assessment, decision.baseline) for assessment in decision.candidates],
    }


def _assessment(assessment: Assessment, baseline: str) -> dict[str, Json]:
    values = {key: attrgetter(path)(assessment) for key, path in ASSESSMENT.items()}
    return values | {
        "endpoint": assessment.quality.endpoint.value,
        "verdict": assessment.ruling.verdict.value,
        "gates": [_gate(gate) for gate in assessment.gates],
        "caveats": [_caveat(caveat, baseline) for caveat in assessment.caveats],
        "reason": reason(assessment),
        "reason_code": assessment.ruling.reason.code,
        "reason_values": assessment.ruling.reason.values,
        "excluded": {exclusion_words(each): each.n for each in assessment.quality.excluded},
        "method": method_words(assessment),
        "notes": notes(assessment),
        "repeated_requests": [asdict(request) for request in assessment.quality.repeated_requests],
        "why_not": why_not(assessment),
        "why_not_codes": [message.code for message in assessment.ruling.why_not],
    }


def _judge(facts: JudgeFacts) -> dict[str, Json]:
    anchors = {kind: {"seen": seen, "planted": total} for kind, (seen, total) in facts.anchors.items()}
    return asdict(facts) | {"anchors": anchors, "warnings": [warning(each) for each in facts.warnings]}


def _caveat(caveat: Caveat, baseline: str) -> dict[str, Json]:
    at = caveat.at.isoformat() if caveat.at else None
    return asdict(caveat) | {
        "code": caveat.code.value,
        "at": at,
        "holds": caveat.holds,
        "text": caveat_words(caveat, baseline),
    }


def _exam(exam: Exam | None) -> dict[str, Json] | None:
    if exam is None:
        return None
    graded = grade(exam)
    controls = {kind: {"found": found, "asked": asked} for kind, (found, asked) in exam.controls.items()}
    return asdict(exam) | {
        "judges": list(exam.judges),
        "left_out": list(exam.left_out),
        "controls": controls,
        "found": exam.found,
        "asked": exam.asked,
        "low": graded.low,
        "content_low": graded.content_low,
        "blind_to": [kind.value for kind in graded.blind_to],
        "passed": graded.is_passed,
    }


def _gate(gate: Gate) -> dict[str, Json]:
    return {
        "name": gate.name,
        "value": gate.value,
        "limit": gate.limit,
        "n": gate.n,
        "passed": gate.passed,
        "detail": detail_words(gate.detail),
    }
