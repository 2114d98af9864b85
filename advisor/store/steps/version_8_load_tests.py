"""Version 8: how a load test ended is stored in codes; the words of earlier versions are kept as they are."""

import json

from sqlalchemy import Connection, column, select, table, update


def lift(connection: Connection) -> None:
    """Each reason becomes the code ``other`` with its text."""
    tests = table("load_test", column("id"), column("ended_because"))
    ended = select(tests.c.id, tests.c.ended_because).where(tests.c.ended_because.is_not(None))
    for id_, words in connection.execute(ended).all():
        message = json.dumps({"code": "other", "values": {"error": words}})
        connection.execute(update(tests).where(tests.c.id == id_).values(ended_because=message))
