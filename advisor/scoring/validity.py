"""Checks that need no right answer: validity, truncation, refusal."""

import re

from advisor.scoring.reading import NotJson, match_label, parse_json, read_json
from advisor.scoring.schema import BadSchema, NotChecked, violation
from advisor.scoring.tools import Tool, calls_of, offered
from advisor.types import Answer, FailureKind, Finding, Generation, Json, Request, Score, ScoreCode

__all__ = ["failure_of", "is_refusal", "is_truncated", "validity"]

VALIDITY = "validity"
TRUNCATED = frozenset({"length", "max_tokens", "max_output_tokens", "model_length", "incomplete"})


def validity(request: Request, answer: Answer | None, labels: tuple[str, ...] | None = None) -> Score:
    """Whether the answer has the form that was asked for: JSON, its schema, tool calls, one of ``labels``.

    ``passed`` and ``value`` are None without an answer, with nothing to check, or a schema that cannot be checked.
    """
    if answer is None:
        return _unknown(ScoreCode.NO_ANSWER)
    try:
        problems = _problems(request, answer, labels)
    except NotChecked as error:
        return _unknown(ScoreCode.NOT_CHECKED, str(error))
    except BadSchema as error:
        return _unknown(ScoreCode.SCHEMA_UNUSABLE, str(error))
    if problems is None:
        return _unknown(ScoreCode.NOTHING_TO_CHECK)
    return Score(scorer=VALIDITY, value=float(not problems), passed=not problems, findings=tuple(problems))


def is_truncated(answer: Answer | None) -> bool:
    """Whether the answer was cut off by its token limit."""
    return answer is not None and (answer.finish_reason or "").casefold() in TRUNCATED


def _unknown(code: ScoreCode, *details: str) -> Score:
    return Score(scorer=VALIDITY, value=None, findings=(Finding(code, details),))


def _problems(request: Request, answer: Answer, labels: tuple[str, ...] | None) -> list[Finding] | None:
    """What is wrong; an empty list if nothing is, None if there is nothing to check."""
    tools, choice = offered(request), request.params.get("tool_choice")
    if answer.tool_calls:
        if choice == "none":
            return [Finding(ScoreCode.CALL_FORBIDDEN)]
        return [problem for call in calls_of(answer) if (problem := _call_problem(call.name, call.arguments, tools))]
    if (forced := _forced(choice)) is not None:
        return [Finding(ScoreCode.CALL_REQUIRED, forced)]
    if labels:
        given = answer.text or ""
        return [] if match_label(given, labels) is not None else [Finding(ScoreCode.NOT_A_LABEL, (str(len(labels)),))]
    return _format_problem(request.params.get("response_format"), answer.text or "")


def _call_problem(name: str, arguments: Json, tools: dict[str, Tool]) -> Finding | None:
    tool = tools.get(name)
    if tool is None:
        return Finding(ScoreCode.NO_SUCH_TOOL, (name,))
    if not isinstance(arguments, dict):
        return Finding(ScoreCode.ARGUMENTS_NOT_OBJECT, (name,))
    wrong = violation(arguments, tool.schema)
    return Finding(ScoreCode.ARGUMENTS_INVALID, (name, wrong)) if wrong else None


def _forced(choice: Json) -> tuple[str, ...] | None:
    """The tool that has to be called, empty for any; None where none has to be."""
    if choice in ("required", "any"):
        return ()
    if not isinstance(choice, dict):
        return None
    if choice.get("type") in ("any", "required"):
        return ()
    name = choice["function"].get("name") if isinstance(choice.get("function"), dict) else choice.get("name")
    return (name,) if isinstance(name, str) else None


def _format_problem(response_format: Json, text: str) -> list[Finding] | None:
    kind = response_format.get("type") if isinstance(response_format, dict) else None
    if kind not in ("json_object", "json_schema"):
        return None
    try:
        value = parse_json(text)
    except NotJson as error:
        return [not_json(text, error)]
    if kind == "json_object":
        return [] if isinstance(value, dict) else [Finding(ScoreCode.NOT_AN_OBJECT)]
    schema = _schema_of(response_format)
    wrong = violation(value, schema) if schema is not None else None
    return [Finding(ScoreCode.SCHEMA_VIOLATED, (wrong,))] if wrong else []


def _schema_of(response_format: dict[str, Json]) -> Json:
    inner = response_format.get("json_schema")
    if isinstance(inner, dict):
        return inner.get("schema", inner if "type" in inner or "properties" in inner else None)
    return response_format.get("schema")


def not_json(text: str, error: NotJson) -> Finding:
    """Why a text is not JSON as it stands."""
    if not text.strip():
        return Finding(ScoreCode.EMPTY_NOT_JSON)
    try:
        read_json(text)
    except NotJson:
        return Finding(ScoreCode.NOT_JSON, (str(error),))
    return Finding(ScoreCode.FENCED)


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
    """Whether the answer opens with a refusal and says little else, or its finish reason says so.

    A rule for harmless prompts that rather misses a refusal than invents one: "I can't process a refund after 30 days"
    is an answer, "I can't help with that" is a refusal.
    """
    if answer is None or answer.tool_calls:
        return False
    if (answer.finish_reason or "").casefold() in REFUSED:
        return True
    text = (answer.text or "").strip()
    return 0 < len(text) <= LONGEST and _REFUSAL.search(text[:OPENING]) is not None


def failure_of(replayed: Generation | None, answer: Answer | None) -> FailureKind | None:
    """Why the baseline gave no answer; a recorded one that a filter held back counts as a call that it blocked."""
    if replayed is not None:
        return replayed.failure
    is_blocked = answer is not None and answer.is_empty and is_refusal(answer)
    return FailureKind.CONTENT_FILTER if is_blocked else None
