"""What is known of whether an answer declines, as a judge, a rule or a filter has it."""

from advisor.scoring.audit import refusal_of
from advisor.scoring.validity import is_refusal
from advisor.types import Answer, FailureKind, Generation, Refusal, Score


def refusal(audited: Score | None, by_rule: bool) -> Refusal | None:
    """How far an answer declines: as a judge read it, else by rule, which sees only full refusals and few of them."""
    if audited is not None:
        return refusal_of(audited)
    return Refusal.FULL if by_rule else None


def failure_of(replayed: Generation | None, answer: Answer | None) -> FailureKind | None:
    """Why the baseline gave no answer; a recorded one that a filter held back counts as a call that it blocked."""
    if replayed is not None:
        return replayed.failure
    is_blocked = answer is not None and answer.is_empty and is_refusal(answer)
    return FailureKind.CONTENT_FILTER if is_blocked else None
