"""A judge in words: its exam on control pairs, its position bias and what it prefers."""

from advisor.text.numbers import count, listing, percent
from advisor.types import ControlKind, ExamResult, JudgeFacts, Message

CONTROLS = {
    ControlKind.TRUNCATED: "cut-off answers",
    ControlKind.ENTITY: "wrong numbers or names",
    ControlKind.CLAIM: "wrong or missing claims",
    ControlKind.PADDED: "padding",
    ControlKind.INJECTED: "prompt injection against the judge",
}


def exam_words(result: Message) -> str:
    """The result of an exam in one sentence, and which judges are left out for failing it."""
    v = result.values
    match ExamResult(result.code):
        case ExamResult.NOT_TAKEN:
            return "The judge hasn't taken its exam on control pairs yet."
        case ExamResult.PARTLY_TAKEN:
            return f"The judge took part of its exam: {_found(v)}; the exam needs at least {v['least']} of each kind."
        case ExamResult.BLIND:
            kinds = [f"{CONTROLS[ControlKind(kind)]} (0 of {asked})" for kind, asked in v["blind_to"].items()]
            return f"The judge failed its exam: it never noticed {listing(kinds)}."
        case ExamResult.NEAR_CHANCE:
            return f"The judge failed its exam: {_found(v)}, which isn't clearly over half."
        case ExamResult.BLIND_TO_CONTENT:
            seen = f"{v['seen']} of {v['content']} wrong numbers, names, and claims"
            return f"The judge failed its exam: it noticed only {seen}."
        case ExamResult.PASSED:
            left_out = f" Left out for failing: {listing(v['left_out'])}." if v["left_out"] else ""
            at_least = f"at least {percent(v['low'])} with 95% confidence"
            return f"The judge passed its exam: {_found(v)} ({at_least}).{left_out}"


def _found(values: dict[str, int]) -> str:
    return f"it found the better answer in {values['found']} of {count(values['asked'], 'control pair')}"


def judge_words(facts: JudgeFacts) -> str:
    """What is known of a judge, in a few plain sentences."""
    said = f"It gave {count(facts.judged, 'vote')}, two for each pair, one in each order"
    said += f"; {facts.unparsed} couldn't be read and count as ties." if facts.unparsed else "."
    parts = [said]
    if facts.pairs:
        turned = f"{facts.flipped} of {count(facts.pairs, 'pair')} ({percent(facts.flipped / facts.pairs)})"
        turned += ", ties included"
        parts.append(f"Position bias: its vote changed with the order in {turned}; such a pair counts one half.")
    if facts.anchors:
        seen = [f"{CONTROLS[ControlKind(kind)]} {seen} of {n}" for kind, (seen, n) in facts.anchors.items()]
        parts.append(f"Control pairs found: {', '.join(seen)}.")
    if facts.longer_won is not None:
        parts.append(
            f"The longer answer won in {percent(facts.longer_won)} of {count(facts.longer_of, 'pair')} with a winner."
        )
    return " ".join(parts)
