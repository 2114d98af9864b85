"""No text that a model, a judge or a log brings makes a scorer fail or think for long."""

import json
import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from advisor.scoring.audit import audit_request, parse_audit, score_audit
from advisor.scoring.judge import RUBRIC_PROMPTS, judge_request, parse_judgement
from advisor.scoring.matching import compare, label_pair
from advisor.scoring.own_checks import Checker
from advisor.scoring.reading import NotJson, find_labels, match_label, plain, read_json, read_label
from advisor.scoring.schema import BadSchema, violation
from advisor.scoring.suggest import suggest_checks, suggest_match
from advisor.scoring.target import score_target, target_of_answer
from advisor.scoring.tools import calls_in, calls_of, offered
from advisor.scoring.validity import validity
from advisor.scoring.values import read_number, same_value, whole_number
from advisor.types import Answer, Check, CheckKind, Json, Kind, Match, Matching, Reference, Request, Sample, ToolCall

DEEP = 700
LONG = 20_000
TEXTS = (
    "", " ", "\t\r\n ", "\0", "a\0b", "\ud83d", "\ude00\ud83d", '{"a": "\\ud800"}', "\u202eשלום 12\u202c", "مرحبا ١٢٣",
    "²", "Ⅻ", "½", "E12", "e5", "1e5", "1e999", "-1e999", "1e-999", "1e400", '{"n": 1e400}', '{"n": NaN}', "NaN", "inf",
    "Infinity", "-Infinity", "9" * 400, "9" * 5000, '{"n": ' + "9" * 400 + "}", '{"n": ' + "9" * 5000 + "}", "1," * 500,
    "0." + "1" * 5000, "−5", ".5", "5.", "-.5e", "1_000", "0x1f", "answer: e5", "the answer is 1e999", "#### ",
    "label:", "label is", "Label: ::", "the final label is", "```", "``````", "```json\n```", '```json\n{"a": 1}\n```',
    "```" * 5, "{", "}", "[", "{}", "[]", "null", "true", '""', '"', "\\", "{{}}", '{"": ""}',
    '{"a": [1, {"b": null}], "a": 2}', '{"verdict": "A"}', '{"verdict": {"verdict": "A"}}', '{"claims": {}}',
    '{"claims": [{"claim": 1, "supported": true}], "refusal": "partly"}', '{"claims": [null], "refusal": "answered"}',
    '{"tool_calls": [{"name": "f", "arguments": "{"}]}', '{"name": "f", "arguments": 5}', '[[{"name": "f"}]]',
    '{"verdict":' * 300, "[" * 50_000, "[" * DEEP + "]" * DEEP, '{"a":' * DEEP + "1" + "}" * DEEP,
    '[{"label":' * DEEP + "1" + "}]" * DEEP,
    '{"tool_calls":' * DEEP + "1" + "}" * DEEP, '{"name": "f", "args": ' + "[" * DEEP + "]" * DEEP + "}",
)  # fmt: skip
SCHEMAS: tuple[Json, ...] = (
    True, False, None, 5, "x", [], {}, {"type": 5}, {"$ref": "#"}, {"$ref": "#/\ud800"}, {"$ref": 5}, {"enum": []},
    {"$schema": []}, {"$schema": "http://[", "type": "object"}, {"$id": "http://[", "$ref": "a"}, {"required": True},
    {"$dynamicRef": "#x"}, {"allOf": [{"$ref": "#"}]}, {"const": float("nan")}, {"maximum": 0.5}, {"multipleOf": 3},
    {"properties": {"n": {"multipleOf": 0.01}}}, {"multipleOf": 1e400}, {"multipleOf": 1e-320}, {"pattern": "("},
    {"pattern": "^(a+)+$"}, {"pattern": ""}, {"pattern": "a{5000}" * 50}, {"pattern": "x{" + "9" * 5000 + "}"},
    {"patternProperties": {"^(a|a)*$": False}, "additionalProperties": False},
    {"patternProperties": {"^(a|a)*$": True}, "unevaluatedProperties": False},
    {"propertyNames": {"pattern": "^(a+)+$"}},
    {"$schema": "http://json-schema.org/draft-03/schema#", "required": True, "divisibleBy": 0.01, "extends": 5},
    {"$schema": "http://json-schema.org/draft-04/schema#", "dependencies": {"a": ["b"]}, "format": "\0"},
)  # fmt: skip


def made(chance: random.Random) -> str:
    """A text of one or several hostile parts."""
    parts = [chance.choice(TEXTS) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
    glue = chance.choice(("", " ", "\n", ": ", ","))
    return glue.join(part for part in parts if len(parts) == 1 or len(part) < 1_000)


def decoded(text: str) -> Json:
    try:
        return json.loads(text)  # Python's own reader lets NaN and Infinity pass
    except (ValueError, RecursionError):
        return text


def outcome(act: Callable[[], Any], *allowed: type[Exception]) -> Any:
    try:
        return act()
    except allowed:
        return None


def score_everything(text: str, other: str, chance: random.Random) -> None:
    """Every scorer on one answer, with another text as what is right."""
    target, schema, kind = decoded(other), chance.choice((*SCHEMAS, decoded(text))), chance.choice(list(Kind))
    tool = {"name": chance.choice(("f", text)), "parameters": schema}
    params: dict[str, Json] = chance.choice(
        (
            {},
            {"tools": [{"type": "function", "function": tool}, text, None], "tool_choice": target},
            {"functions": [tool], "tool_choice": {"function": schema}},
            {"tools": target, "response_format": {"type": "json_object"}},
            {"response_format": {"type": "json_schema", "json_schema": {"schema": schema}}},
            {"response_format": {"type": "json_schema", "json_schema": schema, "schema": schema}},
        )
    )
    messages = [{"role": "user", "content": target}, {"role": text, "content": other, "tool_calls": [target, text]}]
    request = Request(messages=messages, params=params)
    calls = (ToolCall(name="f", arguments=text), ToolCall(name=text, arguments=other))
    answer = Answer(text=text, tool_calls=chance.choice(((), calls[:1], calls)), finish_reason=other)
    outcome(lambda: read_json(text), NotJson)
    outcome(lambda: violation(target, schema), BadSchema)
    for read in (plain, read_label, read_number, whole_number, parse_audit, calls_in):
        read(text)
    for match in [None, *(Match(how=how, tolerance=chance.choice((0.0, 0.01))) for how in Matching)]:
        score_target(kind, request, target, answer, match)
        score_target(kind, request, target_of_answer(request, answer), answer, match)
        if match is not None and target is not None:
            compare(match, target, text)
    same_value(target, decoded(text))
    same_value(text, other)
    match_label(text, (other, text))
    find_labels([text, other])
    label_pair(kind, target, answer, (other,))
    validity(request, answer, chance.choice((None, (other, text))))
    calls_of(answer)
    offered(request)
    parse_judgement(text, candidate_first=True)
    judge_request(request, answer, answer, RUBRIC_PROMPTS[kind], reference=other)
    audit_request(request, answer)
    if (audit := parse_audit(text)) is not None:
        score_audit(audit)
    checks = [Check(kind=kind, value=chance.choice((other, "3", text))) for kind in CheckKind]
    conditions = (
        "json['a'] > 1",
        "number(text) < 5",
        "text in json",
        "-json['n'] % 2",
        "len(json) > words",
        "json == text",
        "json[json]",
    )
    checks += [Check(kind=CheckKind.EXPRESSION, value=condition) for condition in conditions]
    Checker(checks).score(request, answer)


@pytest.mark.parametrize("seed", range(2))
def test_no_text_makes_a_scorer_fail(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(150):
        score_everything(made(chance), made(chance), chance)


def test_no_text_makes_a_suggestion_fail() -> None:
    chance = random.Random(5)
    for _ in range(12):
        texts = [made(chance) for _ in range(24)]
        samples = [
            Sample(
                request=Request(messages=[], params={}), answer=Answer(text=text), reference=Reference(decoded(text))
            )
            for text in texts
        ]
        suggest_checks(samples)
        suggest_match(chance.choice(list(Kind)), samples)


@pytest.mark.parametrize(
    "text",
    [
        "```" + "a" * LONG,
        "```" + " " * LONG,
        "label" + " " * LONG + "x",
        "the" + " " * LONG + "label" + "\t" * LONG + "x",
        "label" + ": " * LONG,
        "answer" + " " * LONG + "1" * LONG + "x",
        "1," * LONG,
        "{" * LONG,
        json.dumps({"verdict": " " * LONG + "x"}),
        json.dumps({"verdict": "answer" + "!" * LONG + "x"}),
        ". " * LONG,
    ],
)
def test_no_text_makes_a_scorer_think_for_long(text: str) -> None:
    started = time.process_time()
    for kind in Kind:
        score_target(kind, Request(messages=[]), "billing", Answer(text=text))
    parse_judgement(text, candidate_first=True)
    parse_audit(text)
    assert time.process_time() - started < 1
