"""The ways of comparing an answer with the right one that a person can choose, and which label was taken for which."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from advisor.scoring.alternatives import closest, right_answers
from advisor.scoring.fields import match_fields
from advisor.scoring.labels import label_in, normal_label, read_label
from advisor.scoring.reading import NotJson, ReadJson, as_text, plain, read_json
from advisor.scoring.values import differing, is_near, read_number, short
from advisor.types import Answer, Json, Kind, Match, Matching

FENCED = "the JSON stood inside a code fence"


class Compared(NamedTuple):
    """How much of an answer is right."""

    value: float | None
    """0 to 1; None: the right answer is not of a form that can be compared so."""
    explanation: str = ""


def compare(match: Match, target: Json, text: str) -> Compared:
    """Compare a text with the right answer, in the way that ``match`` says; neither that nor ``target`` is None."""
    try:
        return _WAYS[match.how](match, target, text)
    except RecursionError:
        return Compared(0.0, "nested too deeply to be compared")


def label_pair(kind: Kind, target: Json, answer: Answer | None, labels: Sequence[str]) -> tuple[str, str | None] | None:
    """(right label, given label) of one sample, in the spelling of ``labels``: one entry of a confusion matrix.

    The given label is None where the answer has none or, if ``labels`` are known, none of them. The pair is None where
    there is no answer, or the target is no label: outside of classification only what is in ``labels`` counts as one.
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
            return Compared(0.0, "not JSON")
        same = given.value == target and not differing(target, given.value)  # to Python, 1 is true
        return _verdict(same, f"{short(text)} is not {short(as_text(target))}")
    return _verdict(text.strip() == as_text(target).strip(), f"{short(text)} is not exactly {short(as_text(target))}")


def _normalised(match: Match, target: Json, text: str) -> Compared:
    if isinstance(target, dict | list):
        given = _json_in(text)
        if given is None:
            return Compared(0.0, "not JSON")
        paths = differing(target, given.value)
        return _verdict(not paths, f"different: {', '.join(paths[:5])}")
    return _verdict(plain(text) == plain(as_text(target)), f"{short(text)} is not {short(as_text(target))}")


def _numeric(match: Match, target: Json, text: str) -> Compared:
    wanted, given = read_number(as_text(target)), read_number(text)
    if wanted is None:
        return Compared(None, f"the right answer {short(as_text(target))} gives no number")
    if given is None:
        return Compared(0.0, f"{short(text)} gives no number, or several")
    within = f" within {100 * match.tolerance:g} %" if match.tolerance else ""
    return _verdict(is_near(wanted, given, match.tolerance), f"{given:g} is not {wanted:g}{within}")


def _label(match: Match, target: Json, text: str) -> Compared:
    wanted, given = _label_of(target), read_label(text)
    if wanted is None:
        return Compared(None, f"the right answer {short(as_text(target))} is no label")
    same = given is not None and normal_label(given) == normal_label(wanted)
    return _verdict(same, f"{short(given or text)} is not {short(wanted)}")


def _fields(match: Match, target: Json, text: str) -> Compared:
    wanted = ReadJson(target, fenced=False) if isinstance(target, dict | list) else _json_in(as_text(target))
    if wanted is None or not isinstance(wanted.value, dict | list):
        return Compared(None, f"the right answer {short(as_text(target))} has no fields")
    given = _json_in(text)
    if given is None:
        return Compared(0.0, "not JSON")
    found = match_fields(wanted.value, given.value)
    notes = [found.explanation, FENCED if given.fenced else ""]
    return Compared(found.f1, "; ".join(note for note in notes if note))


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


def _verdict(same: bool, wrong: str) -> Compared:
    return Compared(float(same), "" if same else wrong)
