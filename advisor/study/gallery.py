"""The failure gallery: where a candidate did worse than the baseline, what kind of failure it was, the worst first.

Kinds come from facts (a call that failed, an answer that was cut off) and from what the scorers wrote; nothing is
judged anew.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from advisor.analysis.evidence import Pair
from advisor.scoring.alternatives import right_answers
from advisor.scoring.matching import label_pair
from advisor.scoring.target import CLOSEST
from advisor.scoring.values import whole_number
from advisor.study.agreement import PairKey
from advisor.text.names import FAILURES
from advisor.types import Answer, Endpoint, Evidence, FailureKind, Json, Kind, Refusal

WORST_SHARE = 0.5
"""A pairwise score below it leans to the baseline."""


class FailureKindName(StrEnum):
    """What went wrong with an answer; the value is what the screen says."""

    NO_ANSWER = "no answer"
    CUT_OFF = "cut off"
    REFUSED = "refused"
    MISSING_CALL = "missing call"
    NEEDLESS_CALL = "needless call"
    WRONG_TOOL = "wrong tool"
    WRONG_ARGUMENT = "wrong argument"
    INVALID_FORM = "invalid form"
    WRONG_LABEL = "wrong label"
    WRONG_FIELDS = "wrong fields"
    NUMBER_DIFFERS = "number differs"
    FAILED_CHECK = "failed a check"
    JUDGED_WORSE = "worse by the judge"
    REVIEWED_WORSE = "worse by people"
    OTHER_TEXT = "not the right answer"


@dataclass(frozen=True, kw_only=True)
class Regression:
    """One answer that was worse than the baseline's, without its texts."""

    sample_id: int
    model_id: int
    kind: FailureKindName
    details: tuple[str, ...]
    """What exactly, in a form that repeats: labels taken for one another, fields, a tool."""
    reason: str
    """What the scorer or the judge wrote."""
    score: float
    """0 to 1; pairwise below one half."""
    length: int
    """Characters of the request as it is stored."""
    baseline_cost_usd: float | None
    candidate_cost_usd: float | None
    baseline_latency_s: float | None
    candidate_latency_s: float | None

    @property
    def key(self) -> PairKey:
        """Sample and candidate."""
        return (self.sample_id, self.model_id)


def tally_kinds(regressions: Iterable[Regression]) -> dict[FailureKindName, int]:
    """How many regressions are of each kind, the most frequent first."""
    return dict(Counter(regression.kind for regression in regressions).most_common())


def top_details(regressions: Iterable[Regression], most: int = 5) -> list[tuple[str, int]]:
    """What went wrong most often, such as one label taken for another: (detail, how often)."""
    return Counter(detail for regression in regressions for detail in regression.details).most_common(most)


def loss(pair: Pair, endpoint: Endpoint) -> float | None:
    """The candidate's score where the baseline's answer was better, else None; as the decision counts it.

    A call that the infrastructure failed says nothing; an answer that is invalid or cut off is a loss where only the
    candidate's is, however else it was scored. A refusal is scored like any answer.
    """
    if pair.missing or _is_nobodys(pair):
        return None
    if endpoint is Endpoint.PAIRWISE:
        baseline_spoilt = pair.baseline_valid is False or pair.baseline_truncated
        both_declined = _declined(pair.candidate_failure, pair.candidate_refusal) and _declined(
            pair.baseline_failure, pair.baseline_refusal
        )
        if is_at_fault(pair) and pair.baseline_failure is None and not baseline_spoilt and not both_declined:
            return 0.0
        score = pair.candidate_y
        return score if score is not None and score < WORST_SHARE else None
    candidate = 0.0 if pair.candidate_failure or (pair.candidate_y is None and _is_spoilt(pair)) else pair.candidate_y
    baseline = 0.0 if pair.baseline_failure else pair.baseline_y
    return candidate if candidate is not None and baseline is not None and candidate < baseline else None


def is_at_fault(pair: Pair) -> bool:
    """Whether the candidate failed, or its answer is invalid or cut off."""
    return pair.candidate_failure is not None or _is_spoilt(pair)


def kind_of_failure(
    pair: Pair, use_case_kind: Kind, source: str, *, scored: str = "", form: str = "", right: Json = None
) -> FailureKindName:
    """What kind of failure a lost pair is.

    Args:
        pair: the facts of both answers.
        use_case_kind: what the use case asks a model to do.
        source: what its evidence is: ``target``, ``agreement``, ``judge`` or ``reviews``.
        scored: what the scorer of that evidence wrote.
        form: what the check of the form wrote.
        right: the right answer or answers, where one is compared with.
    """
    kinds = FailureKindName
    by_scorer = source in (Evidence.TARGET, Evidence.AGREEMENT)
    scored = scored.partition(CLOSEST)[0]
    facts = (
        (kinds.NO_ANSWER, pair.candidate_failure is not None),
        (kinds.CUT_OFF, pair.candidate_truncated),
        (kinds.REFUSED, _declined(None, pair.candidate_refusal)),
    )
    if found := next((kind for kind, holds in facts if holds), None):
        return found
    texts = ([scored] if by_scorer else []) + ([form] if pair.candidate_valid is False else [])
    if found := next((kind for text in texts if (kind := _call_failure(text))), None):
        return found
    if pair.candidate_valid is False or scored == "not JSON":
        return kinds.INVALID_FORM
    if by_scorer and _FIELDS.match(scored):
        return kinds.WRONG_FIELDS
    if by_scorer and use_case_kind is Kind.CLASSIFICATION:
        return kinds.WRONG_LABEL
    if by_scorer and all(map(_is_number, right_answers(use_case_kind, right))):
        return kinds.NUMBER_DIFFERS
    if pair.candidate_checked is False and pair.baseline_checked is not False:
        return kinds.FAILED_CHECK
    if by_scorer:
        return kinds.OTHER_TEXT
    return kinds.REVIEWED_WORSE if source == Evidence.REVIEWS else kinds.JUDGED_WORSE


_FIELDS = re.compile(r"(?:different|wrong|missing|not asked for): ")
_COUNTS = re.compile(r"(\d+) calls \(.*\), not (\d+) \(")
_CALLS = (
    (re.compile(r"no tool was called"), FailureKindName.MISSING_CALL),
    (
        re.compile(r"called .*, but no call is right|a tool was called though none may be"),
        FailureKindName.NEEDLESS_CALL,
    ),
    (re.compile(r"called .*, not |there is no tool "), FailureKindName.WRONG_TOOL),
    (
        re.compile(r"[\w.-]+: (?:.* is missing|there is no argument .*|.* differs)$|(?:the )?arguments of "),
        FailureKindName.WRONG_ARGUMENT,
    ),
)
"""How the scorers word what is wrong with a tool call."""
_LIST_PLACE = re.compile(r"\[\d+\]")
_LONGEST_DETAIL = 80


def _call_failure(text: str) -> FailureKindName | None:
    if counts := _COUNTS.match(text):
        given, wanted = map(int, counts.groups())
        return FailureKindName.NEEDLESS_CALL if given > wanted else FailureKindName.MISSING_CALL
    return next((kind for pattern, kind in _CALLS if pattern.match(text)), None)


def details_of(
    kind: FailureKindName, use_case_kind: Kind, pair: Pair, written: str, right: Json, answer: Answer | None
) -> tuple[str, ...]:
    """What repeats from failure to failure; nothing for what a judge wrote, which never does."""
    kinds = FailureKindName
    if kind is kinds.NO_ANSWER and pair.candidate_failure is not None:
        return (FAILURES[pair.candidate_failure],)
    if kind is kinds.WRONG_LABEL:
        return _mixed_up(use_case_kind, json.dumps(right), answer.text) if answer else ()
    written = written.partition(CLOSEST)[0]
    if kind is kinds.WRONG_FIELDS:
        groups = [group.partition(": ")[2] for group in written.split("; ") if _FIELDS.match(group)]
        paths = (path for group in groups for path in re.sub(r" and \d+ more$", "", group).split(", "))
        return tuple(dict.fromkeys(_LIST_PLACE.sub("[]", path) for path in paths))
    if kind in (kinds.MISSING_CALL, kinds.NEEDLESS_CALL, kinds.WRONG_TOOL, kinds.WRONG_ARGUMENT, kinds.FAILED_CHECK):
        return (written[:_LONGEST_DETAIL],) if written else ()
    return ()


@lru_cache(maxsize=1024)  # there are few, and each is given for another many times
def _mixed_up(kind: Kind, right: str, text: str | None) -> tuple[str, ...]:
    labels = label_pair(kind, json.loads(right), Answer(text=text), ())
    return (f"{labels[1] or 'no label'} instead of {labels[0]}",) if labels else ()


def _is_number(right: Json) -> bool:
    if isinstance(right, str):
        return whole_number(right) is not None
    return isinstance(right, int | float) and not isinstance(right, bool)


def _is_spoilt(pair: Pair) -> bool:
    return pair.candidate_valid is False or pair.candidate_truncated


def _declined(failure: FailureKind | None, refusal: Refusal | None) -> bool:
    return failure is FailureKind.CONTENT_FILTER or refusal in (Refusal.PARTIAL, Refusal.FULL)


def _is_nobodys(pair: Pair) -> bool:
    failures = (pair.candidate_failure, pair.baseline_failure)
    return any(failure is not None and not failure.is_model_fault for failure in failures)
