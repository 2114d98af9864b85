"""What a log says about its traffic beside sums, and what open models could save at list prices."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from advisor.text import numbers
from advisor.text.headline import not_worth
from advisor.text.messages import Words, worded
from advisor.text.numbers import count, dollars, listing, percent
from advisor.types import FindingName, FindingNote, Message, SavingsCode, UseCaseDecision, Verdict
from advisor.types.prices import BillCheck, Billed, Share, ShareBasis, TotalSource

FINDINGS = {
    FindingName.ERROR_RATE: "Failed calls",
    FindingName.PEAK_IN_FLIGHT: "Peak calls in flight, in the log",
    FindingName.NOT_INTERACTIVE: "Non-interactive calls",
    FindingName.EXACT_DUPLICATES: "Duplicate requests",
    FindingName.NEAR_DUPLICATES: "Near-duplicate prompts",
    FindingName.CACHED_INPUT: "Cached input tokens",
    FindingName.REASONING_OUTPUT: "Reasoning tokens in output",
    FindingName.REPLAYABLE: "Calls that can be replayed",
    FindingName.FOLLOWED: "Calls with a later turn",
}
PROVIDERS = {"openai": "OpenAI", "anthropic": "Anthropic", "gateway": "the totals by day"}
_UNTESTED = ", before quality is tested."
_QUALITY = "Quality is not yet measured."
_STEADY = "Programs that call at a steady pace look like people."


def untested_words(licence: str | None) -> str:
    """What is known of an untested model."""
    told = f" License: {licence}." if licence else ""
    return f"List prices on your tokens, cheapest to most expensive host.{told} Quality unknown."


def finding_note(note: Message) -> str:
    """What a finding rests on, or why it is not known."""
    return worded(_NOTES, note)


def savings_words(savings: Message) -> str:
    """What open models could save, in one or two sentences; why that is not known, in a clause."""
    return worded(_SAVINGS, savings)


def assumed(more: float) -> str:
    """How the range of savings was made; ``more``: the share of tokens that another tokenizer may add."""
    return (
        "The logged tokens at today's list prices of hosted open-weight models: the most widely sold small, medium and "
        "large one, each at its median host. Low end: the most expensive model, with "
        f"{more:.0%} more tokens because tokenizers differ. High end: the cheapest model with the logged tokens and no "
        "reasoning. A model that newly reasons before it answers costs more."
    )


def _peak(lacks: str | None) -> str:
    more = {
        "traffic": " The log covers part of the traffic, so the real peak is higher.",
        "latencies": " Calls without a latency aren't counted, so the peak may be higher.",
    }
    return f"From each call's start and latency.{more[lacks] if lacks else ''}"


def _in_bulk(batch: int, bursts: int, series: int, burst: int, least_series: int) -> str:
    counts = {
        "in batch files": batch,
        f"in bursts ({burst} or more a minute in one use case, ten times a quiet minute)": bursts,
        f"in series ({least_series} or more, back to back)": series,
    }
    parts = "; ".join(f"{count:,} {where}" for where, count in counts.items() if count)
    return f"At least: {parts}. {_STEADY}"


_NOTES: Words = {
    FindingNote.AS_MARKED: "As marked in the log.",
    FindingNote.NONE_MARKED: "The log marks no failed calls. Some tools don't log failures.",
    FindingNote.NO_CALLS: "There are no calls.",
    FindingNote.SAME_REQUEST: "Same messages, tools and parameters as an earlier answered call.",
    FindingNote.NEAR_REQUEST: "Differ from an earlier prompt only in case, digits, spaces or punctuation. "
    "Different amounts or dates need different answers.",
    FindingNote.NO_PROMPTS: "No call can be replayed, so prompts can't be compared.",
    FindingNote.CACHE_READ: "Share of all input tokens.",
    FindingNote.NO_CACHE_READ: "The log reports no cached tokens.",
    FindingNote.REASONING: "Billed as output but not part of the answer.",
    FindingNote.NO_REASONING: "The log reports no reasoning tokens.",
    FindingNote.NO_USAGE: "The log doesn't have both input and output tokens.",
    FindingNote.WHOLE_PROMPT: "The prompt is complete and needs no provider-side state.",
    FindingNote.NOT_LAST: "Of calls with a conversation or run ID. The next turn sends the history again.",
    FindingNote.NO_SESSIONS: "No call has a conversation, session or run ID.",
    FindingNote.START_AND_LATENCY: _peak,
    FindingNote.NO_TIMES: "The log has no times.",
    FindingNote.NO_LATENCIES: "The log has no latencies.",
    FindingNote.IN_BULK: _in_bulk,
    FindingNote.NONE_IN_BULK: f"No batch files, bursts or series found. {_STEADY}",
}


def _span(low: float, high: float) -> str:
    least, most = dollars(low), dollars(high)
    return least if least == most else f"{least} to {most}"


def _unit(monthly: bool) -> str:
    return "a month" if monthly else "for the calls in the log"


_SAVINGS: Words = {
    SavingsCode.NOT_WORTH: lambda usd: f"{not_worth(usd)}.",
    SavingsCode.COSTS_MORE: lambda low, high, monthly: (
        f"Open models at list prices would save nothing: they cost {_span(low, high)} more {_unit(monthly)}. {_QUALITY}"
    ),
    SavingsCode.MAY_COST_MORE: lambda saved, more, monthly: (
        f"Open models at list prices could save up to {dollars(saved)} {_unit(monthly)}, if quality holds. The most "
        f"expensive one would cost {dollars(more)} more. {_QUALITY}"
    ),
    SavingsCode.SAVES: lambda low, high, monthly: (
        f"Open models at list prices could save {_span(low, high)} {_unit(monthly)}, if quality holds. {_QUALITY}"
    ),
    SavingsCode.NO_OPEN_PRICE: "no open model in the catalog has a dated list price",
    SavingsCode.NO_USAGE: "the log doesn't have both input and output tokens",
    SavingsCode.NO_PRICE: "no logged call has a price: the model is missing, or it has no list price",
}


_CUTS: Words = {
    SavingsCode.COSTS_MORE: lambda low, high, monthly: f"Open models would cost {_span(low, high)} more.",
    SavingsCode.MAY_COST_MORE: lambda saved, more, monthly: f"Open models could cut up to {dollars(saved)}{_UNTESTED}",
    SavingsCode.SAVES: lambda low, high, monthly: f"Open models could cut {_span(low, high)}{_UNTESTED}",
}


def saving_of(decision: UseCaseDecision | None, potential: str) -> str:
    """What a use case saves a month: measured where it moves; ``potential``: before quality is tested."""
    if decision is None:
        return potential
    if decision.target is not None and decision.target.costs.savings_usd is not None:
        return f"{numbers.money_range(decision.target.costs.savings_usd)}, measured"
    return "stays" if decision.verdict is Verdict.KEEP else f"{potential}, unproven"


def spend_and_cut(savings: Message, monthly_usd: float | None, logged_usd: float) -> str:
    """What is spent and what open models could take off it; ``logged_usd``: where no month is known."""
    if savings.code == SavingsCode.NOT_WORTH:
        return savings_words(savings)
    spent = logged_usd if monthly_usd is None else monthly_usd
    most = savings.values.get("saved", savings.values["high"] if savings.code == SavingsCode.SAVES else None)
    if most is not None and dollars(most) == dollars(spent):  # in dollars it would be the whole bill
        low = percent(savings.values["low"] / spent) if savings.code == SavingsCode.SAVES else ""
        high = percent(most / spent)
        share = high if low == high else f"{low} to {high}" if low else f"up to {high}"
        cut = f"Open models could cut {share} of it{_UNTESTED}"
    else:
        cut = worded(_CUTS, savings)
    return f"{_spent(monthly_usd, logged_usd)} {cut}"


def spend_without_cut(savings: Message, monthly_usd: float | None) -> str:
    """The same where the savings can't be estimated."""
    spent = f"{_spent(monthly_usd, None)} " if monthly_usd is not None else ""
    return f"{spent}Savings are unknown: {savings_words(savings)}."


def _spent(monthly_usd: float | None, logged_usd: float | None) -> str:
    if monthly_usd is None:
        return f"The calls in the log cost {dollars(logged_usd)}."
    return f"You spend {dollars(monthly_usd)}/month."


def calls_in_log(calls: int, failed: int, cannot: int) -> str:
    """What becomes of the calls of a log; ``cannot``: those that can't be replayed."""
    answered = f": {calls - failed:,} answered, {failed:,} failed" if failed else ""
    left = f"; {cannot:,} can't be replayed" if cannot else ""
    return f"{count(calls, 'call')} in the log{answered}{left}."


def log_holds(calls: int, span: tuple[datetime, datetime] | None, share: float) -> str:
    """How many calls a log has, of which days, and its share of the traffic; a clause."""
    return f"The log has {count(calls, 'call')} ({numbers.period(span)}){_part(share)}"


def chosen_days(calls: int, days: tuple[date, date], share: float) -> str:
    """The same of some of its days."""
    return f"On the chosen days ({numbers.days(days)}) the log has {count(calls, 'call')}{_part(share)}"


def _part(share: float) -> str:
    return f", {numbers.percent(share)} of the traffic" if share < 1 else ""


def traffic_sentence(
    held: str, monthly_calls: float | None, spend: str | None, left_out: Sequence[str], undated: int
) -> str:
    """A month of such calls, at ``spend``; ``held``: what the log has. ``left_out``: use cases without a price."""
    if monthly_calls is None:
        return f"{held}. Without times, monthly figures are unknown."
    lacks = f" (not counting {listing(left_out)})" if left_out else ""
    bill = "a month" if spend is None else f"and {spend} a month{lacks}"
    more = f" Assumed to be from the same days: {count(undated, 'call')} without a valid time." if undated else ""
    calls = numbers.projected(monthly_calls)
    return f"{held}: about {calls} {'call' if calls == '1' else 'calls'} {bill}.{more}"


def cost_basis(
    logged: tuple[int, float],
    listed: tuple[int, float],
    given: Sequence[tuple[str, str | None]],
    unpriced: int,
    left_out: Sequence[str],
) -> str:
    """From where the costs of the calls in the log are known.

    ``logged`` and ``listed``: calls and dollars as logged, and from tokens; ``given``: models with
    contract prices, or with the price of another one;
    ``left_out``: use cases in which no call has a price.
    """
    parts = [f"{count(logged[0], 'call')} as logged ({dollars(logged[1])})"] if logged[0] else []
    if listed[0]:
        contract = [name for name, like in given if not like]
        others = [f"contract prices ({listing(contract)})"] if contract else []
        others += [f"the price of {like} ({name})" for name, like in given if like]
        either = "".join(f" or {other}" for other in others)
        tokens = f"{count(listed[0], 'call')} from tokens at list prices of the day{either}"
        parts.append(f"{tokens} ({dollars(listed[1])})")
    left = ""
    if unpriced:
        lacks = f" Not counted, since no call has a price: {listing(left_out)}." if left_out else ""
        left = (
            f" {count(unpriced, 'call')} without a price: answered calls count at their use case's average, failed "
            f"calls as free.{lacks}"
        )
    return f"Cost of the calls in the log: {' and '.join(parts)}.{left}"


def tokens_sentence(calls: int, tokens: Mapping[str, int], monthly: float | None) -> str:
    """The tokens of a log by kind; ``calls``: those with token counts."""
    named = ", ".join(f"{n:,} {kind}" for kind, n in tokens.items() if n)
    month = f" About {numbers.projected(monthly)} a month in all." if monthly else ""
    return f"Tokens in {count(calls, 'call')} with token counts: {named or 'none'}.{month}"


def share_note(share: float) -> str:
    """What a month is projected from."""
    return f"Projected from the days in the log, which has {numbers.percent(share)} of the traffic."


def compared_calls(calls: int, today: str, left_out: int) -> str:
    """Which calls the first range of savings compares; ``today``: what they cost, as a clause."""
    text = f"Compared: {count(calls, 'call')} with known price and tokens, {today}."
    return f"{text} Excluded: {count(left_out, 'call')} without price or tokens." if left_out else text


def export_name(source: TotalSource) -> str:
    """An export in words."""
    if source is TotalSource.GATEWAY_TOTALS:
        return "totals by day"
    provider, kind = source.split("_")
    return f"{PROVIDERS[provider]} {'usage' if kind == 'usage' else 'cost'} export"


def export_holds(days: tuple[date, date], requests: float | None, usd: float | None) -> str:
    """What exports have of these days."""
    parts = [f"{requests:,.0f} requests"] if requests else []
    parts += [f"${usd:,.2f}"] if usd is not None else []
    return f"{listing(parts or ['token counts'])} {numbers.in_days(days)}"


def share_by_export(share: Share, entered: float | None) -> str:
    """How much of the traffic the log holds by an export; ``entered``: the share in use, where that is another."""
    is_cost = share.basis is ShareBasis.COST
    logged, counted = map(numbers.to_the_cent if is_cost else numbers.projected, (share.logged, share.counted))
    counted, export = counted if is_cost else f"{counted} {share.basis.value}", export_name(share.source)
    when = numbers.in_days(share.days)
    if share.fraction is None:
        return f"The log has more than the {export} {when}: {logged} against {counted}. Are both of the same project?"
    held = percent(share.fraction)
    if entered is not None:
        return f"You entered {percent(entered)} of traffic; the {export} says {held} ({logged} of {counted} {when})."
    more = " Add a usage export to check the bill." if is_cost else ""
    return f"The share of traffic, {held}, is from the {export}: {logged} of {counted} {when}.{more}"


def bill_check(check: BillCheck) -> str:
    """The projected bill next to what was billed."""
    projected, billed = map(numbers.to_the_cent, (check.projected_usd, check.billed_usd))
    off = f"{percent(abs(check.off))} {'more' if check.off > 0 else 'less'}" if abs(check.off) >= 0.005 else "the same"
    off = f"{1 + check.off:,.1f} times as much" if check.off > 1 else off
    more = f" {numbers.to_the_cent(check.others_usd)} more is for what isn't in the log." if check.others_usd else ""
    who = listing([PROVIDERS[name] for name in check.providers])
    verb = "say" if check.providers == ("gateway",) else "billed"
    return f"The log projects to {projected} {numbers.in_days(check.days)}; {who} {verb} {billed}: {off}.{more}"


def billed_words(billed: Billed) -> list[str]:
    """What exports tell about a log, or what they hold where there is none."""
    if not billed.has_log:
        held = export_holds(billed.days, sum(each.requests or 0 for each in billed.models), billed.usd)
        return [f"The export has {held}, but no texts. Now add a log with prompts and answers; a part of it is enough."]
    told = [share_by_export(billed.share, None if billed.is_used else billed.entered)] if billed.share else []
    told += [bill_check(billed.check)] if billed.check else []
    return told or ["The export and the log have no model and day in common, so they can't be compared."]
