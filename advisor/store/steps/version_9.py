"""Version 9: a study counts its changes."""

from sqlalchemy import Connection, text

COUNTERS = ("revision", "setup_revision")


def lift(connection: Connection) -> None:
    """From version 8 to 9."""
    for counter in COUNTERS:
        connection.execute(text(f"ALTER TABLE study ADD COLUMN {counter} INTEGER DEFAULT 0 NOT NULL"))
