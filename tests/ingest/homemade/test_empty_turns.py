"""Turns without words: events of a chat, and answers that failed."""

from pathlib import Path
from typing import Any

import pytest

from tests.ingest.homemade.test_odd_logs import samples
from tests.ingest.homemade.test_other_shapes import PAIRS, talk


def turns(*extra: tuple[int, str, str]) -> list[dict[str, Any]]:
    """One conversation; each of ``extra`` is put before the turn with that number: its role and its text."""
    said: list[dict[str, Any]] = [
        {"chat_id": "c", "type": "message", "role": role, "text": text}
        for pair in PAIRS
        for role, text in zip(("user", "bot"), pair, strict=True)
    ]
    for place, role, text in reversed(extra):
        said.insert(place, {"chat_id": "c", "type": "event", "role": role, "text": text})
    return said


def test_events_between_turns_are_none(tmp_path: Path) -> None:
    events = [(place, role, "") for place in (0, 1, 2, 8) for role in ("user", "bot")]
    calls = samples(tmp_path, turns(*events))
    assert [talk(call) for call in calls] == PAIRS
    assert [len(call.request.messages) for call in calls] == [1, 3, 5, 7]


def test_an_empty_answer_leaves_its_prompt(tmp_path: Path) -> None:
    calls = samples(tmp_path, turns((2, "user", "And on Mondays?"), (2, "bot", ""), (8, "user", "Bye"), (8, "bot", "")))
    assert [call.request.messages[-1]["content"] for call in calls[1::4]] == ["And on Mondays?", "Bye"]
    assert [call.answer is None or call.answer.is_empty for call in calls] == [n % 4 == 1 for n in range(6)]


def test_an_answer_to_no_words_ends_what_can_be_replayed(tmp_path: Path) -> None:
    calls = samples(tmp_path, turns((2, "user", ""), (2, "bot", "That is the cable of the router.")))
    assert [call.not_replayable is None for call in calls] == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("place", "text", "facts"),
    [
        (0, "", {"type": "image"}),
        (2, "", {"media_url": "https://x.example/1"}),
        (3, "", {"media_url": "https://x.example/1"}),
        (2, "", {"attachments": '["a.pdf"]'}),
        (0, "What is this?", {"attachments": '["a.pdf"]'}),
    ],
)
def test_what_a_user_attached_is_not_lost(tmp_path: Path, place: int, text: str, facts: dict[str, str]) -> None:
    said = [(place, "user", text)] + [(place, "bot", "A cat on a mat.")] * (place % 2 == 0)
    rows = [{"media_url": "", "attachments": "[]"} | row for row in turns(*said)]
    rows[place] |= facts
    calls = samples(tmp_path, rows)
    assert len(calls) == len(PAIRS) + (place % 2 == 0)
    assert [call.not_replayable is None for call in calls] == [at < place // 2 for at in range(len(calls))]
    assert {"type": "file"} in calls[-1].request.messages[place]["content"]


@pytest.mark.parametrize("facts", [
    {"attachments": "0.0"}, {"attachments": "N/A"}, {"attachments": "[null]"}, {"attachment_count": "0.0"},
    {"max_attachments": "5"}, {"attachments_allowed": "allow"}, {"attachments": "{}", "has_attachments": "False"},
    {"attachment_url": "nan"},
    {"source_file": "chat.log"}, {"log_file": "/var/log/chat.log"}, {"profile_image_url": "https://x.example/me.png"},
    {"media_type": "text"}, {"document_type": "invoice"}, {"voice_id": "alloy"}, {"file_count": "0.0"},
    {"file": "chat.csv"}, {"file_name": "chat.csv"}, {"channel_type": "voice"}, {"image_count": 0},
])  # fmt: skip
def test_what_tells_of_no_file(tmp_path: Path, facts: dict[str, str]) -> None:
    rows = [row | facts for row in turns((2, "user", ""), (4, "user", ""))]
    calls = samples(tmp_path, rows)
    assert [talk(call) for call in calls] == PAIRS
    assert [call.not_replayable for call in calls] == [None] * len(PAIRS)


@pytest.mark.parametrize(
    "facts", [{"attachment_count": "1.0"}, {"has_attachment": "true"}, {"attachment_urls": "a.pdf"}]
)
def test_what_is_attached_beside_words(tmp_path: Path, facts: dict[str, str]) -> None:
    rows = [dict.fromkeys(facts, "") | row for row in turns()]
    rows[2] |= facts
    assert [call.not_replayable is None for call in samples(tmp_path, rows)] == [True, False, False, False]


def test_an_event_answers_nothing(tmp_path: Path) -> None:
    rows = turns((0, "bot", "Hello, what can I do for you?"), (0, "user", ""), (0, "event", "Chat assigned to Ann"))
    calls = samples(tmp_path, rows)
    assert [call.not_replayable for call in calls] == [None] * len(PAIRS)
