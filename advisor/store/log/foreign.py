"""Databases as logs: a LiteLLM proxy's spend log, the observations of Langfuse 2, MongoDB and BigQuery.

Rows are streamed in read-only transactions; nothing is written. Errors name the host and the database, never the
user or the password.
"""

import warnings
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, TableClause, and_, column, create_engine, inspect, select, table
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SAWarning

from advisor.errors import BadInput, StoreError
from advisor.store.engine import check_password
from advisor.store.log.bigquery import read_table, table_name
from advisor.store.log.mongodb import collection_name, read_collection
from advisor.types import Json

SPEND_LOGS = "LiteLLM_SpendLogs"
OBSERVATIONS, TRACES, PROMPTS = "observations", "traces", "prompts"
_ROWS_AT_ONCE = 500
_CONNECT_S = 15
_OF_PRISMA = (
    "schema", "connection_limit", "pool_timeout", "pgbouncer", "socket_timeout", "statement_cache_size", "sslidentity",
    "sslpassword", "sslaccept", "single_use_connections",
)  # fmt: skip
_HANDED_DOWN = {"name": "trace_name", "user_id": "user_id", "session_id": "session_id", "tags": "trace_tags"}
_MONGODB = (read_collection, collection_name)
_OTHERS = {"mongodb": _MONGODB, "mongodb+srv": _MONGODB, "bigquery": (read_table, table_name)}
"""Scheme of the URL to what reads the rows and what names the place."""
_EXAMPLE = "postgresql://USER:PASSWORD@HOST/DATABASE"


def read_foreign(url: str) -> Iterator[dict[str, Json]]:
    """Every row of the logs in the database at ``url``.

    Raises BadInput, when the first row is asked for, for a URL that means nothing or a database without known tables or
    rows, and StoreError when it cannot be reached or read.
    """
    read, _ = _OTHERS.get(url.strip().partition("://")[0], (_read_tables, None))
    return read(url)


def name_of(url: str) -> str:
    """``host/database`` for display; the file's name for SQLite. Raises BadInput for a URL that means nothing."""
    _, name = _OTHERS.get(url.strip().partition("://")[0], (None, lambda url: _shown(_address(url))))
    return name(url)


def plain(value: Any) -> Json:
    """A value as JSON has it: decimals as numbers, times as text; those without a zone are UTC in all of them."""
    if value is None or isinstance(value, str | int | float | list | dict):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode(errors="replace")
    is_decimal = isinstance(value, Decimal) or hasattr(value, "to_decimal")  # MongoDB's
    return float(str(value)) if is_decimal else str(value)


def _read_tables(url: str) -> Iterator[dict[str, Json]]:
    """As the readers of LiteLLM and Langfuse take them."""
    address = _address(url)
    name = _shown(address)
    schema = address.query.get("schema")
    engine = _engine(address.difference_update_query(_OF_PRISMA), name)
    try:
        with engine.connect().execution_options(**_reading(engine)) as connection:
            is_empty = True
            for query in _queries(connection, schema if isinstance(schema, str) else None, name):
                with connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query) as rows:
                    for row in rows.mappings():
                        is_empty = False
                        yield {str(key): plain(value) for key, value in row.items()}
            if is_empty:
                raise BadInput(
                    f"The log tables of {name} are empty. Langfuse 3 and later keep observations in ClickHouse, not in "
                    "PostgreSQL: export the observations from Langfuse's page or its API and add the file. A LiteLLM "
                    "proxy writes its spend log unless disable_spend_logs is set."
                )
    except DBAPIError as error:
        raise StoreError(_refused(name, error, address), passing=isinstance(error, OperationalError)) from None
    finally:
        engine.dispose()


def _address(url: str) -> URL:
    try:
        address = make_url(url.strip())
    except (ArgumentError, ValueError):
        raise BadInput(f"This is not the URL of a database. Write it like {_EXAMPLE}.") from None
    if address.drivername.partition("+")[0] in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+psycopg")
    elif address.get_backend_name() != "sqlite":
        raise BadInput(f"LiteLLM and Langfuse keep their logs in PostgreSQL. Write the URL like {_EXAMPLE}.")
    if not address.database:
        raise BadInput(f"The URL names no database. Write it like {_EXAMPLE}.")
    check_password(address)
    return address


def _shown(address: URL) -> str:
    if address.get_backend_name() == "sqlite":
        return Path(address.database or "").name
    port = f":{address.port}" if address.port else ""
    return f"{address.host or 'localhost'}{port}/{address.database}"


def _engine(address: URL, name: str) -> Engine:
    if address.get_backend_name() != "sqlite":
        return create_engine(address, connect_args={"connect_timeout": _CONNECT_S})
    path = Path(address.database or "")
    if not path.is_file():
        raise BadInput(f"File {name} not found. Check the path in the URL.")
    read_only = URL.create("sqlite", database=f"{path.resolve().as_uri()}", query={"mode": "ro", "uri": "true"})
    return create_engine(read_only)


def _reading(engine: Engine) -> dict[str, Any]:
    """One snapshot of the database, and no way to change it."""
    if engine.dialect.name != "postgresql":
        return {}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _queries(connection: Connection, schema: str | None, name: str) -> list[Select[Any]]:
    """For the tables there are. Raises BadInput when there are none that are known."""
    found = inspect(connection)
    tables = {*found.get_table_names(schema=schema), *found.get_view_names(schema=schema)}
    queries: list[Select[Any]] = []
    if SPEND_LOGS in tables:
        spend = _table(connection, SPEND_LOGS, schema)
        queries.append(select(spend).order_by(spend.c["startTime"]))
    if {OBSERVATIONS, TRACES} <= tables:
        queries.append(_observations(connection, schema, has_prompts=PROMPTS in tables))
    if not queries:
        raise BadInput(
            f"{name} has no known log: neither the table {SPEND_LOGS!r} of a LiteLLM proxy nor the "
            f"tables {OBSERVATIONS!r} and {TRACES!r} of Langfuse. Check the database's name, and the schema in the URL "
            "(?schema=NAME) if the tool uses its own."
        )
    return queries


def _observations(connection: Connection, schema: str | None, *, has_prompts: bool) -> Select[Any]:
    """Observations with what their traces say of user, session, tags and name, and the name of the prompt used."""
    observation, trace = _table(connection, OBSERVATIONS, schema), _table(connection, TRACES, schema)
    same_trace = trace.c.id == observation.c.trace_id
    if "project_id" in trace.c and "project_id" in observation.c:
        same_trace = and_(same_trace, trace.c.project_id == observation.c.project_id)
    columns: list[Any] = [*observation.c]
    columns += [trace.c[key].label(label) for key, label in _HANDED_DOWN.items() if key in trace.c]
    source = observation.outerjoin(trace, same_trace)
    if has_prompts and "prompt_id" in observation.c:
        prompt = _table(connection, PROMPTS, schema)
        columns += [prompt.c.name.label("prompt_name"), prompt.c.version.label("prompt_version")]
        source = source.outerjoin(prompt, prompt.c.id == observation.c.prompt_id)
    return select(*columns).select_from(source).order_by(observation.c.start_time)


def _table(connection: Connection, name: str, schema: str | None) -> TableClause:
    """The table with the columns it has, which differ from version to version, and values as the driver gives them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # types of extensions, which do not matter here
        found = inspect(connection).get_columns(name, schema=schema)
    return table(name, *[column(each["name"]) for each in found], schema=schema)


def _refused(name: str, error: DBAPIError, address: URL) -> str:
    lines = str(error.orig).strip().splitlines()
    text = lines[0] if lines else type(error.orig).__name__
    secrets = [address.password, address.username]
    secrets += [
        str(value) for key, value in address.query.items() if key.lower() in ("password", "user", "sslpassword")
    ]
    for secret in secrets:
        text = text.replace(str(secret), "***") if secret else text
    return f"{name} can't be read: {text}. Check the address, the user's right to read, and that the server runs."
