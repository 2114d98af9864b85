"""Version 3: answers of earlier runs are used again; load tests; several processes work on one run."""

from sqlalchemy import Connection, text

TYPES = {
    "sqlite": {"id": "id INTEGER", "moment": "DATETIME", "double": "DOUBLE"},
    "postgresql": {"id": "id SERIAL", "moment": "TIMESTAMP WITHOUT TIME ZONE", "double": "DOUBLE PRECISION"},
}

STATEMENTS = (
    "ALTER TABLE run ADD COLUMN repeated INTEGER",
    "ALTER TABLE run ADD COLUMN fresh BOOLEAN",
    "ALTER TABLE run ADD COLUMN clock TEXT",
    "ALTER TABLE run ADD COLUMN notices JSON",
    "ALTER TABLE generation ADD COLUMN call_digest VARCHAR",
    "ALTER TABLE generation ADD COLUMN reused BOOLEAN",
    "CREATE INDEX ix_generation_call_digest ON generation (call_digest)",
    """
CREATE TABLE load_test (
    {id} NOT NULL,
    study_id INTEGER NOT NULL,
    model_id INTEGER NOT NULL,
    status VARCHAR(32) NOT NULL,
    wanted VARCHAR(32),
    stream BOOLEAN NOT NULL,
    max_ttft_p95_s {double},
    max_latency_p95_s {double},
    budget_usd {double},
    cost_usd {double},
    ended_because TEXT,
    created_at {moment} NOT NULL,
    finished_at {moment},
    CONSTRAINT pk_load_test PRIMARY KEY (id),
    CONSTRAINT fk_load_test_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE,
    CONSTRAINT fk_load_test_model_id_model FOREIGN KEY(model_id) REFERENCES model (id) ON DELETE CASCADE
)
""",
    "CREATE INDEX ix_load_test_study_id ON load_test (study_id)",
    "CREATE INDEX ix_load_test_model_id ON load_test (model_id)",
    """
CREATE TABLE load_step (
    load_test_id INTEGER NOT NULL,
    concurrency INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    wall_s {double} NOT NULL,
    requests_per_s {double} NOT NULL,
    output_tokens_per_s {double},
    goodput_per_s {double} NOT NULL,
    ttft_p50_s {double},
    ttft_p95_s {double},
    tpot_p50_s {double},
    latency_p50_s {double},
    latency_p95_s {double},
    loop_lag_p99_s {double},
    within_limits BOOLEAN NOT NULL,
    CONSTRAINT pk_load_step PRIMARY KEY (load_test_id, concurrency),
    CONSTRAINT fk_load_step_load_test_id_load_test FOREIGN KEY(load_test_id)
        REFERENCES load_test (id) ON DELETE CASCADE
)
""",
    """
CREATE TABLE worker (
    owner VARCHAR NOT NULL,
    run_id INTEGER,
    outstanding_usd {double} NOT NULL,
    beat_at {moment} NOT NULL,
    CONSTRAINT pk_worker PRIMARY KEY (owner),
    CONSTRAINT fk_worker_run_id_run FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE
)
""",
    "CREATE INDEX ix_worker_run_id ON worker (run_id)",
    """
CREATE TABLE provider (
    name VARCHAR NOT NULL,
    held_until {moment},
    CONSTRAINT pk_provider PRIMARY KEY (name)
)
""",
)


def lift(connection: Connection) -> None:
    """From version 2 to 3."""
    for statement in STATEMENTS:
        connection.execute(text(statement.format(**TYPES[connection.dialect.name])))
    connection.execute(text("UPDATE run SET notices = '[]'"))
