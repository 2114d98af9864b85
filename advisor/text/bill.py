"""The bill, today and to come: what the moves change, what logged costs are worth, what a replay cost and why."""

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from advisor.text import numbers
from advisor.text.headline import not_worth, saves, unpaid
from advisor.text.money import OPTIONS, bill_gap
from advisor.text.numbers import count, day, dollars, listing, money_range
from advisor.text.results import NO_TIMES, share_of_traffic
from advisor.types import Assessment, Message, Money, OptionKind, PartKind, Recommendation, Report, UseCaseDecision
from advisor.types.business import BusinessCase
from advisor.types.money import Bridge, Way

Multiple = tuple[float, float | None, float | None]
"""How many times as much, and the ends of its range."""
COST_METHOD = """
- **Today**: calls a month × the average cost per call in the log. Failed calls are free unless logged otherwise.
- **Savings**: (baseline − candidate) ÷ baseline over samples with both costs known, applied to today's bill.
  Ranges are paired bootstrap intervals.
- **Untested models**: the log's tokens at today's list prices. Another model may use more tokens.
"""
AFTER = "After the move"
"""The bill once the use cases that can move have moved, whether or not that is advised."""
NOT_TOLD = "no price, or no tokens reported"
LEAST_PERCENT = 0.005
"""Below it percent would hide what a multiple is."""


def is_advised(r: Recommendation, case: BusinessCase) -> bool:
    """Whether what can move should: its saving pays back, and the bill is worth a migration."""
    return r.bill.worth is not False and not unpaid(r, case)


def bill_sentence(recommendation: Recommendation, case: BusinessCase) -> str:
    """What the moves do to the bill, and whether that pays back what they cost; or why that is not known."""
    monthly = recommendation.bill.monthly
    if monthly is None:
        return f"Monthly cost is unknown: {_why_no_bill(recommendation)}."
    if recommendation.bill.worth is False:
        return f"{not_worth(monthly.baseline_usd)}."
    lacking = recommendation.bill.left_out
    without = f" (not counting {listing(lacking)})" if lacking else ""
    today = f"The bill is {dollars(monthly.baseline_usd)} a month today{without}"
    moves = sum(decision.chosen is not None for decision in recommendation.use_cases)
    if not moves:
        return f"{today}. No use case moves yet."
    illustrative = any(d.target and d.target.illustrative for d in recommendation.use_cases)
    note = " (illustrative price)" if illustrative else ""
    moving = f"Moving {moves} of {count(len(recommendation.use_cases), 'use case')}"
    return f"{today}. {moving} would {saves(recommendation, case, note)}."


def way_name(way: Way, bridge: Bridge) -> str:
    """What a way to pay less is called, the sibling by its own name."""
    if way.kind is None:
        return "Open models" if way.is_tested else "Open models, list prices"
    if way.kind is OptionKind.SIBLING and bridge.sibling:
        return bridge.sibling.plain_id.rpartition("/")[2]
    return OPTIONS[way.kind][0]


def way_words(way: Way, last: str) -> str:
    """What a way saves a month, and whether its quality is known; ``last``: until when moving saves that."""
    saved = way.saved
    text = f"saves {money_range(saved)}{last if way.kind is None else ''}"
    if saved.low < 0:
        text = f"saves up to {dollars(saved.high)}, or costs {dollars(-saved.low)} more"
        if saved.high <= 0:
            text = f"costs {money_range(Money(low=-saved.high, point=-saved.point, high=-saved.low))} more"
    return text if way.is_tested else f"{text}, not tested"


def better_sentence(bridge: Bridge, way: Way, retires: date | None) -> str:
    """The way that saves more than the moves; ``retires``: when its model is switched off, if that is soon."""
    text = f"{way_name(way, bridge)} {'saves' if way.is_tested else 'might save'} {money_range(way.saved)} a month"
    text += "" if way.is_tested else ", quality not tested"
    text += f", and retires on {day(retires)}" if retires else ""
    if bridge.saved is not None:
        text += f"; the tested move saves {dollars(max(bridge.saved.point, 0.0))}"
    return f"{text}."


def bridge_note(bridge: Bridge) -> str:
    """How to read the ways, and those that are not shown."""
    text = "Options overlap, so don't add them up. Hollow: quality not tested."
    if bridge.minor:
        text += f" Under 1% of the bill: {listing([_inside(kind) for kind in bridge.minor])}."
    return text


def _why_no_bill(recommendation: Recommendation) -> str:
    decisions = recommendation.use_cases
    if not decisions:
        return "the study has no use cases"
    if all(decision.monthly_calls is None for decision in decisions):
        return f"{NO_TIMES}, so the month is unknown"
    if all(decision.monthly_baseline_usd is None for decision in decisions):
        return "the log has neither costs nor tokens of a model with a price"
    return "the cost of the chosen models is unknown"


def volume_words(report: Report) -> str:
    """From which traffic a month is projected."""
    log = report.log
    calls = count(int(log.get("accepted") or 0), "call")
    ends = [log.get("first_at"), log.get("last_at")]
    if None in ends or ends[0] == ends[1]:
        return f"{calls} in the log; {NO_TIMES}."
    first, last = (numbers.day(datetime.fromisoformat(str(end))) for end in ends)
    return f"Projected from {calls} logged between {first} and {last}, assumed to be {share_of_traffic(log)}."


def why_cost_unknown(decision: UseCaseDecision, a: Assessment, lacks_pairs: int | None) -> str:
    """Which costs of a candidate are unknown; empty if all are known. ``lacks_pairs``: what a range needs."""
    reasons = []
    if a.costs.usd_per_1k is None:
        reasons.append("the candidate has no price or reports no tokens")
    elif a.costs.usd_per_1k_successes is None:
        reasons.append("no good answers" if a.quality.n else "no answers scored")
    if a.costs.baseline_usd_per_1k is None:
        reasons.append("the baseline's calls have no price")
    if decision.monthly_calls is None:
        reasons.append(NO_TIMES)
    if lacks_pairs is not None:
        reasons.append(f"a range needs {lacks_pairs} pairs")
    return "; ".join(reasons)


def today_sentence(today: Money | None, unknown: Message | None) -> str:
    """Today's bill, or why it is not known."""
    if today is None:
        return f"Today's monthly cost is unknown: {bill_gap(unknown)}."
    return f"Today's models cost {numbers.around(today)} a month."


def short_log(covered: timedelta, calls: int) -> str:
    """What a log of less than a day is taken for."""
    held = count(round(covered.total_seconds() / 60), "minute")
    if covered >= timedelta(hours=2):
        held = count(round(covered.total_seconds() / 3600), "hour")
    return (
        f"The log covers only {held}. We treat it as a typical day ({count(calls, 'call')}) "
        "and multiply by 30.44. That is too rough for a range."
    )


def reconciled_sentence(compared: tuple[int, float, float] | None, left_out: int, free: int) -> str:
    """The difference between what the log says and list prices.

    ``compared``: calls, the log's dollars and those at list prices; ``left_out``: calls with a cost that can't be
    compared; ``free``: calls logged as free.
    """
    told = count(free, "call")
    if compared is None and not left_out:
        return f"Logged as free: {told}. No list price matches, so this couldn't be checked."
    more = f" Excluded: {told} logged as free." if free else ""
    if compared is None:
        return (
            f"Costs are logged for {count(left_out, 'call')}, but tokens or list prices are missing, "
            f"so they couldn't be checked.{more}"
        )
    calls, logged, listed = compared
    text = f"The log says that {count(calls, 'call')} cost {exact(logged)}"
    return f"{text}; their tokens at list prices come to {exact(listed)}: {difference(logged, listed)}.{more}"


def difference(logged: float, listed: float) -> str:
    """In dollars and as a share of the list price."""
    off = logged - listed
    if abs(off) < max(5e-7, 5e-5 * abs(listed)):
        return "no difference"
    share = f" ({numbers.percent(abs(off) / listed)} {'more' if off > 0 else 'less'})" if listed else ""
    return f"{'+' if off > 0 else '-'}{exact(abs(off))}{share}"


def exact(usd: float) -> str:
    """To the cent, a small amount to four digits: what is checked or computed with, not an estimate."""
    if usd == 0 or abs(usd) >= 1:
        text = f"{abs(usd):,.2f}"
    else:
        text = f"{abs(usd):.{3 - math.floor(math.log10(abs(usd)))}f}".rstrip("0")
        text += "0" * (len("0.00") - len(text))
    return f"{'-' if usd < 0 else ''}${text}"


def best_option(saved: Sequence[tuple[OptionKind, Money | None]], *, others: bool) -> str:
    """The largest saving at the same quality, or that none was found. ``others``: some depend on quality."""
    known = [(kind, usd) for kind, usd in saved if usd is not None]
    if not known:
        return "Savings without moving are unknown: the log lacks times, tokens or prices."
    kind, usd = max(known, key=lambda one: one[1].high)
    if usd.high <= 0:
        seen = "No savings at the same quality" if others else "No savings without moving"
        return f"{seen}: the log has no shared prefixes, repeats or bulk calls."
    return f"Largest saving at the same quality: {_inside(kind)}, {numbers.money_range(usd)} a month."


def _inside(kind: OptionKind) -> str:
    """The name of an option inside a sentence."""
    name = OPTIONS[kind][0]
    return f"{name[0].lower()}{name[1:]}"


def conditional_option(saved: Sequence[tuple[OptionKind, Money | None]]) -> str:
    """The largest saving that depends on quality; empty if there is none."""
    known = [(kind, usd) for kind, usd in saved if usd is not None and usd.high > 0]
    if not known:
        return ""
    kind, usd = max(known, key=lambda one: one[1].high)
    name, what = OPTIONS[kind]
    return f"{name}: {numbers.money_range(usd)} a month less, but only if quality holds. {what}"


def spend_sentence(run: int, usd: float | None, judges_usd: float | None, unbilled: int, *, unpaid: bool) -> str:
    """The whole bill of a run. ``unpaid``: all of it ran here, so that the dollars are list prices."""
    if unpaid:
        return f"Run {run} ran on this machine for free{f' (list price {dollars(usd)})' if usd else ''}."
    if usd is None:
        return f"Cost of run {run} is unknown: {NOT_TOLD}."
    judges = f", {dollars(judges_usd)} of it for judges" if judges_usd else ""
    missing = f"; excluded: {count(unbilled, 'call')} ({NOT_TOLD})" if unbilled else ""
    return f"Run {run} cost {dollars(usd)}{judges}{missing}."


def unbilled(kind: PartKind, calls: int, billed: int) -> str:
    """Why calls of a replay have no cost; empty where all have one."""
    if kind == PartKind.REUSED:
        return "reused from an earlier run"
    if kind == PartKind.FAILED and not billed:
        return "failed calls report no tokens"
    return f"{count(calls - billed, 'call')}: {NOT_TOLD}" if calls > billed else ""


def effect_sentence(
    model: str, prices: float | None, tokens: float | None, cost: Multiple | None, read_and_written: str, why: str
) -> str:
    """What a candidate costs of the baseline, and what price and tokens do to that. ``why``: why it is not known."""
    if prices is None or cost is None:
        return f"{model}: {read_and_written}. Effect on cost unknown: {why}."
    if tokens is None:
        return f"{model} is free per token; {read_and_written}."
    told = f"{model} costs {times(cost[0])} the baseline{_range(cost, in_words=True)}"
    return f"{told}. The same tokens cost {times(prices)} the price; {read_and_written}."


def read_and_written(read: Multiple | None, written: Multiple | None) -> str:
    """How many of the baseline's tokens a candidate takes."""
    if read is None or written is None:
        return "its token count is unknown"
    return f"it reads {_as_many(read[0])} and writes {_as_many(written[0])} tokens"


def _as_many(factor: float) -> str:
    """How many tokens next to the baseline's: "4% more", "2.2 times as many"."""
    if factor >= 2:
        return f"{multiple(factor)} times as many"
    off = numbers.percent(abs(factor - 1))
    return "as many" if off == "0%" else f"{off} {'more' if factor > 1 else 'fewer'}"


def times(factor: float | None) -> str:
    """A multiple in a sentence: "42% of", "1.60 times"."""
    return numbers.UNKNOWN if factor is None else f"{_in_words(factor, factor)} {'of' if factor < 1 else 'times'}"


def spread(ratio: Multiple | None) -> str:
    """A multiple with its range: "1.60 (1.52 to 1.81)"."""
    return numbers.UNKNOWN if ratio is None else f"{multiple(ratio[0])}{_range(ratio)}"


def multiple(factor: float | None) -> str:
    """Two digits that say something; near one two decimals, since 1.04 is not 1."""
    if factor is None:
        return numbers.UNKNOWN
    if 0.1 <= factor < 2:
        return f"{factor:.2f}"
    return f"{factor:.1f}" if 2 <= factor < 10 else f"{factor:,.0f}" if factor >= 10 else f"{factor:.2g}"


def _range(ratio: Multiple, *, in_words: bool = False) -> str:
    point, low, high = ratio
    if low is None or high is None:
        return ""
    ends = [_in_words(end, point) if in_words else multiple(end) for end in (low, high)]
    return "" if ends[0] == ends[1] else f" ({' to '.join(ends)})"


def _in_words(factor: float, point: float) -> str:
    """In percent where the point is a part; what is too small for that stays a number."""
    return numbers.percent(factor) if LEAST_PERCENT <= point < 1 else multiple(factor)
