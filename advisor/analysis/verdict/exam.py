"""Whether a judge may move a use case: its exam on control pairs (METHOD 1.9)."""

from dataclasses import dataclass

from advisor.analysis.quality.evidence import JudgeAgreement
from advisor.analysis.statistics.agreement import MIN_KAPPA
from advisor.analysis.statistics.intervals import exact_bounds, wilson
from advisor.types import Cause, ControlKind, Exam, ExamResult, Message
from advisor.types.scores import is_readable

MOST_TIES = 0.5
"""Of comparisons: a judge that calls more ties decides so few pairs that only reviews can tell whether it looks."""
LEAST_CONTROLS = 30
LEAST_OF_A_KIND = 6
LEAST_FOUND = 0.5
"""What the lower bound of the share of control pairs found must exceed, of all and of those in CONTENT."""
CONTENT = (ControlKind.ENTITY, ControlKind.CLAIM)
"""Kinds that a judge of form alone, such as length and completeness, doesn't find."""
LEAST_AGREED = 0.55
"""What the lower bound of the share of decided pairs must exceed in which both orders name the same winner."""


@dataclass(frozen=True, kw_only=True)
class Graded:
    """The result of a judge's exam."""

    is_taken: bool
    """Enough control pairs of every kind were answered."""
    low: float | None
    """One-sided 95 % lower bound (Clopper-Pearson) of the share of control pairs found; None: none were asked."""
    content_low: float | None
    """The same of the control pairs in CONTENT."""
    blind_to: tuple[ControlKind, ...]
    """Kinds of which none was found, and at most half can be by their one-sided 95 % upper bound."""
    is_readable: bool = True
    """Nearly all of its votes can be read."""

    @property
    def is_passed(self) -> bool:
        """Whether the judge would have seen a difference."""
        has_seen = min(self.low or 0.0, self.content_low or 0.0) > LEAST_FOUND
        return self.is_taken and self.is_readable and not self.blind_to and has_seen


def grade(exam: Exam | None) -> Graded:
    """Grade an exam; one that nobody took is not passed."""
    if exam is None:
        return Graded(is_taken=False, low=None, content_low=None, blind_to=())
    can_read = is_readable(*exam.unread)
    if not exam.asked:
        return Graded(is_taken=False, low=None, content_low=None, blind_to=(), is_readable=can_read)
    of_kind = {kind: exam.controls.get(kind.value, (0, 0)) for kind in ControlKind}
    content = (sum(of_kind[kind][0] for kind in CONTENT), sum(of_kind[kind][1] for kind in CONTENT))
    return Graded(
        is_taken=exam.asked >= LEAST_CONTROLS and all(asked >= LEAST_OF_A_KIND for _, asked in of_kind.values()),
        low=exact_bounds(exam.found, exam.asked)[0],
        content_low=exact_bounds(*content)[0] if content[1] else None,
        blind_to=tuple(
            kind
            for kind, (found, asked) in of_kind.items()
            if asked and not found and exact_bounds(0, asked)[1] < LEAST_FOUND
        ),
        is_readable=can_read,
    )


def orders_agree(decided: int, agreed: int) -> bool:
    """Whether a judge's orders name the same winner often enough, of the pairs in which one names a winner."""
    return bool(decided) and wilson(agreed, decided)[0] > LEAST_AGREED


def exam_result(exam: Exam | None) -> Message:
    """How an exam went; the code is an ExamResult."""
    graded = grade(exam)
    if exam is not None and not graded.is_readable:
        unread, asked = exam.unread
        found = {"judges": list(exam.judges), "unread": unread, "of": asked, "example": exam.example}
        return Message(code=ExamResult.UNREADABLE, values=found)
    if exam is None or graded.low is None:
        return Message(code=ExamResult.NOT_TAKEN)
    seen, content = (sum(exam.controls[kind][part] for kind in CONTENT) for part in (0, 1))
    values = {"judges": list(exam.judges), "found": exam.found, "asked": exam.asked, "low": graded.low}
    values |= {"seen": seen, "content": content}
    if not graded.is_taken:
        return Message(code=ExamResult.PARTLY_TAKEN, values=values | {"least": LEAST_OF_A_KIND})
    if graded.blind_to:
        blind = {kind.value: exam.controls[kind][1] for kind in graded.blind_to}
        return Message(code=ExamResult.BLIND, values=values | {"blind_to": blind})
    if graded.low <= LEAST_FOUND:
        return Message(code=ExamResult.NEAR_CHANCE, values=values)
    if not graded.is_passed:
        return Message(code=ExamResult.BLIND_TO_CONTENT, values=values)
    return Message(code=ExamResult.PASSED, values=values | {"left_out": list(exam.left_out)})


def doubt_about_judge(exam: Exam | None, agreement: JudgeAgreement | None) -> Cause | None:
    """Why a judge's votes may not count (METHOD 1.9).

    Only the upper end of kappa condemns a judge: over random subsets of 30 reviews the point alone does so by chance.
    """
    high = agreement.high if agreement else None
    if high is not None and not high >= MIN_KAPPA:  # NaN must not pass
        return Cause.JUDGE_CONTRADICTED
    return None if grade(exam).is_passed else Cause.JUDGE_NOT_PROVEN
