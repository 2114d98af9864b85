"""What kind of answer is right: a label, or the tool to call."""

from collections.abc import Container

from advisor.scoring.alternatives import right_answers
from advisor.scoring.labels import MAX_LENGTH, MAX_WORDS, label_in, normal_label, read_label
from advisor.scoring.tools import calls_in, offered
from advisor.types import Json, Kind, Match, Request

NO_CALL = "no tool call"
"""The class of a request that no tool is right for."""


def class_of(kind: Kind, request: Request, target: Json, match: Match | None = None) -> str | None:
    """The class of a right answer; None for one that is of no class, or of several."""
    if target is None:
        return NO_CALL
    tools = offered(request)
    found = {_class_of(kind, right, tools) for right in right_answers(kind, target, match)}
    return found.pop() if len(found) == 1 else None


def _class_of(kind: Kind, right: Json, tools: Container[str]) -> str | None:
    if right is None:
        return NO_CALL
    if (kind is Kind.TOOL_USE or tools) and (calls := calls_in(right, tools)):
        return " + ".join(sorted({call.name for call in calls}))
    if isinstance(right, dict | list) and kind is not Kind.CLASSIFICATION:
        return None
    label = read_label(right) if isinstance(right, str) else label_in(right)
    is_short = label is not None and len(label) <= MAX_LENGTH and len(label.split()) <= MAX_WORDS
    return normal_label(label) or None if label is not None and is_short else None
