"""Text that cannot become markup, and the worker process."""

import re
import subprocess
import sys

import pytest

from advisor.types.texts import spell_out
from advisor.ui import server
from advisor.ui.components.text import inline


@pytest.mark.parametrize("text", ["![x](http://evil.example)", "a\n# b", ":red[x]", "<b>", "$x$", "`x`", "a|b"])
def test_inline_text_loses_every_mark(text: str) -> None:
    shown = inline(text)
    assert "\n" not in shown
    assert not any(
        letter in "`*_[]()#!|<>$:" and before != "\\" for before, letter in zip(" " + shown, shown, strict=False)
    )


@pytest.mark.parametrize(
    "text", ["https://evil.example", "see WWW.evil.example", "HTTP://evil.example", "a@evil.example"]
)
def test_inline_text_holds_no_address(text: str) -> None:
    assert not re.search(r"://|www\.|@\w", inline(text).replace("\\", ""), re.IGNORECASE)


def test_what_would_turn_or_hide_a_part_of_a_name_is_spelled_out() -> None:
    assert spell_out("gpt\u202e4o") == "gpt[U+202E]4o"
    assert "U\\+200B" in inline("gpt\u200b4o")
    assert spell_out("Zażółć 漢字 שלום 👩\u200d🔬") == "Zażółć 漢字 שלום 👩\u200d🔬"


def test_a_worker_that_died_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]))
        return started[-1]

    monkeypatch.undo()
    monkeypatch.setattr(server, "start_worker", start)
    monkeypatch.setattr(server, "RESTART_AFTER_S", 0.0)
    worker = server.Worker()
    try:
        worker.ensure()
        worker.ensure()
        assert len(started) == 1
        assert worker.is_alive
        started[0].kill()
        started[0].wait()
        assert not worker.is_alive
        worker.ensure()
        assert len(started) == 2
    finally:
        worker.stop()
        worker.stop()
    assert started[1].poll() is not None
