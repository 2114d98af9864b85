"""Words about spend and what could be cut off it."""

from advisor.text.traffic import spend_and_cut
from advisor.types import Message, SavingsCode


def test_a_cut_that_rounds_to_the_whole_bill_is_told_as_a_share_of_it() -> None:
    saves = Message.of(SavingsCode.SAVES, low=350.0, high=1060.0, monthly=True)
    less = Message.of(SavingsCode.SAVES, low=350.0, high=900.0, monthly=True)
    assert "32% to 98% of it" in spend_and_cut(saves, 1080.0, 1.0)
    assert "$350 to $900" in spend_and_cut(less, 1080.0, 1.0)
