"""Where one of two answers is worse: by how much, and what kind of failure it was.

Kinds come from facts (a call that failed, an answer that was cut off) and from what the scorers found.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from advisor.analysis.quality.evidence import Pair, Side
from advisor.judge.agreement import PairKey
from advisor.scoring.matching import label_pair, right_answers
from advisor.scoring.values import whole_number
from advisor.text.names import FAILURES
from advisor.text.scores import findings_words, mixed_up
from advisor.types import (
    Answer,
    Endpoint,
    Evidence,
    FailureKind,
    FailureKindName,
    Json,
    Kind,
    Refusal,
    Score,
    ScoreCode,
)

WORST_SHARE = 0.5
"""A pairwise score below it leans to the baseline."""


@dataclass(frozen=True, kw_only=True)
class Uneven:
    """A pair in which one answer is worse, without its texts: the candidate's, or of an improvement the baseline's."""

    sample_id: int
    model_id: int
    kind: FailureKindName
    details: tuple[str, ...]
    """What is wrong with the worse answer, in a form that repeats: labels taken for one another, fields, a tool."""
    reason: str
    """What the scorer or the judge wrote."""
    score: float
    """Of the worse answer, 0 to 1; pairwise below one half."""
    by: float
    """How much better the other one is, 0 to 1."""
    length: int
    """Characters of the request as it is stored."""
    costs_usd: tuple[float | None, float | None]
    """Of the baseline's and the candidate's answer."""
    latencies_s: tuple[float | None, float | None]
    """The same."""

    @property
    def key(self) -> PairKey:
        """Sample and candidate."""
        return (self.sample_id, self.model_id)


def tally_kinds(regressions: Iterable[Uneven]) -> dict[FailureKindName, int]:
    """How many pairs are of each kind, the most frequent first."""
    return dict(Counter(regression.kind for regression in regressions).most_common())


def top_details(regressions: Iterable[Uneven]) -> list[tuple[str, int]]:
    """What went wrong most often, such as one label taken for another: (detail, how often)."""
    return Counter(detail for regression in regressions for detail in regression.details).most_common(5)


def loss(pair: Pair, endpoint: Endpoint) -> float | None:
    """The candidate's score where the baseline's answer was better, else None; as the decision counts it.

    A call that the infrastructure failed says nothing; an answer that is invalid or cut off is a loss where only the
    candidate's is, however else it was scored. A refusal is scored like any answer.
    """
    if pair.missing or _is_nobodys(pair):
        return None
    if endpoint is Endpoint.PAIRWISE:
        both_declined = _declined(pair.candidate) and _declined(pair.baseline)
        if is_at_fault(pair.candidate) and not is_at_fault(pair.baseline) and not both_declined:
            return 0.0
        score = pair.candidate.y
        return score if score is not None and score < WORST_SHARE else None
    theirs, ours = pair.candidate, pair.baseline
    candidate = 0.0 if theirs.call.failure or (theirs.y is None and is_at_fault(theirs)) else theirs.y
    baseline = 0.0 if ours.call.failure else ours.y
    return candidate if candidate is not None and baseline is not None and candidate < baseline else None


def mirrored(pair: Pair, endpoint: Endpoint) -> Pair:
    """The pair with its sides exchanged: a gain of the candidate's is a loss of the baseline's."""
    y = pair.candidate.y
    ours = pair.baseline
    if endpoint is Endpoint.PAIRWISE:
        ours = replace(ours, y=None if y is None else 1 - y)
    return replace(pair, baseline=pair.candidate, candidate=ours)


def is_at_fault(side: Side) -> bool:
    """Whether a call failed, or its answer is invalid or cut off."""
    return side.call.failure is not None or side.valid is False or side.truncated


def kind_of_failure(
    pair: Pair,
    use_case_kind: Kind,
    source: str,
    *,
    scored: Score | None = None,
    form: Score | None = None,
    right: Json = None,
) -> FailureKindName:
    """What kind of failure a lost pair is.

    ``scored`` is what the scorer of its evidence, ``source``, found, ``form`` what the check of the form did.
    """
    kinds = FailureKindName
    by_scorer = source in (Evidence.TARGET, Evidence.AGREEMENT)
    code = scored.code if scored else None
    facts = (
        (kinds.NO_ANSWER, pair.candidate.call.failure is not None),
        (kinds.CUT_OFF, pair.candidate.truncated),
        (kinds.REFUSED, pair.candidate.refusal in _DECLINED),
    )
    if found := next((kind for kind, holds in facts if holds), None):
        return found
    codes = [code if by_scorer else None, form.code if form and pair.candidate.valid is False else None]
    if found := next((_CALLS[each] for each in codes if each in _CALLS), None):
        return found
    if pair.candidate.valid is False or code is ScoreCode.NOT_JSON:
        return kinds.INVALID_FORM
    if by_scorer and code in _FIELDS:
        return kinds.WRONG_FIELDS
    if by_scorer and use_case_kind is Kind.CLASSIFICATION:
        return kinds.WRONG_LABEL
    if by_scorer and all(map(_is_number, right_answers(use_case_kind, right))):
        return kinds.NUMBER_DIFFERS
    if pair.candidate.checked is False and pair.baseline.checked is not False:
        return kinds.FAILED_CHECK
    if by_scorer:
        return kinds.OTHER_TEXT
    return kinds.REVIEWED_WORSE if source == Evidence.REVIEWS else kinds.JUDGED_WORSE


_FIELDS = frozenset({ScoreCode.FIELDS_DIFFER, ScoreCode.FIELDS_WRONG, ScoreCode.FIELDS_MISSING, ScoreCode.FIELDS_EXTRA})
_CALLS = {
    ScoreCode.NO_CALL: FailureKindName.MISSING_CALL,
    ScoreCode.CALL_REQUIRED: FailureKindName.MISSING_CALL,
    ScoreCode.TOO_FEW_CALLS: FailureKindName.MISSING_CALL,
    ScoreCode.NO_CALL_RIGHT: FailureKindName.NEEDLESS_CALL,
    ScoreCode.CALL_FORBIDDEN: FailureKindName.NEEDLESS_CALL,
    ScoreCode.TOO_MANY_CALLS: FailureKindName.NEEDLESS_CALL,
    ScoreCode.WRONG_TOOL: FailureKindName.WRONG_TOOL,
    ScoreCode.NO_SUCH_TOOL: FailureKindName.WRONG_TOOL,
    ScoreCode.ARGUMENTS_NOT_OBJECT: FailureKindName.WRONG_ARGUMENT,
    ScoreCode.ARGUMENTS_INVALID: FailureKindName.WRONG_ARGUMENT,
    ScoreCode.ARGUMENT_MISSING: FailureKindName.WRONG_ARGUMENT,
    ScoreCode.ARGUMENT_UNKNOWN: FailureKindName.WRONG_ARGUMENT,
    ScoreCode.ARGUMENT_DIFFERS: FailureKindName.WRONG_ARGUMENT,
}
"""What is wrong with a tool call."""
_LIST_PLACE = re.compile(r"\[\d+\]")
_LONGEST_DETAIL = 80


def told_by(kind: FailureKindName, scored: Score | None, form: Score | None, checked: Score | None) -> Score | None:
    """The score that a kind of failure rests on."""
    if kind is FailureKindName.FAILED_CHECK:
        return checked
    if kind is FailureKindName.INVALID_FORM:
        return form if form and form.findings else scored
    is_call = kind in _CALLS.values() and (scored is None or scored.code not in _CALLS)
    return form if is_call else scored


def details_of(
    kind: FailureKindName, use_case_kind: Kind, pair: Pair, told: Score | None, right: Json, answer: Answer | None
) -> tuple[str, ...]:
    """What repeats from failure to failure; nothing for what a judge wrote, which never does."""
    kinds = FailureKindName
    if kind is kinds.NO_ANSWER and pair.candidate.call.failure is not None:
        return (FAILURES[pair.candidate.call.failure],)
    if kind is kinds.WRONG_LABEL:
        return _mixed_up(use_case_kind, json.dumps(right), answer.text) if answer else ()
    findings = told.findings if told else ()
    if kind is kinds.WRONG_FIELDS:
        paths = (path for finding in findings if finding.code in _FIELDS for path in finding.details)
        return tuple(dict.fromkeys(_LIST_PLACE.sub("[]", path) for path in paths))
    if kind in (*_CALLS.values(), kinds.FAILED_CHECK):
        words = findings_words([finding for finding in findings if finding.code is not ScoreCode.CLOSEST])
        return (words[:_LONGEST_DETAIL],) if words else ()
    return ()


@lru_cache(maxsize=1024)  # there are few, and each is given for another many times
def _mixed_up(kind: Kind, right: str, text: str | None) -> tuple[str, ...]:
    labels = label_pair(kind, json.loads(right), Answer(text=text), ())
    return (mixed_up(labels[1], labels[0]),) if labels else ()


def _is_number(right: Json) -> bool:
    if isinstance(right, str):
        return whole_number(right) is not None
    return isinstance(right, int | float) and not isinstance(right, bool)


_DECLINED = (Refusal.PARTIAL, Refusal.FULL)


def _declined(side: Side) -> bool:
    return side.call.failure is FailureKind.CONTENT_FILTER or side.refusal in _DECLINED


def _is_nobodys(pair: Pair) -> bool:
    failures = (pair.candidate.call.failure, pair.baseline.call.failure)
    return any(failure is not None and not failure.is_model_fault for failure in failures)
