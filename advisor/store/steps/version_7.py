"""Version 7: evidence follows the answer that it is about."""

from sqlalchemy import Connection, text

STATEMENTS: tuple[str, ...] = (
    "ALTER TABLE model ADD COLUMN confirmed_key VARCHAR",
    "ALTER TABLE study ADD COLUMN deleted BOOLEAN",
    "CREATE INDEX ix_run_sample_sample_id ON run_sample (sample_id)",
    "ALTER TABLE run ADD COLUMN quoted JSON",
    "ALTER TABLE run_sample ADD COLUMN input_tokens INTEGER",
    "ALTER TABLE run_sample ADD COLUMN output_tokens INTEGER",
)


def lift(connection: Connection) -> None:
    """From version 6 to 7."""
    for statement in STATEMENTS:
        connection.execute(text(statement))
