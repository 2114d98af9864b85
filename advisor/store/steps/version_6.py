"""Version 6: the traffic of calls that failed is summed up apart from that of answers.

Older programs put both into one row, so that what a failed call cost hid an answer without a cost. Logs with such rows
are counted anew.
"""

from sqlalchemy import Connection, text

MIXED = "SELECT DISTINCT log_id FROM traffic WHERE failed > 0 AND failed < calls ORDER BY log_id"
HOUR = {"sqlite": "substr(sample.at, 1, 13) || ':00:00.000000'", "postgresql": "date_trunc('hour', sample.at)"}
ROLL_UP = """
INSERT INTO traffic (
    log_id, hour, group_id, model, first_at, last_at, calls, failed, not_replayable, with_answer, with_target,
    with_usage, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens, priced, cost_usd
)
SELECT
    log_id, {hour}, group_id, model, min(at), max(at), count(*), count(error), count(not_replayable),
    sum(CAST(has_answer AS INTEGER)), sum(CAST(has_target AS INTEGER)), count(input_tokens),
    coalesce(sum(input_tokens), 0), coalesce(sum(cache_read_tokens), 0), coalesce(sum(cache_write_tokens), 0),
    coalesce(sum(output_tokens), 0), coalesce(sum(reasoning_tokens), 0), count(cost_usd),
    coalesce(sum(cost_usd), 0.0)
FROM sample WHERE log_id = :log GROUP BY 1, 2, 3, 4, error IS NOT NULL
"""


def lift(connection: Connection) -> None:
    """From version 5 to 6."""
    roll_up = text(ROLL_UP.format(hour=HOUR[connection.dialect.name]))
    for log_id in connection.scalars(text(MIXED)).all():
        connection.execute(text("DELETE FROM traffic WHERE log_id = :log"), {"log": log_id})
        connection.execute(roll_up, {"log": log_id})
