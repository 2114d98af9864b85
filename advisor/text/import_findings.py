"""What is zero or unusual in an import, in words."""

from collections.abc import Callable, Mapping
from typing import Any

from advisor.text.numbers import count, listing, seconds
from advisor.types import Message
from advisor.types.codes import CallNote, Fact, FindingCode

FACTS = {
    Fact.PROMPT: "prompts",
    Fact.ANSWER: "answers",
    Fact.MODEL: "models",
    Fact.TOKENS: "token counts",
    Fact.TIME: "times",
    Fact.LATENCY: "latency",
    Fact.COST: "cost",
    Fact.TOOLS: "tools",
    Fact.SESSION: "sessions",
    Fact.REFERENCE: "reference answers",
}
_WITHOUT = {
    Fact.PROMPT: "Nothing can be replayed: volume and cost only.",
    Fact.ANSWER: "Candidates can't be compared with today's answers.",
    Fact.MODEL: "Calls have no price.",
    Fact.TOKENS: "Today's cost stays unknown.",
    Fact.TIME: "Monthly volume and savings stay unknown.",
}
UNITS = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}
ORDERS = {"day-first": "day first (31/01/2026)", "month-first": "month first (01/31/2026)"}


def import_finding(found: Message) -> str:
    """What is zero or unusual in an import."""
    words = _FINDINGS.get(found.code)
    return words(found.values) if words else found.code


def _none(values: Mapping[str, Any]) -> str:
    fact = Fact(values["fact"])
    unused = f" Columns not used: {', '.join(values['unused'])}." if values["unused"] else ""
    found = f"Only {values['only']} {FACTS[fact]} found" if values.get("only") else f"No {FACTS[fact]} found"
    return " ".join(filter(None, (f"{found}.{unused}", _WITHOUT.get(fact, ""))))


def _durations_unknown(values: Mapping[str, Any]) -> str:
    unit = values["unit"]
    guess = f" They look like {UNITS[unit]} ({unit})." if unit else ""
    return f"Latency left out: the unit of {', '.join(values['columns'])} is unknown.{guess}"


def _staff_answers(values: Mapping[str, Any]) -> str:
    staff = f" ({listing(values['staff'])})" if values["staff"] else ""
    return f"Left out: {count(values['answers'], 'answer')} written by staff{staff}, not by the bot."


def _calls(values: Mapping[str, Any], one: str, many: str) -> str:
    return f"{count(values['calls'], 'call')} {one if values['calls'] == 1 else many}"


_FINDINGS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    FindingCode.NONE: _none,
    FindingCode.FEW: lambda v: f"Only {v['calls']:,} of {count(v['of'], 'call')} have {FACTS[Fact(v['fact'])]}.",
    FindingCode.ALSO_NONE: lambda v: f"Also not found: {', '.join(FACTS[Fact(fact)] for fact in v['facts'])}.",
    FindingCode.DURATIONS_UNKNOWN: _durations_unknown,
    FindingCode.LATENCY_ODD: lambda v: f"The median latency is {seconds(v['median_s'])}. Check its unit.",
    FindingCode.DATE_ORDER: lambda v: f"Dates don't show if day or month comes first. Read as {ORDERS[v['order']]}.",
    FindingCode.TIME_ZONE: lambda _: "Times in CST are read as US Central time. From China? Export them in UTC.",
    FindingCode.MIDNIGHT: lambda _: "All times are at midnight: only their dates were found.",
    FindingCode.GROWING: lambda _: "Records repeat the conversation so far: only the last answer of each is a call.",
    FindingCode.ONE_CONVERSATION: lambda v: f"All {v['calls']:,} calls are read as one conversation. Is that right?",
    FindingCode.UNANSWERED: lambda v: f"No answer in {v['calls']:,} of {count(v['of'], 'call')}.",
    FindingCode.STAFF_ANSWERS: _staff_answers,
    FindingCode.LEFT_OUT: lambda v: f"Left out: events or internal notes ({v['rows']:,}).",
    CallNote.ANSWER_CUT: lambda v: (
        _calls(v, "had its", "had their") + " answer in the prompt too; it was removed there."
    ),
    CallNote.NULL_ANSWER: lambda v: _calls(v, "has", "have") + ' "None" or "N/A" for an answer: counted as no answer.',
    CallNote.PROVIDER_PROMPT: lambda v: (
        _calls(v, "had", "had") + " the name of a provider or model as system prompt; it was removed."
    ),
    CallNote.EARLIER_ANSWER: lambda v: (
        _calls(v, "comes", "come")
        + " from earlier answers of conversations: one call an answer. Totals stay with the last answer."
    ),
    CallNote.TOOLS_MISSING: lambda v: (
        _calls(v, "uses", "use") + " tools that aren't in the file: volume and cost only. Export each request's tools."
    ),
    CallNote.NO_INPUT_TOKENS: lambda v: (
        _calls(v, "tells", "tell") + " no input tokens, only the answer's: counted as 0, so today's cost is too low."
    ),
    CallNote.HALF_OF_TOKENS: lambda v: _calls(v, "has", "have") + " tokens of one side only: no cost from them.",
    CallNote.NOTHING_TO_ANSWER: lambda v: (
        _calls(v, "doesn't", "don't") + " end with a user's message or a tool result: volume and cost only."
    ),
    CallNote.NEWEST_FIRST: lambda _: "The table starts with answers: read newest first. Is that right?",
    CallNote.ANSWERS_FIRST: lambda _: "The table starts with answers: read as it stands. Newest first? Reverse it.",
}


def shares_words(shares: Mapping[Fact, float]) -> str:
    """What part of the calls has what, on one line."""
    return " · ".join(f"{FACTS[fact]} {share:.0%}" for fact, share in shares.items())
