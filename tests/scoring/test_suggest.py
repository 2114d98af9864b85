"""What the log suggests: only what nearly all recorded answers keep to, and never from a few."""

import json
from typing import Any

import pytest

from advisor.scoring.own_checks import run_check
from advisor.scoring.suggest import suggest_checks, suggest_match
from advisor.types import Answer, Check, CheckKind, Json, Kind, Match, Matching, Reference, Request, Sample, ToolCall

NEVER = {"<think>", "as an AI language model", "```", "**"}


def sample(text: str | None = "fine", *, system: str = "Be brief.", target: Json = ..., **params: Json) -> Sample:
    messages = [{"role": "system", "content": system}, {"role": "user", "content": "?"}]
    reference = None if target is ... else Reference(target)
    return Sample(request=Request(messages=messages, params=params), answer=Answer(text=text), reference=reference)


def found(samples: list[Sample]) -> dict[CheckKind, set[str]]:
    by_kind: dict[CheckKind, set[str]] = {}
    for check in suggest_checks(samples):
        by_kind.setdefault(check.kind, set()).add(check.value)
    return by_kind


def words(count: int, n: int = 0) -> str:
    """That many words, of which no two answers share any."""
    return " ".join(f"w{n}x{i}" for i in range(count))


def test_few_answers_suggest_nothing() -> None:
    assert suggest_checks([sample() for _ in range(19)]) == ()
    assert suggest_checks([sample() for _ in range(20)]) != ()
    assert suggest_checks([sample(None) for _ in range(50)]) == ()
    assert suggest_checks([]) == ()


@pytest.mark.parametrize(
    ("longest", "limit"), [(1, "3"), (4, "5"), (30, "40"), (108, "120"), (115, "150"), (250, "300")]
)
def test_a_round_limit_above_the_longest(longest: int, limit: str) -> None:
    answers = [sample(words(1 + n % longest, n)) for n in range(2 * longest + 20)]
    assert found(answers)[CheckKind.MOST_WORDS] == {limit}


def test_long_answers_have_no_limit_and_one_odd_answer_sets_none() -> None:
    assert CheckKind.MOST_WORDS not in found([sample(words(251, n)) for n in range(30)])
    odd = [sample(words(8, n)) for n in range(99)] + [sample(words(4_000, 99))]
    assert found(odd)[CheckKind.MOST_WORDS] == {"10"}
    many = [sample(words(8, n)) for n in range(90)] + [sample(words(200, n)) for n in range(10)]
    assert found(many)[CheckKind.MOST_WORDS] == {"250"}


@pytest.mark.parametrize("told", ["No more than 80 words.", "Answer in at most 80 words", "80 words or fewer, please"])
def test_the_limit_that_the_prompts_tell(told: str) -> None:
    assert found([sample(words(20, n), system=told) for n in range(30)])[CheckKind.MOST_WORDS] == {"80"}
    broken = [sample(words(120 if n < 3 else 20, n), system=told) for n in range(30)]
    assert CheckKind.MOST_WORDS not in found(broken), "one answer in ten does not keep to it"
    mixed = [sample(words(20, n), system=told if n % 2 else "Be brief.") for n in range(30)]
    assert found(mixed)[CheckKind.MOST_WORDS] == {"25"}


def test_json_where_it_was_asked_for_and_came() -> None:
    mode: dict[str, Any] = {"response_format": {"type": "json_object"}}
    answers = [
        sample(json.dumps({"total": n, "vendor": str(n), **({"vat": 1} if n % 2 else {})}), **mode) for n in range(50)
    ]
    kinds = found(answers)
    assert kinds[CheckKind.JSON] == {""}
    assert kinds[CheckKind.EXPRESSION] == {'"total" in json and "vendor" in json'}
    assert kinds[CheckKind.LACKS] == NEVER - {"```"}
    assert CheckKind.MOST_WORDS not in kinds
    fenced = [sample(f"```json\n{a.answer.text}\n```", **mode) for a in answers if a.answer]
    assert CheckKind.JSON not in found(fenced), "today's answers would fail it"
    schema: dict[str, Any] = {"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}}
    assert set(found([sample('{"a": 1}', **schema) for _ in range(30)])) == {CheckKind.JSON, CheckKind.LACKS}


def test_words_that_every_answer_has() -> None:
    def answer(n: int) -> str:
        return f"Problem: {words(3, n)}\nNext: {words(2, n)}\nKind regards, Fernwick"

    answers = [sample(answer(n)) for n in range(50)]
    assert found(answers)[CheckKind.CONTAINS] == {"Problem:", "Next:", "Kind regards, Fernwick"}
    assert found([*answers[:49], sample("No idea.")])[CheckKind.CONTAINS] == {
        "Problem:",
        "Next:",
        "Kind regards, Fernwick",
    }
    assert CheckKind.CONTAINS not in found([*answers[:47], *[sample(f"No {n}.") for n in range(3)]])
    assert CheckKind.CONTAINS not in found([sample(f"the {words(5, n)}") for n in range(50)])


def test_what_no_answer_has() -> None:
    assert found([sample(words(3, n)) for n in range(50)])[CheckKind.LACKS] == NEVER
    bold = [sample(f"**{words(3, n)}**") for n in range(50)]
    assert found(bold)[CheckKind.LACKS] == NEVER - {"**"}


def test_labels_suggest_a_limit_and_no_words() -> None:
    kinds = found([sample(label) for label in ("billing", "bug report", "other") for _ in range(20)])
    assert kinds[CheckKind.MOST_WORDS] == {"3"}
    assert CheckKind.CONTAINS not in kinds


def test_what_is_suggested_holds() -> None:
    answers = [sample(f"Next: {words(n % 40, n)}") for n in range(200)]
    checks = suggest_checks(answers)
    assert {check.kind for check in checks} == {CheckKind.MOST_WORDS, CheckKind.CONTAINS, CheckKind.LACKS}
    for check in checks:
        passing = sum(run_check(check, s.request, s.answer) is None for s in answers if s.answer)
        assert passing >= 0.98 * len(answers), check
    assert Check(kind=CheckKind.CONTAINS, value="Next:") in checks


@pytest.mark.parametrize(
    ("kind", "targets", "how"),
    [
        (Kind.EXTRACTION, [{"total": n, "vendor": "a"} for n in range(30)], Matching.FIELDS),
        (Kind.EXTRACTION, [json.dumps({"total": n}) for n in range(30)], Matching.FIELDS),
        (Kind.EXTRACTION, [[{"sku": n}] for n in range(30)], Matching.FIELDS),
        (Kind.CLASSIFICATION, ["billing", "other"] * 15, Matching.LABEL),
        (Kind.CLASSIFICATION, [{"label": label} for label in ("billing", "other") * 15], Matching.LABEL),
        (Kind.CLASSIFICATION, [1, 2, 3] * 10, Matching.LABEL),
        (Kind.QUESTION_ANSWERING, ["yes", "no"] * 15, Matching.LABEL),
        (Kind.QUESTION_ANSWERING, [n * 1.5 for n in range(30)], Matching.NUMERIC),
        (Kind.QUESTION_ANSWERING, ["0", "1,000", "$3.50"] * 10, Matching.NUMERIC),
        (Kind.QUESTION_ANSWERING, [f"The town of {n}" for n in range(30)], Matching.NORMALISED),
        (Kind.SUMMARY, [f"A long text {n} " * 20 for n in range(30)], None),
        (Kind.QUESTION_ANSWERING, [n * 1.5 for n in range(19)], None),
        (Kind.TOOL_USE, [{"name": "book", "arguments": {"n": n}} for n in range(30)], None),
        (Kind.CHAT, [], None),
    ],
)
def test_the_form_of_right_answers_suggests_how_to_compare(
    kind: Kind, targets: list[Json], how: Matching | None
) -> None:
    samples = [sample(target=target) for target in targets] + [sample() for _ in range(50)]
    assert suggest_match(kind, samples) == (None if how is None else Match(how=how))


def test_tool_calls_are_no_texts() -> None:
    call = Answer(tool_calls=(ToolCall(name="book", arguments="{}"),))
    assert suggest_checks([Sample(request=Request(messages=[]), answer=call) for _ in range(50)]) == ()
