"""Texts inside charts: what a name may do to a figure, and numbers as everywhere else.

Names come from logs and from people. On the screen plotly would read them as HTML; in print a font may lack them.
"""

import html
import math
import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import cache
from itertools import groupby
from textwrap import wrap

from advisor.types import Assessment

LINE_WIDTH = 78
"""Characters; plotly breaks no lines by itself."""
SERIF_ALSO_HAS = (range(0x5D0, 0x5EB), range(0x1EA0, 0x1EFA))
"""Hebrew and the rest of Vietnamese: in Libertinus Serif, which the PDF embeds too, not in DejaVu Sans Mono."""
SHOWN_ALONE = 4
"""Longer runs of characters that cannot be printed are counted, not listed."""
ROW = 29
"""Characters of a row's name on screen: a phone cuts what is longer off at its beginning."""


def shorten(text: str, most: int) -> str:
    """One line of at most ``most`` characters, cut visibly."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def on_screen(text: str, most: int = 40) -> str:
    """A name for plotly: one line, and nothing in it that plotly would read as markup."""
    return html.escape(shorten(_visible(text), most), quote=False)


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
    glyphs = _glyphs()
    parts = []
    for shown, group in groupby(text, key=lambda c: c in "\n\t" or (ord(c) in glyphs and _is_visible(c))):
        run = "".join(group)
        parts.append(run if shown else _spell(run))
    return "".join(parts)


def _is_visible(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] != "C" and category not in ("Zl", "Zp")


def _spell(run: str) -> str:
    if len(run) > SHOWN_ALONE and all(_is_visible(c) or c in "\u200c\u200d\ufe0f" for c in run):
        return f"[{len(run)} characters without a font here]"
    return "".join(f"[U+{ord(c):04X}]" for c in run)


@cache
def _glyphs() -> frozenset[int]:
    """Code points that both the PDF's embedded fonts, regular and bold, and the print charts' font can show.

    DejaVu Sans Mono, the widest of the embedded ones, is the same in matplotlib's files.
    """
    from pathlib import Path

    from matplotlib import get_data_path
    from matplotlib.ft2font import FT2Font

    folder = Path(get_data_path()) / "fonts" / "ttf"
    mono, bold, charts = (
        frozenset(FT2Font(str(folder / name)).get_charmap())
        for name in ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "DejaVuSans.ttf")
    )
    return (mono & bold).union(*SERIF_ALSO_HAS) & charts


def dollars(amount: float) -> str:
    """Two significant digits, as in every sentence: $410, $1,200, $0.036."""
    if amount == 0:
        return "$0"
    digits = 1 - math.floor(math.log10(abs(amount)))
    rounded = round(amount, digits)
    text = f"{abs(rounded):,.0f}" if abs(rounded) >= 10 else f"{abs(rounded):.{max(digits, 2)}f}"
    return f"{'-' if rounded < 0 else ''}${text}"


def around(usd: float, low: float, high: float) -> str:
    """An amount with its range, where two digits show one: "$410 ($380 to $450)"."""
    ends = (dollars(low), dollars(high))
    return dollars(usd) if ends == (dollars(usd), dollars(usd)) else f"{dollars(usd)} ({ends[0]} to {ends[1]})"


def points(fraction: float, beside: float | None = None) -> str:
    """The size of a difference of shares, as in every sentence; its digits tell it from ``beside``."""
    text, decimals = _rounded(fraction), 1
    while beside is not None and decimals < 5 and abs(fraction) != abs(beside) and text == _rounded(beside):
        decimals += 1
        longer = f"{abs(fraction) * 100:.{decimals}f}"
        text = text if float(longer) == float(text) else longer
    return f"{text} point" if text == "1" else f"{text} points"


def _rounded(fraction: float) -> str:
    value = abs(fraction) * 100
    return f"{value:.0f}" if value >= 10 or abs(value - round(value)) < 0.05 else f"{value:.1f}"


def seconds(value: float) -> str:
    """A waiting time as everywhere else: "420 ms", "1.8 s", "14 s", "3 min 5 s"."""
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    if value < 9.95:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def in_words(at: date) -> str:
    """A date as on every page: "3 Mar 2026"."""
    return f"{at.day} {at:%b %Y}"


def days(span: tuple[date, date]) -> str:
    """A first and a last day: "3 Mar 2026 – 5 Mar 2026", one day once."""
    first, last = in_words(span[0]), in_words(span[1])
    return first if first == last else f"{first} – {last}"


def signed(value: float) -> str:
    """A number with its direction: +10, −2.5, 0."""
    return "0" if value == 0 else f"{value:+g}".replace("-", "−")


def round_ticks(low: float, high: float) -> list[float]:
    """Round numbers between two bounds, at most six, which a phone has room for; zero is one where it lies between."""
    rough = (high - low) / 5
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * scale for factor in (1, 2, 5, 10) if factor * scale >= rough)
    return [round(i * step, 10) for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def signed_points(fraction: float, margin: float | None = None) -> str:
    """With its direction: "+2 points", "−1.5 points", "0 points"; the digits tell a loss from the ``margin``."""
    size = points(fraction, margin if fraction < 0 else None)
    return size if size == "0 points" else f"{'+' if fraction > 0 else '−'}{size}"


def spread(assessment: Assessment) -> str:
    """The difference with its range and n, or that there is none."""
    a = assessment
    if a.delta is None or a.low is None or a.ci_high is None:
        return "no evidence yet"
    return f"{difference(a)}, n {a.n:,}"


def difference(assessment: Assessment) -> str:
    """The difference from the baseline with its range: "−2 points (−5 to +1)"; a dash where there is none."""
    a = assessment
    if a.delta is None or a.low is None or a.ci_high is None:
        return "–"
    low, high = (signed_points(bound, a.margin).split()[0] for bound in (a.low, a.ci_high))
    return f"{signed_points(a.delta, a.margin)} ({low} to {high})"


def listing(names: Sequence[str], most: int = 3) -> str:
    """Join names as in "a, b and c"; long lists are cut to "a, b and 5 more"."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
