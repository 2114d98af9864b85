"""Why a measure or a judge can't tell good answers from bad ones, in words, and what would help."""

from advisor.analysis.judging import MIN_KAPPA, MIN_REVIEWS
from advisor.analysis.quality import MIN_ROOM
from advisor.analysis.trust import exam_words, grade
from advisor.analysis.verdict import Cause, Facts
from advisor.analysis.wording import percent, points


def doubt_words(facts: Facts, cause: Cause) -> str:
    """Why the measure can't tell good from bad, as a clause."""
    if cause is Cause.JUDGE_CONTRADICTED:
        return (
            f"The judge contradicts the {facts.reviews} human reviews (kappa {facts.kappa:.2f}, 95% CI up to "
            f"{facts.kappa_high:.2f}; it must reach {MIN_KAPPA})"
        )
    if cause is Cause.JUDGE_NOT_PROVEN:
        return _not_proven(facts)
    if facts.quality.margin * MIN_ROOM >= 1:
        return f"Your limit of {points(facts.quality.margin)} is so wide that a model that is mostly wrong could pass"
    return (
        f"{facts.baseline} itself is right on only {percent(facts.quality.baseline_score or 0.0)}, so this measure "
        "cannot tell a good answer from a bad one"
    )


def _not_proven(facts: Facts) -> str:
    """Why nothing shows that the judge would have seen a difference."""
    if not facts.are_orders_doubted:
        return exam_words(facts.exam).rstrip(".")
    decided, agreed = facts.orders
    return (
        f"The judge's votes depend on the order: both orders name the same winner in {agreed:,} of the {decided:,} "
        "pairs in which either names one, too few to rule out position bias"
    )


def remedy_for(facts: Facts, cause: Cause) -> str:
    """What would help, as a clause."""
    if cause is Cause.NO_ROOM:
        is_too_wide = facts.quality.margin * MIN_ROOM >= 1
        return "set a narrower one" if is_too_wide else "check the right answers, or let a judge compare the answers"
    if cause is Cause.JUDGE_CONTRADICTED:
        return "another judge may do better"
    if not facts.are_orders_doubted and not grade(facts.exam).is_taken:
        return f"score the run again to ask it, or review at least {MIN_REVIEWS} pairs"
    return f"use a better judge or a panel, or review at least {MIN_REVIEWS} pairs"
