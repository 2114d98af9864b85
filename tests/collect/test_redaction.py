"""The key of an installation's pseudonyms, and what is shown before a person chooses redaction."""

import json
import multiprocessing
from pathlib import Path

import pytest

from advisor.collect.redaction import Example, redaction_key, scan
from advisor.errors import BadInput
from advisor.ingest.log import open_log


def log_of(path: Path, *texts: str) -> Path:
    rows = [
        {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": "Yes"}]} for text in texts
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_the_key_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    key = redaction_key(folder)
    assert len(key) == 32
    assert redaction_key(folder) == key
    assert redaction_key(tmp_path / "other") != key
    assert [path.name for path in folder.iterdir()] == ["redaction.key"]
    assert (folder / "redaction.key").stat().st_mode & 0o077 == 0


def test_two_processes_get_the_same_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert len(set(pool.map(redaction_key, [tmp_path] * 8, chunksize=1))) == 1


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "redaction.key").write_bytes(b"short")
    with pytest.raises(BadInput, match=r"redaction\.key is not a key of 32 bytes"):
        redaction_key(tmp_path)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="can't be read or made"):
        redaction_key(tmp_path / "file")


def test_a_scan_counts_and_shows_what_would_be_replaced(tmp_path: Path) -> None:
    first = log_of(tmp_path / "a.jsonl", *(f"I am ann{number}@x.org, ring +14155552671" for number in range(9)))
    second = log_of(tmp_path / "b.jsonl", "my password is Winter2024!", "nothing here")
    found = scan([open_log(first), open_log(second)], limit=6)
    assert found.samples == 5, "three of the first file, two of the second"
    assert found.counts == {"EMAIL": 3, "PHONE": 3, "SECRET": 1}
    assert found.examples[0] == Example("EMAIL", "I am ann0@x.org, ring +14155552671", "I am <EMAIL_1>, ring <PHONE_1>")
    assert [example.kind for example in found.examples] == ["EMAIL"] * 3 + ["PHONE"] * 3 + ["SECRET"]
    assert found.examples[-1] == Example("SECRET", "my password is Winter2024!", "my password is <SECRET_1>")
