"""Who signs for what, and by when."""

from advisor.text.business_case.ask import NO_HOST
from advisor.text.business_case.risks import host_words
from advisor.text.numbers import day, dollars, listing
from advisor.types.dossier import Ask, Dossier
from advisor.types.reports import Task, workday_before

LAST_SIGNERS = ("Quality", "Finance")
"""Who sign for a move, after its test."""


def signers(dossier: Dossier) -> list[tuple[str, str, str]]:
    """(who, what they confirm, by when); none where nothing moves."""
    if not dossier.schedule.stints:
        return []
    ends = {each.task.code: each.last for each in dossier.schedule.tasks}
    last = ends.get(Task.MOVE) or workday_before(min(stint.first for stint in dossier.schedule.stints))
    by, first = day(last), day(ends[Task.APPROVE] if Task.MOVE in ends and Task.APPROVE in ends else last)
    hosts = listing([*dict.fromkeys(host_words(flow.after) for flow in dossier.data_flows)])
    return [
        ("Quality", "The accepted drops and the limits of each step", by),
        ("Security", f"Prompts may go to {'the host, once chosen' if hosts == NO_HOST else hosts}", first),
        ("Legal", "License duties and the data terms of the host", first),
        ("Finance", "One-off cost and savings", by),
    ]


def signed_words(dossier: Dossier) -> str:
    """What a signature on page one is for, and who else signs; empty: nothing is to be approved."""
    if dossier.ask.code in (Ask.NOTHING, Ask.MORE_EVIDENCE):
        return ""
    if dossier.ask.code != Ask.MOVE:
        return "This signature approves what the headline asks for, and no move."
    by: dict[str, list[str]] = {}
    for who, _, on in sorted(signers(dossier), key=lambda each: each[0] in LAST_SIGNERS):
        by.setdefault(on, []).append(who)
    what = (
        "test, not the move"
        if dossier.ask.values["test"]
        else f"move and its one-off {dollars(dossier.case.one_off_usd)}"
    )
    dates = ", ".join(f"{listing(names)}{' sign' * (not i)} by {on}" for i, (on, names) in enumerate(by.items()))
    return f"This signature approves the {what}.{f' {dates}.' if dates else ''}"
