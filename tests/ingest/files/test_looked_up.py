"""Tables of calls with others beside them: what those know about the calls, in any container."""

import csv
import json
import sqlite3
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from advisor.types import Sample
from tests.ingest.homemade.test_other_shapes import PAIRS, talk
from tests.ingest.homemade.test_own_databases_and_chats import imported

Rows = list[dict[str, Any]]
SYSTEM = ("You are the assistant of a shop. Be brief.", "Help employees with their questions.")
MODELS = ("gpt-4o-mini", "mistral-small-latest")


def save(folder: Path, kind: str, tables: dict[str, Rows]) -> Path:
    path = folder / f"log.{kind}"
    if kind == "json":
        path.write_text(json.dumps({"exported": "2026-01-01", **tables}))
    elif kind == "zip":
        with ZipFile(path, "w") as archive:
            for name, rows in tables.items():
                text = StringIO()
                writer = csv.DictWriter(text, rows[0])
                writer.writeheader()
                writer.writerows(rows)
                archive.writestr(f"export/{name}.csv", text.getvalue())
    else:
        with closing(sqlite3.connect(path)) as database:
            for name, rows in tables.items():
                database.execute(f"CREATE TABLE {name} ({', '.join(rows[0])})")
                marks = ", ".join("?" * len(rows[0]))
                database.executemany(f"INSERT INTO {name} VALUES ({marks})", [tuple(row.values()) for row in rows])
            database.commit()
    return path


def turns(chat: str, speaker: str, text: str) -> Rows:
    """Two questions and answers in each conversation."""
    return [
        {"id": f"m{number}{side}", chat: number // 2 + 1, speaker: who, text: said}
        for number, pair in enumerate(PAIRS)
        for side, (who, said) in enumerate(zip(("user", "assistant"), pair, strict=True))
    ]


def first_messages(calls: list[Sample]) -> list[tuple[Any, Any]]:
    return [(call.request.messages[0]["role"], call.request.messages[0]["content"]) for call in calls]


@pytest.mark.parametrize("kind", ["db", "zip", "json"])
def test_a_conversation_has_the_model_and_the_system_prompt(tmp_path: Path, kind: str) -> None:
    chats = [{"id": n, "title": "Chat", "system_prompt": SYSTEM[n % 2], "model": MODELS[n % 2]} for n in (1, 2, 3)]
    tables = {"conversations": chats, "messages": turns("conversation_id", "role", "content")}
    calls = imported(save(tmp_path, kind, tables))
    assert [talk(call) for call in calls] == PAIRS
    assert [call.model for call in calls] == [MODELS[1], MODELS[1], MODELS[0], MODELS[0]][: len(calls)]
    assert first_messages(calls) == [("system", SYSTEM[(n // 2 + 1) % 2]) for n in range(len(PAIRS))]
    assert {call.ids.session for call in calls} == {"1", "2"}


def test_a_conversation_names_its_assistant_and_that_one_its_model(tmp_path: Path) -> None:
    tables: dict[str, Rows] = {
        "assistants": [{"assistant_id": f"a{n}", "instructions": SYSTEM[n], "llm": n + 7} for n in range(2)],
        "chats": [{"chat_id": n, "assistant_id": f"a{n % 2}", "user_id": n + 70} for n in (1, 2)],
        "llms": [{"id": n + 7, "name": MODELS[n]} for n in range(2)],
        "users": [{"id": n + 70, "name": "Jane", "created_at": "2020-01-01"} for n in (1, 2)],
        "chat_messages": turns("chat_id", "author", "body"),
    }
    calls = imported(save(tmp_path, "db", tables))
    assert [call.model for call in calls] == [MODELS[1], MODELS[1], MODELS[0], MODELS[0]]
    assert first_messages(calls) == [("system", SYSTEM[(n // 2 + 1) % 2]) for n in range(len(PAIRS))]
    assert {call.metered.at for call in calls} == {None}


@pytest.mark.parametrize("kind", ["db", "zip", "json"])
def test_metrics_and_right_answers_lie_in_tables_of_their_own(tmp_path: Path, kind: str) -> None:
    calls_of = [{"id": f"c{n}", "query": asked, "reply": said} for n, (asked, said) in enumerate(PAIRS)]
    metrics = [{"call_id": f"c{n}", "latency_ms": 900 + n, "tokens_in": n, "tokens_out": 7} for n in (3, 1, 0, 2)]
    votes = [{"call_id": "c1", "rating": 5, "comment": "Thanks for the help"}]
    gold = [{"query": asked, "answer": said[:5]} for asked, said in reversed(PAIRS)]
    tables: dict[str, Rows] = {"feedback": votes, "gold": gold, "interactions": calls_of, "metrics": metrics}
    calls = imported(save(tmp_path, kind, tables))
    assert [talk(call) for call in calls] == PAIRS
    assert [call.metered.latency_s for call in calls] == pytest.approx([0.9, 0.901, 0.902, 0.903])
    assert [call.metered.usage and call.metered.usage.input_tokens for call in calls] == [0, 1, 2, 3]
    assert [call.reference and call.reference.value for call in calls] == [said[:5] for _, said in PAIRS]


def test_what_several_calls_took_is_of_none_of_them(tmp_path: Path) -> None:
    chats = [{"id": n, "total_tokens": 90, "duration_ms": 5000, "input_tokens": 70} for n in (1, 2)]
    calls = imported(
        save(tmp_path, "db", {"conversations": chats, "messages": turns("conversation_id", "role", "text")})
    )
    assert {(call.metered.usage, call.metered.latency_s) for call in calls} == {(None, None)}


def test_rows_counted_alike_belong_together_by_no_chance(tmp_path: Path) -> None:
    logs = [{"id": n, "query": asked, "reply": said} for n, (asked, said) in enumerate(PAIRS)]
    servers = [{"id": n, "host": f"s{n}", "latency_ms": 20 + n, "input_tokens": n} for n in range(len(PAIRS))]
    calls = imported(save(tmp_path, "db", {"logs": logs, "servers": servers}))
    assert {(call.metered.usage, call.metered.latency_s) for call in calls} == {(None, None)}


@pytest.mark.parametrize("kind", ["db", "json"])
def test_users_and_the_bot_in_tables_of_their_own(tmp_path: Path, kind: str) -> None:
    user, bot = (
        [
            {"chat_id": n // 2, "text": pair[side], "sent_at": f"2026-01-0{n + 1}T10:0{side}:00Z"}
            for n, pair in enumerate(PAIRS)
        ]
        for side in (0, 1)
    )
    calls = imported(save(tmp_path, kind, {"bot_messages": bot, "user_messages": user}))
    assert [talk(call) for call in calls] == PAIRS
    assert [len(call.request.messages) for call in calls] == [1, 3, 1, 3]


def test_a_template_beside_the_prompts_is_no_system_prompt(tmp_path: Path) -> None:
    logs = [{"id": n, "prompt_id": n % 2, "query": asked, "reply": said} for n, (asked, said) in enumerate(PAIRS)]
    prompts = [{"id": n, "template": "Answer this question of a customer: {query}"} for n in range(2)]
    calls = imported(save(tmp_path, "db", {"logs": logs, "prompts": prompts}))
    assert [[message["role"] for message in call.request.messages] for call in calls[:4]] == [["user"]] * 4


def test_requests_of_messages_and_their_responses_and_versions_of_prompts(tmp_path: Path) -> None:
    asked = [
        {"id": f"r{n}", "messages": json.dumps([{"role": "user", "content": one}]), "prompt_version": f"v{n % 2}"}
        for n, (one, _) in enumerate(PAIRS)
    ]
    said = [{"request_id": f"r{n}", "content": other} for n, (_, other) in reversed([*enumerate(PAIRS)])]
    versions = [{"version": f"v{n}", "system_prompt": SYSTEM[n]} for n in range(2)]
    calls = imported(save(tmp_path, "db", {"prompt_versions": versions, "requests": asked, "responses": said}))
    assert sorted(talk(call) for call in calls) == sorted(PAIRS)
    assert sorted(first_messages(calls)) == [("system", text) for text in sorted(SYSTEM * 2)]


def counted(n: int) -> dict[str, Any]:
    return {"model": "gpt-4o", "input_tokens": n, "output_tokens": 7, "created_at": f"2026-01-01T10:00:{n:02}Z"}


@pytest.mark.parametrize("kind", ["db", "zip", "json"])
def test_metrics_of_other_calls_are_calls_too(tmp_path: Path, kind: str) -> None:
    calls_of = [{"call_id": f"c{n}", "query": asked, "reply": said} for n, (asked, said) in enumerate(PAIRS)]
    metrics = [{"call_id": f"c{n}", **counted(n)} for n in range(30)]
    calls = imported(save(tmp_path, kind, {"calls": calls_of, "metrics": metrics}))
    assert len(calls) == 30
    assert [talk(call) for call in calls[: len(PAIRS)]] == PAIRS
    assert sorted(call.metered.usage.input_tokens for call in calls if call.metered.usage) == [*range(30)]


@pytest.mark.parametrize("kind", ["db", "zip"])
@pytest.mark.parametrize(
    ("table", "own", "other", "name"),
    [
        ("calls", "id", "deploy_runs", "run_id"),
        ("support_log", "id", "summarizer_requests", "request_id"),
        ("support_requests", "request_id", "summarizer_requests", "request_id"),
    ],
)
def test_another_app_counts_its_own_rows(
    tmp_path: Path, kind: str, table: str, own: str, other: str, name: str
) -> None:
    calls_of = [{own: n, "query": asked, "reply": said} for n, (asked, said) in enumerate(PAIRS, 1)]
    others = [
        {name: n, "model": "llama-3-8b", "duration_ms": 5000 + n, "input_tokens": 90, "started_at": "2020-01-01"}
        for n in range(1, 11)
    ]
    calls = imported(save(tmp_path, kind, {table: calls_of, other: others}))
    found = [call for call in calls if call.answer and call.answer.text]
    assert [talk(call) for call in found] == PAIRS
    assert {(call.model, call.metered.latency_s, call.metered.usage) for call in found} == {(None, None, None)}


def test_counted_calls_are_named_by_metrics_of_the_same_calls(tmp_path: Path) -> None:
    logs = [{"id": n, "query": asked, "reply": said} for n, (asked, said) in enumerate(PAIRS, 1)]
    metrics = [{"call_id": n, **counted(n)} for n in range(1, len(PAIRS) + 1)]
    calls = imported(save(tmp_path, "db", {"logs": logs, "metrics": metrics}))
    assert [talk(call) for call in calls] == PAIRS
    assert {call.model for call in calls} == {"gpt-4o"}


def test_counted_calls_of_more_others_are_not_named(tmp_path: Path) -> None:
    logs = [{"id": n, "query": asked, "reply": said} for n, (asked, said) in enumerate(PAIRS, 1)]
    metrics = [{"call_id": n, **counted(n)} for n in range(1, 31)]
    calls = imported(save(tmp_path, "db", {"logs": logs, "usage": metrics}))
    assert [talk(call) for call in calls if call.answer and call.answer.text] == PAIRS
    assert {call.model for call in calls if call.answer and call.answer.text} == {None}
