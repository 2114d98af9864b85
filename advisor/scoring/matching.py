"""Right answers: which ones a sample has, of which class each is, and the ways of comparing (METHOD 1.3)."""

from collections.abc import Callable, Container, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from advisor.scoring.fields import fields_found, match_fields
from advisor.scoring.reading import (
    MAX_LENGTH,
    MAX_WORDS,
    ReadJson,
    as_text,
    is_same_label,
    json_in,
    label_in,
    normal_label,
    plain,
    read_label,
)
from advisor.scoring.tools import calls_in, offered
from advisor.scoring.values import differing, is_near, read_number, short
from advisor.types import ANY_OF, Answer, Finding, Json, Kind, Match, Matching, Request, ScoreCode

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


class Compared(NamedTuple):
    """How much of an answer is right."""

    value: float | None
    """0 to 1; None: the right answer is not of a form that can be compared so."""
    findings: tuple[Finding, ...] = ()


def fence_found(given: ReadJson) -> tuple[Finding, ...]:
    """What to note of JSON inside a code fence."""
    return (Finding(ScoreCode.IN_FENCE),) if given.fenced else ()


def compare(match: Match, target: Json, text: str) -> Compared:
    """Compare a text with the right answer, in the way that ``match`` says; neither that nor ``target`` is None."""
    try:
        return _WAYS[match.how](match, target, text)
    except RecursionError:
        return _said(0.0, ScoreCode.TOO_DEEP)


def label_pair(kind: Kind, target: Json, answer: Answer | None, labels: Sequence[str]) -> tuple[str, str | None] | None:
    """(right label, given label) of one sample, in the spelling of ``labels``: one entry of a confusion matrix.

    The given label is None where the answer has none or, if ``labels`` are known, none of them. The pair is None where
    an answer lacks or the target isn't a label: outside of classification only what is in ``labels`` counts as one.
    Of several right labels it is the given one, else the one closest to the answer.
    """
    if answer is None:
        return None
    given = read_label(answer.text or "")
    rights = [label for each in right_answers(kind, target) if (label := _label_of(each)) is not None]
    spelled = {normal_label(label): label for label in labels}
    if kind is not Kind.CLASSIFICATION:
        rights = [label for label in rights if normal_label(label) in spelled]
    if not rights:
        return None
    named = next((label for label in rights if is_same_label(given, label)), None)
    right = named or rights[closest(rights, given or "") if len(rights) > 1 else 0]
    if given is None or (labels and normal_label(given) not in spelled):
        return spelled.get(normal_label(right), right), None
    given = named or given
    return spelled.get(normal_label(right), right), spelled.get(normal_label(given), given)


def _exact(match: Match, target: Json, text: str) -> Compared:
    if isinstance(target, dict | list):
        given = json_in(text)
        if given is None:
            return _said(0.0, ScoreCode.NOT_JSON)
        same = given.value == target and not differing(target, given.value)  # to Python, 1 is true
        return _verdict(same, ScoreCode.DIFFERS, short(text), short(as_text(target)))
    same = text.strip() == as_text(target).strip()
    return _verdict(same, ScoreCode.NOT_EXACT, short(text), short(as_text(target)))


def _normalised(match: Match, target: Json, text: str) -> Compared:
    if isinstance(target, dict | list):
        given = json_in(text)
        if given is None:
            return _said(0.0, ScoreCode.NOT_JSON)
        paths = differing(target, given.value)
        return Compared(float(not paths), fields_found((ScoreCode.FIELDS_DIFFER, paths)))
    same = plain(text) == plain(as_text(target))
    return _verdict(same, ScoreCode.DIFFERS, short(text), short(as_text(target)))


def _numeric(match: Match, target: Json, text: str) -> Compared:
    wanted, given = read_number(as_text(target)), read_number(text)
    if wanted is None:
        return _said(None, ScoreCode.TARGET_NO_NUMBER, short(as_text(target)))
    if given is None:
        return _said(0.0, ScoreCode.NO_NUMBER, short(text))
    within = [f"{100 * match.tolerance:g}"] if match.tolerance else []
    same = is_near(wanted, given, match.tolerance)
    return _verdict(same, ScoreCode.NUMBER_DIFFERS, f"{given:g}", f"{wanted:g}", *within)


def _label(match: Match, target: Json, text: str) -> Compared:
    wanted, given = _label_of(target), read_label(text)
    if wanted is None:
        return _said(None, ScoreCode.TARGET_NO_LABEL, short(as_text(target)))
    return _verdict(is_same_label(given, wanted), ScoreCode.DIFFERS, short(given or text), short(wanted))


def _fields(match: Match, target: Json, text: str) -> Compared:
    wanted = ReadJson(target, fenced=False) if isinstance(target, dict | list) else json_in(as_text(target))
    if wanted is None or not isinstance(wanted.value, dict | list):
        return _said(None, ScoreCode.TARGET_NO_FIELDS, short(as_text(target)))
    given = json_in(text)
    if given is None:
        return _said(0.0, ScoreCode.NOT_JSON)
    found = match_fields(wanted.value, given.value)
    return Compared(found.f1, found.findings + fence_found(given))


_WAYS: dict[Matching | None, Callable[[Match, Json, str], Compared]] = {
    Matching.EXACT: _exact,
    Matching.NORMALISED: _normalised,
    Matching.NUMERIC: _numeric,
    Matching.LABEL: _label,
    Matching.FIELDS: _fields,
}


def _label_of(target: Json) -> str | None:
    return read_label(target) if isinstance(target, str) else label_in(target)


def _verdict(same: bool, wrong: ScoreCode, *details: str) -> Compared:
    return Compared(1.0) if same else _said(0.0, wrong, *details)


def _said(value: float | None, code: ScoreCode, *details: str) -> Compared:
    return Compared(value, (Finding(code, details),))
