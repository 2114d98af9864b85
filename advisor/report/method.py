"""How results were measured and decided, with this study's own numbers."""

from collections.abc import Iterable
from hashlib import sha256

from advisor.analysis.verdict.exam import exam_result
from advisor.report.figures import figures_json
from advisor.text.advice.judges import exam_words
from advisor.text.business_case.paper import GLOSSARY, HASH
from advisor.text.gates import gate_limit, shown_gates
from advisor.text.money import price_source
from advisor.text.names import GATES, MEASURES, NAMES_REMAIN, baselines_of, short_name
from advisor.text.numbers import UNKNOWN, count, day_of, days, listing, percent, price, pts, shorten
from advisor.text.results import share_of_traffic
from advisor.text.scenarios import scenario_words, usual_drop
from advisor.text.scores import judge_words
from advisor.text.warnings import left_out, version, warning
from advisor.types import (
    Assessment,
    Endpoint,
    GateName,
    Json,
    Lane,
    Model,
    Recommendation,
    Report,
    Verdict,
    WarningCode,
)
from advisor.types.assessments import MIN_N_P95
from advisor.types.dossier import Dossier

ENDPOINTS = {
    Endpoint.TARGET: "With a reference answer in the log, both models are scored against it.",
    Endpoint.AGREEMENT: "Where answers are structured but no reference answer is known, the candidate's answers are "
    "compared with the live baseline's. The difference in quality can't exceed the share that differs. Where that "
    "share is too large, a judge or people compare the answers that differ; equal answers are ties.",
    Endpoint.PAIRWISE: "Where an answer has no single right form, both models' answers are compared without names and "
    "in both orders: a win counts 1, a tie or two orders that disagree one half, a loss 0. The baseline's score is "
    "then 50% by definition.",
}


def method(dossier: Dossier) -> Json:
    """Paragraphs, and tables of what was excluded, imported and used."""
    report = dossier.report
    return {
        "paragraphs": [{"head": head, "text": text} for head, text in _paragraphs(report)],
        "excluded": [
            [shorten(left_out(each), 300), f"{each.values['calls']:,}"]
            for each in report.recommendation.remarks.excluded
        ],
        "words": [list(each) for each in GLOSSARY],
        "log": [
            *_log(report.log, report.recommendation.run.sample_size),
            [HASH, sha256(figures_json(dossier)).hexdigest()],
        ],
        "models": [*map(_model, report.models), *_untested(dossier)],
        "prices": [shorten(price_source(source), 300) for source in report.price_sources],
    }


def _paragraphs(report: Report) -> Iterable[tuple[str, str]]:
    recommendation = report.recommendation
    assessments = [a for decision in recommendation.use_cases for a in decision.candidates]
    yield "Sample", _sample(recommendation)
    yield "Baseline", _baseline(recommendation)
    yield (
        "Conversations",
        ("Each turn was replayed with its logged history. Results hold per turn, not for whole conversations."),
    )
    endpoints = {decision.endpoint for decision in recommendation.use_cases}
    yield "What is compared", " ".join(text for endpoint, text in ENDPOINTS.items() if endpoint in endpoints)
    yield (
        "Failures",
        (
            "A failure caused by the model counts as a loss: an invalid or cut-off answer, a content filter, a prompt "
            "that's too long, unsupported images or tools. Connection and host failures don't affect quality and have "
            "a guardrail of their own."
        ),
    )
    yield (
        "Refusals",
        (
            "A refusal is scored like any other answer. A judge also checks a random sample for full and partial "
            "refusals; both count. Without a judge, refusals aren't measured: a rule on the wording finds few of them."
        ),
    )
    yield (
        "Confidence intervals",
        (
            f"Differences are paired (same samples) and shown with {percent(recommendation.confidence)} confidence "
            "intervals: Tango's for pass rates, t-intervals for graded scores, with Tango's test of answers lost or "
            "gained by half or more. Samples from one conversation or text count as a cluster."
        ),
    )
    yield "Acceptable drop and verdict", _verdicts(assessments)
    if report.scenario:
        usual = usual_drop(each.endpoint for each in recommendation.use_cases)
        yield "Scenario", scenario_words(report.scenario, report.planned, usual)
    yield "Multiple tests", _holm(recommendation, assessments)
    yield "Guardrails", _gates(assessments)
    yield "Noise floor", warning(recommendation.remarks.noise_floor)
    if recommendation.judging.judges:
        yield "Judge's exam", exam_words(exam_result(recommendation.judging.exam))
    for judge in recommendation.judging.judges:
        yield f"Judge: {shorten(judge.judge, 60)}", judge_words(judge)
    if recommendation.remarks.versions:
        yield "Scored with", " ".join(shorten(version(each), 2_000) for each in recommendation.remarks.versions)
    if recommendation.judging.reviewed:
        written = sum(a.trust.written_reviews for a in assessments)
        pairs = sum(a.trust.reviews for a in assessments) - written
        told = [f"{count(pairs, 'pair')} reviewed blind, {days(recommendation.judging.reviewed)}."] if pairs else []
        if written:
            told.append(
                f"{count(written, 'review')} came with the sample data: they check the judge, no person gave them."
            )
        yield "Human reviews", " ".join(told)
    yield "Latency", _latency(recommendation)
    yield "Cost", _money(report)


def _latency(recommendation: Recommendation) -> str:
    when = f", {days(recommendation.run.timed)}" if recommendation.run.timed else ""
    logged = " The baseline's latency is from the log." * (recommendation.run.baseline_lane is Lane.RECORDED)
    return (
        f"Measured client-side{when}: from sending a request to the last token, without rate-limit waits and retries. "
        f"A p95 needs {MIN_N_P95} timed answers.{logged}"
    )


def _sample(recommendation: Recommendation) -> str:
    return (
        f"{count(recommendation.run.sample_size, 'call')}, drawn at random within each use case from the replayable "
        f"calls. Seed {recommendation.run.seed}: the same log and seed draw the same sample.{_fixed(recommendation)}"
    )


def _fixed(recommendation: Recommendation) -> str:
    seen = "scored" if recommendation.is_sample_study else "seen"
    fixed = f"models, parameters, limits and confidence were fixed before the answers were {seen}"
    if not recommendation.run.frozen:
        return f" Whether {fixed} is not recorded."
    changed = any(each.code == WarningCode.CHANGED for each in recommendation.remarks.warnings)
    return f" {fixed.capitalize()}{', except as listed under Keep in mind' if changed else ''}."


def _baseline(recommendation: Recommendation) -> str:
    name = shorten(baselines_of(recommendation), 120)
    if recommendation.run.baseline_lane is Lane.RECORDED:
        return f"{name}: answers, cost and latency are from the log, not from the replay."
    return f"{name} was called next to the candidates, in random order, under the same load."


def _verdicts(assessments: list[Assessment]) -> str:
    limits = {
        endpoint: sorted({a.difference.margin for a in assessments if a.quality.endpoint is endpoint})
        for endpoint in Endpoint
    }
    words = [
        f"{' or '.join(pts(margin) for margin in margins)} ({MEASURES[endpoint]})"
        for endpoint, margins in limits.items()
        if margins
    ]
    limit = f"Acceptable drop: {'; '.join(words)}. " if words else ""
    route = (
        " Route: the whole use case does not pass, but with a router or a fallback it does."
        if any(a.ruling.verdict is Verdict.ROUTE for a in assessments)
        else ""
    )
    return (
        f"{limit}Good enough: the whole interval is within the acceptable drop and every guardrail holds. Not good "
        "enough: the whole interval is beyond it, or a guardrail fails beyond doubt. A use case moves to the cheapest "
        "candidate that is good enough and costs no more than the baseline. Need more data: the interval crosses the "
        f"acceptable drop, too little is measured, or the judge isn't proven.{route}"
    )


def _holm(recommendation: Recommendation, assessments: list[Assessment]) -> str:
    tests = sum(a.difference.p_holm is not None for a in assessments)
    level = (1 - recommendation.confidence) / 2
    if tests <= 1:
        made = "One test was made" if tests else "No test could be made yet"
        return f"{made}, so no correction was needed. Its p must be at most {level:.3g} (one-sided)."
    return (
        f"{tests} tests of use cases and candidates were made, and some would pass by luck. Holm's correction "
        f"accounts for that: the corrected p must be at most {level:.3g} (one-sided). The raw p is shown next to it. "
        "The low end of each interval has the same correction. Not good enough isn't corrected."
    )


def _gates(assessments: list[Assessment]) -> str:
    limits: dict[str, str] = {}
    unlimited = {gate.name for a in assessments for gate in shown_gates(a) if gate.limit is None}
    for gate in (gate for a in assessments for gate in shown_gates(a) if gate.limit is not None):
        is_partly = gate.name is GateName.IDENTICAL and gate.name in unlimited
        where = " (where answers are compared in pairs; shown elsewhere)" * is_partly
        limits.setdefault(GATES.get(gate.name, gate.name), gate_limit(gate) + where)
    if not limits:
        return "No guardrail was set."
    words = "; ".join(f"{name.lower()}: {limit}" for name, limit in limits.items())
    return f"These must hold in addition to quality: {words}."


def _money(report: Report) -> str:
    named = [shorten(price_source(source), 120) for source in report.price_sources]
    sources = f" Prices: {listing(named)}." if named else ""
    return (
        "Measured tokens times the price at the time of each call. A month is projected from the days of the log, "
        f"which is {share_of_traffic(report.log)}. Savings intervals are bootstrapped over the pairs.{sources}"
    )


def _log(log: dict[str, Json], replayed: int) -> list[list[str]]:
    """The import facts that are there, in words."""
    files = log.get("files")
    rows = [["Files", ", ".join(shorten(str(name), 80) for name in files) if files else UNKNOWN]]
    counted = {
        "rows": "Rows",
        "accepted": "Accepted",
        "rejected": "Skipped",
        "duplicates": "Duplicates (the same call twice)",
        "not_replayable": "Accepted but not replayable (kept for volume and cost)",
        "replayed": "Replayed",
        "not_drawn": "Replayable but not replayed: failed in the log, or not drawn",
    }
    accepted, lost = log.get("accepted"), log.get("not_replayable")
    if isinstance(accepted, int) and isinstance(lost, int):
        log = log | {"replayed": replayed, "not_drawn": accepted - lost - replayed}
    for key, label in counted.items():
        value = log.get(key)
        rows.append([label, f"{value:,}" if isinstance(value, int) else UNKNOWN])
    first, last = log.get("first_at"), log.get("last_at")
    period = f"{day_of(first)} to {day_of(last)}" if first and last else f"{UNKNOWN} no times in the log"
    redacted = log.get("redacted")
    stored = "redacted before storage" if log.get("names_redacted") else f"redacted before storage; {NAMES_REMAIN}"
    redaction = UNKNOWN if redacted is None else stored if redacted else "not redacted"
    share = log.get("traffic_share")
    rows += [
        ["Period", period],
        ["Personal data", redaction],
        ["Share of real traffic", percent(share) if isinstance(share, float | int) else UNKNOWN],
    ]
    return rows


def _untested(dossier: Dossier) -> list[list[str]]:
    """Models that page one names without a test, at list price."""
    return [
        [
            short_name(each.model).rpartition("/")[2],
            "not tested",
            each.model,
            "provider's terms",
            f"{_pair(each.per_million)}, list",
        ]
        for each in dossier.case.options
        if each.per_million
    ]


def _pair(prices: tuple[float | None, float | None]) -> str:
    return " / ".join(price(each) for each in prices)


def _model(model: Model) -> list[str]:
    prices = (model.prices.input, model.prices.output)
    given = f"{_pair(prices)}, entered" if any(p is not None for p in prices) else UNKNOWN
    return [
        shorten(model.name, 80),
        model.role.value,
        shorten(model.litellm_id, 80),
        model.licence or f"{UNKNOWN} unknown",
        given,
    ]
