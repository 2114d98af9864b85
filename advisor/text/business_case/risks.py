"""What can go wrong, what is done about it, and where prompts go."""

from advisor.text.business_case.ask import NO_HOST
from advisor.text.business_case.tasks import TOO_LATE, use_cases_words
from advisor.text.catalog import BY_ANSWERS
from advisor.text.gates import back_if
from advisor.text.messages import Words, worded
from advisor.text.names import bare_name, short_name
from advisor.text.numbers import count, day_of, listing, number, pts
from advisor.types import Verdict
from advisor.types.dossier import Danger, Dossier, Processor

MOST_DANGERS = 6
LICENCE = "License duties"


def dangers(dossier: Dossier, most: int = MOST_DANGERS) -> list[tuple[str, str]]:
    """(what can go wrong, what is done about it), the gravest first."""
    return [(worded(_DANGERS, each), worded(_REMEDIES, each)) for each in dossier.dangers[:most]]


def flow_rows(before: Processor, after: Processor) -> list[tuple[str, str, str]]:
    """(fact, before, after) of where prompts go."""
    sides = [_facts(before), _facts(after)]
    return [(label, sides[0][label], sides[1][label]) for label in sides[0]]


def host_words(processor: Processor) -> str:
    """Who handles the prompts."""
    return "your own endpoint" if processor.is_own else processor.name or NO_HOST


def _facts(processor: Processor) -> dict[str, str]:
    unknown = "yours to say" if processor.is_own else f"ask {processor.name or 'the host'}: "

    def asked(known: str | None, question: str) -> str:
        return known or f"{unknown}{question * (not processor.is_own)}"

    return {
        "Model": processor.model,
        "Processor": host_words(processor),
        "Region": asked(processor.regions, "where are prompts stored and processed?"),
        "Retention": asked(processor.retention, "how long are they kept, and can it be zero?"),
        "Trains on your data": asked(processor.trains_on_data, "does the contract rule it out?"),
        LICENCE: _duties(processor),
    }


def _duties(processor: Processor) -> str:
    if not processor.licence:
        return "the provider's terms" if processor.name and not processor.is_own else "license unknown: Legal checks it"
    if not processor.conditions:
        return f"{processor.licence}: keep its notices, no other duty"
    company = BY_ANSWERS[processor.fit] if processor.fit else " Answer the questions about your company under Models."
    return f"{processor.conditions}{company}"


def way_back(successor: str, verdict: str | None) -> str:
    """What is left once today's model is gone. ``verdict``: on its successor, where something moves."""
    if verdict == Verdict.SWITCH:
        return f"From then the way back is {successor}."
    if verdict == Verdict.KEEP or not successor:
        failed = f": {successor} isn't good enough here" * bool(successor)
        return f"From then nothing tested is left to go back to{failed}. Test another model for it."
    return f"From then the way back is {successor}, if it passed its test."


def _left(successor: str, verdict: str | None) -> str:
    """The same in a clause."""
    if verdict == Verdict.KEEP or not successor:
        return "nothing tested is left then"
    return f"the way back is then {successor}"


def _drops(margins: list[tuple[float, list[str]]]) -> str:
    """Each with its use cases, where they differ."""
    if len(margins) == 1:
        return f"{pts(margins[0][0])}"
    return " or ".join(f"{pts(margin)} ({use_cases_words(names)})" for margin, names in margins)


def _back(baselines: list[str], margins: list[tuple[float, list[str]]], **limits: float) -> str:
    """The same limits as in the plan."""
    also = " or ".join(f"{label.lower()} {limit}" for label, limit in back_if(limits).items())
    to = listing([short_name(each) for each in baselines])
    return f"Small steps, back to {to} at a quality drop of clearly {_drops(margins)} or more, {also}."


def _bar(margins: list[float]) -> str:
    """What passes."""
    return f" (passes if proven at most {' or '.join(map(number, margins))} pts worse)" if margins else ""


def _span(days: int) -> str:
    """In whole weeks from two on."""
    n, unit = (days // 7, "week") if days >= 14 else (days, "day")
    return f"{count(n, unit)} remain{'s' * (n == 1)}"


_DANGERS: Words = {
    Danger.ILLUSTRATIVE: "A real model may do worse than these pre-recorded answers.",
    Danger.PROVISIONAL: lambda use_cases, pairs: (
        f"{use_cases_words(use_cases)} rests on a judge that few people checked."
    ),
    Danger.REGRESSION: "Answers get worse for users.",
    Danger.NO_HOST: lambda model: f"{bare_name(model)} has no host yet: price, speed and terms can differ.",
    Danger.PERSONAL_DATA: lambda use_cases, k, n, baseline: (
        f"{k:,} of {count(n, 'answer')} in {use_cases_words(use_cases)} had personal data other than names; "
        f"today's model: {baseline:,}."
    ),
    Danger.RETIRES: lambda baseline, on, first="", by="", **_: (
        f"{baseline} is switched off on {day_of(on)}"
        f"{', before the last steps' if by else ', before the move can end' if first else ''}: no way back to it "
        "after that."
    ),
    Danger.SUCCESSOR: lambda models, **_: f"{listing(models)} may fail: what stays, and the way back, depend on it.",
    Danger.LICENCE: lambda model, conditions, fit=None: f"License of {model}: {conditions}",
    Danger.NO_LICENCE: "The license of {model} is unknown.",
    Danger.UNSURE_SAVING: "{model} may cost more than today.",
    Danger.NEW_PROCESSOR: "Prompts go to a new processor, {host}.",
    Danger.NOT_PROBED: "{model} wasn't tested at its host.",
    Danger.PARTIAL: "The run is incomplete.",
}
_REMEDIES: Words = {
    Danger.ILLUSTRATIVE: "Test a real model on the same samples before anything moves.",
    Danger.PROVISIONAL: lambda use_cases, pairs: (
        f"Review {count(pairs, 'pair')} before the shadow test." if pairs else "Use a judge that reviewers agree with."
    ),
    Danger.REGRESSION: _back,
    Danger.NO_HOST: "Security and Legal approve one before any prompt goes there.",
    Danger.PERSONAL_DATA: "Quality sets a limit for it before the shadow test.",
    Danger.RETIRES: lambda baseline, on, successor, verdict, first="", by="": (
        f"Reach 100% by {day_of(by)}, or move the other calls to {first} by then: that is the way back."
        if by
        else f"Its calls move to {first} first: that is the fallback and the way back."
        if first
        else f"Finish before: {_left(successor, verdict)}."
    ),
    Danger.SUCCESSOR: lambda by, days, margins=(), **_: (
        f"Test by {day_of(by)}{_bar(margins)}; after a failure, {_span(days)} to test another." if days else TOO_LATE
    ),
    Danger.LICENCE: "Legal checks it before customer traffic moves.",
    Danger.NO_LICENCE: "Legal checks it before customer traffic moves.",
    Danger.UNSURE_SAVING: "Watch the cost of 1,000 calls at every step.",
    Danger.NEW_PROCESSOR: lambda host, regions=None: (
        f"Security signs off on data processing{f' ({regions})' if regions else ' and region'}."
    ),
    Danger.NOT_PROBED: "Test the connection before the shadow test.",
    Danger.PARTIAL: "Finish the run before the shadow test.",
}
