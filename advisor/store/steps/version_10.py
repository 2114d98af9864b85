"""Version 10: judges' votes that can't be read are no longer ties, and runs keep what deleted models had cost.

Studies keep what models of the log cost that no list has, and when their report was shared. New are tables of
scenarios, steps and tasks of the plan, notes on pairs, facts about the company, business cases, narratives, totals and
grounds.
"""

from sqlalchemy import Connection, text

TIME = {"sqlite": "DATETIME", "postgresql": "TIMESTAMP WITHOUT TIME ZONE"}
NUMBER = {"sqlite": "DOUBLE", "postgresql": "DOUBLE PRECISION"}

_UNREAD = """SELECT g.id FROM generation g JOIN judgement j ON j.run_id = g.run_id AND j.sample_id = g.sample_id
    AND j.judge_id = g.model_id AND j.model_id = g.about_model_id AND j.candidate_first = g.candidate_first
    WHERE g.about = 'pair' AND g.failure IS NULL AND NOT j.parsed"""
UNREAD_VOTES = (
    f"CREATE TEMPORARY TABLE unread AS {_UNREAD}",
    "DELETE FROM generation_text WHERE generation_id IN (SELECT id FROM unread)",
    """UPDATE generation SET failure = 'unreadable', attempts = 1, error = 'Can''t read the judge''s reply.'
    WHERE id IN (SELECT id FROM unread)""",
    "DROP TABLE unread",
)
"""A vote that can't be read counted as a tie; it is a failed call that can be made again."""


def lift(connection: Connection) -> None:
    """From version 9 to 10."""
    dialect = connection.dialect.name
    connection.execute(text(f"ALTER TABLE study ADD COLUMN shared_at {TIME[dialect]}"))
    connection.execute(text("ALTER TABLE study ADD COLUMN name_prices JSON"))
    for column in ("removed_usd", "removed_judge_usd"):
        connection.execute(text(f"ALTER TABLE run ADD COLUMN {column} {NUMBER[dialect]}"))
    for statement in UNREAD_VOTES:
        connection.execute(text(statement))
