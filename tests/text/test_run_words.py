"""How latencies of a run were measured and its judges did, in words."""

from advisor.text.advice.judges import exam_badge
from advisor.text.runs import clocks
from advisor.types import Clock, ExamResult, Message


def test_every_clock_has_words() -> None:
    assert [clock for clock in Clock if "m" not in clocks({clock: ["m"]})] == []
    assert clocks({}) == ""


def test_words_of_an_earlier_version_stay() -> None:
    assert clocks({Clock.OTHER: ["The monotonic clock of the machine that asks. m: at the socket."]}).endswith(
        "socket."
    )


def test_a_judge_that_passed_and_shows_position_bias_has_one_badge() -> None:
    passed = Message(code=ExamResult.PASSED)
    assert exam_badge(passed) == "Judge passed its exam"
    assert exam_badge(passed, is_biased=True) == "Judge passed its exam, but shows position bias"
