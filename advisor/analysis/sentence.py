"""The one sentence a product manager reads first. True in every state of the evidence."""

from collections.abc import Sequence

from advisor.analysis.bill import is_worth, not_worth_words
from advisor.analysis.gates import REFUSALS
from advisor.analysis.judging import MIN_REVIEWS
from advisor.analysis.wording import count, listing, saving
from advisor.types import Cause, Evidence, Gate, Monthly, UseCaseDecision, Verdict, named


def headline(
    decisions: Sequence[UseCaseDecision],
    monthly: Monthly | None,
    left_out: Sequence[str] = (),
    *,
    partial: bool,
    missing: int,
    is_sample: bool,
    reviews: int = 0,
) -> str:
    """What to move, what to keep, what it saves and what is open; ``reviews`` are the pairs people reviewed so far."""
    moves = [decision for decision in decisions if decision.chosen is not None]
    kept = [decision for decision in decisions if decision.verdict is Verdict.KEEP]
    unsure = [decision.name for decision in decisions if decision.verdict is Verdict.NEED_MORE_DATA]
    if not decisions:
        text = "Nothing to decide yet: the study has no use cases"
    elif monthly is not None and is_worth(monthly, decisions) is False:
        text = not_worth_words(monthly.baseline_usd)
    elif moves:
        text = _move(moves, kept, monthly, left_out, len(unsure), len(decisions), reviews)
    elif unsure:
        text = _stay(decisions, unsure)
    else:
        text = f"{_where_they_stay(decisions, len(decisions))}: {_why_kept(decisions)}"
    text += _not_read(decisions)
    if partial:
        calls = f" ({count(missing, 'planned call')} without an answer)" if missing else ""
        text += f". The run is not complete{calls}, so this may still change"
    return f"{'Sample study: ' + text[0].lower() + text[1:] if is_sample else text}."


def _not_read(decisions: Sequence[UseCaseDecision]) -> str:
    """Where refusals are not measured, of the use cases that move or might: no word about those that stay."""
    measured = [d for d in decisions if d.verdict is not Verdict.KEEP and d.shown and d.shown.evidence != Evidence.NONE]
    names = [d.name for d in measured if d.shown and any(_is_open(gate) for gate in d.shown.gates)]
    return (
        f". Refusals weren't measured{'' if len(names) == len(measured) else f' in {listing(names)}'}" if names else ""
    )


def _is_open(gate: Gate) -> bool:
    return gate.name in REFUSALS and gate.value is None


def _move(
    moves: Sequence[UseCaseDecision],
    kept: Sequence[UseCaseDecision],
    monthly: Monthly | None,
    left_out: Sequence[str],
    unsure: int,
    total: int,
    reviews: int,
) -> str:
    to: dict[str, list[str]] = {}
    for decision in moves:
        to.setdefault(label(decision), []).append(decision.name)
    parts = [f"{listing(names)} to {model}" for model, names in to.items()]
    actions = [f"Move {listing(parts, most=len(parts))}"]
    if kept:
        actions.append(f"s{_where_they_stay(kept)[1:]}")
    if monthly is not None:
        uncounted = [decision.name for decision in moves if decision.name in left_out]
        actions.append(saving(monthly.savings_usd) + (f" (not counting {listing(uncounted)})" if uncounted else ""))
    text = actions[0] if len(actions) == 1 else f"{', '.join(actions[:-1])}{',' * (len(actions) > 2)} and {actions[-1]}"
    if monthly is None:
        text += f"; what that saves a month is not known ({_why_no_money(moves)})"
    if provisional := [decision.name for decision in moves if decision.provisional]:
        verb = "is" if len(provisional) == 1 else "are"
        what = "this is" if len(provisional) == len(moves) else f"{listing(provisional)} {verb}"
        text += f"; {what} provisional until people review {_still_to_review(reviews)}"
    if unsure:
        text += f"; {unsure} of {count(total, 'use case')} {'needs' if unsure == 1 else 'need'} more data"
    return text


def _still_to_review(reviews: int) -> str:
    return count(max(MIN_REVIEWS - reviews, 1), "more pair" if reviews else "pair")


def label(decision: UseCaseDecision) -> str:
    """The chosen model's name, with a warning where its answers are not generated."""
    return named(decision.target.model, decision.target.illustrative) if decision.target else ""


def _where_they_stay(kept: Sequence[UseCaseDecision], total: int | None = None) -> str:
    """Use cases by the model that each stays on; all ``total`` of them are not named one by one."""
    on: dict[str, list[str]] = {}
    for decision in kept:
        on.setdefault(decision.baseline, []).append(decision.name)
    if len(on) == 1 and len(kept) == total:
        return f"Stay on {kept[0].baseline}{f' for {_all_of(total)}' if total > 1 else ''}"
    return f"Stay on {listing([f'{model} for {listing(names)}' for model, names in on.items()])}"


def _all_of(total: int) -> str:
    return "both use cases" if total == 2 else f"all {total} use cases"


def _stay(decisions: Sequence[UseCaseDecision], unsure: Sequence[str]) -> str:
    total = len(decisions)
    kept = [decision for decision in decisions if decision.verdict is Verdict.KEEP]
    if kept:
        need = f"{len(unsure)} of {total} use cases {'needs' if len(unsure) == 1 else 'need'} more data"
        return f"{_where_they_stay(kept)}: {_why_kept(decisions)}; {need}"
    candidates = [a for decision in decisions for a in decision.candidates]
    who = f"{_all_of(total)} need" if total > 1 else f"{unsure[0]} needs"
    if not candidates:
        return f"Nothing can move yet: {who} a candidate"
    if all(a.evidence == Evidence.NONE for a in candidates):
        return f"Nothing can move yet: {who} a judge or reviews by people, without which there is no evidence"
    if all(a.reason.code == Cause.JUDGE_NOT_PROVEN for a in candidates):
        return f"Nothing can move yet: the judge isn't proven. Review {MIN_REVIEWS} pairs or use a better judge"
    return f"Nothing can move yet: {who} more data"


def _why_kept(decisions: Sequence[UseCaseDecision]) -> str:
    verdicts = {a.verdict for d in decisions if d.verdict is Verdict.KEEP for a in d.candidates}
    if verdicts == {Verdict.KEEP}:
        return "no candidate is good enough"
    if verdicts == {Verdict.SWITCH}:
        return "the candidates are as good but not cheaper"
    return "no candidate has proved both good enough and cheaper"


def _why_no_money(moves: Sequence[UseCaseDecision]) -> str:
    if any(decision.monthly_calls is None for decision in moves):
        return "the log has no times, or one alone"
    if any(decision.target and decision.target.cost_usd_per_1k is None for decision in moves):
        return "a model has no price"
    return "the baseline's cost is not known"
