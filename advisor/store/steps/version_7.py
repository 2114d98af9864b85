"""Version 7: evidence follows the answer that it is about.

A reused answer has the times of the answer that it is a copy of: the one of the same digest and the same moment.
Requests are the same only with the same tools and parameters.
"""

from sqlalchemy import Connection, text

from advisor.store.steps.version_7_digests import restate_requests

COPIED = ("ttft_s", "latency_s", "waited_s")
OF_SOURCE = """(
    SELECT max(source.{column}) FROM generation AS source
    WHERE source.call_digest = generation.call_digest AND source.at = generation.at AND source.latency_s IS NOT NULL
)"""
COPY_TIMES = (
    f"UPDATE generation SET {', '.join(f'{column} = {OF_SOURCE.format(column=column)}' for column in COPIED)} "  # noqa: S608 - no input
    f"WHERE reused AND latency_s IS NULL AND {OF_SOURCE.format(column='latency_s')} IS NOT NULL"
)
STATEMENTS = (
    "ALTER TABLE model ADD COLUMN confirmed_key VARCHAR",
    "ALTER TABLE study ADD COLUMN deleted BOOLEAN",
    "CREATE INDEX ix_run_sample_sample_id ON run_sample (sample_id)",
    "ALTER TABLE run ADD COLUMN quoted JSON",
    "ALTER TABLE run_sample ADD COLUMN input_tokens INTEGER",
    "ALTER TABLE run_sample ADD COLUMN output_tokens INTEGER",
    COPY_TIMES,
)


def lift(connection: Connection) -> None:
    """From version 6 to 7."""
    for statement in STATEMENTS:
        connection.execute(text(statement))
    restate_requests(connection)
