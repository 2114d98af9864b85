"""Version 2: samples are in groups, of which use cases are made; the traffic is summed up; digests are shorter.

Nothing that people see is lost. Only logs whose import was interrupted go, as the next import would have removed
them. What version 1 cannot tell any more:

- Which of the names of a merged use case a sample had: all its samples go to the group of its first name. The other
  names get groups without samples, so that the next log's rows under them find their use case.
- The provider's response id, where it was not the id of the row as well. Digests are made anew from what is stored,
  so that a log without response ids is recognised when it is imported again. One whose response ids are gone is not,
  nor is one that was redacted (digests were of the text as it came) or whose times were not in UTC: import those into
  a new study instead of importing them again.
"""

import json

from sqlalchemy import Connection, text

from advisor.store.steps.version_2_digests import Digests, occurrence_digest, restate
from advisor.store.steps.version_2_tables import NEW_TABLES, POSTGRESQL_CHANGES, SQLITE_CHANGES, TYPES

BATCH = 500


def lift(connection: Connection) -> None:
    """From version 1 to 2. On SQLite foreign keys must be off, else replacing a table deletes what belongs to it."""
    dialect = connection.dialect.name
    _forget_interrupted(connection)
    for statement in NEW_TABLES:
        connection.execute(text(statement.format(**TYPES[dialect])))
    _make_groups(connection)
    _restate_samples(connection)
    for statement in SQLITE_CHANGES if dialect == "sqlite" else POSTGRESQL_CHANGES:
        connection.execute(text(statement))
    connection.execute(text("DROP TABLE restated"))
    connection.execute(text(_ROLL_UP.format(hour=_HOUR[dialect])))


def _forget_interrupted(connection: Connection) -> None:
    logs = "SELECT id FROM log WHERE NOT complete"
    samples = f"SELECT id FROM sample WHERE log_id IN ({logs})"  # noqa: S608 - here and below: texts of our own
    unused = (
        f"study_id IN (SELECT study_id FROM log WHERE id IN ({logs}))"  # noqa: S608
        " AND NOT EXISTS (SELECT 1 FROM sample JOIN log ON log.id = sample.log_id"
        " WHERE sample.use_case_id = use_case.id AND log.complete)"
    )
    for table, where in (
        ("sample_text", f"sample_id IN ({samples})"),
        ("use_case", unused),
        ("sample", f"log_id IN ({logs})"),
        ("rejection", f"log_id IN ({logs})"),
        ("log", "NOT complete"),
    ):
        connection.execute(text(f"DELETE FROM {table} WHERE {where}"))  # noqa: S608


def _make_groups(connection: Connection) -> None:
    """A group for every name that a log gave to a use case, the first name's first."""
    query = "SELECT id, study_id, name, CAST(source_names AS TEXT) FROM use_case ORDER BY id"
    groups: dict[tuple[int, str], dict[str, object]] = {}
    for use_case_id, study_id, name, source_names in connection.execute(text(query)):
        has_group = False
        for label in json.loads(source_names) or [name]:
            key = f"chat\n{label.casefold()}\n"
            if (study_id, key) in groups and has_group:
                continue
            if (study_id, key) in groups:  # another use case's name differs in case only
                key += f"\nuse case {use_case_id}"
            groups[study_id, key] = {"study": study_id, "use_case": use_case_id, "key": key, "label": label}
            has_group = True
    if groups:
        insert = (
            'INSERT INTO sample_group (study_id, use_case_id, "key", label, template, shape)'
            " VALUES (:study, :use_case, :key, :label, '', 'chat')"
        )
        connection.execute(text(insert), list(groups.values()))


def _restate_samples(connection: Connection) -> None:
    """Group and digests of every sample, in a table that lives until the samples have them."""
    connection.execute(
        text(
            "CREATE TEMPORARY TABLE restated (sample_id INTEGER PRIMARY KEY, study_id INTEGER NOT NULL,"
            " group_id INTEGER NOT NULL, digest TEXT NOT NULL, request_digest TEXT NOT NULL, near_digest TEXT NOT NULL)"
        )
    )
    batch = text(
        "SELECT s.id, s.study_id, home.group_id, s.digest, s.external_id, s.error, s.at,"
        " CAST(t.request AS TEXT), CAST(t.answer AS TEXT)"
        " FROM sample s LEFT JOIN sample_text t ON t.sample_id = s.id"
        " JOIN (SELECT use_case_id, min(id) AS group_id FROM sample_group GROUP BY use_case_id) home"
        " ON home.use_case_id = s.use_case_id"
        " WHERE s.id > :last ORDER BY s.id LIMIT :size"
    )
    insert = text("INSERT INTO restated VALUES (:id, :study, :group, :digest, :request_digest, :near_digest)")
    last = 0
    while rows := connection.execute(batch, {"last": last, "size": BATCH}).all():
        connection.execute(insert, [_restated(*row) for row in rows])
        last = rows[-1][0]
    repeated = text(
        "SELECT sample_id, digest, before FROM (SELECT sample_id, digest,"
        " row_number() OVER (PARTITION BY study_id, digest ORDER BY sample_id) - 1 AS before FROM restated) AS counted"
        " WHERE before > 0"
    )
    again = [{"id": at, "digest": occurrence_digest(digest, n)} for at, digest, n in connection.execute(repeated)]
    if again:
        connection.execute(text("UPDATE restated SET digest = :digest WHERE sample_id = :id"), again)


def _restated(
    sample_id: int,
    study_id: int,
    group_id: int,
    digest: str,
    external_id: str | None,
    error: str | None,
    at: object,
    request: str | None,
    answer: str | None,
) -> dict[str, object]:
    new: Digests = restate(digest, external_id=external_id, error=error, at=at, request=request, answer=answer)
    return {"id": sample_id, "study": study_id, "group": group_id, **new._asdict()}


_HOUR = {"sqlite": "substr(sample.at, 1, 13) || ':00:00.000000'", "postgresql": "date_trunc('hour', sample.at)"}
_ROLL_UP = """
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
FROM sample GROUP BY 1, 2, 3, 4
"""
