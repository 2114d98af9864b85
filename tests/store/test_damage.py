"""A damaged database is said to be one, with its file and how to restore it."""

import json
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from advisor.cli.commands import FAILED
from advisor.cli.main import main
from advisor.errors import StoreError
from advisor.store import Store
from advisor.store.log.logs import load_samples
from advisor.store.run.runs import get_run
from tests.store.fill import fill

COPIES = 36
PAGE = 4096


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a run."""
    path = tmp_path_factory.mktemp("sound") / "advisor.db"
    store = Store(f"sqlite:///{path}")
    fill(store)
    store.close()
    return path


def flipped(path: Path, target: Path, seed: int) -> Path:
    """A copy with bytes that changed: in the file's header, in those of pages, anywhere."""
    chance, data = random.Random(seed), bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 5, 100))):
        page = chance.randrange(len(data) // PAGE) * PAGE
        at = (chance.randrange(100), page + chance.randrange(12), page + chance.randrange(PAGE))[seed % 3]
        data[at] ^= chance.randrange(1, 256)
    target.write_bytes(data)
    return target


def test_flipped_bytes_end_in_no_fault_of_the_program(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = 0
    for seed in range(COPIES):
        path = flipped(sound, tmp_path / f"{seed}.db", seed)
        monkeypatch.setenv("ADVISOR_DATABASE_URL", f"sqlite:///{path}")
        if main(["status", "--json"]) == 0:
            assert [study["samples"] for study in json.loads(capsys.readouterr().out)["studies"]] == [5]
            continue
        error = json.loads(capsys.readouterr().out)["error"]
        assert "damaged" in error, error
        assert str(path) in error
        assert ".recover" in error
        told += 1
    assert told > COPIES / 2


def read_some(store: Store) -> None:
    list(load_samples(store, [1, 2, 3]))
    get_run(store, 1)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE sample_text SET answer = CAST(x'22ff41fe22' AS TEXT)",
        "UPDATE sample_text SET request = '{\"messages\": ['",
        "UPDATE run SET status = 'succeedee'",
        "UPDATE run SET created_at = '2026-99-01 00:00:00.000000'",
        "UPDATE run SET frozen = '{\"use_cases\": [[1]]}'",
    ],
)
def test_a_value_that_cannot_be_read_is_blamed_on_the_file_and_not_quoted(
    sound: Path, tmp_path: Path, damage: str
) -> None:
    path = Path(shutil.copy(sound, tmp_path / "advisor.db"))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(damage)
    store = Store(f"sqlite:///{path}")
    with pytest.raises(StoreError, match=r"advisor\.db.*may be damaged") as told:
        read_some(store)
    assert not told.value.passing
    assert "\ufffd" not in str(told.value)
    store.close()


def test_damage_to_a_file_in_use_is_told(sound: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(sound, tmp_path / "advisor.db"))
    store = Store(f"sqlite:///{path}")
    store.close()
    path.write_bytes(path.read_bytes()[:PAGE] + b"\xff" * (path.stat().st_size - PAGE))
    with pytest.raises(StoreError, match=r"advisor\.db is damaged"):
        get_run(store, 1)


def test_a_damaged_database_ends_a_command_with_1(sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(shutil.copy(sound, tmp_path / "advisor.db"))
    path.write_bytes(path.read_bytes()[: 3 * PAGE])
    monkeypatch.setenv("ADVISOR_DATABASE_URL", f"sqlite:///{path}")
    assert main(["status", "--json"]) == FAILED
