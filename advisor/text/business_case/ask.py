"""What a report asks for, why now, and what is due before the moves and besides them, in words."""

from collections.abc import Collection, Mapping
from typing import Any

from advisor.text.advice.ending import later_bill, retirement_note, rise_words
from advisor.text.advice.flags import flag
from advisor.text.advice.steps import next_steps
from advisor.text.business_case.tasks import (
    closed_models,
    days_words,
    finish_words,
    first_of,
    has_row,
    replaced,
    replacements,
    use_cases_short,
    use_cases_words,
)
from advisor.text.messages import Words, upper, worded
from advisor.text.names import ANOTHER, bare_id, bare_name, short_name
from advisor.text.numbers import all_of, count, day_of, dollars, less, listing, money_range, number, percent
from advisor.text.plan import failed_words
from advisor.types import Message, Money, Step
from advisor.types.business import BusinessCase, CaseOption
from advisor.types.dossier import Ask, Dossier
from advisor.types.messages import FlagCode
from advisor.types.scenarios import CaseInput

NO_HOST = "no host yet"
MOST_NAMES = 2
WORK = ("days", "usd")
SHADOW = "unseen by users"
"""What a shadow test is."""


def ask_words(dossier: Dossier) -> str:
    """What a reader is asked to approve."""
    return worded(_ASKS, dossier.ask)


def why_now(dossier: Dossier) -> list[str]:
    """What follows the approval, what ends, and what waiting costs."""
    case, values = dossier.case, dossier.ask.values
    test, tried = values.get("test"), values.get("tried")
    told = []
    if tried:
        told.append(_instead(dossier, tried, test))
    told += [_steps(values)] if values.get("start") else []
    later = _later(case) if dossier.ask.code == Ask.MOVE else ""
    is_said = later or (tried and tried["option"] == CaseOption.SUCCESSOR)
    price = {"usd": None} if is_said else {}
    flags = (each.values | price for each in dossier.why_now)
    told += [flag(Message(code=FlagCode.RETIRES, values=values)) for values in flags]
    if dossier.why_now and later:
        told[-1] += f" {later}"
    told += finish_words(dossier.schedule)
    told += [_leaves(dossier, each) for each in replacements(dossier.schedule)]
    if not case.moving or case.saved.low <= 0:
        return told
    if case.saved_later is not None and case.saved_later < case.saved.low:
        return [*told, retirement_note(case)]
    return told


def _later(case: BusinessCase) -> str:
    """Both bills once today's model is gone."""
    bill = later_bill(case)
    if bill is None or bill[1] <= case.saved.high:
        return ""
    return f"The bill is then {dollars(bill[0])} a month, after the move {less(*bill)}."


def steps_words(dossier: Dossier, *, is_dated: bool = True) -> list[str]:
    """What to do now: first the test of a cheaper model, where there is one; last what the plan has no day for.

    ``is_dated``: also what has a row among the plan's tasks.
    """
    test, tried = dossier.ask.values.get("test"), dossier.ask.values.get("tried")
    unless = f"Unless {bare_id(tried['model'])} passes, " if test and tried else ""
    told = []
    for step, words in zip(dossier.report.plan.next_steps, next_steps(dossier.report), strict=True):
        if not is_dated and has_row(dossier.schedule, step):
            continue
        if unless and step.code == Step.REAL_CANDIDATE:
            told.append(f"{unless}{words[0].lower()}{words[1:]}")
        elif dossier.schedule.stints and step.code in _LATER:
            told.append(f"Later: {upper(words.removeprefix('Or '))}")
        else:
            told.append(words)
    return told


_LATER = (Step.IMPORT, Step.REPLAY, Step.OTHER_CANDIDATE, Step.FINE_TUNE, Step.NEW_CANDIDATE)
"""Steps towards further moves."""


def _testing(model: str, work: Mapping[str, float]) -> str:
    """With what it costs in work."""
    return f"testing {model}" + f" ({days_words(work)} of work, {dollars(work['usd'])})" * bool(work["usd"])


def _instead(dossier: Dossier, tried: Mapping[str, Any], test: Mapping[str, Any] | None) -> str:
    """What the cheaper model costs, and what its test decides."""
    name, is_moving = _named(dossier, tried), dossier.ask.code == Ask.MOVE
    usd = money_range(Money(**tried["usd"]))
    if not is_moving:
        return f"{name}: {usd} a month for all use cases at list price, quality unknown."
    if not test:
        return (
            f"{name}, is tested before any move. If proven at most {_bar(tried)} worse, moving to it instead comes "
            f"back for approval: with it all use cases cost {usd} a month.{_unsure(tried)}"
        )
    work = f" ({days_words(tried['work'])}, {dollars(tried['work']['usd'])})" if tried["work"]["usd"] else ""
    move = f", at {dollars(tried['move'])} a use case" if tried["move"] else ""
    before = listing([bare_name(model) for model in dossier.ask.values["models"]])
    beside = dossier.ask.values["beside"]
    same = f" ({listing([bare_id(each) for each in beside['models']])}: the same limits)" if beside else ""
    return (
        f"{name}, is tested before {before}{work}. If proven at most {_bar(tried)} worse{same}, it's the better "
        f"move{move}: all then cost {usd} a month.{_unsure(tried)}"
    )


def _bar(tried: Mapping[str, Any]) -> str:
    points = " or ".join(map(number, tried["margins"]))
    return f"{points} percentage point{'s' * (points != '1')} (pts)"


def _unsure(tried: Mapping[str, Any]) -> str:
    """Why its test may prove nothing."""
    few, names = tried["few"], tried["unjudged"]
    told = []
    if few:
        samples = f"{few[0]:,}" if few[0] == few[-1] else f"{few[0]:,} to {few[-1]:,}"
        told.append(f"in {count(len(few), 'use case')} {samples} samples probably won't prove that")
    if names:
        who = use_cases_words(names) if len(names) <= MOST_NAMES else count(len(names), "use case")
        told.append(f"{who} {'needs' if len(names) == 1 else 'need'} a judge first")
    words = "; ".join(told)
    return f" {words[0].upper()}{words[1:]}." if words else ""


def _named(dossier: Dossier, tried: Mapping[str, Any]) -> str:
    """With its provider, where all that moves has one."""
    hosts = {flow.before.name for flow in dossier.data_flows}
    host = (hosts.pop() if len(hosts) == 1 else None) or "the provider"
    kind = f"{host}'s successor" if tried["option"] == CaseOption.SUCCESSOR else f"a cheaper model of {host}"
    return f"{bare_id(tried['model'])}, {kind}"


def _steps(values: Mapping[str, Any]) -> str:
    reviews = f" People review {count(values['reviews'], 'pair')} before." if values["reviews"] else ""
    start, end = day_of(values["start"]), day_of(values["end"])
    if not (test := values["test"]):
        return f"A shadow test starts {start} ({SHADOW}), with all their traffic from {end}.{reviews}"
    by, what = day_of(test["by"]), "What passes" if values["tried"] else "The move"
    return f"{what}: your approval by {by}, shadow ({SHADOW}) from {start}, all traffic from {end}."


def _leaves(dossier: Dossier, values: Mapping[str, Any]) -> str:
    """The use cases that can't stay on a model that ends, with their share of the bill."""
    names, baseline = values["use_cases"], values["baseline"]
    bills = {case.name: case.monthly_baseline_usd for case in dossier.report.recommendation.use_cases}
    known, total = [bills.get(name) or 0.0 for name in names], sum(filter(None, bills.values()))
    share = f" ({percent(sum(known) / total)} of the bill)" if total else ""
    who = f"{use_cases_words(names) if len(names) <= MOST_NAMES else count(len(names), 'use case')}{share}"
    then = _costs_then(dossier, len(names), is_due="unless" not in values)
    if values["is_first"]:
        work = (inputs := dossier.case.inputs).work(len(names) * inputs[CaseInput.SUCCESSOR_DAYS])
        takes = f" With or without the plan, that takes {days_words(work)} of work ({dollars(work['usd'])})."
        return first_of(values) + takes * bool(work["usd"])
    if "unless" not in values:
        return f"{who} can't stay on {short_name(baseline)}: {replaced(values)}.{then}"
    others = [bare_name(model) for model in dossier.ask.values.get("models", ()) if dossier.ask.values.get("test")]
    also = f" and any other where {listing(others)} {'does' if len(others) == 1 else 'do'}n't pass" if others else ""
    after = ", untested" if values["is_late"] else "" if values.get("is_tested") else ", after its test"
    to = f"{values['successor'] or ANOTHER} by {day_of(values['by'])}{after}{failed_words(values)}"
    return f"Unless {bare_id(values['unless'])} passes, {who}{also} must move to {to}.{then}"


def _costs_then(dossier: Dossier, use_cases: int, *, is_due: bool) -> str:
    """What the successor makes of the bill of these, which no move changes; empty: not known for them alone."""
    case, more = dossier.case, rise_words(dossier.case)
    is_rest = use_cases + len(case.moving) == len(dossier.report.recommendation.use_cases)
    if not more or dossier.ask.code != Ask.MOVE or not is_rest:
        return ""
    usd = case.inputs[CaseInput.SUCCESSOR_DAYS] * case.inputs[CaseInput.DAY_USD]
    if is_due:
        takes = f"takes {dollars(use_cases * usd)} of work and then " if usd else ""
        return f" With or without the plan, that {takes}costs {more}."
    who, s = (f"The {use_cases}", "") if use_cases > 1 else ("It", "s")
    work = f"take{s} {dollars(use_cases * usd)} of work and then cost{s}" if usd else f"then cost{s}"
    return f" {who} {work} {more}."


def _decide(
    by: str | None, latest: str | None = None, a_month: float = 0, *, rises: bool = False, tested: Collection[str] = ()
) -> str:
    """``latest``: in time too, with later dates. ``a_month``: dollars that waiting costs; ``rises``: later more."""
    later = f", at the latest {day_of(latest)}" if by and latest and latest > by else ""
    passing = f" if {listing([*map(bare_name, tested)])} {'passes' if len(tested) == 1 else 'pass'}" if tested else ""
    usd = f"{dollars(a_month)}{'+' * rises} a month{passing}"
    later += f"; waiting costs {usd}" if later and a_month > 0 else ""
    return f" Decide by {day_of(by)}{later}." if by else ""


def _host(model: str, host: tuple[bool, str | None]) -> str:
    is_own, name = host
    if is_own:
        return f"{bare_name(model)} on your own endpoint"
    return f"{bare_name(model)} at {name}" if name else f"{bare_name(model)} ({NO_HOST})"


def _move(
    use_cases: list[str],
    models: Mapping[str, tuple[bool, str | None]],
    test: Mapping[str, Any] | None,
    tried: Mapping[str, Any] | None,
    **v: Any,
) -> str:
    hosted = [_host(model, host) for model, host in models.items()]
    few = use_cases_short(use_cases[:MOST_NAMES])
    names = listing(few + [f"{len(use_cases) - MOST_NAMES} more"] * (len(use_cases) > MOST_NAMES))
    by = _decide(
        v["decide_by"],
        v["latest"],
        v["saved"],
        rises=v["rises"],
        tested=models if test else (),
    )
    beside = v["beside"]
    closed = closed_models(tried["model"] if tried else "", beside["models"] if beside else ())
    both = {name: sum(each["work"][name] for each in (test, tried, beside) if each) for name in WORK}
    if test:
        usd = test["usd"]
        work = f"{days_words(both)} ({dollars(both['usd'])})" if both["usd"] else ""
        cost = "calls of unknown cost" if usd is None else f"{dollars(usd)} of calls" if usd >= 1 else ""
        paid = f": {', '.join(filter(None, (work, cost)))}" if work or cost else ""
        where = f", unless {bare_id(tried['model']) if beside else 'it'} passes," if tried else ""
        first = f"{listing(closed)} on {all_of(v['all'] if tried else beside['on'])} and{where} " if closed else ""
        return f"Approve testing {first}{listing(hosted)} on {names}{paid}.{by}"
    tests = _testing(listing(closed), both) if closed else ""
    if tried:
        return f"Approve {tests} and, unless {bare_id(tried['model'])} passes, moving {names} to {listing(hosted)}.{by}"
    return f"Approve moving {names} to {listing(hosted)}{f', and {tests}' * bool(closed)}.{by}"


def _stay(
    why: str,
    baselines: list[str],
    work: Mapping[str, float],
    tried: Mapping[str, Any] | None,
    ends: Mapping[str, Any] | None,
) -> str:
    names = listing([short_name(each) for each in baselines])
    if ends:
        successor = ends["successor"] or ANOTHER
        what = f"moving to {successor}" if ends.get("is_tested") else _testing(successor, work)
        return f"Approve {what}: {short_name(ends['baseline'])} ends, and {why}."
    also = f", and {_testing(bare_id(tried['model']), tried['work'])}" if tried else ""
    return f"Approve staying on {names}{also}: {why}."


def _more_evidence(use_cases: list[str], tried: Mapping[str, Any] | None) -> str:
    need = f"{use_cases_words(use_cases)} {'needs' if len(use_cases) == 1 else 'need'} more evidence."
    if tried:
        return f"Nothing to approve yet but {_testing(bare_id(tried['model']), tried['work'])}: {need}"
    return f"Nothing to approve yet. {need}"


def _successor(
    successor: str, use_cases: list[str], passed: bool, work: Mapping[str, float], tried: object, decide_by: str | None
) -> str:
    names = use_cases_words(use_cases)
    what = f"switching {names} to {successor}" if passed else f"{_testing(successor, work)} before moving {names}"
    return f"Approve {what}: against its price the move doesn't pay back.{_decide(decide_by)}"


_ASKS: Words = {
    Ask.MOVE: _move,
    Ask.NOTHING: "Nothing to decide yet: the study has no use cases.",
    Ask.MORE_EVIDENCE: _more_evidence,
    Ask.SUCCESSOR: _successor,
    Ask.STAY: lambda **v: _stay("no candidate is both good enough and cheaper", **v),
    Ask.NOT_WORTH: lambda **v: _stay("the saving isn't worth a migration", **v),
}
