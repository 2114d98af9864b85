"""What a log says about its traffic beside sums, and what open models could save at list prices."""

from advisor.text.headline import not_worth
from advisor.text.messages import Words, worded
from advisor.text.numbers import dollars
from advisor.types import FindingName, FindingNote, Message, SavingsCode

FINDINGS = {
    FindingName.ERROR_RATE: "Failed calls",
    FindingName.PEAK_IN_FLIGHT: "Peak calls in flight",
    FindingName.NOT_INTERACTIVE: "Non-interactive calls",
    FindingName.EXACT_DUPLICATES: "Duplicate requests",
    FindingName.NEAR_DUPLICATES: "Near-duplicate prompts",
    FindingName.CACHED_INPUT: "Cached input tokens",
    FindingName.REASONING_OUTPUT: "Reasoning tokens in output",
    FindingName.REPLAYABLE: "Calls that can be replayed",
    FindingName.FOLLOWED: "Calls with a later turn",
}
_QUALITY = "Quality is not yet measured."
_STEADY = "Programs that call at a steady pace look like people."


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
    FindingNote.SAME_REQUEST: "Same messages, tools and parameters as an earlier call.",
    FindingNote.NEAR_REQUEST: "Differ from an earlier prompt only in case, digits, spaces or punctuation. "
    "Different amounts or dates need different answers.",
    FindingNote.NO_PROMPTS: "No call can be replayed, so prompts can't be compared.",
    FindingNote.CACHE_READ: "Share of all input tokens.",
    FindingNote.NO_CACHE_READ: "The log reports no cached tokens.",
    FindingNote.REASONING: "Billed as output but not part of the answer.",
    FindingNote.NO_REASONING: "The log reports no reasoning tokens.",
    FindingNote.NO_USAGE: "The log has no token counts.",
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
    SavingsCode.NO_USAGE: "the log has no token counts",
    SavingsCode.NO_PRICE: "no logged call has a price: the model is missing, or it has no list price",
}
