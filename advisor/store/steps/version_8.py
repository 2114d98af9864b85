"""Version 8: what was stored in words is stored in codes.

Decisions are derived from what else is stored and worded when they are shown: they are made again when shown.
"""

from sqlalchemy import Connection, text

from advisor.store.steps import version_8_jobs, version_8_load_tests, version_8_prices, version_8_scores


def lift(connection: Connection) -> None:
    """From version 7 to 8."""
    connection.execute(text("DELETE FROM recommendation"))
    version_8_prices.lift(connection)
    version_8_jobs.lift(connection)
    version_8_load_tests.lift(connection)
    version_8_scores.lift(connection)
