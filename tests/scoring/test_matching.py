"""The ways of comparing an answer with the right one that a person can choose."""

import json
import random
import time

import pytest

from advisor.scoring.fields import match_fields
from advisor.scoring.matching import label_pair
from advisor.scoring.target import score_target
from advisor.text.scores import score_words
from advisor.types import Answer, Json, Kind, Match, Matching, Request, Score, ScoreCode, ToolCall

PLAIN = Request(messages=[])
LABELS = ("Bug report", "billing", "other")


def scored(how: Matching, target: Json, text: str | None, *, tolerance: float = 0.0, kind: Kind = Kind.CHAT) -> Score:
    return score_target(kind, PLAIN, target, Answer(text=text), Match(how=how, tolerance=tolerance))


@pytest.mark.parametrize(
    ("target", "text", "value"),
    [
        ("Oslo", " Oslo\n", 1),
        ("Oslo", "oslo", 0),
        ("Oslo", "Oslo.", 0),
        (42, "42", 1),
        (42, "42.0", 0),
        (True, "true", 1),
        ({"a": 1}, '{ "a": 1 }', 1),
        ({"a": 1}, '{"a": "1"}', 0),
        ({"a": 1}, '{"a": true}', 0),
        ({"a": 1}, "a is 1", 0),
    ],
)
def test_exact(target: Json, text: str, value: float) -> None:
    score = scored(Matching.EXACT, target, text)
    assert (score.value, score.passed) == (value, value == 1)
    assert bool(score.findings) is (value == 0)


@pytest.mark.parametrize(
    ("target", "text", "value"),
    [
        ("Oslo", '"oslo".', 1),
        ("New  York", "new york", 1),
        ("Oslo", "It is Oslo", 0),
        ("Oslo", "Label: Oslo", 0),
        ({"city": "Oslo"}, '{"city": "oslo "}', 1),
        ({"city": "Oslo"}, '{"city": "Rome"}', 0),
    ],
)
def test_normalised(target: Json, text: str, value: float) -> None:
    assert scored(Matching.NORMALISED, target, text).value == value


@pytest.mark.parametrize(
    ("target", "text", "tolerance", "value"),
    [
        (100, "100", 0, 1),
        (100, "The answer is $100.00", 0, 1),
        (100, "101", 0, 0),
        (100, "101", 0.01, 1),
        (100, "101.1", 0.01, 0),
        (-100, "-99", 0.01, 1),
        (-100, "100", 0.5, 0),
        (0, "0.009", 0.01, 1),
        (0, "0.02", 0.01, 0),
        ("1,000", "1000", 0, 1),
        ({"total": 12.5}, "12.5", 0, 1),
        (5, "between 4 and 6", 0.5, 0),
        (5, "no idea", 0, 0),
        (1, "9" * 400, 0, 0),
    ],
)
def test_numeric(target: Json, text: str, tolerance: float, value: float) -> None:
    assert scored(Matching.NUMERIC, target, text, tolerance=tolerance).value == value


@pytest.mark.parametrize(
    ("how", "target"),
    [
        (Matching.NUMERIC, "a long story"),
        (Matching.LABEL, {"a": 1, "b": 2}),
        (Matching.FIELDS, "no object"),
        (Matching.FIELDS, 3),
    ],
)
def test_a_right_answer_of_another_form_is_not_the_models_fault(how: Matching, target: Json) -> None:
    score = scored(how, target, "5")
    assert (score.value, score.passed) == (None, None)
    assert score.code in (ScoreCode.TARGET_NO_NUMBER, ScoreCode.TARGET_NO_LABEL, ScoreCode.TARGET_NO_FIELDS)


@pytest.mark.parametrize(
    ("target", "text", "value"),
    [
        ("bug report", "**Category:** bug_report", 1),
        ({"label": "billing"}, "Billing.", 1),
        ("billing", '{"label": "billing", "confidence": 1}', 1),
        ("billing", "billing or other", 0),
        (3, "3", 1),
    ],
)
def test_label(target: Json, text: str, value: float) -> None:
    assert scored(Matching.LABEL, target, text).value == value


ORDER = {"id": 7, "vendor": "ACME Ltd.", "lines": [{"sku": "a", "n": 2}, {"sku": "b", "n": 1}], "note": None}


@pytest.mark.parametrize(
    ("change", "f1", "said"),
    [
        ({}, 1, ""),
        ({"vendor": " acme  ltd", "id": "7", "note": ""}, 1, ""),
        ({"lines": [{"sku": "b", "n": 1}, {"n": 2, "sku": "a"}]}, 1, ""),
        ({"id": 8}, 10 / 12, "wrong: id"),
        ({"id": None}, 10 / 11, "missing: id"),
        ({"total": 3}, 12 / 13, "not asked for: total"),
        ({"lines": [{"sku": "b", "n": 5}, {"sku": "a", "n": 2}]}, 10 / 12, "wrong: lines[1].n"),
        ({"lines": [{"sku": "b", "n": 1}]}, 8 / 10, "missing: lines[0].sku, lines[0].n"),
        ({"lines": [*ORDER["lines"], {"sku": "c"}]}, 12 / 13, "not asked for: lines[2].sku"),  # type: ignore[misc]
        ({"lines": "none"}, 4 / 9, "missing: lines[0].sku"),
    ],
)
def test_fields(change: dict[str, Json], f1: float, said: str) -> None:
    score = scored(Matching.FIELDS, ORDER, json.dumps({**ORDER, **change}))
    assert score.value == pytest.approx(f1)
    assert score.passed is (f1 == 1)
    assert said in score_words(score)
    assert bool(score.findings) is bool(said)


def test_fields_of_texts_lists_and_fences() -> None:
    assert scored(Matching.FIELDS, json.dumps(ORDER), json.dumps(ORDER)).value == 1
    assert scored(Matching.FIELDS, ["a", "b"], '["b", "c"]').value == pytest.approx(0.5)
    assert scored(Matching.FIELDS, ["a", "a"], '["a"]').value == pytest.approx(2 / 3)
    assert scored(Matching.FIELDS, {}, "{}").value == 1
    assert scored(Matching.FIELDS, ORDER, "sorry").value == 0
    assert scored(Matching.FIELDS, ORDER, "3").value == 0
    fenced = scored(Matching.FIELDS, ORDER, f"Here:\n```json\n{json.dumps(ORDER)}\n```")
    assert fenced.passed
    assert fenced.code is ScoreCode.IN_FENCE


def test_many_wrong_fields_are_counted_and_not_all_named() -> None:
    score = scored(Matching.FIELDS, {str(n): n for n in range(9)}, json.dumps({str(n): n + 1 for n in range(9)}))
    assert score.findings == ((ScoreCode.FIELDS_WRONG, ("0", "1", "2", "3", "4"), 4),)


def test_no_answer_takes_long() -> None:
    started = time.process_time()
    many: list[Json] = [{"a": n, "b": {"c": n}} for n in range(3_000)]
    found = match_fields(many, [{"a": n + 1, "b": {"c": n}} for n in range(3_000)])
    assert found.same + len(found.wrong) == 6_000
    assert match_fields(many, list(reversed(many))).f1 == 1
    deep = "[" * 900 + "1" + "]" * 900
    assert scored(Matching.FIELDS, ORDER, deep).value == 0
    assert time.process_time() - started < 20


def test_lists_in_lists_do_not_multiply() -> None:
    draw = random.Random(1)
    square, other = ([[draw.randint(0, 50) for _ in range(20)] for _ in range(20)] for _ in range(2))

    def cube() -> Json:
        return [[[{"c": draw.randint(0, 99)} for _ in range(8)] for _ in range(8)] for _ in range(8)]

    first, second = cube(), cube()
    started = time.process_time()
    found = match_fields(square, other)
    assert time.process_time() - started < 0.05
    assert found.same + len(found.wrong) == 400
    assert found.same > 100, "rows most alike stand beside each other"
    started = time.process_time()
    match_fields(first, second)
    assert time.process_time() - started < 0.1


def test_items_with_lists_in_them_find_their_like() -> None:
    items: list[Json] = [{"sku": n, "tags": [f"t{n}", f"u{n}"], "parts": [{"id": n, "size": "m"}]} for n in range(6)]
    given = [{**item, "sku": "x", "tags": item["tags"][::-1]} for item in reversed(items)]
    found = match_fields(items, given)
    assert (found.same, sorted(found.wrong)) == (24, [f"[{n}].sku" for n in range(6)])


@pytest.mark.parametrize("how", list(Matching))
def test_tool_calls_and_empty_answers_are_compared_as_ever(how: Matching) -> None:
    tools = Request(messages=[], params={"tools": [{"name": "book"}]})
    call = Answer(tool_calls=(ToolCall(name="book", arguments="{}"),))
    target = {"name": "book", "arguments": {}}
    match = Match(how=how)
    assert score_target(Kind.TOOL_USE, tools, target, call, match).passed
    assert not score_target(Kind.TOOL_USE, tools, None, call, match).passed
    assert score_target(Kind.TOOL_USE, tools, None, Answer(text="Which city?"), match).passed
    assert score_target(Kind.CHAT, PLAIN, "x", Answer(text=" "), match).value == 0
    assert score_target(Kind.CHAT, PLAIN, "x", None, match).value is None


@pytest.mark.parametrize(
    ("target", "text", "pair"),
    [
        ("billing", "Billing.", ("billing", "billing")),
        ("billing", "Label: bug_report", ("billing", "Bug report")),
        ({"label": "BILLING"}, "other", ("billing", "other")),
        ("billing", "shipping", ("billing", None)),
        ("billing", "It could be billing.\nOr something else.", ("billing", None)),
        ("rare", "Rare", None),
        ({"a": 1, "b": 2}, "billing", None),
    ],
)
def test_which_label_was_taken_for_which(target: Json, text: str, pair: tuple[str, str | None] | None) -> None:
    assert label_pair(Kind.EXTRACTION, target, Answer(text=text), LABELS) == pair


def test_a_rare_right_label_of_a_classification_is_one_too() -> None:
    assert label_pair(Kind.CLASSIFICATION, "rare", Answer(text="billing"), LABELS) == ("rare", "billing")
    assert label_pair(Kind.CLASSIFICATION, "rare", Answer(text="Rare."), ()) == ("rare", "rare")
    assert label_pair(Kind.CLASSIFICATION, "rare", None, LABELS) is None
