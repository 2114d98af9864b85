"""One candidate in one use case: the verdict with all that a reader needs next to it."""

from dataclasses import replace

from advisor.analysis.latency import times_of
from advisor.analysis.money.cost import range_of
from advisor.analysis.quality.columns import Columns, known
from advisor.analysis.quality.once import once
from advisor.analysis.quality.outcomes import turned_of
from advisor.analysis.statistics.agreement import similar_length
from advisor.analysis.verdict.candidate_cost import monthly_draws, per_1k_successes
from advisor.analysis.verdict.explain import reason, why_not
from advisor.analysis.verdict.measured import Measured, Setting
from advisor.analysis.verdict.notes import Repeats, notes_on, on_repeats, repeats_of
from advisor.analysis.verdict.rule import Facts, rule
from advisor.types import (
    Assessment,
    Difference,
    Endpoint,
    Evidence,
    ExclusionCode,
    Model,
    Money,
    Quality,
    Ruling,
    Times,
    Trust,
    Verdict,
)


def assess(
    measured: Measured,
    model: Model | None,
    setting: Setting,
    *,
    p_holm: float | None,
    seed: int,
    strength: float | None = None,
) -> Assessment:
    """The verdict with all that a reader needs beside it; ``strength`` is what models are ranked by."""
    evidence, quality, name, asked = measured.evidence, measured.quality, measured.model, measured.asked
    candidate = measured.candidate
    caveats = measured.looked.shown(setting.looked)
    facts = Facts(measured=measured, setting=setting, p_holm=p_holm, caveats=caveats)
    ruled = rule(facts)
    turned, both_orders = turned_of(measured.columns) if candidate.source is Evidence.JUDGE else (0, 0)
    times = _times(asked)
    similar, similar_n = _similar_length(measured)
    repeats = repeats_of(quality.sample.scored, evidence) if quality.sample else Repeats()
    return Assessment(
        model=name,
        illustrative=model is not None and model.illustrative,
        licence=model.licence if model else None,
        quality=Quality(
            endpoint=evidence.endpoint,
            evidence=measured.basis,
            n=quality.n,
            excluded=quality.excluded,
            score=quality.score,
            baseline_score=quality.baseline_score,
            wins=quality.counts.wins,
            ties=quality.counts.ties,
            losses=quality.counts.losses,
            same_texts=_same_texts(measured) if quality.counts.wins is not None else 0,
            distinct_requests=repeats.distinct,
            repeated_requests=repeats.most,
            strength=strength,
        ),
        difference=Difference(
            margin=quality.margin,
            delta=quality.delta,
            ci_low=quality.low,
            ci_high=quality.high,
            bound=None if p_holm is None else facts.low,
            better_by=None if p_holm is None else facts.better_by,
            p_value=quality.p,
            p_holm=p_holm,
            method=quality.sample.tested.method if quality.sample else None,
            is_clustered=quality.sample is not None and quality.sample.groups is not None,
        ),
        times=times,
        costs=replace(
            facts.costs,
            usd_per_1k_successes=None
            if measured.basis is Evidence.NONE
            else per_1k_successes(measured.scored, evidence),
            savings_usd=_savings(measured, setting.confidence, seed),
        ),
        trust=Trust(
            reviews=candidate.reviews,
            judge_reviews=evidence.judge_reviews if measured.basis is Evidence.JUDGE else 0,
            written_reviews=candidate.written_reviews,
            judge_flip_rate=turned / both_orders if both_orders else None,
            orders_decided=facts.orders[0],
            orders_agreed=facts.orders[1],
            similar_length_score=similar,
            similar_length_n=similar_n,
        ),
        ruling=Ruling(
            verdict=ruled.verdict,
            reason=reason(facts, ruled),
            provisional=ruled.verdict is Verdict.SWITCH and facts.provisional,
            n_needed=ruled.n_needed,
            why_not=why_not(facts, ruled),
        ),
        gates=tuple(checked.gate for checked in measured.gates),
        caveats=caveats,
        notes=(
            *on_repeats(repeats, evidence.endpoint, ruled.verdict, setting.baseline),
            *notes_on(measured, model, times.answered),
        ),
    )


@once
def _times(asked: Columns) -> Times:
    return times_of(
        known(asked.candidate.call.latency_s),
        known(asked.candidate.call.ttft_s),
        int(asked.candidate.failed.sum()) / len(asked) if len(asked) else None,
    )


def _savings(measured: Measured, confidence: float, seed: int) -> Money | None:
    drawn = monthly_draws(measured.evidence, measured.asked, seed)
    return None if drawn is None else range_of(*drawn, confidence)


def _same_texts(measured: Measured) -> int:
    left_out = sum(each.n for each in measured.quality.excluded if each.code is ExclusionCode.EQUAL)
    return min(max(measured.candidate.same_texts - left_out, 0), measured.quality.n)


def _similar_length(measured: Measured) -> tuple[float | None, int]:
    """The win rate among answers of about the same length, and how many they are."""
    if measured.evidence.endpoint is not Endpoint.PAIRWISE or measured.basis is Evidence.NONE:
        return None, 0
    pairs, candidate = measured.scored[:2]
    return similar_length(candidate, pairs.candidate.length, pairs.baseline.length)
