"""What is found about one candidate in one use case."""

from dataclasses import dataclass
from datetime import datetime

from advisor.types.codes import Cause, ExclusionCode, JudgeState, Method
from advisor.types.enums import CaveatCode, Endpoint, Evidence, FailureKind, GateName, Verdict
from advisor.types.messages import Message


@dataclass(frozen=True, kw_only=True)
class Money:
    """A range of dollars."""

    low: float
    point: float
    high: float

    def times(self, factor: float) -> "Money":
        """So many times each end."""
        return Money(low=self.low * factor, point=self.point * factor, high=self.high * factor)

    def plus(self, usd: float) -> "Money":
        """So many dollars more at each end."""
        return Money(low=self.low + usd, point=self.point + usd, high=self.high + usd)

    def taken_from(self, usd: float) -> "Money":
        """What is left of an amount."""
        return Money(low=usd - self.high, point=usd - self.point, high=usd - self.low)


@dataclass(frozen=True, kw_only=True)
class BillPoint:
    """The bills a month at one volume. None: not known."""

    calls: float
    copies: int
    """Of the model on GPUs of one's own."""
    own: Money
    hosted: Money | None
    closed_usd: float | None


@dataclass(frozen=True, kw_only=True)
class Exclusion:
    """Pairs that do not count, and why."""

    code: ExclusionCode
    n: int
    failure: FailureKind | None = None
    """Why their calls failed."""


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A condition that must hold besides quality."""

    name: GateName
    value: float | None
    """None: no evidence."""
    limit: float | None
    """None: shown, not gated."""
    passed: bool | None
    """None: not known or not gated."""
    beyond_doubt: bool = False
    """It fails even at the favourable end of its interval."""
    detail: Message | None = None
    """What it was seen on; the code is a DetailCode."""
    n: int | None = None
    """Answers or calls of the candidate that it was measured on; None: on none."""


@dataclass(frozen=True, kw_only=True)
class RepeatedRequest:
    """One request that holds much of a use case's traffic, with its own result."""

    prompt: str
    """How it begins."""
    draws: int
    of: int
    """Draws of all requests."""
    score: float
    """The candidate's on this request; pairwise: its win rate."""
    baseline_score: float


@dataclass(frozen=True, kw_only=True)
class Quality:
    """What a candidate's answers are measured by and on. Rates and scores are fractions."""

    endpoint: Endpoint
    evidence: Evidence
    n: int
    excluded: tuple[Exclusion, ...] = ()
    score: float | None = None
    baseline_score: float | None = None
    wins: int | None = None
    ties: int | None = None
    losses: int | None = None
    same_texts: int = 0
    """Of the comparisons those of two answers with the same text."""
    distinct_requests: int | None = None
    """Among the samples that count; None: none does."""
    repeated_requests: tuple[RepeatedRequest, ...] = ()
    """Requests that hold over a fifth of the samples that count, the most frequent first."""
    strength: float | None = None
    """Log odds of a win against the baseline, which is 0 (Bradley-Terry); None unless two or more are compared so."""

    @property
    def not_judged(self) -> int:
        """Pairs with both answers that neither a judge nor people compared."""
        return sum(each.n for each in self.excluded if each.code is ExclusionCode.NOT_JUDGED)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The candidate's score less the baseline's, as a fraction."""

    margin: float
    delta: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    bound: float | None = None
    """The lower end after the correction over all tests: above ``-margin`` exactly where the corrected test passes.
    None: no test could be made."""
    better_by: float | None = None
    """What a sentence may call "at least x better", which allows for the best of several candidates looking better than
    it is; where it isn't better, ``bound``."""
    p_value: float | None = None
    """One-sided, of non-inferiority."""
    p_holm: float | None = None
    method: Method | None = None
    """How range and p were found; None without evidence."""
    is_clustered: bool = False
    """What hangs together counted together in it."""

    @property
    def low(self) -> float | None:
        """The lower end that is shown, which agrees with the verdict."""
        return self.ci_low if self.bound is None else self.bound


MIN_REVIEWS = 30
"""Pairs judged by people from which on they check a judge, or decide where it isn't proven (METHOD 1.9)."""
MIN_N_P95 = 59
"""A distribution-free 95 % bound of the 95th percentile needs this many calls: 0.95^59 < 0.05."""


@dataclass(frozen=True, kw_only=True)
class Times:
    """What users wait for, and how often in vain."""

    answered: int = 0
    """Timed answers."""
    ttft_p50_s: float | None = None
    ttft_p95_s: float | None = None
    latency_p50_s: float | None = None
    latency_p95_s: float | None = None
    error_rate: float | None = None
    """Of a candidate: calls without an answer."""


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What a candidate costs next to the baseline."""

    usd_per_1k: float | None = None
    baseline_usd_per_1k: float | None = None
    usd_per_1k_successes: float | None = None
    savings_usd: Money | None = None
    """A month, if this use case moved to this candidate."""

    @property
    def usd_a_call(self) -> float | None:
        """Of the candidate."""
        return None if self.usd_per_1k is None else self.usd_per_1k / 1000


@dataclass(frozen=True, kw_only=True)
class Trust:
    """How far the votes on a candidate can be trusted."""

    reviews: int = 0
    """Pairs of the random subset that people judged: neither those of equal answers nor repeats of one."""
    judge_reviews: int = 0
    """Where a judge decides: the same of all use cases that it decides, as together they check it."""
    written_reviews: int = 0
    """Of them those whose reviews were written for the sample study."""
    judge_flip_rate: float | None = None
    """How often a judge's vote turned with the order of the answers."""
    orders_decided: int = 0
    """Pairs in which at least one order of the judge's votes names a winner ..."""
    orders_agreed: int = 0
    """... and those of them in which both name the same one."""
    similar_length_score: float | None = None
    """The win rate among answers of about the same length; None where the measure is another or there is none."""
    similar_length_n: int = 0


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """A verdict and what it came from."""

    verdict: Verdict
    reason: Message
    """The code is a Cause."""
    provisional: bool = False
    """A switch by a judge with too few human reviews so far."""
    n_needed: int | None = None
    why_not: tuple[Message, ...] = ()
    """What stands between this candidate and a switch; empty where it may take over. The codes are of Obstacle."""


@dataclass(frozen=True, kw_only=True)
class Caveat:
    """What the mean of a candidate hides, and the numbers it rests on. Rates, scores and p are fractions."""

    code: CaveatCode
    n: int
    """Samples that it speaks of: of the class or field, since ``at``, or all that could be looked at."""
    value: float
    """The candidate's score or rate on them; of P95_FAR seconds."""
    baseline_value: float
    """The baseline's; where answers are copied and only recorded ones are compared with, the log's own rate."""
    p: float
    """One-sided."""
    where: str = ""
    """The class or the field."""
    at: datetime | None = None
    """Since when; None where the log has no times, and its order is that of its rows."""
    before: float | None = None
    """The difference from the baseline before that."""

    @property
    def holds(self) -> bool:
        """Whether it holds a ``switch``."""
        return self.code.holds


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """One candidate in one use case: evidence and verdict."""

    model: str
    illustrative: bool = False
    licence: str | None = None
    quality: Quality
    difference: Difference
    times: Times = Times()
    costs: Costs = Costs()
    trust: Trust = Trust()
    ruling: Ruling
    gates: tuple[Gate, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    """Three at most, those that hold a ``switch`` first."""
    notes: tuple[Message, ...] = ()
    """The codes are of NoteCode."""

    @property
    def counts(self) -> bool:
        """Whether what its difference rests on was found fit to judge."""
        return self.ruling.reason.code not in (Cause.JUDGE_NOT_PROVEN, Cause.JUDGE_CONTRADICTED)

    @property
    def waits_for_people(self) -> bool:
        """Whether people's reviews may decide what is open: no judge compared the answers, or none that is trusted."""
        if self.ruling.verdict is not Verdict.NEED_MORE_DATA:
            return False
        too_few = self.trust.reviews < MIN_REVIEWS and self.quality.not_judged > 0
        return self.ruling.reason.code in _FOR_PEOPLE or (self.quality.evidence == Evidence.REVIEWS and too_few)


_FOR_PEOPLE = (Cause.NO_EVIDENCE, Cause.JUDGE_NOT_PROVEN, Cause.JUDGE_CONTRADICTED)


@dataclass(frozen=True, kw_only=True)
class SoFar:
    """What a run at work knows of a candidate in a use case. Differences are fractions, as in ``Difference``."""

    use_case: str
    model: str
    n: int = 0
    """Pairs that count by now."""
    margin: float
    delta: float | None = None
    """None: no pair counts yet."""
    interval: tuple[float, float] | None = None
    """By betting, at the level that each test of the run has; None where samples go together."""
    verdict: Verdict | None = None
    """What holds however the run goes on; None while it is open."""
    judge: JudgeState | None = None
    """How it is with the judge so far, where its votes decide."""

    @property
    def leans(self) -> Verdict | None:
        """On which side of the accepted drop the interval lies, though other checks may be left; None: on both."""
        low, high = self.interval or (-1.0, 1.0)
        return Verdict.SWITCH if low > -self.margin else Verdict.KEEP if high < -self.margin else None
