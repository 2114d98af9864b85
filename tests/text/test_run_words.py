"""How latencies of a run were measured, in words."""

from advisor.text.runs import clocks
from advisor.types import Clock


def test_every_clock_has_words() -> None:
    assert [clock for clock in Clock if "m" not in clocks({clock: ["m"]})] == []
    assert clocks({}) == ""


def test_words_of_an_earlier_version_stay() -> None:
    assert clocks({Clock.OTHER: ["The monotonic clock of the machine that asks. m: at the socket."]}).endswith(
        "socket."
    )
