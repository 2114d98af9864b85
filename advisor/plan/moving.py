"""The use cases that move, as the business case counts them: roll-out, what follows today's model, price effects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import NamedTuple

from advisor.analysis.money.business_case import CACHE_SWING, at_volume
from advisor.catalog.prices import price_call, price_logged
from advisor.money.closed_models import Alternative, cheaper_alternative, deadlines, price_factor
from advisor.plan.data_flow import data_flows
from advisor.plan.schedule import labeled, labels_of
from advisor.plan.succession import Follower, found_of, replaced_first, tested_on
from advisor.plan.timeline import Effort, timeline
from advisor.store import Store
from advisor.store.log.traffic import TOKENS, load_traffic
from advisor.store.plan_steps import list_plan_steps
from advisor.store.run.runs import list_runs
from advisor.store.run.tallies import spent_usd
from advisor.store.scenarios import read_case_inputs
from advisor.types import (
    Condition,
    Kind,
    Money,
    PlanStep,
    Report,
    Stint,
    StoredModel,
    Study,
    Usage,
    UseCaseDecision,
    Verdict,
)
from advisor.types.business import BusinessCase, CacheEffect, Ending, Moving
from advisor.types.decisions import Replaced
from advisor.types.scenarios import CaseInput, CaseInputs

EVERY_MOVE = (CaseInput.PROMPT, CaseInput.PARAMETERS, CaseInput.CALLING_CODE)
ALSO = {
    Kind.TOOL_USE: (CaseInput.TOOLS,),
    Kind.EXTRACTION: (CaseInput.SCHEMA,),
    Kind.CLASSIFICATION: (CaseInput.SCHEMA,),
}
"""What else changes, by what a use case asks for."""


@dataclass(frozen=True, kw_only=True)
class CaseFacts:
    """What a business case is made with besides a decision."""

    inputs: CaseInputs
    entered: Mapping[tuple[str, int], PlanStep]
    followers: Mapping[str, Follower]
    """By model of the log. One that is off already counts as ending today."""
    usages: Mapping[str, Usage]
    """The average call of each use case in the log, where it has usage."""
    today: date
    cheaper: Alternative | None = None

    def __post_init__(self) -> None:
        ends = {model: one._replace(on=max(one.on, self.today)) for model, one in self.followers.items()}
        object.__setattr__(self, "followers", ends)


def case_facts(store: Store, study: Study) -> CaseFacts:
    """Read them."""
    return facts_with(store, study, cheaper_alternative(store, study))


def facts_with(store: Store, study: Study, cheaper: Alternative | None) -> CaseFacts:
    """The same where ``cheaper_alternative`` is at hand; finding it takes long."""
    spent = sum(spent_usd(store, run.id) for run in list_runs(store, study.id))
    return CaseFacts(
        inputs=replace(read_case_inputs(store, study.id), measured={CaseInput.EVALUATION_USD: spent}),
        entered=list_plan_steps(store, study.id),
        followers={one.model: Follower(one.on, one.successor_id) for one in deadlines(store, study) if one.on},
        usages=_usages(store, study),
        today=datetime.now(UTC).date(),
        cheaper=cheaper,
    )


def _usages(store: Store, study: Study) -> dict[str, Usage]:
    found = {}
    for name, mine in load_traffic(store, study.id).groupby("use_case"):
        if used := int(mine["with_usage"].sum()):
            found[str(name)] = Usage.of({kind: round(mine[kind].sum() / used) for kind in TOKENS})
    return found


class Moves(NamedTuple):
    """What a decision moves, and when."""

    start: date
    """The first day of the case: today, or the roll-out's where it began before."""
    inputs: CaseInputs
    moving: tuple[Moving, ...]
    replaced: Mapping[str, Replaced]
    """As a Plan has them."""


def moves_of(report: Report, facts: CaseFacts) -> Moves:
    """Use cases whose bill or saving isn't known can't be counted; nothing moves where that isn't worth it."""
    days = engineer_days(report, facts.inputs)
    stints = timeline(report.plan, facts.today, facts.entered, days)
    late = replaced_first(report, stints, facts.followers, facts.today)
    if late:
        stints = timeline(replace(report.plan, replaced=late), facts.today, facts.entered, days)
    start = min((facts.today, *(stint.first for stint in stints)))
    counted = [
        decision
        for decision, move in report.moves
        if decision.target and decision.target.costs.savings_usd and decision.monthly_baseline_usd and move.phases
    ]
    if report.recommendation.bill.worth is False:
        counted = []
    measured = {**facts.inputs.measured, **_done(report)}
    inputs = replace(facts.inputs, listed=_listed(counted, facts), measured=measured)
    facts = replace(facts, inputs=inputs)
    moving = (_moving(each, report, facts, stints, late) for each in counted)
    return Moves(start, inputs, tuple(moving), late)


def effort_of(report: Report, inputs: CaseInputs) -> Effort:
    """What the plan takes besides its steps."""
    return Effort(engineer_days(report, inputs), inputs[CaseInput.FALLBACK_DAYS])


def engineer_days(report: Report, inputs: CaseInputs) -> float:
    """Work that adapts prompts, parameters, tools, schemas and calling code for all moves."""
    moved = (decision for decision, move in report.moves if decision.target and move.phases)
    return sum(inputs[change] for decision in moved for change in _changes(decision))


def _changes(decision: UseCaseDecision) -> tuple[CaseInput, ...]:
    return *EVERY_MOVE, *ALSO.get(decision.kind, ())


def _done(report: Report) -> dict[CaseInput, float]:
    """Work before the first move that this study has done already, or doesn't need."""
    asked = {each.code for _, move in report.moves for phase in move.phases for each in phase.entry}
    is_tested = Condition.REAL_MODEL in asked
    left = {
        CaseInput.HOST_DAYS: is_tested
        and any(not one.after.name and not one.after.is_own for one in data_flows(report)),
        CaseInput.TEST_DAYS: is_tested,
        CaseInput.REVIEW_DAYS: Condition.JUDGE_REVIEWED in asked,
    }
    return {key: 0.0 for key, is_left in left.items() if not is_left}


def _listed(counted: Sequence[UseCaseDecision], facts: CaseFacts) -> dict[CaseInput, float]:
    """What the successors' list prices make of today's bill of all that moves and ends; empty: not known."""
    known = [
        (usd, factor)
        for each in counted
        if each.baseline_facts.model in facts.followers
        and (usd := each.monthly_baseline_usd)
        and (factor := successor_factor(each, facts)) is not None
    ]
    total = sum(usd for usd, _ in known)
    return {CaseInput.SUCCESSOR_BILL: sum(usd * factor for usd, factor in known) / total} if total else {}


def successor_factor(decision: UseCaseDecision, facts: CaseFacts) -> float | None:
    """What a call costs with the successor of its model, as a share of what it costs today, at list prices of now."""
    follower = facts.followers.get(decision.baseline_facts.model)
    return listed_factor(decision, follower.successor, facts) if follower else None


def listed_factor(decision: UseCaseDecision, model: str, facts: CaseFacts) -> float | None:
    """The same with another model, as it is asked for; None: not known."""
    usage = facts.usages.get(decision.name)
    return price_factor(decision.baseline_facts.model, model, usage) if model and usage else None


def _moving(
    decision: UseCaseDecision, report: Report, facts: CaseFacts, stints: Sequence[Stint], late: Mapping[str, Replaced]
) -> Moving:
    assert decision.target
    assert decision.target.costs.savings_usd
    assert decision.monthly_baseline_usd
    mine = [stint for stint in stints if stint.use_case == decision.name]
    model = next(each for each in report.models if each.name == decision.chosen)
    start = min((facts.today, *(stint.first for stint in stints)))
    usage = facts.usages.get(decision.name)
    return Moving(
        use_case=decision.name,
        today_usd=decision.monthly_baseline_usd,
        saved=decision.target.costs.savings_usd,
        changes=_changes(decision),
        ramp=tuple(
            (stint.phase.traffic_share, float((stint.end - stint.first).days))
            for stint in mine
            if stint.phase.traffic_share < 1
        ),
        shadow_share=mine[0].phase.mirrored,
        starts_in=float((mine[0].first - start).days),
        ending=_ending(decision, report, facts, start),
        is_late=decision.name in late,
        output_share=_output_share(model, usage),
        cached=_cached(decision, model, usage),
        is_self_hosted=bool(model.api_base),
        labels=sum(labeled(decision, stint.phase) for stint in mine),
    )


def all_moving(report: Report, facts: CaseFacts, case: BusinessCase, bill: Money) -> tuple[Moving, ...]:
    """Every use case as it would move to one model, with steps as long as the plan's; ``bill``: of a month with it."""
    slowest = max(case.moving, key=lambda one: one.starts_in + sum(days for _, days in one.ramp))
    decision, today_usd = report.recommendation, case.today_usd or 0.0
    counted = [
        (each, each.monthly_baseline_usd)
        for each in decision.use_cases
        if each.monthly_baseline_usd and each.name not in decision.bill.left_out
    ]
    facts, start, traffic = (
        replace(facts, inputs=case.inputs),
        case.start or facts.today,
        today_usd / sum(usd for _, usd in counted),
    )
    moving = (
        replace(
            slowest,
            use_case=each.name,
            today_usd=usd,
            saved=bill.taken_from(today_usd).times(usd / today_usd),
            changes=(CaseInput.SUCCESSOR_DAYS,),
            ending=_ending(each, report, facts, start),
            labels=labels_of(each) * (1 + len(slowest.ramp)),
        )
        for each, usd in counted
    )
    return tuple(at_volume(one, traffic) for one in moving)


def _ending(decision: UseCaseDecision, report: Report, facts: CaseFacts, start: date) -> Ending | None:
    """A successor that isn't good enough isn't an alternative: today's bill is compared with."""
    follower = facts.followers.get(decision.baseline_facts.model)
    if follower is None or not decision.monthly_baseline_usd:
        return None
    _, failed = tested_on(report, decision.baseline_facts.model, follower.successor)
    verdict = Verdict.KEEP if failed else found_of(report, decision, follower.successor)
    factor = None if CaseInput.SUCCESSOR_BILL in facts.inputs.entered else successor_factor(decision, facts)
    share = facts.inputs[CaseInput.SUCCESSOR_BILL] if factor is None else factor
    share = 1.0 if verdict is Verdict.KEEP else share
    in_days = float(max((follower.on - start).days, 0))
    return Ending(in_days, decision.monthly_baseline_usd * share, follower.on, follower.successor, verdict)


def _output_share(model: StoredModel, usage: Usage | None) -> float | None:
    """Of the new bill, what is for answers, as long as those in the log."""
    now = datetime.now(UTC)
    whole = usage and price_call(model, usage, now)
    prompt = usage and price_call(model, replace(usage, output_tokens=0, reasoning_tokens=0), now)
    return 1 - prompt[0] / whole[0] if whole and prompt and whole[0] else None


def _cached(
    decision: UseCaseDecision, model: StoredModel, usage: Usage | None
) -> tuple[CacheEffect, CacheEffect] | None:
    """What fewer and more prompt tokens from a cache do to both bills, as far as there are such tokens."""
    if usage is None or not usage.total_input_tokens:
        return None
    less = min(usage.cache_read_tokens / usage.total_input_tokens, CACHE_SWING)
    more = min(usage.input_tokens / usage.total_input_tokens, CACHE_SWING)
    few, many = (_cache_effect(decision, model, usage, by) for by in (-less, more))
    return (few, many) if few and many else None


def _cache_effect(decision: UseCaseDecision, model: StoredModel, usage: Usage, by: float) -> CacheEffect | None:
    tokens = round(by * usage.total_input_tokens)
    turned = replace(
        usage, input_tokens=usage.input_tokens - tokens, cache_read_tokens=usage.cache_read_tokens + tokens
    )
    logged, now = decision.baseline_facts.model, datetime.now(UTC)
    today = [price_logged(logged, each, now) for each in (usage, turned)]
    new = [price_call(model, each, now) for each in (usage, turned)]
    factors = [after[0] / before[0] for before, after in (today, new) if before and after and before[0]]
    return CacheEffect(by, *factors) if len(factors) == 2 else None
