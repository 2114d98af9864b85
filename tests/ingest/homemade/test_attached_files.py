"""Files that come with a message, by what the cells of any column say and how they vary over the rows."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from advisor.types import Sample
from tests.ingest.homemade.test_odd_logs import CALLS, samples, samples_of
from tests.ingest.homemade.test_other_shapes import talk

Rows = list[dict[str, Any]]
ATTACHED: list[tuple[str, Any]] = [
    ("attachment_filename", "invoice.pdf"), ("attachments_json", '[{"name": "a.pdf"}]'),
    ("message_attachments", ["a.pdf"]), ("user_attachment", "scan 3.png"), ("attachment_type", "image/png"),
    ("attachment_size", 20480), ("attachment_mime_type", "application/pdf"),
    ("attachment_data", "iVBORw0KGgo" * 9), ("file_attachments", "[17]"),
    ("attachmentUrl", "https://x.example/1"), ("HasAttachment", True), ("attachment count", "1.0"),
    ("attached_files", 2), ("Anhang", "Rechnung.pdf"), ("Anhänge", 1), ("pièce jointe", "facture"),
    ("adjuntos", "sí"), ("附件", "发票.pdf"), ("添付ファイル", "写真1"), ("첨부파일", "1"), ("вложения", "да"),
    ("attachments", "img_0.jpg"), ("attachments", {"id": 5}),
    ("Anhang", {"id": 5}), ("附件", {"url": "https://x.example/1.png", "size": 20}),
]  # fmt: skip
SENT: list[tuple[str, Any]] = [
    ("image_base64", "iVBORw0KGgo" * 9), ("image_data", "data:image/png;base64,AAAA"),
    ("media_url_1", "https://x.example/1"), ("user_image", "cat.png"), ("img_src", "/u/1.png"),
    ("audio_path", "a/b.ogg"), ("voice_file", "v1.ogg"), ("has_image", 1), ("imageUrl", "https://x.example/1"),
    ("uploaded_files", 1), ("photo", "AgACAgIAAxkBAAI"), ("Bild", "katze.jpg"), ("图片", "1.png"),
    ("画像URL", "https://x.example/1"), ("fichier", "a.txt"), ("video_note", {"length": 240}),
    ("document_id", 17), ("image_count", "2.0"), ("is_voice", "True"),
    ("document", {"id": 5}), ("写真", {"url": "https://x.example/1.png"}),
]  # fmt: skip
KINDS = [("message_type", "image"), ("modality", "VOICE"), ("消息类型", "图片"), ("contentType", "image/png")]
SETTINGS: list[tuple[str, Any]] = [
    ("max_attachments", 5), ("attachments_allowed", "allow"), ("attachments_enabled", True),
    ("attachment_policy", "strict"), ("source_file", "chat.log"), ("log_file", "/var/log/chat.log"),
    ("profile_image_url", "https://x.example/me.png"), ("document_type", "invoice"), ("voice_id", "alloy"),
    ("media_type", "text"), ("channel_type", "voice"), ("attachmentLimitMb", "25"), ("Anhänge erlaubt", "ja"),
    ("image_model", "dall-e"), ("allowed_attachments", ["pdf", "png"]),
]  # fmt: skip
NOTHING: list[Any] = [0.0, "N/A", [None], None, False, "0", "nan", float("nan"), "[]", {}, "none", "nein", {"count": 0}]


def _lines(folder: Path, rows: Rows) -> list[Sample]:
    return samples(folder, rows)


def _apart(rows: Rows) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """What each row says, and what else it has."""
    for row in rows:
        said = {key: cell for key, cell in row.items() if key in ("chat", "role", "text")}
        yield said, {key: cell for key, cell in row.items() if key not in said}


def _nested(folder: Path, rows: Rows) -> list[Sample]:
    return samples(folder, [said | {"metadata": others} for said, others in _apart(rows)])


def _table(folder: Path, rows: Rows) -> list[Sample]:
    path = folder / "log.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)))
        writer.writeheader()
        writer.writerows(
            {key: json.dumps(cell) if isinstance(cell, dict | list) else cell for key, cell in row.items()}
            for row in rows
        )
    return samples_of(path)


def _cells(folder: Path, rows: Rows) -> list[Sample]:
    return _table(folder, [said | {"extra": json.dumps(others)} for said, others in _apart(rows)])


CONTAINERS: dict[str, Callable[[Path, Rows], list[Sample]]] = {
    "lines": _lines, "nested": _nested, "table": _table, "cells": _cells,
}  # fmt: skip
CHATS, PLACE = 3, 4
"""Conversations of a log, and where in each the user's turn is that has a file."""


def _turns(name: str, others: Any, own: Any, *, is_silent: bool, is_users: bool = False) -> Rows:
    """Conversations in which the third question has ``own`` under a name, or nothing but that; all others have others.

    ``is_users``: those of the assistant have nothing.
    """
    rows: Rows = []
    for chat in range(CHATS):
        for at, (asked, said) in enumerate(CALLS):
            here = own if at == PLACE // 2 else others
            text = "" if is_silent and at == PLACE // 2 else asked
            rows.append({"chat": f"c{chat}", "role": "user", "text": text, name: here})
            rows.append({"chat": f"c{chat}", "role": "bot", "text": said, name: "" if is_users else others})
    return rows


def _replayable(calls: list[Sample]) -> list[bool]:
    return [call.not_replayable is None for call in calls]


WHOLE, TO_THE_FILE = [True] * len(CALLS) * CHATS, ([True] * 2 + [False] * 2) * CHATS


@pytest.mark.parametrize(("name", "cell"), ATTACHED)
def test_an_attachment_beside_words(tmp_path: Path, name: str, cell: Any) -> None:
    for (container, read), others in zip(CONTAINERS.items(), ("", None, 0.0, "N/A"), strict=True):
        calls = read(tmp_path, _turns(name, others, cell, is_silent=False))
        assert _replayable(calls) == TO_THE_FILE, container
        assert calls[2].request.messages[-1]["content"] == [{"type": "text", "text": CALLS[2][0]}, {"type": "file"}]


@pytest.mark.parametrize("container", ["lines", "cells"])
@pytest.mark.parametrize(("name", "cell"), [*ATTACHED, *SENT])
def test_a_file_without_words(tmp_path: Path, container: str, name: str, cell: Any) -> None:
    calls = CONTAINERS[container](tmp_path, _turns(name, "", cell, is_silent=True))
    assert _replayable(calls) == TO_THE_FILE
    assert calls[2].request.messages[-1]["content"] == [{"type": "file"}]


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize(("name", "cell"), KINDS)
@pytest.mark.parametrize("is_bots_too", [False, True])
def test_a_message_of_another_kind(tmp_path: Path, container: str, name: str, cell: str, is_bots_too: bool) -> None:
    rows = _turns(name, "text", cell, is_silent=True)
    rows[PLACE - 1][name] = cell if is_bots_too else "text"
    calls = CONTAINERS[container](tmp_path, rows)
    assert _replayable(calls) == TO_THE_FILE
    assert [call.request.messages[-1]["content"] for call in calls[2::4]] == [[{"type": "file"}]] * CHATS


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize(("name", "cell"), SETTINGS)
def test_what_all_rows_have_is_no_file(tmp_path: Path, container: str, name: str, cell: Any) -> None:
    rows = _turns(name, cell, cell, is_silent=False)
    silent = {"chat": "c1", "role": "user", "text": "", name: cell}
    calls = CONTAINERS[container](tmp_path, [*rows[:11], silent, *rows[11:]])
    assert [talk(call) for call in calls] == CALLS * CHATS
    assert _replayable(calls) == WHOLE


@pytest.mark.parametrize("name", ["attachments", "attachment_count", "has_attachment", "image_url", "Anhang"])
@pytest.mark.parametrize("cell", NOTHING)
def test_cells_that_say_that_there_is_none(tmp_path: Path, name: str, cell: Any) -> None:
    for container, read in CONTAINERS.items():
        calls = read(tmp_path, _turns(name, cell, cell, is_silent=False, is_users=True))
        assert [talk(call) for call in calls] == CALLS * CHATS, container
        assert _replayable(calls) == WHOLE, container


@pytest.mark.parametrize("plans", [(5, 10, 5), ("allow", "deny", "allow")])
def test_settings_of_each_conversation(tmp_path: Path, plans: tuple[Any, ...]) -> None:
    rows = _turns("attachments_allowed", "", "", is_silent=False)
    calls = samples(tmp_path, [row | {"attachments_allowed": plans[int(row["chat"][1:])]} for row in rows])
    assert _replayable(calls) == WHOLE


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize(("name", "cells", "file"), [
    ("attached_order", ("A-101", ""), "order.pdf"), ("attached_context", ("Account 1, gold customer", ""), "a/b.txt"),
    ("attachments_enabled", (True, False), "https://x.example/1"), ("attachedAgent", ("sales", "hr"), "hr.pdf"),
])  # fmt: skip
def test_other_things_attached_are_no_files(
    tmp_path: Path, container: str, name: str, cells: tuple[Any, Any], file: str
) -> None:
    rows = _turns(name, "", "", is_silent=False)
    some = [row | {name: cells[at // 2 % 2] if row["role"] == "user" else ""} for at, row in enumerate(rows)]
    assert _replayable(CONTAINERS[container](tmp_path, some)) == WHOLE
    of_chats = [row | {name: cells[row["chat"] == "c1"]} for row in rows]
    assert _replayable(CONTAINERS[container](tmp_path, of_chats)) == WHOLE
    assert _replayable(CONTAINERS[container](tmp_path, _turns(name, "", file, is_silent=False))) == TO_THE_FILE


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize(("name", "others", "own"), [
    ("attachment", "keine Datei", "rechnung.pdf"), ("attachments", "ohne", ["a.pdf"]), ("has_attachment", "nein", "ja"),
    ("attachment_type", "text", "image/png"), ("attachment_kind", "text", "image"),
])  # fmt: skip
def test_a_word_for_none(tmp_path: Path, container: str, name: str, others: str, own: Any) -> None:
    calls = CONTAINERS[container](tmp_path, _turns(name, others, own, is_silent=False))
    assert _replayable(calls) == TO_THE_FILE


@pytest.mark.parametrize("cells", [
    lambda at, _: {"source_file_line": at}, lambda at, _: {"filed_at": f"2026-05-01T10:{at:02}:00Z"},
    lambda at, _: {"file_offset": f"{at * 812}"},
    lambda _, row: {"profile_image_url": f"https://x.example/{row['chat'] + row['role']}.png"},
])  # fmt: skip
def test_counts_and_pictures_of_people(tmp_path: Path, cells: Callable[[int, dict[str, Any]], dict[str, Any]]) -> None:
    rows = _turns("note", "", "", is_silent=False)
    rows.insert(12, {"chat": "c1", "role": "user", "text": ""})
    calls = samples(tmp_path, [row | cells(at, row) for at, row in enumerate(rows)])
    assert [talk(call) for call in calls] == CALLS * CHATS
