"""The dashboard as a real server, started the way `make run` does."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def start(
    database: Path, *options: str, env: Mapping[str, str] | None = None, script: Path = ROOT / "app.py"
) -> tuple[subprocess.Popen[str], str]:
    """The process and its address; it may still be starting, or have refused to."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = ["--server.headless", "true", "--server.port", str(port), *options]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), *given],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "ADVISOR_DATABASE_URL": f"sqlite:///{database}", **(env or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    return process, f"http://127.0.0.1:{port}"


@contextmanager
def served(
    database: Path, *options: str, env: Mapping[str, str] | None = None, script: Path = ROOT / "app.py"
) -> Iterator[str]:
    """The address of a dashboard that answers; stopped afterwards."""
    process, address = start(database, *options, env=env, script=script)
    try:
        for _ in range(240):
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                    break
            except OSError:
                time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.communicate(timeout=120)
