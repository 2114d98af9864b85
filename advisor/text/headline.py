"""What a product manager reads first: the decision, true in every state of the evidence, and its flags."""

from collections.abc import Sequence
from dataclasses import replace

from advisor.text.advice.ending import roll_out_note, saves_words
from advisor.text.advice.judges import judge_clause
from advisor.text.messages import upper
from advisor.text.names import Outcome, bare_id, bare_name, on_hold, outcome, short_name, target_name
from advisor.text.numbers import all_of, count, day_of, dollars, listing, money_range, percent, saving
from advisor.text.results import until_reviewed
from advisor.text.scores import why_unconfirmed
from advisor.types import (
    Cause,
    Evidence,
    Gate,
    GateName,
    Recommendation,
    UseCaseDecision,
    Verdict,
)
from advisor.types.business import BusinessCase
from advisor.types.codes import JudgeState
from advisor.types.reports import judge_state


def headline(r: Recommendation, case: BusinessCase) -> str:
    """What to move, what to keep, what it saves and what is open; where no move pays back, that."""
    return unpaid(r, case) or sentence(r, saves(r, case) if r.bill.monthly else "")


def sentence(r: Recommendation, saved: str = "") -> str:
    """What the evidence says to move, whether or not it pays back; ``saved``: what the moves do, as a predicate."""
    decisions = r.use_cases
    moves = [decision for decision in decisions if decision.chosen is not None]
    unsure = [decision.name for decision in decisions if decision.verdict is Verdict.NEED_MORE_DATA]
    if not decisions:
        text = "Nothing to decide yet: the study has no use cases"
    elif r.bill.worth is False and r.bill.monthly is not None:
        text = not_worth(r.bill.monthly.baseline_usd)
    elif moves:
        text = _move(r, moves, saved)
    elif unsure:
        text = _stay(r, unsure)
    else:
        text = f"{_where_they_stay(decisions, len(decisions))}: {_why_kept(decisions)}"
    text += _not_read(decisions)
    if r.run.partial:
        calls = f" ({count(r.run.missing, 'planned call')} unanswered)" if r.run.missing else ""
        text += f". The run is incomplete{calls}, so this may change"
    return f"{'Sample study: ' + text[0].lower() + text[1:] if r.is_sample_study else text}."


def quality_sentence(r: Recommendation) -> str:
    """In how many use cases a candidate is good enough; the decision where that is open everywhere."""
    verdicts = [{a.ruling.verdict for a in case.candidates} for case in r.use_cases]
    good = sum(bool(each & {Verdict.SWITCH, Verdict.ROUTE}) for each in verdicts)
    bad = sum(each == {Verdict.KEEP} for each in verdicts)
    if not good and not bad:
        return sentence(r)
    held, none = on_hold(r.use_cases), f", {bad} {'has' if bad == 1 else 'have'} none"
    who = f"{good} of {count(len(r.use_cases), 'use case')} {'has' if good == 1 else 'have'} a good enough candidate"
    return f"{who}{none if bad else ''}{f'; {held}' if held else ''}."


def measured(r: Recommendation, case: BusinessCase) -> str:
    """What is spent and what the moves save of it; the decision where no saving was measured."""
    moves, monthly = sum(decision.chosen is not None for decision in r.use_cases), r.bill.monthly
    if not moves or monthly is None or r.bill.worth is False:
        return sentence(r)
    return (
        f"You spend {dollars(monthly.baseline_usd)}/month. Measured: {moves} of {count(len(r.use_cases), 'use case')} "
        f"can move and {saves(r, case, roll_out_note(case))}."
    )


def saves(r: Recommendation, case: BusinessCase, note: str = "") -> str:
    """What the plan saves while today's model is there and after it, and whether that pays back; ``note``: on that."""
    assert r.bill.monthly
    saved = r.bill.monthly.savings_usd
    what = saving(saved) if saved.low < 0 else saves_words(case, money_range(saved))
    return f"{what}{note}{unpaid_clause(r, case)}"


def card_title(r: Recommendation, case: BusinessCase, test: str = "") -> str:
    """The decision in numbers: "Move 2 of 6 use cases. Save $4,100 of $14,600 a month."; ``test``: a model first."""
    if words := unpaid(r, case):
        return words
    moves, monthly = sum(decision.chosen is not None for decision in r.use_cases), r.bill.monthly
    if not moves or r.bill.worth is False:
        return sentence(replace(r, is_sample_study=False, run=replace(r.run, partial=False)))
    targets = [decision.target for decision in r.use_cases if decision.target]
    untested = list(dict.fromkeys(bare_name(target.model) for target in targets if target.illustrative))
    passes = "passes its test" if len(untested) == 1 else "pass their tests"
    fails = f" and {test} doesn't" if test else ""
    when = f" if {listing(untested)} {passes}{fails}" if untested else ""
    text = f"Move {moves} of {count(len(r.use_cases), 'use case')}{when}. "
    if monthly is None:
        return f"{text}The monthly saving is unknown."
    unless = f", unless {test} passes its test" if test and not untested else ""
    if monthly.savings_usd.low < 0 or case.is_brief:
        return f"{text}{upper(saves(r, case))}{unless}."
    of = "of today's" if case.replaced else "of"  # a bill that has ended by then
    return f"{text}Save {dollars(monthly.savings_usd.point)} {of} {dollars(monthly.baseline_usd)} a month{unless}."


def unpaid(r: Recommendation, case: BusinessCase) -> str:
    """That what can move shouldn't, since it never pays back; empty where it does, or where the bill is too small."""
    if case.pays or not case.moving or r.bill.worth is False:
        return ""
    can, why = f"{len(case.moving)} of {count(len(r.use_cases), 'use case')} can move, but", _why_unpaid(case)
    if case.overtaken_by and case.overtaken_by.on:
        name, on = bare_id(case.overtaken_by.successor), day_of(case.overtaken_by.on.isoformat())
        if case.successor_passed:
            return f"Switch to {name} by {on}. {can} that doesn't pay back{why}."
        return f"Test {name} first. {can} that doesn't pay back{why} from {on}."
    return f"Don't move yet. {can} {dollars(case.saved.point)} a month doesn't pay back{why}."


def unpaid_clause(r: Recommendation, case: BusinessCase) -> str:
    """The same after a saving."""
    return f", which doesn't pay back{_why_unpaid(case)}" if unpaid(r, case) else ""


def _why_unpaid(case: BusinessCase) -> str:
    if case.overtaken_by is None or case.overtaken_by.on is None:
        return f" {dollars(case.one_off_usd)} within {count(len(case.months), 'month')}"
    name = bare_id(case.overtaken_by.successor)
    if case.successor_passed:
        return f": {name} passed too, and costs less to adopt"
    return f": {name} replaces today's model for less"


def card_note(r: Recommendation, case: BusinessCase) -> str:
    """What qualifies the title: the models, share and interval, what is left out, which moves wait for people."""
    moves, monthly = [decision for decision in r.use_cases if decision.chosen is not None], r.bill.monthly
    if not moves or r.bill.worth is False:
        return ""
    parts = [f"To {listing(sorted({decision.chosen for decision in moves if decision.chosen}))}"]
    if monthly is not None and monthly.savings_usd.low > 0 and not case.is_brief:
        saved, shown = monthly.savings_usd, money_range(monthly.savings_usd)
        interval = f" ({percent(r.confidence)} CI {shown} a month)" if shown != dollars(saved.point) else ""
        parts.append(f"Saves {percent(saved.point / monthly.baseline_usd)} of today's bill{interval}")
    if uncounted := [decision.name for decision in moves if decision.name in r.bill.left_out]:
        parts.append(f"Not counting {listing(uncounted)}")
    if provisional := [decision.name for decision in moves if decision.provisional]:
        parts.append(_provisional(r, moves, provisional))
    if r.is_sample_study:
        parts.append("Sample data: the candidate's answers are pre-recorded")
    return f"{'. '.join(parts)}{_not_read(r.use_cases)}.".removeprefix(". ")


def not_worth(monthly_usd: float) -> str:
    """What is said instead of a saving too small to matter, without a full stop."""
    return f"You spend {dollars(monthly_usd)} a month on these calls. Not worth migrating"


def _not_read(decisions: Sequence[UseCaseDecision]) -> str:
    """Where refusals are not measured, of the use cases that move or might: no word about those that stay."""
    measured = [
        d for d in decisions if d.verdict is not Verdict.KEEP and d.shown and d.shown.quality.evidence != Evidence.NONE
    ]
    names = [d.name for d in measured if d.shown and any(_is_unread(gate) for gate in d.shown.gates)]
    if not names:
        return ""
    return f". Refusals weren't measured{'' if len(names) == len(measured) else f' in {listing(names)}'}"


def _is_unread(gate: Gate) -> bool:
    return gate.name in (GateName.REFUSED, GateName.ANSWERED) and gate.value is None


def _move(r: Recommendation, moves: Sequence[UseCaseDecision], saved: str) -> str:
    to: dict[str, list[str]] = {}
    for decision in moves:
        to.setdefault(target_name(decision), []).append(decision.name)
    parts = [f"{listing(names)} to {model}" for model, names in to.items()]
    actions = [f"Move {listing(parts, most=len(parts))}"]
    if r.bill.monthly is not None:
        uncounted = [decision.name for decision in moves if decision.name in r.bill.left_out]
        without = f" (not counting {listing(uncounted)})" if uncounted else ""
        actions.append(f"{saved or saving(r.bill.monthly.savings_usd)}{without}")
    text = " and ".join(actions)
    if r.bill.monthly is None:
        text += f". The monthly saving is unknown: {_why_no_money(moves)}"
    if provisional := [decision.name for decision in moves if decision.provisional]:
        text += f". {_provisional(r, moves, provisional)}"
    if kept := [decision for decision in r.use_cases if decision.verdict is Verdict.KEEP]:
        text += f". {_where_they_stay(kept)}"
    held = _on_hold(r.use_cases)
    return f"{text}. {held}" if held else text


def _provisional(r: Recommendation, moves: Sequence[UseCaseDecision], names: Sequence[str]) -> str:
    what = "This is" if len(names) == len(moves) else f"{listing(names)} {'is' if len(names) == 1 else 'are'}"
    if not (until := until_reviewed(r)):
        ties = why_unconfirmed(r.judging.exam).replace(":", ",")
        return f"{what} provisional: a judge's votes alone, which reviews don't confirm yet{ties}"
    return f"{what} provisional, on a judge's votes alone, {until}"


def _on_hold(decisions: Sequence[UseCaseDecision]) -> str:
    return on_hold(decisions, f" of {count(len(decisions), 'use case')}")


def _where_they_stay(kept: Sequence[UseCaseDecision], total: int | None = None) -> str:
    """Use cases by the model that each stays on; all ``total`` of them are not named one by one."""
    on: dict[str, list[str]] = {}
    for decision in kept:
        on.setdefault(short_name(decision.baseline_facts.model), []).append(decision.name)
    if len(on) == 1 and len(kept) == total:
        return f"Stay on {short_name(kept[0].baseline_facts.model)}{f' for {all_of(total)}' if total > 1 else ''}"
    return f"Stay on {listing([f'{model} for {listing(names)}' for model, names in on.items()])}"


def _stay(r: Recommendation, unsure: Sequence[str]) -> str:
    decisions, total = r.use_cases, len(r.use_cases)
    if kept := [decision for decision in decisions if decision.verdict is Verdict.KEEP]:
        return f"{_where_they_stay(kept)}: {_why_kept(decisions)}. {_on_hold(decisions)}"
    candidates = [a for decision in decisions for a in decision.candidates]
    who = f"{all_of(total)} need" if total > 1 else f"{unsure[0]} needs"
    if not candidates:
        return f"Nothing can move yet: {who} a candidate"
    if all(a.ruling.reason.code == Cause.NOTHING_SCORED for a in candidates):
        return "Nothing can move yet: no answer could be scored"
    if all(a.quality.evidence == Evidence.NONE and "unread" not in a.ruling.reason.values for a in candidates):
        return f"Nothing can move yet: {who} a judge or human reviews"
    reason = candidates[0].ruling.reason
    is_of_judge = not candidates[0].counts or "unread" in reason.values
    if is_of_judge and all(a.ruling.reason.code == reason.code for a in candidates):
        values = reason.values["exam"]["values"] if "exam" in reason.values else reason.values
        state = judge_state(reason)
        is_open = state in (JudgeState.NOT_EXAMINED, JudgeState.PARTLY_EXAMINED)
        remedy = "Start a replay, so it takes its exam" if is_open else "Add another judge"
        return f"Nothing can move yet: {judge_clause(state, **(values | {'example': ''}))}. {remedy}"
    outcomes = {outcome(decision) for decision in decisions}
    if len(outcomes) > 1:
        return f"Nothing can move yet: {_on_hold(decisions)}"
    return f"Nothing can move yet: {who} {'review' if outcomes == {Outcome.NEEDS_REVIEW} else 'more data'}"


def _why_kept(decisions: Sequence[UseCaseDecision]) -> str:
    verdicts = {a.ruling.verdict for d in decisions if d.verdict is Verdict.KEEP for a in d.candidates}
    if verdicts == {Verdict.KEEP}:
        return "no candidate is good enough"
    if verdicts == {Verdict.SWITCH}:
        return "the candidates are as good but not cheaper"
    return "no candidate is proven both good enough and cheaper"


def _why_no_money(moves: Sequence[UseCaseDecision]) -> str:
    if any(decision.monthly_calls is None for decision in moves):
        return "the log has no usable times"
    if any(decision.target and decision.target.costs.usd_per_1k is None for decision in moves):
        return "a model has no price"
    return "the baseline's cost is unknown"
