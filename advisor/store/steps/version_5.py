"""Version 5: what a run was planned with; own prices of cached input."""

from sqlalchemy import Connection, inspect, text

REAL = {"sqlite": "DOUBLE", "postgresql": "DOUBLE PRECISION"}
CACHE_PRICES = ("cache_read_price_usd_per_mtok", "cache_write_price_usd_per_mtok")


def lift(connection: Connection) -> None:
    """From version 4 to 5. Some databases of version 4 have the prices already."""
    connection.execute(text("ALTER TABLE run ADD COLUMN frozen JSON"))
    there = {column["name"] for column in inspect(connection).get_columns("model")}
    for price in CACHE_PRICES:
        if price not in there:
            connection.execute(text(f"ALTER TABLE model ADD COLUMN {price} {REAL[connection.dialect.name]}"))
