"""Dumps in SQL and databases: which rows of which columns they hold, and what can't be read rightly."""

import gzip
import os
import sqlite3
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from advisor.errors import BadInput
from advisor.ingest.files.databases import write_tables
from advisor.ingest.files.rows import read_rows, sniff
from advisor.ingest.files.sources import open_sources
from advisor.ingest.files.sql_dumps import read_dump
from advisor.types import Json

CODE = r"Use `ls C:\new\temp` and \frac{1}{2}"


def rows_of(folder: Path, text: str) -> list[tuple[str, dict[str, Json]]]:
    path = folder / "dump.sql"
    path.write_text(text)
    return list(islice(read_dump(path, "dump.sql"), 100))


def nothing() -> None:
    """Never ends it."""


@pytest.mark.parametrize(
    ("head", "name", "written", "read"),
    [
        ("", "logs", CODE, CODE),
        ("", "logs", "C:\\data\\", "C:\\data\\"),
        ("", '"chat logs"', "It''s; (so)", "It's; (so)"),
        ("PRAGMA foreign_keys=OFF;\nCREATE TABLE `logs` (a, b);\n", "`logs`", CODE, CODE),
        ("-- PostgreSQL database dump\n", "public.logs", CODE, CODE),
        ("-- MySQL dump 10.13\n", "logs", r"It\'s\n`so`", "It's\n`so`"),
        ("/*!40101 SET NAMES utf8 */;\n", "logs", r"\\data\\", "\\data\\"),
        ("CREATE TABLE logs (a int, b text) ENGINE=InnoDB;\n", "logs", r"It\'s", "It's"),
        ("", "`logs`", r"It\'s", "It's"),
    ],
)
def test_backslashes_go_by_the_statement_and_not_by_the_texts(
    tmp_path: Path, head: str, name: str, written: str, read: str
) -> None:
    text = head + "".join(f"INSERT INTO {name} (a, b) VALUES ({n}, '{written}');\n" for n in range(3))
    assert [row for _, row in rows_of(tmp_path, text)] == [{"a": str(n), "b": read} for n in range(3)]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (r"replace(replace('a\r\nb','\r',char(13)),'\n',char(10))", "a\r\nb"),
        (r"replace('C:\new\012','\012',char(10))", "C:\\new\n"),
        (r"unistr('C:\\new\u000ab')", "C:\\new\nb"),
        (r"E'a\nb'", "a\nb"),
        ("""'{"a": 1}'::jsonb""", '{"a": 1}'),
        ("NULL", None),
    ],
)
def test_values(tmp_path: Path, value: str, read: Json) -> None:
    assert rows_of(tmp_path, f"INSERT INTO logs (a) VALUES ({value});") == [("logs", {"a": read})]


def test_an_empty_table_of_postgres_has_no_rows(tmp_path: Path) -> None:
    text = (
        "COPY public.feedback (id, score) FROM stdin;\n\\.\n\n--\n\nCOPY public.logs (id, a) FROM stdin;\n1\tx\n\\.\n"
    )
    assert rows_of(tmp_path, text) == [("logs", {"id": "1", "a": "x"})]


@pytest.mark.parametrize("end", ["COPY b (x) FROM stdin;", "COPY b (x) FROM stdin;\n", "COPY b (x"])
def test_a_dump_that_breaks_off_ends(tmp_path: Path, end: str) -> None:
    text = f"COPY a (x) FROM stdin;\n1\n\\.\n{end}"
    if end.endswith("x"):
        with pytest.raises(BadInput, match="breaks off"):
            rows_of(tmp_path, text)
    else:
        assert rows_of(tmp_path, text) == [("a", {"x": "1"})]


@pytest.mark.parametrize(
    "text",
    [
        "COPY a (x) FROM stdin;\n1\n2",
        "INSERT INTO a VALUES ('x'), ('it",
        r"INSERT INTO a VALUES ('it\'s');",
        r"INSERT INTO `a` VALUES ('C:\');" + "\nINSERT INTO `a` VALUES ('x');",
        "INSERT INTO a VALUES ('x' || char(10) || 'y');",
    ],
)
def test_texts_with_an_end_in_doubt_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput, match="Export the table"):
        rows_of(tmp_path, text)


@pytest.mark.parametrize("name", ["key", "index", "check", "unique", "primary"])
def test_columns_with_the_names_of_rules(tmp_path: Path, name: str) -> None:
    row = ("logs", {"id": "1", name: "k", "q": "a"})
    assert rows_of(tmp_path, f"COPY logs (id, {name}, q) FROM stdin;\n1\tk\ta\n\\.\n") == [row]
    assert rows_of(tmp_path, f"INSERT INTO logs (id, {name}, q) VALUES (1, 'k', 'a');") == [row]
    for kind in ("text", "varchar(20)", "character varying(20) NOT NULL", "enum('k', 'l')"):
        made = (
            f"CREATE TABLE logs (id int, {name} {kind}, q text, PRIMARY KEY (id), KEY by_q (q), UNIQUE KEY u (id, q));"
        )
        assert rows_of(tmp_path, f"{made}\nINSERT INTO logs VALUES (1, 'k', 'a');") == [row]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO logs (id, a) VALUES (1, 'x') ON CONFLICT (id) DO NOTHING;",
        "INSERT INTO logs (id, a) VALUES (1, 'x') ON DUPLICATE KEY UPDATE a=VALUES(a);",
        "INSERT INTO logs (id, a) OVERRIDING SYSTEM VALUE VALUES\n-- it's the first\n(1, 'x');",
        "INSERT INTO logs (id, a) VALUES (1, 'x'); INSERT INTO logs (id, a) SELECT id, max(a) FROM logs;",
    ],
)
def test_what_follows_the_values_is_no_row(tmp_path: Path, statement: str) -> None:
    assert rows_of(tmp_path, statement) == [("logs", {"id": "1", "a": "x"})]


def test_values_of_another_number_are_not_under_the_columns_known(tmp_path: Path) -> None:
    text = "CREATE TABLE logs (id int, made int, a text);\nINSERT INTO logs VALUES (1, 'x');"
    assert rows_of(tmp_path, text) == [("logs", {"column 1": "1", "column 2": "x"})]


def test_a_packed_dump_is_one_too(tmp_path: Path) -> None:
    path = tmp_path / "dump.sql.gz"
    path.write_bytes(gzip.compress(b"INSERT INTO logs (question, answer) VALUES ('Hi', 'Hello');"))
    with open_sources(path) as (sources, _):
        assert [source.label for source in sources] == ["dump.sql.gz/logs"]


def test_one_file_is_open_at_a_time(tmp_path: Path) -> None:
    text = "".join(f"INSERT INTO t{n % 40} (a) VALUES ({n});\n" for n in range(80))
    (tmp_path / "dump.sql").write_text(text)
    folder = tmp_path / "out"
    folder.mkdir()
    handles: set[int] = set()

    def count() -> None:
        handles.add(len(os.listdir("/dev/fd")))

    tables = write_tables(tmp_path / "dump.sql", "dump.sql", folder, None, count)
    assert len(tables) == 40
    assert all(path.read_bytes().count(b"\n") == 2 for path, _ in tables)
    assert max(handles) - min(handles) < 20


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Three rows, a search index, and a table of a module that isn't installed."""
    path = tmp_path / "rag.db"
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE logs (id INTEGER PRIMARY KEY, question TEXT, answer TEXT)")
        made.executemany("INSERT INTO logs VALUES (?, 'Hi', 'Hello')", [(n,) for n in range(3)])
        made.execute("CREATE VIRTUAL TABLE found USING fts5(question, answer)")
        made.execute("INSERT INTO found VALUES ('Hi', 'Hello')")
        made.execute("PRAGMA writable_schema = ON")
        made.execute(
            "INSERT INTO sqlite_master VALUES ('table', 'vectors', 'vectors', 0, "
            "'CREATE VIRTUAL TABLE vectors USING vec0(e float[4])')"
        )
        made.commit()
    return path


def test_virtual_tables_are_passed_over(database: Path) -> None:
    with open_sources(database) as (sources, _):
        assert [source.label for source in sources] == ["rag.db/logs"]


def test_a_look_writes_some_rows_and_an_import_can_be_ended(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    ((table, _),) = write_tables(database, "rag.db", folder, 2, nothing)
    assert table.read_bytes().count(b"\n") == 2

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError), open_sources(database, check=stop):
        pass


COPIED = [
    ("Reverse it?", r"def f(s):\n\treturn s[::-1]", "def f(s):\n\treturn s[::-1]"),
    (r"Match dates: \\d+", r"Use \\d{4}.", r"Use \d{4}."),
    ("A path?", r"C:\\new", r"C:\new"),
]


@pytest.mark.parametrize("has_nulls", [True, False])
@pytest.mark.parametrize("has_header", [True, False])
def test_a_table_that_copy_wrote_has_escapes(tmp_path: Path, has_nulls: bool, has_header: bool) -> None:
    pairs = COPIED[:1] * 3 if has_nulls else COPIED
    head = "id\tprompt\tresponse\tnote\n" * has_header
    note = "\\N" if has_nulls else "fine"
    path = tmp_path / "a.tsv"
    path.write_text(head + "".join(f"{n}\t{one}\t{two}\t{note}\n" for n, (one, two, _) in enumerate(pairs, 1000)))
    rows = [[*row.values()] for _, row in read_rows(path, sniff(path)) if isinstance(row, dict)]
    assert [row[2:] for row in rows] == [[read, "" if has_nulls else note] for _, _, read in pairs]


@pytest.mark.parametrize("answer", [
    r"Use `ls C:\new\temp`.", r"Write \n for a new line.", r"\\server\share", r"\\ and \alpha",
    r"the set \N\\{0}", r'{"a": "b\nc\\d"}', r"\\ \frac{1}{2} \begin",
    r"Open \\nas\team.", r'open("C:\\temp\\new.txt")', r're.compile("\\d+\\w")', r"a & b \\ c & d",
    r"\nabla f \\ \theta",
])  # fmt: skip
def test_backslashes_of_other_tables_between_tabs_stay(tmp_path: Path, answer: str) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("prompt\tresponse\n" + "".join(f"Number {n}?\t{answer}\n" for n in range(4)))
    rows = [row for _, row in read_rows(path, sniff(path)) if isinstance(row, dict)]
    assert [row["response"] for row in rows] == [answer] * 4


def test_letters_before_a_new_line_are_no_drives(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("prompt\tresponse\tnote\n" + "Q:\\nHello\\nA:\\nHi\\nQ:\\nWhere?\tHere.\t\\N\n" * 4)
    rows = [row for _, row in read_rows(path, sniff(path)) if isinstance(row, dict)]
    assert [(row["prompt"], row["note"]) for row in rows] == [("Q:\nHello\nA:\nHi\nQ:\nWhere?", "")] * 4
