"""What a report asks for, why now, and what is due before the moves and besides them, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from advisor.text.business_case.case import plan_later, retirement_note
from advisor.text.headline import flag
from advisor.text.messages import Words, worded
from advisor.text.names import bare_name, short_name
from advisor.text.numbers import before_after, count, day_of, dollars, listing, money_range, percent, shorten
from advisor.types import Message, Money
from advisor.types.business import BusinessCase, CaseOption
from advisor.types.dossier import Ask, Dossier
from advisor.types.reports import PlanTask, Task

NO_HOST = "host not chosen yet"
MOST_NAMES = 2
SHADOW = "users see only today's answers"
"""What a shadow test is."""


def ask_words(dossier: Dossier) -> str:
    """What a reader is asked to approve."""
    return worded(_ASKS, dossier.ask)


def why_now(dossier: Dossier) -> list[str]:
    """What follows the approval, what ends, and what waiting costs."""
    case, values = dossier.case, dossier.ask.values
    test, tried = values.get("test"), values.get("tried")
    told = []
    if test and test["approved_by"]:
        latest = f" This test can start by {day_of(values['latest'])} at the latest." if values["latest"] else ""
        told.append(f"No prompts go to a new host until Security and Legal approve it.{latest}")
    if tried:
        told.append(_instead(tried, is_moving=dossier.ask.code == Ask.MOVE))
    told += [_steps(values, case.one_off_usd)] if values.get("start") else []
    told += [flag(each) for each in dossier.why_now]
    if told and dossier.why_now and dossier.ask.code == Ask.MOVE and (later := _later(case)):
        told[-1] += f" {later}"
    told += [_leaves(dossier, each.task) for each in dossier.schedule.tasks if each.task.code == Task.REPLACE]
    if not case.moving or case.saved.low <= 0:
        return told
    if case.saved_later is not None and case.saved_later < case.saved.low:
        return [*told, retirement_note(case)]
    is_proven = any(each.option is CaseOption.PLAN and each.is_measured for each in case.options)
    return [*told, f"Every month of waiting costs {money_range(case.saved)}."] if is_proven else told


def _later(case: BusinessCase) -> str:
    """Both bills once today's model is gone, which the net counts."""
    usd = plan_later(case)
    if usd is None or not case.saved_later or case.saved_later <= case.saved.high:
        return ""
    name = short_name(case.ending.successor).rpartition("/")[2] if case.ending else ""
    avoided = f" and {dollars(case.avoided_usd)} of work to adopt {name}" if case.avoided_usd else ""
    return (
        f"With it the bill is {dollars(usd + case.saved_later)} a month, with the plan {dollars(usd)}: from that day "
        f"the net counts {dollars(case.saved_later)} saved a month{avoided}."
    )


def tested_words(dossier: Dossier) -> str:
    """The option that the ask includes a test of; empty: none."""
    tried = dossier.ask.values.get("tried")
    return _model(tried) if tried else ""


def task_words(task: Message) -> str:
    """A task of the plan that isn't a step of a move."""
    return worded(_TASKS, task)


def stop_words(dossier: Dossier) -> str:
    """By when a roll-out that is late ends; empty: nothing moves."""
    return task_words(dossier.schedule.stop) if dossier.schedule.stop else ""


def task_rows(tasks: tuple[PlanTask, ...]) -> Iterator[tuple[str, str, PlanTask]]:
    """(what, for which use cases, when)."""
    for each in tasks:
        yield task_words(each.task), listing([shorten(name, 60) for name in each.task.values["use_cases"]]), each


def use_cases_words(names: list[str]) -> str:
    """Names of use cases in a sentence."""
    return listing(use_cases_short(names))


def use_cases_short(names: list[str]) -> list[str]:
    """Names that fit a line."""
    return [shorten(name, 60) for name in names]


def _model(tried: Mapping[str, Any]) -> str:
    return short_name(tried["model"]).rpartition("/")[2]


def _instead(tried: Mapping[str, Any], *, is_moving: bool) -> str:
    """What the cheaper model costs, what its test decides, and what is left of the plan then."""
    model, usd = _model(tried), money_range(Money(**tried["usd"]))
    if not is_moving:
        return f"{_named(tried)}: {usd} a month for all use cases at list price, quality unknown."
    why = f"{usd} a month for all use cases"
    if tried["net"] is not None:
        why = f"against its price, the move nets {dollars(tried['net'])} over 12 months"
    return f"{model} is tested first. Where it passes, that use case goes to it and isn't tested further: {why}."


def _named(tried: Mapping[str, Any]) -> str:
    kind = "the provider's successor" if tried["option"] == CaseOption.SUCCESSOR else "a cheaper model of the provider"
    return f"{_model(tried)}, {kind}"


def _steps(values: Mapping[str, Any], one_off_usd: float) -> str:
    reviews = f" People review {count(values['reviews'], 'pair')} before." if values["reviews"] else ""
    start, end = day_of(values["start"]), day_of(values["end"])
    if test := values["test"]:
        part = f" (incl. {dollars(test['work'])} for this test)" if test["work"] else ""
        return (
            f"The move and its one-off {dollars(one_off_usd)}{part} come back for your approval by "
            f"{day_of(test['by'])}. Then a shadow test starts {start} ({SHADOW}), and all traffic has moved by {end}."
        )
    return f"A shadow test starts {start} ({SHADOW}), and all their traffic moves by {end}.{reviews}"


def _leaves(dossier: Dossier, task: Message) -> str:
    """The use cases that can't stay on a model that ends, with their share of the bill."""
    names = task.values["use_cases"]
    bills = {case.name: case.monthly_baseline_usd for case in dossier.report.recommendation.use_cases}
    known, total = [bills.get(name) or 0.0 for name in names], sum(filter(None, bills.values()))
    share = f" ({percent(sum(known) / total)} of the bill)" if total else ""
    model = short_name(task.values["baseline"])
    who = use_cases_words(names) if len(names) <= MOST_NAMES else count(len(names), "use case")
    return f"{who}{share} can't stay on {model}: {_replaced(task.values)}.{_costs_then(dossier, sum(known))}"


def _costs_then(dossier: Dossier, today: float) -> str:
    """What the successor makes of the bill of the rest, which no move changes; empty where it isn't known."""
    case, usd = dossier.case, plan_later(dossier.case)
    if usd is None or dossier.ask.code != Ask.MOVE:
        return ""
    before, after = before_after(today, usd - sum(one.today_usd - one.saved.point for one in case.moving))
    return f" They cost {before} a month, then {after}, with or without the plan."


def _replaced(values: Mapping[str, Any]) -> str:
    by = day_of(values["by"])
    if values["successor"]:
        return f"test {values['successor']} and move to it by {by}"
    return f"test another model and move to it by {by}"


def _decide(by: str | None) -> str:
    return f" Decide by {day_of(by)}." if by else ""


def _host(model: str, host: tuple[bool, str | None]) -> str:
    is_own, name = host
    if is_own:
        return f"{bare_name(model)} on your own endpoint"
    return f"{bare_name(model)} at {name}" if name else f"{bare_name(model)} ({NO_HOST})"


def _all(use_cases: int) -> str:
    return f"all {use_cases} use cases" if use_cases > 1 else "the use case"


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
    late = f" It nets {dollars(v['net'])} over 12 months and pays back in month {v['payback']}." if v["net"] < 0 else ""
    if test:
        usd, work = test["usd"], f"{dollars(test['work'])} of work and " if test["work"] else ""
        cost = "calls of unknown cost" if usd is None else f"{'under $1' if usd < 1 else dollars(usd)} of calls"
        also = f", and {_model(tried)} on {_all(v['all'])}" if tried else ""
        return f"Approve testing {listing(hosted)} on {names}{also}: {work}{cost}.{late}{_decide(v['decide_by'])}"
    also = f", and testing {_model(tried)}" if tried else ""
    return f"Approve moving {names} to {listing(hosted)}{also}.{late}{_decide(v['decide_by'])}"


def _stay(why: str, baselines: list[str], tried: Mapping[str, Any] | None, ends: Mapping[str, Any] | None) -> str:
    names = listing([short_name(each) for each in baselines])
    if ends:
        successor = ends["successor"] or "another model"
        return f"Approve testing {successor}: {short_name(ends['baseline'])} ends, and {why}."
    also = f", and testing {_model(tried)}" if tried else ""
    return f"Approve staying on {names}{also}: {why}."


def _more_evidence(use_cases: list[str], tried: Mapping[str, Any] | None) -> str:
    also = f" Approve testing {_model(tried)} meanwhile." if tried else ""
    need = "needs" if len(use_cases) == 1 else "need"
    return f"Nothing to approve yet. {use_cases_words(use_cases)} {need} more evidence.{also}"


_ASKS: Words = {
    Ask.MOVE: _move,
    Ask.NOTHING: "Nothing to decide yet: the study has no use cases.",
    Ask.MORE_EVIDENCE: _more_evidence,
    Ask.SUCCESSOR: lambda successor, use_cases, tried, decide_by: (
        f"Approve testing {successor} before moving {use_cases_words(use_cases)}: against its price the move doesn't "
        f"pay back.{_decide(decide_by)}"
    ),
    Ask.STAY: lambda **v: _stay("no candidate is both good enough and cheaper", **v),
    Ask.NOT_WORTH: lambda **v: _stay("the saving isn't worth a migration", **v),
}


def _stop(share: float, by: str, baselines: list[str], successor: str | None) -> str:
    then = f"move to {successor}" if successor else f"stay on {listing([short_name(each) for each in baselines])}"
    reached = f"{share:.0%} of the traffic isn't reached" if share else "the shadow test hasn't begun"
    return f"If {reached} by {day_of(by)}, stop and {then}."


_TASKS: Words = {
    Task.TEST: "Test a real model on the same samples, at the approved host",
    Task.TEST_CHEAPER: lambda model, **_: f"Test {short_name(model).rpartition('/')[2]}",
    Task.REVIEW: lambda use_cases, pairs: f"Review {count(pairs, 'pair')} blind",
    Task.HOST: "Choose a host",
    Task.APPROVE: "Approve host, license and data location",
    Task.MOVE: "Approve the move, or end here",
    Task.SWITCH: "Make the model a setting, to switch without a release",
    Task.REPLACE: lambda **v: f"{_replaced(v)[0].upper()}{_replaced(v)[1:]}",
    Task.STOP: _stop,
}
