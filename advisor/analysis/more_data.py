"""What more data would do for a verdict, in words."""

import math

from advisor.analysis.clusters import BOTH, CONVERSATIONS, PROMPTS
from advisor.analysis.verdict import Facts, Ruling
from advisor.analysis.wording import count

HOPELESS = 10_000
"""Answers still needed from which on more data is no advice."""
OTHERS = {
    CONVERSATIONS: " from other conversations",
    PROMPTS: " to prompts with other templates or passages",
    BOTH: " from other conversations, to other prompts",
}
"""Where more answers must come from that say more than those there are."""


def more_words(facts: Facts, ruling: Ruling) -> str:
    """How many more answers would do, or what else where none would; a clause."""
    if facts.doubtless:
        return "more answers may settle that alone"
    still = (facts.quality.n_needed(facts.confidence) or 0) - facts.quality.n
    still = max((ruling.n_needed or 0) - facts.quality.n, still, 1)
    groups = facts.quality.groups
    if groups and still > HOPELESS:
        return f"not more answers like these, but answers{OTHERS[groups.of]}, or another limit, would do"
    if still > HOPELESS:
        return "that is so close that more answers will hardly tell, but another limit would"
    others = OTHERS[groups.of] if groups else ""
    if groups and groups.of == CONVERSATIONS and groups.are_apart:
        conversations = math.ceil(still * groups.number / facts.quality.n)
        others = f" from about {count(conversations, 'other conversation')}"
    do = "would do"
    if facts.quality.corrected_by:  # more of the judge's word alone would not make it surer for long
        do += f" if about {reviews_of(still, facts.quality.corrected_by, facts.quality.n):,} of them are reviewed"
    return f"about {count(still, f'more {unit_of(facts)}')}{others} {do}"


def reviews_of(comparisons: int, reviews: int, n: int) -> int:
    """Of so many comparisons those to review by hand, so that as large a share is reviewed as of the ``n`` now."""
    return math.ceil(comparisons * reviews / n)


def unit_of(facts: Facts) -> str:
    """What is counted."""
    return "answer" if facts.quality.wins is None else "comparison"
