"""Several right answers of one sample: which they are, and which of them an answer is closest to (METHOD 1.3)."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from advisor.scoring.reading import as_text
from advisor.scoring.tools import calls_in
from advisor.types import ANY_OF, Json, Kind, Match, Matching

_LOOKED_AT = 300
"""Characters by which the closest is found."""


def right_answers(kind: Kind, target: Json, match: Match | None = None) -> list[Json]:
    """The answers that are equally right, one at least.

    ``{"any_of": [...]}`` holds them. In a bare list they are its texts and numbers, unless the use case extracts or is
    compared field by field: then the list is one array. A list of tool calls is one set of parallel calls; a list with
    lists of calls, or with null for no call, holds alternatives.
    """
    if isinstance(target, dict) and len(target) == 1 and isinstance(target.get(ANY_OF), list) and target[ANY_OF]:
        return list(target[ANY_OF])
    if not isinstance(target, list) or not target or kind is Kind.EXTRACTION:
        return [target]
    is_fields = match is not None and match.how is Matching.FIELDS
    are_texts = not is_fields and all(isinstance(item, str | int | float) for item in target)
    return list(target) if are_texts or _are_sets_of_calls(target) else [target]


def closest(alternatives: Sequence[Json], text: str) -> int:
    """Which of the right answers is most like a text; the first of several that are."""
    likeness = [
        SequenceMatcher(None, as_text(each)[:_LOOKED_AT].casefold(), text[:_LOOKED_AT].casefold()).ratio()
        for each in alternatives
    ]
    return likeness.index(max(likeness))


def _are_sets_of_calls(target: list[Json]) -> bool:
    has_sets = any(item is None or isinstance(item, list) for item in target)
    return has_sets and all(item is None or calls_in(item) for item in target)
