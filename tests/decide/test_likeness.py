"""When two texts are nearly the same, and which are long enough to be looked at."""

import pytest

from advisor.decide.likeness import Text, text_of
from advisor.types import Answer, ToolCall

WORDS = [f"word{n}" for n in range(60)]


def changed(*places: int) -> Text:
    return Text(" ".join("other" if n in places else word for n, word in enumerate(WORDS)))


@pytest.mark.parametrize(
    ("places", "is_nearly"), [((), True), ((30,), True), ((15, 45), True), (range(0, 60, 8), False)]
)
def test_one_word_in_thirty_may_differ(places: tuple[int, ...], is_nearly: bool) -> None:
    assert changed(*places).is_nearly(changed()) is is_nearly


def test_case_and_punctuation_do_not_count() -> None:
    assert Text(", ".join(WORDS).upper() + ".").is_nearly(changed())


def test_twenty_words_are_long_in_any_script() -> None:
    assert Text(" ".join(WORDS[:20])).is_long
    assert not Text(" ".join(WORDS[:19])).is_long
    assert Text("\u8bf7\u60a8\u518d\u6b21\u67e5\u770b\u8d26\u5355\u5e76\u544a" * 2).is_long
    assert not Text("").is_nearly(Text(""))


def test_structured_answers_are_no_texts() -> None:
    assert text_of(None) is None
    assert text_of(Answer(text='{"a": 1}')) is None
    assert text_of(Answer(text="```json\n[]\n```")) is None
    assert text_of(Answer(text="a", tool_calls=(ToolCall(name="f", arguments="{}"),))) is None
    assert text_of(Answer(text="Dear customer")) is not None
