"""Where two texts differ, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby

MOST_WORDS = 600
"""Words of each text that are compared: the time grows with their product."""
_WORD = re.compile(r"\s+|[^\W_]+(?:['’][^\W_]+)*|[\W_]", re.UNICODE)


class Side(StrEnum):
    """Which of the two texts has a segment."""

    SAME = "same"
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A stretch of text that both have, or only one of them."""

    side: Side
    text: str


@dataclass(frozen=True, kw_only=True)
class WordDiff:
    """Two texts as segments in reading order. Those of one side and of both, joined, are that side's text."""

    segments: tuple[Segment, ...]
    left_rest: str = ""
    """The end of the left text that was not compared, because the text is long."""
    right_rest: str = ""

    def seen_on(self, side: Side) -> tuple[Segment, ...]:
        """The segments of one of the two texts."""
        return tuple(segment for segment in self.segments if segment.side in (Side.SAME, side))


def word_diff(left: str, right: str) -> WordDiff:
    """Compare two texts by words, punctuation marks and white space; only the first 600 words of each.

    Single characters between two differences are taken as different too, so that no stray blank stands out as common
    (Ratcliff and Obershelp's matching, as difflib has it).
    """
    (a, left_rest), (b, right_rest) = _words(left), _words(right)
    found: list[tuple[Side, str]] = []
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        is_stray = a1 > 0 and a2 < len(a) and "".join(a[a1:a2]).isspace()
        if tag == "equal" and not is_stray:
            found.append((Side.SAME, "".join(a[a1:a2])))
        else:
            found += [(Side.LEFT, "".join(a[a1:a2])), (Side.RIGHT, "".join(b[b1:b2]))]
    return WordDiff(segments=tuple(_joined(found)), left_rest=left_rest, right_rest=right_rest)


def _words(text: str) -> tuple[list[str], str]:
    """The opening words of a text with what is between them, and the rest of it."""
    words: list[str] = []
    counted = end = 0
    for match in _WORD.finditer(text):
        counted += not match[0].isspace()
        if counted > MOST_WORDS:
            break
        words.append(match[0])
        end = match.end()
    return words, text[end:]


def _joined(found: list[tuple[Side, str]]) -> list[Segment]:
    """Between two common stretches everything of the left comes first, then everything of the right."""
    joined = []
    for is_same, stretch in groupby(found, key=lambda part: part[0] is Side.SAME):
        parts = list(stretch)
        for side in (Side.SAME,) if is_same else (Side.LEFT, Side.RIGHT):
            text = "".join(words for of, words in parts if of is side)
            if text:
                joined.append(Segment(side=side, text=text))
    return joined
