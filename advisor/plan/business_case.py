"""The business case of a decision: its use cases that move, the inputs of the study, and the options side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from advisor.analysis.migration_plan import plan as plan_of
from advisor.analysis.money.business_case import at_volume, business_case, net_against
from advisor.analysis.money.cost import certain
from advisor.catalog.open_models import open_model
from advisor.catalog.prices import price_call
from advisor.decide.decision_json import describe_decision
from advisor.money.alternatives import bridge_of
from advisor.money.demand import hosted_price, measure_demand, measured_throughput, starting_model
from advisor.money.hosting import make_case, precisions, sizable_gpus, sizable_models
from advisor.money.hosting_inputs import Choices
from advisor.money.profile import load_facts
from advisor.plan.moving import CaseFacts, case_facts, listed_factor, moves_of, successor_factor
from advisor.store import Store
from advisor.text.headline import headline
from advisor.types import Json, Message, Model, Money, OptionKind, Recommendation, Report, Step, Study, Usage
from advisor.types.business import BusinessCase, CaseOption, OptionCost
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


def case_of(store: Store, study: Study, report: Report, bridge: Bridge | None = None) -> BusinessCase:
    """The business case of a decision, with the scenario in use.

    ``bridge``: as ``bridge_of`` finds it, which reads the whole log.
    """
    facts = case_facts(store, study)
    assumed = report.scenario.assumed if report.scenario else Assumptions()
    case = case_from(report, facts, traffic=assumed.traffic, one_off_usd=assumed.one_off_usd)
    bridge = bridge or bridge_of(store, study, report)
    options = (
        replace(each, monthly_usd=each.monthly_usd and each.monthly_usd.times(assumed.traffic))
        for each in _options(store, study, report, bridge, facts)
    )
    plan = replace(_plan(report), monthly_usd=None if case.today_usd is None else _less(case.today_usd, case.saved))
    priced = (plan if each.option is CaseOption.PLAN else _priced(each) for each in options)
    sibling = bridge.sibling.litellm_id if bridge and bridge.sibling else ""
    net = _net_against(report, case, facts, sibling)
    known = (replace(each, plan_net_usd=net) if each.option is CaseOption.SIBLING else each for each in priced)
    return replace(case, options=tuple(known))


def _net_against(report: Report, case: BusinessCase, facts: CaseFacts, model: str) -> float | None:
    """A year of the plan, if another model took over its calls today at its list price."""
    decided = {each.name: each for each in report.recommendation.use_cases}
    factors = [listed_factor(decided[one.use_case], model, facts) for one in case.moving]
    bills = [one.today_usd * factor for one, factor in zip(case.moving, factors, strict=True) if factor is not None]
    return net_against(case.moving, bills, case.inputs) if bills and len(bills) == len(factors) else None


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


OF_MOVES = (Step.SHADOW, Step.REVIEW, Step.LICENCE)
"""Steps towards a move."""


def in_view_of(report: Report, case: BusinessCase) -> Report:
    """The same without moves where they never pay back, or the bill is too small for any.

    Where the provider's successor is what they don't pay back against, its test on all use cases comes first.
    """
    if report.recommendation.bill.worth is not False and (case.pays or not case.moving):
        return report
    steps = [step for step in report.plan.next_steps if step.code not in OF_MOVES]
    if case.overtaken_by is not None:
        tests = [_on_all(step, report) for step in steps if step.code == Step.SUCCESSOR]
        steps = tests + [step for step in steps if step.code != Step.SUCCESSOR]
    moves = tuple(replace(move, phases=()) for move in report.plan.moves)
    return replace(report, plan=replace(report.plan, next_steps=tuple(steps), moves=moves))


def _on_all(step: Message, report: Report) -> Message:
    """The test of a successor on every use case that its predecessor answers."""
    names = [case.name for case in report.recommendation.use_cases if case.baseline == step.values["baseline"]]
    return Message(code=step.code, values=step.values | {"use_cases": names})


def case_from(report: Report, facts: CaseFacts, *, traffic: float = 1.0, one_off_usd: float = 0.0) -> BusinessCase:
    """The same without the options; ``traffic``: times that of the decision, ``one_off_usd``: where it is set."""
    moves = moves_of(report, facts)
    decision = report.recommendation
    calls = sum(each.monthly_calls or 0.0 for each in decision.use_cases if each.name not in decision.bill.left_out)
    monthly = decision.bill.monthly
    return business_case(
        [at_volume(one, traffic) for one in moves.moving],
        replace(moves.inputs, one_off_usd=one_off_usd or None),
        calls=calls * traffic,
        today_usd=None if monthly is None else monthly.baseline_usd * traffic,
        start=moves.start,
    )


def what_if_case(report: Report, facts: CaseFacts, decided: Recommendation, one_off_usd: float) -> BusinessCase:
    """The case of what would be decided otherwise on the run of a report."""
    models = {model.name: model for model in report.models}
    shifted = replace(report, recommendation=decided, plan=plan_of(decided, models, {}))
    return case_from(shifted, facts, one_off_usd=one_off_usd)


def _plan(report: Report) -> OptionCost:
    """Proven where real answers moved it, and people don't have to review any first."""
    moves = [case for case in report.recommendation.use_cases if case.target]
    is_open = report.recommendation.run.partial or any(case.provisional for case in moves)
    is_real = all(case.target and not case.target.illustrative for case in moves)
    return OptionCost(option=CaseOption.PLAN, is_measured=is_real and not is_open)


def _options(
    store: Store, study: Study, report: Report, bridge: Bridge | None, facts: CaseFacts
) -> Iterator[OptionCost]:
    """Everything that could be done instead, with a bill where one is known."""
    today = certain(bridge.today_usd) if bridge else None
    baselines = {each.baseline_facts.model for each in report.recommendation.use_cases}
    ends = [one.on for model, one in facts.followers.items() if model in baselines]
    yield OptionCost(option=CaseOption.NOTHING, monthly_usd=today, is_measured=True, retires=min(ends, default=None))
    successor, ways = successor_option(report, facts), {kind: _way(bridge, kind) for kind in WAYS}
    if successor.model and ways[OptionKind.SIBLING].model == successor.model:
        same = ways.pop(OptionKind.SIBLING)
        successor = replace(same, option=CaseOption.SUCCESSOR) if same.is_measured else successor
    yield successor
    yield OptionCost(option=CaseOption.PLAN)
    yield from ways.values()
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
    monthly = _less(bridge.today_usd, way.saved) if way and way.saved.high < bridge.today_usd else None
    is_minor = kind in bridge.minor
    return OptionCost(
        option=WAYS[kind],
        monthly_usd=certain(bridge.today_usd) if is_minor else monthly,
        is_measured=bool(way and way.is_tested),
        model=bridge.sibling.plain_id if bridge.sibling and kind is OptionKind.SIBLING else "",
        is_minor=is_minor,
    )


def successor_option(report: Report, facts: CaseFacts) -> OptionCost:
    """Today's bill if the models that are switched off were replaced as their provider says.

    At list prices, or at the share of today's bill that was entered.
    """
    entered = facts.inputs.entered.get(CaseInput.SUCCESSOR_BILL)
    total, named = 0.0, ""
    for case in report.recommendation.use_cases:
        follower = facts.followers.get(case.baseline_facts.model)
        factor = 1.0 if follower is None else successor_factor(case, facts) if entered is None else entered
        named = named or (follower.successor if follower else "")
        if case.monthly_baseline_usd is None or factor is None:
            return OptionCost(option=CaseOption.SUCCESSOR, model=named)
        total += case.monthly_baseline_usd * factor
    is_known = bool(named) or (entered is not None and bool(facts.followers))
    return OptionCost(option=CaseOption.SUCCESSOR, monthly_usd=certain(total) if is_known else None, model=named)


def _less(today: float, saved: Money) -> Money:
    return Money(low=today - saved.high, point=today - saved.point, high=today - saved.low)


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
