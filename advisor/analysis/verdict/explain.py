"""What a verdict came from and what stands in the way of a switch, as codes with their numbers."""

import math
from collections.abc import Iterator
from dataclasses import asdict

from advisor.analysis.quality.result import MIN_ROOM
from advisor.analysis.statistics.agreement import MIN_KAPPA
from advisor.analysis.statistics.sample_size import never_different
from advisor.analysis.verdict.exam import exam_result, grade
from advisor.analysis.verdict.gates import REFUSALS, Checked, is_of_set_up
from advisor.analysis.verdict.rule import Facts, Ruled, costs_more, doubt_about_measure, what_is_missing
from advisor.types import Cause, Evidence, Gate, Grouping, Json, Message, Method, Obstacle, Verdict
from advisor.types.assessments import MIN_REVIEWS
from advisor.types.scores import is_readable

HOPELESS = 10_000
"""From this many missing answers on, more data isn't advised."""
HIDDEN = (Cause.CLASS_NEVER_RIGHT, Cause.FALLS_LATELY)
"""Good enough, but for what the mean hides."""
_DOUBTS = (Cause.NO_ROOM, Cause.JUDGE_NOT_PROVEN, Cause.JUDGE_CONTRADICTED)
"""The numbers count for nothing."""


def reason(facts: Facts, ruling: Ruled) -> Message:
    """What the verdict came from; the values hold all numbers that its sentence may speak of."""
    cause, q = ruling.cause, facts.quality
    values: dict[str, Json] = {
        "candidate": facts.measured.model,
        "baseline": facts.setting.baseline,
        "n": q.n,
        "delta": q.delta,
        "low": facts.better_by if facts.passes else facts.low,
        "high": q.high,
        "margin": q.margin,
        "confidence": facts.setting.confidence,
        "by_people": facts.measured.basis is Evidence.REVIEWS and facts.measured.doubt is not None,
        "costs_more": costs_more(facts.costs),
    }
    if facts.passes_alone and not facts.passes:
        values["tests"] = facts.setting.tests
    match cause:
        case Cause.NOTHING_SCORED:
            values |= _why_nothing(facts)
        case Cause.NO_EVIDENCE:
            values |= _not_read(facts, is_votes=True)
        case Cause.GATE:
            values["gate"] = _gate(facts.doubtless[0])
        case Cause.OPEN_GATE:
            values["gate"] = _gate(facts.open_gates[0])
        case Cause.NOT_TIMED:
            values["gate"] = _limit(facts.not_timed[0])
        case Cause.TOO_FEW if q.too_few is not None:
            values["too_few"] = asdict(q.too_few)
        case Cause.DIFFERS:
            values["differing"] = q.counts.differing
        case Cause.VOTES_MISSING:
            values |= _votes(facts)
        case Cause.REFUSALS_NOT_READ:
            values |= _not_read(facts)
        case _ if cause in _DOUBTS:
            values |= _doubt(facts, cause)
    return Message(code=cause, values={name: value for name, value in values.items() if value is not None})


def why_not(facts: Facts, ruling: Ruled) -> tuple[Message, ...]:
    """What stands between this candidate and a switch, each with its number and what would change it."""
    found: list[Message] = []
    for code, values in _obstacles(facts, ruling):
        message = Message(code=code, values={"baseline": facts.setting.baseline} | values)
        found += [] if message in found else [message]
    return tuple(found)


def _obstacles(facts: Facts, ruling: Ruled) -> Iterator[tuple[Obstacle, dict[str, Json]]]:
    if ruling.verdict is not Verdict.SWITCH:
        if facts.setting.noise_differs:
            yield Obstacle.NOISE_DIFFERS, {}
        if ruling.cause not in _DOUBTS and (found := _quality(facts, ruling)):
            yield found
        yield from _gates(facts)
        doubt = doubt_about_measure(facts, ruling) if facts.quality.n else None
        if doubt is not None:
            yield Obstacle.DOUBTFUL_MEASURE, {"cause": doubt.value} | _doubt(facts, doubt)
        for place, caveat in enumerate(facts.caveats):
            if caveat.holds:
                is_told = ruling.cause in HIDDEN and caveat is facts.held_by
                yield Obstacle.CAVEAT, {"place": place, "is_told": is_told}
        if ruling.verdict is Verdict.NEED_MORE_DATA and facts.lacks_votes:
            yield Obstacle.VOTES_MISSING, _votes(facts)
        if ruling.verdict is Verdict.NEED_MORE_DATA and facts.lacks_refusals:
            yield Obstacle.REFUSALS_NOT_READ, _not_read(facts)
    if costs_more(facts.costs):
        costs = {"usd_per_1k": facts.costs.usd_per_1k, "baseline_usd_per_1k": facts.costs.baseline_usd_per_1k}
        yield Obstacle.COSTS_MORE, costs


def _quality(facts: Facts, ruling: Ruled) -> tuple[Obstacle, dict[str, Json]] | None:
    q = facts.quality
    values: dict[str, Json] = {"n": q.n, "margin": q.margin}
    if facts.measured.basis is Evidence.NONE and what_is_missing(facts) is Cause.NO_EVIDENCE:
        return Obstacle.NO_EVIDENCE, _not_read(facts, is_votes=True)
    if q.n == 0:
        return Obstacle.NOTHING_SCORED, _why_nothing(facts)
    if q.too_few is not None:
        return Obstacle.TOO_FEW, asdict(q.too_few)
    if ruling.cause is Cause.DIFFERS:
        more = _more(facts, ruling) if ruling.n_needed is not None else {}
        return Obstacle.DIFFERS, values | more | {"differing": q.counts.differing}
    if q.high is not None and q.high < -q.margin:
        return Obstacle.WORSE, values | {"high": q.high}
    if not facts.passes and q.delta is not None and q.delta <= -q.margin:
        return Obstacle.PROBABLY_WORSE, values | {"delta": q.delta}
    if facts.passes_alone and not facts.passes:
        tests = {"tests": facts.setting.tests, "p": q.p, "p_holm": facts.p_holm, "alpha": facts.alpha}
        return Obstacle.NOT_AFTER_CORRECTION, values | tests | _more(facts, ruling)
    if not facts.passes and facts.low is not None:
        return Obstacle.NOT_SURE, values | {"low": facts.low} | _more(facts, ruling) | _few_independent(facts)
    return None


def _more(facts: Facts, ruling: Ruled) -> dict[str, Json]:
    """How many more samples would decide, and what they must not share with those there are."""
    q = facts.quality
    sample = q.sample
    still = max((ruling.n_needed or 0) - q.n, (q.n_needed(facts.setting.confidence) or 0) - q.n, 1)
    values: dict[str, Json] = {"still": still, "is_hopeless": still > HOPELESS, "has_gate": bool(facts.doubtless)}
    values["gate_fails"] = bool(facts.doubtless or facts.open_gates)
    if sample and (groups := sample.groups):
        values["of"] = groups.of.value
        if groups.of is Grouping.CONVERSATIONS and groups.are_apart:
            values["groups"] = math.ceil(still * groups.number / q.n)
    if sample and sample.tested.method is Method.PPI:  # more votes of the judge alone wouldn't help for long
        values["reviews"] = reviews_of(still, sample.reviews, q.n)
    return values


def reviews_of(comparisons: int, reviews: int, n: int) -> int:
    """Of so many comparisons those to review by hand, so that as large a share is reviewed as of the ``n`` now."""
    return math.ceil(comparisons * reviews / n)


def _few_independent(facts: Facts) -> dict[str, Json]:
    """That answers that go together are too few for any test, where they are."""
    q = facts.quality
    if q.sample is None or q.sample.groups is None:
        return {}
    least = math.ceil(never_different(q.within * q.sample.scale, facts.setting.confidence) - 1e-9)
    return {"effective": q.sample.n, "least": least} if q.sample.n < least else {}


def _gates(facts: Facts) -> Iterator[tuple[Obstacle, dict[str, Json]]]:
    """Gates that fail or were not timed."""
    for checked in facts.doubtless:
        yield Obstacle.GATE, _gate(checked)
    for gate in facts.not_timed:
        yield Obstacle.NOT_TIMED, _limit(gate)
    for checked in facts.open_gates:
        if is_of_set_up(checked):
            yield Obstacle.SET_UP, _gate(checked)
        elif checked.gate.name in REFUSALS:
            yield Obstacle.REFUSALS_DOUBTFUL, _gate(checked)
        else:
            needed = checked.n_needed if checked.n_needed is not None and checked.n_needed <= HOPELESS else None
            yield Obstacle.OPEN_GATE, _gate(checked) | ({} if needed is None else {"n_needed": needed})


def _gate(checked: Checked) -> dict[str, Json]:
    gate = checked.gate
    detail = asdict(gate.detail) if gate.detail else None
    return _limit(gate) | {"value": gate.value, "detail": detail, "is_set_up": is_of_set_up(checked)}


def _limit(gate: Gate) -> dict[str, Json]:
    return {"name": gate.name.value, "limit": gate.limit}


def _votes(facts: Facts) -> dict[str, Json]:
    return {"without_vote": facts.without_vote, "pairs": facts.quality.n + facts.without_vote}


def _not_read(facts: Facts, *, is_votes: bool = False) -> dict[str, Json]:
    """What a judge replied that was to compare answers, or to read them for refusals, where that can't be read."""
    exam = facts.measured.candidate.exam or facts.setting.exam
    unread, of = (exam.unread if is_votes else exam.audits_unread) if exam else (0, 0)
    if exam is None or is_readable(unread, of):
        return {}
    return {"unread": unread, "of": of, "example": exam.example, "judges": list(exam.judges)}


def _why_nothing(facts: Facts) -> dict[str, Json]:
    if facts.open_gates:
        return {"gate": _gate(facts.open_gates[0])}
    most = max(facts.quality.excluded, key=lambda each: each.n, default=None)
    return {} if most is None else {"excluded": asdict(most)}


def _doubt(facts: Facts, cause: Cause) -> dict[str, Json]:
    """Why the measure can't tell good answers from bad ones."""
    if cause is Cause.JUDGE_CONTRADICTED and (agreed := facts.measured.candidate.agreement):
        return {"reviews": agreed.reviews, "kappa": agreed.kappa, "kappa_high": agreed.high, "least": MIN_KAPPA}
    if cause is Cause.NO_ROOM:
        is_compared = facts.measured.basis in (Evidence.JUDGE, Evidence.REVIEWS)
        return {
            "margin": facts.quality.margin,
            "baseline_score": facts.quality.baseline_score,
            "is_compared": is_compared,
            "is_too_wide": is_compared or facts.quality.margin * MIN_ROOM >= 1,
        }
    candidate = facts.measured.candidate
    left = max(MIN_REVIEWS - candidate.reviews, 0)
    if facts.are_orders_doubted:
        return {"decided": facts.orders[0], "agreed": facts.orders[1], "reviews": left}
    exam = candidate.exam or facts.setting.exam if candidate.source is Evidence.JUDGE else None
    return {
        "exam": asdict(exam_result(exam)),
        "is_taken": grade(exam).is_taken or not grade(exam).is_readable,
        "reviews": left,
    }
