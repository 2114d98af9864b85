"""Comparing an answer with the right one: label, number, object, tool call or text (METHOD 1.3 and 6)."""

from dataclasses import replace

from advisor.scoring.fields import fields_found
from advisor.scoring.matching import closest, compare, fence_found, right_answers
from advisor.scoring.reading import as_text, is_same_label, json_in, label_in, normal_label, plain, read_label
from advisor.scoring.tools import Call, Tool, calls_in, calls_of, offered
from advisor.scoring.values import differing, loosened, read_number, same_number, same_value, short, whole_number
from advisor.types import ANY_OF, Answer, Finding, Json, Kind, Match, Matching, Request, Score, ScoreCode, ToolCall

TARGET = "target"


def score_target(
    kind: Kind, request: Request, target: Json, answer: Answer | None, match: Match | None = None
) -> Score:
    """1 if the answer is right, else 0, with the reason; with ``Matching.FIELDS`` anything between.

    A target of None means that no tool call is right. Of several right answers the one that gives most counts. Without
    ``match`` the kind of use case and the form of the target say how the two are compared; tool calls are always
    compared as tool calls. The value is None without an answer, or where the target is not of the form that
    ``match`` compares.
    """
    if answer is None:
        return Score(scorer=TARGET, value=None, findings=(Finding(ScoreCode.NO_ANSWER),))
    try:
        return _best(kind, request, target, answer, match)
    except RecursionError:  # both are nested so: any other answer differs long before
        return Score(scorer=TARGET, value=None, findings=(Finding(ScoreCode.TOO_DEEP),))


def _best(kind: Kind, request: Request, target: Json, answer: Answer, match: Match | None) -> Score:
    """The score beside the right answer that gives most; the closest explains what is wrong."""
    rights = right_answers(kind, target, match)
    if isinstance(target, list) and len(rights) > 1 and _is_array(answer):
        rights = [target]
    scores = [_score(kind, request, right, answer, match) for right in rights]
    if len(scores) == 1:
        return scores[0]
    best = max((score.value for score in scores if score.value is not None), default=None)
    if best == 1.0:
        return next(score for score in scores if score.value == best)
    those = [at for at, score in enumerate(scores) if score.value == best]
    nearest = scores[those[closest([rights[at] for at in those], _shown(answer))]]
    return replace(nearest, findings=(*nearest.findings, Finding(ScoreCode.CLOSEST, (str(len(scores)),))))


def _score(kind: Kind, request: Request, target: Json, answer: Answer, match: Match | None) -> Score:
    score = _strict(kind, request, target, answer, match)
    if match is None or not match.loose or score.value is None or score.value == 1.0:
        return score
    is_label = match.how in (None, Matching.LABEL)
    loose = _strict(kind, request, _loosened_target(target), _loosened_answer(answer, is_label=is_label), match)
    return loose if (loose.value or 0.0) > score.value else score


def _strict(kind: Kind, request: Request, target: Json, answer: Answer, match: Match | None) -> Score:
    text = answer.text or ""
    is_chosen = match is not None and match.how is not None and text.strip() and target is not None
    if match is not None and is_chosen and _wanted_calls(kind, request, target) is None:
        found = compare(match, target, text)
        passed = None if found.value is None else found.value == 1.0
        return Score(scorer=TARGET, value=found.value, passed=passed, findings=found.findings)
    findings = _difference(kind, request, target, answer)
    is_right = all(finding.code is ScoreCode.IN_FENCE for finding in findings)
    return Score(scorer=TARGET, value=float(is_right), passed=is_right, findings=findings)


def _loosened_target(target: Json) -> Json:
    return _loosened_text(target, is_label=False) if isinstance(target, str) else loosened(target)


def _loosened_answer(answer: Answer, *, is_label: bool) -> Answer:
    calls = [ToolCall(name=call.name, arguments=as_text(loosened(call.arguments))) for call in calls_of(answer)]
    text = _loosened_text(answer.text, is_label=is_label) if answer.text else answer.text
    return replace(answer, text=text, tool_calls=tuple(calls))


def _loosened_text(text: str, *, is_label: bool) -> str:
    found = json_in(text)
    if found is None:
        return str(loosened((read_label(text) if is_label else None) or text))
    return as_text(loosened(found.value if isinstance(found.value, dict | list | str) else text))


def _is_array(answer: Answer) -> bool:
    found = json_in(answer.text or "")
    return found is not None and isinstance(found.value, list)


def _shown(answer: Answer) -> str:
    calls = [{"name": call.name, "arguments": call.arguments} for call in calls_of(answer)]
    return as_text(calls if len(calls) != 1 else calls[0]) if calls else answer.text or ""


def target_of_answer(request: Request, answer: Answer) -> Json:
    """A recorded answer read as a target: its tool calls, its JSON, or its text.

    None where tools were offered, no form was asked for, and none was called: then no call is right.
    """
    if answer.tool_calls:
        calls: list[Json] = [{"name": call.name, "arguments": call.arguments} for call in calls_of(answer)]
        return calls[0] if len(calls) == 1 else calls
    text = (answer.text or "").strip()
    if (found := json_in(text)) is not None:
        return found.value
    if offered(request) and "response_format" not in request.params:
        return None
    return read_label(text) or text


def is_same_answer(kind: Kind, request: Request, baseline: Answer, candidate: Answer, match: Match | None) -> bool:
    """Whether two answers are equal by the comparison of their use case; in no doubt where they are to the letter."""
    if (baseline.text, baseline.tool_calls) == (candidate.text, candidate.tool_calls):
        return True
    target: Json = {ANY_OF: [target_of_answer(request, baseline)]}  # a list in it is one answer
    return score_target(kind, request, target, candidate, match).value == 1.0


def _difference(kind: Kind, request: Request, target: Json, answer: Answer) -> tuple[Finding, ...]:
    """What is wrong, and what to note."""
    if target is None:
        if answer.tool_calls:
            return _found(ScoreCode.NO_CALL_RIGHT, _names(calls_of(answer)))
        return _found(ScoreCode.EMPTY) if answer.is_empty else ()
    if (wanted := _wanted_calls(kind, request, target)) is not None:
        return _call_difference(wanted, calls_of(answer), offered(request))
    text = answer.text or ""
    if not text.strip():
        return _found(ScoreCode.NO_TEXT)
    if isinstance(target, str):
        return _text_difference(kind, target, text)
    if isinstance(target, bool):
        given = read_label(text)
        same = given is not None and normal_label(given) in (("true", "yes") if target else ("false", "no"))
        return () if same else _found(ScoreCode.DIFFERS, short(text), str(target))
    if isinstance(target, int | float):
        number = read_number(text)
        same = plain(text) == plain(str(target)) or (number is not None and same_number(number, target))
        return () if same else _found(ScoreCode.DIFFERS, short(text), str(target))
    return _object_difference(kind, target, text)


def _wanted_calls(kind: Kind, request: Request, target: Json) -> list[Call] | None:
    """The tool calls that the target asks for; None where it asks for something else."""
    tools = offered(request)
    return calls_in(target, tools) if kind is Kind.TOOL_USE or tools else None


def _text_difference(kind: Kind, target: str, text: str) -> tuple[Finding, ...]:
    decoded = json_in(target)
    if decoded is not None and isinstance(decoded.value, dict | list):
        return _object_difference(kind, decoded.value, text)
    given = read_label(text)
    if plain(text) == plain(target) or is_same_label(given, target):
        return ()
    wanted_number = whole_number(target)
    if wanted_number is not None and kind is not Kind.CLASSIFICATION:
        number = read_number(text)
        if number is not None and same_number(number, wanted_number):
            return ()
    return _found(ScoreCode.DIFFERS, short(given or text), short(target))


def _object_difference(kind: Kind, target: Json, text: str) -> tuple[Finding, ...]:
    wanted_label = label_in(target) if isinstance(target, dict) and len(target) == 1 else None
    if kind is Kind.CLASSIFICATION and wanted_label is not None:
        given = read_label(text)
        same = is_same_label(given, wanted_label)
        return () if same else _found(ScoreCode.DIFFERS, short(given or text), short(wanted_label))
    decoded = json_in(text)
    if decoded is None:
        return _found(ScoreCode.NOT_JSON)
    return fields_found((ScoreCode.FIELDS_DIFFER, differing(target, decoded.value))) + fence_found(decoded)


def _call_difference(wanted: list[Call], given: list[Call], tools: dict[str, Tool]) -> tuple[Finding, ...]:
    """Parallel calls are matched without order, each wanted call once."""
    if not given:
        return _found(ScoreCode.NO_CALL, _names(wanted))
    if len(wanted) != len(given):
        code = ScoreCode.TOO_MANY_CALLS if len(given) > len(wanted) else ScoreCode.TOO_FEW_CALLS
        return _found(code, str(len(given)), _names(given), str(len(wanted)), _names(wanted))
    left = list(given)
    for want in wanted:
        reasons = {id(call): _one_call(want, call, tools.get(want.name)) for call in left}
        match = next((call for call in left if not reasons[id(call)]), None)
        if match is None:
            named = next((call for call in left if call.name == want.name), left[0])
            return reasons[id(named)]
        left.remove(match)
    return ()


def _one_call(want: Call, call: Call, tool: Tool | None) -> tuple[Finding, ...]:
    if call.name != want.name:
        return _found(ScoreCode.WRONG_TOOL, call.name, want.name)
    if not isinstance(call.arguments, dict) or not isinstance(want.arguments, dict):
        return () if call.arguments == want.arguments else _found(ScoreCode.ARGUMENTS_NOT_OBJECT, call.name)
    schema = tool.schema if tool else {}
    properties = schema.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    required = schema.get("required")
    needed = [key for key in required if isinstance(key, str)] if isinstance(required, list) else []
    if missing := [key for key in needed if key not in call.arguments]:
        return _found(ScoreCode.ARGUMENT_MISSING, call.name, missing[0])
    foreign = [key for key in call.arguments if key not in properties]
    if properties and foreign and not schema.get("additionalProperties"):
        return _found(ScoreCode.ARGUMENT_UNKNOWN, call.name, foreign[0])
    for key in dict.fromkeys([*want.arguments, *call.arguments]):
        default = properties[key].get("default") if isinstance(properties.get(key), dict) else None
        wanted, given = want.arguments.get(key, default), call.arguments.get(key, default)
        if not (_same_argument(wanted, given) or (key not in call.arguments and _same_argument(wanted, None))):
            return _found(ScoreCode.ARGUMENT_DIFFERS, call.name, key)
    return ()


def _same_argument(target: Json, value: Json) -> bool:
    """``{"any_of": [...]}`` in a right call holds several right values."""
    if isinstance(target, dict) and len(target) == 1 and isinstance(target.get(ANY_OF), list):
        return any(_same_argument(each, value) for each in target[ANY_OF])
    if isinstance(target, dict) and isinstance(value, dict):
        return all(_same_argument(target.get(key), value.get(key)) for key in {**target, **value})
    if isinstance(target, list) and isinstance(value, list):
        return len(target) == len(value) and all(map(_same_argument, target, value))
    return same_value(target, value, strict=True)


def _found(code: ScoreCode, *details: str) -> tuple[Finding, ...]:
    return (Finding(code, details),)


def _names(calls: list[Call]) -> str:
    return ", ".join(call.name for call in calls)
