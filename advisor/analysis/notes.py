"""What a reader should know beside a verdict, one sentence each."""

import math
from functools import partial

import numpy as np

from advisor.analysis.clusters import SHARED, Groups
from advisor.analysis.columns import CODE_OF, Columns
from advisor.analysis.difference import PPI
from advisor.analysis.evidence import UseCaseEvidence
from advisor.analysis.judging import MIN_REVIEWS
from advisor.analysis.latency import Quantiles
from advisor.analysis.quality import Quality
from advisor.analysis.repeats import FEW_DISTINCT, Repeats
from advisor.analysis.samplesize import never_different
from advisor.analysis.wording import count, listing, percent
from advisor.types import Endpoint, Evidence, FailureKind, Kind, Model, Verdict


def notes_on(
    evidence: UseCaseEvidence, name: str, model: Model | None, quality: Quality, pairs: Columns, latency: Quantiles
) -> tuple[str, ...]:
    """What limits the evidence on one candidate; ``pairs`` are those that were asked."""
    fails = partial(np.isin, pairs.candidate.failure)
    probe = model.probe if model is not None else None
    lacks = probe.cannot(needs_tools=evidence.kind is Kind.TOOL_USE) if probe is not None else ()
    facts = (
        (model is not None and model.illustrative, "Its answers are written for the sample study, not generated."),
        (
            evidence.evidence.get(name) == Evidence.JUDGE and evidence.judge_reviews < MIN_REVIEWS,
            f"People haven't checked the judge yet ({evidence.judge_reviews} of {MIN_REVIEWS} reviews).",
        ),
        (
            evidence.later_turns,
            "Later turns were asked with the recorded conversation before them, so nothing is known about whole "
            "conversations.",
        ),
        (
            bool(evidence.billed),
            _billed_words(evidence) if evidence.billed else "",
        ),
        (
            quality.method.startswith(PPI),
            f"The judge's votes are corrected by {quality.corrected_by} human reviews.",
        ),
        (
            quality.not_corrected_by > 0,
            "The run may stop early, which the correction by reviews does not allow for: the "
            f"{quality.not_corrected_by} human reviews did not correct the judge's votes.",
        ),
        (
            quality.groups is not None,
            _groups_words(quality.groups, quality.effective_n) if quality.groups else "",
        ),
        (latency.n > 0 and not latency.p95_supported, "Fewer than 59 timed answers: the p95 is not sure."),
        (latency.n == 0 and len(pairs) > 0, "Its response times were not measured."),
        (
            len(pairs) > 0 and bool(np.isnan(pairs.candidate.cost_usd).all()),
            "Its cost is unknown: it has no price, or no answer reported tokens.",
        ),
        (
            bool(fails(CODE_OF[FailureKind.CONTEXT_OVERFLOW]).any()),
            "Some prompts do not fit its context window.",
        ),
        (
            bool(fails(CODE_OF[FailureKind.UNSUPPORTED]).any()),
            "Some prompts hold images or need tools, which it does not take.",
        ),
        (bool(lacks), f"It cannot {' or '.join(lacks)}."),
    )
    return tuple(words for holds, words in facts if holds)


def on_repeats(repeats: Repeats, endpoint: Endpoint, verdict: Verdict, baseline: str) -> tuple[str, ...]:
    """The requests that hold much of the traffic with their results, and that few prompts are no more than those."""
    told = []
    for one in repeats.most:
        own = f"win rate {percent(one.score)}"
        if endpoint is not Endpoint.PAIRWISE:
            own = f"score {percent(one.score)}, {baseline} {percent(one.baseline_score)}"
        share = f"{percent(one.draws / one.of)} of the samples ({one.draws:,})"
        told.append(f"{share} are one request, \u201c{one.prompt}\u201d: {own}.")
    if verdict is not Verdict.NEED_MORE_DATA and repeats.distinct is not None and repeats.distinct < FEW_DISTINCT:
        told.append(f"Only {count(repeats.distinct, 'distinct request')}: this verdict holds for these prompts only.")
    return tuple(told)


def few_independent(quality: Quality, confidence: float) -> str:
    """That answers that go together are too few for any test, where they are; begins with a space."""
    least = math.ceil(never_different(quality.within * quality.scale, confidence) - 1e-9)
    if quality.groups is None or quality.effective_n >= least:
        return ""
    size = f"{round(quality.effective_n):,} of {count(quality.n, 'answer')}"
    return f" Effective sample size: {size}. This limit needs at least {least}, even for equal models."


def _billed_words(evidence: UseCaseEvidence) -> str:
    return (
        f"Its answers are compared with those of {evidence.baseline}, asked anew; today's bill is of the calls in the "
        f"log, which {listing(evidence.billed)} answered."
    )


def _groups_words(groups: Groups, worth: float) -> str:
    shared = SHARED[groups.of]
    if groups.are_apart and groups.number == 1:
        return f"All answers share {shared}; the range allows for that."
    if groups.are_apart:
        return f"The answers come from {groups.number:,} {groups.of}; the range allows for that."
    alone = f"{round(worth):,} that {'shares' if round(worth) == 1 else 'share'} nothing"
    return f"Answers share {shared} with others, so that they count for {alone}; the range allows for that."
