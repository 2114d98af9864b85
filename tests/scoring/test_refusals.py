"""Which answers are refusals by rule, and which only sound like one."""

from pathlib import Path

import pytest

from advisor.scoring.validity import is_refusal
from advisor.types import Answer, ToolCall
from tests.scoring.real_answers import real_answers


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't assist with that.",
        "I’m sorry, I cannot help you with this request.",
        "Sorry, but I can't help with that",
        "As an AI language model, I cannot provide that.",
        "I'm unable to help with creating that kind of text.",
        "I won't do that.",
        "I cannot comply.",
        "I can't help with that, but I can talk about other topics.",
        "I'm sorry Dave, I'm afraid I can't do that.",
        "I apologize, but I cannot fulfill this request.",
        "I apologize, but I can't provide that information.",
        "I'm sorry, I can't provide assistance with that.",
        "I'm sorry, but I cannot continue with this conversation.",
        "I cannot answer that question.",
        "I'm unable to respond to that.",
        "As an AI, I can't engage in that.",
        "I can't write that for you.",
        "I won't be able to assist with this request.",
        "I will not be able to help with that.",
        "I must respectfully decline this request.",
        "I'm going to have to decline that request.",
        "I decline to answer.",
        "I don't feel comfortable helping with this.",
    ],
)
def test_refusals(text: str) -> None:
    assert is_refusal(Answer(text=text))


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't process a refund after 30 days.",
        "I'm sorry, I can't find a reservation under that name. Could you check the number?",
        "I cannot help you change this ticket to another passenger's name, but you may cancel it for free.",
        "I'm sorry to hear that! Let me help you with this.",
        "The customer writes: I can't log in.",
        "Yes, I can help with that.",
        "I can't wait to help with that!",
        "I can't help but notice that your order is late.",
        "I cannot do this without your order number. Could you send it?",
        "I can't provide this price before Monday, as the list is being updated.",
        "I can't answer that until I know your plan; which one do you have?",
        "I'm sorry, I can't do that date. Would Tuesday work?",
        "I'm not able to see your calendar, so tell me which day suits you.",
        "We cannot fulfil that order because the item is sold out.",
        'The agent wrote: "I can\'t help with that." The customer was angry.',
        "'I can't help with that,' the agent wrote.",
        "Summary: the agent said that he can't help with that.",
        "Dear team, I will not be able to help with that on Friday.",
        "Thank you for the invitation; unfortunately I must decline.",
        "I decline your offer of the 3rd with regret.",
        "I don't feel comfortable with the price you named.",
        "",
    ],
)
def test_answers_that_only_sound_like_refusals(text: str) -> None:
    assert not is_refusal(Answer(text=text))


def test_a_long_text_or_a_tool_call_is_no_refusal() -> None:
    assert not is_refusal(Answer(text="I can't help with that. " + "But here is how it works. " * 40))
    assert not is_refusal(Answer(text="I can't help with that.", tool_calls=(ToolCall(name="a", arguments=""),)))
    assert is_refusal(Answer(finish_reason="content_filter"))
    assert not is_refusal(None)


def test_real_answers_of_a_support_agent_are_hardly_refusals(logs: Path) -> None:
    assert sum(is_refusal(Answer(text=text)) for text in real_answers(logs)) <= 2
