"""What a decision says of use cases and candidates."""

from dataclasses import dataclass
from datetime import datetime

from advisor.types.caveats import Caveat
from advisor.types.codes import Cause, ExclusionCode, Method
from advisor.types.judges import Exam, JudgeFacts
from advisor.types.messages import Message
from advisor.types.words import Endpoint, Evidence, FailureKind, GateName, Kind, Lane, Status, Verdict


@dataclass(frozen=True, kw_only=True)
class Money:
    """A range of dollars."""

    low: float
    point: float
    high: float


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
    """Answers or calls of the candidate that it was measured on; None: the decision was stored before this was kept."""


@dataclass(frozen=True, kw_only=True)
class Noise:
    """The baseline against its own second answers, on the same scale as a candidate's difference from it."""

    n: int
    delta: float
    low: float
    high: float


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
class Assessment:
    """One candidate in one use case: evidence and verdict. Rates and scores are fractions."""

    model: str
    illustrative: bool = False
    licence: str | None = None
    endpoint: Endpoint
    evidence: Evidence
    n: int
    answered: int
    excluded: tuple[Exclusion, ...] = ()
    score: float | None = None
    baseline_score: float | None = None
    delta: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    bound: float | None = None
    """The lower end after the correction over all tests: above ``-margin`` exactly where the corrected test passes.
    None: no test could be made, or the decision was stored before this was kept."""
    better_by: float | None = None
    """What a sentence may call "at least x better", which allows for the best of several candidates looking better than
    it is; where it isn't better, ``bound``."""
    margin: float
    p_value: float | None = None
    """One-sided, of non-inferiority."""
    p_holm: float | None = None
    verdict: Verdict
    reason: Message
    """What the verdict came from; the code is a Cause."""
    provisional: bool = False
    """A switch by a judge with too few human reviews so far."""
    n_needed: int | None = None
    wins: int | None = None
    ties: int | None = None
    losses: int | None = None
    gates: tuple[Gate, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    """Three at most, those that hold a ``switch`` first."""
    cost_usd_per_1k: float | None = None
    baseline_cost_usd_per_1k: float | None = None
    cost_usd_per_1k_successes: float | None = None
    ttft_p50_s: float | None = None
    ttft_p95_s: float | None = None
    latency_p50_s: float | None = None
    latency_p95_s: float | None = None
    error_rate: float | None = None
    savings_usd: Money | None = None
    """A month, if this use case moved to this candidate."""
    notes: tuple[Message, ...] = ()
    """The codes are of NoteCode."""
    why_not: tuple[Message, ...] = ()
    """What stands between this candidate and a switch; empty where it may take over. The codes are of Obstacle."""
    method: Method | None = None
    """How range and p were found; None without evidence."""
    is_clustered: bool = False
    """What hangs together counted together in it."""
    reviews: int = 0
    """Pairs of the random subset that people judged."""
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
    distinct_requests: int | None = None
    """Among the samples that count; None: none does, or the decision was stored before this was kept."""
    repeated_requests: tuple[RepeatedRequest, ...] = ()
    """Requests that hold over a fifth of the samples that count, the most frequent first."""
    strength: float | None = None
    """Log odds of a win against the baseline, which is 0 (Bradley-Terry); None unless two or more are compared so."""

    @property
    def not_judged(self) -> int:
        """Pairs with both answers that neither a judge nor people compared."""
        return sum(each.n for each in self.excluded if each.code is ExclusionCode.NOT_JUDGED)

    @property
    def low(self) -> float | None:
        """The lower end that is shown, which agrees with the verdict."""
        return self.ci_low if self.bound is None else self.bound


@dataclass(frozen=True, kw_only=True)
class UseCaseDecision:
    """The decision for one use case."""

    name: str
    kind: Kind
    endpoint: Endpoint
    samples: int
    """In the log, replayable or not."""
    monthly_calls: float | None
    monthly_baseline_usd: float | None
    candidates: tuple[Assessment, ...]
    verdict: Verdict
    chosen: str | None
    """The candidate to move to: the cheapest that passes."""
    reported: str | None = None
    """The candidate whose verdict this is: the chosen one, else the best one measured; None: none was measured."""
    baseline: str = ""
    """The model that gave most of the answers compared with; empty: the decision was stored before this was told."""
    baseline_latency_p50_s: float | None = None
    baseline_latency_p95_s: float | None = None
    baseline_ttft_p50_s: float | None = None
    baseline_answered: int = 0
    noise: Noise | None = None

    @property
    def target(self) -> Assessment | None:
        """The candidate to move to."""
        return next((a for a in self.candidates if a.model == self.chosen), None)

    @property
    def shown(self) -> Assessment | None:
        """The candidate whose evidence stands beside the verdict."""
        return next((a for a in self.candidates if a.model == (self.chosen or self.reported)), None)

    @property
    def provisional(self) -> bool:
        """The move rests on a judge that people have hardly checked yet."""
        return self.target is not None and self.target.provisional

    @property
    def waits_for_judge(self) -> bool:
        """A candidate is on hold until a better judge or people have compared its answers."""
        return any(candidate.reason.code == Cause.JUDGE_NOT_PROVEN for candidate in self.candidates)


@dataclass(frozen=True, kw_only=True)
class Monthly:
    """The bill a month, projected to all of the traffic."""

    baseline_usd: float
    plan_usd: float
    savings_usd: Money


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """The decision on a study; stored, shown, printed: all from this one value."""

    study: str
    run: int
    """Its id."""
    created_at: datetime
    baseline: str
    baseline_lane: Lane
    confidence: float
    seed: int
    sample_size: int
    use_cases: tuple[UseCaseDecision, ...]
    monthly: Monthly | None
    left_out: tuple[str, ...] = ()
    """Use cases that the figures of the month leave out, since their bill or saving is unknown."""
    worth: bool | None = None
    """Whether a month can save enough to be worth a migration; None: unknown."""
    verdict: Verdict
    status: Status
    partial: bool
    """Calls are missing: the run was stopped early, ran out of budget or lost calls."""
    missing: int = 0
    """Planned calls without an answer."""
    is_sample_study: bool
    noise_floor: Message
    """What calling the baseline twice showed: a WarningCode."""
    warnings: tuple[Message, ...] = ()
    """Codes are WarningCodes."""
    excluded: tuple[Message, ...] = ()
    """Why calls of the log don't count, each with its ``calls``: codes are of LeftOut."""
    judges: tuple[JudgeFacts, ...] = ()
    exam: Exam | None = None
    """None: no judge was asked, or the decision was stored before this was kept."""
    reviews_wanted: int = 0
    """Pairs that people still have to review before the judge's votes suffice for a move."""
    versions: tuple[Message, ...] = ()
    """Which versions of rubrics, checks and the judge's prompt the scores were made with: codes are VersionCodes."""
    frozen: bool | None = None
    """Whether it was kept what the run was planned with: else nobody knows what was fixed before the answers. None: the
    decision was stored before this was told."""
    run_number: int | None = None
    """The run's place in its study; None: the decision was stored before this was kept."""
    basis: str = ""
    """A mark of what it rests on, by which it is found outdated; empty: it was stored before this was kept."""
    limits_given: bool = False
    """It was asked for with limits other than the study's own."""
    timed: tuple[datetime, datetime] | None = None
    """When the first and the last of the response times were measured, in whichever run. None: none was."""
    reviewed: tuple[datetime, datetime] | None = None
    """When people judged the first and the last pair, in whichever run. None: nobody did."""
