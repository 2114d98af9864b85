"""Two texts as HTML in which nothing of them is markup, with what differs marked."""

import html

from advisor.judge.word_diff import Side, word_diff

LONGEST = 20_000
"""Characters of an answer that are shown."""
LEAST_COMMON = 0.6
"""Texts that share less get no marks: with only single words in common they would be unreadable."""
_BOX = "white-space:pre-wrap;overflow-wrap:anywhere;max-height:18rem;overflow-y:auto"
_MARKS = {
    "del": "background-color:color-mix(in srgb,#d1434b 22%,transparent)",
    "u": "background-color:color-mix(in srgb,#808495 26%,transparent);text-decoration-style:dotted",
    "ins": "background-color:color-mix(in srgb,#3b7dd8 22%,transparent)",
}
"""Mixed with the page's color, so that the text on them keeps its contrast in both themes; the line through or under it
tells them apart too. Red is for what a reference answer shows to be wrong."""


def marked(left: str, right: str) -> tuple[str, str]:
    """Both texts, with what only one of them has underlined: which of them is right, nothing says.

    Not so where they have little in common. Of long texts the end is not compared, and of very long ones it is not
    shown; both is said.
    """
    return _side(left, right, Side.LEFT, "u"), _side(left, right, Side.RIGHT, "ins")


def against(reference: str, answer: str) -> str:
    """An answer with what the reference answer doesn't have struck through, in red."""
    return _side(reference, answer, Side.RIGHT, "del")


def _side(left: str, right: str, side: Side, tag: str) -> str:
    found = word_diff(left[:LONGEST], right[:LONGEST])
    lengths = [len(segment.text) * (1 + (segment.side is Side.SAME)) for segment in found.segments]
    common = [len(segment.text) * 2 for segment in found.segments if segment.side is Side.SAME]
    is_alike = sum(common) >= LEAST_COMMON * sum(lengths)
    rest, text = (found.left_rest, left) if side is Side.LEFT else (found.right_rest, right)
    parts = [
        html.escape(segment.text)
        if segment.side is Side.SAME or not is_alike
        else f'<{tag} style="{_MARKS[tag]}">{html.escape(segment.text)}</{tag}>'
        for segment in found.seen_on(side)
    ]
    notes = "<br><em>Not compared from here:</em><br>" + html.escape(rest) if rest else ""
    more = f"<br><em>{len(text) - LONGEST:,} more characters</em>" if len(text) > LONGEST else ""
    return _boxed("".join(parts) + notes + more if text else "<em>(no answer)</em>")


def unmarked(text: str) -> str:
    """One text as it is."""
    return _boxed(html.escape(text[:LONGEST]))


def _boxed(body: str) -> str:
    return f'<div style="{_BOX}" tabindex="0">{body}</div>'
