"""The tables of version 2 that version 1 lacks or has otherwise, in the words of both databases."""

TYPES = {
    "sqlite": {"id": "id INTEGER", "moment": "DATETIME", "double": "DOUBLE"},
    "postgresql": {"id": "id SERIAL", "moment": "TIMESTAMP WITHOUT TIME ZONE", "double": "DOUBLE PRECISION"},
}

NEW_TABLES = (
    """
CREATE TABLE sample_group (
    {id} NOT NULL,
    study_id INTEGER NOT NULL,
    use_case_id INTEGER,
    "key" VARCHAR NOT NULL,
    label VARCHAR,
    template TEXT NOT NULL,
    shape VARCHAR(32) NOT NULL,
    CONSTRAINT pk_sample_group PRIMARY KEY (id),
    CONSTRAINT uq_sample_group_study_id_key UNIQUE (study_id, "key"),
    CONSTRAINT fk_sample_group_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE,
    CONSTRAINT fk_sample_group_use_case_id_use_case FOREIGN KEY(use_case_id) REFERENCES use_case (id) ON DELETE CASCADE
)
""",
    "CREATE INDEX ix_sample_group_use_case_id ON sample_group (use_case_id)",
    """
CREATE TABLE use_case_edit (
    {id} NOT NULL,
    study_id INTEGER NOT NULL,
    at {moment} NOT NULL,
    what TEXT NOT NULL,
    "before" JSON NOT NULL,
    CONSTRAINT pk_use_case_edit PRIMARY KEY (id),
    CONSTRAINT fk_use_case_edit_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
)
""",
    "CREATE INDEX ix_use_case_edit_study_id ON use_case_edit (study_id)",
    """
CREATE TABLE preset (
    {id} NOT NULL,
    name VARCHAR NOT NULL,
    headers JSON NOT NULL,
    columns JSON NOT NULL,
    CONSTRAINT pk_preset PRIMARY KEY (id),
    CONSTRAINT uq_preset_name UNIQUE (name)
)
""",
    """
CREATE TABLE traffic (
    {id} NOT NULL,
    log_id INTEGER NOT NULL,
    hour {moment},
    group_id INTEGER NOT NULL,
    model VARCHAR,
    first_at {moment},
    last_at {moment},
    calls INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    not_replayable INTEGER NOT NULL,
    with_answer INTEGER NOT NULL,
    with_target INTEGER NOT NULL,
    with_usage INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    priced INTEGER NOT NULL,
    cost_usd {double} NOT NULL,
    CONSTRAINT pk_traffic PRIMARY KEY (id),
    CONSTRAINT fk_traffic_log_id_log FOREIGN KEY(log_id) REFERENCES log (id) ON DELETE CASCADE,
    CONSTRAINT fk_traffic_group_id_sample_group FOREIGN KEY(group_id) REFERENCES sample_group (id) ON DELETE CASCADE
)
""",
    "CREATE INDEX ix_traffic_group_id ON traffic (group_id)",
    "CREATE INDEX ix_traffic_log_id ON traffic (log_id)",
)
"""With places for TYPES."""

_FACTS = (
    "external_id, session, model, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens"
    ", reasoning_tokens, logged_cost_usd, cost_usd, price_source, latency_s, ttft_s, at, has_answer"
    ", has_target, error, not_replayable"
)

SQLITE_CHANGES = (
    """
CREATE TABLE new_log (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    study_id INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    format VARCHAR NOT NULL,
    redacted BOOLEAN NOT NULL,
    rows INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    duplicates INTEGER NOT NULL,
    not_replayable INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    redactions JSON NOT NULL,
    imported_at DATETIME NOT NULL,
    complete BOOLEAN NOT NULL,
    fingerprint VARCHAR NOT NULL,
    CONSTRAINT fk_log_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
)
""",
    "INSERT INTO new_log SELECT id, study_id, name, format, redacted, rows, accepted, duplicates, not_replayable,"
    " rejected, redactions, imported_at, complete, '' FROM log",
    "DELETE FROM sqlite_sequence WHERE name = 'new_log'",
    # A number that a deleted log had is never given again.
    "INSERT INTO sqlite_sequence (name, seq) SELECT 'new_log', seq FROM sqlite_sequence WHERE name = 'log'",
    "DROP TABLE log",
    "ALTER TABLE new_log RENAME TO log",
    "CREATE INDEX ix_log_study_id ON log (study_id)",
    """
CREATE TABLE new_use_case (
    id INTEGER NOT NULL,
    study_id INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    description TEXT NOT NULL,
    kind VARCHAR(32) NOT NULL,
    endpoint VARCHAR(32),
    margin DOUBLE,
    ignored BOOLEAN NOT NULL,
    CONSTRAINT pk_use_case PRIMARY KEY (id),
    CONSTRAINT uq_use_case_study_id_name UNIQUE (study_id, name),
    CONSTRAINT fk_use_case_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
)
""",
    "INSERT INTO new_use_case SELECT id, study_id, name, '', kind, endpoint, margin, ignored FROM use_case",
    "DROP TABLE use_case",
    "ALTER TABLE new_use_case RENAME TO use_case",
    "CREATE INDEX ix_use_case_study_id ON use_case (study_id)",
    """
CREATE TABLE new_sample (
    id INTEGER NOT NULL,
    study_id INTEGER NOT NULL,
    log_id INTEGER NOT NULL,
    group_id INTEGER NOT NULL,
    digest VARCHAR NOT NULL,
    request_digest VARCHAR NOT NULL,
    near_digest VARCHAR NOT NULL,
    external_id VARCHAR,
    session VARCHAR,
    model VARCHAR,
    input_tokens INTEGER,
    cache_read_tokens INTEGER,
    cache_write_tokens INTEGER,
    output_tokens INTEGER,
    reasoning_tokens INTEGER,
    logged_cost_usd DOUBLE,
    cost_usd DOUBLE,
    price_source VARCHAR,
    latency_s DOUBLE,
    ttft_s DOUBLE,
    at DATETIME,
    has_answer BOOLEAN NOT NULL,
    has_target BOOLEAN NOT NULL,
    error TEXT,
    not_replayable TEXT,
    CONSTRAINT pk_sample PRIMARY KEY (id),
    CONSTRAINT uq_sample_study_id_digest UNIQUE (study_id, digest),
    CONSTRAINT fk_sample_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE,
    CONSTRAINT fk_sample_log_id_log FOREIGN KEY(log_id) REFERENCES log (id) ON DELETE CASCADE,
    CONSTRAINT fk_sample_group_id_sample_group FOREIGN KEY(group_id) REFERENCES sample_group (id) ON DELETE CASCADE
)
""",
    "INSERT INTO new_sample SELECT id, sample.study_id, log_id, restated.group_id, restated.digest,"  # noqa: S608
    f" restated.request_digest, restated.near_digest, {_FACTS} FROM sample JOIN restated ON sample_id = id ORDER BY id",
    "DROP TABLE sample",
    "ALTER TABLE new_sample RENAME TO sample",
    "CREATE INDEX ix_sample_log_id ON sample (log_id)",
    "CREATE INDEX ix_sample_group_id ON sample (group_id)",
    "ALTER TABLE job ADD COLUMN wanted VARCHAR(32)",
)
"""SQLite can neither drop a foreign key nor add a column that must be filled: such tables are made anew."""

POSTGRESQL_CHANGES = (
    "ALTER TABLE log ADD COLUMN fingerprint VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE log ALTER COLUMN fingerprint DROP DEFAULT",
    "ALTER TABLE use_case DROP COLUMN source_names",
    "ALTER TABLE use_case ADD COLUMN description TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE use_case ALTER COLUMN description DROP DEFAULT",
    "DROP INDEX ix_sample_study_id_use_case_id",
    "ALTER TABLE sample DROP COLUMN use_case_id, ADD COLUMN group_id INTEGER, ADD COLUMN near_digest VARCHAR",
    "UPDATE sample SET group_id = restated.group_id, digest = restated.digest,"
    " request_digest = restated.request_digest, near_digest = restated.near_digest"
    " FROM restated WHERE restated.sample_id = sample.id",
    "ALTER TABLE sample ALTER COLUMN group_id SET NOT NULL, ALTER COLUMN near_digest SET NOT NULL,"
    " ADD CONSTRAINT fk_sample_group_id_sample_group FOREIGN KEY (group_id)"
    " REFERENCES sample_group (id) ON DELETE CASCADE",
    "CREATE INDEX ix_sample_group_id ON sample (group_id)",
    "ALTER TABLE job ADD COLUMN wanted VARCHAR(32)",
)
