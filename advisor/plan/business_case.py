"""The business case of a decision: its use cases that move, the inputs of the study, and the options side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from advisor.analysis.money.business_case import at_new_price, at_volume, business_case
from advisor.analysis.money.cost import certain
from advisor.catalog.open_models import open_model
from advisor.catalog.prices import price_call, price_logged
from advisor.money.alternatives import bridge_of
from advisor.money.closed_models import PROVIDERS, deadlines
from advisor.money.demand import hosted_price, measure_demand, measured_throughput, starting_model
from advisor.money.hosting import make_case, precisions, sizable_gpus, sizable_models
from advisor.money.hosting_inputs import Choices
from advisor.money.profile import load_facts
from advisor.plan.timeline import days_of
from advisor.store import Store
from advisor.store.case_inputs import read_case_inputs
from advisor.store.log.traffic import TOKENS, load_traffic
from advisor.store.run.runs import list_runs
from advisor.store.run.tallies import spent_usd
from advisor.types import Kind, Model, Money, Move, OptionKind, Report, Study, Usage
from advisor.types.business import BusinessCase, CaseInput, CaseInputs, CaseOption, Moving, OptionCost
from advisor.types.money import Bridge
from advisor.types.scenarios import Assumptions

EVERY_MOVE = (CaseInput.PROMPT, CaseInput.PARAMETERS, CaseInput.CALLING_CODE)
ALSO = {
    Kind.TOOL_USE: (CaseInput.TOOLS,),
    Kind.EXTRACTION: (CaseInput.SCHEMA,),
    Kind.CLASSIFICATION: (CaseInput.SCHEMA,),
}
"""What else changes, by what a use case asks for."""
WAYS = {
    OptionKind.SIBLING: CaseOption.SIBLING,
    OptionKind.PROMPT_CACHING: CaseOption.PROMPT_CACHING,
    OptionKind.RESPONSE_CACHE: CaseOption.RESPONSE_CACHE,
    OptionKind.BATCH: CaseOption.BATCH,
}


def case_of(store: Store, study: Study, report: Report, bridge: Bridge | None = None) -> BusinessCase:
    """The business case of a decision, with the scenario in use.

    ``bridge``: as ``bridge_of`` finds it, which reads the whole log.
    """
    decision = report.recommendation
    assumed = report.scenario.assumed if report.scenario else Assumptions()
    usages = _usages(store, study)
    moving = [_assumed(_with_output(one, report, usages), assumed) for one in moving_of(report)]
    inputs = case_inputs(store, study)
    if assumed.one_off_usd:
        inputs = replace(inputs, one_off_usd=assumed.one_off_usd)
    monthly = decision.bill.monthly
    calls = sum(each.monthly_calls or 0.0 for each in decision.use_cases if each.name not in decision.bill.left_out)
    case = business_case(
        moving,
        inputs,
        calls=calls * assumed.traffic,
        today_usd=None if monthly is None else monthly.baseline_usd * assumed.traffic,
    )
    bridge = bridge or bridge_of(store, study, report)
    options = (
        replace(each, monthly_usd=each.monthly_usd and each.monthly_usd.times(assumed.traffic))
        for each in _options(store, study, report, bridge, usages)
    )
    plan = replace(_plan(report), monthly_usd=None if case.today_usd is None else _less(case.today_usd, case.saved))
    return replace(case, options=tuple(plan if each.option is CaseOption.PLAN else each for each in options))


def _plan(report: Report) -> OptionCost:
    """Proven where real answers moved it, and people don't have to review any first."""
    moves = [case for case in report.recommendation.use_cases if case.target]
    is_open = report.recommendation.run.partial or any(case.provisional for case in moves)
    is_real = all(case.target and not case.target.illustrative for case in moves)
    return OptionCost(option=CaseOption.PLAN, is_measured=is_real and not is_open)


def case_inputs(store: Store, study: Study) -> CaseInputs:
    """What the study's business case is computed with: what was entered, spent so far, or assumed."""
    spent = sum(spent_usd(store, run.id) for run in list_runs(store, study.id))
    return replace(read_case_inputs(store, study.id), measured={CaseInput.EVALUATION_USD: spent})


def moving_of(report: Report) -> Iterator[Moving]:
    """Use cases whose bill or saving isn't known can't be counted; nothing moves where that isn't worth it."""
    if report.recommendation.bill.worth is False:
        return
    for decision, move in report.moves:
        saved = decision.target.costs.savings_usd if decision.target else None
        if saved is None or decision.monthly_baseline_usd is None or not move.phases:
            continue
        yield Moving(
            use_case=decision.name,
            today_usd=decision.monthly_baseline_usd,
            saved=saved,
            changes=(*EVERY_MOVE, *ALSO.get(decision.kind, ())),
            ramp=_ramp(move),
            shadow_share=move.phases[0].mirrored,
        )


def _ramp(move: Move) -> tuple[tuple[float, float], ...]:
    return tuple((phase.traffic_share, float(days_of(phase))) for phase in move.phases if phase.traffic_share < 1)


def _assumed(one: Moving, assumed: Assumptions) -> Moving:
    """Under the traffic and the prices of a scenario."""
    return at_volume(at_new_price(one, assumed.price), assumed.traffic)


def _options(
    store: Store, study: Study, report: Report, bridge: Bridge | None, usages: Mapping[str, Usage]
) -> Iterator[OptionCost]:
    """Everything that could be done instead, with a bill where one is known."""
    today = certain(bridge.today_usd) if bridge else None
    baselines = {each.baseline_facts.model for each in report.recommendation.use_cases}
    today_is = datetime.now(UTC).date()
    ends = [one.on for one in deadlines(store, study) if one.model in baselines and one.on and one.on >= today_is]
    yield OptionCost(option=CaseOption.NOTHING, monthly_usd=today, is_measured=True, retires=min(ends, default=None))
    yield _successor(store, study, report, usages)
    yield OptionCost(option=CaseOption.PLAN)
    known = {way.kind: way for way in bridge.ways if way.kind} if bridge else {}
    for kind, option in WAYS.items():
        way = known.get(kind)
        # A way is measured on the whole log; a run of some use cases has a smaller bill, of which nothing can be said.
        is_known = bridge and way and way.saved.high < bridge.today_usd
        monthly = _less(bridge.today_usd, way.saved) if bridge and way and is_known else None
        if bridge and kind in bridge.minor:
            monthly = today
        sibling = bridge.sibling.plain_id if bridge and bridge.sibling and kind is OptionKind.SIBLING else ""
        yield OptionCost(
            option=option,
            monthly_usd=monthly,
            is_measured=bool(way and way.is_tested),
            model=sibling,
            is_minor=bool(bridge and kind in bridge.minor),
        )
    monthly = None if bridge is None else _other_host(report, bridge.today_usd, usages)
    yield OptionCost(option=CaseOption.OTHER_HOST, monthly_usd=monthly)
    yield OptionCost(option=CaseOption.ROUTE)
    is_as_logged = not report.scenario or report.scenario.assumed.traffic == 1
    yield _self_host(store, study, report) if is_as_logged else OptionCost(option=CaseOption.SELF_HOST)
    yield OptionCost(option=CaseOption.NO_LLM)


def _successor(store: Store, study: Study, report: Report, usages: Mapping[str, Usage]) -> OptionCost:
    """Today's bill if the models that are switched off were replaced as their provider says, at list prices."""
    follows = {
        one.model: f"{PROVIDERS.get(one.provider or '', '')}/{one.successor}"
        for one in deadlines(store, study)
        if one.successor
    }
    total, named, now = 0.0, list[str](), datetime.now(UTC)
    for case in report.recommendation.use_cases:
        usd, logged, usage = case.monthly_baseline_usd, case.baseline_facts.model, usages.get(case.name)
        if usd is None:
            return OptionCost(option=CaseOption.SUCCESSOR)
        if logged not in follows:
            total += usd
            continue
        before = usage and price_logged(logged, usage, now)
        after = usage and price_call(Model(name=follows[logged], litellm_id=follows[logged]), usage, now)
        if not before or not before[0] or not after:
            return OptionCost(option=CaseOption.SUCCESSOR, model=follows[logged])
        total += usd * after[0] / before[0]
        named.append(follows[logged])
    if not named:
        return OptionCost(option=CaseOption.SUCCESSOR)
    return OptionCost(option=CaseOption.SUCCESSOR, monthly_usd=certain(total), model=named[0])


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


def _usages(store: Store, study: Study) -> dict[str, Usage]:
    """The average usage of a logged call by use case, where the log has any."""
    found = {}
    for name, mine in load_traffic(store, study.id).groupby("use_case"):
        if used := int(mine["with_usage"].sum()):
            found[str(name)] = Usage.of({kind: round(mine[kind].sum() / used) for kind in TOKENS})
    return found


def _with_output(one: Moving, report: Report, usages: Mapping[str, Usage]) -> Moving:
    """With the share of the new bill that is for answers, as long as those in the log."""
    chosen = next(case.chosen for case in report.recommendation.use_cases if case.name == one.use_case)
    model, usage = next(each for each in report.models if each.name == chosen), usages.get(one.use_case)
    now = datetime.now(UTC)
    whole = usage and price_call(model, usage, now)
    prompt = usage and price_call(model, replace(usage, output_tokens=0, reasoning_tokens=0), now)
    if not whole or not prompt or not whole[0]:
        return one
    return replace(one, output_share=1 - prompt[0] / whole[0])


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
