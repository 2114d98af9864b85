"""Which candidate a use case is decided and reported by: verdict and evidence shown together are always its own."""

from collections.abc import Sequence

from advisor.analysis.quality import MIN_SCORED
from advisor.analysis.verdict import costs_more
from advisor.types import Assessment, Verdict


def choose(candidates: Sequence[Assessment]) -> Assessment | None:
    """The cheapest that passes and does not cost more; generated answers before written, priced before unpriced."""
    passing = [a for a in candidates if a.verdict is Verdict.SWITCH and not _costs_more(a)]

    def rank(a: Assessment) -> tuple[bool, bool, float, float]:
        unpriced = a.cost_usd_per_1k is None
        return a.illustrative, unpriced, a.cost_usd_per_1k or 0.0, -(a.delta or 0.0)

    return min(passing, key=rank, default=None)


def report_on(candidates: Sequence[Assessment]) -> Assessment | None:
    """The best candidate where none moves; None where none has enough scored samples.

    A candidate that no limit would let move, since a gate fails beyond doubt or it costs more, comes last. The order
    does not depend on the accepted drop, so a wider one never reports on a weaker candidate.
    """
    measured = [a for a in candidates if a.n >= MIN_SCORED and a.delta is not None]

    def rank(a: Assessment) -> tuple[bool, float, bool]:
        return _is_out(a), -(a.delta or 0.0), a.illustrative

    return min(measured, key=rank, default=None)


def decided_by(reported: Assessment | None, candidates: Sequence[Assessment]) -> Verdict:
    """The verdict on a use case: that of the candidate it is reported by; none moves to one that costs more."""
    if reported is not None:
        return Verdict.KEEP if _costs_more(reported) else reported.verdict
    is_kept = bool(candidates) and all(a.verdict is Verdict.KEEP or _costs_more(a) for a in candidates)
    return Verdict.KEEP if is_kept else Verdict.NEED_MORE_DATA


def _is_out(a: Assessment) -> bool:
    return _costs_more(a) or any(gate.beyond_doubt for gate in a.gates)


def _costs_more(a: Assessment) -> bool:
    return costs_more(a.cost_usd_per_1k, a.baseline_cost_usd_per_1k)
