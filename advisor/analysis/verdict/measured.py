"""One candidate's evidence in numbers, before the verdict."""

from dataclasses import dataclass
from functools import cached_property

from advisor.analysis.quality.columns import Columns
from advisor.analysis.quality.evidence import CandidateEvidence, UseCaseEvidence, margin_of
from advisor.analysis.quality.outcomes import Scored, is_for_people, orders_of, score
from advisor.analysis.quality.result import QualityResult, assess_quality
from advisor.analysis.quality.same_answers import agree
from advisor.analysis.verdict.exam import doubt_about_judge, orders_agree
from advisor.analysis.verdict.gates import Checked, check_gates
from advisor.analysis.verdict.hidden import Looked, look
from advisor.types import Cause, Endpoint, Evidence, Exam
from advisor.types.assessments import MIN_REVIEWS


@dataclass(frozen=True, kw_only=True, eq=False)
class Measured:
    """A candidate's evidence in numbers; the verdict waits for the correction over all tests."""

    evidence: UseCaseEvidence
    model: str
    basis: Evidence
    """``target``, ``agreement``, ``judge``, ``reviews`` or ``none``."""
    columns: Columns
    """All pairs of the candidate."""
    quality: QualityResult
    gates: tuple[Checked, ...]
    counted: Columns
    """The pairs as they are scored: where answers should agree, by whether they do or by votes."""
    doubt: Cause | None = None
    """Why the judge's votes may not count, where there are any."""
    if_lost: QualityResult | None = None
    """The same with every pair lost on which the judge's orders differ; None: they agree often enough."""

    @property
    def candidate(self) -> CandidateEvidence:
        """What is known about it."""
        return self.evidence.candidates[self.model]

    @property
    def p(self) -> float | None:
        """The p-value that takes part in the correction; None where no test can be made."""
        return None if self.quality.too_few is not None else self.quality.p

    @property
    def asked(self) -> Columns:
        """The pairs that were asked already."""
        return self.columns.asked

    @cached_property
    def scored(self) -> Scored:
        """The pairs that count, with the scores next to reference or recorded answers."""
        if self.quality.sample and self.counted is self.columns:
            return self.quality.sample.scored
        return score(self.columns, self.evidence.endpoint)

    @cached_property
    def looked(self) -> Looked:
        """What its mean may hide."""
        return look(self.evidence, self.model, self.columns, self.counted, self.quality)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What all verdicts of one decision share."""

    baseline: str
    confidence: float
    margin: float | None = None
    """The study's own."""
    planned: int = 1
    """Use cases times candidates, which a run that stops early must know beforehand."""
    tests: int = 0
    """Over which p-values are corrected."""
    noise_differs: bool = False
    """Asked twice, the baseline differs from itself."""
    looked: int = 0
    """Tests of the run for what a mean hides."""
    rivals: int = 1
    """Candidates with evidence in the use case, each itself among them."""
    exam: Exam | None = None
    """The judges' over the run, for evidence that holds none of its own; None: they took none."""


def measure(evidence: UseCaseEvidence, model: str, columns: Columns, setting: Setting) -> Measured:
    """Score one candidate on its pairs.

    Where people compared every pair, or the judge isn't proven and people compared enough, their votes alone count.
    """
    candidate, confidence = evidence.candidates[model], setting.confidence
    basis, alpha = candidate.source, (1 - confidence) / 2
    limit = margin_of(evidence.endpoint, evidence.limits.margin, setting.margin)
    threshold = setting.planned / alpha if evidence.is_sequential else None

    def scored(pairs: Columns, basis: Evidence) -> tuple[Evidence, Columns, QualityResult]:
        if evidence.endpoint is Endpoint.AGREEMENT:
            return agree(columns, pairs, basis, limit, confidence, threshold)
        is_judged = basis is Evidence.JUDGE
        return (
            basis,
            pairs,
            assess_quality(pairs, evidence.endpoint, limit, confidence, threshold=threshold, is_judged=is_judged),
        )

    doubt = if_lost = None
    shown, counted, quality = scored(columns, basis)
    if basis is Evidence.JUDGE:
        doubt = doubt_about_judge(candidate.exam or setting.exam, candidate.agreement)
        decided, agreed = orders_of(columns)
        if decided > agreed and not orders_agree(decided, agreed):
            if_lost = scored(columns.lost_where_orders_differ(), basis)[2]
        is_led = if_lost is not None and quality.passes_at(alpha) and not if_lost.passes_at(alpha)
        is_doubted = doubt is not None or is_led
        if is_for_people(columns, is_enough=is_doubted and candidate.reviews >= MIN_REVIEWS):
            shown, counted, quality = scored(columns.by_people(), Evidence.REVIEWS)
    basis = shown
    if evidence.endpoint is not Endpoint.AGREEMENT:
        columns = counted
    if basis is Evidence.NONE:
        quality = QualityResult(n=0, margin=limit, excluded=quality.excluded)
    gates = check_gates(columns, evidence, model, confidence)
    return Measured(
        evidence=evidence,
        model=model,
        basis=basis,
        columns=columns,
        quality=quality,
        gates=gates,
        counted=counted,
        doubt=doubt,
        if_lost=if_lost,
    )
