"""Refusals: the model declined to answer at all.

A rule for harmless prompts that rather misses a refusal than invents one: "I can't process a refund after 30 days"
is an answer, "I can't help with that" is a refusal.
"""

import re

from advisor.types import Answer

REFUSED = frozenset({"refusal", "content_filter", "safety", "prohibited_content"})
LONGEST = 500
"""A longer text does something else beside refusing."""
OPENING = 200

_CANNOT = (
    r"\bI(?:['’]m| am)?(?: really)? "
    r"(?:can['’]?t|cannot|can not|won['’]t|will not|must decline to|unable to|not able to)"
)
_ASKED = r"(?:that|this|these|those|such|your request)(?: (?:kind|type|sort) of)?(?: (?:request|topic|content|task)s?)?"
_ACTIONS = (
    rf"(?:help|assist|continue|engage)(?: you)?(?: with {_ASKED})?(?: (?:further|at all))?\s*(?:[.,;!]|$)",
    r"(?:help|assist)(?: you)? with (?:creating|generating|providing|writing|producing|requests|content)\b",
    rf"(?:provide|create|generate|write|produce|share|discuss|answer|do) {_ASKED}\s*[.,;!]",
    rf"fulfil+ {_ASKED}",
    r"comply\b",
)
_REFUSAL = re.compile(rf"{_CANNOT} (?:{'|'.join(_ACTIONS)})", re.IGNORECASE | re.MULTILINE)


def is_refusal(answer: Answer | None) -> bool:
    """Whether the answer opens with a refusal and says little else, or its finish reason says so."""
    if answer is None or answer.tool_calls:
        return False
    if (answer.finish_reason or "").casefold() in REFUSED:
        return True
    text = (answer.text or "").strip()
    return 0 < len(text) <= LONGEST and _REFUSAL.search(text[:OPENING]) is not None
