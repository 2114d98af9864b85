"""Databases, dumps, running text and turns in lists, and columns whose words alone don't tell."""

import json
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from advisor.errors import BadInput
from advisor.ingest.files.sources import open_sources
from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.types import Sample
from tests.ingest.homemade.test_other_shapes import PAIRS, calls_in, table, talk


def imported(path: Path) -> list[Sample]:
    with open_sources(path) as (sources, _):
        found = []
        for source in sources:
            with suppress(BadInput):
                found += [item for _, item in read_log(open_log(source.path)) if isinstance(item, Sample)]
        return found


DUMPS = {
    "mysql": """CREATE TABLE `logs` (\n  `id` int NOT NULL,\n  `user_input` text,\n  `bot_response` text,
  PRIMARY KEY (`id`)\n);
INSERT INTO `logs` VALUES {};""",
    "postgres": """-- dump\nINSERT INTO logs (id, user_input, bot_response) VALUES {};""",
    "copy": "COPY public.logs (id, user_input, bot_response) FROM stdin;\n{}\n\\.\n",
}


@pytest.mark.parametrize("dialect", DUMPS)
def test_dumps_in_sql(tmp_path: Path, dialect: str) -> None:
    said = [(asked, f"It's (so): {answered};") for asked, answered in PAIRS]
    cells = [
        (place, *(text.replace("'", "\\'" if dialect == "mysql" else "''") for text in pair))
        for place, pair in enumerate(said)
    ]
    rows = ",\n".join(f"({place}, '{asked}', '{answered}')" for place, asked, answered in cells)
    if dialect == "copy":
        rows = "\n".join("\t".join((str(place), *pair)) for place, pair in enumerate(said))
    (tmp_path / "dump.sql").write_text(DUMPS[dialect].format(rows))
    assert [talk(call) for call in imported(tmp_path / "dump.sql")] == said


def test_a_database_of_ones_own(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "bot.db")) as database:
        database.execute("CREATE TABLE users (id TEXT, plan TEXT)")
        database.execute("CREATE TABLE logs (id INTEGER PRIMARY KEY, question TEXT, answer TEXT, model TEXT)")
        database.execute("INSERT INTO users VALUES ('u1', 'free')")
        database.executemany("INSERT INTO logs (question, answer, model) VALUES (?, ?, 'gpt-4o')", PAIRS)
        database.commit()
    assert [talk(call) for call in imported(tmp_path / "bot.db")] == PAIRS


def test_one_of_two_text_columns_a_row_is_a_turn(tmp_path: Path) -> None:
    rows = [
        {"conversation": f"c{place // 2}", "user_text": texts[0], "bot_text": texts[1]}
        for place, pair in enumerate(PAIRS)
        for texts in ((pair[0], ""), ("", pair[1]))
    ]
    calls = table(tmp_path / "log.csv", rows)
    assert [talk(call) for call in calls] == PAIRS
    assert len(calls[1].request.messages) == 3


def test_messages_that_tell_their_time_and_tokens(tmp_path: Path) -> None:
    turns = [
        {"role": role, "content": text, "timestamp": f"2025-02-0{place + 1}T10:00:00Z", "tokens_out": place}
        for place, pair in enumerate(PAIRS[:3])
        for role, text in zip(("user", "assistant"), pair, strict=True)
    ]
    exported = {
        "export_info": {"exported_at": "2026-01-01T00:00:00Z"},
        "sessions": [{"session_id": "s", "messages": turns}],
    }
    calls = calls_in(tmp_path / "log.json", json.dumps(exported))
    assert [call.metered.at and call.metered.at.day for call in calls] == [1, 2, 3]
    assert {call.ids.session for call in calls} == {"s"}


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        (("Testfrage", "Sollantwort", "Istantwort"), (0, 1, 2)),
        (("Pregunta", "Respuesta correcta", "Respuesta del modelo"), (0, 1, 2)),
        (("question", "answer_human", "answer_llm"), (0, 1, 2)),
    ],
)
def test_right_answers_in_other_words(tmp_path: Path, names: tuple[str, ...], roles: tuple[int, ...]) -> None:
    rows = [dict(zip(names, (asked, f"right {place}", said), strict=True)) for place, (asked, said) in enumerate(PAIRS)]
    calls = table(tmp_path / "log.csv", rows)
    assert [talk(call) for call in calls] == PAIRS
    assert [call.reference and call.reference.value for call in calls] == [f"right {n}" for n in range(len(PAIRS))]


def test_labels_of_a_model_beside_the_right_ones(tmp_path: Path) -> None:
    labels = ["billing", "delivery", "other"]
    rows = [
        {"Content": asked, "Expected": labels[n % 3], "ModelLabel": labels[n % 2], "Reason": f"It talks about case {n}"}
        for n, (asked, _) in enumerate(PAIRS)
    ]
    calls = table(tmp_path / "log.csv", rows)
    assert [talk(call) for call in calls] == [(asked, labels[n % 2]) for n, (asked, _) in enumerate(PAIRS)]
    assert [call.reference and call.reference.value for call in calls] == [labels[n % 3] for n in range(len(PAIRS))]


def test_models_that_did_something_else_and_numbers_of_orders_are_no_facts(tmp_path: Path) -> None:
    rows = [
        {"question": asked, "answer": said, "judge_model": "gpt-4o", "Cell Reference": f"A{place}", "ms": 2400 + place}
        for place, (asked, said) in enumerate(PAIRS)
    ]
    calls = table(tmp_path / "log.csv", rows)
    assert {(call.model, call.reference) for call in calls} == {(None, None)}
    assert calls[0].metered.latency_s == pytest.approx(2.4)


CHATS = {
    "a bot of its own name": "You: {}\nNova: {}\n\n",
    "headings": "### 👤 User\n\n{}\n\n### 🤖 llama3.1:8b\n\n{}\n\n## Steps\n1. Press\n\n",
    "marks and rules": "🕒 2024-12-04 09:55:12\n❓ Pregunta: {}\n💬 Respuesta: {}\n=======\n",
    "numbers": "Q1: {}\nA1: {}\n",
    "facts": "Timestamp: 2025-04-21 11:49:50\nModel: gpt-4o\nPrompt: {}\nResponse: {}\nTokens: 25\n\n",
    "a program's log": "INFO:root:User: {}\nINFO:root:Assistant: {}\n",
    "one line": "[2025-04-21 11:49:50] Question: {} Answer: {}\n",
}


@pytest.mark.parametrize("chat", CHATS)
def test_chats_as_running_text(tmp_path: Path, chat: str) -> None:
    end = "\n\n## Steps\n1. Press" if chat == "headings" else ""
    calls = calls_in(tmp_path / "chat.md", "".join(CHATS[chat].format(*pair) for pair in PAIRS))
    assert [talk(call) for call in calls] == [(asked, f"{said}{end}") for asked, said in PAIRS]


def test_prompts_and_answers_in_tables_of_their_own(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "bot.db")) as database:
        database.execute("CREATE TABLE prompts (id INTEGER PRIMARY KEY, created_at TEXT, question TEXT)")
        database.execute("CREATE TABLE answers (question_id INTEGER, model TEXT, answer TEXT)")
        for place, (asked, said) in enumerate(PAIRS, 1):
            database.execute("INSERT INTO prompts VALUES (?, '2025-01-02 03:04:05', ?)", (place, asked))
            database.executemany(
                "INSERT INTO answers VALUES (?, ?, ?)", [(place, model, said) for model in ("m1", "m2")]
            )
        database.commit()
    calls = imported(tmp_path / "bot.db")
    assert [(*talk(call), call.model) for call in calls] == [(*pair, model) for pair in PAIRS for model in ("m1", "m2")]
    assert all(call.metered.at for call in calls)


def test_json_flattened_with_its_lists(tmp_path: Path) -> None:
    rows = [
        {
            "request.model": "gpt-4o",
            "request.messages.0.role": "system",
            "request.messages.0.content": "Be short.",
            "request.messages.1.role": "user",
            "request.messages.1.content": asked,
            "response.choices.0.message.content": said,
            "response.usage.prompt_tokens": 12,
            "response.usage.completion_tokens": 5,
        }
        for asked, said in PAIRS
    ]
    calls = table(tmp_path / "log.csv", rows)
    assert [talk(call) for call in calls] == PAIRS
    assert all(call.request.messages[0]["role"] == "system" and call.metered.usage for call in calls)


def test_chats_flattened_from_one(tmp_path: Path) -> None:
    said = [("user", PAIRS[0][0]), ("assistant", PAIRS[0][1]), ("user", PAIRS[1][0]), ("assistant", PAIRS[1][1])]
    row = {
        f"messages.{at}.{key}": cell
        for at, turn in enumerate(said, 1)
        for key, cell in zip(("role", "content"), turn, strict=True)
    }
    calls = table(tmp_path / "log.csv", [row | {"model": "gpt-4o"}, row | {"model": "o3"}])
    assert [(*talk(call), len(call.request.messages)) for call in calls] == [(*PAIRS[0], 1), (*PAIRS[1], 3)] * 2


def test_objects_in_lines_of_a_programs_log(tmp_path: Path) -> None:
    lines = [
        line
        for asked, said in PAIRS
        for line in (
            f"2025-05-07T10:53:15Z INFO call: {json.dumps({'prompt': asked, 'response': said})}",
            "2025-05-07T10:53:15Z DEBUG cache {miss}",
        )
    ]
    calls = calls_in(tmp_path / "app.log", "\n".join(lines))
    assert [talk(call) for call in calls] == PAIRS
    assert all(call.metered.at for call in calls)


def test_rows_of_cells_without_names(tmp_path: Path) -> None:
    rows = [["2025-05-07T10:53:15Z", asked, said] for asked, said in PAIRS]
    assert [talk(call) for call in calls_in(tmp_path / "log.json", json.dumps(rows))] == PAIRS


def test_what_a_program_wrote_into_a_cell(tmp_path: Path) -> None:
    rows = [{"time": "2025-05-07", "message": json.dumps({"question": asked, "reply": said})} for asked, said in PAIRS]
    assert [talk(call) for call in calls_in(tmp_path / "log.jsonl", "\n".join(map(json.dumps, rows)))] == PAIRS


def test_turns_of_the_llm_tool_are_in_the_order_of_time_whatever_their_ids(tmp_path: Path) -> None:
    columns = "id, model, prompt, response, conversation_id, duration_ms, datetime_utc"
    with closing(sqlite3.connect(tmp_path / "logs.db")) as database:
        database.execute(f"CREATE TABLE responses ({columns})")
        rows = [
            (f"req_{9 - place}", "m", *pair, "c", 900, f"2026-01-01T10:0{place}:00Z")
            for place, pair in enumerate(PAIRS)
        ]
        database.executemany("INSERT INTO responses VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        database.commit()
    calls = imported(tmp_path / "logs.db")
    assert [talk(call) for call in calls] == PAIRS
    assert [len(call.request.messages) for call in calls] == [1, 3, 5, 7]
