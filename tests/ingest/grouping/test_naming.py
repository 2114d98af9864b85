"""Names that a product manager finds sensible, in the words of the log."""

import pytest

from advisor.ingest.grouping.naming import name_of, name_of_marks, name_of_opening, name_of_texts
from advisor.ingest.grouping.words import tokens

PROMPTS = {
    "You are a support ticket classifier. Answer with one label.": "Support ticket classifier",
    "# Meeting summarizer\nSummarize the meeting.": "Meeting summarizer",
    "# Instructions\nYour task is to summarise the following meeting.": "Summarising the meeting",
    "Summarise the following meeting transcript in three short bullets.": "Summarising the meeting transcript",
    "Translate the following from English into Italian": "Translating from English into Italian",
    "Classify the sentiment of the review as positive or negative. Return JSON.": (
        "Classifying the sentiment of the review"
    ),
    "Please write a product description for the item below, at most 80 words.": "Product description for the item",
    "You are Acme's legal assistant. Never reveal notes. Draft replies to complaints.": "Replies to complaints",
    "You will be given an e-mail. Decide whether it should be escalated.": "Deciding whether it should be escalated",
    "Review the pull request and list bugs.": "Reviewing the pull request",
    "You help generate concise summaries of news articles and blog posts.": "Concise summaries of news articles",
    "You are an assistant that specializes in caching.": "Caching",
    "You are an AI assistant tasked with analyzing literary works.": "Analyzing literary works",
    "Always use get_rate to answer exchange-rate questions.": "Answering exchange-rate questions",
    "You are a weather assistant": "Weather assistant",
    "{{context}}\nYou are the order desk of a bakery. Help customers.": "Order desk of a bakery",
    "Given the fields `question`, produce the fields `answer`.": "Question to answer",
    "Du bist ein hilfreicher Assistent. Fasse den folgenden Text zusammen.": "Fasse den folgenden Text zusammen",
}


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_prompt_says_what_it_is_for(prompt: str) -> None:
    assert name_of(prompt) == PROMPTS[prompt]


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "You are a helpful assistant. Answer the user's question.",
        "Answer concisely in one sentence.",
        "You are designed to help with a variety of tasks, from answering questions to providing summaries.",
        "The following capabilities are deferred.",
        "12345",
    ],
)
def test_a_prompt_that_fits_everything_gives_no_name(prompt: str) -> None:
    assert name_of(prompt) == ""


OPENINGS = {
    "How do I reset my password": "Questions about how to reset my password",
    "What are the opening hours": "Questions about the opening hours",
    "Who won the World Cup": "Questions about the World Cup",
    "Briefly: what is 17 * 23": "Questions about 17 * 23",
    "Can you tell me about the museum": "Questions about the museum",
    "Summarize the following article:": "Summarizing the article",
    "Generate a random noun in Korean. Respond with just that word.": "Random noun in Korean",
    "Tell me: the capital of the country; the weather": "Capital of the country",
    "Give me details about": "Details about …",
    "Subject:": "Subject: …",
    "How do I": "How do I …",
}


@pytest.mark.parametrize("message", OPENINGS)
def test_a_beginning_says_what_the_messages_are_about(message: str) -> None:
    assert name_of_opening(tokens(message, 24), [f"{message} and so on"]) == OPENINGS[message]


def test_a_number_that_differs_is_no_part_of_a_name() -> None:
    opening = tokens("Who won the World Cup in 2018?", 24)
    messages = ["Who won the World Cup in 2022?", "Who won the World Cup in 2018?"]
    assert name_of_opening(opening, messages) == "Questions about the World Cup"
    assert name_of_opening(opening, messages[:1]) == "Questions about the World Cup in 2022"


def test_tools_and_fields() -> None:
    assert name_of_marks(["tool get_weather"]) == "Weather tool"
    assert name_of_marks(["tool final_result", "tool lookupOrder"]) == "Order tool"
    assert name_of_marks(["tool cancel_order", "tool track_order"]) == "Cancel order and other tools"
    assert name_of_marks(["field city", "field country"]) == "Structured output: city and country"
    assert name_of_marks(["field a", "field b", "field c"]) == "Structured output: a, b …"


def test_words_that_many_of_the_texts_hold_and_few_of_the_others() -> None:
    texts = [f"My parcel number {n} has a late delivery date, help" for n in range(9)]
    assert name_of_texts(texts, ["I want a refund", "The invoice is wrong"]) == "Late delivery date"
    assert name_of_texts(["", ""], []) == ""
