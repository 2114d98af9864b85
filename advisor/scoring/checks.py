"""Checks that need no right answer: validity, truncation, refusal."""

from advisor.scoring.labels import match_label
from advisor.scoring.reading import NotJson, parse_json, read_json
from advisor.scoring.refusal import is_refusal
from advisor.scoring.schema import BadSchema, NotChecked, violation
from advisor.scoring.tools import Tool, calls_of, offered
from advisor.types import Answer, Json, Request, Score

__all__ = ["is_refusal", "is_truncated", "validity"]

VALIDITY = "validity"
NOT_CHECKED = "not checked: "
"""How an explanation begins where something could not be checked that ought to be; what follows is why."""
TRUNCATED = frozenset({"length", "max_tokens", "max_output_tokens", "model_length", "incomplete"})


def validity(request: Request, answer: Answer | None, labels: tuple[str, ...] | None = None) -> Score:
    """Whether the answer has the form that was asked for: JSON, its schema, tool calls, one of ``labels``.

    ``passed`` and ``value`` are None where there is no answer, nothing to check, or a schema that cannot be checked.
    """
    if answer is None:
        return Score(scorer=VALIDITY, value=None, explanation="There is no answer to check.")
    try:
        problems = _problems(request, answer, labels)
    except NotChecked as error:
        return Score(scorer=VALIDITY, value=None, explanation=f"{NOT_CHECKED}{error}")
    except BadSchema as error:
        return Score(scorer=VALIDITY, value=None, explanation=f"{NOT_CHECKED}the schema cannot be used: {error}")
    if problems is None:
        return Score(scorer=VALIDITY, value=None, explanation="Nothing to check: any text is valid.")
    return Score(scorer=VALIDITY, value=float(not problems), passed=not problems, explanation="; ".join(problems))


def is_truncated(answer: Answer | None) -> bool:
    """Whether the answer was cut off by its token limit."""
    return answer is not None and (answer.finish_reason or "").casefold() in TRUNCATED


def _problems(request: Request, answer: Answer, labels: tuple[str, ...] | None) -> list[str] | None:
    """What is wrong; an empty list if nothing is, None if there is nothing to check."""
    tools, choice = offered(request), request.params.get("tool_choice")
    if answer.tool_calls:
        if choice == "none":
            return ["a tool was called though none may be"]
        return [problem for call in calls_of(answer) if (problem := _call_problem(call.name, call.arguments, tools))]
    if forced := _forced(choice):
        return [f"no tool was called, but {forced} had to be"]
    if labels:
        given = answer.text or ""
        return [] if match_label(given, labels) is not None else [f"not one of the {len(labels)} labels"]
    return _format_problem(request.params.get("response_format"), answer.text or "")


def _call_problem(name: str, arguments: Json, tools: dict[str, Tool]) -> str | None:
    tool = tools.get(name)
    if tool is None:
        return f"there is no tool {name!r}"
    if not isinstance(arguments, dict):
        return f"the arguments of {name!r} are not a JSON object"
    wrong = violation(arguments, tool.schema)
    return f"arguments of {name!r}: {wrong}" if wrong else None


def _forced(choice: Json) -> str | None:
    if choice in ("required", "any"):
        return "one"
    if not isinstance(choice, dict):
        return None
    if choice.get("type") in ("any", "required"):
        return "one"
    name = choice["function"].get("name") if isinstance(choice.get("function"), dict) else choice.get("name")
    return repr(name) if isinstance(name, str) else None


def _format_problem(response_format: Json, text: str) -> list[str] | None:
    kind = response_format.get("type") if isinstance(response_format, dict) else None
    if kind not in ("json_object", "json_schema"):
        return None
    try:
        value = parse_json(text)
    except NotJson as error:
        return [_not_json(text, error)]
    if kind == "json_object":
        return [] if isinstance(value, dict) else ["JSON, but not an object"]
    schema = _schema_of(response_format)
    wrong = violation(value, schema) if schema is not None else None
    return [wrong] if wrong else []


def _schema_of(response_format: dict[str, Json]) -> Json:
    inner = response_format.get("json_schema")
    if isinstance(inner, dict):
        return inner.get("schema", inner if "type" in inner or "properties" in inner else None)
    return response_format.get("schema")


def _not_json(text: str, error: NotJson) -> str:
    if not text.strip():
        return "empty, JSON was asked for"
    try:
        read_json(text)
    except NotJson:
        return f"not JSON: {error}"
    return "not JSON as it stands: it is inside a code fence"
