"""A team's own checks: conditions that every answer of a use case has to meet, whatever the right answer is.

They look at the text of an answer; only an expression sees its tool calls.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache

from advisor.scoring.expressions import (
    LONGEST,
    PATIENCE_S,
    BadExpression,
    NoResult,
    contains,
    holds,
    read_expression,
    read_pattern,
)
from advisor.scoring.reading import NotJson, json_in, parse_json
from advisor.scoring.validity import not_json
from advisor.scoring.values import short
from advisor.types import Answer, Check, CheckKind, Finding, Json, Request, Score, ScoreCode

CHECKS = "checks"
MOST = 100_000
"""The largest number of words or characters that makes sense."""
MOST_TIMEOUTS = 3
"""A check that has run out of time on so many answers is not tried on the others: it would take hours on a long run."""


class Checker:
    """The checks of one use case during one scoring; a check that often runs out of time is suspended."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self._checks = tuple(checks)
        self._timeouts: Counter[Check] = Counter()

    def score(self, request: Request, answer: Answer | None) -> Score:
        """1 if the answer passes every check, 0 with what is wrong if it fails one; None where that is not known.

        A check that runs out of time fails that answer. After ``MOST_TIMEOUTS`` of these it is suspended, which the
        score says: every answer is then scored by the other checks, whatever they find. To leave out those that
        pass them would leave the failing ones.
        """
        if answer is None:
            return Score(scorer=CHECKS, value=None, findings=(Finding(ScoreCode.NO_ANSWER),))
        if not self._checks:
            return Score(scorer=CHECKS, value=None, findings=(Finding(ScoreCode.NOTHING_TO_CHECK),))
        problems, suspended = [], []
        for check in self._checks:
            if self._timeouts[check] >= MOST_TIMEOUTS:
                details = (short(check.value), f"{PATIENCE_S:g}", str(MOST_TIMEOUTS))
                suspended.append(Finding(ScoreCode.CHECK_SUSPENDED, details))
            elif problem := run_check(check, request, answer):
                self._timeouts[check] += problem.code is ScoreCode.CHECK_TOO_SLOW
                problems.append(problem)
        findings = (*problems, *suspended)
        if len(suspended) == len(self._checks):
            return Score(scorer=CHECKS, value=None, findings=findings)
        return Score(scorer=CHECKS, value=float(not problems), passed=not problems, findings=findings)


def run_check(check: Check, request: Request, answer: Answer) -> Finding | None:
    """None if the answer passes; else what is wrong. A check that cannot be used fails, and says so."""
    if problem := check_problem(check):
        return Finding(ScoreCode.CHECK_UNUSABLE, (problem,))
    try:
        return _WAYS[check.kind](check, request, answer)
    except TimeoutError:
        return Finding(ScoreCode.CHECK_TOO_SLOW, (short(check.value), f"{PATIENCE_S:g}"))


@lru_cache(maxsize=256)
def check_problem(check: Check) -> str | None:
    """Why a check cannot be used, in plain words; None if it can."""
    try:
        if check.kind is CheckKind.REGEX:
            read_pattern(check.value)
        elif check.kind is CheckKind.EXPRESSION:
            read_expression(check.value)
        elif check.kind in _COUNTED:
            _limit(check.value)
        elif check.kind in (CheckKind.CONTAINS, CheckKind.LACKS, CheckKind.CONTAINS_ANY):
            _words_to_find(check.value)
    except BadExpression as error:
        return str(error)
    return None


def asked_last(request: Request) -> str:
    """The text of the last message of the user; empty where there is none."""
    for message in reversed(request.messages):
        if message.get("role") == "user":
            content = message.get("content")
            parts = content if isinstance(content, list) else [{"text": content}]
            return "\n".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))
    return ""


def _contains(check: Check, request: Request, answer: Answer) -> Finding | None:
    texts = check.alternatives if check.kind is CheckKind.CONTAINS_ANY else [check.value]
    if any(contains(answer.text or "", text) for text in texts):
        return None
    return Finding(ScoreCode.LACKS, tuple(map(short, texts)))


def _lacks(check: Check, request: Request, answer: Answer) -> Finding | None:
    return Finding(ScoreCode.CONTAINS, (short(check.value),)) if contains(answer.text or "", check.value) else None


def _regex(check: Check, request: Request, answer: Answer) -> Finding | None:
    found = read_pattern(check.value).search(answer.text or "", timeout=PATIENCE_S)
    return None if found else Finding(ScoreCode.PATTERN_NOT_FOUND, (short(check.value),))


def _counted(check: Check, request: Request, answer: Answer) -> Finding | None:
    text, limit = answer.text or "", _limit(check.value)
    count = len(text) if check.kind is CheckKind.MOST_CHARACTERS else len(text.split())
    is_fine = count >= limit if check.kind is CheckKind.LEAST_WORDS else count <= limit
    return None if is_fine else Finding(_COUNTED[check.kind], (f"{count:,}", f"{limit:,}"))


def _json(check: Check, request: Request, answer: Answer) -> Finding | None:
    text = answer.text or ""
    try:
        parse_json(text)
    except NotJson as error:
        return not_json(text, error)
    return None


def _expression(check: Check, request: Request, answer: Answer) -> Finding | None:
    try:
        fine = holds(check.value, _names(request, answer))
    except NoResult as problem:
        return Finding(ScoreCode.NO_RESULT, (short(check.value), str(problem)))
    except BadExpression as problem:
        return Finding(ScoreCode.CHECK_UNUSABLE, (str(problem),))
    return None if fine else Finding(ScoreCode.DOES_NOT_HOLD, (short(check.value),))


def _names(request: Request, answer: Answer) -> dict[str, Json]:
    text = answer.text or ""
    decoded = json_in(text)
    return {
        "text": text,
        "words": len(text.split()),
        "characters": len(text),
        "json": decoded.value if decoded else None,
        "prompt": asked_last(request),
        "tool_calls": [call.name for call in answer.tool_calls],
    }


def _limit(value: str) -> int:
    """Raises BadExpression."""
    try:
        limit = int(value)
    except ValueError:
        raise BadExpression(f"{short(value)} is not a whole number") from None
    if not 1 <= limit <= MOST:
        raise BadExpression(f"the number must be from 1 to {MOST:,}")
    return limit


def _words_to_find(value: str) -> None:
    """Raises BadExpression."""
    if not value.strip(" |"):
        raise BadExpression("there are no words to look for")
    if len(value) > LONGEST:
        raise BadExpression(f"the words to look for are longer than {LONGEST} characters")


_COUNTED = {
    CheckKind.MOST_WORDS: ScoreCode.TOO_MANY_WORDS,
    CheckKind.LEAST_WORDS: ScoreCode.TOO_FEW_WORDS,
    CheckKind.MOST_CHARACTERS: ScoreCode.TOO_MANY_CHARACTERS,
}
_WAYS: dict[CheckKind, Callable[[Check, Request, Answer], Finding | None]] = {
    CheckKind.CONTAINS: _contains,
    CheckKind.CONTAINS_ANY: _contains,
    CheckKind.LACKS: _lacks,
    CheckKind.REGEX: _regex,
    CheckKind.JSON: _json,
    CheckKind.EXPRESSION: _expression,
    **dict.fromkeys(_COUNTED, _counted),
}
