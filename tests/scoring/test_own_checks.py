"""A team's own checks: what they say, and that no pattern or condition can do harm."""

import time

import pytest

from advisor.scoring import own_checks
from advisor.scoring.own_checks import Checker, check_problem, run_check
from advisor.text.scores import check_words, findings_words
from advisor.types import Answer, Check, CheckKind, Json, Request, ScoreCode, ToolCall

ASKED = Request(
    messages=[
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "What about invoice 17?"}]},
        {"role": "assistant", "content": "One moment."},
    ]
)
TEXT = "Dear customer,\nyour invoice 17 is paid.\n\nKind regards, Fernwick"
OBJECT = '{"total": 12.5, "items": ["a", "b"], "note": null}'


def result(kind: CheckKind, value: str, answer: Answer | str = TEXT) -> str | None:
    found = run_check(Check(kind=kind, value=value), ASKED, Answer(text=answer) if isinstance(answer, str) else answer)
    return findings_words([found]) if found else None


@pytest.mark.parametrize(
    ("kind", "value", "text", "wrong"),
    [
        (CheckKind.CONTAINS, "kind REGARDS,  Fernwick", TEXT, None),
        (CheckKind.CONTAINS, "refund", TEXT, "does not contain 'refund'"),
        (CheckKind.CONTAINS_ANY, "refund|KIND regards", TEXT, None),
        (CheckKind.CONTAINS_ANY, "refund | money back |", TEXT, "contains none of 'refund', 'money back'"),
        (CheckKind.CONTAINS_ANY, " | ", TEXT, "no words to look for"),
        (CheckKind.LACKS, "as an AI", TEXT, None),
        (CheckKind.LACKS, "Invoice", TEXT, "contains 'Invoice'"),
        (CheckKind.REGEX, r"^Kind regards", TEXT, "is not found"),
        (CheckKind.REGEX, r"(?m)^Kind regards", TEXT, None),
        (CheckKind.MOST_WORDS, "10", TEXT, None),
        (CheckKind.MOST_WORDS, "9", TEXT, "10 words, more than 9"),
        (CheckKind.LEAST_WORDS, "10", TEXT, None),
        (CheckKind.LEAST_WORDS, "11", TEXT, "10 words, fewer than 11"),
        (CheckKind.MOST_CHARACTERS, "63", TEXT, None),
        (CheckKind.MOST_CHARACTERS, "62", TEXT, "63 characters, more than 62"),
        (CheckKind.JSON, "", OBJECT, None),
        (CheckKind.JSON, "", f"```json\n{OBJECT}\n```", "code fence"),
        (CheckKind.JSON, "", "It is paid.", "not JSON"),
        (CheckKind.JSON, "", "", "empty"),
        (CheckKind.EXPRESSION, "words <= 10 and contains(text, 'regards')", TEXT, None),
        (CheckKind.EXPRESSION, "words < 10", TEXT, "does not hold"),
    ],
)
def test_each_kind_of_check(kind: CheckKind, value: str, text: str, wrong: str | None) -> None:
    found = result(kind, value, text)
    assert (found is None) is (wrong is None)
    assert wrong is None or wrong in str(found)
    assert value in check_words(Check(kind=kind, value=value)) or kind is CheckKind.CONTAINS_ANY


def test_alternatives_are_told_apart_where_a_check_is_described() -> None:
    assert check_words(Check(kind=CheckKind.CONTAINS_ANY, value="refund | money back")) == (
        "contains “refund” or “money back”"
    )


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ("characters == len(text)", TEXT),
        ("json['total'] > 12 and len(json['items']) == 2", OBJECT),
        ("json['items'][-1] == 'b' and json['note'] is None", OBJECT),
        ("json is None or json['total'] > 0", TEXT),
        ("contains(prompt, 'invoice') and '17' in text", TEXT),
        (r"matches(text, r'invoice \d+') and not matches(text, '\d{3}')", TEXT),
        ("lower(text[:4]) == 'dear'", TEXT),
        ("number(text) == 42", "The answer is 42."),
        ("words / 2 + 1 - 1 * 2 < 100 and -words % 7 >= 0", TEXT),
        (
            "tool_calls == ['book'] or 'cancel' in tool_calls",
            Answer(tool_calls=(ToolCall(name="book", arguments="{}"),)),
        ),
        ("lower(text) in ['yes', 'no']", "Yes"),
        ("1 if words > 3 else 0", TEXT),
    ],
)
def test_what_conditions_can_say(condition: str, answer: Answer | str) -> None:
    assert result(CheckKind.EXPRESSION, condition, answer) is None


@pytest.mark.parametrize(
    ("condition", "text", "said"),
    [
        ("json['total'] > 3", TEXT, "the answer is not JSON"),
        ("json['tax'] > 3", OBJECT, "it has no 'tax'"),
        ("json['items'][5] == 'a'", OBJECT, "shorter"),
        ("json['note'] > 3", OBJECT, "something else is needed"),
        ("words / 0 > 1", TEXT, "divides by zero"),
        ("len(words) > 1", TEXT, "only a text or a list"),
        ("text + text == ''", TEXT, "only on numbers"),
        ("text[::0] == ''", TEXT, "something else is needed"),
    ],
)
def test_a_condition_without_a_result_fails_and_says_why(condition: str, text: str, said: str) -> None:
    found = result(CheckKind.EXPRESSION, condition, text)
    assert found is not None
    assert "has no result" in found
    assert said in found


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("__import__('os').system('true')", "unknown function '__import__'|instead of .system"),
        ("().__class__.__bases__[0].__subclasses__()", "instead of ."),
        ("text.__class__", "instead of .__class__"),
        ("text.lower() == 'a'", "lower"),
        ("json.total > 3", "total"),
        ("len.__globals__", "not known|instead of"),
        ("len", "not known"),
        ("open('secrets')", "unknown function"),
        ("globals()", "unknown function"),
        ("getattr(text, 'x')", "unknown function"),
        ("(lambda: 1)()", "by its name|lambda"),
        ("9**9**9 > 1", "power"),
        ("1 << 99999", "LShift"),
        ("[x for x in text for y in text]", "loop"),
        ("len([x for x in text]) > 1", "loop"),
        ("any(x for x in text)", "loop|unknown function"),
        ("f'{text:>999999999}' == ''", "Formatted"),
        ("{**json}", "dictionary"),
        ("(a := 3)", "assignment|not known"),
        ("b'x' in text", "can't be used"),
        ("matches(text, text)", "in quotes"),
        ("matches(text, '(')", "pattern can't be read"),
        ("matches(text, '\\bpaid')", "write an r"),
        ("matches(text, '(?:a{5000}){5000}')", "repeats too much"),
        ("len(text, text)", "takes 1 value"),
        ("len(*text)", "takes 1 value"),
        ("contains(text, part='x')", "takes 2 values"),
        ("wrods > 3", "'wrods' is not known"),
        ("words >", "can't be read"),
        ("words > 3; words", "can't be read"),
        ("import os", "can't be read"),
        ("", "empty"),
        ("(" * 400 + ")" * 400, "longer"),
        ("(" * 240 + "1" + ")" * 240, "can't be read"),
        (" + ".join(["1"] * 60), "too many parts"),
        ("words\0", "can't be read"),
    ],
)  # fmt: skip
def test_what_conditions_cannot_say_is_refused_at_once(condition: str, said: str) -> None:
    started = time.process_time()
    check = Check(kind=CheckKind.EXPRESSION, value=condition)
    problem = check_problem(check)
    assert problem is not None
    assert any(part in problem for part in said.split("|")), problem
    found = run_check(check, ASKED, Answer(text=TEXT))
    assert found is not None
    assert found.code is ScoreCode.CHECK_UNUSABLE
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("'%1000000000d' % words == ''", TEXT),
        ("'a' * 1000000000 == ''", TEXT),
        ("[text] * 1000000000 == ''", TEXT),
        ("-text == ''", TEXT),
        ("json['n'] * json['n'] * json['n'] > 0", f'{{"n": {"9" * 4000}}}'),
        ("len(json) > 5", "[" * 900 + "]" * 900),
        ("json == text", "[" + ",".join(["1"] * 200_000) + "]"),
    ],
)
def test_nothing_grows_beyond_the_answer(condition: str, text: str) -> None:
    started = time.process_time()
    assert check_problem(Check(kind=CheckKind.EXPRESSION, value=condition)) is None
    assert result(CheckKind.EXPRESSION, condition, text) is not None
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (CheckKind.REGEX, "(x+x+)+y"),
        (CheckKind.EXPRESSION, " or ".join(f"matches(text, '(x+x+)+{letter}')" for letter in "abcde")),
    ],
)
def test_a_slow_pattern_ends_in_time_and_fails(kind: CheckKind, value: str) -> None:
    started = time.process_time()
    found = result(kind, value, "x" * 5_000)
    assert found is not None
    assert "longer than 0.5 s" in found
    assert time.process_time() - started < 8


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (CheckKind.REGEX, "(paid", "can't be read"),
        (CheckKind.REGEX, "", "empty"),
        (CheckKind.REGEX, "x" * 501, "longer than 500"),
        (CheckKind.REGEX, "(?:abc){1000000}", "repeats too much"),
        (CheckKind.REGEX, r"\p{Nowhere}", "can't be read"),
        (CheckKind.CONTAINS, "  ", "no words"),
        (CheckKind.LACKS, "x" * 501, "longer than 500"),
        (CheckKind.MOST_WORDS, "many", "not a whole number"),
        (CheckKind.MOST_WORDS, "0", "from 1 to"),
        (CheckKind.LEAST_WORDS, "1e9", "not a whole number"),
        (CheckKind.MOST_CHARACTERS, "999999999", "from 1 to"),
    ],
)
def test_why_a_check_cannot_be_used(kind: CheckKind, value: str, said: str) -> None:
    assert said in str(check_problem(Check(kind=kind, value=value)))
    assert "can't be used" in str(result(kind, value))


def test_the_score_lists_every_failure() -> None:
    checks = (
        Check(kind=CheckKind.MOST_WORDS, value="5"),
        Check(kind=CheckKind.CONTAINS, value="paid"),
        Check(kind=CheckKind.LACKS, value="Fernwick"),
    )
    score = Checker(checks).score(ASKED, Answer(text=TEXT))
    assert (score.scorer, score.value, score.passed) == ("checks", 0.0, False)
    assert score.findings == (
        (ScoreCode.TOO_MANY_WORDS, ("10", "5"), 0),
        (ScoreCode.CONTAINS, ("'Fernwick'",), 0),
    )
    fine = Checker(checks[1:2]).score(ASKED, Answer(text=TEXT))
    assert (fine.value, fine.passed, fine.findings) == (1.0, True, ())


def test_a_check_that_is_too_slow_is_suspended_for_the_rest_of_a_scoring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_checks, "PATIENCE_S", 0.05)
    slow = Check(kind=CheckKind.REGEX, value="(x+x+)+y")
    short = Check(kind=CheckKind.MOST_WORDS, value="5")
    answer = Answer(text="x" * 5_000)
    both, alone = Checker((slow, short)), Checker((slow,))
    first = [both.score(ASKED, answer) for _ in range(3)]
    assert [(score.value, score.code) for score in first] == [(0.0, ScoreCode.CHECK_TOO_SLOW)] * 3
    started = time.process_time()
    rest = [both.score(ASKED, answer) for _ in range(100)]
    assert time.process_time() - started < 5
    assert {(score.value, score.passed) for score in rest} == {(1.0, True)}, "by the other check"
    suspended = (ScoreCode.CHECK_SUSPENDED, ("'(x+x+)+y'", "0.05", "3"), 0)
    assert rest[0].findings == (suspended,)
    failed = both.score(ASKED, Answer(text="a b c d e f"))
    assert (failed.value, failed.passed) == (0.0, False), "whatever the other would say"
    assert failed.findings == ((ScoreCode.TOO_MANY_WORDS, ("6", "5"), 0), suspended)
    for _ in range(3):
        assert alone.score(ASKED, answer).value == 0
    nothing = alone.score(ASKED, Answer(text="fine"))
    assert (nothing.value, nothing.passed) == (None, None)
    assert nothing.findings == (suspended,)
    assert Checker((slow,)).score(ASKED, Answer(text="xxy")).value == 1, "another scoring tries again"


@pytest.mark.parametrize(("checks", "answer"), [((), Answer(text="x")), ((Check(kind=CheckKind.JSON),), None)])
def test_nothing_to_check_is_neither_pass_nor_failure(checks: tuple[Check, ...], answer: Answer | None) -> None:
    score = Checker(checks).score(ASKED, answer)
    assert (score.scorer, score.value, score.passed) == ("checks", None, None)
    assert score.code in (ScoreCode.NOTHING_TO_CHECK, ScoreCode.NO_ANSWER)


def test_odd_messages_have_no_prompt() -> None:
    def holds(messages: list[dict[str, Json]]) -> bool:
        check = Check(kind=CheckKind.EXPRESSION, value="prompt == ''")
        return run_check(check, Request(messages=messages), Answer(text="x")) is None

    assert holds([])
    assert holds([{"role": "system", "content": "x"}])
    assert holds([{"role": "user", "content": None}])
    assert holds([{"role": "user", "content": [{"type": "image_url"}, "x"]}])
