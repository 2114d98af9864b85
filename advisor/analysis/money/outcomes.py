"""What the tests before a move can end in, and what each of these ends comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from advisor.analysis.money.business_case import DAYS, YEAR, business_case, one_off_costs
from advisor.analysis.money.cost import certain, summed
from advisor.types.business import BusinessCase, CostItem, Moving, Outcome, OutcomeKind

TESTS = (CostItem.TEST_CHEAPER, *DAYS, CostItem.EVALUATION)
"""Paid whatever the tests find ..."""
OTHER_TESTS = (CostItem.HOST, CostItem.TEST, CostItem.REVIEW, CostItem.APPROVAL, CostItem.TRAINING)
"""... but for those that the model tested first makes needless."""


def outcomes(
    case: BusinessCase, cheaper: Sequence[Moving], *, is_tested: bool, due_usd: float = 0.0
) -> tuple[Outcome, ...]:
    """Against no test at all; empty where none is pending, or where a scenario sets what is paid once.

    ``cheaper``: all use cases as they would move to the model tested first. ``is_tested``: what the plan moves to is
    tested too. ``due_usd``: work to move all use cases to the successor within the year.
    """
    if case.inputs.one_off_usd is not None or not case.pays or not (cheaper or is_tested):
        return ()
    found = [_outcome(OutcomeKind.PLAN, case, case.one_off)]
    if case.largest:
        rest = [one for one in case.moving if one is not case.largest]
        part = business_case(rest, case.inputs, calls=case.calls, today_usd=case.today_usd, start=case.start)
        left = _outcome(OutcomeKind.PART, part, part.one_off)
        found.append(replace(left, without=case.largest.use_case))
    if cheaper:
        once = {item: usd for item, usd in one_off_costs(cheaper, case.inputs).items() if item not in OTHER_TESTS}
        inputs = replace(case.inputs, one_off_usd=sum(once.values()))
        alone = business_case(cheaper, inputs, calls=case.calls, today_usd=case.today_usd, start=case.start)
        found.insert(0, _outcome(OutcomeKind.CHEAPER, alone, once))
    if is_tested:
        tests = {item: case.one_off[item] for item in TESTS if item in case.one_off}
        nothing, net = certain(0.0), certain(-sum(tests.values()))
        found.append(Outcome(kind=OutcomeKind.NEITHER, once=tests, saved=nothing, bills=nothing, net=net))
    return tuple(replace(each, adopting_usd=max(due_usd - each.avoided_usd, 0.0)) for each in found)


def _outcome(kind: OutcomeKind, case: BusinessCase, once: Mapping[CostItem, float]) -> Outcome:
    months = case.months[:YEAR]
    avoided = sum(month.avoided_usd for month in months)
    return Outcome(
        kind=kind,
        once=once,
        saved=case.saved,
        later=None if case.ending is None else case.saved.plus((case.saved_later or 0.0) - case.saved.point),
        bills=summed(tuple(month.saved for month in months)).plus(-avoided),
        avoided_usd=avoided,
        net=case.net(YEAR),
        payback=case.payback,
        use_cases=len(case.moving),
    )
