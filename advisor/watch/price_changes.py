"""Whether today's prices would decide a study otherwise: its tokens, priced again, and the same evidence once more.

The decision is made twice in memory, at the stored costs and at those of today, so that nothing but the prices can make
the difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from advisor.analysis.evidence import Pair, Side, UseCaseEvidence
from advisor.catalog.dated_prices import dated_list
from advisor.decide.decisions import recommend_run
from advisor.decide.evidence import gather_evidence
from advisor.judge.run_facts import RunFacts
from advisor.store import Store
from advisor.types import Lane, Money, PriceSource, Run, Study, UseCaseDecision
from advisor.watch.price_moves import Priced, PriceMove, find_moves, follow_moves

Moves = Mapping[PriceMove, tuple[Priced, ...]]


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A use case decided at both prices."""

    before: UseCaseDecision
    """At the stored prices."""
    now: UseCaseDecision

    @property
    def is_other(self) -> bool:
        """Whether the two differ in verdict or candidate."""
        return (self.before.verdict, self.before.chosen) != (self.now.verdict, self.now.chosen)


@dataclass(frozen=True, kw_only=True)
class PriceWatch:
    """What today's prices change."""

    prices: PriceSource
    """The list that was asked."""
    moves: tuple[PriceMove, ...] = ()
    turns: tuple[Turn, ...] = ()
    savings_before: Money | None = None
    """A month; None where it is not known, or no price moved."""
    savings_now: Money | None = None


def look_at_prices(store: Store, study: Study, run: Run, now: datetime) -> PriceWatch:
    """Which models cost other than they did, by some calls of each, without deciding again: quick."""
    return PriceWatch(prices=dated_list(), moves=find_moves(store, study, run, now))


def watch_prices(store: Store, study: Study, run: Run, now: datetime) -> PriceWatch:
    """Price the calls of a run at ``now`` (aware) and decide again where that makes a difference."""
    moves = follow_moves(store, study, run, now)
    if not moves:
        return PriceWatch(prices=dated_list())
    facts = RunFacts(store, study, run)
    evidence = gather_evidence(facts)
    before, after = (
        recommend_run(store, facts, some, margin=study.margin, confidence=study.confidence, at=now)
        for some in (evidence, [_at_new_prices(item, moves, is_given=bool(facts.given)) for item in evidence])
    )
    turns = (Turn(before=old, now=new) for old, new in zip(before.use_cases, after.use_cases, strict=True))
    return PriceWatch(
        prices=dated_list(),
        moves=tuple(moves),
        turns=tuple(turn for turn in turns if turn.is_other),
        savings_before=before.monthly.savings_usd if before.monthly else None,
        savings_now=after.monthly.savings_usd if after.monthly else None,
    )


def _at_new_prices(item: UseCaseEvidence, moves: Moves, *, is_given: bool) -> UseCaseEvidence:
    """The same evidence at today's costs; what the log's calls cost moves as the baseline's calls of the sample do.

    Where a price given for this study tells what they cost, it is today's already.
    """
    own = {move.model: {call.sample_id: call.now_usd for call in calls} for move, calls in moves.items()}
    baseline = [calls for move, calls in moves.items() if move.lane is not Lane.CANDIDATE]
    theirs = {call.sample_id: call.now_usd for calls in baseline for call in calls}
    every = (pair for one in item.candidates.values() for pair in one.pairs)
    costs = ((pair.sample_id, pair.baseline.call.cost_usd) for pair in every)
    stored = {sample_id: usd for sample_id, usd in costs if usd is not None}
    before, now = sum(stored.values()), sum(theirs.get(sample_id, usd) for sample_id, usd in stored.items())
    factor = now / before if before and not is_given else 1.0

    def at_new(pair: Pair, name: str) -> Pair:
        mine = own.get(name, {})
        logged = pair.logged.recorded_cost_usd
        return replace(
            pair,
            baseline=_costing(pair.baseline, theirs.get(pair.sample_id)),
            candidate=_costing(pair.candidate, mine.get(pair.sample_id)),
            logged=replace(pair.logged, recorded_cost_usd=None if logged is None else logged * factor),
        )

    bill = item.log.monthly_baseline_usd
    return replace(
        item,
        candidates={
            name: replace(one, pairs=[at_new(pair, name) for pair in one.pairs])
            for name, one in item.candidates.items()
        },
        log=replace(item.log, monthly_baseline_usd=None if bill is None else bill * factor),
    )


def _costing(side: Side, usd: float | None) -> Side:
    """The same at another cost, where there is one."""
    return side if usd is None else replace(side, call=replace(side.call, cost_usd=usd))
