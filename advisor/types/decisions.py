"""The decision on use cases and on a study."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from advisor.types.assessments import MIN_REVIEWS, Assessment, Money, Times
from advisor.types.codes import Cause
from advisor.types.enums import Endpoint, Evidence, Kind, Lane, Status, Verdict
from advisor.types.messages import Message


@dataclass(frozen=True, kw_only=True)
class JudgeFacts:
    """How far one judge of a run can be trusted."""

    judge: str
    judged: int
    """Votes it was asked for and gave an answer to, two for each pair."""
    unparsed: int
    """Of them those that can't be read, and are missing."""
    pairs: int
    """Pairs it judged in both orders ..."""
    flipped: int
    """... and those of them where its word turned with the order."""
    tied: int = 0
    """... and those that are ties, as Quality counts them: a tie in both orders, or a word that turned."""
    anchors: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Kind of control pair -> (pairs in which both orders named the better answer, pairs asked), over the study."""
    longer_won: float | None = None
    """How often the longer answer won, among the pairs with a winner and answers of different lengths ..."""
    longer_of: int = 0
    """... so many."""
    warnings: tuple[Message, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Exam:
    """How the judges whose votes count did on control pairs, each by itself (METHOD 1.9)."""

    judges: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    """Judges of the run that failed, and whose votes don't count."""
    prompt_version: str
    controls: dict[str, tuple[int, int]]
    """Kind of control pair -> (pairs in which both orders named the better answer, pairs asked)."""
    reviews: int = 0
    """Pairs of the study that both people and the judge compared."""
    is_by_chance: bool = False
    """Enough reviews, but they agree with the judge no more often than chance would."""
    is_tied: bool = False
    """That is because nearly all pairs are ties."""
    unread: tuple[int, int] = (0, 0)
    """Votes on pairs of the run that can't be read, of so many."""
    audits_unread: tuple[int, int] = (0, 0)
    """The same of answers that were to be read for refusals."""
    example: str = ""
    """A reply that can't be read."""

    @property
    def found(self) -> int:
        """Control pairs in which both orders named the better answer."""
        return sum(found for found, _ in self.controls.values())

    @property
    def asked(self) -> int:
        """Control pairs asked in both orders."""
        return sum(asked for _, asked in self.controls.values())


@dataclass(frozen=True, kw_only=True)
class Noise:
    """The baseline against its own second answers, on the same scale as a candidate's difference from it."""

    n: int
    delta: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class BaselineFacts:
    """What is known of the answers compared with."""

    model: str
    """What gave most of them, without a word on where they are from."""
    times: Times = field(default_factory=Times)
    noise: Noise | None = None


class ReviewNeed(NamedTuple):
    """How many pairs people have to review, and what that decides."""

    model: str
    """The candidate with these pairs."""
    made: int
    of: int
    checks: bool
    """They check the judge that a provisional move rests on; else they alone decide."""
    votes: int
    """The judge's, which don't count where they alone decide."""

    @property
    def left(self) -> int:
        """Pairs still to be reviewed."""
        return self.of - self.made


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
    baseline: str
    """What the model that gave most of the answers compared with is called."""
    baseline_facts: BaselineFacts

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
        return self.target is not None and self.target.ruling.provisional

    @property
    def judge_check(self) -> ReviewNeed | None:
        """The reviews that check the judge of a provisional move; enough of them may still not confirm it."""
        if self.target is None or not self.provisional:
            return None
        made = self.target.trust.judge_reviews
        return ReviewNeed(self.target.model, made, MIN_REVIEWS, checks=True, votes=self.target.quality.n)

    @property
    def review_need(self) -> ReviewNeed | None:
        """The reviews that decide here; None where there are enough, or reviews decide nothing."""
        if self.target is not None:
            need = self.judge_check
            return need if need and need.left > 0 else None
        waiting = [a for a in self.candidates if a.waits_for_people and a in (self.shown or a,)]
        a = max(waiting, key=lambda a: a.quality.n + a.quality.not_judged, default=None)
        if a is None or self.verdict is not Verdict.NEED_MORE_DATA:
            return None
        pairs = a.quality.n + a.quality.not_judged
        votes = 0 if a.quality.evidence is Evidence.REVIEWS else a.quality.n
        need = ReviewNeed(a.model, a.trust.reviews, min(MIN_REVIEWS, pairs), checks=False, votes=votes)
        return need if need.left > 0 else None

    @property
    def usd_a_call(self) -> float | None:
        """What one call costs today."""
        usd = self.monthly_baseline_usd
        return usd / self.monthly_calls if usd is not None and self.monthly_calls else None

    def usd_a_month(self, a: Assessment) -> float | None:
        """What a candidate would take a month for all calls: today's bill less the saving; None: not known.

        Without a bill of the log its calls are taken to cost what those of the sample do.
        """
        if self.monthly_baseline_usd is not None and a.costs.savings_usd is not None:
            return max(self.monthly_baseline_usd - a.costs.savings_usd.point, 0.0)
        usd = a.costs.usd_a_call
        return None if usd is None or self.monthly_calls is None else usd * self.monthly_calls

    def leaves(self, replaced: Mapping[str, "Replaced"]) -> str:
        """The model that it moves from: today's, or what replaces that first; ``replaced``: as a Plan has it."""
        return replaced[self.name].name if self.name in replaced else self.baseline_facts.model

    def has_cause(self, cause: Cause) -> bool:
        """Whether the verdict on a candidate came from ``cause``."""
        return any(a.ruling.reason.code == cause for a in self.candidates)


@dataclass(frozen=True, kw_only=True)
class Monthly:
    """The bill a month, projected to all of the traffic."""

    baseline_usd: float
    plan_usd: float
    savings_usd: Money


@dataclass(frozen=True, kw_only=True)
class DecidedRun:
    """The run that a decision rests on."""

    id: int
    number: int
    """Its place in its study."""
    status: Status
    baseline: str
    baseline_lane: Lane
    seed: int
    sample_size: int
    partial: bool
    """Calls are missing: the run was stopped early, ran out of budget or lost calls."""
    missing: int = 0
    """Planned calls without an answer."""
    frozen: bool = True
    """Whether it was kept what the run was planned with: else nobody knows what was fixed before the answers."""
    timed: tuple[datetime, datetime] | None = None
    """When the first and the last of the response times were measured, in whichever run. None: none was."""


@dataclass(frozen=True, kw_only=True)
class Judging:
    """Who compared answers, and how far they can be trusted."""

    judges: tuple[JudgeFacts, ...] = ()
    exam: Exam | None = None
    """None: no judge was asked."""
    reviews_wanted: int = 0
    """Pairs that people still have to review before no move is provisional; 0 also where reviews agree by chance."""
    reviewed: tuple[datetime, datetime] | None = None
    """When people judged the first and the last pair, in whichever run. None: nobody did."""


@dataclass(frozen=True, kw_only=True)
class Remarks:
    """What limits a decision, and what it was scored with."""

    noise_floor: Message
    """What calling the baseline twice showed: a WarningCode."""
    warnings: tuple[Message, ...] = ()
    """Codes are WarningCodes."""
    excluded: tuple[Message, ...] = ()
    """Why calls of the log don't count, each with its ``calls``: codes are of LeftOut."""
    versions: tuple[Message, ...] = ()
    """Which versions of rubrics, checks and the judge's prompt the scores were made with: codes are VersionCodes."""


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What a month costs."""

    monthly: Monthly | None = None
    left_out: tuple[str, ...] = ()
    """Use cases that the figures of the month leave out, since their bill or saving is unknown."""
    worth: bool | None = None
    """Whether a month can save enough to be worth a migration; None: unknown."""


class Replaced(NamedTuple):
    """What calls move to before their model is switched off, and a roll-out starts from."""

    successor: str
    """As it is asked for; empty: not known."""
    name: str
    """What they move to is called: it, or another model."""
    by: date
    """The last day for that."""
    kept: int = 0
    """Steps of a roll-out under way that begin until then, from the model that ends."""
    failed: tuple[str, ...] = ()  # on these use cases the successor failed, so that none moves to it


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """The decision on a study; stored, shown, printed: all from this one value."""

    study: str
    is_sample_study: bool
    run: DecidedRun
    created_at: datetime
    confidence: float
    use_cases: tuple[UseCaseDecision, ...]
    verdict: Verdict
    bill: Bill = Bill()
    judging: Judging = Judging()
    remarks: Remarks
    basis: str = ""
    """A mark of what it rests on, by which it is found outdated."""
    limits_given: bool = False
    """It was asked for with limits other than the study's own."""

    @property
    def monthly_calls(self) -> float | None:
        """The calls of all use cases; None where the log has no times."""
        known = [d.monthly_calls for d in self.use_cases if d.monthly_calls is not None]
        return sum(known) if known else None
