"""Which use cases hold later turns of conversations, so that nothing is claimed about whole ones."""

import pytest

from advisor.collect.documents import has_later_turns
from advisor.types import CallIds, Request, Sample

ASKED, MORE = {"role": "user", "content": "Where is it?"}, {"role": "user", "content": "And now?"}
ANSWER, OTHER = ({"role": "assistant", "content": text} for text in ("On its way.", "Lost."))


def sample(*messages: dict[str, str], session: str | None = None) -> Sample:
    return Sample(request=Request(messages=list(messages)), ids=CallIds(session=session))


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([sample(ASKED), sample(MORE, session="a"), sample(ASKED, session="a")], False),
        ([sample(ASKED, ANSWER, MORE), sample(ASKED, ANSWER, ASKED)], False),
        ([sample(ASKED, ANSWER, MORE, session="a"), sample(ASKED, ANSWER, ASKED, session="b")], False),
        ([sample(ASKED, ANSWER, MORE, session="a"), sample(ASKED, ANSWER, ASKED, session="a")], True),
        ([sample(ASKED, ANSWER, MORE), sample(ASKED, OTHER, MORE)], True),
        ([sample(ASKED), sample(ASKED, ANSWER, MORE)], True),
        ([sample(ASKED, ANSWER, MORE, session="a")], True),
        ([sample(ASKED, ANSWER, MORE), sample(MORE), sample(ASKED, ANSWER, ASKED), sample(ASKED)], False),
        ([sample(ASKED, say, more) for say in (ANSWER, OTHER) for more in (ASKED, MORE)], False),
        ([sample(ASKED, ANSWER, MORE)] * 3, True),
        ([sample(ASKED, ANSWER, MORE, session=name) for name in "aabb"], False),
        ([sample(ASKED, ANSWER, MORE), sample(ASKED, ANSWER, MORE, OTHER, ASKED)], True),
        ([], False),
    ],
    ids=[
        "no answers",
        "examples",
        "examples in sessions",
        "one session",
        "unlike",
        "first and later",
        "one sample",
        "examples in half of the prompts",
        "examples drawn for each call",
        "repeats of one request",
        "examples in sessions of several calls",
        "an example before a turn",
        "none",
    ],
)
def test_examples_that_several_prompts_hold_are_no_conversation(samples: list[Sample], expected: bool) -> None:
    assert has_later_turns(samples) is expected
