"""What scorers and judges found, and kinds of failures, in words."""

from collections.abc import Callable, Mapping, Sequence

from advisor.text.advice.judges import CONTROLS
from advisor.text.numbers import count, listing, percent
from advisor.types import (
    Check,
    CheckKind,
    ControlKind,
    Exam,
    Finding,
    JudgeFacts,
    Score,
    ScoreCode,
)


def score_words(score: Score) -> str:
    """What a scorer found and a judge wrote; empty where there is nothing to say."""
    return "; ".join(part for part in (findings_words(score.findings), score.reason) if part)


def findings_words(findings: Sequence[Finding]) -> str:
    """What a scorer found, without a period."""
    return "; ".join(map(_worded, findings))


def check_words(check: Check) -> str:
    """A team's own check, with what it looks for as it was written."""
    value = "” or “".join(check.alternatives) if check.kind is CheckKind.CONTAINS_ANY else check.value
    return _CHECKS[check.kind].format(value=value)


def mixed_up(given: str | None, right: str) -> str:
    """One label taken for another."""
    return f"{given or 'no label'} instead of {right}"


def _worded(finding: Finding) -> str:
    words = _WORDS[finding.code]
    return words(finding) if callable(words) else words.format(*finding.details)


def _listed(name: str) -> Callable[[Finding], str]:
    def words(finding: Finding) -> str:
        return f"{name}: {', '.join(finding.details)}{f' and {finding.more} more' if finding.more else ''}"

    return words


def _lacks(finding: Finding) -> str:
    several = len(finding.details) > 1
    return f"it {'contains none of' if several else 'does not contain'} {', '.join(finding.details)}"


def _number(finding: Finding) -> str:
    given, right, *tolerance = finding.details
    return f"{given} is not {right}{f' within {tolerance[0]}%' if tolerance else ''}"


def _not_json(finding: Finding) -> str:
    return ": ".join(("not JSON", *finding.details))


_CHECKS = {
    CheckKind.CONTAINS: "contains “{value}”",
    CheckKind.CONTAINS_ANY: "contains “{value}”",
    CheckKind.LACKS: "never contains “{value}”",
    CheckKind.REGEX: "matches the pattern {value}",
    CheckKind.MOST_WORDS: "at most {value} words",
    CheckKind.LEAST_WORDS: "at least {value} words",
    CheckKind.MOST_CHARACTERS: "at most {value} characters",
    CheckKind.JSON: "is JSON as it stands",
    CheckKind.EXPRESSION: "meets {value}",
}
_SLOW = "{0} took longer than {1} s "
_SIMPLER = "make the pattern simpler"
_COUNTS = "{0} calls ({1}), not {2} ({3})"
_WORDS: dict[ScoreCode, str | Callable[[Finding], str]] = {
    ScoreCode.NO_ANSWER: "no answer",
    ScoreCode.NOTHING_TO_CHECK: "nothing to check",
    ScoreCode.NOT_CHECKED: "{0}",
    ScoreCode.SCHEMA_UNUSABLE: "the schema can't be used: {0}",
    ScoreCode.SCORER_FAILED: "{0}",
    ScoreCode.CHECK_SUSPENDED: _SLOW + "on {2} answers; " + _SIMPLER,
    ScoreCode.NOT_JSON: _not_json,
    ScoreCode.EMPTY_NOT_JSON: "empty, JSON was asked for",
    ScoreCode.FENCED: "not JSON as it stands: it is inside a code fence",
    ScoreCode.NOT_AN_OBJECT: "JSON, but not an object",
    ScoreCode.SCHEMA_VIOLATED: "{0}",
    ScoreCode.NOT_A_LABEL: "not one of the {0} labels",
    ScoreCode.NO_CALL: "no tool was called, {0} is right",
    ScoreCode.CALL_REQUIRED: lambda found: f"no tool was called, but {(*found.details, 'one')[0]} had to be",
    ScoreCode.TOO_FEW_CALLS: _COUNTS,
    ScoreCode.TOO_MANY_CALLS: _COUNTS,
    ScoreCode.NO_CALL_RIGHT: "called {0}, but no call is right",
    ScoreCode.CALL_FORBIDDEN: "a tool was called though none may be",
    ScoreCode.WRONG_TOOL: "called {0}, not {1}",
    ScoreCode.NO_SUCH_TOOL: "unknown tool {0}",
    ScoreCode.ARGUMENTS_NOT_OBJECT: "the arguments of {0} are not a JSON object",
    ScoreCode.ARGUMENTS_INVALID: "arguments of {0}: {1}",
    ScoreCode.ARGUMENT_MISSING: "{0}: {1} is missing",
    ScoreCode.ARGUMENT_UNKNOWN: "{0}: unknown argument {1}",
    ScoreCode.ARGUMENT_DIFFERS: "{0}: {1} differs",
    ScoreCode.FIELDS_DIFFER: _listed("different"),
    ScoreCode.FIELDS_WRONG: _listed("wrong"),
    ScoreCode.FIELDS_MISSING: _listed("missing"),
    ScoreCode.FIELDS_EXTRA: _listed("not asked for"),
    ScoreCode.EMPTY: "the answer is empty",
    ScoreCode.NO_TEXT: "the answer has no text",
    ScoreCode.DIFFERS: "{0} is not {1}",
    ScoreCode.NOT_EXACT: "{0} is not exactly {1}",
    ScoreCode.NUMBER_DIFFERS: _number,
    ScoreCode.NO_NUMBER: "{0} gives no number, or several",
    ScoreCode.TARGET_NO_NUMBER: "the right answer {0} gives no number",
    ScoreCode.TARGET_NO_LABEL: "the right answer {0} is not a label",
    ScoreCode.TARGET_NO_FIELDS: "the right answer {0} has no fields",
    ScoreCode.TOO_DEEP: "nested too deeply to be compared",
    ScoreCode.IN_FENCE: "the JSON stood inside a code fence",
    ScoreCode.CLOSEST: "closest of {0} right answers",
    ScoreCode.CHECK_UNUSABLE: "the check can't be used: {0}",
    ScoreCode.CHECK_TOO_SLOW: _SLOW + "to try; " + _SIMPLER,
    ScoreCode.LACKS: _lacks,
    ScoreCode.CONTAINS: "it contains {0}",
    ScoreCode.PATTERN_NOT_FOUND: "the pattern {0} is not found",
    ScoreCode.TOO_MANY_WORDS: "{0} words, more than {1}",
    ScoreCode.TOO_FEW_WORDS: "{0} words, fewer than {1}",
    ScoreCode.TOO_MANY_CHARACTERS: "{0} characters, more than {1}",
    ScoreCode.NO_RESULT: "{0} has no result: {1}",
    ScoreCode.DOES_NOT_HOLD: "{0} does not hold",
    ScoreCode.PERSONAL_DATA: _listed("it holds"),
    ScoreCode.UNSUPPORTED: _listed("not supported by the prompt"),
    ScoreCode.ONE_ORDER: "not judged in both orders",
    ScoreCode.ORDERS_DISAGREE: ("the orders disagree: {0} with the candidate first and {1} with the candidate second"),
    ScoreCode.UNREADABLE: "unreadable verdict",
    ScoreCode.OTHER: "{0}",
}


def comparison(score: Score) -> str:
    """How an answer compares with the reference answer, with what is wrong."""
    words = score_words(score)
    if score.value is None:
        return f"can't be compared: {words}"
    said = "right" if score.value == 1 else "wrong" if score.value == 0 else f"{percent(score.value)} right"
    return f"{said}: {words}" if words else said


def agreement_words(who: str, same: int, n: int, kappa: tuple[float, float, float] | None, missing: int) -> str:
    """How often two raters agree; kappa with its bounds where it is known."""
    said = f"{who} agree on {same:,} of {count(n, 'pair')}"
    if kappa is None:
        return f"{said}, which may be chance: {why_no_kappa(missing)}."
    return f"{said}; kappa {kappa_range(*kappa)}."


def judge_check(
    same: int, n: int, missing: int, *, is_contradicted: bool, is_by_chance: bool, is_tied: bool = False
) -> str:
    """What reviews say of the judge; ``missing``: how many more it takes to say anything."""
    agreed = f"they agree on {same:,} of {count(n, 'pair')}"
    if is_contradicted:
        return f"Reviewers contradict the judge: {agreed}."
    if missing:
        return (
            f"Too early to trust the judge: {agreed}, {count(missing, 'more review')} to go, in any use case it judges."
        )
    if is_by_chance:
        if is_tied:
            why = "but nearly all are ties, so that may be chance. Review more pairs: those with a winner tell"
        else:
            why = "which may be chance"
        return f"Reviewers don't confirm the judge yet: {agreed}, {why}."
    return f"Reviewers confirm the judge: {agreed}."


def why_unconfirmed(exam: Exam | None) -> str:
    """Why reviews agree with the judge and yet don't confirm it, where that is known."""
    return ": nearly all pairs are ties" if exam and exam.is_tied else ""


def why_no_kappa(missing: int) -> str:
    """Why kappa is unknown. ``missing``: pairs that it takes."""
    if not missing:
        return "all votes are the same"
    return f"{count(missing, 'more pair')} {'is' if missing == 1 else 'are'} needed"


def kappa_range(kappa: float, low: float, high: float) -> str:
    """Kappa with its bounds: ".62 (.44 to .80)"."""
    point, least, most = map(_two_digits, (kappa, low, high))
    return f"{point} ({least} to {most})"


def _two_digits(value: float) -> str:
    text = f"{value:.2f}".replace("0.", ".")
    return "0" if text in (".00", "-.00") else text


def preferred(pairs: int, counts: Mapping[str, int], neither: int) -> str:
    """How often each model was preferred: "Of 10 pairs you preferred A in 6, B in 3 and neither in 1."."""
    parts = [f"{name} in {n}" for name, n in counts.items()]
    parts += [f"neither in {neither}"] if neither else []
    return f"Of {count(pairs, 'pair')} you preferred {listing(parts, most=len(parts))}."


def judge_words(facts: JudgeFacts) -> str:
    """What is known of a judge, in a few plain sentences."""
    said = f"It gave {count(facts.judged, 'vote')}, two for each pair, one in each order"
    said += f"; {facts.unparsed:,} couldn't be read and are missing." if facts.unparsed else "."
    parts = [said]
    if facts.pairs:
        turned = f"{facts.flipped} of {count(facts.pairs, 'pair')} ({percent(facts.flipped / facts.pairs)})"
        turned += ", ties included"
        parts.append(f"Position bias: its vote changed with the order in {turned}; such a pair counts one half.")
    if facts.anchors:
        seen = [f"{CONTROLS[ControlKind(kind)]} {seen} of {n}" for kind, (seen, n) in facts.anchors.items()]
        parts.append(f"Control pairs found: {', '.join(seen)}.")
    if facts.longer_won is not None:
        parts.append(
            f"The longer answer won in {percent(facts.longer_won)} of {count(facts.longer_of, 'pair')} with a winner."
        )
    return " ".join(parts)
