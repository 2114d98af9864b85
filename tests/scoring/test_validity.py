import json
import time

import pytest

from advisor.scoring.schema import BadSchema, violation
from advisor.scoring.validity import is_truncated, validity
from advisor.types import Answer, Json, Request, ScoreCode, ToolCall

INVOICE = {
    "type": "object",
    "properties": {"total": {"type": "number"}, "currency": {"enum": ["EUR", "USD"]}},
    "required": ["total", "currency"],
    "additionalProperties": False,
}
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def request(**params: Json) -> Request:
    return Request(messages=[{"role": "user", "content": "?"}], params=params)


def schema_request(schema: Json) -> Request:
    return request(response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": schema}})


def call(name: str, arguments: str) -> Answer:
    return Answer(tool_calls=(ToolCall(name=name, arguments=arguments),))


def test_a_remote_schema_is_not_fetched() -> None:
    with pytest.raises(BadSchema, match="not in it"):
        violation({}, {"$ref": "http://127.0.0.1:9/schema.json"})
    score = validity(schema_request({"$ref": "http://127.0.0.1:9/schema.json"}), Answer(text="{}"), None)
    assert score.passed is None
    assert score.value is None


def test_an_unusable_schema_says_nothing_about_the_answer() -> None:
    score = validity(schema_request({"type": "objekt"}), Answer(text="{}"), None)
    assert (score.passed, score.value) == (None, None)
    assert score.code is ScoreCode.SCHEMA_UNUSABLE


@pytest.mark.parametrize(
    ("text", "passed", "code", "said"),
    [
        ('{"total": 12.5, "currency": "EUR"}', True, None, ""),
        ('{"total": "12.5", "currency": "EUR"}', False, ScoreCode.SCHEMA_VIOLATED, "$.total"),
        ('{"total": 12.5}', False, ScoreCode.SCHEMA_VIOLATED, "currency"),
        ('{"total": 12.5, "currency": "EUR", "vat": 1}', False, ScoreCode.SCHEMA_VIOLATED, "vat"),
        ('```json\n{"total": 1, "currency": "EUR"}\n```', False, ScoreCode.FENCED, ""),
        ('{"total": NaN, "currency": "EUR"}', False, ScoreCode.NOT_JSON, ""),
        ('{"total": 12.5, "currency": "EUR"', False, ScoreCode.NOT_JSON, ""),
        ("", False, ScoreCode.EMPTY_NOT_JSON, ""),
    ],
)
def test_schema(text: str, passed: bool, code: ScoreCode | None, said: str) -> None:
    score = validity(schema_request(INVOICE), Answer(text=text), None)
    assert (score.passed, score.value, score.scorer) == (passed, float(passed), "validity")
    assert score.code is code
    assert said in str(score.findings)


@pytest.mark.parametrize(
    ("value", "step", "fits"),
    [
        (10**400, 0.01, True),
        (10**400 + 1, 10, False),
        (19.99, 0.01, True),
        (19.999, 0.01, False),
        (1e308, 1e-308, True),
        (float("inf"), 0.01, False),
    ],
)
def test_multiples_are_of_numbers_as_they_are_written(value: float, step: float, fits: bool) -> None:
    assert (violation({"n": value}, {"properties": {"n": {"multipleOf": step}}}) is None) is fits


SLOW, ALMOST = "^(a|a)*$", "a" * 40 + "!"


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "object", "properties": {"a": {"type": "string", "pattern": SLOW}}}, json.dumps({"a": ALMOST})),
        ({"type": "object", "patternProperties": {SLOW: {"type": "string"}}}, json.dumps({ALMOST: 1})),
        ({"type": "object", "patternProperties": {SLOW: {}}, "additionalProperties": False}, json.dumps({ALMOST: 1})),
        ({"type": "object", "propertyNames": {"pattern": SLOW}}, json.dumps({ALMOST: 1})),
        ({"type": "object", "patternProperties": {SLOW: {}}, "unevaluatedProperties": False}, json.dumps({ALMOST: 1})),
        ({"type": "object", "properties": {"a": {"items": {"pattern": SLOW}}}}, json.dumps({"a": [ALMOST] * 1_000})),
    ],
)
def test_a_pattern_that_takes_too_long_is_not_checked_and_said(schema: Json, text: str) -> None:
    started = time.process_time()
    score = validity(schema_request(schema), Answer(text=text))
    assert time.process_time() - started < 8
    assert (score.value, score.passed) == (None, None)
    assert score.code in (ScoreCode.NOT_CHECKED, ScoreCode.SCHEMA_UNUSABLE)
    assert repr(SLOW) in score.findings[0].details[0]


@pytest.mark.slow
@pytest.mark.parametrize("combined", ["allOf", "anyOf", "oneOf"])
def test_references_that_multiply_end_in_time(combined: str) -> None:
    levels: dict[str, Json] = {f"d{n}": {combined: [{"$ref": f"#/$defs/d{n + 1}"}] * 10} for n in range(30)}
    schema = {"$ref": "#/$defs/d0", "$defs": levels | {"d30": {"type": "string"}}}
    started = time.process_time()
    score = validity(schema_request(schema), Answer(text="3"))
    assert time.process_time() - started < 8
    assert score.passed is not True


def test_what_is_wrong_beside_a_slow_pattern_is_found() -> None:
    schema = {"type": "object", "maxProperties": 1, "properties": {"a": {"pattern": SLOW}}}
    score = validity(schema_request(schema), Answer(text=json.dumps({"a": ALMOST, "b": 1})))
    assert score.passed is False
    assert "too many properties" in score.findings[0].details[0]


def test_patterns_of_scripts_and_long_lists_are_read() -> None:
    countries = "|".join(f"C{n:03}" for n in range(900))
    assert violation("Ωmega", {"pattern": r"^\p{L}+$"}) is None
    assert violation("C899", {"pattern": f"^(?:{countries})$"}) is None
    assert violation("C900", {"pattern": f"^(?:{countries})$"}) is not None
    assert violation("x", {"pattern": ""}) is None
    with pytest.raises(BadSchema, match="regex"):
        violation("x", {"pattern": "("})


def test_json_object_mode_wants_an_object() -> None:
    mode = request(response_format={"type": "json_object"})
    assert validity(mode, Answer(text='{"a": 1}'), None).passed is True
    assert validity(mode, Answer(text="[1]"), None).passed is False
    assert validity(mode, Answer(text="Sure! {}"), None).passed is False


@pytest.mark.parametrize(
    ("answer", "passed"),
    [
        (call("weather", '{"city": "Oslo"}'), True),
        (call("weather", '{"city": 3}'), False),
        (call("weather", "{}"), False),
        (call("weather", "city=Oslo"), False),
        (call("wether", '{"city": "Oslo"}'), False),
        (Answer(text="It is sunny."), None),
    ],
)
def test_tool_calls(answer: Answer, passed: bool | None) -> None:
    assert validity(request(tools=[WEATHER]), answer, None).passed is passed


def test_tool_choice_is_kept_to() -> None:
    good = call("weather", '{"city": "Oslo"}')
    assert validity(request(tools=[WEATHER], tool_choice="required"), Answer(text="hi"), None).passed is False
    assert validity(request(tools=[WEATHER], tool_choice="required"), good, None).passed is True
    assert validity(request(tools=[WEATHER], tool_choice="none"), good, None).passed is False
    one = {"type": "function", "function": {"name": "weather"}}
    assert validity(request(tools=[WEATHER], tool_choice=one), Answer(text="hi"), None).passed is False
    assert validity(request(), good, None).passed is False


def test_labels() -> None:
    labels = ("billing", "bug report")
    for text in ("billing", "Billing.", '"Bug_Report"', "Label: billing", '{"label": "billing"}', "```\nbilling\n```"):
        assert validity(request(), Answer(text=text), labels).passed is True, text
    for text in ("shipping", "billing or bug report", "This is about billing, I think.\nIt could be a bug.", ""):
        assert validity(request(), Answer(text=text), labels).passed is False, text


def test_nothing_to_check_is_not_a_pass() -> None:
    assert validity(request(), Answer(text="hello"), None).passed is None
    assert validity(schema_request(INVOICE), None, None).value is None


@pytest.mark.parametrize("reason", ["length", "max_tokens", "MAX_TOKENS"])
def test_truncation(reason: str) -> None:
    assert is_truncated(Answer(text="and then", finish_reason=reason))
    assert not is_truncated(Answer(text="and then", finish_reason="stop"))
    assert not is_truncated(None)
