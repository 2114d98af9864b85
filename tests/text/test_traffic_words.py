"""Words about spend and what could be cut off it."""

from advisor.text.traffic import spend_and_cut, traffic_sentence
from advisor.types import Message, SavingsCode


def test_a_cut_that_rounds_to_the_whole_bill_is_told_as_a_share_of_it() -> None:
    saves = Message.of(SavingsCode.SAVES, low=35.0, high=100.0, monthly=True)
    less = Message.of(SavingsCode.SAVES, low=35.0, high=90.0, monthly=True)
    assert "33% to 95% of it" in spend_and_cut(saves, 104.9, 1.0)
    assert "$35 to $90" in spend_and_cut(less, 104.9, 1.0)


def test_one_call_and_an_unknown_bill_read_well() -> None:
    told = traffic_sentence("The log has 46 calls", 120.0, None, (), 1)
    assert told == (
        "The log has 46 calls: about 120 calls a month. Assumed to be from the same days: 1 call without a valid time."
    )
