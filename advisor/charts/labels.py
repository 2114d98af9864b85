"""Texts inside charts: what a name may do to a figure, and numbers as everywhere else.

Names come from logs and from people. On the screen plotly would read them as HTML; in print a font may lack them.
"""

import html
import math
import unicodedata
from itertools import groupby
from textwrap import wrap

from advisor.charts.fonts import glyphs
from advisor.text.numbers import shorten

LINE_WIDTH = 78
"""Characters; plotly breaks no lines by itself."""
SHOWN_ALONE = 4
"""Longer runs of characters that cannot be printed are counted, not listed."""
ROW = 29
"""Characters of a row's name on screen: a phone cuts what is longer off at its beginning."""


def on_screen(text: str, most: int = 40) -> str:
    """A name for plotly: one line, and nothing in it that plotly would read as markup."""
    return html.escape(shorten(_visible(text), most), quote=False)


def in_lines(text: str) -> str:
    """A row's name on up to two lines."""
    lines = wrap(shorten(_visible(text), 2 * ROW - 4), ROW)
    return "<br>".join(html.escape(line, quote=False) for line in lines[:2])


def broken(text: str) -> str:
    """A sentence for plotly, broken into lines. ``text`` is plain."""
    return "<br>".join(html.escape(line, quote=False) for line in wrap(_visible(text), LINE_WIDTH)[:4])


def _visible(text: str) -> str:
    """Without characters that act instead of show, such as those that turn the reading direction."""
    return "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)


def printable(text: str) -> str:
    """Text for print: every character that our fonts lack, or that would act instead of show, is spelled out.

    A control or formatting character becomes ``[U+202E]``; a long run of characters without a glyph is counted.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    known = glyphs()
    parts = []
    for shown, group in groupby(text, key=lambda c: c in "\n\t" or (ord(c) in known and _is_visible(c))):
        run = "".join(group)
        parts.append(run if shown else _spell(run))
    return "".join(parts)


def lacks_font(text: str) -> bool:
    """Whether a character that shows has no glyph in our fonts."""
    return any(_is_visible(c) and ord(c) not in glyphs() for c in set(text))


def _is_visible(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] != "C" and category not in ("Zl", "Zp")


def _spell(run: str) -> str:
    if len(run) > SHOWN_ALONE and all(_is_visible(c) or c in "\u200c\u200d\ufe0f" for c in run):
        return f"[{len(run)} characters without a font here]"
    return "".join(f"[U+{ord(c):04X}]" for c in run)


def signed(value: float) -> str:
    """A number with its direction: +10, -2.5, 0."""
    return "0" if value == 0 else f"{value:+g}"


def round_ticks(low: float, high: float) -> list[float]:
    """Round numbers between two bounds, at most six, which a phone has room for; zero is one where it lies between."""
    rough = (high - low) / 5
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * scale for factor in (1, 2, 5, 10) if factor * scale >= rough)
    return [round(i * step, 10) for i in range(math.ceil(low / step), math.floor(high / step) + 1)]
