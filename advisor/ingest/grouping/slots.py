"""Slots: words that programs put into a constant text, such as names, dates and amounts."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

TASK = re.compile(
    r"(re)?writ|(re)?phras|summar|translat|classif|categor|extract|generat|creat|draft|compos|analy[sz]|explain|convert"
    r"|describ|list|label|sort|detect|identif|find|answer|correct|proofread|review|edit|suggest|tag|rate|score|tell"
)
"""How words begin that say what to do."""
_SAME = 0.6
"""Of the words of two texts that differ in what is put in, so many are the same and in the same order."""


def are_slots(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether two runs of words differ only in what was put into them; another task is another text."""
    matcher = SequenceMatcher(None, some, others, autojunk=False)
    if matcher.ratio() < _SAME:
        return False
    changed = [
        word for kind, a, b, c, d in matcher.get_opcodes() if kind != "equal" for word in (*some[a:b], *others[c:d])
    ]
    return not any(TASK.match(word) for word in changed)
