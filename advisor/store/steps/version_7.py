"""Version 7: evidence follows the answer that it is about."""

from sqlalchemy import Connection, text

STATEMENTS: tuple[str, ...] = ("ALTER TABLE model ADD COLUMN confirmed_key VARCHAR",)


def lift(connection: Connection) -> None:
    """From version 6 to 7."""
    for statement in STATEMENTS:
        connection.execute(text(statement))
