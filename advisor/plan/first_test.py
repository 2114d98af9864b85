"""A closed model that would cost less than the plan: its test comes before any move, on pages and in the report."""

from dataclasses import asdict, replace

from advisor.plan.business_case import case_from, in_view_of
from advisor.plan.closed_options import cheaper_than, of_provider, sibling_option
from advisor.plan.moving import CaseFacts, found_of
from advisor.plan.schedule import unjudged
from advisor.text.names import bare_id
from advisor.types import Json, Message, Report, Step, Verdict
from advisor.types.business import BusinessCase
from advisor.types.reports import JUDGING
from advisor.types.scenarios import CaseInput


def cheaper_untested(case: BusinessCase, report: Report) -> Json:
    """A closed model that would cost less than the plan, and that was never tested; None: there is none."""
    plan = case.plan_usd if case.moving else case.today_usd
    if report.recommendation.bill.worth is False or plan is None:
        return None
    option = cheaper_than(plan, case.options)
    if option is None or option.monthly_usd is None:
        return None
    margins = {a.difference.margin for each in report.recommendation.use_cases for a in each.candidates}
    return {
        "option": option.option.value,
        "model": option.model,
        "usd": asdict(option.monthly_usd),
        "work": case.inputs.test_work,
        "move": case.inputs[CaseInput.SUCCESSOR_DAYS] * case.inputs[CaseInput.DAY_USD],
        "margins": sorted(margins),
        **_hard_to_prove(report),
    }


def _hard_to_prove(report: Report) -> dict[str, Json]:
    """Samples where even a model as good as today's might not pass, and use cases whose judge isn't trusted."""
    shown = [a for case in report.recommendation.use_cases if (a := case.shown)]
    known = [(a.quality.n, d.delta, d.low, d.margin) for a in shown if a.counts and (d := a.difference)]
    few = sorted(n for n, delta, low, margin in known if delta is not None and low is not None and delta - low > margin)
    return {"few": few, "unjudged": unjudged(report)}


def with_test_first(report: Report, tried: Json) -> Report:
    """With that test as the first step, which is the successor's too; ``tried``: as ``cheaper_untested`` finds it.

    As long as nothing is decided, what judges need goes before: without them no test decides anything.
    """
    if not isinstance(tried, dict):
        return report
    steps, ends, cases = [], {}, report.recommendation.use_cases
    for step in report.plan.next_steps:
        if step.code == Step.SUCCESSOR and bare_id(step.values["successor"]) == bare_id(tried["model"]):
            ends = {name: step.values[name] for name in ("baseline", "on")}
        else:
            steps.append(step)
    left: list[Json] = [case.name for case in cases if found_of(report, case, tried["model"]) is None]
    test = Message.of(Step.TEST_CHEAPER, model=tried["model"], use_cases=left, of=len(cases), **ends)
    is_open = all(case.verdict is Verdict.NEED_MORE_DATA for case in cases)
    before = [step for step in steps if is_open and step.code in JUDGING]
    after = [step for step in steps if step not in before]
    return replace(report, plan=replace(report.plan, next_steps=(*before, test, *after)))


def advised(report: Report, facts: CaseFacts) -> Report:
    """The decision as it is advised: without moves that never pay back, and first the test of a cheaper model.

    The report finds the same model in ``case_of``, which also reads the texts of the log.
    """
    case = case_from(report, facts)
    case = replace(case, options=of_provider(report, facts, sibling_option(report, facts)))
    return with_test_first(in_view_of(report, case), cheaper_untested(case, report))
