"""What a reader should know next to a verdict, and the requests that carry it (METHOD 1.1)."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from advisor.analysis.quality.columns import CODE_OF, Columns
from advisor.analysis.quality.evidence import UseCaseEvidence
from advisor.analysis.quality.outcomes import Scored
from advisor.analysis.verdict.measured import Measured
from advisor.types import (
    Endpoint,
    Evidence,
    FailureKind,
    Kind,
    Message,
    Method,
    Model,
    NoteCode,
    Verdict,
)
from advisor.types.assessments import MIN_N_P95, MIN_REVIEWS, RepeatedRequest

MOST = 0.2
"""Share of the draws beyond which a request is named with its own result."""
FEW_DISTINCT = 30
"""Distinct requests below which a verdict speaks for these prompts only."""


class Repeats(NamedTuple):
    """What is told of the requests behind a result."""

    distinct: int | None = None
    """Requests among the pairs that count; None: there are none."""
    most: tuple[RepeatedRequest, ...] = ()
    """Those that hold more than MOST of the pairs, the most frequent first."""


def repeats_of(scored: Scored, evidence: UseCaseEvidence) -> Repeats:
    """The requests of the pairs that count."""
    pairs, candidate, baseline, *_ = scored
    n = len(pairs)
    counts = np.bincount(pairs.logged.request)
    held = np.flatnonzero(counts > max(MOST * n, 1))
    most = []
    for code in held[np.argsort(-counts[held], kind="stable")]:
        draws = np.flatnonzero(pairs.logged.request == code)
        repeated = RepeatedRequest(
            prompt=evidence.log.prompts.get(int(pairs.sample_id[draws[0]]), ""),
            draws=len(draws),
            of=n,
            score=float(candidate[draws].mean()),
            baseline_score=float(baseline[draws].mean()),
        )
        most.append(repeated)
    return Repeats(int(np.count_nonzero(counts)), tuple(most))


def notes_on(measured: Measured, model: Model | None, timed: int) -> Iterator[Message]:
    """What limits the evidence on one candidate."""
    evidence, quality = measured.evidence, measured.quality
    sample = quality.sample
    if model is not None and model.illustrative:
        yield Message.of(NoteCode.ILLUSTRATIVE)
    if measured.candidate.source is Evidence.JUDGE and evidence.judge_reviews < MIN_REVIEWS:
        yield Message.of(NoteCode.JUDGE_NOT_REVIEWED, reviews=evidence.judge_reviews, least=MIN_REVIEWS)
    elif measured.candidate.source is Evidence.JUDGE and evidence.is_judge_by_chance:
        yield Message.of(NoteCode.JUDGE_NOT_CONFIRMED, reviews=evidence.judge_reviews)
    if evidence.log.later_turns:
        yield Message.of(NoteCode.LATER_TURNS)
    if evidence.log.billed:
        yield Message.of(NoteCode.BILLED, baseline=evidence.baseline, models=list(evidence.log.billed))
    if sample and sample.reviews:
        is_corrected = sample.tested.method is Method.PPI
        yield Message.of(
            NoteCode.CORRECTED if is_corrected else NoteCode.NOT_CORRECTED, reviews=measured.candidate.reviews
        )
    if sample and (groups := sample.groups):
        number = groups.number if groups.are_apart else None
        yield Message.of(NoteCode.GROUPED, of=groups.of.value, number=number, n=quality.n, effective=sample.n)
    yield from _on_calls(measured.asked, timed)
    probe = model.probe if model else None
    if probe and (lacks := probe.cannot(needs_tools=evidence.kind is Kind.TOOL_USE)):
        yield Message.of(NoteCode.LACKS, what=list(lacks))


def _on_calls(pairs: Columns, timed: int) -> Iterator[Message]:
    failure = pairs.candidate.call.failure
    if 0 < timed < MIN_N_P95:
        yield Message.of(NoteCode.P95_NOT_SURE, n=timed)
    if timed == 0 and len(pairs) > 0:
        yield Message.of(NoteCode.NOT_TIMED)
    if len(pairs) > 0 and np.isnan(pairs.candidate.call.cost_usd).all():
        yield Message.of(NoteCode.NO_COST)
    if (failure == CODE_OF[FailureKind.CONTEXT_OVERFLOW]).any():
        yield Message.of(NoteCode.PROMPT_TOO_LONG)
    if (failure == CODE_OF[FailureKind.UNSUPPORTED]).any():
        yield Message.of(NoteCode.UNSUPPORTED)


def on_repeats(repeats: Repeats, endpoint: Endpoint, verdict: Verdict, baseline: str) -> Iterator[Message]:
    """The requests that hold much of the traffic with their results, and that few prompts are no more than those."""
    for one in repeats.most:
        theirs = None if endpoint is Endpoint.PAIRWISE else one.baseline_score
        yield Message.of(
            NoteCode.REPEATED_REQUEST,
            prompt=one.prompt,
            draws=one.draws,
            of=one.of,
            score=one.score,
            baseline=baseline,
            baseline_score=theirs,
        )
    if verdict is not Verdict.NEED_MORE_DATA and repeats.distinct is not None and repeats.distinct < FEW_DISTINCT:
        yield Message.of(NoteCode.FEW_DISTINCT, requests=repeats.distinct)
