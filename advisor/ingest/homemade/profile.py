"""What stands in the columns of the first records: text, times, numbers, names of models, ids."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum, auto
from functools import partial
from itertools import islice
from typing import NamedTuple

from advisor.ingest.homemade.cells import OF_ONE_SIDE, is_programs, programs_cells
from advisor.ingest.homemade.cells import is_prose as is_prose
from advisor.ingest.homemade.names import MODEL, Hint, hints_of, names_chats, plain_name, plain_words
from advisor.ingest.homemade.transcripts import in_lines, messages_in
from advisor.ingest.homemade.turn_lists import are_messages
from advisor.ingest.records.columns import SYNONYMS, pick
from advisor.ingest.records.rules import NULLS
from advisor.ingest.values.json_text import as_list, at, decode, list_in, lone, object_in
from advisor.ingest.values.numbers import MINUTES, SECONDS, parse_number
from advisor.ingest.values.times import has_clock, parse_time
from advisor.types import Json

MOST_PATHS = 300
_DEPTH = 6
_TIME_CHARS = 8
_FIRST_YEAR = 2019
"""Numbers that would be earlier moments are no times of calls."""
_NUMBER = re.compile(rf"[+-]?[$€£]?\s?\d[\d.,\s]*\s?({SECONDS}|%|[$€£]|eur|usd)?", re.I)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?")
ID = re.compile(r"(?=\S*\d)[\w.:/@#-]+")
_STEP = re.compile(r"\.(?=[^\W\d])")
"""Not the point in the name of a model: ``GPT 3.5``."""
_MOST_CHARS = 2000
"""Of a text, which tell what it is."""
_SOME = 20
_WORD_CHARS = 120
_IN_CELLS = {Hint.PROMPT, Hint.ANSWER, Hint.TEXT, Hint.USER, Hint.BOT, Hint.EXPECTED}
"""Names of cells whose JSON was sent or received as it stands, unlike that of ``payload`` or ``metadata``."""
_EMPTY: tuple[Json, ...] = (None, "", [], {}, "[]", "{}", *NULLS)
USAGES = ("usage", "token_usage", "usage_metadata")
"""Objects of counts, which are read as a whole."""
_VAGUE = plain_words("total value amount usd ms s sec secs seconds millis id name all overall sum")
_FLAGS = frozenset({"true", "false", "yes", "no", "t", "f", "y", "n"})
_GOES_ON = re.compile(r"[\n>\[]\W*(user|human|inst)\W*$", re.I)  # the next turn, which nobody took
_QUESTION = re.compile(r"[?？؟]\s*[\"'”)»]?\s*$|[?？؟]\s|吗|什么|如何|怎么|ですか|か。|까")


class Kind(StrEnum):
    """What most values of a column are."""

    TEXT = auto()
    """Sentences, or words."""
    TIME = auto()
    NUMBER = auto()
    FLAG = auto()
    MODEL = auto()
    ID = auto()
    MESSAGES = auto()
    """Conversations in OpenAI's shape, also in cells."""
    LIST = auto()
    """Other lists of objects."""
    OBJECT = auto()
    OTHER = auto()
    EMPTY = auto()


class Column(NamedTuple):
    """One column of the records, a dotted path where it lies in an object."""

    path: str
    place: int
    kind: Kind
    values: list[Json]
    """Those that are there."""
    filled: float
    prose: float
    """The share of values that are sentences rather than words or marks."""
    questions: float
    distinct: float
    """Different values by values."""
    length: float
    """Characters on average."""
    is_only: bool
    """Whether nothing else lies in the object that it lies in."""

    @property
    def name(self) -> str:
        """The last key, with those around it where it says nothing by itself."""
        is_vague = self.is_only or Hint.TEXT in hints_of(self.leaf)
        return self.path if is_vague else self.leaf

    @property
    def leaf(self) -> str:
        """The last key of the path."""
        return _STEP.split(self.path.rstrip("."))[-1]

    @property
    def said(self) -> str:
        """The last key, with the one around it where it says only that it is a sum or a unit: ``latency_total``."""
        outer = self.parent.rpartition(".")[2]
        is_vague = outer not in ("", *USAGES) and plain_name(self.leaf) in _VAGUE
        return f"{outer}_{self.leaf}" if is_vague else self.leaf

    @property
    def parent(self) -> str:
        """The path of what it lies in; empty for a column of its own."""
        return self.path.removesuffix(self.leaf).rstrip(".")


def paths_of(records: Iterable[dict[str, Json]]) -> tuple[str, ...]:
    """Every column of the records: keys, and dotted paths into nested objects, in the order they are met."""
    paths: dict[str, None] = {}
    records = list(records)
    both = programs_cells(records)
    for record in records:
        for name, value in record.items():
            _add_paths(name, object_in(value) or value if name in both else value, paths, _DEPTH)
    firsts = {path[: path.index(".0.")] for path in paths if ".0." in path}
    several = tuple(f"{path}.0." for path in firsts if any(len(as_list(pick(record, path))) > 1 for record in records))
    return tuple(path for path in paths if not path.startswith(several))[:MOST_PATHS]


def _add_paths(path: str, value: Json, paths: dict[str, None], depth: int) -> None:
    paths[path] = None
    within, inner = path, value
    while isinstance(inner, list) and len(inner) == 1:
        within, inner = f"{within}.0", inner[0]
    if isinstance(inner, dict) and "role" not in inner:
        path, value = within, inner
    if (
        isinstance(value, str)
        and value[:1] == "{"
        and (is_programs(path, value) or _IN_CELLS.isdisjoint(hints_of(path)) or Hint.ABOUT in hints_of(path))
    ):
        value = decode(value)
    if isinstance(value, dict) and depth > 1:
        for name, inner in value.items():
            if name and "." not in name:
                _add_paths(f"{path}.{name}", inner, paths, depth - 1)


def profile(records: Sequence[dict[str, Json]]) -> list[Column]:
    """The columns, in the order that they have in their records."""
    paths, both = paths_of(records), programs_cells(records)
    is_answered = any({Hint.ANSWER, Hint.BOT, Hint.EXPECTED} & hints_of(path.rpartition(".")[2]) for path in paths)
    no_chats = OF_ONE_SIDE - (set() if is_answered else {Hint.PROMPT})
    within = Counter(path.rpartition(".")[0] for path in paths)
    places: dict[str, int] = {}
    for record in records:  # whatever the order of the records, which may be of several kinds
        for place, path in enumerate(paths_of([record])):
            places[path] = min(place, places.get(path, place))
    columns = [
        _column(
            path,
            places.get(path, MOST_PATHS),
            records,
            is_only=within[path.rpartition(".")[0]] == 1,
            is_programs=partial(is_programs, path) if path not in both else lambda _: True,
            may_be_chat=no_chats.isdisjoint(hints_of(path.rpartition(".")[2])),
        )
        for path in sorted(paths, key=lambda path: (places.get(path, MOST_PATHS), path))
    ]
    times = [column for column in columns if column.kind is Kind.TIME]
    answered = [column.path for column in times if _is_answered(column, columns)]
    return [column._replace(kind=Kind.TEXT) if column.path in answered else column for column in columns]


def _is_answered(time: Column, columns: Sequence[Column]) -> bool:
    """Whether dates are what was answered, as when something is due, and not when the call was made."""
    hints = hints_of(time.leaf)
    is_alone = [column.kind for column in columns].count(Kind.TIME) == 1 and plain_name(time.leaf) in SYNONYMS["answer"]
    answers = [column for column in columns if column.kind is Kind.TEXT and Hint.ANSWER in hints_of(column.leaf)]
    is_by_name = Hint.TIME not in hints and (Hint.EXPECTED in hints or (Hint.ANSWER in hints and not answers))
    return is_by_name and (is_alone or not most(time.values, has_clock))


def _column(
    path: str,
    place: int,
    records: Sequence[dict[str, Json]],
    *,
    is_only: bool,
    is_programs: Callable[[Json], bool],
    may_be_chat: bool,
) -> Column:
    values = [value for record in records if (value := lone(pick(record, path))) not in _EMPTY]
    length = sum(len(value) for value in values if isinstance(value, str))
    seen = [value[:_MOST_CHARS] if isinstance(value, str) and value[:1] not in "[{" else value for value in values]
    texts = [value[:_MOST_CHARS] for value in seen if isinstance(value, str)]
    many = max(len(values), 1)
    return Column(
        path=path,
        place=place,
        kind=_kind(
            seen,
            texts,
            is_programs=is_programs,
            are_chats=lambda: may_be_chat and _are_chats(values, names_chats(path)),
        ),
        values=values,
        filled=len(values) / max(len(records), 1),
        prose=sum(map(is_prose, texts)) / many,
        questions=sum(_QUESTION.search(text) is not None for text in texts) / many,
        distinct=len({str(value) for value in seen}) / many,
        length=length / max(len(texts), 1),
        is_only=is_only,
    )


def _kind(
    values: list[Json], texts: list[str], *, is_programs: Callable[[Json], bool], are_chats: Callable[[], bool]
) -> Kind:
    if not values:
        return Kind.EMPTY
    if all(isinstance(value, dict) or is_programs(value) for value in values):
        return Kind.OBJECT
    if all(isinstance(value, bool) for value in values) or all(text.strip().lower() in _FLAGS for text in texts or "-"):
        return Kind.FLAG
    if most(values, is_time):
        return Kind.TIME
    if most(values, is_number):
        return Kind.NUMBER
    lists = [found for value in values if isinstance(found := decode(value), list) and found]
    if lists and len(lists) * 2 >= len(values) and all(isinstance(turns[0], dict | list) for turns in lists):
        return Kind.MESSAGES if are_messages(lists) else Kind.LIST
    if texts and are_chats():
        return Kind.MESSAGES
    if most(values, lambda value: _is_word(value, MODEL)):
        return Kind.MODEL
    if most(values, lambda value: _is_word(value, ID)):
        return Kind.ID
    return Kind.TEXT if len(texts) * 2 > len(values) else Kind.OTHER


def _are_chats(values: Sequence[Json], is_named: bool) -> bool:
    """Whether these are chats as running text, whole: a part of one may end with a question."""
    return most(values[:_SOME], lambda text: isinstance(text, str) and _is_chat(text, is_named))


def _is_chat(text: str, is_named: bool) -> bool:
    said = messages_in(text, is_chat=is_named)
    if not said or is_named:
        return bool(said)
    lines = in_lines(text)
    above = at(said[0], "content") if at(said[0], "role") == "system" else None
    is_quoted = above and lines.startswith(str(above))  # in a prompt to sum it up, or to judge it
    return not is_quoted or _GOES_ON.search(lines) is not None


def most(values: Sequence[Json], is_such: Callable[[Json], bool]) -> bool:
    others = (True for value in values if not is_such(value))
    return not any(islice(others, len(values) // 10, None))  # 90%, as soon as it is known


def _is_word(value: Json, word: re.Pattern[str]) -> bool:
    return isinstance(value, str) and len(value) < _WORD_CHARS and word.fullmatch(value.strip()) is not None


def is_time(value: Json) -> bool:
    if isinstance(value, str) and not _TIME_CHARS <= len(value.strip()) < _WORD_CHARS:
        return False
    moment = None if isinstance(value, bool) else parse_time(value) or parse_time(value, month_first=True)
    return moment is not None and moment.year >= _FIRST_YEAR


def is_number(value: Json) -> bool:
    if isinstance(value, str):
        text = value.strip()
        if len(text) > _WORD_CHARS:
            return False
        return any(each.fullmatch(text) for each in (_NUMBER, _CLOCK, MINUTES))
    return parse_number(value) is not None


def names_growing(columns: Sequence[Column], used: set[str]) -> str | None:
    """A column, whatever it is called, whose rows of one value have one conversation, as it went on."""
    for talk in columns:
        if talk.kind is not Kind.MESSAGES or talk.filled < 1:
            continue
        talks = [list_in(value) for value in talk.values]
        for column in columns:
            is_name = column.kind in (Kind.ID, Kind.NUMBER, Kind.TEXT) and column.prose < 0.1 and column.filled == 1
            if is_name and column.path not in used and column.distinct < 1 and _grow(column.values, talks):
                return column.path
    return None


def _grow(names: Sequence[Json], talks: Sequence[list[Json]]) -> bool:
    last: dict[str, list[Json]] = {}
    longer = 0
    for name, talk in zip(map(str, names), talks, strict=True):
        before = last.get(name, [])
        if talk[: len(before)] != before or len(talk) <= len(before):
            return False
        longer += bool(before)
        last[name] = talk
    return longer > 0 and len(last) > 1
