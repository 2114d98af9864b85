"""What a reader should know beside a verdict."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from advisor.analysis.columns import CODE_OF, Columns
from advisor.analysis.evidence import UseCaseEvidence
from advisor.analysis.judging import MIN_REVIEWS
from advisor.analysis.latency import Quantiles
from advisor.analysis.quality import Quality
from advisor.analysis.repeats import FEW_DISTINCT, Repeats
from advisor.types import Endpoint, Evidence, FailureKind, Kind, Message, Method, Model, NoteCode, Verdict


def notes_on(
    evidence: UseCaseEvidence, name: str, model: Model | None, quality: Quality, pairs: Columns, latency: Quantiles
) -> Iterator[Message]:
    """What limits the evidence on one candidate; ``pairs`` are those that were asked."""
    if model is not None and model.illustrative:
        yield Message.of(NoteCode.ILLUSTRATIVE)
    if evidence.candidates[name].source is Evidence.JUDGE and evidence.judge_reviews < MIN_REVIEWS:
        yield Message.of(NoteCode.JUDGE_NOT_REVIEWED, reviews=evidence.judge_reviews, least=MIN_REVIEWS)
    if evidence.log.later_turns:
        yield Message.of(NoteCode.LATER_TURNS)
    if evidence.log.billed:
        yield Message.of(NoteCode.BILLED, baseline=evidence.baseline, models=list(evidence.log.billed))
    if quality.method is Method.PPI:
        yield Message.of(NoteCode.CORRECTED, reviews=quality.corrected_by)
    if quality.not_corrected_by > 0:
        yield Message.of(NoteCode.NOT_CORRECTED, reviews=quality.not_corrected_by)
    if quality.groups is not None:
        number = quality.groups.number if quality.groups.are_apart else None
        yield Message.of(
            NoteCode.GROUPED, of=quality.groups.of.value, number=number, n=quality.n, effective=quality.effective_n
        )
    yield from _on_calls(pairs, latency)
    lacks = (
        () if model is None or model.probe is None else model.probe.cannot(needs_tools=evidence.kind is Kind.TOOL_USE)
    )
    if lacks:
        yield Message.of(NoteCode.LACKS, what=list(lacks))


def _on_calls(pairs: Columns, latency: Quantiles) -> Iterator[Message]:
    fails = partial(np.isin, pairs.candidate.failure)
    if latency.n > 0 and not latency.p95_supported:
        yield Message.of(NoteCode.P95_NOT_SURE, n=latency.n)
    if latency.n == 0 and len(pairs) > 0:
        yield Message.of(NoteCode.NOT_TIMED)
    if len(pairs) > 0 and np.isnan(pairs.candidate.cost_usd).all():
        yield Message.of(NoteCode.NO_COST)
    if fails(CODE_OF[FailureKind.CONTEXT_OVERFLOW]).any():
        yield Message.of(NoteCode.PROMPT_TOO_LONG)
    if fails(CODE_OF[FailureKind.UNSUPPORTED]).any():
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
