"""The ways of comparing an answer with the right one that a person can choose, and which label was taken for which."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from advisor.scoring.alternatives import closest, right_answers
from advisor.scoring.fields import fields_found, match_fields
from advisor.scoring.labels import label_in, normal_label, read_label
from advisor.scoring.reading import NotJson, ReadJson, as_text, plain, read_json
from advisor.scoring.values import differing, is_near, read_number, short
from advisor.types import Answer, Finding, Json, Kind, Match, Matching, ScoreCode


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
    named = next((label for label in rights if given is not None and normal_label(label) == normal_label(given)), None)
    right = named or rights[closest(rights, given or "") if len(rights) > 1 else 0]
    if given is None or (labels and normal_label(given) not in spelled):
        return spelled.get(normal_label(right), right), None
    given = named or given
    return spelled.get(normal_label(right), right), spelled.get(normal_label(given), given)


def _exact(match: Match, target: Json, text: str) -> Compared:
    if isinstance(target, dict | list):
        given = _json_in(text)
        if given is None:
            return _said(0.0, ScoreCode.NOT_JSON)
        same = given.value == target and not differing(target, given.value)  # to Python, 1 is true
        return _verdict(same, ScoreCode.DIFFERS, short(text), short(as_text(target)))
    same = text.strip() == as_text(target).strip()
    return _verdict(same, ScoreCode.NOT_EXACT, short(text), short(as_text(target)))


def _normalised(match: Match, target: Json, text: str) -> Compared:
    if isinstance(target, dict | list):
        given = _json_in(text)
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
    same = given is not None and normal_label(given) == normal_label(wanted)
    return _verdict(same, ScoreCode.DIFFERS, short(given or text), short(wanted))


def _fields(match: Match, target: Json, text: str) -> Compared:
    wanted = ReadJson(target, fenced=False) if isinstance(target, dict | list) else _json_in(as_text(target))
    if wanted is None or not isinstance(wanted.value, dict | list):
        return _said(None, ScoreCode.TARGET_NO_FIELDS, short(as_text(target)))
    given = _json_in(text)
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


def _json_in(text: str) -> ReadJson | None:
    try:
        return read_json(text)
    except NotJson:
        return None


def _verdict(same: bool, wrong: ScoreCode, *details: str) -> Compared:
    return Compared(1.0) if same else _said(0.0, wrong, *details)


def _said(value: float | None, code: ScoreCode, *details: str) -> Compared:
    return Compared(value, (Finding(code, details),))
