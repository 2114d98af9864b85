"""The llm tool's database of both generations and its JSON export: every call with the conversation it was part of."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from advisor.errors import BadInput
from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.types import Rejection, Sample, ToolCall, Usage

RESPONSES = """
CREATE TABLE conversations (id TEXT PRIMARY KEY, name TEXT, model TEXT);
CREATE TABLE schemas (id TEXT PRIMARY KEY, content TEXT);
CREATE TABLE responses (
   id TEXT PRIMARY KEY, model TEXT, prompt TEXT, system TEXT, prompt_json TEXT, options_json TEXT, response TEXT,
   response_json TEXT, conversation_id TEXT, duration_ms INTEGER, datetime_utc TEXT, input_tokens INTEGER,
   output_tokens INTEGER, token_details TEXT, schema_id TEXT
);
CREATE TABLE attachments (id TEXT PRIMARY KEY, type TEXT, path TEXT, url TEXT, content BLOB);
CREATE TABLE prompt_attachments (
   response_id TEXT, attachment_id TEXT, "order" INTEGER, PRIMARY KEY (response_id, attachment_id)
);
CREATE TABLE fragments (id INTEGER PRIMARY KEY, hash TEXT, content TEXT, datetime_utc TEXT, source TEXT);
CREATE TABLE prompt_fragments (
   response_id TEXT, fragment_id INTEGER, "order" INTEGER, PRIMARY KEY (response_id, fragment_id, "order")
);
CREATE TABLE system_fragments (
   response_id TEXT, fragment_id INTEGER, "order" INTEGER, PRIMARY KEY (response_id, fragment_id, "order")
);
CREATE TABLE tools (id INTEGER PRIMARY KEY, hash TEXT, name TEXT, description TEXT, input_schema TEXT, plugin TEXT);
CREATE TABLE tool_responses (tool_id INTEGER, response_id TEXT, PRIMARY KEY (tool_id, response_id));
CREATE TABLE tool_calls (
   id INTEGER PRIMARY KEY, response_id TEXT, tool_id INTEGER, name TEXT, arguments TEXT, tool_call_id TEXT
);
CREATE TABLE tool_results (
   id INTEGER PRIMARY KEY, response_id TEXT, tool_id INTEGER, name TEXT, output TEXT, tool_call_id TEXT,
   instance_id INTEGER
);
"""
"""The tables of version 0.26, without the indexes for searching."""

TURNS = """
CREATE TABLE messages (hash TEXT PRIMARY KEY, parent_hash TEXT, role TEXT, provider_metadata TEXT);
CREATE TABLE parts (
   id INTEGER PRIMARY KEY, message_hash TEXT, position INTEGER, type TEXT, tool_name TEXT, text TEXT, payload TEXT
);
CREATE TABLE part_attachments (part_id INTEGER, attachment_id TEXT, "order" INTEGER);
CREATE TABLE part_fragments (part_id INTEGER, fragment_id INTEGER, "order" INTEGER);
CREATE TABLE threads (
   id TEXT PRIMARY KEY, name TEXT, tip_message_hash TEXT, forked_from TEXT, datetime_utc TEXT
);
CREATE TABLE turns (
   id TEXT PRIMARY KEY, thread_id TEXT, parent_message_hash TEXT, tip_message_hash TEXT, model TEXT,
   resolved_model TEXT, options_json TEXT, schema_id TEXT, input_tokens INTEGER, output_tokens INTEGER,
   token_details TEXT, duration_ms INTEGER, datetime_utc TEXT, response_json TEXT
);
CREATE TABLE turn_tools (turn_id TEXT, tool_id INTEGER, instance_id INTEGER);
"""

AT = "2025-06-01T10:00:0{}.000000+00:00"
PNG = b"\x89PNG\r\n\x1a\n0000"


def read(path: Path) -> list[Sample]:
    rows = list(read_log(open_log(path)))
    assert [number for number, _ in rows] == list(range(1, len(rows) + 1))
    assert not [item for _, item in rows if isinstance(item, Rejection)]
    return [item for _, item in rows if isinstance(item, Sample)]


def talk(sample: Sample) -> list[tuple[str, object]]:
    return [(message["role"], message["content"]) for message in sample.request.messages]


def put(database: sqlite3.Connection, table: str, **values: object) -> None:
    names = ", ".join(f'"{name}"' for name in values)
    database.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(values))})", tuple(values.values()))


def respond(
    database: sqlite3.Connection, identity: str, conversation: str, prompt: str, response: str, **more: object
) -> None:
    values = {"model": "gpt-4o-mini", "duration_ms": 1200, "datetime_utc": AT.format(1), "options_json": "{}"} | more
    put(database, "responses", id=identity, conversation_id=conversation, prompt=prompt, response=response, **values)
    database.execute("INSERT OR IGNORE INTO conversations VALUES (?, ?, 'm')", (conversation, prompt))


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A database as version 0.26 leaves it: two interleaved conversations, fragments, attachments, tools, a schema."""
    path = tmp_path / "logs.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(RESPONSES)
        respond(database, "01a", "c1", "Three names", "A; B", system="Be short.", options_json='{"temperature": 0.7}',
                input_tokens=31, output_tokens=14)  # fmt: skip
        respond(database, "01b", "c2", "Where is A-1?", "", input_tokens=70, output_tokens=18)
        respond(database, "01c", "c1", "Which?", "A", system="Be short.", input_tokens=62, output_tokens=12,
                token_details='{"prompt_tokens_details": {"cached_tokens": 32}}')  # fmt: skip
        respond(database, "01d", "c2", "", "It was shipped.", input_tokens=103, output_tokens=15)
        put(database, "tools", id=1, name="get_order", description="Look up",
            input_schema='{"type": "object", "properties": {"id": {"type": "string"}}}')  # fmt: skip
        for response in ("01b", "01d"):
            put(database, "tool_responses", tool_id=1, response_id=response)
        put(database, "tool_calls", response_id="01b", tool_id=1, name="get_order", arguments='{"id": "A-1"}',
            tool_call_id="call_1")  # fmt: skip
        put(database, "tool_results", response_id="01d", tool_id=1, name="get_order", output="shipped",
            tool_call_id="call_1")  # fmt: skip
        put(database, "fragments", id=7, content="Chapter one. yes")
        put(database, "fragments", id=8, content="House rules.")
        respond(database, "01e", "c3", "Summarise: yes or no", "Short.", system="Be kind.")
        put(database, "prompt_fragments", response_id="01e", fragment_id=7, order=0)
        put(database, "prompt_fragments", response_id="01e", fragment_id=8, order=1)
        put(database, "system_fragments", response_id="01e", fragment_id=8, order=0)
        put(database, "schemas", id="s1", content='{"type": "object"}')
        respond(database, "01f", "c4", "Ada, born 1815", '{"born": 1815}', schema_id="s1")
        for number, (kind, path_, url, content) in enumerate(
            [("image/png", None, None, PNG), ("image/jpeg", None, "https://example.com/a.jpg", None),
             ("image/png", "pictures/a.png", None, None), ("application/pdf", None, None, b"%PDF")]
        ):  # fmt: skip
            respond(database, f"02{number}", f"d{number}", f"What is this {number}?", "A cat.")
            put(database, "attachments", id=f"a{number}", type=kind, path=path_, url=url, content=content)
            put(database, "prompt_attachments", response_id=f"02{number}", attachment_id=f"a{number}", order=0)
        database.commit()
    return path


def test_the_older_generation(older: Path) -> None:
    log = open_log(older)
    assert (log.format, log.columns) == ("llm_logs", {})
    calls = {sample.ids.external_id: sample for sample in read(older)}
    assert len(calls) == 10
    first = calls["01a"]
    assert talk(first) == [("system", "Be short."), ("user", "Three names")]
    assert first.request.params == {"temperature": 0.7}
    assert first.answer is not None
    assert first.answer.text == "A; B"
    assert first.metered.usage == Usage(input_tokens=31, output_tokens=14)
    assert (first.model, first.ids.session, first.metered.latency_s) == ("gpt-4o-mini", "c1", 1.2)
    assert first.metered.at is not None
    assert first.metered.at.isoformat() == "2025-06-01T10:00:01+00:00"
    assert first.ids.response_id is None
    second = calls["01c"]
    assert talk(second) == [
        ("system", "Be short."), ("user", "Three names"), ("assistant", "A; B"), ("user", "Which?"),
    ]  # fmt: skip
    assert second.metered.usage == Usage(input_tokens=30, cache_read_tokens=32, output_tokens=12)
    assert second.not_replayable is None


def test_tools_of_the_older_generation(older: Path) -> None:
    calls = {sample.ids.external_id: sample for sample in read(older)}
    asked = calls["01b"]
    assert asked.answer is not None
    assert asked.answer.tool_calls == (ToolCall(name="get_order", arguments='{"id": "A-1"}'),)
    assert asked.answer.text is None
    (tool,) = asked.request.params["tools"]
    assert tool["function"]["name"] == "get_order"
    assert tool["function"]["parameters"]["properties"] == {"id": {"type": "string"}}
    told = calls["01d"]
    assert [message["role"] for message in told.request.messages] == ["user", "assistant", "tool"]
    assert told.request.messages[1]["tool_calls"][0]["id"] == "call_1" == told.request.messages[2]["tool_call_id"]
    assert told.request.messages[2]["content"] == "shipped"
    assert told.not_replayable is None


def test_fragments_schemas_and_attachments_of_the_older_generation(older: Path) -> None:
    calls = {sample.ids.external_id: sample for sample in read(older)}
    assert talk(calls["01e"]) == [
        ("system", "House rules.\n\nBe kind."),
        ("user", "Chapter one. yes\nHouse rules.\nSummarise: yes or no"),
    ]
    assert calls["01f"].request.params["response_format"]["json_schema"]["schema"] == {"type": "object"}
    image = calls["020"].request.messages[0]["content"]
    assert [part["type"] for part in image] == ["text", "image_url"]
    assert image[1]["image_url"]["url"].startswith("data:image/png;base64,iVBOR")
    assert calls["020"].not_replayable is None
    assert "URL" in str(calls["021"].not_replayable)
    assert "file" in str(calls["022"].not_replayable)
    assert "file" in str(calls["023"].not_replayable)


def test_columns_came_over_time(tmp_path: Path) -> None:
    path = tmp_path / "logs.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "CREATE TABLE responses (id TEXT PRIMARY KEY, model TEXT, prompt TEXT, system TEXT, prompt_json TEXT, "
            "options_json TEXT, response TEXT, response_json TEXT, conversation_id TEXT, duration_ms INTEGER, "
            "datetime_utc TEXT)"
        )
        put(database, "responses", id="01", model="gpt-4", prompt="Hi", response="Hello", datetime_utc=AT.format(2))
        database.execute(
            "CREATE TABLE logs (id INTEGER PRIMARY KEY, model TEXT, prompt TEXT, system TEXT, response TEXT, "
            "chat_id INTEGER, duration_ms INTEGER, datetime_utc TEXT)"
        )
        put(database, "logs", id=1, model="gpt-4", prompt="One", response="1")
        put(database, "logs", id=2, model="gpt-4", prompt="Other", response="0")
        put(database, "logs", id=3, model="gpt-4", prompt="Two", response="2", chat_id=1)
        database.commit()
    samples = read(path)
    assert [talk(sample) for sample in samples] == [
        [("user", "Hi")],
        [("user", "One")],
        [("user", "One"), ("assistant", "1"), ("user", "Two")],
        [("user", "Other")],
    ]
    assert samples[0].metered.usage is None
    assert samples[0].metered.latency_s is None


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """A database with both generations of tables: one call in both, one in the older only."""
    path = tmp_path / "logs.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(RESPONSES + TURNS)
        respond(database, "00", "c0", "Long ago", "Yes.")
        respond(database, "01", "c1", "Hi", "Hello")
        put(database, "fragments", id=7, content="The novel.")
        put(database, "attachments", id="a1", type="image/png", content=PNG)
        chain = [
            ("h1", None, "system", "text", "Be kind.", None),
            ("h2", "h1", "user", "text", None, '{"text_ref": [{"fragment": 7}, {"literal": "\\nSummarise"}]}'),
            ("h3", "h2", "assistant", "reasoning", "Hmm.", None),
            ("h4", "h3", "user", "tool_result", None, '{"name": "f", "output": "42", "tool_call_id": "t1"}'),
            ("h5", "h4", "assistant", "text", "It is 42.", None),
            ("h6", "h5", "user", "attachment", None, '{"attachment": {"id": "a1"}}'),
            ("h7", "h6", "assistant", "text", "A cat.", None),
            ("h8", "h7", "assistant", "tool_call", None, '{"name": "web", "arguments": {}, "server_executed": true}'),
        ]
        for number, (hash_, parent, role, kind, text, payload) in enumerate(chain, 1):
            put(database, "messages", hash=hash_, parent_hash=parent, role=role)
            put(database, "parts", id=number, message_hash=hash_, position=0, type=kind, text=text, payload=payload)
        put(database, "parts", id=20, message_hash="h3", position=1, type="text", text="Let me see.")
        put(database, "parts", id=21, message_hash="h3", position=2, type="tool_call", tool_name="f",
            payload='{"name": "f", "arguments": {"x": 1}, "tool_call_id": "t1"}')  # fmt: skip
        put(database, "parts", id=22, message_hash="h4", position=1, type="text", text="Go on.")
        put(database, "parts", id=23, message_hash="h6", position=1, type="text", text="And this?")
        put(database, "part_attachments", part_id=6, attachment_id="a1", order=0)
        put(database, "tools", id=1, name="f", input_schema='{"type": "object"}')
        put(database, "turn_tools", turn_id="01", tool_id=1)
        for identity, parent, tip in (("01", "h2", "h3"), ("02", "h4", "h5"), ("03", "h6", "h7"), ("04", "h6", "h8")):
            put(database, "turns", id=identity, thread_id="c1", parent_message_hash=parent, tip_message_hash=tip,
                model="claude", resolved_model="claude-x", input_tokens=2, output_tokens=5, datetime_utc=AT.format(3),
                duration_ms=900, token_details='{"cache_read_input_tokens": 1590}',
                response_json='{"id": "msg_1", "finish_reason": "stop"}')  # fmt: skip
        database.commit()
    return path


def test_the_newer_generation(newer: Path) -> None:
    calls = {sample.ids.external_id: sample for sample in read(newer)}
    assert sorted(str(key) for key in calls) == ["00", "01", "02", "03", "04"]
    first = calls["01"]
    assert talk(first) == [("system", "Be kind."), ("user", "The novel.\nSummarise")]
    assert first.answer is not None
    assert (first.answer.text, first.answer.finish_reason) == ("Let me see.", "stop")
    assert first.answer.tool_calls == (ToolCall(name="f", arguments='{"x":1}'),)
    assert first.request.params["tools"][0]["function"]["name"] == "f"
    assert first.metered.usage == Usage(input_tokens=2, cache_read_tokens=1590, output_tokens=5)
    assert (first.model, first.ids.session, first.metered.latency_s) == ("claude-x", "c1", 0.9)
    second = calls["02"]
    assert talk(second)[2:] == [("assistant", "Let me see."), ("tool", "42"), ("user", "Go on.")]
    image = calls["03"].request.messages[-1]["content"]
    assert [part["type"] for part in image] == ["image_url", "text"]
    assert image[0]["image_url"]["url"].startswith("data:image/png;base64,")
    assert "what tools it has" in str(calls["03"].not_replayable)
    assert "provider's own tool 'web'" in str(calls["04"].not_replayable)


def test_the_sample_of_the_newer_generation(fixtures: Path) -> None:
    samples = read(fixtures / "samples" / "llm_logs_v036_turns.db")
    assert [sample.ids.external_id for sample in samples] == [f"01wkshp{n}0aaaaaaaaaaaaaaaa" for n in range(4)]
    _, why, finding, found = samples
    assert why.ids.session == "c1aaaaaaaaaaaaaaaaaaaaaaaa"
    assert [role for role, _ in talk(why)] == ["system", "user", "assistant", "user"]
    assert why.metered.usage == Usage(input_tokens=30, cache_read_tokens=32, output_tokens=12)
    assert finding.answer is not None
    assert finding.answer.tool_calls == (ToolCall(name="find_repair", arguments='{"ticket":"R-77"}'),)
    assert "result of a tool" in str(found.not_replayable)
    assert [sample.not_replayable for sample in samples[:3]] == [None] * 3
    assert {sample.model for sample in samples} == {"gpt-4o-mini-2024-07-18"}


def test_the_export_says_the_same_as_the_database(fixtures: Path) -> None:
    exported = read(fixtures / "samples" / "llm_logs_json_export.json")
    assert exported == read(fixtures / "samples" / "llm_logs_v036_turns.db")


def exported(**more: object) -> dict[str, object]:
    return {
        "id": "01", "model": "m", "resolved_model": None, "options_json": {}, "conversation_id": "c", "duration_ms": 5,
        "datetime_utc": AT.format(1), "conversation_name": "Hi", "prompt": "Hi", "system": None, "response": "Hello",
        "prompt_json": None, "prompt_fragments": [], "system_fragments": [], "attachments": [],
    } | more  # fmt: skip


def test_an_export_that_lacks_something_is_not_replayed(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    records = [
        exported(id="1"),
        exported(id="2", conversation_id="d", prompt="And then?", conversation_name="Tell me of the novel, all of i…"),
        exported(id="3", conversation_id="d", prompt="And now?", conversation_name="Tell me of the novel, all of i…"),
        exported(id="4", conversation_id="e", prompt_fragments=[{"content": "x" * 97 + "..."}], conversation_name=""),
        exported(id="5", conversation_id="f", attachments=[{"id": "a", "type": "image/png", "content_length": 5}]),
        exported(id="6", conversation_id="g", prompt="x" * 50 + "\n  y", conversation_name="x" * 31 + "…"),
        exported(id="7", conversation_id="h", prompt="Hi", prompt_fragments=[{"content": "Hi"}]),
    ]
    path.write_text(json.dumps(records), encoding="utf-8")
    samples = read(path)
    reasons = [str(sample.not_replayable) for sample in samples]
    assert [reason == "None" for reason in reasons] == [True, False, False, False, False, True, True]
    assert "earlier turns" in reasons[1]
    assert "earlier turns" in reasons[2]
    assert "shortened" in reasons[3]
    assert "attached" in reasons[4]
    assert talk(samples[6]) == [("user", "Hi")]


def test_a_write_ahead_log_beside_the_database_is_read(tmp_path: Path) -> None:
    path = tmp_path / "logs.db"
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.executescript(RESPONSES)
        respond(writer, "01", "c1", "Hi", "Hello")
        writer.commit()
        assert path.with_name("logs.db-wal").stat().st_size > 0
        before = path.read_bytes()
        assert len(read(path)) == 1
        assert path.read_bytes() == before


def test_a_database_in_a_folder_that_cannot_be_written(older: Path) -> None:
    older.chmod(0o400)
    older.parent.chmod(0o500)
    try:
        assert len(read(older)) == 10
        assert [file.name for file in older.parent.iterdir()] == ["logs.db"]
    finally:
        older.parent.chmod(0o700)


def test_odd_values_never_stop_the_others(tmp_path: Path) -> None:
    path = tmp_path / "logs.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(RESPONSES)
        respond(database, "01", "c1", "", "only an answer")
        respond(database, "02", "c2", "Hi", "Hello", options_json="[1", token_details="{}", input_tokens="many")
        database.execute("UPDATE responses SET prompt = CAST(x'48ff69' AS TEXT) WHERE id = '02'")
        put(database, "responses", id="03", conversation_id=None, prompt=b"bytes", response=5, datetime_utc="soon")
        respond(database, "04", "c4", "Fine", "Good")
        put(database, "prompt_fragments", response_id="04", fragment_id=99, order=0)
        database.commit()
    rows = [item for _, item in read_log(open_log(path))]
    assert [type(item) for item in rows] == [Rejection, Rejection, Sample, Sample]
    assert isinstance(rows[2], Sample)
    assert talk(rows[2]) == [("user", "H�i")]


def test_a_damaged_database(older: Path) -> None:
    content = bytearray(older.read_bytes())
    content[100:] = bytes(len(content) - 100)
    older.write_bytes(content)
    with pytest.raises(BadInput, match="SQLite database"):
        list(read_log(open_log(older)))
