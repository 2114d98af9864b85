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

_I = r"(?<![\"'“‘«])\bI"
"""Not where somebody is quoted."""
_CANNOT = (
    rf"{_I}(?:['’]m| am)?(?: really)? (?:can['’]?t|cannot|can not|won['’]t|will not|must decline to|decline to"
    r"|unable to|not able to|won['’]t be able to|will not be able to)"
)
_ASKED = (
    r"(?:that|this|these|those|such|your request)(?: (?:kind|type|sort) of)?"
    r"(?: (?:request|topic|content|task|information|question|conversation|subject)s?)?"
)
_END = r"(?: (?:further|at all|for you))?\s*(?:[.,;!]|$)"
_ACTIONS = (
    rf"(?:help|assist|continue|engage|respond|answer)(?: you)?(?: (?:with |in |to )?{_ASKED})?{_END}",
    r"(?:help|assist)(?: you)? with (?:creating|generating|providing|writing|producing|requests|content)\b",
    rf"(?:provide|create|generate|write|produce|share|discuss|do) {_ASKED}(?: for you)?\s*[.,;!]",
    rf"provide (?:any )?(?:assistance|help) (?:with|on) {_ASKED}",
    rf"fulfil+ {_ASKED}",
    r"comply\b",
)
_DECLINING = (
    rf"(?:['’]m going to| must| will| need to)?(?: have to)?(?: (?:respectfully|politely))? decline {_ASKED}{_END}"
)
_UNEASY = (
    r"(?:['’]m not| am not| don['’]t feel| do not feel) comfortable "
    r"(?:answering|helping|assisting|providing|discussing|creating|generating|writing|engaging)"
    rf"(?: (?:with|in))? {_ASKED}{_END}"
)
_REFUSAL = re.compile(
    rf"{_CANNOT} (?:{'|'.join(_ACTIONS)})|{_I}(?:{_DECLINING}|{_UNEASY})", re.IGNORECASE | re.MULTILINE
)


def is_refusal(answer: Answer | None) -> bool:
    """Whether the answer opens with a refusal and says little else, or its finish reason says so."""
    if answer is None or answer.tool_calls:
        return False
    if (answer.finish_reason or "").casefold() in REFUSED:
        return True
    text = (answer.text or "").strip()
    return 0 < len(text) <= LONGEST and _REFUSAL.search(text[:OPENING]) is not None
