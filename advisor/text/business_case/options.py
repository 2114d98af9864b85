"""What else could be done instead of the plan, in words: name, quality and bill of every option."""

import math
from functools import partial

from advisor.text.business_case.case import OPTIONS, SAME_ANSWERS
from advisor.text.names import short_name
from advisor.text.numbers import before_after, day, dollars, money_range
from advisor.types.business import BusinessCase, CaseOption, OptionCost


def option_name(option: OptionCost) -> str:
    """With its model, where one is meant."""
    model = short_name(option.model).rpartition("/")[2]
    return f"{OPTIONS[option.option]}: {model}" if model else OPTIONS[option.option]


def option_quality(option: OptionCost) -> str:
    """What is known of its answers."""
    if option.option is CaseOption.NOTHING:
        return f"as today, not possible after {day(option.retires)}" if option.retires else "as today"
    if option.is_minor:
        return "as today; saves under 1%"
    if option.option in SAME_ANSWERS:
        return "same answers"
    if option.option is CaseOption.PLAN:
        return "measured" if option.is_measured else "not proven yet"
    return "measured" if option.is_measured else "not measured"


def bill_words(case: BusinessCase, option: OptionCost) -> str:
    """What an option costs a month, fully rolled out; today's bill and the plan with the digits that add up.

    An amount that rounds to today's bill has the digits that show the difference.
    """
    usd, known = option.monthly_usd, {each.option: each.monthly_usd for each in case.options}
    today, plan = known.get(CaseOption.NOTHING), known.get(CaseOption.PLAN)
    if option.option in (CaseOption.NOTHING, CaseOption.PLAN) and today and plan:
        return before_after(today.point, plan.point)[option.option is CaseOption.PLAN]
    if not today or option.option is CaseOption.NOTHING:
        return money_range(usd)
    as_today = before_after(today.point, plan.point)[0] if plan else dollars(today.point)
    return money_range(usd, partial(_beside, today=today.point, as_today=as_today))


def _beside(usd: float, *, today: float, as_today: str) -> str:
    if dollars(usd) != dollars(today):
        return dollars(usd)
    return as_today if math.isclose(usd, today) else before_after(today, usd)[1]
