"""Whether a judge's votes count, in words that are the same on every page, and how its exam went."""

from collections.abc import Mapping, Sequence
from typing import Any

from advisor.text.messages import Words, upper, worded
from advisor.text.names import bare_name, evidence_words
from advisor.text.numbers import count, listing, percent
from advisor.types import Assessment, ControlKind, Evidence, Exam, ExamResult, JudgeFacts, Message
from advisor.types.codes import JudgeState
from advisor.types.scores import is_readable

EXAM_NOTE = (
    "A judge takes an exam: pairs in which one answer is known to be better. Without a pass its votes don't count, "
    "unless people review enough pairs."
)
CONTROLS = {
    ControlKind.TRUNCATED: "cut-off answers",
    ControlKind.ENTITY: "wrong numbers or names",
    ControlKind.CLAIM: "wrong or missing claims",
    ControlKind.PADDED: "padding",
    ControlKind.INJECTED: "prompt injection against the judge",
}
_STATES = {
    JudgeState.PASSED: ("passed its exam", "passed their exam"),
    JudgeState.NOT_EXAMINED: ("isn't examined yet", "aren't examined yet"),
    JudgeState.PARTLY_EXAMINED: ("is only partly examined", "are only partly examined"),
    JudgeState.FAILED: ("failed its exam", "failed their exam"),
    JudgeState.UNREADABLE: ("can't be read", "can't be read"),
    JudgeState.BIASED: ("shows position bias", "show position bias"),
    JudgeState.CONTRADICTED: ("disagrees with the human reviews", "disagree with the human reviews"),
}
"""Of one judge, and of several."""


def judge_clause(state: str, judges: Sequence[str] = (), **v: Any) -> str:
    """How it is with judges: "o3 failed its exam"; those that aren't named are the judge."""
    if state == JudgeState.UNREADABLE and "unread" in v:
        return unread_words(judges, v["unread"], v["of"], v.get("example", ""))
    who = listing([bare_name(judge) for judge in judges]) if judges else "the judge"
    return f"{who} {_STATES[JudgeState(state)][len(judges) > 1]}"


def unread_words(judges: Sequence[str], unread: int, of: int, example: str = "") -> str:
    """That replies of judges can't be read, with one of them."""
    whose = f"of {listing([bare_name(judge) for judge in judges])}" if judges else "of the judge"
    shown = f", such as {example}" if example else ""
    return f"{unread:,} of {of:,} replies {whose} couldn't be read{shown}"


def last_run_words(found: JudgeFacts | None) -> str:
    """What the last run found of a judge with votes that don't count."""
    if found is None or is_readable(found.unparsed, found.judged):
        return "Failed its exam: its votes don't count"
    return f"Failed the last run: {found.unparsed:,} of {found.judged:,} votes couldn't be read"


def failed_judge(judge: str, state: JudgeState, exam: Message, unread: tuple[int, int], example: str) -> str:
    """That a judge of a run is of no use, and why."""
    if state is JudgeState.UNREADABLE:
        return f"{unread_words([judge], *unread, example)}. Add another judge, or review pairs."
    return f"{exam_words(exam).rstrip('.')}. Its votes don't count: add another judge, or review pairs."


def exam_words(result: Message) -> str:
    """The result of an exam, and which judges failed it."""
    return worded(_EXAM, result)


def judged_by(a: Assessment, exam: Exam | None) -> str:
    """Who compared the answers that a verdict rests on, and who checked that; empty where it rests on no votes."""
    if not a.counts or a.quality.evidence not in (Evidence.JUDGE, Evidence.REVIEWS):
        return ""
    if a.quality.evidence is Evidence.REVIEWS or exam is None:
        return f"{upper(evidence_words(a))}."
    reviews = a.trust.judge_reviews
    checked = f"checked by {count(reviews, 'review')}" if reviews else "not checked by people yet"
    return f"Judged by {listing([bare_name(judge) for judge in exam.judges])}, {checked}."


def exam_badge(result: Message, *, is_biased: bool = False) -> str:
    """The result of an exam in a few words; ``is_biased``: its votes turn with the order in some use case."""
    if failed := result.values.get("left_out"):
        return judge_clause(JudgeState.FAILED, failed)
    state = ExamResult(result.code).state
    biased = f", but {_STATES[JudgeState.BIASED][0]}" if is_biased and state is JudgeState.PASSED else ""
    return upper(judge_clause(state, ["judge"])) + biased


def _blind(judges: Sequence[str], blind_to: Mapping[str, int], **_: Any) -> str:
    kinds = [f"{CONTROLS[ControlKind(kind)]} (0 of {asked})" for kind, asked in blind_to.items()]
    return f"{judge_clause(JudgeState.FAILED, judges)}: it never noticed {listing(kinds)}."


def _passed(found: int, asked: int, low: float, left_out: Sequence[str], **_: Any) -> str:
    others = f" Left out for failing: {listing(left_out)}." if left_out else ""
    return f"The judge passed its exam: {_found(found, asked)} (at least {percent(low)} with 95% confidence).{others}"


def _found(found: int, asked: int) -> str:
    return f"it found the better answer in {found} of {count(asked, 'control pair')}"


_EXAM: Words = {
    ExamResult.UNREADABLE: lambda judges, unread, of, example="": f"{unread_words(judges, unread, of, example)}.",
    ExamResult.NOT_TAKEN: f"The judge {_STATES[JudgeState.NOT_EXAMINED][0]}: it hasn't answered its control pairs.",
    ExamResult.PARTLY_TAKEN: lambda found, asked, least, **_: (
        f"The judge {_STATES[JudgeState.PARTLY_EXAMINED][0]}: {_found(found, asked)}; it needs {least} of each kind."
    ),
    ExamResult.BLIND: _blind,
    ExamResult.NEAR_CHANCE: lambda judges, found, asked, **_: (
        f"{judge_clause(JudgeState.FAILED, judges)}: {_found(found, asked)}, which isn't clearly over half."
    ),
    ExamResult.BLIND_TO_CONTENT: lambda judges, seen, content, **_: (
        f"{judge_clause(JudgeState.FAILED, judges)}: it noticed only {seen} of {content} wrong numbers, names, and "
        "claims."
    ),
    ExamResult.PASSED: _passed,
}
