"""Rows of dumps in SQL: what MySQL, PostgreSQL, SQLite and their tools write, and INSERT statements of one's own."""

import re
from collections.abc import Iterator
from pathlib import Path

from advisor.errors import BadInput
from advisor.ingest.files.bytestream import pieces, text_of
from advisor.types import Json

_MOST_BYTES = 2**28
"""Of a dump, which is read as a whole."""
_HEAD = 2**16
_STATEMENT = re.compile(
    r"(?:^|;)[ \t]*(?:(?P<made>create\s+table(?:\s+if\s+not\s+exists)?)|(?P<copied>copy)"
    r"|(?:insert\s+(?:ignore\s+|or\s+\w+\s+)?|replace\s+)into)"
    r"\s+(?P<name>(?:\"[^\"\n]+\"|`[^`\n]+`|\[[^\]\n]+\]|[\w.$])+)\s*(?P<open>\()?",
    re.I | re.M,
)
_OTHERS = r"|\"(?:[^\"]++|\"\")*+\"|`[^`]*+`|--[^\n]*|/\*.*?\*/|[(),;]|[^\s(),;'\"`]+|['\"`]"
_ESCAPED = re.compile(r"'(?:[^'\\]++|''|\\.)*+'" + _OTHERS, re.S)
_PLAIN = re.compile(r"(?<=[Ee])'(?:[^'\\]++|''|\\.)*+'|'(?:[^']++|'')*+'" + _OTHERS, re.S)
"""Where a backslash stands for itself."""
_MYSQL = re.compile(r"^(?:-- (?:MySQL|MariaDB|phpMyAdmin)\b|/\*M?!\d)", re.M)
_OTHER_DIALECT = re.compile(r"^(?:-- PostgreSQL\b|PRAGMA\b|BEGIN TRANSACTION\b)", re.M)
"""Some of SQLite's tools put names in backticks as well."""
_ENGINE = re.compile(r"\s*ENGINE\s*=", re.I)
_VALUES = re.compile(r"\s*(?:overriding\s+\w+\s+value\s+)?values?\b", re.I)
_FROM_STDIN = re.compile(r"\s*from\s+stdin\b", re.I)
_CONSTRAINTS = frozenset({
    "primary", "key", "unique", "constraint", "index", "foreign", "check", "fulltext", "spatial", "exclude",
})  # fmt: skip
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "0": "\0", "Z": ""}
_NULL_CELL = re.compile(rb"(?:^|\t)\\N(?=[\t\r\n]|$)", re.M)
_NOT_COPIED = re.compile(rb"\\[^nrtN]|(?:^|\t)\"|\\N(?![\t\r\n]|$)|[^\t\n]\\N", re.M)
_ESCAPES_ONLY = re.compile(rb"[^\\]*\\[nt](?:[^\\]|\\[nrt])*")
"""A cell with ends of lines, and nothing that may be a path."""
_DRIVE = re.compile(rb"(?<!\w)[A-Za-z]:\\")
_OBJECT_WITH_ESCAPES = re.compile(rb"(?:^|\t)[{\[][^\t\n]*\\", re.M)
_WORDS: dict[str, Json] = {"null": None, "true": True, "false": False}
Row = dict[str, Json]


def is_dump(path: Path) -> bool:
    """Whether a file named as one begins with rows of a table. Raises as :func:`pieces`."""
    if not path.name.lower().endswith((".sql", ".sql.gz")):
        return False
    head = next(pieces(path), b"")[:_HEAD]
    return any(not found["made"] for found in _STATEMENT.finditer(_decoded(head)))


def read_dump(path: Path, label: str) -> Iterator[tuple[str, Row]]:
    """Each row with its table, by the columns that its statement names or the table was made with.

    Raises BadInput for a dump that is too large, breaks off, or has texts with an end that can't be found.
    """
    read, size = [], 0
    try:
        for piece in pieces(path):
            read.append(piece)
            size += len(piece)
            if size > _MOST_BYTES:
                raise BadInput(
                    f"{label} is a dump of more than {_MOST_BYTES // 2**20} MB. Export the table as CSV or JSONL."
                )
    except EOFError:
        raise BadInput(f"{label} breaks off. Export it again.") from None
    return _Dump(_decoded(b"".join(read)), label).rows()


def _decoded(data: bytes) -> str:
    return text_of(data) or data.decode(errors="replace")


class _Dump:
    """Goes through the text from statement to statement: what looks like one within a value isn't one."""

    def __init__(self, text: str, label: str) -> None:
        self._text = text
        self._label = label
        self._at = 0
        self._token = _PLAIN
        first = _STATEMENT.search(text)
        head = text[: first.start() if first else 0]
        self._is_mysql = _MYSQL.search(head) is not None
        self._is_other = _OTHER_DIALECT.search(head) is not None

    def rows(self) -> Iterator[tuple[str, Row]]:
        columns: dict[str, list[str]] = {}
        while statement := _STATEMENT.search(self._text, self._at):
            table, self._at = _bare(statement["name"].rpartition(".")[2]), statement.end()
            # By the statement, never by the texts in it: answers are full of backticks and backslashes.
            is_escaped = self._is_mysql or ("`" in statement["name"] and not self._is_other)
            self._token = _ESCAPED if is_escaped else _PLAIN
            names = columns.get(table, [])
            if statement["open"]:
                items = self._list(table)
                names = [_bare(words[0]) for words in items if words and not (statement["made"] and _is_rule(words))]
            if statement["made"]:
                columns[table] = names
                self._is_mysql |= _ENGINE.match(self._text, self._at) is not None
                continue
            for cells in self._copied(table) if statement["copied"] else self._inserted(table):
                # Of another number, they belong to other columns than those that are known.
                known = names if len(names) == len(cells) else [f"column {place}" for place in range(1, len(cells) + 1)]
                yield table, dict(zip(known, cells, strict=True))

    def _inserted(self, table: str) -> Iterator[list[Json]]:
        if values := _VALUES.match(self._text, self._at):
            self._at = values.end()
            while (word := self._next()) in ("(", ","):
                if word == "(":
                    yield [self._cell(words, table) for words in self._list(table)]

    def _copied(self, table: str) -> Iterator[list[Json]]:
        if not _FROM_STDIN.match(self._text, self._at):
            return
        begin = self._text.find("\n", self._at) + 1 or len(self._text)
        end = self._text.find("\n\\.", begin - 1)  # an empty table has its end on its first line
        if end < 0:
            end = max(begin, len(self._text) - 1)
            if self._text[end:] not in ("", "\n"):
                raise self._torn(table)
        self._at = max(begin, end)
        if end > begin:
            for line in self._text[begin:end].split("\n"):
                yield [_of_copy(cell) for cell in line.removesuffix("\r").split("\t")]

    def _next(self) -> str:
        """The next word outside comments; empty at the end."""
        while found := self._token.search(self._text, self._at):
            self._at = found.end()
            if not found[0].startswith(("--", "/*")):
                return found[0]
        return ""

    def _list(self, table: str) -> list[list[str]]:
        """The words of each item up to the bracket that closes the list."""
        items: list[list[str]] = [[]]
        depth = 0
        while word := self._next():
            if word == ")" and depth == 0:
                return items
            depth += (word == "(") - (word == ")")
            if word == "," and depth == 0:
                items.append([])
            elif word not in "),":
                items[-1].append(word)
            if word == "'" or (word[0] == "'" and self._text[self._at : self._at + 1].isalnum()):
                break
        raise self._torn(table)

    def _cell(self, words: list[str], table: str) -> Json:
        """A value: of a function's call the text in it, with the line ends that SQLite's own dumps put in by one."""
        texts = [word[1:-1].replace("''", "'") for word in words if word[0] == "'"]
        if not texts:
            word = words[0] if words else ""
            return _WORDS.get(word.lower(), word)
        if any(word.startswith("||") for word in words):
            raise self._torn(table)
        text, *marks = texts
        if words[0] == "replace":
            codes = [int(word) for word in words if word.isdecimal()]
            for mark, code in zip(marks, codes, strict=False):
                text = text.replace(mark, chr(code))
        if words[0] == "unistr":
            return re.sub(r"\\(?:u([0-9a-fA-F]{4})|\\)", lambda at: chr(int(at[1], 16)) if at[1] else "\\", text)
        return _unescaped(text) if self._token is _ESCAPED or words[0] in ("E", "e") else text

    def _torn(self, table: str) -> BadInput:
        return BadInput(
            f"{self._label} breaks off, or has a text in {table} that can't be told from what follows. "
            "Export the table as CSV or JSONL."
        )


def _is_rule(words: list[str]) -> bool:
    """Whether an item of CREATE TABLE is a rule or an index; columns may have such names, with a type after them."""
    first, *rest = (word.lower() for word in words)
    if first not in _CONSTRAINTS:
        return False
    if first in ("constraint", "foreign", "exclude") or rest[:1] in (["("], ["key"], ["index"], ["using"]):
        return True
    is_type = len(rest) > 2 and (rest[2].isdecimal() or rest[2][0] == "'")  # varchar(20), enum('a', 'b')
    return rest[1:2] == ["using"] or (rest[1:2] == ["("] and not is_type)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text, flags=re.S)


def is_copied(head: bytes) -> bool:
    r"""Whether a table between tabs is what PostgreSQL's COPY writes as text: ``\\N``, or ``\\\\`` and line ends apart.

    No backslash stands for itself there, and no cell is in quotes. Objects may have escapes of their own.
    """
    others = head.replace(b"\\\\", b"")
    if _NOT_COPIED.search(others) or _OBJECT_WITH_ESCAPES.search(head):
        return False
    if _NULL_CELL.search(others):
        return True
    cells = re.split(rb"[\t\r\n]", head)
    is_doubled = any(b"\\\\" in cell for cell in cells)
    return is_doubled and not _DRIVE.search(others) and any(_ESCAPES_ONLY.fullmatch(cell) for cell in cells)


def uncopied(record: dict[str, Json]) -> dict[str, Json]:
    """The cells of such a table as they were."""
    return {name: (_of_copy(cell) or "") if isinstance(cell, str) else cell for name, cell in record.items()}


def _of_copy(cell: str) -> Json:
    return None if cell == "\\N" else _unescaped(cell)


def _bare(name: str) -> str:
    return name.strip('`"[]')
