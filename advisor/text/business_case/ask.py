"""What a report asks for, why now, and what is due before the moves and besides them, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from advisor.text.business_case.case import plan_later, retirement_note
from advisor.text.headline import flag
from advisor.text.messages import Words, worded
from advisor.text.names import bare_name, short_name
from advisor.text.numbers import count, day_of, dollars, listing, money_range, percent, shorten
from advisor.types import Message, Money
from advisor.types.business import BusinessCase, CaseOption
from advisor.types.dossier import Ask, Dossier
from advisor.types.reports import PlanTask, Task

NO_HOST = "host not chosen yet"
MOST_NAMES = 2
SHADOW = "both models answer, users see only today's answers"
"""What a shadow test is."""


def ask_words(dossier: Dossier) -> str:
    """What a reader is asked to approve."""
    return worded(_ASKS, dossier.ask)


def why_now(dossier: Dossier) -> list[str]:
    """What follows the approval, what ends, and what waiting costs."""
    case, values = dossier.case, dossier.ask.values
    told = [_steps(values)] if values.get("start") else []
    if values.get("test") and case.one_off_usd:
        told.append(
            f"The move and its one-off {dollars(case.one_off_usd)} come back for approval. The latest day to decide is "
            f"{day_of(values['latest'])}, with later dates and less saved."
        )
    if tried := values.get("tried"):
        usd = money_range(Money(**tried["usd"]))
        told.append(f"{_named(tried)}: {usd} a month for all use cases at list price, quality unknown.")
    told += [flag(each) for each in dossier.why_now]
    if told and dossier.why_now and (later := _later(case)):
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
    return (
        f"Then the bill is {dollars(usd + case.saved_later)} a month, or {dollars(usd)} with the plan: the net counts "
        f"{dollars(case.saved_later)} saved a month from that day."
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
    return listing([shorten(name, 60) for name in names])


def _model(tried: Mapping[str, Any]) -> str:
    return short_name(tried["model"]).rpartition("/")[2]


def _named(tried: Mapping[str, Any]) -> str:
    kind = "the provider's successor" if tried["option"] == CaseOption.SUCCESSOR else "a cheaper model of the provider"
    return f"{_model(tried)}, {kind}"


def _steps(values: Mapping[str, Any]) -> str:
    reviews = f" People review {count(values['reviews'], 'pair')} before." if values["reviews"] else ""
    then = "If it passes, a" if values["test"] else "A"
    return (
        f"{then} shadow test starts {day_of(values['start'])} ({SHADOW}), and all their traffic moves by "
        f"{day_of(values['end'])}.{reviews}"
    )


def _leaves(dossier: Dossier, task: Message) -> str:
    """The use cases that can't stay on a model that ends, with their share of the bill."""
    names = task.values["use_cases"]
    bills = {case.name: case.monthly_baseline_usd for case in dossier.report.recommendation.use_cases}
    known, total = [bills.get(name) or 0.0 for name in names], sum(filter(None, bills.values()))
    share = f" ({percent(sum(known) / total)} of the bill)" if total else ""
    model = short_name(task.values["baseline"])
    who = use_cases_words(names) if len(names) <= MOST_NAMES else count(len(names), "use case")
    return f"{who}{share} can't stay on {model}: {_replaced(task.values)}."


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
    names = use_cases_words(use_cases)
    if test:
        usd, days = test["usd"], count(test["days"], "working day")
        cost = "cost unknown" if usd is None else "under $1 of calls" if usd < 1 else f"about {dollars(usd)} of calls"
        also = f", and {_model(tried)} on {_all(v['all'])}" if tried else ""
        return f"Approve testing {listing(hosted)} on {names}{also}: {cost}, {days}.{_decide(v['decide_by'])}"
    also = f", and testing {_model(tried)}" if tried else ""
    return f"Approve moving {names} to {listing(hosted)}{also}.{_decide(v['decide_by'])}"


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
    Task.TEST: "Test a real model on the same samples",
    Task.TEST_CHEAPER: lambda model, **_: f"Test {short_name(model).rpartition('/')[2]}",
    Task.REVIEW: lambda use_cases, pairs: f"Review {count(pairs, 'pair')} blind",
    Task.APPROVE: "Approve host, license and data location",
    Task.SWITCH: "Make the model a setting, to switch without a release",
    Task.REPLACE: lambda **v: f"{_replaced(v)[0].upper()}{_replaced(v)[1:]}",
    Task.STOP: _stop,
}
