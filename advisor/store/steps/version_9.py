"""Version 9: a study counts its changes, and what a judge's call is about has columns of its own."""

from typing import Any

from sqlalchemy import Connection, inspect, text

COUNTERS = ("revision", "answers_revision", "setup_revision")
PARTS = {
    "about": "VARCHAR(32)",
    "about_model_id": "INTEGER",
    "candidate_first": "BOOLEAN",
    "rubric": "INTEGER",
    "control": "VARCHAR(32)",
    "task": "INTEGER",
    "prompt": "VARCHAR",
}
"""Of a subject, and their types."""
NAMES = ", ".join(PARTS)
KEY = f"CONSTRAINT uq_generation_call UNIQUE (run_id, sample_id, lane, model_id, epoch, {NAMES})"
KEPT = (
    "id, run_id, sample_id, lane, model_id, epoch, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, "
    "reasoning_tokens, cost_usd, price_source, ttft_s, latency_s, waited_s, attempts, failure, error, finish_reason, "
    "dropped_params, at, call_digest, reused"
)
REBUILD = (  # SQLite can't change the key of a table
    f"""CREATE TABLE new_generation (
        id INTEGER NOT NULL, run_id INTEGER NOT NULL, sample_id INTEGER NOT NULL, lane VARCHAR(32) NOT NULL,
        model_id INTEGER NOT NULL, epoch INTEGER NOT NULL,
        {", ".join(f"{name} {type_} NOT NULL" for name, type_ in PARTS.items())},
        input_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER, output_tokens INTEGER,
        reasoning_tokens INTEGER, cost_usd DOUBLE, price_source VARCHAR, ttft_s DOUBLE, latency_s DOUBLE,
        waited_s DOUBLE NOT NULL, attempts INTEGER NOT NULL, failure VARCHAR(32), error TEXT, finish_reason VARCHAR,
        dropped_params VARCHAR, at DATETIME NOT NULL, call_digest VARCHAR, reused BOOLEAN,
        CONSTRAINT pk_generation PRIMARY KEY (id),
        {KEY},
        CONSTRAINT fk_generation_run_id_run FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE,
        CONSTRAINT fk_generation_sample_id_sample FOREIGN KEY(sample_id) REFERENCES sample (id) ON DELETE CASCADE,
        CONSTRAINT fk_generation_model_id_model FOREIGN KEY(model_id) REFERENCES model (id) ON DELETE CASCADE
    )""",
    f"INSERT INTO new_generation ({KEPT}, {NAMES}) "  # noqa: S608 - no input
    f"SELECT {KEPT}, {NAMES} FROM generation JOIN old_subject ON written = subject",
    "DROP TABLE generation",
    "ALTER TABLE new_generation RENAME TO generation",
    "CREATE INDEX ix_generation_call_digest ON generation (call_digest)",
    "CREATE INDEX ix_generation_model_id ON generation (model_id)",
    "CREATE INDEX ix_generation_run_id_lane_model_id ON generation (run_id, lane, model_id)",
    "CREATE INDEX ix_generation_sample_id ON generation (sample_id)",
)
ALTER = (
    *(f"ALTER TABLE generation ADD COLUMN {name} {type_}" for name, type_ in PARTS.items()),
    f"UPDATE generation SET {', '.join(f'{name} = old_subject.{name}' for name in PARTS)} "  # noqa: S608 - no input
    "FROM old_subject WHERE written = subject",
    *(f"ALTER TABLE generation ALTER COLUMN {name} SET NOT NULL" for name in PARTS),
    "ALTER TABLE generation DROP COLUMN subject",  # and with it the old key
    f"ALTER TABLE generation ADD {KEY}",
)
FILL = """
    UPDATE run SET repeated = coalesce(repeated, 0), fresh = coalesce(fresh, FALSE), audited = coalesce(audited, 0),
    early_stop = coalesce(early_stop, FALSE), notices = '[]'
"""
"""Options that an earlier version had not; notices are of the moment."""
ABOUT = ("repeat", "audit", "control")
CONTROLS = ("truncated", "entity", "claim", "padded", "injected")


def lift(connection: Connection) -> None:
    """From version 8 to 9."""
    for counter in COUNTERS:
        connection.execute(text(f"ALTER TABLE study ADD COLUMN {counter} INTEGER DEFAULT 0 NOT NULL"))
    connection.execute(text(FILL))
    types = ", ".join(f"{name} {type_}" for name, type_ in PARTS.items())
    connection.execute(text(f"CREATE TABLE old_subject (written VARCHAR PRIMARY KEY, {types})"))
    written = connection.scalars(text("SELECT DISTINCT subject FROM generation")).all()
    if written:
        places = ", ".join(f":{name}" for name in PARTS)
        add = text(f"INSERT INTO old_subject (written, {NAMES}) VALUES (:written, {places})")  # noqa: S608 - no input
        connection.execute(add, [{"written": each, **parts_of(each)} for each in written])
    for statement in REBUILD if connection.dialect.name == "sqlite" else ALTER:
        connection.execute(text(statement))
    connection.execute(text("DROP TABLE old_subject"))
    if inspect(connection).has_table("procrastinate_jobs"):  # calls that wait, as they were written; they wait again
        connection.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'replay'"))


def parts_of(subject: str) -> dict[str, Any]:
    """The columns of ``7:candidate:r3``, ``+audit:7``, ``+control:truncated:candidate:p2`` and their like."""
    parts = dict(zip(PARTS, ("sample", 0, True, 0, "", 0, ""), strict=True))
    if not subject:
        return parts
    who, *rest = subject.split(":")
    about = who.removeprefix("+")
    if about == "audit":
        return parts | {"about": about, "about_model_id": int(rest[0])}
    if about in CONTROLS:  # as 0.5.0 wrote it
        rest.insert(0, about)
        about = "control"
    if about == "control":
        parts["control"] = rest.pop(0)
    first, *marks = rest
    marked = {mark[0]: mark[1:] for mark in marks}
    return parts | {
        "about": "pair" if who == about and about.isdigit() else about if about in ABOUT else "other",
        "about_model_id": int(about) if about.isdigit() else 0,
        "candidate_first": first == "candidate",
        "rubric": int(marked.get("r", 0)),
        "task": int(marked.get("s", 0)),
        "prompt": marked.get("p", ""),
    }
