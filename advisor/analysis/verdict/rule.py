"""The verdict on one candidate in one use case, and what it came from."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from advisor.analysis.quality.outcomes import orders_of
from advisor.analysis.quality.result import QualityResult
from advisor.analysis.verdict.candidate_cost import costs, per_1k
from advisor.analysis.verdict.gates import REFUSALS, Checked
from advisor.analysis.verdict.measured import Measured, Setting
from advisor.types import Cause, Caveat, CaveatCode, Costs, Endpoint, Evidence, ExclusionCode, Gate, Verdict
from advisor.types.assessments import MIN_REVIEWS
from advisor.types.scores import is_readable

MOST_WITHOUT_VOTE = 0.05
"""Of the pairs that a judge decides."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that the verdict on one candidate in one use case rests on, and what its sentences speak of."""

    measured: Measured
    setting: Setting
    p_holm: float | None
    caveats: tuple[Caveat, ...] = ()

    @property
    def quality(self) -> QualityResult:
        """Scores and difference."""
        return self.measured.quality

    @cached_property
    def costs(self) -> Costs:
        """Dollars per 1,000 calls, on the same samples where any has both."""
        baseline, candidate = map(per_1k, costs(self.measured.asked, self.measured.evidence.price))
        return Costs(usd_per_1k=candidate, baseline_usd_per_1k=baseline)

    @cached_property
    def orders(self) -> tuple[int, int]:
        """As :func:`orders_of`, (0, 0) where no judge decides."""
        return orders_of(self.measured.columns) if self.measured.candidate.source is Evidence.JUDGE else (0, 0)

    @property
    def alpha(self) -> float:
        """What a corrected p-value must not exceed."""
        return (1 - self.setting.confidence) / 2 + 1e-12

    @property
    def passes(self) -> bool:
        """Whether the answers are surely good enough, after the correction."""
        return self.quality.too_few is None and self.p_holm is not None and self.p_holm <= self.alpha

    @property
    def passes_alone(self) -> bool:
        """The same before the correction."""
        return self.quality.too_few is None and self.quality.p is not None and self.quality.p <= self.alpha

    @property
    def level(self) -> float:
        """The chance of an error that this test may take after Holm's correction; a p cut at 1 does not tell."""
        p, alpha = self.quality.p, (1 - self.setting.confidence) / 2
        if not p or not self.p_holm or self.p_holm >= 1:
            return alpha / max(self.setting.tests, 1)
        return alpha * p / self.p_holm

    @cached_property
    def low(self) -> float | None:
        """The lower end that is shown: after the correction where a test could be made."""
        return self.quality.low if self.p_holm is None else self.quality.bound(self.level)

    @property
    def better_by(self) -> float | None:
        """The x of "at least x better", as far as it is above 0; else the lower end that is shown.

        The best of several looks better than it is, so it is the lower of that end and the bound at alpha / K.
        """
        if self.low is None or self.low <= 0:
            return self.low
        alone = self.quality.bound((1 - self.setting.confidence) / 2 / max(self.setting.rivals, 1))
        return self.low if alone is None else max(min(self.low, alone), 0.0)

    @property
    def has_no_room(self) -> bool:
        """Whether the margin is so wide that passing it would not tell right from wrong."""
        q = self.quality
        if q.within == q.margin or q.low is None or q.delta is None:
            return False
        return not self.passes and (q.low > -q.margin or q.delta <= -q.within)

    @property
    def are_orders_proven(self) -> bool:
        """Whether the judge's orders agree often enough, or it would pass without the pairs on which they differ."""
        return self.measured.if_lost is None or self.measured.if_lost.passes_at(self.level)

    @property
    def are_orders_doubted(self) -> bool:
        """Whether position bias alone stands against the judge."""
        return self.measured.basis is Evidence.JUDGE and self.measured.doubt is None and not self.are_orders_proven

    @property
    def provisional(self) -> bool:
        """Whether a ``switch`` rests on a judge that people haven't confirmed: few reviews, or agreement by chance."""
        evidence = self.measured.evidence
        is_checked = evidence.judge_reviews >= MIN_REVIEWS and not evidence.is_judge_by_chance
        return self.measured.basis is Evidence.JUDGE and not is_checked

    @property
    def doubtless(self) -> tuple[Checked, ...]:
        """Gates that fail beyond doubt."""
        return tuple(checked for checked in self.measured.gates if checked.gate.beyond_doubt)

    @property
    def open_gates(self) -> tuple[Checked, ...]:
        """Gates that fail, perhaps by chance."""
        failing = (checked for checked in self.measured.gates if checked.gate.passed is False)
        return tuple(checked for checked in failing if not checked.gate.beyond_doubt)

    @property
    def held_by(self) -> Caveat | None:
        """What its mean hides, where that holds a ``switch``."""
        return next((caveat for caveat in self.caveats if caveat.holds), None)

    @property
    def not_timed(self) -> tuple[Gate, ...]:
        """Limits on waiting that a person set and that nothing was measured for: they are not kept to, nor missed."""
        gates = (checked.gate for checked in self.measured.gates if checked.gate.name.is_time)
        return tuple(gate for gate in gates if gate.limit is not None and gate.value is None)

    @property
    def is_judged(self) -> bool:
        """Whether a judge's votes decide between two answers."""
        return self.measured.evidence.endpoint is Endpoint.PAIRWISE and self.measured.basis is Evidence.JUDGE

    @property
    def without_vote(self) -> int:
        """Pairs with both answers that neither the judge nor people compared."""
        return sum(each.n for each in self.quality.excluded if each.code is ExclusionCode.NOT_JUDGED)

    @property
    def lacks_readable_votes(self) -> bool:
        """Whether nothing compared answers that are there, since the judge's replies can't be read."""
        exam = self.measured.candidate.exam or self.setting.exam
        is_unread = exam is not None and not is_readable(*exam.unread)
        return is_unread and self.without_vote > 0 and self.measured.basis in (Evidence.NONE, Evidence.JUDGE)

    @property
    def lacks_votes(self) -> bool:
        """Whether too many pairs that a judge decides have no vote."""
        return self.is_judged and self.without_vote > MOST_WITHOUT_VOTE * (self.quality.n + self.without_vote)

    @property
    def lacks_refusals(self) -> bool:
        """Whether the judge that decides read no answer for refusals."""
        return self.is_judged and any(
            checked.gate.value is None for checked in self.measured.gates if checked.gate.name in REFUSALS
        )


class Ruled(NamedTuple):
    """A verdict, what it came from, and how many answers would settle it."""

    verdict: Verdict
    cause: Cause
    n_needed: int | None = None


def costs_more(costs: Costs) -> bool:
    """Whether a candidate is known to cost more than the baseline."""
    cost, baseline = costs.usd_per_1k, costs.baseline_usd_per_1k
    return cost is not None and baseline is not None and cost > baseline


def rule(facts: Facts) -> Ruled:
    """Decide by METHOD 1.6: quality first excludes, gates may veto, what is not sure needs more data."""
    quality = facts.quality
    if facts.doubtless and not facts.lacks_readable_votes:
        return Ruled(Verdict.KEEP, Cause.GATE)
    if facts.measured.basis is Evidence.JUDGE and facts.measured.doubt is not None:
        return Ruled(Verdict.NEED_MORE_DATA, facts.measured.doubt)
    if facts.measured.basis is Evidence.NONE:
        return Ruled(Verdict.NEED_MORE_DATA, what_is_missing(facts))
    if quality.n == 0:
        return Ruled(Verdict.NEED_MORE_DATA, Cause.NOTHING_SCORED)
    for_gates = [checked.n_needed for checked in facts.open_gates if checked.n_needed is not None]
    if quality.too_few is not None:
        needed = quality.n_needed(facts.setting.confidence)
        return Ruled(Verdict.NEED_MORE_DATA, Cause.TOO_FEW, max([needed, *for_gates]) if needed is not None else None)
    if facts.measured.basis is Evidence.AGREEMENT and not facts.passes:
        still = quality.n_needed(1 - 2 * facts.level)
        needed = None if still is None else max([still, quality.n + 1, *for_gates])
        return Ruled(Verdict.NEED_MORE_DATA, Cause.DIFFERS, needed)
    assert quality.delta is not None
    assert quality.high is not None
    if quality.high < -quality.margin:
        return Ruled(Verdict.KEEP, Cause.WORSE)
    if not facts.passes and quality.delta <= -quality.margin:
        return Ruled(Verdict.NEED_MORE_DATA, Cause.PROBABLY_WORSE)
    if facts.has_no_room:
        return Ruled(Verdict.NEED_MORE_DATA, Cause.NO_ROOM)
    if not facts.passes:
        needed = quality.n_needed(1 - 2 * facts.level)
        return Ruled(Verdict.NEED_MORE_DATA, Cause.NOT_SURE, max([needed or 0, quality.n + 1, *for_gates]))
    return _good_enough(facts, for_gates)


def _good_enough(facts: Facts, for_gates: list[int]) -> Ruled:
    """What may still hold a candidate with answers that are surely good enough."""
    quality = facts.quality
    if facts.open_gates:
        return Ruled(Verdict.NEED_MORE_DATA, Cause.OPEN_GATE, max([*for_gates, quality.n + 1]) if for_gates else None)
    if facts.not_timed:
        return Ruled(Verdict.NEED_MORE_DATA, Cause.NOT_TIMED)
    if facts.are_orders_doubted:
        return Ruled(Verdict.NEED_MORE_DATA, Cause.JUDGE_NOT_PROVEN)
    if facts.held_by is not None:
        is_fall = facts.held_by.code is CaveatCode.FALLS_LATELY
        return Ruled(Verdict.NEED_MORE_DATA, Cause.FALLS_LATELY if is_fall else Cause.CLASS_NEVER_RIGHT)
    if facts.lacks_votes:
        return Ruled(Verdict.NEED_MORE_DATA, Cause.VOTES_MISSING)
    if facts.lacks_refusals:
        return Ruled(Verdict.NEED_MORE_DATA, Cause.REFUSALS_NOT_READ)
    return Ruled(Verdict.SWITCH, Cause.GOOD)


def what_is_missing(facts: Facts) -> Cause:
    """Where nothing tells how good the answers are: there are none, or nobody compared them."""
    excluded = facts.quality.excluded
    is_lost = bool(excluded) and all(each.failure is not None for each in excluded)
    return Cause.NOTHING_SCORED if is_lost else Cause.NO_EVIDENCE


def doubt_about_measure(facts: Facts, ruling: Ruled) -> Cause | None:
    """Why the measure can't tell good from bad, so that a pass wouldn't count."""
    if facts.has_no_room:
        return Cause.NO_ROOM
    return ruling.cause if ruling.cause is Cause.JUDGE_NOT_PROVEN else facts.measured.doubt
