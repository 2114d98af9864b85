"""Where the header of a table stands: at the top, below titles, or nowhere."""

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import dropwhile, islice, zip_longest

from advisor.ingest.files import bytestream
from advisor.ingest.files.tables import SNIFF_ROWS, dialect, names_separator
from advisor.ingest.homemade.cells import WIDE, is_prose
from advisor.ingest.homemade.names import Hint, hints_of, names_model, plain_name, plain_words, words_of
from advisor.ingest.homemade.profile import ID, is_number, is_time, most
from advisor.ingest.homemade.roles import known_role
from advisor.ingest.messages.request import ROLES

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
_STATED = re.compile(r".*[.!。！…][\"'”’)»」]*(\s.*)?|.*[。！].*", re.S)
"""Sentences that no name has."""
_OF_A_NAME, _MUCH = 0.4, 1.5
_PERSONS = plain_words("""i i'm i've my me mine you your yours ich mein meine meiner meinem meinen mir mich du dir dich
    dein deine ihnen ihr ihre je j'ai mon ma mes moi tu te ton ta tes vous votre vos yo mi mis su usted tú io mio mia
    mie lei tuo tua eu meu minha você seu sua ik mijn mij jij jouw u uw mój moja moje mnie twój я мой моя мне мы вы
    вам ваш вас""")
_TEXTS = {Hint.PROMPT, Hint.ANSWER, Hint.TEXT}
_VALUE = re.compile(
    r"[+-]?\d[\d.,]*%?|\d{4}[-/]\d{2}[-/]\d{2}\S*( .*)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}( .*)?"
    r"|[0-9a-f]{8}-[0-9a-f-]{27}|true|false|https?://\S+",
    re.I,
)
_NONE = re.compile(r"\s*(-|none|null|nan|n/a|\\n)?\s*", re.I)
_DIGITS = re.compile(r"\d+")
_PREFIX = re.compile(r"(?<=[a-zA-Z][a-zA-Z][-_:])\S*\d\S*$")
_FEWEST = 3


def titles_above(head: bytes, delimiter: str, *, is_escaped: bool) -> int:
    """How many rows stand above the header: titles of one cell, empty rows, and names of groups of columns."""
    table = _first_rows(head, delimiter, is_escaped=is_escaped)
    widest = max((sum(map(bool, row)) for row in table), default=0)
    for above, row in enumerate(table[:_MOST_TITLES] if widest > 1 else ()):
        filled = [cell for cell in row if cell.strip()]
        if not row[:1] or _COMMENT.match(row[0]):
            continue
        below = next(iter(table[above + 1 :]), [])
        if _are_groups(row, below):
            return above + 1
        if len(filled) > 1 and (len(filled) == len(row) or len(filled) >= _OF_A_HEADER * widest):
            is_header = len(set(filled)) == len(filled) and not any(map(_is_data, filled))
            is_header = is_header and not is_data(table[above:])
            return above + _is_in_two_rows(row, below) if is_header else 0
    return 0


def _is_in_two_rows(row: list[str], below: list[str]) -> bool:
    """Whether names of groups stand in a header, and below them alone those of their columns, as merged cells do."""
    pairs = [*zip_longest(map(str.strip, row), map(str.strip, below), fillvalue="")]
    pairs = pairs[: 1 + max(at for at, pair in enumerate(pairs) if any(pair))]
    nameless = {at for at, (name, _) in enumerate(pairs) if not name}
    grouped = nameless | {at - 1 for at in nameless}
    named = {at for at, (_, name) in enumerate(pairs) if name}
    is_below_some = grouped == named != {*range(len(pairs))} and 2 * _named(below) > len(named)
    return bool(nameless) and is_below_some and not any(_is_data(cell) or _SENTENCE.fullmatch(cell) for cell in below)


def _are_groups(row: list[str], below: list[str]) -> bool:
    """Whether the names of columns come again below those of their groups: text, tokens, text, tokens."""
    groups, names = ([cell.strip() for cell in cells if cell.strip()] for cells in (row, below))
    is_above = 1 < len({*groups}) == len(groups) < len(names) and not any(map(_is_data, groups))
    return is_above and _named(below) == len(names) == len(below) > len({*names})


def _named(cells: list[str]) -> int:
    """How many of them are names that columns have."""
    return sum(bool(hints_of(cell) or known_role(cell)) for cell in cells if cell.strip())


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
    """Whether the first row is data (see is_data)."""
    table = [row for row in _first_rows(head, delimiter, is_escaped=is_escaped) if any(row)]
    return is_data(table[:-1] if len(table) > _FEWEST else table)  # the last may be cut off


def is_data(table: Sequence[Sequence[str]]) -> bool:
    """Whether the first row of a table is like those below it: values, ids or roles in the same columns, or sentences.

    A name above values is of a header, and so are sentences that are alike in a row, above rows where they aren't: the
    questions of a form.
    """
    first, below = (table[0], [row for row in table[1:] if row != table[0]]) if table else ([], [])
    if not below or _counts(first):
        return False
    alike, texts, again = 0, dict[str, Sequence[str]](), False
    for place, cell in enumerate(first):
        others = [row[place] for row in below if place < len(row) and not _NONE.fullmatch(row[place])]
        if not cell.strip() and place == 0 and _counts(others):
            return False  # the index that pandas writes
        if not others or _NONE.fullmatch(cell):
            continue
        of_a_kind = _of_a_kind(cell, others)
        alike += of_a_kind
        if of_a_kind == 0:
            again = again or cell in others
            texts |= {cell: others} if cell not in others or _SENTENCE.fullmatch(cell) else {}
    if alike:
        return alike > 0
    is_form = _is_alike(first) and 2 * sum(map(_is_alike, below)) < len(below)
    said = [text for text in texts if _is_sentence(text, again)]
    is_said = any(_SENTENCE.fullmatch(text) for text in said)
    are_said = all(
        text in said or ((is_said or len(text.split()) >= _FEW_WORDS) and not _is_name(text)) for text in texts
    )
    return (
        bool(said) and len(below) > 1 and are_said and not is_form and not _name({text: texts[text] for text in said})
    )


def _name(said: Mapping[str, Sequence[str]]) -> bool:
    """Whether long texts name columns, over the cells of each: words for both sides, not like what is said below.

    They begin with what the cells are, are hardly more than such words, or much longer or shorter than any cell, as
    questions of a form are.
    """
    hints = [hints_of(text) for text in said]
    sides = ({Hint.PROMPT, Hint.USER}, {Hint.ANSWER, Hint.BOT})
    if any(map(_STATED.fullmatch, said)) or not all(any(side & each for each in hints) for side in sides):
        return False
    if {Hint.PROMPT, Hint.ANSWER} <= {*map(_described, said)} <= {Hint.PROMPT, Hint.ANSWER}:
        return True
    begin = any(text.strip().endswith(("?", "？")) or _TEXTS & hints_of(text.split()[0]) for text in said)
    return all(map(_is_name, said)) or (begin and all(_is_apart(text, cells) for text, cells in said.items()))


def _described(text: str) -> Hint | None:
    """``Antwort des Bots an den Kunden``: a word for what the cells hold comes first, and nobody speaks."""
    first, *others = text.split()
    if not others or text.strip().endswith(("?", "？")) or not _PERSONS.isdisjoint(map(plain_name, others)):
        return None
    sides = {Hint.PROMPT, Hint.ANSWER} & hints_of(text)
    return sides.pop() if len(sides) == 1 and sides <= hints_of(first) else None


def _is_name(text: str) -> bool:
    """Whether most of a text is words that names of columns consist of, but for those between them."""
    words = [word for word in words_of(text) if hints_of(word)]
    letters = sum(map(len, words)) if WIDE.search(text) else 0
    return bool(words) and (len(words) >= _OF_A_NAME * len(text.split()) if not letters else 2 * letters > len(text))


def _is_apart(text: str, cells: Sequence[str]) -> bool:
    lengths = [*map(len, cells)]
    return len(text) >= _MUCH * max(lengths) or _MUCH * len(text) <= min(lengths)


def _of_a_kind(cell: str, others: Sequence[str]) -> int:
    """1 where a cell is of the kind of those below, -1 where those have one and it isn't, 0 where they have none."""
    if kind := next((each for each in (_is_value, names_model) if most(others, each)), None):
        return 1 if kind(cell) else -1
    roles = {known_role(each) for each in (cell, *others)}
    if {"user", "assistant"} <= roles and None not in roles and (cell in others or cell.strip().lower() in ROLES):
        return 1
    if hints_of(cell) and (
        most(others, _is_id) or (len(cell.split()) == 1 and _is_name(cell) and most(others, is_prose))
    ):
        return 1 if _are_ids([cell, *others]) else -1
    return int(_are_ids([cell, *others]))


def _is_value(cell: str) -> bool:
    return _VALUE.fullmatch(cell) is not None or is_number(cell) or is_time(cell)


def _is_id(cell: str) -> bool:
    return ID.fullmatch(cell) is not None


def _are_ids(cells: Sequence[str]) -> bool:
    """Whether these are ids of one kind: equally long, or the same but for their digits or for what follows a word."""
    if not all(map(_is_id, cells)):
        return False
    forms: list[set[int] | set[str]] = [
        {len(cell) for cell in cells},
        {_DIGITS.sub("0", cell) for cell in cells},
        {_PREFIX.sub("", cell) for cell in cells},
    ]
    return any(len(form) == 1 and form != {""} for form in forms)


def _counts(cells: Sequence[str]) -> bool:
    """Whether these are 0, 1, 2 ..., as pandas calls rows and columns without names."""
    numbers = [cell for cell in cells if cell.strip()]
    return len(numbers) > 1 and numbers == [str(place) for place in range(len(numbers))]


def _is_sentence(cell: str, is_likely: bool) -> bool:
    """``is_likely``: a value next to it comes again below, as no name of a column does."""
    is_wide = len(WIDE.findall(cell)) >= _FEW_LETTERS and (is_likely or not _is_name(cell))
    fewest = _FEW_WORDS if is_likely else _SENTENCE_WORDS
    return is_wide or _SENTENCE.fullmatch(cell) is not None or len(cell.split()) >= fewest


def _first_rows(head: bytes, delimiter: str, *, is_escaped: bool) -> list[list[str]]:
    text = bytestream.text_of(head) or head.decode("utf-8", "replace")
    try:
        rows = csv.reader(text.split("\n"), **dialect(delimiter, is_escaped))
        return list(islice(dropwhile(names_separator, rows), SNIFF_ROWS))
    except csv.Error:
        return []


def _is_alike(row: Sequence[str]) -> bool:
    """Whether all cells are questions, or begin with the same word."""
    cells = [cell.strip() for cell in row if cell.strip()]
    begun = {cell.split()[0].lower() for cell in cells}
    return len(cells) > 1 and (len(begun) == 1 or all(cell.endswith(("?", "？")) for cell in cells))
