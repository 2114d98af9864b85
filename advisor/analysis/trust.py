"""Whether a judge may move a use case: its exam on control pairs, and how it is described (METHOD 1.9 and 3)."""

from dataclasses import dataclass

from advisor.analysis.intervals import exact_bounds, wilson
from advisor.analysis.wording import count, listing, percent
from advisor.types import ControlKind, Exam, JudgeFacts

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
KINDS = {
    ControlKind.TRUNCATED: "cut-off answers",
    ControlKind.ENTITY: "wrong numbers or names",
    ControlKind.CLAIM: "wrong or missing claims",
    ControlKind.PADDED: "padding",
    ControlKind.INJECTED: "prompt injection against the judge",
}


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

    @property
    def is_passed(self) -> bool:
        """Whether the judge would have seen a difference."""
        return self.is_taken and not self.blind_to and min(self.low or 0.0, self.content_low or 0.0) > LEAST_FOUND


def grade(exam: Exam | None) -> Graded:
    """Grade an exam; one that nobody took is not passed."""
    if exam is None or not exam.asked:
        return Graded(is_taken=False, low=None, content_low=None, blind_to=())
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
    )


def orders_agree(decided: int, agreed: int) -> bool:
    """Whether a judge's orders name the same winner often enough, of the pairs in which one names a winner."""
    return bool(decided) and wilson(agreed, decided)[0] > LEAST_AGREED


def exam_words(exam: Exam | None) -> str:
    """The result of an exam in one sentence, and who is left out for failing it."""
    graded = grade(exam)
    if exam is None or graded.low is None:
        return "The judge hasn't taken its exam on control pairs yet."
    found = f"it found the better answer in {exam.found} of {count(exam.asked, 'control pair')}"
    if not graded.is_taken:
        return f"The judge took a part of its exam: {found}; it needs {LEAST_OF_A_KIND} of each kind."
    if graded.blind_to:
        kinds = [f"{KINDS[kind]} (0 of {exam.controls[kind.value][1]})" for kind in graded.blind_to]
        return f"The judge failed its exam: it never noticed {listing(kinds)}."
    if graded.low <= LEAST_FOUND:
        return f"The judge failed its exam: {found}, which isn't clearly over half."
    if not graded.is_passed:
        seen, asked = (sum(exam.controls[kind][part] for kind in CONTENT) for part in (0, 1))
        return f"The judge failed its exam: it noticed only {seen} of {asked} wrong numbers, names, and claims."
    left_out = f" Left out for failing: {listing(exam.left_out)}." if exam.left_out else ""
    return f"The judge passed its exam: {found} (at least {percent(graded.low)} with 95% confidence).{left_out}"


def judge_words(facts: JudgeFacts) -> str:
    """What is known of a judge, in a few plain sentences."""
    said = f"It gave {count(facts.judged, 'vote')}, two for each pair, one in each order"
    said += f"; {facts.unparsed} couldn't be read and count as ties." if facts.unparsed else "."
    parts = [said]
    if facts.pairs:
        turned = (
            f"{facts.flipped} of {count(facts.pairs, 'pair')} ({percent(facts.flipped / facts.pairs)}), ties included"
        )
        parts.append(f"Position bias: its vote changed with the order in {turned}; such a pair counts one half.")
    if facts.anchors:
        seen = [f"{KINDS[ControlKind(kind)]} {seen} of {n}" for kind, (seen, n) in facts.anchors.items()]
        parts.append(f"Control pairs found: {', '.join(seen)}.")
    if facts.longer_won is not None:
        parts.append(
            f"The longer answer won in {percent(facts.longer_won)} of {count(facts.longer_of, 'pair')} with a winner."
        )
    return " ".join(parts)
