"""What else could be done instead of the plan, in words: name, quality and bill of every option."""

import math

from advisor.text.advice.ending import later_bill
from advisor.text.business_case.case import OPTIONS, SAME_ANSWERS
from advisor.text.names import short_name
from advisor.text.numbers import UNKNOWN, day, less, money_range
from advisor.types.business import BusinessCase, CaseOption, OptionCost

WIDE = 1.5
"""A range with ends this far apart is explained."""
_UNPRICED = {CaseOption.OTHER_HOST: "no cheaper host known", CaseOption.SELF_HOST: "needs a load test"}


def has_number(option: OptionCost) -> bool:
    """Whether page one has room for it: a bill of its own is known."""
    return bool(option.monthly_usd) and not option.is_minor


def others_words(case: BusinessCase) -> str:
    """The options without one, by what is known of them."""
    found: dict[str, list[str]] = {}
    for option in case.options:
        bill, name = bill_words(case, option), option_name(option)
        if not has_number(option):
            is_said = bill == UNKNOWN or option.is_minor
            found.setdefault(option_quality(option), []).append(name if is_said else f"{name} ({bill})")
    return " ".join(f"{', '.join(names)}: {quality}." for quality, names in found.items())


def option_name(option: OptionCost) -> str:
    """With its model, where one is meant."""
    model = short_name(option.model).rpartition("/")[2]
    return f"{OPTIONS[option.option]}: {model}" if model else OPTIONS[option.option]


def option_quality(option: OptionCost) -> str:
    """What is known of its answers."""
    if option.option is CaseOption.NOTHING:
        return f"as today; ends {day(option.retires)}" if option.retires else "as today"
    if option.is_minor:
        return "saves under 1%"
    if option.option in SAME_ANSWERS:
        return "same answers"
    if option.option is CaseOption.PLAN:
        return "measured" if option.is_measured else "not confirmed yet; bill from its replay"
    usd = option.monthly_usd
    if option.is_measured or usd is None or option.option not in (CaseOption.SUCCESSOR, CaseOption.SIBLING):
        return "measured" if option.is_measured else "not measured"
    return "not tested; a range: few calls are logged" if usd.high > WIDE * usd.low else "not tested; list price"


def bill_words(case: BusinessCase, option: OptionCost) -> str:
    """What an option costs a month, fully rolled out; the plan also once the provider's successor serves the rest."""
    usd = option.monthly_usd
    if usd is None:
        is_known = any(each.option is CaseOption.NOTHING and each.monthly_usd for each in case.options)
        return _UNPRICED.get(option.option, UNKNOWN) if is_known else UNKNOWN
    if option.option is not CaseOption.PLAN:
        return money_range(usd)
    now, bill, ending = less(case.today_usd, case.saved.point), later_bill(case), case.ending
    if bill is None or ending is None or ending.on is None:
        return now
    then = f"{less(*bill)} from {day(ending.on)}"
    if case.is_brief:
        return then
    is_same = case.plan_usd is not None and math.isclose(bill[0] - bill[1], case.plan_usd)  # all that ends moves
    return now if is_same else f"{now}; {then}"
