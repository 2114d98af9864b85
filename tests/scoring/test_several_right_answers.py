"""Samples with several right answers: which they are, and how an answer is compared with them."""

import json

import pytest

from advisor.scoring.matching import label_pair, right_answers
from advisor.scoring.target import score_target
from advisor.text.scores import score_words
from advisor.types import Answer, Json, Kind, Match, Matching, Request
from tests.scoring.made_calls import PLAIN, TOOLS, calls


def scored(
    target: Json,
    answer: Answer | str,
    kind: Kind = Kind.QUESTION_ANSWERING,
    match: Match | None = None,
    request: Request = PLAIN,
) -> tuple[float | None, str]:
    score = score_target(kind, request, target, Answer(text=answer) if isinstance(answer, str) else answer, match)
    assert score.passed is (None if score.value is None else score.value == 1)
    return score.value, score_words(score)


@pytest.mark.parametrize(
    ("kind", "target", "expected"),
    [
        (Kind.CHAT, "Paris", ["Paris"]),
        (Kind.CHAT, None, [None]),
        (Kind.CHAT, ["Paris", "Paris, France"], ["Paris", "Paris, France"]),
        (Kind.CLASSIFICATION, ["billing"], ["billing"]),
        (Kind.CHAT, [1, 2.5], [1, 2.5]),
        (Kind.EXTRACTION, ["a", "b"], [["a", "b"]]),
        (Kind.EXTRACTION, {"any_of": [["a", "b"], ["c"]]}, [["a", "b"], ["c"]]),
        (Kind.CHAT, {"any_of": ["a", {"b": 1}, None]}, ["a", {"b": 1}, None]),
        (Kind.CHAT, {"any_of": []}, [{"any_of": []}]),
        (Kind.CHAT, {"any_of": ["a"], "b": 1}, [{"any_of": ["a"], "b": 1}]),
        (Kind.CHAT, [], [[]]),
        (Kind.CHAT, [{"a": 1}], [[{"a": 1}]]),
    ],
)
def test_which_answers_are_right(kind: Kind, target: Json, expected: list[Json]) -> None:
    assert right_answers(kind, target) == expected


def test_compared_field_by_field_a_list_is_one_array() -> None:
    assert right_answers(Kind.CHAT, ["a", "b"], Match(how=Matching.FIELDS)) == [["a", "b"]]
    assert scored(["a", "b"], '["b", "c"]', match=Match(how=Matching.FIELDS))[0] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("how", "target", "right", "wrong"),
    [
        (None, ["Paris", "The city of Paris"], "the city of paris", "Lyon"),
        (Matching.EXACT, ["Paris", "paris"], "paris", "PARIS"),
        (Matching.NORMALISED, ["Paris", "Paris, France"], '"Paris, France"', "France"),
        (Matching.NUMERIC, [42, "about 44"], "44.0", "43"),
        (Matching.LABEL, ["bug", "crash"], "Label: crash", "billing"),
    ],
)
def test_any_right_answer_counts_fully(how: Matching | None, target: Json, right: str, wrong: str) -> None:
    match = None if how is None else Match(how=how)
    for given in (target, {"any_of": target}):
        assert scored(given, right, match=match) == (1, "")
        value, explanation = scored(given, wrong, match=match)
        assert value == 0
        assert explanation.endswith("; closest of 2 right answers")


def test_the_closest_right_answer_explains() -> None:
    assert scored(["Marseille", "Paris"], "Pari")[1] == "'Pari' is not 'Paris'; closest of 2 right answers"


def test_fields_count_by_the_right_answer_with_most_of_them() -> None:
    target = {"any_of": [{"a": 1, "b": 2, "c": 3, "d": 4}, {"a": 1, "b": 9, "c": 8, "d": 4}]}
    value, explanation = scored(target, '{"a": 1, "b": 9, "c": 8, "d": 5}', match=Match(how=Matching.FIELDS))
    assert (value, explanation) == (0.75, "wrong: d; closest of 2 right answers")


def test_an_answer_that_is_an_array_is_compared_with_the_whole_list() -> None:
    assert scored(["a", "b"], '["a", "b"]')[0] == 1
    assert scored(["a", "b"], '["a"]')[0] == 0


def test_a_right_answer_that_cannot_be_compared_leaves_the_others() -> None:
    assert scored(["none", 4], "4", match=Match(how=Matching.NUMERIC))[0] == 1
    assert scored(["none", "some"], "4", match=Match(how=Matching.NUMERIC))[0] is None


OSLO, BERGEN, CANCEL = (
    {"name": "book", "arguments": {"city": "Oslo"}},
    {"name": "book", "arguments": {"city": "Bergen"}},
    {"name": "cancel", "arguments": {}},
)


@pytest.mark.parametrize(
    ("target", "right", "wrong"),
    [
        ([OSLO, CANCEL], [[OSLO, CANCEL], [CANCEL, OSLO]], [[OSLO], [CANCEL], []]),
        ([[OSLO], [BERGEN]], [[OSLO], [BERGEN]], [[OSLO, BERGEN], [CANCEL], []]),
        ([OSLO, [BERGEN, CANCEL]], [[OSLO], [CANCEL, BERGEN]], [[BERGEN], [CANCEL]]),
        ([[OSLO], None], [[OSLO], []], [[BERGEN]]),
        ({"any_of": [OSLO, CANCEL]}, [[OSLO], [CANCEL]], [[OSLO, CANCEL], []]),
        ({"any_of": [OSLO, None]}, [[OSLO], []], [[CANCEL]]),
    ],
)
def test_one_of_several_calls_or_sets_of_parallel_calls(target: Json, right: list[Json], wrong: list[Json]) -> None:
    def answer(given: list[Json]) -> Answer:
        return calls(*((call["name"], call["arguments"]) for call in given)) if given else Answer(text="Which city?")

    for given in right:
        assert scored(target, answer(given), Kind.TOOL_USE, request=TOOLS) == (1, "")
    for given in wrong:
        assert scored(target, answer(given), Kind.TOOL_USE, request=TOOLS)[0] == 0


def test_the_closest_call_explains() -> None:
    target = {"any_of": [CANCEL, OSLO]}
    wrong = scored(target, calls(("book", {"city": "Rome"})), Kind.TOOL_USE, request=TOOLS)
    assert wrong == (0, "book: city differs; closest of 2 right answers")


def test_an_argument_may_have_several_right_values() -> None:
    target = {
        "name": "book",
        "arguments": {"city": {"any_of": ["Oslo", "Kristiania"]}, "nights": {"any_of": [2, None]}},
    }
    listed = {"book": {"city": ["Oslo", "Kristiania"], "nights": [2, ""]}}
    for given in (target, listed, [listed]):
        for right in ({"city": "Kristiania"}, {"city": "Oslo", "nights": 2.0}):
            assert scored(given, calls(("book", right)), Kind.TOOL_USE, request=TOOLS) == (1, "")
        for wrong in ({"city": "Rome"}, {"city": "Oslo", "nights": 3}, {"city": "Oslo", "pets": True}):
            assert scored(given, calls(("book", wrong)), Kind.TOOL_USE, request=TOOLS)[0] == 0
    assert scored([listed, CANCEL], calls(("cancel", {}), ("book", {"city": "Oslo"})), Kind.TOOL_USE, request=TOOLS)[0]


def plot(properties: dict[str, Json], required: list[str]) -> Request:
    schema: dict[str, Json] = {"type": "object", "properties": properties, "required": required}
    return Request(messages=[], params={"tools": [{"name": "plot", "parameters": schema}]})


def test_listed_values_reach_into_objects_and_arrays() -> None:
    request = plot({"at": {"type": "object"}, "points": {"type": "array"}, "grid": {"type": "string"}}, ["at"])
    target = {"plot": {"at": [{"x": [1, 2], "y": ["a", ""]}], "points": [[1.0, 2.0], [3]], "grid": ["on", ""]}}
    for right in (
        {"at": {"x": 1}, "points": [1, 2]},
        {"at": {"x": 2, "y": "a"}, "points": [3.0], "grid": "on"},
    ):
        assert scored(target, calls(("plot", right)), Kind.TOOL_USE, request=request) == (1, "")
    for wrong in (
        {"at": {"x": 3}, "points": [1, 2]},
        {"at": {"x": 1}, "points": [1, 3]},
        {"at": {"x": 1}, "points": [1, 2], "grid": "off"},
    ):
        assert scored(target, calls(("plot", wrong)), Kind.TOOL_USE, request=request)[0] == 0


def test_an_optional_argument_with_a_default_may_be_left_out_where_the_right_call_allows_it() -> None:
    request = plot({"grid": {"type": "string", "default": "off"}}, [])
    for target in ({"plot": {"grid": ["on", ""]}}, {"plot": {"grid": ["off"]}}):
        assert scored(target, calls(("plot", {})), Kind.TOOL_USE, request=request)[0] == 1
    assert scored({"plot": {"grid": ["on"]}}, calls(("plot", {})), Kind.TOOL_USE, request=request)[0] == 0


@pytest.mark.parametrize(
    ("target", "given"),
    [([1.0, 2.5, 3.0], [1, 2.5, 3]), ([[1.0], [2.0]], [[1], [2]]), ({"a": [{"x": 1.0}]}, {"a": [{"x": 1}]})],
)
def test_whole_numbers_pass_for_floats_in_arrays_and_objects(target: Json, given: Json) -> None:
    request = plot({"points": {}}, ["points"])
    wanted = {"name": "plot", "arguments": {"points": target}}
    assert scored(wanted, calls(("plot", {"points": given})), Kind.TOOL_USE, request=request)[0] == 1
    assert scored({"points": target}, json.dumps({"points": given}), Kind.EXTRACTION)[0] == 1


@pytest.mark.parametrize(
    ("target", "given", "same"),
    [
        ("x^3 + 2x", "x**3+2x", True),
        ("New-York, NY", "new york ny", True),
        ("don't", "don’t", True),
        ("2025-05-03", "May 3rd, 2025", True),
        ("2025-05-03", "3 May 2025", True),
        ("2025-12-25", "25.12.2025", True),
        ("2025-12-25", "12/25/2025", True),
        ("2025-12-25 14:00", "2025-12-25T14:00:00", True),
        ("2025-05-03", "2025-05-04", False),
        ("2025-05-03", "05/03/2025", False),  # in some places 5 March
        ("2025-02-30", "30.02.2025x", False),
        ("-5", "5", False),
        ("1.5", "15", False),
        ("10-12", "1012", False),
        ("5% off", "5 off", False),
        ("C#", "C", False),
        ("-", "", False),
        ("yes", "no", False),
    ],
)
def test_loosely_punctuation_and_the_form_of_dates_do_not_count(target: str, given: str, same: bool) -> None:
    loose = Match(how=None, loose=True)
    assert scored(target, given, match=Match(how=Matching.NORMALISED, loose=True))[0] == same
    assert scored({"d": [target]}, json.dumps({"d": [given]}), Kind.EXTRACTION, loose)[0] == same
    fields = Match(how=Matching.FIELDS, loose=True)
    assert scored({"d": target, "e": 1}, json.dumps({"d": given, "e": 1}), Kind.EXTRACTION, fields)[0] == (
        1 if same else pytest.approx(2 / 3, abs=0.17)
    )
    if given:
        request = plot({"f": {"type": "string"}}, ["f"])
        wanted = {"name": "plot", "arguments": {"f": target}}
        assert scored(wanted, calls(("plot", {"f": given})), Kind.TOOL_USE, loose, request)[0] == same
        assert scored(wanted, calls(("plot", {"f": f"{given}?!"})), Kind.TOOL_USE, None, request)[0] == 0


def test_loosely_a_dressed_answer_is_read_and_what_is_wrong_is_quoted_as_it_was() -> None:
    loose = Match(how=None, loose=True)
    assert scored("2025-05-03", "The answer is May 3, 2025.", match=loose)[0] == 1
    assert scored("New-York", "Bos-ton", match=loose) == (0, "'Bos-ton' is not 'New-York'")
    assert scored(["x^3", "x^4"], "x**4", match=loose)[0] == 1


@pytest.mark.parametrize(
    ("target", "text", "pair"),
    [
        (["bug", "crash"], "Crash", ("crash", "crash")),
        (["bug", "crash"], "bug", ("bug", "bug")),
        (["billing", "crash"], "crush", ("crash", None)),
        ({"any_of": ["bug", "crash"]}, "billing", ("bug", "billing")),
    ],
)
def test_a_confusion_stands_at_the_nearest_right_label(target: Json, text: str, pair: tuple[str, str | None]) -> None:
    assert label_pair(Kind.CLASSIFICATION, target, Answer(text=text), ("billing", "bug", "crash")) == pair


def test_a_call_nested_without_end_is_no_alternative() -> None:
    nested: Json = OSLO
    for _ in range(3000):
        nested = [nested]
    assert right_answers(Kind.TOOL_USE, [nested, OSLO])
