import json
import sys
from functools import partial
from pathlib import Path

import pytest

from advisor.scoring.target import score_target, target_of_answer
from advisor.types import Answer, Json, Kind, Request, ScoreCode, ToolCall
from tests.scoring.made_calls import PLAIN, TOOLS, calls


def value(kind: Kind, target: Json, answer: Answer | str, request: Request = PLAIN) -> float | None:
    score = score_target(kind, request, target, Answer(text=answer) if isinstance(answer, str) else answer)
    assert score.scorer == "target"
    assert score.passed is (None if score.value is None else score.value == 1)
    assert score.passed is not False or score.findings
    return score.value


@pytest.mark.parametrize(
    ("target", "text", "expected"),
    [
        ("billing", "billing", 1),
        ("billing", " Billing.\n", 1),
        ("billing", '"billing"', 1),
        ("billing", "**Billing**", 1),
        ("billing", "Label: billing", 1),
        ("billing", "The category is billing.", 1),
        ("billing", '{"label": "billing"}', 1),
        ("billing", '```json\n{"category": "Billing", "confidence": 0.9}\n```', 1),
        ("bug report", "bug_report", 1),
        ("billing", "shipping", 0),
        ("billing", "not billing", 0),
        ("billing", "billing or shipping", 0),
        ("billing", "", 0),
        ({"label": "billing"}, "Billing", 1),
        ({"label": "billing"}, '{"label": "billing", "confidence": 1}', 1),
        (True, "yes", 1),
        (True, "False", 0),
        (3, "3", 1),
    ],
)
def test_labels(target: Json, text: str, expected: int) -> None:
    assert value(Kind.CLASSIFICATION, target, text) == expected


@pytest.mark.parametrize(
    ("target", "text", "expected"),
    [
        (42, "42", 1),
        (42, "42.0", 1),
        (1234.5, "$1,234.50", 1),
        (42, "The answer is 42.", 1),
        (42, "6 times 7 gives 42 in the end. Answer: 42", 1),
        (42, '{"result": 42}', 1),
        (-3, "-3", 1),
        (42, "43", 0),
        (42, "between 40 and 42", 0),
        (42, "none", 0),
        (0.5, "0.5000001", 0),
        (0.5, ".5", 1),
        (5, ".5", 0),
        (5, "answer: e5", 0),
        (5, "the answer is e5 or so", 0),
        (100000, "1e5", 1),
        ("E12", "E10", 0),
        ("E12", "e12.", 1),
        ("1e999", "1e400", 0),
        (12, "١٢", 1),
        ("42", "It is 42.", 1),
        ("1,000", "1000", 1),
    ],
)
def test_numbers(target: Json, text: str, expected: int) -> None:
    assert value(Kind.QUESTION_ANSWERING, target, text) == expected


INVOICE = {"total": 12.5, "vendor": "ACME Ltd.", "lines": [{"sku": "a", "n": 2}], "note": None}


@pytest.mark.parametrize(
    ("change", "differing"),
    [
        ({}, None),
        ({"vendor": " acme  ltd"}, None),
        ({"total": "12.50"}, None),
        ({"note": ""}, None),
        ({"lines": [{"sku": "a", "n": 2.0}]}, None),
        ({"total": 12.6}, "total"),
        ({"lines": [{"sku": "a", "n": 3}]}, "lines[0].n"),
        ({"lines": []}, "lines"),
        ({"discount": 3}, "discount"),
        ({"note": "paid"}, "note"),
    ],
)
def test_objects_field_by_field(change: dict[str, Json], differing: str | None) -> None:
    score = score_target(Kind.EXTRACTION, PLAIN, INVOICE, Answer(text=json.dumps({**INVOICE, **change})))
    assert score.passed is (differing is None)
    found = [(finding.code, finding.details) for finding in score.findings]
    said = "lines (0 items, not 1)" if differing == "lines" else differing
    assert found == ([(ScoreCode.FIELDS_DIFFER, (said,))] if differing else [])


def test_a_missing_field_differs_and_a_fence_is_noted() -> None:
    without = {key: item for key, item in INVOICE.items() if key != "vendor"}
    assert value(Kind.EXTRACTION, INVOICE, json.dumps(without)) == 0
    score = score_target(Kind.EXTRACTION, PLAIN, INVOICE, Answer(text=f"Here:\n```json\n{json.dumps(INVOICE)}\n```"))
    assert score.passed
    assert score.code is ScoreCode.IN_FENCE
    assert value(Kind.EXTRACTION, INVOICE, "The vendor is ACME.") == 0
    assert value(Kind.EXTRACTION, json.dumps(INVOICE), json.dumps(INVOICE)) == 1
    assert value(Kind.EXTRACTION, [1, 2], "[1, 2]") == 1
    assert value(Kind.EXTRACTION, {"ok": True}, '{"ok": 1}') == 0


BOOK = {"name": "book", "arguments": {"city": "Oslo", "nights": 2}}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (calls(("book", {"city": "Oslo", "nights": 2})), 1),
        (calls(("book", {"nights": 2.0, "city": "oslo "})), 1),
        (calls(("book", {"city": "Oslo", "nights": 2, "pets": False})), 1),
        (calls(("book", {"city": "Oslo", "nights": 2, "pets": True})), 0),
        (calls(("book", {"city": "Oslo", "nights": "2"})), 0),
        (calls(("book", {"city": "Bergen", "nights": 2})), 0),
        (calls(("book", {"nights": 2})), 0),
        (calls(("book", {"city": "Oslo", "nights": 2, "view": "sea"})), 0),
        (calls(("book", "Oslo, 2 nights")), 0),
        (calls(("cancel", {})), 0),
        (calls(("book", {"city": "Oslo", "nights": 2}), ("cancel", {})), 0),
        (Answer(text="I have booked it."), 0),
    ],
)
def test_tool_calls(answer: Answer, expected: int) -> None:
    for target in (BOOK, [BOOK], {"function": {"name": "book", "arguments": json.dumps(BOOK["arguments"])}}):
        assert value(Kind.TOOL_USE, target, answer, TOOLS) == expected


def test_parallel_calls_in_any_order_each_once() -> None:
    oslo, rome = ("book", {"city": "Oslo"}), ("book", {"city": "Rome"})
    target = [{"name": name, "arguments": arguments} for name, arguments in (oslo, rome)]
    assert value(Kind.TOOL_USE, target, calls(rome, oslo), TOOLS) == 1
    assert value(Kind.TOOL_USE, target, calls(oslo, oslo), TOOLS) == 0


def test_where_no_call_is_right() -> None:
    assert value(Kind.TOOL_USE, None, "Which city?", TOOLS) == 1
    assert value(Kind.TOOL_USE, None, calls(("cancel", {})), TOOLS) == 0
    assert value(Kind.TOOL_USE, None, Answer(), TOOLS) == 0


def test_no_answer_is_not_scored() -> None:
    assert score_target(Kind.TOOL_USE, TOOLS, None, None).value is None


def test_recorded_answers_read_as_targets() -> None:
    assert target_of_answer(TOOLS, calls(("book", {"city": "Oslo"}))) == {"name": "book", "arguments": {"city": "Oslo"}}
    assert len(target_of_answer(TOOLS, calls(("book", {}), ("cancel", {})))) == 2
    assert target_of_answer(TOOLS, Answer(text="Which city?")) is None
    assert target_of_answer(PLAIN, Answer(text='```json\n{"a": 1}\n```')) == {"a": 1}
    assert target_of_answer(PLAIN, Answer(text="Label: billing")) == "billing"


def test_every_real_answer_agrees_with_itself(logs: Path) -> None:
    """An agent's: tool calls and texts."""
    seen = with_calls = 0
    lines = (logs / "tau_bench_airline_gpt-4o.calls.jsonl").read_text(encoding="utf-8").splitlines()
    previous: Answer | None = None
    for row in map(json.loads, lines):
        message = row["response"]["choices"][0]["message"]
        given = [call["function"] for call in message.get("tool_calls") or ()]
        answer = Answer(
            text=message.get("content"),
            tool_calls=tuple(ToolCall(name=call["name"], arguments=call["arguments"]) for call in given),
        )
        request = Request(messages=row["request"]["messages"], params={"tools": row["request"]["tools"]})
        target = target_of_answer(request, answer)
        assert score_target(Kind.TOOL_USE, request, target, answer).passed
        if given and previous is not None and not previous.tool_calls:
            assert not score_target(Kind.TOOL_USE, request, target, previous).passed
        previous = answer
        seen, with_calls = seen + 1, with_calls + bool(given)
    assert seen > with_calls > seen / 5


def test_a_number_of_hundreds_of_digits_is_compared_too() -> None:
    huge = "9" * 400
    assert value(Kind.EXTRACTION, {"n": 1}, f'{{"n": {huge}}}') == 0
    assert value(Kind.EXTRACTION, {"n": int(huge)}, f'{{"n": {huge}}}') == 1
    assert value(Kind.CLASSIFICATION, int(huge), huge) == 1
    assert value(Kind.CLASSIFICATION, int(huge), f"{huge[:-1]}8") == 0


@pytest.mark.parametrize("grade", ["E1", "e10", "E-5"])
def test_a_name_that_looks_like_an_exponent_is_no_number(grade: str) -> None:
    assert value(Kind.EXTRACTION, {"grade": grade}, json.dumps({"grade": grade})) == 1
    assert value(Kind.EXTRACTION, {"grade": grade}, '{"grade": "E2"}') == 0


@pytest.mark.parametrize("required", [True, "city", {"city": True}, ["city", ["nights"]], None])
def test_an_odd_list_of_required_arguments_is_not_relied_on(required: Json) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": required}
    request = Request(messages=[], params={"tools": [{"name": "book", "parameters": schema}]})
    oslo = calls(("book", {"city": "Oslo"}))
    assert value(Kind.TOOL_USE, {"name": "book", "arguments": {"city": "Oslo"}}, oslo, request) == 1


def test_what_is_nested_without_end_on_both_sides_is_not_scored(request: pytest.FixtureRequest) -> None:
    if sys.version_info >= (3, 12):  # there reading JSON has a limit of its own, and only comparing meets Python's
        request.addfinalizer(partial(sys.setrecursionlimit, sys.getrecursionlimit()))
        sys.setrecursionlimit(500)
    nested = '{"a":' * 700 + "1" + "}" * 700
    score = score_target(Kind.EXTRACTION, PLAIN, json.loads(nested), Answer(text=nested))
    assert (score.value, score.passed) == (None, None)
    assert score.code is ScoreCode.TOO_DEEP
    assert value(Kind.EXTRACTION, INVOICE, nested) == 0
