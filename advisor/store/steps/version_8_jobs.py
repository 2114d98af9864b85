"""How far a job is becomes numbers; the words of jobs that have ended are shown nowhere."""

from sqlalchemy import Connection, text

STATEMENTS = (
    "ALTER TABLE job DROP COLUMN progress",
    "ALTER TABLE job ADD COLUMN phase VARCHAR(32)",
    "ALTER TABLE job ADD COLUMN subject VARCHAR",
    "ALTER TABLE job ADD COLUMN done BIGINT",
    "ALTER TABLE job ADD COLUMN total BIGINT",
)


def lift(connection: Connection) -> None:
    """From version 7 to 8."""
    for statement in STATEMENTS:
        connection.execute(text(statement))
