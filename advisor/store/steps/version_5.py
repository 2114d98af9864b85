"""Version 5: what a run was planned with."""

from sqlalchemy import Connection, text


def lift(connection: Connection) -> None:
    """From version 4 to 5."""
    connection.execute(text("ALTER TABLE run ADD COLUMN frozen JSON"))
