"""The command line on a database of its own: in this process, which is quick, or as a process, to be killed."""

import contextlib
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from advisor.cli.main import main

ROOT = Path(__file__).resolve().parent.parent


class Advisor:
    """Runs ``advisor`` commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "advisor.db"
        self.url = f"sqlite:///{self.database}"
        self.said = ""
        """What the last command in this process told beside its result."""

    def count(self, table: str) -> int:
        """Rows of a table; 0 as long as it is not there."""
        if not self.database.is_file():
            return 0
        with closing(sqlite3.connect(self.database)) as database:
            there = database.execute("select 1 from sqlite_master where name = ?", (table,)).fetchone()
            return int(database.execute(f"select count(*) from {table}").fetchone()[0]) if there else 0

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command as a process, running."""
        command = [sys.executable, "-m", "advisor", *arguments, "--json"]
        env = {**os.environ, "ADVISOR_DATABASE_URL": self.url}
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run_process(self, *arguments: str, code: int = 0) -> Any:
        """A process' JSON; it must end with ``code`` and never with a traceback."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=240)
        assert process.returncode == code, err
        assert "Traceback" not in err
        return json.loads(out)

    def run(self, *arguments: str, code: int = 0) -> Any:
        """A command's JSON, in this process; it must end with ``code``."""
        printed, said = io.StringIO(), io.StringIO()
        handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            with (
                pytest.MonkeyPatch.context() as patch,
                contextlib.redirect_stdout(printed),
                contextlib.redirect_stderr(said),
            ):
                patch.setenv("ADVISOR_DATABASE_URL", self.url)
                ended = main([*arguments, "--json"])
        finally:
            self.said = said.getvalue()
            for number, handler in handlers.items():
                signal.signal(number, handler)
        assert ended == code, self.said
        return json.loads(printed.getvalue())

    def complain(self, *arguments: str) -> str:
        """What a command says that must end with 2."""
        return str(self.run(*arguments, code=2)["error"])
