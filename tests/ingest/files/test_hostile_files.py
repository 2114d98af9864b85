"""Small files that grow: each is read in a process with little memory and time."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

MEMORY_BYTES = 3 * 2**30
"""Of address space, of which pyarrow and its threads reserve 1 GB."""
SECONDS = 40
PROGRAM = """
import resource, sys
from itertools import islice
from pathlib import Path
room, seconds = int(sys.argv[2]), int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_AS, (room, room))
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
from advisor.errors import BadInput
from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.ingest.files.sources import open_sources
from advisor.types import Rejection
try:
    with open_sources(Path(sys.argv[1])) as (sources, _):
        for row in islice(read_log(open_log(sources[0].path)), 100):
            print("rejected" if isinstance(row, Rejection) else "read")
except BadInput as error:
    print(error)
"""


def read(path: Path) -> list[str]:
    """A word for each row, or why the file is refused."""
    command = [sys.executable, "-c", PROGRAM, str(path), str(MEMORY_BYTES), str(SECONDS)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert found.returncode == 0, found.stderr[-1000:]
    return found.stdout.splitlines()


def test_one_cell_of_a_parquet_file_that_unpacks_to_a_lot(tmp_path: Path) -> None:
    path = tmp_path / "cell.parquet"
    schema = pyarrow.schema([("prompt", pyarrow.string()), ("answer", pyarrow.string())])
    with parquet.ParquetWriter(path, schema, compression="zstd", use_dictionary=False, write_statistics=False) as file:
        file.write_table(pyarrow.table({"prompt": ["Hi"], "answer": ["x" * 300_000_000]}, schema=schema))
    assert path.stat().st_size < 200_000
    (refusal,) = read(path)
    assert refusal.startswith("cell.parquet unpacks to 286 MB")


@pytest.mark.slow
def test_a_long_value_that_a_parquet_file_stores_once(tmp_path: Path) -> None:
    path = tmp_path / "repeated.parquet"
    answers = pyarrow.DictionaryArray.from_arrays([0] * 64, [os.urandom(8_000_000).hex()])
    table = pyarrow.table({"prompt": [f"Question {n}" for n in range(64)], "answer": answers})
    parquet.write_table(table, path, store_schema=False)
    assert path.stat().st_size < 20_000_000
    assert set(read(path)) == {"read"}


def test_millions_of_rows_in_a_small_parquet_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    column = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0]).take([0] * 5_000_000), ["Hi"])
    parquet.write_table(pyarrow.table({"prompt": column, "answer": column}), path)
    (refusal,) = read(path)
    assert refusal.startswith("rows.parquet has 5,000,000 rows in ")


def test_a_table_with_too_many_columns(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    names = ",".join(f"c{n}" for n in range(100_000))
    path.write_text(f"prompt,answer,{names}\nHi,Hello,{',' * 100_000}\n")
    assert "100,002 columns" in read(path)[0]
    path.write_text(f"prompt,answer,{'c,' * 4_000}c\nHi,Hello,{'1,' * 4_000}1\n")
    assert read(path) == ["read"]


@pytest.mark.parametrize(
    "inner", ["[" * 20_000 + "]" * 20_000, "\n".join(f"{' ' * n}- " for n in range(3, 280)), "[x], " * 9_000]
)
def test_prompts_in_nested_yaml(tmp_path: Path, inner: str) -> None:
    path = tmp_path / "nested.jsonl"
    row = {
        "prompt": {"raw": f"- role: user\n  content: \n   {inner}"},
        "response": {"output": "Hi"},
        "vars": {},
        "success": True,
    }
    path.write_text(f"{json.dumps(row)}\n" * 3)
    assert read(path) == ["read"] * 3


def test_messages_in_a_circle(tmp_path: Path) -> None:
    path = tmp_path / "circle.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            """
            CREATE TABLE messages (hash TEXT PRIMARY KEY, parent_hash TEXT, role TEXT);
            CREATE TABLE parts (id INTEGER PRIMARY KEY, message_hash TEXT, position INTEGER, type TEXT, text TEXT);
            CREATE TABLE turns (id TEXT PRIMARY KEY, model TEXT, parent_message_hash TEXT, tip_message_hash TEXT);
            INSERT INTO messages VALUES ('a', 'b', 'user'), ('b', 'a', 'user'), ('c', 'a', 'assistant');
            INSERT INTO parts VALUES (1, 'a', 0, 'text', 'Hi'), (2, 'b', 0, 'text', 'Hi'), (3, 'c', 0, 'text', 'Yes');
            """
        )
        database.executemany("INSERT INTO turns VALUES (?, 'gpt-4o', 'a', 'c')", [(f"t{n}",) for n in range(100)])
        database.commit()
    assert read(path) == ["read"] * 100


def test_a_computed_column_of_a_database(tmp_path: Path) -> None:
    path = tmp_path / "computed.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            """
            CREATE TABLE responses (id TEXT PRIMARY KEY, model TEXT, prompt TEXT, response TEXT);
            CREATE TABLE tool_calls (
              response_id TEXT, name TEXT, arguments TEXT AS (hex(zeroblob(300000000)))
            );
            INSERT INTO tool_calls VALUES ('1', 'look_up');
            INSERT INTO responses VALUES ('1', 'gpt-4o', 'Hi', 'Hello');
            """
        )
        database.commit()
    (refusal,) = read(path)
    assert refusal.startswith("computed.db is a SQLite database that can't be read (string or blob too big)")


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)
    assert "pipe.jsonl is a pipe" in read(pipe)[0]
    assert "null is a pipe, a device" in read(Path("/dev/zero").with_name("null"))[0]
    assert "mem is empty" in read(Path("/proc/self/mem"))[0]


def test_a_folder_with_a_pipe_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    os.mkfifo(folder / "a.jsonl")
    (folder / "b.jsonl").write_text('{"prompt": "Hi", "response": "Hello"}\n')
    assert read(folder) == ["read"]
