"""Who signs for what, and by when."""

from collections.abc import Iterator
from datetime import date

from advisor.text.business_case.ask import NO_HOST
from advisor.text.business_case.risks import host_words
from advisor.text.business_case.tasks import SIGNER
from advisor.text.messages import upper
from advisor.text.names import ANOTHER, bare_id
from advisor.text.numbers import day, dollars, listing
from advisor.types.dossier import Ask, Danger, Dossier
from advisor.types.reports import Task, workday_before

QUALITY, DROPS = "Quality", "The accepted drops"
INVOICE = " on the invoice"
TESTS = (Task.TEST_CHEAPER, Task.TEST)
FOLLOWS, UNTESTED = " on what moves to it, after its test", " on what moves to it, untested"


def signers(dossier: Dossier) -> list[tuple[str, str, str]]:
    """(who, what they confirm, by when), the first first; none where nothing moves."""
    due = sorted(_due(dossier), key=lambda each: each[2]) if dossier.schedule.stints else []
    return [(who, what, day(by)) for who, what, by in due]


def _due(dossier: Dossier) -> Iterator[tuple[str, str, date]]:
    ends = {each.task.code: each.last for each in dossier.schedule.tasks}
    last = ends.get(Task.MOVE) or workday_before(min(stint.first for stint in dossier.schedule.stints))
    first = ends[Task.APPROVE] if Task.MOVE in ends and Task.APPROVE in ends else last
    hosts = listing([*dict.fromkeys(host_words(flow.after) for flow in dossier.data_flows)])
    limits = f"limits of each step{_unset(dossier)}"
    today = dossier.case.today_usd
    bill = f"The {dollars(today)} on the invoice, the one-off" if today else "The one-off"
    tests = [each for each in dossier.schedule.tasks if each.task.code in TESTS] if Task.MOVE in ends else []
    yield from ((QUALITY, DROPS, each) for each in _before_tests(dossier))
    yield QUALITY, f"The {limits}" if Task.MOVE in ends else f"The accepted drops and the {limits}", last
    yield "Security", f"Prompts may go to {'the host, once chosen' if hosts == NO_HOST else hosts}", first
    yield "Legal", "License duties and the data terms of the host", first
    if tests and today:
        yield "Finance", f"The {dollars(today)}{INVOICE}", min(each.last for each in tests)
        bill = "The one-off"
    yield "Finance", f"{bill} cost and the savings", last
    if Task.MOVE in ends:
        yield f"{SIGNER[0].upper()}{SIGNER[1:]}", "Moving to what passed its test", last
    yield from dict.fromkeys(_of_successors(dossier, is_approved=Task.MOVE in ends))


def _of_successors(dossier: Dossier, *, is_approved: bool) -> Iterator[tuple[str, str, date]]:
    """``is_approved``: what passed its test is signed for already."""
    for each in dossier.schedule.tasks:
        if each.task.code in (Task.REPLACE, Task.FINISH) and not (is_approved and "is_tested" in each.task.values):
            by = max(date.fromisoformat(each.task.values["approved"]), each.first)
            how = UNTESTED if each.task.values["is_late"] else FOLLOWS
            yield QUALITY, f"{each.task.values['successor'] or upper(ANOTHER)}{how}", by


def drops_words(dossier: Dossier) -> str:
    """Who sets the accepted drops, and who signs them."""
    told = "“You accept a drop” is a setting of this study"
    signed = next((f"{who} signs it by {by}" for who, what, by in signers(dossier) if what.startswith(DROPS)), "")
    return f"{told}; {signed}." if signed else f"{told}."


def _unset(dossier: Dossier) -> str:
    """Limits that a step needs and that nothing here could set."""
    moves = [case.target for case in dossier.report.recommendation.use_cases if case.target]
    untimed = any(a.times.latency_p95_s is None for a in moves)
    personal = any(danger.code == Danger.PERSONAL_DATA for danger in dossier.dangers)
    missing = ["latency"] * untimed + ["personal data"] * personal
    return f", also {listing(missing)}" if missing else ""


def _before_tests(dossier: Dossier) -> list[date]:
    """The day by which the drops are accepted: before a test is scored by them; none where nothing is tested first."""
    tasks = {each.task.code: each.first for each in dossier.schedule.tasks}
    if Task.MOVE not in tasks:
        return []
    first = min(tasks[code] for code in TESTS if code in tasks)
    return [max(workday_before(first), min(tasks.values()))]


def signed_words(dossier: Dossier) -> str:
    """What a signature on page one is for, and who else signs; empty: nothing is to be approved."""
    if dossier.ask.code in (Ask.NOTHING, Ask.MORE_EVIDENCE) and not dossier.ask.values.get("tried"):
        return ""
    if dossier.ask.code != Ask.MOVE:
        return "This signature approves what the headline asks for, and no move."
    by: dict[str, list[str]] = {}
    for who, confirmed, on in signers(dossier):
        model = confirmed.removesuffix(FOLLOWS).removesuffix(UNTESTED)
        what = "accepted drops" if confirmed == DROPS else model if model != confirmed else ""
        what = "invoice" if confirmed.endswith(INVOICE) else what
        if who.lower() != SIGNER:
            by.setdefault(on, []).append(f"{who} ({what})" if what else who)
    test, tried, beside = (dossier.ask.values[name] for name in ("test", "tried", "beside"))
    one_off = f"move and its one-off {dollars(dossier.case.one_off_usd)}"
    what = one_off
    if test:
        what = f"test{'s' * bool(tried or beside)}; what passes comes back to you"
    elif tried:
        what = f"test{'s' * bool(beside)} and, unless {bare_id(tried['model'])} passes, the {one_off}"
    dates = ", ".join(f"{listing(names)} by {on}" for on, names in by.items())
    told = [f"This signature approves the {what}.", f"Sign-offs: {dates}." if dates else "", _unowned(dossier)]
    return " ".join(filter(None, told))


def _unowned(dossier: Dossier) -> str:
    """What is still without an owner."""
    schedule = dossier.schedule
    tasks = [_OWNED[Task(each.task.code)] for each in schedule.tasks if not each.owner]
    moves = ["roll-out"] * any(not each.entered.owner for each in schedule.stints)
    names = list(dict.fromkeys([*tasks, *moves]))
    if len(tasks) == len(schedule.tasks) and moves:
        return "No task has an owner yet."
    return f"Owners to name: {listing(names, len(names))}." if names else ""


_OWNED = {
    Task.JUDGE: "tests",
    Task.TEST_CHEAPER: "tests",
    Task.TEST: "tests",
    Task.HOST: "host",
    Task.APPROVE: "approvals",
    Task.REVIEW: "reviews",
    Task.MOVE: "approvals",
    Task.SWITCH: "roll-out",
    Task.LABEL: "labels",
    Task.REPLACE: "what doesn't move",
    Task.FINISH: "roll-out",
}
"""Tasks in a word."""
