"""Numbers and times as the screen says them, text that cannot become markup, and the worker process."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from advisor.types import Money
from advisor.ui import format, server
from advisor.ui.components.text import inline, name


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "–"), (0.0421, "42 ms"), (0.9996, "1.0 s"), (9.94, "9.9 s"), (59.6, "1 min 0 s"), (185, "3 min 5 s")],
)
def test_seconds(value: float | None, words: str) -> None:
    assert format.seconds(value) == words


def test_long_durations_are_in_hours() -> None:
    assert format.seconds(7800) == "2 h 10 min"


@pytest.mark.parametrize(("value", "words"), [(None, "–"), (0.1, "$0.1"), (12.0, "$12"), (0.00005, "$0.0001")])
def test_price(value: float | None, words: str) -> None:
    assert format.price(value) == words


def test_money_has_two_digits_and_a_range_two_ends() -> None:
    assert format.money(1234) == "$1,200"
    assert format.money_range(Money(low=410, point=460, high=520)) == "$410 to $520"
    assert format.money_range(Money(low=412, point=413, high=414)) == "$410"
    assert format.money(None) == format.money_range(None) == "–"


def test_ages() -> None:
    now = datetime.now(UTC)
    assert format.ago(now) == "just now"
    assert format.ago(now - timedelta(minutes=5, seconds=1)) == "5 min ago"
    assert format.ago(now - timedelta(hours=3, seconds=1)) == "3 h ago"
    assert format.ago(datetime(2026, 3, 1, tzinfo=UTC)) == "on 1 Mar 2026"
    assert format.ago(None) == "–"


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
    assert name("gpt\u202e4o") == "gpt[U+202E]4o"
    assert "U\\+200B" in inline("gpt\u200b4o")
    assert name("Zażółć 漢字 שלום 👩\u200d🔬") == "Zażółć 漢字 שלום 👩\u200d🔬"


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
