"""Version 4: rubrics, checks and matching by use case; early stopping; what scores were made with."""

from sqlalchemy import Connection, text

TYPES = {
    "sqlite": {"id": "id INTEGER", "moment": "DATETIME"},
    "postgresql": {"id": "id SERIAL", "moment": "TIMESTAMP WITHOUT TIME ZONE"},
}

STATEMENTS = (
    "ALTER TABLE use_case ADD COLUMN match JSON",
    "ALTER TABLE use_case ADD COLUMN checks JSON",
    "ALTER TABLE run ADD COLUMN early_stop BOOLEAN",
    "ALTER TABLE run ADD COLUMN audited INTEGER",
    "ALTER TABLE run ADD COLUMN settled JSON",
    "ALTER TABLE run ADD COLUMN resting VARCHAR(32)",
    "ALTER TABLE run ADD COLUMN spared INTEGER",
    "ALTER TABLE run ADD COLUMN scored_with JSON",
    "ALTER TABLE review ADD COLUMN picked BOOLEAN",
    """
CREATE TABLE rubric (
    {id} NOT NULL,
    use_case_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    questions JSON NOT NULL,
    created_at {moment} NOT NULL,
    CONSTRAINT pk_rubric PRIMARY KEY (id),
    CONSTRAINT uq_rubric_use_case_id_version UNIQUE (use_case_id, version),
    CONSTRAINT fk_rubric_use_case_id_use_case FOREIGN KEY(use_case_id) REFERENCES use_case (id) ON DELETE CASCADE
)
""",
    "CREATE INDEX ix_rubric_use_case_id ON rubric (use_case_id)",
)


def lift(connection: Connection) -> None:
    """From version 3 to 4."""
    for statement in STATEMENTS:
        connection.execute(text(statement.format(**TYPES[connection.dialect.name])))
