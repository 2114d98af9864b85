import pytest

from advisor.scoring.reading import find_labels, read_label


def test_the_set_in_use_with_its_most_frequent_spelling() -> None:
    answers = [
        "billing",
        "Billing",
        "billing",
        "Bug report",
        "bug_report",
        "Bug report",
        '{"label": "other"}',
        "other.",
    ]
    assert find_labels(answers) == ("Bug report", "billing", "other")


@pytest.mark.parametrize(
    "answers",
    [
        [],
        ["one", "two", "three", "four"],
        ["A long answer that explains at some length what the customer should do next."] * 10,
        ['{"vendor": "a", "total": 3}'] * 10,
        ["yes", "no"] * 5 + ["It depends on many things that I would have to explain first, in detail."] * 2,
    ],
)
def test_what_is_not_few_and_short_is_no_label_set(answers: list[str]) -> None:
    assert find_labels(answers) is None


def test_one_odd_answer_in_many_does_not_hide_the_set() -> None:
    assert find_labels(["yes", "no"] * 15 + ["I'm sorry, but I can't assist with a request like that one."]) == (
        "no",
        "yes",
    )


def test_reading() -> None:
    assert read_label("**Sentiment:** positive") == "positive"
    assert read_label("Reasoning: it is late.\nFinal answer: billing") == "billing"
    assert read_label('["billing"]') == "billing"
    assert read_label('{"a": 1, "b": 2}') is None
    assert read_label("true") == "true"
    assert read_label("label: is") == "is"
    assert read_label("The label  is billing") == "billing"
    assert read_label("label -> : billing") == "billing"
    assert read_label("[" * 700 + '"billing"' + "]" * 700) == "billing"
