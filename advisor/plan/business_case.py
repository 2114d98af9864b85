"""The business case of a decision: its use cases that move, the inputs of the study, and the options side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from advisor.analysis.migration_plan import plan as plan_of
from advisor.analysis.money.business_case import YEAR, at_volume, business_case
from advisor.analysis.money.cost import certain
from advisor.analysis.money.outcomes import outcomes
from advisor.catalog.open_models import open_model
from advisor.catalog.prices import price_call
from advisor.decide.decision_json import describe_decision
from advisor.money.alternatives import bridge_of
from advisor.money.demand import hosted_price, measure_demand, measured_throughput, starting_model
from advisor.money.hosting import make_case, precisions, sizable_gpus, sizable_models
from advisor.money.hosting_inputs import Choices
from advisor.money.profile import load_facts
from advisor.plan.closed_options import in_tests, of_provider, tested_beside, tested_first, unjudged
from advisor.plan.moving import CaseFacts, all_moving, case_facts, moves_of
from advisor.plan.succession import untested_on, with_successors
from advisor.store import Store
from advisor.text.headline import headline
from advisor.text.names import bare_name
from advisor.text.numbers import listing
from advisor.types import (
    Assessment,
    Condition,
    Json,
    Message,
    Model,
    Money,
    Monthly,
    OptionKind,
    Recommendation,
    Report,
    Step,
    Study,
    Usage,
)
from advisor.types.business import DAYS_A_MONTH, BusinessCase, CaseOption, OptionCost, Outcome
from advisor.types.money import Bridge
from advisor.types.scenarios import Assumptions, CaseInput

WAYS = {
    OptionKind.SIBLING: CaseOption.SIBLING,
    OptionKind.PROMPT_CACHING: CaseOption.PROMPT_CACHING,
    OptionKind.RESPONSE_CACHE: CaseOption.RESPONSE_CACHE,
    OptionKind.BATCH: CaseOption.BATCH,
}


def describe_decided(store: Store, study: Study, report: Report) -> dict[str, Json]:
    """A decision as one JSON object; its sentence advises no move that never pays back."""
    case = case_from(report, case_facts(store, study))
    return describe_decision(report.recommendation, headline(report.recommendation, case))


def case_of(
    store: Store, study: Study, report: Report, bridge: Bridge | None = None, facts: CaseFacts | None = None
) -> BusinessCase:
    """The business case of a decision, with the scenario in use.

    ``bridge``: as ``bridge_of`` finds it, which reads the whole log; ``facts``: where they are at hand.
    """
    facts = facts or case_facts(store, study)
    assumed = report.scenario.assumed if report.scenario else Assumptions()
    case = case_from(report, facts, traffic=assumed.traffic, one_off_usd=assumed.one_off_usd)
    bridge = bridge or bridge_of(store, study, report)
    options = (
        replace(each, monthly_usd=each.monthly_usd and each.monthly_usd.times(assumed.traffic))
        for each in _options(store, study, report, bridge, facts)
    )
    plan = replace(_plan(report), monthly_usd=None if case.today_usd is None else case.saved.taken_from(case.today_usd))
    priced = (plan if each.option is CaseOption.PLAN else _priced(each) for each in options)
    if not case.moving:
        priced = (each for each in priced if each.option is not CaseOption.PLAN)
    first = case.inputs.tested_first
    ordered = sorted(priced, key=lambda one: (one.option is not CaseOption.PLAN, not one.model or one.model != first))
    case = replace(case, options=tuple(ordered))
    return replace(case, outcomes=_outcomes(report, facts, case))


def _outcomes(report: Report, facts: CaseFacts, case: BusinessCase) -> tuple[Outcome, ...]:
    """What the tests that come first can end in."""
    first = next((one for one in case.options if one.model and one.model == case.inputs.tested_first), None)
    usd = first.monthly_usd if first else None
    entries = (each.code for _, move in report.moves for phase in move.phases for each in phase.entry)
    cheaper = all_moving(report, facts, case, usd) if usd and case.moving else ()
    ends = (facts.followers.get(each.baseline_facts.model) for each in report.recommendation.use_cases)
    due = sum(bool(end and (end.on - (case.start or facts.today)).days < YEAR * DAYS_A_MONTH) for end in ends)
    work = case.inputs.work(due * case.inputs[CaseInput.SUCCESSOR_DAYS])
    return outcomes(case, cheaper, is_tested=Condition.REAL_MODEL in entries, due_usd=work["usd"])


def _priced(option: OptionCost) -> OptionCost:
    """With the list price of its model."""
    if not option.model or option.option not in (CaseOption.SIBLING, CaseOption.SUCCESSOR):
        return option
    model, now = Model(name=option.model, litellm_id=option.model), datetime.now(UTC)
    a_thousand = [Usage(input_tokens=1000), Usage(input_tokens=0, output_tokens=1000)]
    found = [price_call(model, usage, now) for usage in a_thousand]
    if not all(found):
        return option
    one, other = (1000 * each[0] for each in found if each)
    return replace(option, per_million=(one, other))


MOST_NAMED = 2
OF_MOVES = (Step.SHADOW, Step.REVIEW, Step.LICENCE, Step.OTHER_LIMIT)
"""Steps towards a move."""


def in_view_of(report: Report, case: BusinessCase) -> Report:
    """The same without moves where they never pay back, or the bill is too small for any.

    No step promises a saving of a month that never comes.
    Where the provider's successor is what they don't pay back against, its test on all use cases comes first.
    """
    pays = report.recommendation.bill.worth is not False and (case.pays or not case.moving)
    is_for_all = not pays and case.overtaken_by is not None
    steps: list[Message] = []
    tests: list[Message] = []
    for step in report.plan.next_steps:
        if step.code == Step.SUCCESSOR:
            if names := untested_on(report, step):
                left = replace(step, values=step.values | {"use_cases": names})
                (tests if is_for_all else steps).append(left)
        elif pays or step.code not in OF_MOVES:
            is_promise = case.is_brief and "savings_usd" in step.values
            steps.append(replace(step, values=step.values | {"savings_usd": None}) if is_promise else step)
    report = replace(report, plan=replace(report.plan, next_steps=(*tests, *steps)))
    if pays:
        return with_successors(report, case.replaced)
    moves = tuple(replace(move, phases=()) for move in report.plan.moves)
    return replace(report, plan=replace(report.plan, moves=moves))


def at_traffic(report: Report) -> Report:
    """With the calls, bills and savings that a scenario's traffic makes of those of the log."""
    factor, decision = report.scenario.assumed.traffic if report.scenario else 1.0, report.recommendation
    if factor == 1:
        return report
    monthly = decision.bill.monthly and Monthly(
        baseline_usd=decision.bill.monthly.baseline_usd * factor,
        plan_usd=decision.bill.monthly.plan_usd * factor,
        savings_usd=decision.bill.monthly.savings_usd.times(factor),
    )
    cases = tuple(
        replace(
            each,
            monthly_calls=each.monthly_calls and each.monthly_calls * factor,
            monthly_baseline_usd=each.monthly_baseline_usd and each.monthly_baseline_usd * factor,
            candidates=tuple(_saving(a, factor) for a in each.candidates),
        )
        for each in decision.use_cases
    )
    bill = replace(decision.bill, monthly=monthly)
    return replace(report, recommendation=replace(decision, use_cases=cases, bill=bill))


def _saving(a: Assessment, factor: float) -> Assessment:
    saved = a.costs.savings_usd
    return replace(a, costs=replace(a.costs, savings_usd=saved and saved.times(factor)))


def case_from(report: Report, facts: CaseFacts, *, traffic: float = 1.0, one_off_usd: float = 0.0) -> BusinessCase:
    """The same without the options; ``traffic``: times that of the decision, ``one_off_usd``: where it is set."""
    moves = moves_of(report, facts)
    first = tested_first(report, facts, moves.moving)
    beside = tested_beside(report, first) if moves.moving else ()
    decision = report.recommendation
    lacks_judge = (first or beside) and unjudged(in_tests(report, first))
    done = {} if lacks_judge else {CaseInput.JUDGE_DAYS: 0.0}
    inputs = replace(moves.inputs, tested_first=first, tested_beside=beside, measured={**moves.inputs.measured, **done})
    calls = sum(each.monthly_calls or 0.0 for each in decision.use_cases if each.name not in decision.bill.left_out)
    monthly = decision.bill.monthly
    case = business_case(
        [at_volume(one, traffic) for one in moves.moving],
        replace(inputs, one_off_usd=one_off_usd or None),
        calls=calls * traffic,
        today_usd=None if monthly is None else monthly.baseline_usd * traffic,
        start=moves.start,
    )
    return replace(case, replaced=moves.replaced)


def what_if_case(report: Report, facts: CaseFacts, decided: Recommendation, one_off_usd: float) -> BusinessCase:
    """The case of what would be decided otherwise on the run of a report."""
    models = {model.name: model for model in report.models}
    plan = replace(plan_of(decided, models, {}), next_steps=report.plan.next_steps)
    shifted = replace(report, recommendation=decided, plan=plan)
    before, after = report.recommendation.bill.monthly, decided.bill.monthly
    if facts.cheaper and before and after and before.baseline_usd:
        saved = facts.cheaper.saved.times(after.baseline_usd / before.baseline_usd)
        facts = replace(facts, cheaper=facts.cheaper._replace(saved=saved))
    return case_from(shifted, facts, one_off_usd=one_off_usd)


def _plan(report: Report) -> OptionCost:
    """Proven where real answers moved it, and people don't have to review any first."""
    moves = [case for case in report.recommendation.use_cases if case.target]
    is_open = report.recommendation.run.partial or any(case.provisional for case in moves)
    is_real = all(case.target and not case.target.illustrative for case in moves)
    models = [bare_name(name) for name in dict.fromkeys(case.chosen for case in moves) if name]
    named = listing(models, MOST_NAMED) if models else ""
    return OptionCost(option=CaseOption.PLAN, is_measured=is_real and not is_open, model=named)


def _options(
    store: Store, study: Study, report: Report, bridge: Bridge | None, facts: CaseFacts
) -> Iterator[OptionCost]:
    """Everything that could be done instead, with a bill where one is known."""
    today = certain(bridge.today_usd) if bridge else None
    baselines = {each.baseline_facts.model for each in report.recommendation.use_cases}
    ends = [one.on for model, one in facts.followers.items() if model in baselines]
    yield OptionCost(option=CaseOption.NOTHING, monthly_usd=today, is_measured=True, retires=min(ends, default=None))
    ways = {kind: _way(bridge, kind) for kind in WAYS}
    successor, *sibling = of_provider(report, facts, ways.pop(OptionKind.SIBLING))
    yield successor
    yield OptionCost(option=CaseOption.PLAN)
    yield from (*sibling, *ways.values())
    monthly = None if bridge is None else _other_host(report, bridge.today_usd, facts.usages)
    yield OptionCost(option=CaseOption.OTHER_HOST, monthly_usd=monthly)
    yield OptionCost(option=CaseOption.ROUTE)
    is_as_logged = not report.scenario or report.scenario.assumed.traffic == 1
    yield _self_host(store, study, report) if is_as_logged else OptionCost(option=CaseOption.SELF_HOST)
    yield OptionCost(option=CaseOption.NO_LLM)


def _way(bridge: Bridge | None, kind: OptionKind) -> OptionCost:
    """One way to pay less without moving."""
    if bridge is None:
        return OptionCost(option=WAYS[kind])
    way = next((each for each in bridge.ways if each.kind is kind), None)
    # A way is measured on the whole log; a run of some use cases has a smaller bill, of which nothing can be said.
    monthly = way.saved.taken_from(bridge.today_usd) if way and way.saved.high < bridge.today_usd else None
    is_minor = kind in bridge.minor
    return OptionCost(
        option=WAYS[kind],
        monthly_usd=certain(bridge.today_usd) if is_minor else monthly,
        is_measured=bool(way and way.is_tested),
        model=bridge.sibling.plain_id if bridge.sibling and kind is OptionKind.SIBLING else "",
        is_minor=is_minor,
    )


def _self_host(store: Store, study: Study, report: Report) -> OptionCost:
    """A server of one's own with the cheapest GPU that holds the model, where a load test measured its throughput."""
    chosen = [case.chosen for case in report.recommendation.use_cases if case.chosen]
    model_id = starting_model(store, study, chosen)
    measured = measured_throughput(store, study, model_id) if model_id else None
    if model_id is None or measured is None:
        return OptionCost(option=CaseOption.SELF_HOST)
    model = next(each for each in sizable_models() if each.id == model_id)
    demand = measure_demand(load_facts(store, study), study.traffic_share)
    bills = []
    for gpu in sizable_gpus():
        choices = Choices(model_id=model_id, gpu_id=gpu.id, precision=precisions(model)[0], throughput=measured)
        if found := make_case(demand, choices).bills:
            bills.append(found.now.own)
    cheapest = min(bills, key=lambda bill: bill.point, default=None)
    return OptionCost(option=CaseOption.SELF_HOST, monthly_usd=cheapest, model=model.name)


def _other_host(report: Report, today_usd: float, usages: Mapping[str, Usage]) -> Money | None:
    """The bill if the chosen models were served by the cheapest host that the catalog knows; None: none is cheaper."""
    models, now = {model.name: model for model in report.models}, datetime.now(UTC)
    less = saved = 0.0
    for decision, _ in report.moves:
        costs = decision.target.costs.savings_usd if decision.target else None
        if decision.chosen is None or costs is None or decision.monthly_baseline_usd is None:
            continue
        saved += costs.point
        if decision.name in usages:
            share = _cheapest_host(models[decision.chosen], usages[decision.name], now)
            less += (decision.monthly_baseline_usd - costs.point) * (1 - share)
    return certain(today_usd - saved - less) if less > 0 else None


def _cheapest_host(model: Model, usage: Usage, at: datetime) -> float:
    """What a call costs at the cheapest host, as a share of what it costs where the model is served now."""
    known = open_model(model.plain_id)
    hosted, here = known and hosted_price(known, usage, at), price_call(model, usage, at)
    return min(hosted.usd_per_call.low / here[0], 1.0) if hosted and here and here[0] else 1.0
