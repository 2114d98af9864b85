"""What stands in the columns of the first records: text, times, numbers, names of models, ids."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum, auto
from typing import NamedTuple

from advisor.ingest.homemade.names import Hint, hints_of
from advisor.ingest.records.columns import pick
from advisor.ingest.values.json_text import as_list, decode
from advisor.ingest.values.numbers import parse_number
from advisor.ingest.values.times import parse_time
from advisor.types import Json

MOST_PATHS = 300
_DEPTH = 4
_TIME_CHARS = 8
_FIRST_YEAR = 2019
"""Numbers that would be earlier moments are no times of calls."""
_MODEL = re.compile(
    r"(?i)([\w.-]+[/.])*(gpt|chatgpt-|o[1345]|claude|gemini|gemma|llama|mi[sx]tral|qwen|deepseek|command-|grok-|phi-)[\w.:@-]*"
)
_NUMBER = re.compile(r"[+-]?[$€£]?\s?\d[\d.,\s]*\s?(ms|s|sec|%|[$€£]|eur|usd)?", re.I)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?")
_ID = re.compile(r"(?=\S*\d)[\w.:/@#-]+")
_MOST_CHARS = 2000
"""Of a text, which tell what it is."""
_WORD_CHARS = 120
_IN_CELLS = {Hint.PROMPT, Hint.ANSWER, Hint.TEXT, Hint.USER, Hint.BOT, Hint.EXPECTED}
"""Names of cells whose JSON was sent or received as it stands, unlike that of ``payload`` or ``metadata``."""
_EMPTY: tuple[Json, ...] = (None, "", [], {}, "[]", "{}", "N/A", "n/a", "null", "NULL", "None", "nan", "NaN", "\\N")
_FLAGS = frozenset({"true", "false", "yes", "no", "t", "f", "y", "n"})
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
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
        return self.path.rpartition(".")[2]


def paths_of(records: Iterable[dict[str, Json]]) -> tuple[str, ...]:
    """Every column of the records: keys, and dotted paths into nested objects, in the order they are met."""
    paths: dict[str, None] = {}
    records = list(records)
    for record in records:
        for name, value in record.items():
            _add_paths(name, value, paths, _DEPTH)
    firsts = {path[: path.index(".0.")] for path in paths if ".0." in path}
    several = tuple(f"{path}.0." for path in firsts if any(len(as_list(pick(record, path))) > 1 for record in records))
    return tuple(path for path in paths if not path.startswith(several))[:MOST_PATHS]


def _add_paths(path: str, value: Json, paths: dict[str, None], depth: int) -> None:
    paths[path] = None
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) and "role" not in value[0]:
        path, value = f"{path}.0", value[0]
    if isinstance(value, str) and value[:1] == "{" and _IN_CELLS.isdisjoint(hints_of(path)):
        value = decode(value)
    if isinstance(value, dict) and depth > 1:
        for name, inner in value.items():
            if name and "." not in name:
                _add_paths(f"{path}.{name}", inner, paths, depth - 1)


def profile(records: Sequence[dict[str, Json]]) -> list[Column]:
    """The columns, in the order that they have in their records."""
    paths = paths_of(records)
    within = Counter(path.rpartition(".")[0] for path in paths)
    places: dict[str, int] = {}
    for record in records:  # whatever the order of the records, which may be of several kinds
        for place, path in enumerate(paths_of([record])):
            places[path] = min(place, places.get(path, place))
    return [
        _column(path, places.get(path, MOST_PATHS), records, is_only=within[path.rpartition(".")[0]] == 1)
        for path in sorted(paths, key=lambda path: (places.get(path, MOST_PATHS), path))
    ]


def _column(path: str, place: int, records: Sequence[dict[str, Json]], *, is_only: bool) -> Column:
    values = [value for record in records if (value := pick(record, path)) not in _EMPTY]
    length = sum(len(value) for value in values if isinstance(value, str))
    seen = [value[:_MOST_CHARS] if isinstance(value, str) and value[:1] not in "[{" else value for value in values]
    texts = [value[:_MOST_CHARS] for value in seen if isinstance(value, str)]
    many = max(len(values), 1)
    return Column(
        path=path,
        place=place,
        kind=_kind(seen, texts),
        values=values,
        filled=len(values) / max(len(records), 1),
        prose=sum(map(is_prose, texts)) / many,
        questions=sum(_QUESTION.search(text) is not None for text in texts) / many,
        distinct=len({str(value) for value in seen}) / many,
        length=length / max(len(texts), 1),
        is_only=is_only,
    )


def _kind(values: list[Json], texts: list[str]) -> Kind:
    if not values:
        return Kind.EMPTY
    if all(isinstance(value, dict) for value in values):
        return Kind.OBJECT
    if all(isinstance(value, bool) for value in values) or all(text.strip().lower() in _FLAGS for text in texts or "-"):
        return Kind.FLAG
    if _most(values, _is_time):
        return Kind.TIME
    if _most(values, _is_number):
        return Kind.NUMBER
    items = [found[0] for value in values if isinstance(found := decode(value), list) and found]
    if items and len(items) * 2 >= len(values) and all(isinstance(item, dict | list) for item in items):
        whole = sum("role" in item and "content" in item for item in items)
        return Kind.MESSAGES if whole * 2 > len(items) else Kind.LIST
    if _most(values, lambda value: _is_word(value, _MODEL)):
        return Kind.MODEL
    if _most(values, lambda value: _is_word(value, _ID)):
        return Kind.ID
    return Kind.TEXT if len(texts) * 2 > len(values) else Kind.OTHER


def _most(values: Sequence[Json], is_such: Callable[[Json], bool]) -> bool:
    return sum(map(is_such, values)) >= 0.9 * len(values)


def _is_word(value: Json, word: re.Pattern[str]) -> bool:
    return isinstance(value, str) and len(value) < _WORD_CHARS and word.fullmatch(value.strip()) is not None


def _is_time(value: Json) -> bool:
    if isinstance(value, str) and not _TIME_CHARS <= len(value.strip()) < _WORD_CHARS:
        return False
    moment = None if isinstance(value, bool) else parse_time(value) or parse_time(value, month_first=True)
    return moment is not None and moment.year >= _FIRST_YEAR


def _is_number(value: Json) -> bool:
    if isinstance(value, str):
        text = value.strip()
        if len(text) > _WORD_CHARS:
            return False
        return (_NUMBER.fullmatch(text) or _CLOCK.fullmatch(text)) is not None
    return parse_number(value) is not None


def is_prose(text: str) -> bool:
    """Whether this is a sentence or a part of one: several words, or some letters of a script without spaces."""
    text = text.strip()
    return text[:1] != "{" and (len(text.split()) >= 3 or len(_WIDE.findall(text)) >= 4)
