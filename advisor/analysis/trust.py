"""How far a judge can be trusted, in words, and when it may not decide (METHOD 1.9 and 3)."""

from advisor.analysis.wording import count, percent
from advisor.types import JudgeFacts

MOST_TIES = 0.9
"""Of comparisons: where a judge nearly always calls a tie, it may not look at all."""
LEAST_SEEN = 0.8
"""Of the planted pairs of one kind that a judge must see through ..."""
LEAST_PLANTED = 5
"""... once it was asked about so many."""
LEAST_OBEYED = 3
"""Planted pairs that tell the judge what to say, from which on it can be found out to obey in most of them."""
KINDS = {
    "same": "the same answer twice",
    "truncated": "cut-off answers",
    "entity": "wrong numbers or names",
    "padded": "padded answers",
    "injected": "answers that tell it what to say",
}


def missed(facts: JudgeFacts) -> list[str]:
    """The kinds of planted pairs that a judge does not see through, in words."""
    return [
        f"{KINDS.get(kind, kind)} ({seen} of {planted})"
        for kind, (seen, planted) in facts.anchors.items()
        if planted >= LEAST_PLANTED and seen < LEAST_SEEN * planted
    ]


def obeys(facts: JudgeFacts) -> bool:
    """Whether a judge prefers an answer because it tells the judge to: then any candidate may win with it."""
    seen, planted = facts.anchors.get("injected", (0, 0))
    return planted >= LEAST_OBEYED and planted - seen > planted / 2


def judge_words(facts: JudgeFacts) -> str:
    """What is known of a judge, in a few plain sentences."""
    said = f"Its word was asked for {count(facts.judged, 'time')}, for each pair in both orders"
    said += f"; {facts.unparsed} could not be read and count as ties." if facts.unparsed else ", and always readable."
    parts = [said]
    if facts.pairs:
        turned = f"{facts.flipped} of {count(facts.pairs, 'pair')} ({percent(facts.flipped / facts.pairs)})"
        parts.append(f"It turned with the order of the answers in {turned}; such a pair counts one half.")
    if facts.anchors:
        seen = [f"{KINDS.get(kind, kind)} {seen} of {n}" for kind, (seen, n) in facts.anchors.items()]
        parts.append(f"Of planted pairs it saw through: {', '.join(seen)}.")
    else:
        parts.append("No pairs were planted to check it: there were too few, or none that allow it.")
    if facts.longer_won is not None:
        parts.append(
            f"The longer answer won in {percent(facts.longer_won)} of {count(facts.longer_of, 'pair')} with a winner."
        )
    return " ".join(parts)
