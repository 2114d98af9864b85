"""How it was measured and decided, in plain words, with this study's own numbers."""

from collections.abc import Iterable

from advisor.analysis.trust import exam_result
from advisor.text.gates import gate_limit
from advisor.text.judges import exam_words, judge_words
from advisor.text.names import GATES, MEASURES, baselines_of
from advisor.text.numbers import UNKNOWN, count, day_of, days, listing, percent, points, price, shorten
from advisor.text.prices import price_source
from advisor.text.results import share_of_traffic
from advisor.text.warnings import left_out, version, warning
from advisor.types import Assessment, Endpoint, Json, Lane, Model, Recommendation, Report, Verdict, WarningCode

ENDPOINTS = {
    Endpoint.TARGET: "Where the log holds the right answer, both models are marked right or wrong against it.",
    Endpoint.AGREEMENT: "Where answers are structured but no reference answer is known, the candidate's answers are "
    "compared with the live baseline's. The difference in quality can't exceed the share that differs. Where that "
    "share is too large, a judge or people compare the answers that differ; equal answers are ties.",
    Endpoint.PAIRWISE: "Where an answer has no single right form, both models' answers are compared without names and "
    "in both orders: a win counts 1, a tie or two orders that disagree one half, a loss 0. The baseline's score is "
    "then 50% by definition.",
}


def method(report: Report) -> Json:
    """Paragraphs, and tables of what was excluded, imported and used."""
    return {
        "paragraphs": [{"head": head, "text": text} for head, text in _paragraphs(report)],
        "excluded": [
            [shorten(left_out(each), 300), f"{each.values['calls']:,}"] for each in report.recommendation.excluded
        ],
        "log": _log(report.log),
        "models": [_model(model) for model in report.models],
        "prices": [shorten(price_source(source), 300) for source in report.price_sources],
    }


def _paragraphs(report: Report) -> Iterable[tuple[str, str]]:
    recommendation = report.recommendation
    assessments = [a for decision in recommendation.use_cases for a in decision.candidates]
    yield "Sample", _sample(recommendation)
    yield "Baseline", _baseline(recommendation)
    yield (
        "Conversations",
        (
            "A turn of a conversation was asked with the turns before it as the log has them, whoever answered then. "
            "So each answer is compared at the same place, and nothing is claimed about whole conversations."
        ),
    )
    endpoints = {decision.endpoint for decision in recommendation.use_cases}
    yield "What is compared", " ".join(text for endpoint, text in ENDPOINTS.items() if endpoint in endpoints)
    yield (
        "Whose fault",
        (
            "A failure that the model causes (invalid or cut-off answer, a content filter, a prompt too long for it, "
            "images or tools that it does not take) counts as a loss. A failure of the connection or the host is left "
            "out of quality and has its own limit."
        ),
    )
    yield (
        "Refusals",
        (
            "A refusal is scored like any other answer: a vote may prefer it, and beside a reference answer it is "
            "wrong. A judge reads a random part of the answers for full and partial refusals; both count. Without "
            "one, refusals are not measured: a rule on the wording sees few of them."
        ),
    )
    yield (
        "How sure",
        (
            f"Every difference is measured on the same samples and stands with the range in which the truth lies with "
            f"{percent(recommendation.confidence)} confidence. Rates: Tango's interval for pairs; scores in between: "
            "mean and t, and Tango's test of the answers lost or gained by half or more; by conversation or text "
            "where samples share one."
        ),
    )
    yield "Limit and verdict", _verdicts(assessments)
    yield "Many tests at once", _holm(recommendation, assessments)
    yield "Gates", _gates(assessments)
    yield "Noise floor", warning(recommendation.noise_floor)
    if recommendation.judges:
        yield "Judge's exam", exam_words(exam_result(recommendation.exam))
    for judge in recommendation.judges:
        yield f"Judge: {shorten(judge.judge, 60)}", judge_words(judge)
    if recommendation.versions:
        yield "Scored with", " ".join(shorten(version(each), 2_000) for each in recommendation.versions)
    if recommendation.reviewed:
        written = sum(a.written_reviews for a in assessments)
        pairs = sum(a.reviews for a in assessments) - written
        sample = f" {count(written, 'more review')} came with the sample data." if written else ""
        yield "Human reviews", f"{count(pairs, 'pair')} reviewed blind, {days(recommendation.reviewed)}.{sample}"
    yield "Latency", _latency(recommendation)
    yield "Money", _money(report)


def _latency(recommendation: Recommendation) -> str:
    when = f", {days(recommendation.timed)}" if recommendation.timed else ""
    return (
        f"Measured client-side{when}: from sending a request to the last token, without rate-limit waits and retries. "
        "A p95 needs 59 timed answers."
    )


def _sample(recommendation: Recommendation) -> str:
    return (
        f"{count(recommendation.sample_size, 'call')}, drawn at random within each use case from those that can be "
        f"asked again; a repeated request counts as often as it is drawn. Seed {recommendation.seed}: the same log and "
        f"seed draw the same sample.{_fixed(recommendation)}"
    )


def _fixed(recommendation: Recommendation) -> str:
    if recommendation.frozen is None:
        return ""
    fixed = "models, parameters, limits and confidence were fixed before the answers were seen"
    if not recommendation.frozen:
        return f" Whether {fixed} is not recorded."
    changed = any(each.code == WarningCode.CHANGED for each in recommendation.warnings)
    return f" {fixed.capitalize()}{', but for what stands under Keep in mind' if changed else ''}."


def _baseline(recommendation: Recommendation) -> str:
    name = shorten(baselines_of(recommendation), 120)
    if recommendation.baseline_lane is Lane.RECORDED:
        return f"{name}: its answers, cost and latency are as recorded in the log, at other times than the replay."
    return f"{name} was asked again beside the candidates, in random order, so that both met the same hour and load."


def _verdicts(assessments: list[Assessment]) -> str:
    limits = {endpoint: sorted({a.margin for a in assessments if a.endpoint is endpoint}) for endpoint in Endpoint}
    words = [
        f"{' or '.join(points(margin) for margin in margins)} where the measure is {MEASURES[endpoint]}"
        for endpoint, margins in limits.items()
        if margins
    ]
    limit = f"The limit here: {'; '.join(words)}. " if words else ""
    route = (
        " Route: the whole use case does not pass, but with a router or a fallback it does."
        if any(a.verdict is Verdict.ROUTE for a in assessments)
        else ""
    )
    return (
        f"{limit}Good enough: the whole interval is within the acceptable drop and every guardrail holds. Not good "
        "enough: the whole interval is beyond it, or a guardrail fails beyond doubt. A use case moves to the cheapest "
        "candidate that is good enough and costs no more than the baseline. Need more data: the interval crosses the "
        f"acceptable drop, too little is measured, or the judge isn't proven.{route}"
    )


def _holm(recommendation: Recommendation, assessments: list[Assessment]) -> str:
    tests = sum(a.p_holm is not None for a in assessments)
    level = (1 - recommendation.confidence) / 2
    if tests <= 1:
        made = "One test was made" if tests else "No test could be made yet"
        return f"{made}, so that no correction was needed; its p must be at most {level:.3g} (one-sided)."
    return (
        f"{tests} tests of use cases and candidates were made, and some would pass by luck. Holm's correction allows "
        f"for that: the corrected p must be at most {level:.3g} (one-sided). The raw p is shown beside it. "
        "Not good enough isn't corrected."
    )


def _gates(assessments: list[Assessment]) -> str:
    limits: dict[str, str] = {}
    for gate in (gate for a in assessments for gate in a.gates if gate.limit is not None):
        limits.setdefault(GATES.get(gate.name, gate.name), gate_limit(gate))
    if not limits:
        return "Nothing besides quality was limited."
    words = "; ".join(f"{name.lower()}: {limit}" for name, limit in limits.items())
    return f"Besides quality these must hold: {words}."


def _money(report: Report) -> str:
    named = [shorten(price_source(source), 120) for source in report.price_sources]
    sources = f" Prices: {listing(named)}." if named else ""
    return (
        "Measured tokens times the price at the time of each call; a model without a price is called unpriced, never "
        f"free. A month is projected from the days of the log, which is {share_of_traffic(report.log)}; the range of a "
        f"saving comes from resampling the pairs.{sources}"
    )


def _log(log: dict[str, Json]) -> list[list[str]]:
    """The import facts that are there, in words."""
    files = log.get("files")
    rows = [["Files", ", ".join(shorten(str(name), 80) for name in files) if files else UNKNOWN]]
    counted = {
        "rows": "Rows",
        "accepted": "Accepted",
        "rejected": "Rejected",
        "duplicates": "Duplicates (the same call twice)",
        "not_replayable": "Accepted but cannot be asked again (kept for volume and cost)",
    }
    for key, label in counted.items():
        value = log.get(key)
        rows.append([label, f"{value:,}" if isinstance(value, int) else UNKNOWN])
    first, last = log.get("first_at"), log.get("last_at")
    period = f"{day_of(first)} to {day_of(last)}" if first and last else f"{UNKNOWN} the log has no times"
    redacted = log.get("redacted")
    redaction = UNKNOWN if redacted is None else "redacted before storage" if redacted else "not redacted"
    share = log.get("traffic_share")
    rows += [
        ["Period", period],
        ["Personal data", redaction],
        ["Share of the real traffic", percent(share) if isinstance(share, float | int) else UNKNOWN],
    ]
    return rows


def _model(model: Model) -> list[str]:
    prices = (model.input_price_usd_per_mtok, model.output_price_usd_per_mtok)
    given = " / ".join(price(p) for p in prices) if any(p is not None for p in prices) else UNKNOWN
    return [
        shorten(model.name, 80),
        model.role.value,
        shorten(model.litellm_id, 80),
        model.licence or f"{UNKNOWN} not known",
        given,
    ]
