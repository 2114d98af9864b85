"""Where the header of a table stands: at the top, below titles, or nowhere."""

import csv
import re
from collections import Counter
from itertools import islice, zip_longest

from advisor.ingest.files import bytestream
from advisor.ingest.files.tables import SNIFF_ROWS, dialect
from advisor.ingest.homemade.cells import WIDE
from advisor.ingest.homemade.roles import known_role

_MOST_TITLES = 10
_OF_A_HEADER = 0.6
"""The share of the columns that has a name at least."""
_OF_A_TABLE = 0.6
"""The share of rows of one width."""
_NAME_CHARS = 60
_COMMENT = re.compile(r"#\s*\w+\W*\s\w")
_SENTENCE = re.compile(r".*[.?!。？！؟…][\"'”’)»」]*\s*|.*[。？！].*", re.S)
_SENTENCE_WORDS, _FEW_WORDS, _FEW_LETTERS = 6, 4, 8
"""The letters are of scripts without spaces."""
_VALUE = re.compile(
    r"[+-]?\d[\d.,]*%?|\d{4}[-/]\d{2}[-/]\d{2}\S*( .*)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}( .*)?"
    r"|[0-9a-f]{8}-[0-9a-f-]{27}|true|false|https?://\S+",
    re.I,
)


def titles_above(head: bytes, delimiter: str, *, is_escaped: bool) -> int:
    """How many rows stand above the header: titles of one cell, empty rows, and names of groups of columns."""
    table = _first_rows(head, delimiter, is_escaped=is_escaped)
    widest = max((sum(map(bool, row)) for row in table), default=0)
    for above, row in enumerate(table[:_MOST_TITLES] if widest > 1 else ()):
        filled = [cell for cell in row if cell.strip()]
        if not row[:1] or _COMMENT.match(row[0]):
            continue
        if len(filled) > 1 and (len(filled) == len(row) or len(filled) >= _OF_A_HEADER * widest):
            is_header = len(set(filled)) == len(filled) and not any(map(_is_data, filled))
            return above + _is_in_two_rows(row, next(iter(table[above + 1 :]), [])) if is_header else 0
    return 0


def _is_in_two_rows(row: list[str], below: list[str]) -> bool:
    """Whether names of groups stand in a header, and below them alone those of their columns, as merged cells do."""
    pairs = [*zip_longest(map(str.strip, row), map(str.strip, below), fillvalue="")]
    pairs = pairs[: 1 + max(at for at, pair in enumerate(pairs) if any(pair))]
    nameless = {at for at, (name, _) in enumerate(pairs) if not name}
    grouped = nameless | {at - 1 for at in nameless}
    named = {at for at, (_, name) in enumerate(pairs) if name}
    return bool(nameless) and grouped == named != {*range(len(pairs))} and not any(map(_is_data, below))


def _is_data(cell: str) -> bool:
    return _VALUE.fullmatch(cell) is not None or len(cell) > _NAME_CHARS


def is_ragged(head: bytes, delimiter: str, *, is_escaped: bool) -> bool:
    """Whether the rows have as many cells as sentences have commas: no table."""
    widths = Counter(len(row) for row in _first_rows(head, delimiter, is_escaped=is_escaped) if row)
    if max(widths, default=1) == 1:
        return False
    ((usual, rows),) = widths.most_common(1)
    return usual == 1 or rows < _OF_A_TABLE * widths.total()


def is_headless(head: bytes, delimiter: str, *, is_escaped: bool) -> bool:
    """Whether the first row is data: a number or a time above others, or sentences and words that come again below.

    Sentences that are alike in a row, above rows where they aren't, are the questions of a form: a header.
    """
    table = [row for row in _first_rows(head, delimiter, is_escaped=is_escaped) if row]
    first, below = table[0] if table else [], [row for row in table[1:-1] if row != table[0]]
    if len(below) < 2 or first[0].startswith("sep="):
        return False
    values, again, texts = 0, False, list[str]()
    for place, cell in enumerate(first):
        others = [row[place] for row in below if place < len(row) and row[place]]
        if others and all(_VALUE.fullmatch(other) for other in others):
            if not _VALUE.fullmatch(cell):
                return False
            values += 1
        elif cell in others:
            again = True
            if known_role(cell) and all(map(known_role, others)):
                return True
        elif cell:
            texts.append(cell)
    if values:
        return True
    is_form = _is_alike(first) and 2 * sum(map(_is_alike, below)) < len(below)
    return bool(texts) and all(_is_sentence(text, again) for text in texts) and not is_form


def _is_sentence(cell: str, is_likely: bool) -> bool:
    """``is_likely``: a value next to it comes again below, as no name of a column does."""
    fewest, letters = (_FEW_WORDS, _FEW_LETTERS) if is_likely else (_SENTENCE_WORDS, len(cell) + 1)
    return _SENTENCE.fullmatch(cell) is not None or len(cell.split()) >= fewest or len(WIDE.findall(cell)) >= letters


def _first_rows(head: bytes, delimiter: str, *, is_escaped: bool) -> list[list[str]]:
    text = bytestream.text_of(head) or head.decode("utf-8", "replace")
    try:
        return list(islice(csv.reader(text.split("\n"), **dialect(delimiter, is_escaped)), SNIFF_ROWS))
    except csv.Error:
        return []


def _is_alike(row: list[str]) -> bool:
    """Whether all cells are questions, or begin with the same word."""
    cells = [cell.strip() for cell in row if cell.strip()]
    begun = {cell.split()[0].lower() for cell in cells}
    return len(cells) > 1 and (len(begun) == 1 or all(cell.endswith(("?", "？")) for cell in cells))
