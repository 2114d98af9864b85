"""What a use case asks a model to do, and the sentence that describes it."""

import pytest

from advisor.ingest.grouping.portrait import Example, exchange_of, kind_of, make_example
from advisor.text.imports import use_case_description
from advisor.types import Kind


def example(system: str = "", user: str = "Hello", answer: str | None = "A reply.", **more: object) -> Example:
    return make_example(system=system, user=user, first=user, answer=answer, **more)


ONE_EACH = {
    Kind.CLASSIFICATION: example("Classify the ticket as billing, bug or other.", "I was charged twice", "billing"),
    Kind.EXTRACTION: example("Extract name and date from the letter.", "Dear Ms Lee, on 3 May", '{"name": "Lee"}'),
    Kind.SUMMARY: example("Summarise the thread for the next agent.", "A: hi. B: hi.", "They said hi."),
    Kind.DRAFTING: example("Draft a reply to the customer.", "Where is my parcel?", "Dear customer, ..."),
    Kind.QUESTION_ANSWERING: example("Answer the question based on the context.", "Context: ...", "On Monday."),
    Kind.CODE: example("", "Fix this Python function: ```def f(): retrun 1```", "```def f(): return 1```"),
    Kind.TOOL_USE: example("You are a shop's agent.", "Cancel my order", "", shape=Kind.TOOL_USE, tools=2),
    Kind.CHAT: example("You are a friendly companion.", "I had a long day", "Tell me more."),
}


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_told(kind: Kind) -> None:
    assert kind_of([(ONE_EACH[kind], 1.0)]) is kind


def test_few_short_answers_are_labels_whatever_the_words_say() -> None:
    answers = ["yes", "No.", "yes", '"no"']
    assert kind_of([(example("Think hard.", f"Case {n}", answers[n % 4]), 1.0) for n in range(12)]) is (
        Kind.CLASSIFICATION
    )


def test_objects_are_structured_data_without_any_words() -> None:
    assert kind_of([(example("", f"Letter {n}", f'{{"amount": {n}}}'), 1.0) for n in range(4)]) is Kind.EXTRACTION


def test_a_schema_with_a_short_answer_may_be_a_label() -> None:
    one = example("Classify the ticket.", "Charged twice", '{"label": "billing"}', shape=Kind.EXTRACTION)
    assert kind_of([(one, 1.0)]) is Kind.CLASSIFICATION


def test_nothing_in_the_majority_is_chat() -> None:
    assert kind_of([(ONE_EACH[Kind.SUMMARY], 1.0), (ONE_EACH[Kind.DRAFTING], 1.0)]) is Kind.CHAT
    assert kind_of([(ONE_EACH[Kind.SUMMARY], 3.0), (ONE_EACH[Kind.DRAFTING], 1.0)]) is Kind.SUMMARY
    assert kind_of([]) is Kind.CHAT


def told(kind: Kind, examples: list[Example]) -> str:
    return use_case_description(exchange_of(kind, examples) or "")


def test_descriptions_say_what_goes_in_and_what_comes_out() -> None:
    letter = " ".join(["word"] * 93)
    labels = [example(user=letter, answer="bug" if n % 3 else "billing") for n in range(12)]
    assert told(Kind.CLASSIFICATION, labels) == (
        "A message of about 90 words goes in, one label comes out (such as bug and billing)."
    )
    fields = [example(user=letter, answer='{"name": "Lee", "date": null}')]
    assert told(Kind.EXTRACTION, fields) == (
        "A message of about 90 words goes in, an object with 2 fields comes out (such as name and date)."
    )
    assert told(Kind.SUMMARY, [example(user=letter, answer="It is late.")]) == (
        "A message of about 90 words goes in, a summary of about 3 words comes out."
    )
    tool = example(user="Cancel it", answer="", shape=Kind.TOOL_USE, tools=2, called="cancel_order")
    assert told(Kind.TOOL_USE, [tool]) == (
        "A message of about 2 words with 2 tools to choose from goes in, "
        "a call of a tool (such as cancel_order) or a reply comes out."
    )
    assert told(Kind.CHAT, [example(answer=None)]) == (
        "A message of about 1 word goes in, the log has no answers to it."
    )
    assert exchange_of(Kind.CHAT, []) is None
