"""Objects in the cells of a table: those that a program wrote, those that a model was asked for, and files."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from advisor.ingest.homemade.names import Hint, hints_of, last_hint, plain_name, plain_words
from advisor.ingest.homemade.roles import NAME_CHARS
from advisor.ingest.messages.reply import has_choices
from advisor.ingest.records.columns import without_accents
from advisor.ingest.records.rules import NULLS
from advisor.ingest.values.json_text import decode, object_in
from advisor.ingest.values.times import parse_time
from advisor.types import Json

OF_ONE_SIDE = {Hint.PROMPT, Hint.ANSWER, Hint.BOT, Hint.EXPECTED}
WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_TEXTS = frozenset({"text", "content", "message", "output_text", "completion", "generated_text"})
_OF_PROGRAMS = frozenset(
    {"usage", "finish_reason", "stop_reason", "response_id", "request_id", "latency_ms", "duration_ms"}
)
"""Keys around an answer that no model writes."""
_ATTACHED = re.compile(
    without_accents(
        r"attach|anhang|pieces?_jointe?s?|adjunt|anexo|allegat|bijlage|zalaczn|priloh|bilag|vedlegg|liite|eklenti"
        r"|вложен|вкладен|прикреп|附件|添付|첨부|مرفق"
    )
)
"""In the name of a column, or in a word for the kind of a message; so are those of files."""
_FILE = re.compile(
    without_accents(
        rf"{_ATTACHED.pattern}|imag[ei]|immagin|photo|foto|audio|video|(?<!pro)file|datei|fichier|archivo|arquivo"
        r"|document|dokument|sticker|screenshot|picture|(^|_)(img|pic|media|voice|bild|gif|pdf|clip|scan"
        r"|recording|upload|plik|bestand)([ers]{0,2}(_|\d|$))|файл|фото|изображ|картин|голос|аудио|видео|докум"
        r"|图片|圖片|照片|文件|檔案|语音|語音|视频|影片|画像|写真|ファイル|音声|動画|이미지|사진|파일|음성|영상|صورة|ملف"
    )
)
_FILE_WORD = re.compile(rf"(?:(?:{_FILE.pattern})[^\W\d_]{{0,5}}?)+(?=_|\d|$)|(?<=_)(?:{_FILE.pattern})")
_OF_FILES = plain_words(
    "has hat hay tiene ha tem a de of in is are with num number nr count counts anzahl cantidad total name names id "
    "ids type types kind kinds url urls uri link links path key size bytes data json list info base64 b64 mime content "
    "message msg user customer title original ext extension metadata 数 个数 数量 개수 有 类型 名 명"
)
"""What else a name says that is of attachments."""
_CONTENT = re.compile(r"(data:|\w+:/*)?\S*[/\\]\S+|[^\n]*\w\.(?=\w*[a-z])\w{2,5}([?#]\S*)?|[\w+/-]{40,}=*", re.I)
"""A path, URL or mime type, the name of a file, or base64."""
_KIND = re.compile(r"[^\W\d]+([ _/.-]{1,2}[^\W\d]+){0,2}")
_ZERO = re.compile(r"[+-]?0+([.,]0+)?")
_NUMBER = re.compile(r"[+-]?[\d.,\s]+\w{0,2}")
_NOTHING = frozenset({
    *map(str.lower, NULLS), "", "false", "no", "n", "f", "na", "()", "nein", "falsch",
    "keine", "non", "faux", "aucun", "aucune", "falso", "ninguno", "ninguna", "não", "nenhum", "nenhuma", "nessuno",
    "nee", "geen", "nie", "brak", "nej", "нет", "ложь", "否", "无", "無", "なし", "いいえ", "없음", "아니오",
})  # fmt: skip
_NAMES, _DEPTH, _KEPT = 4096, 3, 64
_CELL_CHARS, _MOST_CHARS = 200, 4000


def is_programs(path: str, cell: Json) -> bool:
    """Whether a program wrote an object into a cell, of which a model wrote a part: python's, or with both sides."""
    if not isinstance(cell, str) or cell[:1] != "{":
        return False
    if cell[1:2] == "'" or not OF_ONE_SIDE.isdisjoint(hints_of(path)):
        return cell[1:2] == "'"
    hints = _names(object_in(cell))
    return {Hint.PROMPT, Hint.ANSWER} <= hints or {Hint.USER, Hint.BOT} <= hints


def programs_cells(records: Sequence[dict[str, Json]]) -> frozenset[str]:
    """The columns of objects in text that a program wrote: for prompts and for answers, or around an answer.

    An object of several sentences may be what was sent.
    """
    cells = {name for record in records for name, cell in record.items() if isinstance(cell, str) and cell[:1] == "{"}
    sides: dict[Hint, set[str]] = {Hint.PROMPT: set(), Hint.ANSWER: set()}
    around: set[str] = set()
    for name in cells:
        side = last_hint(name, tuple(sides))
        held = [object_in(record.get(name)) for record in records] if side else []
        if side and all(
            has_choices(inner) or (_is_of_one_text(inner) and _names(inner) & {side, Hint.TEXT}) for inner in held
        ):
            sides[side].add(name)
            around |= {name} if side is Hint.ANSWER and _is_around_texts(held) else set()
    return frozenset(around).union(*(sides.values() if all(sides.values()) else ()))


def _is_around_texts(held: Sequence[dict[str, Json]]) -> bool:
    """``{"text": "...", "finish_reason": "stop"}``: texts with what only a program tells, or AnythingLLM's."""
    keys = {*held[0]}.intersection(*held[1:]) if len(held) > 1 else set()
    is_told = not keys.isdisjoint(_OF_PROGRAMS) or all(inner.get("role") == "assistant" for inner in held)
    is_told |= all(isinstance(inner.get("sources"), list) and inner.get("type") in ("chat", "query") for inner in held)
    return is_told and len([key for key in keys & _TEXTS if all(isinstance(each[key], str) for each in held)]) == 1


def _names(inner: dict[str, Json]) -> frozenset[Hint]:
    return frozenset[Hint]().union(*map(hints_of, inner))


def _is_of_one_text(inner: dict[str, Json]) -> bool:
    return sum(isinstance(value, str) and is_prose(value) for value in inner.values()) <= 1


def is_prose(text: str) -> bool:
    """Whether this is a sentence or a part of one: several words, or some letters of a script without spaces."""
    text = text.strip()
    return text[:1] != "{" and (len(text.split()) >= 3 or len(WIDE.findall(text)) >= 4)


class _Cell(NamedTuple):
    """A cell that may tell of a file; one of a kind does by what it says: ``image``."""

    name: str
    told: str
    is_content: bool
    is_kind: bool


class FileCells:
    """What the columns of a log hold about files, to know what comes with a message from what stands in any row.

    ``apart``: the columns of the texts and of who speaks; ``has_sides``: each row is of one side.
    """

    def __init__(self, apart: Collection[str], *, has_sides: bool) -> None:
        self._apart, self._has_sides = frozenset(apart), has_sides
        self._rows = self._asking = 0
        self._all: dict[str, Counter[str]] = {}
        self._asked: dict[str, Counter[str]] = {}
        self._contents: set[str] = set()

    def see(self, row: dict[str, Json], *, asks: bool) -> None:
        """Counts the cells of a row; ``asks``: it has words of a user."""
        self._rows += 1
        self._asking += asks
        for cell in _cells(row, self._apart):
            for counts in (self._all, self._asked) if asks else (self._all,):
                counted = counts.setdefault(cell.name, Counter())
                counted[cell.told if cell.told in counted or len(counted) < _KEPT else ""] += 1
            if cell.is_content:
                self._contents.add(cell.name)

    def attached(self, rows: Sequence[dict[str, Json]], asking: Sequence[bool | None]) -> "AttachedFiles":
        """For the rows of a conversation; ``asking``: whether each has words of a user, None without words."""
        cells = [[*_cells(row, self._apart)] if self._all else [] for row in rows]
        worded = [(frozenset(found), asks) for found, asks in zip(cells, asking, strict=True) if asks is not None]
        asked = frozenset[_Cell]().union(*(found for found, asks in worded if asks))
        everywhere = (
            asked.intersection(*(found for found, _ in worded)) if {True, False} <= {*asking} else asked - asked
        )
        return AttachedFiles(self, {id(row): found for row, found in zip(rows, cells, strict=True)}, asked, everywhere)

    def is_setting(self, cell: _Cell, *, is_everywhere: bool) -> bool:
        """Whether this isn't a file and stands where none is: in each row, or in most beside names of files.

        ``is_everywhere``: in all rows of both sides of its conversation.
        """
        counts = self._all[cell.name]
        ((usual, many),) = counts.most_common(1)
        is_usual = cell.told == usual and (many == counts.total() or self._has_sides)
        is_full = counts.total() == self._rows > 1 and (is_usual or is_everywhere)
        is_word = cell.name in self._contents and cell.told == usual and 2 * many > max(counts.total(), 2)
        return not cell.is_content and (is_full or is_word)

    def is_of_words(self, cell: _Cell) -> bool:
        """Whether such a cell stands beside words of users elsewhere in the log."""
        counts, asked = self._all[cell.name], self._asked.get(cell.name, Counter[str]())
        if counts[cell.told] == self._rows > 1 or 0 < self._asking == asked[cell.told]:
            return True
        if cell.is_content or cell.is_kind:
            return False
        return 2 * asked.total() > self._asking and (cell.told in asked or _is_measure(cell.told))


class AttachedFiles(NamedTuple):
    """What comes with the messages of one conversation."""

    log: FileCells
    cells: dict[int, list[_Cell]]
    """By the id of the row."""
    beside_words: frozenset[_Cell]
    everywhere: frozenset[_Cell]

    def with_file(self, text: Json, row: dict[str, Json]) -> Json:
        """What a user says, with a part for the image or the file that a cell tells of, which the log doesn't hold.

        Beside words only an attachment is one, and ``attached_order`` only where its cell is or names a file; without
        words any cell of a file that doesn't stand beside words, too.
        """
        is_silent = not str(text or "").strip()
        cells = self.cells[id(row)]
        if any(
            (self._is_attached(cell) and (is_silent or cell.is_content or _names_attachments(cell.name)))
            or (is_silent and self._is_sent(cell))
            for cell in cells
        ):
            return [*([] if is_silent else [{"type": "text", "text": text}]), {"type": "file"}]
        return text

    def _is_attached(self, cell: _Cell) -> bool:
        return _ATTACHED.search(plain_name(cell.name)) is not None and not self.log.is_setting(
            cell, is_everywhere=cell in self.everywhere
        )

    def _is_sent(self, cell: _Cell) -> bool:
        is_usual = cell in (self.everywhere if cell.is_kind else self.beside_words)
        return not is_usual and not self.log.is_of_words(cell) and _ATTACHED.search(plain_name(cell.name)) is None


def _cells(row: dict[str, Json], apart: Collection[str], outer: str = "", depth: int = _DEPTH) -> Iterator[_Cell]:
    """Those that may tell of a file, also in objects; empty ones and those that say so don't."""
    for key, value in row.items():
        if not value or (name := f"{outer}{key}") in apart:
            continue
        if _names_file(str(key)):
            told = decode(value)
            if not _is_nothing(told):
                yield _Cell(name, str(told).strip()[:_CELL_CHARS], _is_content(told), is_kind=False)
        elif isinstance(value, str) and value[0] != "{":
            if len(value) < NAME_CHARS and _says_file(value):
                yield _Cell(name, value, is_content=False, is_kind=True)
        elif depth > 1 and isinstance(value, str | dict):
            yield from _cells(object_in(value), apart, f"{name}.", depth - 1)


@lru_cache(_NAMES)
def _names_file(name: str) -> bool:
    return _FILE.search(plain_name(name)) is not None


@lru_cache(_NAMES)
def _names_attachments(name: str) -> bool:
    """Whether a name says nothing else, as settings do: ``attachments_enabled``."""
    rest = _FILE_WORD.sub("_", plain_name(name.rpartition(".")[2]))
    return all(part in _OF_FILES or part.isdecimal() for part in rest.split("_") if part)


@lru_cache(_NAMES)
def _says_file(cell: str) -> bool:
    return _KIND.fullmatch(cell) is not None and _names_file(cell)


def tells_of_file(cell: Json) -> bool:
    """Whether a cell for attachments holds or names one, or says how many there are."""
    told = decode(cell)
    return not _is_nothing(told) and (_is_content(told) or _is_measure(str(told)))


def _is_content(told: Json) -> bool:
    """Whether this is a file or names one, also within lists and objects; objects in a list are files."""
    if isinstance(told, dict):
        return any(map(_is_content, told.values()))
    if isinstance(told, list):
        return any(isinstance(each, dict) or _is_content(each) for each in told)
    return (
        isinstance(told, str) and not _is_measure(told) and _CONTENT.fullmatch(told.strip()[:_MOST_CHARS]) is not None
    )


def _is_measure(told: str) -> bool:
    return (
        _NUMBER.fullmatch(told) is not None
        or (len(told) < NAME_CHARS and parse_time(told) is not None)
        or told.lower() == "true"
    )


def _is_nothing(cell: Json) -> bool:
    """An empty cell, or one that says so: ``0.0``, ``N/A``, ``[null]``."""
    if isinstance(cell, list | dict):
        return all(map(_is_nothing, cell.values() if isinstance(cell, dict) else cell))
    text = str(cell).strip().lower()
    return text in _NOTHING or _ZERO.fullmatch(text) is not None
