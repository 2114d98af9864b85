"""The fonts on paper: a sans-serif for text, another for what it lacks, and Noto where it is installed."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain, islice
from pathlib import Path

FAMILIES = ("Source Sans Pro", "DejaVu Sans")
"""The second has far more letters."""
NOTO = (
    Path("/usr/share/fonts/opentype/noto"),
    Path("/usr/share/fonts/truetype/noto"),
    Path("/usr/share/fonts/google-noto-cjk"),
)
"""Where systems keep the fonts of all other scripts."""


def font_folders() -> Iterator[Path]:
    """Where the fonts lie."""
    import font_source_sans_pro
    from matplotlib import get_data_path

    yield Path(font_source_sans_pro.__file__).parent / "files"
    yield Path(get_data_path()) / "fonts" / "ttf"
    yield from (folder for folder in NOTO if folder.is_dir())


def cjk_family(text: str) -> str:
    """The Noto family with the forms that a text's language gives to characters: Chinese, where no other is seen."""
    kana, hangul, han = (len(script.findall(text)) for script in _WRITTEN)
    if han < KANA_SHARE * kana:
        return "Noto Sans CJK JP"
    return "Noto Sans CJK KR" if hangul > han else "Noto Sans CJK SC"


_WRITTEN = tuple(map(re.compile, ("[\u3041-\u30ff]", "[\uac00-\ud7a3]", "[\u4e00-\u9fff]")))
"""Japanese syllables, Korean ones, and the characters that all share."""
KANA_SHARE = 4
"""Japanese has fewer Chinese characters than so many times its own."""


def _faces() -> Iterator[tuple[Path, Path]]:
    """The regular and the bold file of each font that is there; some symbols have one weight only."""
    text, more, *noto = font_folders()
    yield text / "SourceSansPro-Regular.ttf", text / "SourceSansPro-Bold.ttf"
    yield more / "DejaVuSans.ttf", more / "DejaVuSans-Bold.ttf"
    for folder in noto:
        for regular in sorted(folder.glob("NotoSans*-Regular.tt?")):
            bold = regular.with_name(regular.name.replace("-Regular", "-Bold"))
            yield regular, bold if bold.exists() else regular


@cache
def glyphs() -> frozenset[int]:
    """Code points that can be shown on paper on this machine, in both weights."""
    from matplotlib.ft2font import FT2Font

    found: set[int] = set()
    for regular, bold in _faces():
        found |= set(FT2Font(str(regular)).get_charmap()) & set(FT2Font(str(bold)).get_charmap())
    return frozenset(found)


@cache
def chart_families() -> tuple[str, ...]:
    """The two fonts of text for drawings, registered with matplotlib; what shows a drawing has the others."""
    from matplotlib import font_manager

    for path in islice(chain.from_iterable(_faces()), 4):
        font_manager.fontManager.addfont(str(path))
    return FAMILIES
