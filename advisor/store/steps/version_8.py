"""Version 8: what was stored in words is stored in codes.

Decisions are derived from what else is stored and worded when they are shown: they are made again when shown.
"""

import json
import re

from sqlalchemy import ColumnClause, Connection, column, select, table, text, update

JOB = (
    "ALTER TABLE job DROP COLUMN progress",
    "ALTER TABLE job ADD COLUMN phase VARCHAR(32)",
    "ALTER TABLE job ADD COLUMN subject VARCHAR",
    "ALTER TABLE job ADD COLUMN done BIGINT",
    "ALTER TABLE job ADD COLUMN total BIGINT",
)
"""How far a job is becomes numbers; the words of jobs that have ended are shown nowhere."""
_SOURCE = re.compile(
    r"(?P<list>"
    r"(?P<log>as logged)|(?P<contract>price given for this study)|(?P<builtin>runs on this machine)"
    r"|genai-prices (?P<genai_prices>\S+|of \S+ \(\w+\))"
    r"|litellm (?P<litellm>\S+) price list|litellm price list (?P<litellm_copy>of \S+ \(\w+\))"
    r"|own price list, checked (?P<override>\S+) \((?P<note>.+?)\)"
    r"|model-prices (?P<model_prices>\S+ \(of \S+\))"
    r")(, (?P<tier>(?!us\b)[a-z_]+))?( \(current price\))?(, (?P<geography>us))?"
    r"(?P<cache_1h>, with a cache kept an hour)?(?P<text_only>, without what is billed beside text)?"
)
_VERSIONED = ("genai_prices", "litellm", "litellm_copy", "override", "model_prices")


def lift(connection: Connection) -> None:
    """From version 7 to 8."""
    connection.execute(text("DELETE FROM recommendation"))
    for statement in JOB:
        connection.execute(text(statement))
    lift_prices(connection)
    lift_load_tests(connection)
    lift_scores(connection)


def lift_prices(connection: Connection) -> None:
    """Where a price comes from; a text that can't be read becomes the note of its code."""
    for name in ("sample", "generation"):
        source: ColumnClause[str] = column("price_source")
        priced = table(name, source)
        stored = connection.scalars(select(source).select_from(priced).where(source.is_not(None)).distinct())
        for words in list(stored):
            connection.execute(update(priced).where(source == words).values(price_source=code_of(words)))


def code_of(words: str) -> str:
    """The code of a source that was stored in words."""
    found = _SOURCE.fullmatch(words)
    if found is None:
        return _json({"origin": "other", "note": words})
    version = next((name for name in _VERSIONED if found[name]), None)
    origin = version or next(name for name in ("log", "contract", "builtin") if found[name])
    fields = {"origin": origin.removesuffix("_copy"), "version": found[version] if version else None}
    fields |= {name: found[name] for name in ("tier", "geography", "note")}
    fields |= {name: bool(found[name]) for name in ("cache_1h", "text_only")}
    return _json({name: value for name, value in fields.items() if value})


def _json(fields: dict[str, object]) -> str:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"))


def lift_load_tests(connection: Connection) -> None:
    """Why a load test ended becomes the code ``other`` with its text."""
    tests = table("load_test", column("id"), column("ended_because"))
    ended = select(tests.c.id, tests.c.ended_because).where(tests.c.ended_because.is_not(None))
    for id_, words in connection.execute(ended).all():
        message = json.dumps({"code": "other", "values": {"error": words}})
        connection.execute(update(tests).where(tests.c.id == id_).values(ended_because=message))


STATEMENTS = (
    "ALTER TABLE score RENAME COLUMN explanation TO reason",
    "ALTER TABLE score ADD COLUMN code VARCHAR",
    "ALTER TABLE score ADD COLUMN details JSON",
    "UPDATE judgement SET reason = '' WHERE reason = 'unreadable verdict' AND NOT parsed",
)


def lift_scores(connection: Connection) -> None:
    """Explanations stay in their words; the next decision scores the run again, and finds codes."""
    for statement in STATEMENTS:
        connection.execute(text(statement))
    # What could not be checked is told by each run.
    runs = connection.execute(text("SELECT id, scored_with FROM run WHERE scored_with IS NOT NULL")).all()
    for id_, stored in runs:
        with_what = json.loads(stored) if isinstance(stored, str) else stored
        if isinstance(with_what, dict) and with_what.get("unchecked"):
            with_what["unchecked"] = [
                [*facts, [["not_checked", [reason], 0]]] for *facts, reason in with_what["unchecked"]
            ]
            values = {"id": id_, "scored_with": json.dumps(with_what)}
            connection.execute(text("UPDATE run SET scored_with = :scored_with WHERE id = :id"), values)
