"""What holds prompts is for the eyes of its owner, whatever the umask and whatever an earlier version left."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from advisor.store import Store
from tests.command import Advisor
from tests.served import ROOT


@pytest.fixture
def advisor(tmp_path: Path) -> Advisor:
    return Advisor(tmp_path / "new" / "data")


def is_private(path: Path) -> bool:
    return path.stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_the_command_line_makes_private_files(advisor: Advisor, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"prompt": "Say hello", "answer": "Hello"}\n')
    before = os.umask(0o022)
    try:
        advisor.run_process(
            "import", str(log), "--study", "Mine", "--columns", "prompt=prompt,answer=answer", "--redact"
        )
        advisor.run_process("export", "--study", "Mine", "--what", "study", "-o", str(tmp_path / "study.toml"))
    finally:
        os.umask(before)
    for path in (advisor.folder, advisor.database, tmp_path / "study.toml"):
        assert is_private(path), path


def test_the_app_makes_private_files(tmp_path: Path) -> None:
    made = tmp_path / "data" / "made.txt"
    script = "import app, pathlib, sys; made = pathlib.Path(sys.argv[1]); made.parent.mkdir(); made.touch()"
    subprocess.run([sys.executable, "-c", script, str(made)], cwd=ROOT, umask=0o022, check=True)
    assert is_private(made.parent)
    assert is_private(made)


def test_a_database_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "advisor.db"
    store = Store(f"sqlite:///{path}")
    files = [path, tmp_path / "advisor.db-wal", tmp_path / "advisor.db-shm"]
    for file in files:
        file.chmod(0o644)
    other = Store(f"sqlite:///{path}")
    assert [file.name for file in files if not is_private(file)] == []
    other.close()
    store.close()
