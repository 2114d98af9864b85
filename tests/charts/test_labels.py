"""Names, colours and numbers inside charts."""

from itertools import pairwise

import pytest

from advisor.charts import colours
from advisor.charts.labels import on_screen, printable, round_ticks


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, naïve – ✓", "plain, naïve – ✓"),
        ("a\u202eb\u0007", "a[U+202E]b[U+0007]"),
        ("a\r\nb\tc", "a\nb\tc"),
        ("🦊", "[U+1F98A]"),
        ("\U00017000" * 6, "[6 characters without a font here]"),  # Tangut: no sans-serif of Noto has it
        ("👩‍👩‍👧‍👦", "[7 characters without a font here]"),
        ("שלום ế", "שלום ế"),
        ("\ud83d", "[U+D83D]"),
        ("\u2028\u00ad", "[U+2028][U+00AD]"),
    ],
    ids=ascii,
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_on_screen_is_one_short_line_without_markup() -> None:
    assert on_screen("<i>a</i>\n b") == "&lt;i&gt;a&lt;/i&gt; b"
    assert on_screen("x" * 50, 10) == "x" * 9 + "…"
    assert on_screen("a\u202eb\x00") == "a b"


@pytest.mark.parametrize(("low", "high"), [(-25.0, 3.0), (-1.1, 1.1), (0.0, 0.004), (-100.0, 100.0), (-7.0, 90.0)])
def test_ticks_are_round_few_and_even(low: float, high: float) -> None:
    ticks = round_ticks(low, high)
    assert 3 <= len(ticks) <= 6
    assert 0.0 in ticks
    assert all(low <= tick <= high for tick in ticks)
    assert len({round(b - a, 9) for a, b in pairwise(ticks)}) == 1


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("page", ["#ffffff", "#11161d"])
@pytest.mark.parametrize("colour", [*colours.CANDIDATES, colours.BASELINE, colours.PASS, colours.FAIL, colours.UNKNOWN])
def test_marks_stand_out_in_both_themes(colour: str, page: str) -> None:
    light, dark = sorted((luminance(colour), luminance(page)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3


def test_colours_are_fixed_by_index_and_repeat() -> None:
    n = len(colours.CANDIDATES)
    assert len({colours.colour_of(i) for i in range(n)}) == n
    assert colours.colour_of(n) == colours.colour_of(0)
    assert colours.index_in(["a", "b"], "b") == 1
    assert colours.index_in(["a", "b"], "new") == 2
