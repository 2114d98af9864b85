"""Other tools' databases read as logs, on a real PostgreSQL, with the tables as the tools make them."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from advisor.errors import BadInput, StoreError
from advisor.ingest.readers.langfuse import READER as LANGFUSE
from advisor.ingest.readers.litellm_log import READER as LITELLM
from advisor.store.log.foreign import name_of, read_foreign
from advisor.types import ToolCall, Usage

LITELLM_TABLE = """
CREATE TABLE "LiteLLM_SpendLogs" (
    request_id TEXT PRIMARY KEY, call_type TEXT NOT NULL, api_key TEXT NOT NULL DEFAULT '',
    spend DOUBLE PRECISION NOT NULL DEFAULT 0, total_tokens INTEGER NOT NULL DEFAULT 0,
    prompt_tokens INTEGER NOT NULL DEFAULT 0, completion_tokens INTEGER NOT NULL DEFAULT 0,
    "startTime" TIMESTAMP(3) NOT NULL, "endTime" TIMESTAMP(3) NOT NULL, "completionStartTime" TIMESTAMP(3),
    model TEXT NOT NULL DEFAULT '', model_group TEXT DEFAULT '', metadata JSONB DEFAULT '{}',
    cache_hit TEXT DEFAULT '', request_tags JSONB DEFAULT '[]', messages JSONB DEFAULT '{}',
    response JSONB DEFAULT '{}', session_id TEXT, status TEXT, proxy_server_request JSONB DEFAULT '{}'
)
"""
LANGFUSE_TABLES = """
CREATE TYPE "ObservationType" AS ENUM ('SPAN', 'EVENT', 'GENERATION');
CREATE TYPE "ObservationLevel" AS ENUM ('DEBUG', 'DEFAULT', 'WARNING', 'ERROR');
CREATE TABLE traces (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, timestamp TIMESTAMP(3) NOT NULL DEFAULT now(), name TEXT,
    user_id TEXT, session_id TEXT, metadata JSONB, public BOOLEAN NOT NULL DEFAULT false, tags TEXT[] DEFAULT '{}',
    input JSONB, output JSONB
);
CREATE TABLE prompts (id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL);
CREATE TABLE observations (
    id TEXT PRIMARY KEY, trace_id TEXT, project_id TEXT NOT NULL, type "ObservationType" NOT NULL,
    start_time TIMESTAMP(3) NOT NULL, end_time TIMESTAMP(3), name TEXT, metadata JSONB, parent_observation_id TEXT,
    level "ObservationLevel" NOT NULL DEFAULT 'DEFAULT', status_message TEXT, model TEXT, "modelParameters" JSONB,
    input JSONB, output JSONB, prompt_tokens INTEGER NOT NULL DEFAULT 0,
    completion_tokens INTEGER NOT NULL DEFAULT 0, total_tokens INTEGER NOT NULL DEFAULT 0, unit TEXT,
    total_cost DECIMAL(65, 30), calculated_total_cost DECIMAL(65, 30), completion_start_time TIMESTAMP(3),
    prompt_id TEXT
);
"""
SECRET = "s3cr3t!pw"


@pytest.fixture
def database(postgres_url: str) -> str:
    """An empty database of another tool."""
    name = f"tool_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return make_url(postgres_url).set(database=name).render_as_string(hide_password=False)


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def add_spend(url: str, request_id: str, begun: str, **more: object) -> None:
    asked = {"model": "support", "messages": [{"role": "user", "content": "Where is my order?"}], "temperature": 0.2}
    message = {"role": "assistant", "content": "On its way."}
    response = {"id": request_id, "object": "chat.completion", "model": "gpt-4o-2024-08-06"}
    response["choices"] = [{"index": 0, "message": message, "finish_reason": "stop"}]  # type: ignore[assignment]
    usage = {"prompt_tokens": 90, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 64}}
    row: dict[str, object] = {
        "request_id": request_id,
        "call_type": "acompletion",
        "spend": 0.0003,
        "prompt_tokens": 90,
        "completion_tokens": 7,
        "total_tokens": 97,
        "startTime": begun,
        "endTime": "2025-06-01 10:00:02.500",
        "completionStartTime": "2025-06-01 10:00:00.400",
        "model": "gpt-4o-2024-08-06",
        "metadata": json.dumps({"usage_object": usage}),
        "request_tags": json.dumps(["User-Agent: curl/8", "order-status"]),
        "response": json.dumps(response),
        "session_id": "s-1",
        "status": "success",
        "proxy_server_request": json.dumps(asked),
    } | more
    names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("%s" for _ in row)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'INSERT INTO "LiteLLM_SpendLogs" ({names}) VALUES ({marks})', list(row.values()))


def test_a_litellm_proxy(database: str) -> None:
    run(database, LITELLM_TABLE)
    add_spend(database, "chatcmpl-2", "2025-06-01 10:00:01", call_type="aembedding")
    add_spend(database, "chatcmpl-1", "2025-06-01 10:00:00")
    first, second = read_foreign(database)
    assert (first["request_id"], second["request_id"]) == ("chatcmpl-1", "chatcmpl-2")  # as they came
    json.dumps([first, second])
    assert LITELLM.matches(first)
    sample = LITELLM.read(first)
    assert sample.request.messages == [{"role": "user", "content": "Where is my order?"}]
    assert sample.request.params == {"temperature": 0.2}
    assert sample.answer is not None
    assert sample.answer.text == "On its way."
    assert sample.metered.usage == Usage(input_tokens=26, cache_read_tokens=64, output_tokens=7)
    assert (sample.metered.cost_usd, sample.metered.latency_s, sample.metered.ttft_s) == (0.0003, 2.5, 0.4)
    assert sample.metered.at == datetime(2025, 6, 1, 10, tzinfo=UTC)
    assert (sample.use_case, sample.ids.session, sample.ids.response_id) == ("order-status", "s-1", "chatcmpl-1")


def fill_langfuse(url: str) -> None:
    run(
        url,
        LANGFUSE_TABLES,
        "INSERT INTO traces (id, project_id, name, user_id, session_id, tags) "
        "VALUES ('t1', 'p', 'checkout', 'u9', 'chat-7', '{beta,web}')",
        "INSERT INTO prompts VALUES ('pr1', 'p', 'order-lookup', 3)",
    )
    asked = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Order 7?"}]
    call = {"id": "call_1", "type": "function", "function": {"name": "find_order", "arguments": '{"id": 7}'}}
    came = {"role": "assistant", "content": None, "tool_calls": [call]}
    insert = (
        'INSERT INTO observations (id, trace_id, project_id, type, start_time, end_time, model, "modelParameters", '
        "input, output, prompt_tokens, completion_tokens, total_tokens, unit, calculated_total_cost, "
        "completion_start_time, parent_observation_id, prompt_id) "
        "VALUES (%s, 't1', 'p', %s, %s, '2024-05-01 09:00:03.250', %s, %s, %s, %s, 21, 9, 30, 'TOKENS', "
        "0.00042, '2024-05-01 09:00:01', %s, %s)"
    )
    params = json.dumps({"temperature": "0", "max_tokens": "inf"})
    with psycopg.connect(url, autocommit=True) as connection:
        texts = (params, json.dumps(asked), json.dumps(came))
        connection.execute(insert, ("o2", "GENERATION", "2024-05-01 09:00:00.500", "gpt-4o", *texts, "o1", "pr1"))
        connection.execute(insert, ("o1", "SPAN", "2024-05-01 09:00:00", *[None] * 6))


def test_langfuse_2(database: str) -> None:
    fill_langfuse(database)
    span, generation = read_foreign(database)
    json.dumps([span, generation])
    assert (span["id"], span["type"]) == ("o1", "SPAN")
    assert LANGFUSE.matches(generation)
    assert (generation["user_id"], generation["trace_tags"]) == ("u9", ["beta", "web"])
    sample = LANGFUSE.read(generation)
    assert [message["content"] for message in sample.request.messages] == ["Be brief.", "Order 7?"]
    assert sample.request.params == {"temperature": 0}
    assert sample.answer is not None
    assert sample.answer.tool_calls == (ToolCall(name="find_order", arguments='{"id": 7}'),)
    assert sample.metered.usage == Usage(input_tokens=21, output_tokens=9)
    assert (sample.metered.cost_usd, sample.metered.latency_s, sample.metered.ttft_s) == (0.00042, 2.75, 0.5)
    assert (sample.use_case, sample.ids.session) == ("order-lookup", "chat-7")
    assert (sample.ids.span, sample.ids.parent_span) == ("t1:o2", "t1:o1")


def test_an_older_langfuse_without_sessions_or_prompts(database: str) -> None:
    run(
        database,
        "CREATE TABLE traces (id TEXT PRIMARY KEY, name TEXT)",
        "CREATE TABLE observations "
        "(id TEXT, trace_id TEXT, type TEXT, start_time TIMESTAMP, parent_observation_id TEXT)",
        "INSERT INTO traces VALUES ('t', 'search')",
        "INSERT INTO observations VALUES ('o', 't', 'GENERATION', '2023-09-01', NULL), "
        "('lost', 'no such trace', 'SPAN', '2023-09-02', NULL)",
    )
    rows = list(read_foreign(database))
    assert [(row["id"], row["trace_name"]) for row in rows] == [("o", "search"), ("lost", None)]


def test_the_schema_of_a_prisma_url(database: str) -> None:
    table = LITELLM_TABLE.replace('TABLE "', 'TABLE gateway."')
    run(database, "CREATE SCHEMA gateway", table)
    with psycopg.connect(database, autocommit=True, options="-c search_path=gateway") as connection:
        connection.execute(
            'INSERT INTO "LiteLLM_SpendLogs" (request_id, call_type, "startTime", "endTime") '
            "VALUES ('r', 'acompletion', now(), now())"
        )
    joint = "&" if "?" in database else "?"
    (row,) = read_foreign(f"{database}{joint}schema=gateway&connection_limit=5&pgbouncer=true")
    assert row["request_id"] == "r"
    with pytest.raises(BadInput, match="LiteLLM_SpendLogs"):
        next(read_foreign(database))


def test_rows_are_streamed_and_nothing_is_left_open(database: str) -> None:
    run(
        database,
        LITELLM_TABLE,
        'INSERT INTO "LiteLLM_SpendLogs" (request_id, call_type, "startTime", "endTime") '
        "SELECT 'r' || n, 'acompletion', timestamp '2025-01-01' + n * interval '1 second', now() "
        "FROM generate_series(1, 2500) AS n",
    )
    assert sum(1 for _ in read_foreign(database)) == 2500
    rows: Iterator[dict[str, object]] = read_foreign(database)
    assert next(rows)["request_id"] == "r1"
    others = "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(database) as connection:
        assert connection.execute(others).fetchall() == [("idle in transaction",)]
    rows.close()  # type: ignore[attr-defined]
    with psycopg.connect(database) as connection:
        assert connection.execute(others).fetchall() == []


def test_nothing_can_be_written(database: str) -> None:
    run(
        database,
        "CREATE TABLE reads (request_id TEXT)",
        "CREATE FUNCTION note() RETURNS TEXT LANGUAGE sql AS $$INSERT INTO reads VALUES ('r') RETURNING request_id$$",
        'CREATE VIEW "LiteLLM_SpendLogs" AS SELECT note() AS request_id, now() AS "startTime"',
    )
    with pytest.raises(StoreError, match="read-only transaction"):
        next(read_foreign(database))


@pytest.mark.parametrize("tables", [LITELLM_TABLE, LANGFUSE_TABLES])
def test_empty_tables_say_where_the_rows_may_be(database: str, tables: str) -> None:
    run(database, tables)
    with pytest.raises(BadInput, match="ClickHouse"):
        next(read_foreign(database))


def test_a_database_of_something_else_names_the_tables_looked_for(database: str) -> None:
    run(database, "CREATE TABLE orders (id INTEGER)")
    with pytest.raises(BadInput) as caught:
        next(read_foreign(database))
    assert all(name in str(caught.value) for name in ("LiteLLM_SpendLogs", "observations", "traces", name_of(database)))


def test_a_user_who_may_not_read(database: str) -> None:
    role = f"guest_{uuid4().hex}"
    run(database, LITELLM_TABLE, f"CREATE ROLE {role} LOGIN PASSWORD '{SECRET}'")
    url = make_url(database).set(username=role, password=SECRET).render_as_string(hide_password=False)
    with pytest.raises(StoreError, match="permission denied") as caught:
        next(read_foreign(url))
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ann:{SECRET}@127.0.0.1:1/litellm",
        f"postgres://ann:{SECRET}@127.0.0.1:1/litellm?sslmode=disable",
        f"postgresql://127.0.0.1:1/litellm?user=ann&password={SECRET}",
        f"postgresql://ann:{SECRET}@no-such-host.invalid/litellm",
    ],
)
def test_no_connection(url: str) -> None:
    with pytest.raises(StoreError, match="can't be read") as caught:
        next(read_foreign(url))
    assert "litellm" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.passing


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ann:{SECRET}@more@host/litellm",
        f"postgresql://ann/b:{SECRET}@host/litellm",
        f"postgresql://ann:{SECRET}@host:port/litellm",
        f"postgresql://ann:{SECRET}@host",
        f"mysql://ann:{SECRET}@host/litellm",
        f"ann:{SECRET}@host/litellm",
        "",
    ],
)
def test_urls_that_mean_nothing_are_not_repeated(url: str) -> None:
    for use in (name_of, lambda url: next(read_foreign(url))):
        with pytest.raises(BadInput) as caught:
            use(url)
        assert SECRET not in str(caught.value)
        assert "ann" not in str(caught.value).split()


def test_names_for_display() -> None:
    assert name_of(f"postgresql://ann:{SECRET}@db.example:5433/litellm?schema=x") == "db.example:5433/litellm"
    assert name_of("postgres://ann@db.example/litellm") == "db.example/litellm"
    assert name_of("postgresql:///litellm?host=/var/run/postgresql") == "localhost/litellm"
    assert name_of("sqlite:///some/folder/spend.db") == "spend.db"


def test_sqlite_is_read_and_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "a b#c.db"
    with sqlite3.connect(path) as connection:
        connection.execute('CREATE TABLE "LiteLLM_SpendLogs" (request_id TEXT, "startTime" TEXT, messages JSON)')
        connection.execute("""INSERT INTO "LiteLLM_SpendLogs" VALUES ('r', '2025-01-01', '{"not": json')""")
    connection.close()
    before = path.read_bytes()
    assert list(read_foreign(f"sqlite:///{path}")) == [
        {"request_id": "r", "startTime": "2025-01-01", "messages": '{"not": json'}
    ]
    assert path.read_bytes() == before
    with pytest.raises(BadInput, match="not found"):
        next(read_foreign(f"sqlite:///{tmp_path / 'none.db'}"))
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "text.db").write_text("no database at all " * 100)
    with pytest.raises(StoreError, match=r"text\.db can't be read"):
        next(read_foreign(f"sqlite:///{tmp_path / 'text.db'}"))
