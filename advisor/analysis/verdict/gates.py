"""Conditions that must hold besides quality (METHOD 1.7).

A gate passes when the observed value is within its limit. It fails beyond doubt when even the favourable end of
its interval is outside: Tango for differences on the same samples, the exact one for rates. Faults are rare, and so a
difference must be as sure by the exact bound of what the candidate alone got wrong, beside what the baseline did: else
5% of gates would be sure at their limit instead of 2.5%, and one failed call of eight were certainty. A gate without
a limit is shown only.
"""

import math
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from advisor.analysis.latency import quantiles
from advisor.analysis.quality.clusters import effective_size, groups_of
from advisor.analysis.quality.columns import CODE_OF, FAILURES, Array, Columns, known
from advisor.analysis.quality.evidence import UseCaseEvidence
from advisor.analysis.quality.once import once
from advisor.analysis.statistics.intervals import is_surely_above, newcombe_low, tango, z_of
from advisor.analysis.statistics.sample_size import n_needed
from advisor.types import DetailCode, Endpoint, FailureKind, Gate, GateName, Message
from advisor.types.assessments import MIN_N_P95

REFUSALS = (GateName.REFUSED, GateName.ANSWERED)
"""Shares of the answers read, not differences."""

LIMITS = {
    GateName.VALIDITY: 0.02,
    GateName.REFUSED: 0.02,
    GateName.ANSWERED: 0.02,
    GateName.UNNEEDED: 0.02,
    GateName.TRUNCATION: 0.02,
    GateName.ERRORS: 0.02,
    GateName.IDENTICAL: 0.05,
    GateName.STABILITY: 0.10,
    GateName.CHECKS: 0.02,
    GateName.INSTRUCTING: 0.02,
}
"""Fractions; differences from the baseline (validity: of the share of invalid answers), except errors, a rate."""
MIN_CONSTANT = 20
"""One answer to this many different prompts, where the baseline varies, is a broken model."""

SET_UP = (FailureKind.AUTH, FailureKind.NOT_FOUND, FailureKind.BAD_REQUEST)
"""Failures that say how we asked, not how the model's host serves: never beyond doubt."""
SLOW = 0.05
"""The share of calls that may take longer than a limit on the 95th percentile."""


class Checked(NamedTuple):
    """A gate, and where it fails without certainty the number of answers that would settle it."""

    gate: Gate
    n_needed: int | None = None
    faults: Array | None = None
    """In pair order: 1 the candidate alone is at fault, -1 the baseline alone, else 0; None: not told pair by pair."""
    allowed: float = 0.0
    """What the mean of ``faults`` may be."""


def is_of_set_up(failing: Checked) -> bool:
    """Whether the calls beyond the limit failed by how they were asked, not by chance or the host's fault."""
    if failing.gate.name is not GateName.ERRORS or failing.faults is None:
        return False
    return bool(failing.faults.mean() <= failing.allowed)


def check_gates(columns: Columns, evidence: UseCaseEvidence, model: str, confidence: float) -> tuple[Checked, ...]:
    """All gates of one candidate in one use case; ``columns`` are its pairs."""
    asked, limits = columns.asked, evidence.limits
    compared, shown = _compared(columns, evidence.endpoint, confidence)
    flips = evidence.candidates[model].flips
    return (
        *compared,
        *([_stability(flips, evidence.baseline_flips, confidence)] if flips is not None else []),
        *shown,
        _p95(asked, GateName.TTFT, limits.max_ttft_p95_s, confidence),
        _p95(asked, GateName.LATENCY, limits.max_latency_p95_s, confidence),
    )


@once
def _compared(
    columns: Columns, endpoint: Endpoint, confidence: float
) -> tuple[tuple[Checked, ...], tuple[Checked, Checked]]:
    """The gates that compare answers, and what is shown only."""
    asked = columns.asked
    pairs = asked.where(~(asked.candidate.lost | asked.baseline.failed))
    ours, theirs = pairs.baseline, pairs.candidate
    compare = partial(_difference, pairs, confidence=confidence)
    gates = (
        compare(GateName.VALIDITY, 1 - theirs.valid, 1 - ours.valid),
        *_refusals(asked, confidence),
        compare(GateName.UNNEEDED, theirs.unneeded, ours.unneeded),
        compare(GateName.TRUNCATION, theirs.truncated, ours.truncated),
        compare(GateName.INSTRUCTING, theirs.instructs, ours.instructs),
        compare(GateName.CHECKS, 1 - theirs.checked, 1 - ours.checked, nothing=DetailCode.NO_CHECKS),
        _errors(asked, confidence),
        _identical(pairs, endpoint, confidence),
    )
    personal = compare(GateName.PERSONAL, theirs.personal, ours.personal, nothing=DetailCode.NOT_LOOKED_FOR)
    return gates, (_unsupported(theirs.unsupported, ours.unsupported), _shown(personal))


def _difference(
    pairs: Columns,
    name: GateName,
    theirs: Array,
    ours: Array,
    *,
    confidence: float,
    nothing: DetailCode = DetailCode.NOTHING_TO_CHECK,
) -> Checked:
    """Shares of faulty answers of ``pairs``; ``theirs`` and ``ours`` are 1, 0 or NaN, shape (n,)."""
    both = ~(np.isnan(theirs) | np.isnan(ours))
    theirs, ours = theirs[both].astype(bool), ours[both].astype(bool)
    n, limit = len(theirs), LIMITS.get(name, 0.0)
    if n == 0:
        return _unseen(name, LIMITS.get(name), nothing)
    more, fewer = int(np.sum(theirs & ~ours)), int(np.sum(ours & ~theirs))
    value = (more - fewer) / n
    needed, doubtless = None, False
    if value > limit:
        groups = groups_of(pairs.where(both))
        # Faults of either side may come by whole groups: those of the baseline hide where few groups hold them.
        faults = (theirs & ~ours).astype(float), (ours & ~theirs).astype(float)
        share = min(effective_size(each, groups) for each in faults) / n if groups else 1.0
        counts = more * share, fewer * share, n * share
        by_exact = is_surely_above(counts[0], counts[2], limit + fewer / n, confidence)
        doubtless = by_exact and tango(*counts, confidence)[0] > limit
        needed = _still(n_needed(more, fewer, n, -limit, confidence), n, share)
    gate = Gate(
        name=name,
        value=value,
        limit=limit,
        passed=value <= limit,
        beyond_doubt=doubtless,
        detail=Message.of(DetailCode.COUNTED, k=int(theirs.sum()), n=n, baseline=int(ours.sum())),
        n=n,
    )
    return Checked(gate, needed, theirs.astype(float) - ours, limit)


def _refusals(asked: Columns, confidence: float) -> tuple[Checked, Checked]:
    """Refusals where the baseline answered, and answers where it declined, among the pairs that a judge read.

    Full and partial refusals count alike. A rule sees few, so it never passes a gate: where it finds more refusals than
    the limit allows, the gate fails, but not beyond doubt, as nobody knows what the baseline's answers are.
    """
    kept = ~(asked.candidate.lost | asked.baseline.lost)
    read = asked.where(kept & asked.refusals_read)
    theirs, ours = read.candidate.declined, read.baseline.declined
    refused = _alone(read, GateName.REFUSED, theirs & ~ours, int((~ours).sum()), confidence)
    answered = _alone(read, GateName.ANSWERED, ours & ~theirs, int(ours.sum()), confidence)
    by_rule = (asked.candidate.declined & ~(asked.baseline.declined | asked.baseline.failed))[kept]
    n, k = len(by_rule), int(by_rule.sum())
    if n and k / n > LIMITS[GateName.REFUSED] and refused.gate.passed is not False:
        detail = Message.of(DetailCode.REFUSED_BY_RULE, k=k, n=n)
        gate = replace(refused.gate, value=k / n, passed=False, n=n, detail=detail)
        refused = Checked(gate, faults=by_rule.astype(float), allowed=LIMITS[GateName.REFUSED])
    return refused, answered


def _alone(read: Columns, name: GateName, faults: Array, baseline: int, confidence: float) -> Checked:
    """The share of all answers read that are such ``faults``; more samples don't help, but more answers read."""
    found = _difference(
        read, name, faults.astype(float), np.zeros(len(faults)), confidence=confidence, nothing=DetailCode.NOT_READ
    )
    if found.gate.value is None:
        return found
    code = DetailCode.REFUSED if name is GateName.REFUSED else DetailCode.ANSWERED
    detail = Message.of(code, k=int(faults.sum()), n=len(faults), baseline=baseline)
    return Checked(replace(found.gate, detail=detail), faults=found.faults, allowed=found.allowed)


def _still(needed: int | None, n: int, share: float = 1.0) -> int | None:
    """How many of answers that count for ``share`` of themselves are ``needed``; None where ``n`` had to be enough."""
    found = None if needed is None else math.ceil(needed / share)
    return found if found is not None and found > n else None


def _unseen(name: GateName, limit: float | None, why: DetailCode) -> Checked:
    """Without evidence."""
    return Checked(Gate(name=name, value=None, limit=limit, passed=None, detail=Message.of(why)))


def _shown(checked: Checked) -> Checked:
    """The same without a limit."""
    return Checked(replace(checked.gate, limit=None, passed=None, beyond_doubt=False))


def _errors(asked: Columns, confidence: float) -> Checked:
    is_lost = asked.candidate.lost
    failed = Counter(FAILURES[code] for code in asked.candidate.call.failure[is_lost].tolist())
    n, limit = len(asked), LIMITS[GateName.ERRORS]
    if n == 0:
        return _unseen(GateName.ERRORS, limit, DetailCode.NOTHING_ASKED)
    by_host = is_lost & ~np.isin(asked.candidate.call.failure, [CODE_OF[kind] for kind in SET_UP])
    k, host = failed.total(), int(by_host.sum())
    gate = Gate(
        name=GateName.ERRORS,
        value=k / n,
        limit=limit,
        passed=k / n <= limit,
        beyond_doubt=is_surely_above(host, n, limit, confidence),
        detail=Message.of(
            DetailCode.FAILED, k=k, n=n, failures={kind.value: calls for kind, calls in failed.most_common()}
        ),
        n=n,
    )
    return Checked(gate, _still(_n_for_rate(host / n, limit, confidence), n), by_host.astype(float), limit)


def _identical(answered: Columns, endpoint: Endpoint, confidence: float) -> Checked:
    """Shares of answers that equal the answer to another prompt; with right answers at hand, only a constant fails."""
    pairs = answered.where((answered.candidate.text_digest >= 0) & (answered.baseline.text_digest >= 0))
    (theirs, different), (ours, of_baseline) = (
        _repeats(side.text_digest, pairs.logged.request) for side in (pairs.candidate, pairs.baseline)
    )
    prompts = int(np.count_nonzero(np.bincount(pairs.logged.request)))
    checked = _difference(pairs, GateName.IDENTICAL, theirs, ours, confidence=confidence)
    is_right = bool((pairs.candidate.y == 1).all())
    if prompts >= MIN_CONSTANT and different == 1 < of_baseline and not is_right:
        detail = Message(code=DetailCode.CONSTANT, values={"prompts": prompts, "baseline": of_baseline})
        return Checked(replace(checked.gate, passed=False, beyond_doubt=True, detail=detail))
    if endpoint is Endpoint.PAIRWISE or checked.gate.value is None:
        return checked
    return _shown(checked)


def _repeats(digests: Array, requests: Array) -> tuple[Array, int]:
    """Which answers some other request has too, and how many different answers there are."""
    size = int(requests.max(initial=0)) + 1
    each = np.sort(digests * size + requests)
    counts = np.bincount(each[np.diff(each, prepend=-1) > 0] // size)
    return counts[digests] > 1, int(np.count_nonzero(counts))


def _unsupported(theirs: Array, ours: Array) -> Checked:
    """How many more of its claims the prompt does not support, as a judge reads both answers; shown, not gated."""
    both = ~(np.isnan(theirs) | np.isnan(ours))
    n = int(both.sum())
    if n == 0:
        return _unseen(GateName.UNSUPPORTED, None, DetailCode.NO_CLAIMS)
    share, of_baseline = float(theirs[both].mean()), float(ours[both].mean())
    detail = Message(code=DetailCode.CLAIMS, values={"share": share, "baseline": of_baseline, "n": n})
    return Checked(
        Gate(name=GateName.UNSUPPORTED, value=share - of_baseline, limit=None, passed=None, detail=detail, n=n)
    )


def _stability(flips: tuple[int, int], baseline: tuple[int, int] | None, confidence: float) -> Checked:
    """Beside the baseline's own flips: an answer in free words is another one each time, whoever gives it."""
    changed, n = flips
    if baseline is None:
        detail = Message.of(DetailCode.FLIPS_ALONE, k=changed, n=n)
        return Checked(Gate(name=GateName.STABILITY, value=changed / n, limit=None, passed=None, detail=detail, n=n))
    theirs, asked = baseline
    value, limit = changed / n - theirs / asked, LIMITS[GateName.STABILITY]
    gate = Gate(
        name=GateName.STABILITY,
        value=value,
        limit=limit,
        passed=value <= limit,
        beyond_doubt=newcombe_low(changed, n, theirs, asked, confidence) > limit,
        detail=Message.of(DetailCode.FLIPS, k=changed, n=n, baseline=theirs, baseline_n=asked),
        n=n,
    )
    return Checked(gate)


@once
def _p95(asked: Columns, name: GateName, limit: float | None, confidence: float) -> Checked:
    """Beyond doubt: surely more than one call in twenty takes longer than the limit."""
    values = known(asked.candidate.call.ttft_s if name is GateName.TTFT else asked.candidate.call.latency_s)
    _, p95, n, supported = quantiles(values)
    if p95 is None:
        return _unseen(name, limit, DetailCode.NOT_MEASURED)
    detail = Message(code=DetailCode.TIMED, values={"n": n} | ({} if supported else {"least": MIN_N_P95}))
    if limit is None:
        return Checked(Gate(name=name, value=p95, limit=None, passed=None, detail=detail, n=n))
    is_slow = values > limit
    slow = int(is_slow.sum())
    doubtless = is_surely_above(slow, n, SLOW, confidence)
    gate = Gate(name=name, value=p95, limit=limit, passed=p95 <= limit, beyond_doubt=doubtless, detail=detail, n=n)
    needed = None if gate.passed else _still(_n_for_rate(slow / n, SLOW, confidence), n)
    return Checked(gate, needed, is_slow.astype(float), SLOW)


def _n_for_rate(rate: float, limit: float, confidence: float) -> int | None:
    """Calls after which the rate seen so far would lie surely above the limit."""
    if rate <= limit:
        return None
    return math.ceil(z_of(confidence) ** 2 * rate * (1 - rate) / (rate - limit) ** 2)
