"""Conditions that must hold besides quality (METHOD 1.7).

A gate passes when the observed value is within its limit. It fails beyond doubt when even the favourable end of
its interval is outside: Tango for differences on the same samples, Wilson for rates.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from advisor.analysis.evidence import Pair, UseCaseEvidence
from advisor.analysis.intervals import tango, wilson, z_of
from advisor.analysis.latency import MIN_N_P95, known, quantiles
from advisor.analysis.samplesize import n_needed
from advisor.types import Endpoint, FailureKind, Gate

VALIDITY, REFUSALS, UNNEEDED, TRUNCATION = "validity", "refusals", "unneeded calls", "truncation"
ERRORS, IDENTICAL, STABILITY = "errors", "identical outputs", "stability"
TTFT, LATENCY = "ttft p95", "latency p95"

LIMITS = {
    VALIDITY: 0.02,
    REFUSALS: 0.02,
    UNNEEDED: 0.02,
    TRUNCATION: 0.02,
    ERRORS: 0.02,
    IDENTICAL: 0.05,
    STABILITY: 0.10,
}
"""Fractions; differences from the baseline (validity: of the share of invalid answers), except errors, a rate."""
NAMES = {
    VALIDITY: "Invalid answers",
    REFUSALS: "Refusals",
    UNNEEDED: "Tool calls where none is right",
    TRUNCATION: "Cut-off answers",
    ERRORS: "Failed calls",
    IDENTICAL: "The same answer to different prompts",
    STABILITY: "Answers that change when asked again",
    TTFT: "Longest wait for the first word (19 of 20)",
    LATENCY: "Longest wait for the whole answer (19 of 20)",
}
"""What a reader sees."""
MIN_CONSTANT = 20
"""One answer to this many different prompts, where the baseline varies, is a broken model."""

SET_UP = (FailureKind.AUTH, FailureKind.NOT_FOUND, FailureKind.BAD_REQUEST)
"""Failures that say how we asked, not how the model's host serves: never beyond doubt."""

Flags = tuple[bool | None, bool | None]


class Checked(NamedTuple):
    """A gate, and where it fails without certainty the number of answers that would settle it."""

    gate: Gate
    n_needed: int | None = None


def check_gates(evidence: UseCaseEvidence, model: str, confidence: float) -> tuple[Checked, ...]:
    """All gates of one candidate in one use case."""
    asked = [pair for pair in evidence.pairs.get(model, ()) if not pair.missing]
    answered = [pair for pair in asked if not (_is_infrastructure(pair.candidate_failure) or pair.baseline_failure)]
    flags: dict[str, Callable[[Pair], Flags]] = {
        VALIDITY: lambda pair: (_not(pair.candidate_valid), _not(pair.baseline_valid)),
        REFUSALS: lambda pair: (_is_refused(pair), pair.baseline_refused),
        UNNEEDED: lambda pair: (pair.candidate_unneeded, pair.baseline_unneeded),
        TRUNCATION: lambda pair: (pair.candidate_truncated, pair.baseline_truncated),
    }
    gates = [_difference(name, map(read, answered), LIMITS[name], confidence) for name, read in flags.items()]
    gates.append(_errors(asked, confidence))
    gates.append(_identical(answered, evidence.endpoint, confidence))
    if model in evidence.flips:
        gates.append(_stability(evidence.flips[model], evidence.baseline_flips, confidence))
    ttft = [pair.candidate_ttft_s for pair in asked]
    latency = [pair.candidate_latency_s for pair in asked]
    gates.append(_p95(TTFT, ttft, evidence.max_ttft_p95_s, confidence))
    gates.append(_p95(LATENCY, latency, evidence.max_latency_p95_s, confidence))
    return tuple(gates)


def _difference(name: str, flags: Iterable[Flags], limit: float, confidence: float) -> Checked:
    pairs = [(candidate, baseline) for candidate, baseline in flags if candidate is not None and baseline is not None]
    n = len(pairs)
    if n == 0:
        return Checked(Gate(name=name, value=None, limit=limit, passed=None, detail="nothing to check"))
    more = sum(candidate and not baseline for candidate, baseline in pairs)
    fewer = sum(baseline and not candidate for candidate, baseline in pairs)
    theirs, ours = sum(candidate for candidate, _ in pairs), sum(baseline for _, baseline in pairs)
    value = (more - fewer) / n
    gate = Gate(
        name=name,
        value=value,
        limit=limit,
        passed=value <= limit,
        beyond_doubt=tango(more, fewer, n, confidence)[0] > limit,
        detail=f"{theirs} of {n} answers, baseline {ours}",
    )
    return Checked(gate, n_needed(more, fewer, n, -limit, confidence) if value > limit else None)


def _errors(asked: Sequence[Pair], confidence: float) -> Checked:
    failed = Counter(kind for pair in asked if (kind := pair.candidate_failure) is not None and not kind.is_model_fault)
    n, limit = len(asked), LIMITS[ERRORS]
    if n == 0:
        return Checked(Gate(name=ERRORS, value=None, limit=limit, passed=None, detail="nothing asked yet"))
    k = failed.total()
    hosts = k - sum(failed[kind] for kind in SET_UP)
    why = ", ".join(f"{kind.replace('_', ' ')} {count}" for kind, count in failed.most_common())
    gate = Gate(
        name=ERRORS,
        value=k / n,
        limit=limit,
        passed=k / n <= limit,
        beyond_doubt=wilson(hosts, n, confidence)[0] > limit,
        detail=f"{k} of {n} calls" + (f": {why}" if why else ""),
    )
    return Checked(gate, _n_for_rate(k / n, limit, confidence))


def _identical(answered: Sequence[Pair], endpoint: Endpoint, confidence: float) -> Checked:
    """Shares of answers that equal the answer to another prompt; with right answers at hand, only a constant fails."""
    pairs = [pair for pair in answered if pair.candidate_text_digest and pair.baseline_text_digest]
    theirs = Counter(pair.candidate_text_digest for pair in pairs)
    ours = Counter(pair.baseline_text_digest for pair in pairs)
    flags = ((theirs[p.candidate_text_digest] > 1, ours[p.baseline_text_digest] > 1) for p in pairs)
    checked = _difference(IDENTICAL, flags, LIMITS[IDENTICAL], confidence)
    is_right = all(pair.candidate_y == 1 for pair in pairs)
    if len(pairs) >= MIN_CONSTANT and len(theirs) == 1 < len(ours) and not is_right:
        detail = f"one and the same answer to all {len(pairs)} prompts; the baseline gave {len(ours)}"
        return Checked(replace(checked.gate, passed=False, beyond_doubt=True, detail=detail))
    if endpoint is Endpoint.PAIRWISE or checked.gate.value is None:
        return checked
    return Checked(replace(checked.gate, limit=None, passed=None, beyond_doubt=False))


def _stability(flips: tuple[int, int], baseline: tuple[int, int] | None, confidence: float) -> Checked:
    """Beside the baseline's own flips: an answer in free words is another one each time, whoever gives it."""
    changed, n = flips
    if baseline is None:
        detail = f"{changed} of {n} changed when asked again; the baseline's own rate is not known"
        return Checked(Gate(name=STABILITY, value=changed / n, limit=None, passed=None, detail=detail))
    theirs, asked = baseline
    value, limit = changed / n - theirs / asked, LIMITS[STABILITY]
    gate = Gate(
        name=STABILITY,
        value=value,
        limit=limit,
        passed=value <= limit,
        beyond_doubt=newcombe_low(changed, n, theirs, asked, confidence) > limit,
        detail=f"{changed} of {n} changed when asked again, baseline {theirs} of {asked}",
    )
    return Checked(gate)


def newcombe_low(k1: int, n1: int, k2: int, n2: int, confidence: float) -> float:
    """The lower bound of ``k1/n1 - k2/n2`` of two separate samples (Newcombe 1998, hybrid score)."""
    p1, p2 = k1 / n1, k2 / n2
    low = wilson(k1, n1, confidence)[0]
    high = wilson(k2, n2, confidence)[1]
    return float(p1 - p2 - ((p1 - low) ** 2 + (high - p2) ** 2) ** 0.5)


def _p95(name: str, seconds: Iterable[float | None], limit: float | None, confidence: float) -> Checked:
    """Beyond doubt: surely more than one call in twenty takes longer than the limit."""
    values = known(seconds)
    _, p95, n, supported = quantiles(values)
    if p95 is None:
        return Checked(Gate(name=name, value=None, limit=limit, passed=None, detail="not measured"))
    detail = f"{n} calls" + ("" if supported else f"; a sure value needs {MIN_N_P95}")
    if limit is None:
        return Checked(Gate(name=name, value=p95, limit=None, passed=None, detail=detail))
    slow = int((values > limit).sum())
    doubtless = wilson(slow, n, confidence)[0] > 0.05
    gate = Gate(name=name, value=p95, limit=limit, passed=p95 <= limit, beyond_doubt=doubtless, detail=detail)
    return Checked(gate, None if gate.passed else _n_for_rate(slow / n, 0.05, confidence))


def _n_for_rate(rate: float, limit: float, confidence: float) -> int | None:
    """Calls after which the rate seen so far would lie surely above the limit."""
    if rate <= limit:
        return None
    return math.ceil(z_of(confidence) ** 2 * rate * (1 - rate) / (rate - limit) ** 2)


def _is_infrastructure(failure: FailureKind | None) -> bool:
    return failure is not None and not failure.is_model_fault


def _is_refused(pair: Pair) -> bool:
    return pair.candidate_refused or pair.candidate_failure is FailureKind.CONTENT_FILTER


def _not(flag: bool | None) -> bool | None:
    return None if flag is None else not flag
